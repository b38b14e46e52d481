"""What `flask db` and `alembic` run by hand is in the ledger at once, with the script that ran; nothing of it is ever in the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.repository.ledger import Ledger, Ran
from migmerge.repository.repository import open_repository
from tests.support.databases import database
from tests.support.shop import Shop, creating, on_sqlite


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        yield Shop.create(tmp_path / "shop", url)


def ledger_of(shop: Shop) -> dict[str, Ran]:
    """Return what the ledger says of the one database."""
    return Ledger(open_repository(str(shop.project.top))).of(f"{sa.make_url(shop.url)._replace(password=None)}")


def ran(shop: Shop) -> dict[str, tuple[bytes, str]]:
    """Return the script from which each revision ran, and by what that is known."""
    entries = ledger_of(shop)
    texts = Ledger(open_repository(str(shop.project.top))).texts(entries.values())
    return {name: (texts[each.path], each.by) for name, each in entries.items()}


def text_of(shop: Shop, path: str) -> bytes:
    return (shop.project.top / path).read_bytes()


def test_what_ran_by_hand_is_taken_back_once_its_script_is_gone(shop: Shop) -> None:
    """The script was in no commit, and was edited after it ran: nothing but the record of the upgrade has that version."""
    path = shop.project.script("x", "a", **creating("x"))
    ran_from = text_of(shop, path)
    shop.upgrade()
    assert ran(shop)["x"] == (ran_from, "flask")
    shop.project.script("x", "a", **creating("y"))
    (shop.project.top / path).unlink()
    shop.project.git("gc", "--quiet", "--prune=now")
    shop.done("sync", "--yes")
    assert (shop.recorded, shop.tables) == ({"a"}, {"a"})


def test_a_downgrade_forgets_and_what_is_rolled_back_never_ran(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.project.revision("c", "b", upgrade="raise SystemError('no')")
    shop.fails("upgrade")
    assert set(ran(shop)) == shop.tables & {"a", "b"}
    shop.upgrade("b")
    assert set(ran(shop)) == {"a", "b"}
    assert shop.flask("downgrade", "a").returncode == 0
    assert set(ran(shop)) == {"a"}


@on_sqlite
def test_a_stamp_says_where_the_script_was_and_not_that_it_ran(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.upgrade("a")
    assert shop.flask("stamp", "b").returncode == 0
    assert {name: by for name, (_, by) in ran(shop).items()} == {"a": "flask", "b": "stamp"}
    assert "MM103" in shop.run("doctor").stdout


ALEMBIC_ENV = """
from alembic import context
from sqlalchemy import create_engine

if context.is_offline_mode():
    context.configure(dialect_name="sqlite")
    context.run_migrations()
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


@pytest.fixture
def plain(tmp_path: Path) -> Shop:
    """Return a project for `alembic` without Flask, with a pending revision."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'test.db'}")
    shop.project.write("alembic.ini", f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {shop.url}\n")
    shop.project.write("migrations/env.py", ALEMBIC_ENV)
    return shop


def alembic(shop: Shop, *arguments: str, **more: str) -> str:
    """Run `alembic` as the package's entry points make it, and return all that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=shop.project.top,
        env=shop.project.environment(**more),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr if "--sql" in arguments else done.stdout + done.stderr


def test_alembic_records_without_a_word_and_without_git(plain: Shop) -> None:
    assert alembic(plain, "upgrade", "head", PATH="/nowhere") == ""
    (name,) = ran(plain)
    assert name == "a" and ran(plain)["a"][0] == text_of(plain, "migrations/versions/a.py")


@pytest.mark.parametrize("off", ["variable", "git", "team", "sql"])
def test_nothing_is_recorded_where_that_is_off(plain: Shop, off: str) -> None:
    arguments = ["--sql"] if off == "sql" else []
    if off == "git":
        plain.project.git("config", "migmerge.record", "no")
    if off == "team":
        plain.project.write("pyproject.toml", "[tool.migmerge]\nrecord = false\n")
    assert alembic(plain, "upgrade", "head", *arguments, **({"MIGMERGE": "0"} if off == "variable" else {})) == ""
    assert not list((plain.project.top / ".git").glob("migmerge/ran*"))


@pytest.mark.parametrize("broken", ["no repository", "no folder", "bad setting"])
def test_an_upgrade_never_fails_because_of_the_record(plain: Shop, broken: str) -> None:
    git = plain.project.top / ".git"
    if broken == "no repository":
        git.rename(git.with_name("gone"))
    elif broken == "no folder":
        (git / "migmerge").write_text("a file")
    else:
        plain.project.git("config", "migmerge.recrod", "no")
    assert alembic(plain, "upgrade", "head") == ""
    assert plain.recorded == {"a"}


def test_upgrades_in_two_work_trees_at_once_are_both_recorded(plain: Shop) -> None:
    """Each has a database of its own; a look takes in what is logged meanwhile."""
    plain.project.commit("all")
    for number in range(20):
        plain.project.script(f"b{number}", f"b{number - 1}" if number else "a", **creating(f"b{number}"))
    plain.project.commit("more")
    beside = plain.project.top.with_name("beside")
    plain.project.git("worktree", "add", "--quiet", "--detach", str(beside))
    urls = [plain.url, plain.url.replace("test.db", "other.db")]
    (beside / "alembic.ini").write_text((beside / "alembic.ini").read_text().replace(plain.url, urls[1]))
    running = [
        subprocess.Popen([sys.executable, "-m", "alembic", "upgrade", "head"], cwd=folder, env=plain.project.environment())
        for folder in (plain.project.top, beside)
    ]
    while any(each.poll() is None for each in running):
        Ledger(open_repository(str(plain.project.top)))
    ledger = Ledger(open_repository(str(plain.project.top)))
    assert [len(ledger.of(url)) for url in urls] == [21, 21]


@on_sqlite
def test_a_script_that_was_edited_after_it_ran_is_compared_with_what_ran(shop: Shop) -> None:
    """Neither version is in a commit: the hint brings the first one back."""
    path = shop.project.script("x", "a", **creating("x"))
    shop.upgrade()
    first = text_of(shop, path)
    both = "op.create_table('x', sa.Column('id', sa.Integer, primary_key=True), sa.Column('more', sa.Integer))"
    shop.project.script("x", "a", upgrade=both, downgrade="op.drop_table('x')")
    doctor = shop.run("doctor").stdout
    assert "MM109" in doctor and "in another version (git show " in " ".join(doctor.split())
    blob = ledger_of(shop)["x"].blob
    assert subprocess.check_output(["git", "cat-file", "blob", blob[:10]], cwd=shop.project.top) == first


@on_sqlite
@pytest.mark.parametrize("how", ["checkout", "rebase"])
def test_what_left_is_found_after_every_trace_of_it_is_gone(shop: Shop, how: str) -> None:
    """It ran by a command that records nothing; the hook has kept what left."""
    git = shop.project.git
    shop.upgrade()
    shop.done("install")
    git("config", "migmerge.record", "false")
    git("switch", "--quiet", "--create", "topic")
    shop.creates("x", "a")
    shop.creates("y", "x")
    shop.upgrade()
    if how == "rebase":
        git("rebase", "--quiet", "--onto", "main", "topic")
    git("switch", "--quiet", "main")
    git("branch", "--delete", "--force", "topic")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    said = " ".join(shop.done("sync", "--yes").split())
    assert '"add y", in no commit any more, kept when a checkout, merge or rebase took it away' in said
    assert (shop.recorded, shop.tables) == ({"a"}, {"a"})
