"""Bringing a database to the checkout: phantoms down with their own scripts, skipped ones again, pending up."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database, tables
from tests.support.project import MIGMERGE, TEMPLATE
from tests.support.shop import Shop, creating, on_sqlite
from tests.support.terminal import DOWN, ENTER, Terminal

ALEMBIC = str(Path(sys.executable).with_name("alembic"))


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision a, its database too."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        yield shop


def on_feature(shop: Shop, *revisions: tuple[str, str]) -> None:
    """Put revisions on the branch feature, run them, and go back to main."""
    shop.project.git("switch", "--quiet", "--create", "feature")
    for name, parent in revisions:
        shop.creates(name, parent)
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")


def test_down_from_a_branch_that_was_deleted_and_up_with_main(shop: Shop) -> None:
    on_feature(shop, ("c", "a"), ("d", "c"))
    shop.project.git("branch", "-D", "feature")
    shop.creates("b", "a")
    before = shop.project.status()
    printed = shop.done("sync", "--yes")
    moves = [line.split(", ")[0] for line in printed.splitlines() if line.startswith(("  down", "  up", "  done"))]
    assert moves == [
        '  down  d  "add d" by ann',
        '  down  c  "add c" by ann',
        "  up    b  add b",
        "  done  down d",
        "  done  down c",
        "  done  up b",
    ]
    assert "on no branch any more" in printed
    assert "warning: drops the table d with its data" in printed
    assert (shop.tables, shop.recorded, shop.project.status()) == ({"a", "b"}, {"b"}, before)
    shop.upgrade()


def test_after_a_squash_what_the_checkout_makes_as_well_is_kept(shop: Shop) -> None:
    on_feature(shop, ("c", "a"), ("d", "c"))
    shop.execute("INSERT INTO d VALUES (1)")
    body = "op.create_table('c', sa.Column('id', sa.Integer, primary_key=True))\n    op.create_table('d', sa.Column('id', sa.Integer, primary_key=True))"
    shop.project.revision("e", "a", upgrade=body, downgrade="op.drop_table('d')\n    op.drop_table('c')")
    shop.project.git("branch", "-D", "feature")
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded, shop.rows("d")) == ({"a", "c", "d"}, {"e"}, [1])


def test_a_renamed_revision_is_only_recorded_anew(shop: Shop) -> None:
    on_feature(shop, ("c", "a"))
    shop.execute("INSERT INTO c VALUES (1)")
    shop.project.revision("c2", "a", message="add c", **creating("c"))
    printed = shop.done("sync", "--yes")
    assert "  stamp c2  instead of c" in printed
    assert (shop.tables, shop.recorded) == ({"a", "c"}, {"c2"})


def test_two_branches_at_once_and_their_merge_revision(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a")
    shop.project.git("switch", "--quiet", "--create", "other", "main")
    shop.creates("d", "a")
    shop.project.git("merge", "--quiet", "--no-edit", "feature")
    shop.project.revision("m", ("c", "d"))
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a"}, {"a"})


def test_the_row_of_a_revision_that_another_one_implies_is_deleted(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.upgrade()
    shop.creates("c", "b")
    shop.execute("INSERT INTO alembic_version VALUES ('a')")
    assert "overlaps with other requested revisions" in shop.fails("upgrade")
    assert "  stamp b  instead of a and b" in shop.done("sync", "--yes").splitlines()
    assert (shop.tables, shop.recorded) == ({"a", "b", "c"}, {"c"})


@on_sqlite
def test_a_dry_run_and_a_refusal_change_nothing(shop: Shop) -> None:
    on_feature(shop, ("c", "a"))
    planned = shop.done("sync", "--dry-run")
    assert "         | op.drop_table('c')" in planned.splitlines()
    refused = shop.run("sync")
    assert refused.returncode == 2
    assert refused.stderr == (
        "error: there is no terminal to ask on\nhint: migmerge sync --yes, or migmerge sync --dry-run to look first\n"
    )
    assert (shop.tables, shop.recorded) == ({"a", "c"}, {"c"})


@on_sqlite
def test_nothing_to_do(shop: Shop) -> None:
    assert shop.done("sync", "--yes").splitlines()[-1] == "nothing to do"
    assert not (shop.project.top / ".git/migmerge/backups").exists()


def test_what_is_nowhere_is_stamped_only_when_that_is_said(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    shop.creates("b", "a")
    refused = shop.run("sync", "--yes")
    assert refused.returncode == 1
    name = shop.url.rpartition("/")[2]
    assert refused.stdout == (
        f"not fixed: {name} records gone, which is nowhere to be found; its schema is that of a; strange would stay behind\n"
        "hint: git fetch --all && migmerge sync --stamp a\n"
    )
    shop.done("sync", "--yes", "--stamp", "a")
    assert (shop.tables, shop.recorded) == ({"a", "b", "strange"}, {"b"})


@on_sqlite
def test_what_is_nowhere_and_fits_nothing_is_cured_as_the_hint_says(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    shop.execute("DROP TABLE a")
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    refused = shop.run("sync", "--yes")
    fetch, stamp = refused.stdout.splitlines()[-1].removeprefix("hint: ").split(" && ")
    shop.project.git(*fetch.split()[1:])
    shop.done(*stamp.split()[1:])
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a", "strange"}, {"a"})


def test_a_downgrade_that_fails_stops_at_a_recorded_revision_with_the_way_back(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    fails = "if op.get_bind().execute(sa.text('SELECT id FROM a')).all():\n        op.execute('DROP TABLE nowhere')"
    shop.creates("c", "a", downgrade=fails)
    shop.creates("d", "c")
    shop.upgrade()
    shop.execute("INSERT INTO a (id) VALUES (1)")
    shop.project.git("switch", "--quiet", "main")
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1
    assert "stopped: c: " in ran.stdout and "DROP TABLE nowhere" in ran.stdout and "  undo: sh " in ran.stdout
    assert (shop.tables, shop.recorded) == ({"a", "c"}, {"c"})


@on_sqlite
def test_a_downgrade_that_raises_is_refused_before_anything_is_touched(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a", downgrade="raise NotImplementedError('no way back')")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    refused = shop.run("sync", "--yes")
    assert refused.returncode == 1 and refused.stdout.startswith(
        "not fixed: the downgrade() of c raises: it cannot be taken back ("
    )
    assert shop.recorded == {"c"}


@on_sqlite
def test_an_empty_downgrade_is_warned_of(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a", downgrade="pass")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    assert "warning: its downgrade() does nothing: what c made stays" in shop.done("sync", "--dry-run")


def test_what_a_revision_depends_on_runs_before_it(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'labelled.db'}")
    project = shop.project
    project.revision("z", labels=("late",), **creating("z"))
    project.revision("b", "a", depends_on="z", upgrade="op.execute('INSERT INTO z VALUES (1)')", labels=("early",))
    project.revision("c", "a", depends_on=("late",), upgrade="op.execute('INSERT INTO z VALUES (2)')")
    project.revision("m", ("b", "c"))
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a", "z"}, {"m"})
    shop.upgrade("heads")
    project.revision("d", "m", **creating("d"))
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a", "d", "z"}, {"d"})
    assert "error MM1" not in shop.run("doctor").stdout


@on_sqlite
def test_what_create_all_made_is_recorded_once_all_that_comes_before_has_run(shop: Shop) -> None:
    shop.project.revision("b", "a", upgrade="op.add_column('a', sa.Column('x', sa.Integer))")
    shop.creates("c", "b")
    shop.execute("CREATE TABLE c (id INTEGER PRIMARY KEY)")
    shop.execute("INSERT INTO c VALUES (1)")
    steps = [line for line in shop.done("sync", "--yes").splitlines() if line.startswith("  done")]
    assert steps == ["  done  up b", "  done  stamp c"]
    assert (shop.recorded, shop.rows("c")) == ({"c"}, [1])


@on_sqlite
def test_no_backup_of_an_older_change_is_named_as_a_cure(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.done("sync", "--yes")
    shop.project.revision("c", "b", upgrade=creating("c")["upgrade"] + "\n    op.execute('INSERT INTO c VALUES (1)')")
    shop.execute("CREATE TABLE c (id INTEGER PRIMARY KEY)")
    printed = shop.run("doctor").stdout
    assert "c would fail: the table c is there already" in printed
    assert "restore.sh" not in printed and "stamp" not in printed


@on_sqlite
def test_two_backups_of_one_second_are_two_files(shop: Shop) -> None:
    for name in ("x", "y", "z"):
        shop.creates(name, {"x": "a", "y": "x", "z": "y"}[name])
        shop.done("sync", "--yes", "--quiet")
    assert len(list((shop.project.top / ".git/migmerge/backups").glob("*.sh"))) == 3


@pytest.mark.parametrize("answer", ["stop", "go on"])
def test_without_the_tool_for_a_backup_it_asks(tmp_path: Path, answer: str) -> None:
    with database("postgresql", tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        shop.creates("b", "a")
        tools = tmp_path / "tools"
        tools.mkdir()
        (tools / "git").symlink_to(shutil.which("git") or "git")
        refused = shop.run("sync", "--yes", PATH=str(tools))
        assert (refused.returncode, shop.recorded) == (2, {"a"})
        assert refused.stderr.startswith("error: pg_dump is not installed")
        terminal = Terminal(shop.project, MIGMERGE, "sync", env={**shop.variables, "PATH": str(tools)})
        terminal.wait_for("not now").type("y").wait_for("go on without one").type(*([DOWN] if answer == "go on" else []), ENTER)
        status, seen = terminal.finish()
        assert "no backup: pg_dump is not installed" in seen
        assert (status, shop.recorded) == ((0, {"b"}) if answer == "go on" else (1, {"a"}))


@on_sqlite
def test_on_a_terminal_the_answer_no_changes_nothing(shop: Shop) -> None:
    on_feature(shop, ("c", "a"))
    status, seen = Terminal(shop.project, MIGMERGE, "sync", env=shop.variables).wait_for("bring test.db").type(ENTER).finish()
    assert (status, shop.recorded) == (1, {"c"}), seen
    status, seen = Terminal(shop.project, MIGMERGE, "sync", env=shop.variables).wait_for("bring test.db").type("y").finish()
    assert (status, shop.recorded, shop.tables) == (0, {"a"}, {"a"}), seen


def test_two_environments_each_with_a_database(shop: Shop, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    project = shop.project
    project.write("second/alembic.ini", "[alembic]\nscript_location = %(here)s/scripts\n")
    project.write("second/scripts/script.py.mako", TEMPLATE)
    project.write("second/scripts/env.py", ENV_PY.replace("URL", repr(other)))
    project.revision("x", folder="second/scripts/versions", **creating("x"))
    project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a")
    project.revision("y", "x", folder="second/scripts/versions", **creating("y"))
    shop.upgrade()
    ran = subprocess.run(
        [ALEMBIC, "upgrade", "head"], cwd=project.top / "second", env=project.environment(), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    project.git("switch", "--quiet", "main")
    project.git("branch", "-D", "feature")
    printed = shop.run("doctor").stdout
    assert printed.count("MM101") == 2
    shop.done("sync", "--yes")
    assert (shop.tables, tables(other)) == ({"a"}, {"x"})
    assert "error MM1" not in shop.run("doctor").stdout


ENV_PY = """import sqlalchemy as sa
from alembic import context

with sa.create_engine(URL).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


@on_sqlite
def test_what_has_just_run_is_not_called_unproven(shop: Shop) -> None:
    shop.execute("INSERT INTO a (id) VALUES (1)")
    shop.project.revision("r", "a", upgrade="op.execute('UPDATE a SET id = id + 1')")
    printed = shop.done("sync", "--yes")
    assert "MM108" not in printed and shop.rows("a") == [2]
    assert "MM108" in shop.run("doctor").stdout


def test_rows_that_a_script_deletes_from_what_stays_are_said(shop: Shop) -> None:
    """Of the table that is dropped the plan has said it."""
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a", downgrade="op.execute(sa.table('a').delete()); op.drop_table('c')")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    for statement in ("INSERT INTO a (id) VALUES (7)", "INSERT INTO a (id) VALUES (8)", "INSERT INTO c (id) VALUES (9)"):
        shop.execute(statement)
    printed = shop.done("sync", "--yes")
    assert re.search(r"^note: fewer rows than before in \S+: a \(2, now 0\)$", printed, re.MULTILINE), printed
    shop.done("undo", "--yes")
    assert shop.rows("a") == [7, 8]
    assert "fewer rows" not in shop.done("sync", "--dry-run")


@on_sqlite
def test_rows_that_go_with_a_table_that_is_rebuilt_are_said(shop: Shop) -> None:
    """With foreign keys enforced SQLite deletes the rows that refer to a table when that is dropped."""
    application = shop.project.top / "app.py"
    enforced = 'sa.event.listen(sa.Engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))'
    application.write_text(f"import sqlalchemy as sa\n{application.read_text(encoding='utf-8')}\n{enforced}\n", encoding="utf-8")
    shop.creates("b", "a", upgrade=_CHILD)
    shop.upgrade()
    shop.creates("c", "b", upgrade="with op.batch_alter_table('a', recreate='always') as table: pass")
    shop.execute("INSERT INTO a (id) VALUES (7)")
    shop.execute("INSERT INTO b (id, a_id) VALUES (8, 7)")
    assert ": b (1, now 0)" in shop.done("sync", "--yes")


_CHILD = "op.execute('CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id) ON DELETE CASCADE)')"
