"""`fix` and the development database: what it has run stays, or is taken back first; what is pending is offered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop, creating, on_sqlite
from tests.support.terminal import DOWN, ENTER, Terminal, plain

MIGMERGE_FIX = ("fix", "--strategy", "reparent", "--yes")


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project on the branch feature with the own revision c, into which main with b was merged; both on a."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        project = shop.project
        project.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
        project.git("remote", "add", "origin", str(tmp_path / "origin.git"))
        project.git("switch", "--quiet", "--create", "feature")
        shop.creates("c", "a")
        project.git("switch", "--quiet", "main")
        shop.creates("b", "a")
        project.git("push", "--quiet", "--set-upstream", "origin", "main")
        project.git("switch", "--quiet", "feature")
        yield shop


def merge(shop: Shop) -> None:
    shop.project.git("merge", "--quiet", "--no-edit", "main")


def parent_of(shop: Shop, revision: str) -> str:
    text = (shop.project.top / f"migrations/versions/{revision}.py").read_text()
    return next(line for line in text.splitlines() if line.startswith("down_revision"))


def test_what_no_database_has_run_is_reparented_without_a_question(shop: Shop) -> None:
    shop.upgrade("a")
    merge(shop)
    printed = shop.done(*MIGMERGE_FIX)
    assert "c exists only here and no database that was asked has run it" in printed
    assert parent_of(shop, "c") == "down_revision = 'b'"
    shop.upgrade()
    assert shop.tables == {"a", "b", "c"}


def test_what_the_database_has_run_is_refused_though_the_user_vouches_for_it(shop: Shop) -> None:
    shop.upgrade()
    merge(shop)
    for vouched in ((), ("--assume-unapplied",)):
        refused = shop.run(*MIGMERGE_FIX, *vouched)
        assert (refused.returncode, refused.stdout) == (
            1,
            "not fixed: your database has run c; re-parented as it is, it would skip what comes before\n"
            "hint: migmerge fix --strategy reparent --take-back\n",
        )
    assert parent_of(shop, "c") == "down_revision = 'a'"


def test_it_is_taken_back_reparented_and_upgraded(shop: Shop) -> None:
    shop.upgrade()
    merge(shop)
    printed = shop.done(*MIGMERGE_FIX, "--take-back")
    moves = [line for line in printed.splitlines() if line.startswith("  done")]
    assert moves == ["  done  down c", "  done  up b", "  done  up c"]
    assert parent_of(shop, "c") == "down_revision = 'b'"
    assert (shop.tables, shop.recorded, shop.project.status()) == ({"a", "b", "c"}, {"c"}, "")
    assert shop.project.codes() == []


@on_sqlite
def test_a_phantom_on_top_of_it_counts_as_having_run_it(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "later")
    shop.creates("d", "c")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "feature")
    merge(shop)
    assert shop.run(*MIGMERGE_FIX).stdout.startswith("not fixed: your database has run c;")
    refused = shop.run(*MIGMERGE_FIX, "--take-back", "--assume-unapplied").stdout
    assert refused.endswith("records d, which is in no script here and has run on top of c\nhint: migmerge sync\n")
    assert (parent_of(shop, "c"), shop.recorded) == ("down_revision = 'a'", {"d"})


@on_sqlite
@pytest.mark.parametrize("reason", ["unknown", "unreachable", "not asked"])
def test_nothing_is_taken_for_granted(shop: Shop, reason: str) -> None:
    shop.upgrade("a")
    merge(shop)
    more: dict[str, str] = {}
    if reason == "unknown":
        shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    if reason == "unreachable":
        more = {"DATABASE_URL": "postgresql+psycopg://ann@127.0.0.1:1/shop"}
    refused = shop.run(*MIGMERGE_FIX, *(["--no-db"] if reason == "not asked" else []), **more)
    assert refused.stdout == (
        "not fixed: it is not known whether a database has run c; one that has would skip b without a word\n"
        "hint: migmerge fix --strategy reparent --assume-unapplied\n"
    )


@on_sqlite
def test_a_downgrade_that_cannot_be_is_refused_and_nothing_is_changed(shop: Shop) -> None:
    path = "migrations/versions/c.py"
    text = (shop.project.top / path).read_text()
    shop.project.write(path, text.replace(creating("c")["downgrade"], "raise NotImplementedError"))
    shop.project.commit("no way back")
    shop.upgrade()
    merge(shop)
    refused = shop.run(*MIGMERGE_FIX, "--take-back")
    assert refused.returncode == 1
    assert "the downgrade() of c raises: it cannot be taken back (add c  (about to be re-parented))" in refused.stdout
    assert (shop.tables, parent_of(shop, "c")) == ({"a", "c"}, "down_revision = 'a'")


@on_sqlite
def test_the_menu_offers_it_and_then_the_upgrade(shop: Shop) -> None:
    shop.upgrade()
    merge(shop)
    terminal = Terminal(shop.project, MIGMERGE, "fix", env=shop.variables).wait_for_menu()
    assert "take yours back, put it after theirs  your database has run it; backup first" in plain(terminal.seen)
    terminal.type(DOWN, ENTER).wait_for("Change test.db?").wait_for("take back and upgrade test.db")
    assert "drops the table c with its data" in terminal.seen
    status, seen = terminal.type("y").finish()
    assert status == 0, seen
    assert (shop.tables, shop.recorded) == ({"a", "b", "c"}, {"c"})


@on_sqlite
@pytest.mark.parametrize("offered", [True, False])
def test_after_a_merge_revision_the_upgrade_is_offered_unless_configured_away(shop: Shop, offered: bool) -> None:
    shop.upgrade()
    merge(shop)
    if not offered:
        shop.project.git("config", "migmerge.offer-upgrade", "false")
    terminal = Terminal(shop.project, MIGMERGE, "fix", env=shop.variables).wait_for_menu().type(ENTER)
    if offered:
        terminal.wait_for("now?").wait_for("not now").type(ENTER)
    status, seen = terminal.finish()
    assert status == 0, seen
    assert ("pending in" in seen, shop.tables) == (offered, {"a", "b", "c"} if offered else {"a", "c"})
    assert ("to bring your database up to date:" in seen) == (not offered)


@on_sqlite
def test_a_configured_command_is_shown_before_it_is_run(shop: Shop) -> None:
    shop.upgrade()
    merge(shop)
    shop.project.git("config", "migmerge.upgrade-command", "touch upgraded")
    terminal = Terminal(shop.project, MIGMERGE, "fix", env=shop.variables).wait_for_menu().type(ENTER)
    status, seen = terminal.wait_for("Run touch upgraded now?").wait_for("not now").type(ENTER).finish()
    assert status == 0, seen
    assert (shop.project.top / "upgraded").exists()


@on_sqlite
def test_an_upgrade_that_fails_after_it_is_told_and_named_in_the_exit_status(shop: Shop) -> None:
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    path = "migrations/versions/b.py"
    text = (shop.project.top / path).read_text()
    shop.project.write(path, text.replace(creating("b")["upgrade"], "op.execute('nonsense')"))
    shop.project.commit("break b")
    shop.project.git("push", "--quiet")
    shop.project.git("switch", "--quiet", "feature")
    merge(shop)
    ran = shop.run(*MIGMERGE_FIX, "--take-back")
    assert ran.returncode == 1
    assert "but the database did not come up again: see above\nhint: migmerge sync\n" in ran.stdout
    assert "restore.sh" not in ran.stdout
    assert (shop.tables, shop.recorded, parent_of(shop, "c")) == ({"a"}, {"a"}, "down_revision = 'b'")


@on_sqlite
def test_the_downgrade_of_the_menu_is_asked_about_once_it_was_shown(shop: Shop) -> None:
    shop.upgrade()
    merge(shop)
    terminal = Terminal(shop.project, MIGMERGE, "fix", env=shop.variables).wait_for_menu()
    terminal.type(DOWN, ENTER).wait_for("Change test.db?").wait_for("take back and upgrade test.db")
    status, seen = terminal.type(ENTER).finish()
    assert (status, shop.recorded, parent_of(shop, "c")) == (1, {"c"}, "down_revision = 'a'"), seen
    assert not (shop.project.top / ".git/migmerge/backups").exists()
