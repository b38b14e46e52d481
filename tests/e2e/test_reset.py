"""`migmerge reset`: each depth, with a verified backup and a way back that really works."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop, on_sqlite
from tests.support.terminal import DOWN, ENTER, Terminal

MODEL = "\n\nclass A(db.Model):\n    __tablename__ = 'a'\n    id = db.Column(db.Integer, primary_key=True)\n    name = db.Column(db.String(9))\n"


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision b, its database too, with a row in a."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.creates("b", "a")
        shop.upgrade()
        shop.execute("INSERT INTO a VALUES (7)")
        yield shop


def name_of(shop: Shop) -> str:
    return shop.url.rpartition("/")[2]


def restore_commands(printed: str) -> list[str]:
    return [line.removeprefix("  undo: ") for line in printed.splitlines() if line.startswith("  undo: ")]


def take_back(shop: Shop, printed: str) -> None:
    """Run the printed commands in a shell, as a user would."""
    for command in restore_commands(printed):
        subprocess.run(["bash", "-ec", command], cwd=shop.project.top, env=shop.project.environment(**shop.variables), check=True)


def rows(shop: Shop) -> list[int]:
    import sqlalchemy as sa

    with shop.connected() as connection:
        return list(connection.execute(sa.text("SELECT id FROM a")).scalars())


def test_the_database_is_made_anew_and_the_way_back_leads_back(shop: Shop) -> None:
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    printed = shop.done("reset", "database", "--database", name_of(shop))
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b", "strange"}, {"b"}, [])
    assert "  stays  strange  0 rows\n" in printed
    assert "restored" in printed or "the same" in printed
    shop.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    take_back(shop, printed)
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b", "strange"}, {"b"}, [7])


def test_what_no_revision_makes_goes_where_the_user_says_so(shop: Shop) -> None:
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    shop.execute("INSERT INTO strange VALUES (1)")
    printed = shop.done("reset", "database", "--drop-foreign", "--database", name_of(shop))
    assert (
        f"{name_of(shop)} will be dropped with 3 tables and made anew\n  goes   strange  1 row; no revision makes it\n" in printed
    )
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b"}, {"b"}, [])


def test_a_table_that_stays_keeps_its_rows_and_the_migrations_run_beside_it(shop: Shop) -> None:
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    shop.execute("INSERT INTO strange VALUES (1)")
    shop.execute("CREATE TABLE other_version (version_num VARCHAR(32) PRIMARY KEY)")
    kind = "sa.Enum('x', 'y', name='kind')"
    shop.creates("c", "b", upgrade=f"op.create_table('c', sa.Column('id', sa.Integer, primary_key=True), sa.Column('k', {kind}))")
    shop.upgrade()
    printed = shop.done("reset", "database", "--database", name_of(shop))
    assert "3 tables of the migrations" in printed
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b", "c", "strange", "other_version"}, {"c"}, [])
    with shop.connected() as connection:
        assert connection.exec_driver_sql("SELECT id FROM strange").scalars().all() == [1]


def test_a_table_that_refers_to_one_that_goes_cannot_stay(shop: Shop) -> None:
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY, a INTEGER, FOREIGN KEY (a) REFERENCES a (id))")
    refused = shop.run("reset", "database", "--database", name_of(shop))
    assert (refused.returncode, refused.stderr) == (
        2,
        "error: strange refers to a and cannot stay without it\nhint: migmerge reset database --drop-foreign --dry-run\n",
    )
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b", "strange"}, {"b"}, [7])


@on_sqlite
def test_the_migrations_do_not_start_over_beside_foreign_tables(shop: Shop) -> None:
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    refused = shop.run("reset", "migrations", "--database", name_of(shop))
    assert (refused.returncode, refused.stderr) == (
        2,
        "error: no revision makes strange, and the database is made anew for the first migration\n"
        "hint: migmerge reset migrations --drop-foreign --dry-run\n",
    )
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b", "strange"}, {"b"}, [7])


def test_stamping_a_known_revision(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    printed = shop.done("reset", "stamp", "--to", "a", "--database", name_of(shop))
    assert f"{name_of(shop)} will record a; no table is changed" in printed
    assert (shop.tables, shop.recorded) == ({"a", "b"}, {"a"})
    take_back(shop, printed)
    assert shop.recorded == {"gone"}


@on_sqlite
@pytest.mark.parametrize(("recorded", "fits"), [("gone", "b"), ("b", "b"), ("c", "b")])
def test_stamping_what_the_schema_looks_like(shop: Shop, recorded: str, fits: str) -> None:
    shop.creates("c", "b")
    shop.execute(f"UPDATE alembic_version SET version_num = '{recorded}'")
    shop.done("reset", "stamp", "--database", name_of(shop))
    assert shop.recorded == {fits}


@on_sqlite
def test_stamping_what_comes_before_the_first_revision(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    printed = shop.done("reset", "stamp", "--to", "base", "--database", name_of(shop))
    assert f"{name_of(shop)} will record no revision; no table is changed" in printed
    assert (shop.tables, shop.recorded) == ({"a", "b"}, set())
    take_back(shop, printed)
    assert shop.recorded == {"gone"}


@on_sqlite
def test_a_schema_that_fits_nothing_is_stamped_as_the_hint_says(shop: Shop) -> None:
    shop.execute("DROP TABLE a")
    shop.execute("DROP TABLE b")
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    refused = shop.run("reset", "stamp", "--database", name_of(shop))
    hint = f"migmerge reset stamp --to base --database {name_of(shop)}"
    assert refused.stderr == f"error: no revision here fits the schema\nhint: {hint}\n"
    shop.done(*hint.split()[1:])
    assert shop.recorded == set()


def test_the_migrations_start_over(shop: Shop) -> None:
    shop.project.write("app.py", (shop.project.top / "app.py").read_text() + MODEL)
    printed = shop.done("reset", "migrations", "--database", name_of(shop))
    (script,) = (shop.project.top / "migrations/versions").glob("*.py")
    assert "start over" in script.read_text()
    assert (shop.tables, shop.recorded) == ({"a"}, {script.name.partition("_")[0]})
    shop.upgrade()
    take_back(shop, printed)
    assert sorted(path.name for path in (shop.project.top / "migrations/versions").glob("*.py")) == ["a.py", "b.py"]
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b"}, {"b"}, [7])


STEPS = "  flask db init\n  flask db migrate -m 'start over'\n  flask db upgrade\n"


@on_sqlite
def test_each_step_is_shown_as_the_projects_own_command(shop: Shop) -> None:
    assert STEPS in shop.done("reset", "migrations", "--database", name_of(shop))


@on_sqlite
def test_a_step_that_fails_is_named_with_its_reason_and_the_way_back(shop: Shop) -> None:
    broken = MODEL.replace("db.String(9)", "db.String(9), server_default=db.text('nothing(')")
    shop.project.write("app.py", (shop.project.top / "app.py").read_text() + broken)
    stopped = shop.run("reset", "migrations", "--database", name_of(shop))
    assert stopped.returncode == 1
    assert 'stopped: flask db upgrade: OperationalError: near "nothing": syntax error\n' in stopped.stdout
    take_back(shop, stopped.stdout)
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b"}, {"b"}, [7])


ALEMBIC_ENV = """import sqlalchemy as sa
from alembic import context

metadata = sa.MetaData()
sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))
assert getattr(context.config.cmd_opts, "autogenerate", False) in (True, False)
with sa.create_engine({url!r}).connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""


@on_sqlite
def test_the_migrations_of_plain_alembic_start_over(shop: Shop) -> None:
    shop.project.write("migrations/env.py", ALEMBIC_ENV.format(url=shop.url))
    shop.project.git("rm", "--quiet", "migrations/alembic.ini")
    shop.project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    shop.project.commit("plain Alembic")
    printed = shop.done("reset", "migrations", "--database", name_of(shop))
    command = "  alembic -c alembic.ini -n alembic"
    assert f"{command} revision --autogenerate -m 'start over'\n{command} upgrade head\n" in printed
    (script,) = (shop.project.top / "migrations/versions").glob("*.py")
    assert (shop.tables, shop.recorded) == ({"a"}, {script.name.partition("_")[0]})
    take_back(shop, printed)
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b"}, {"b"}, [7])


@on_sqlite
@pytest.mark.parametrize("arguments", [[], ["database"], ["stamp", "--to", "a"]])
def test_without_the_name_nothing_happens(shop: Shop, arguments: list[str]) -> None:
    refused = shop.run("reset", *arguments)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: there is no terminal to ask on\nhint: migmerge reset ")
    hint = refused.stderr.splitlines()[-1].removeprefix("hint: migmerge ").split()
    assert hint == ["reset", *(arguments or ["--dry-run"]), "--database", name_of(shop)]
    assert (shop.tables, shop.recorded, rows(shop)) == ({"a", "b"}, {"b"}, [7])


@on_sqlite
def test_a_dry_run_says_what_would_be_done(shop: Shop) -> None:
    assert (
        shop.done("reset", "database", "--dry-run").splitlines()[-1]
        == f"{name_of(shop)} will be dropped with 2 tables and made anew"
    )
    assert rows(shop) == [7]


@on_sqlite
def test_a_revision_that_is_not_here(shop: Shop) -> None:
    refused = shop.run("reset", "stamp", "--to", "nowhere", "--database", name_of(shop))
    assert refused.stderr == "error: nowhere is no revision of this checkout\nhint: migmerge graph --all\n"


@on_sqlite
def test_on_a_terminal_the_name_is_typed(shop: Shop) -> None:
    terminal = (
        Terminal(shop.project, MIGMERGE, "reset", env=shop.variables)
        .wait_for("How far back?")
        .wait_for("start over from the models")
    )
    terminal.type(DOWN, DOWN, ENTER).wait_for("Type the name of the database")
    status, seen = terminal.type(name_of(shop), ENTER).finish()
    assert status == 0, seen
    assert rows(shop) == []


@on_sqlite
def test_on_a_terminal_another_name_ends_it(shop: Shop) -> None:
    terminal = Terminal(shop.project, MIGMERGE, "reset", "database", env=shop.variables).wait_for("Type the name of the database")
    status, _ = terminal.type("no", ENTER).finish()
    assert (status, rows(shop)) == (1, [7])


@on_sqlite
def test_a_dry_run_without_a_depth_shows_all_of_them(shop: Shop) -> None:
    shop.execute("CREATE TABLE strange (id INTEGER PRIMARY KEY)")
    name = name_of(shop)
    assert shop.done("reset", "--dry-run").splitlines()[1:] == [
        "stamp",
        f"{name} will record b; no table is changed",
        "database",
        f"2 tables of the migrations in {name} will be dropped and made anew; what no revision makes stays:",
        "  stays  strange  0 rows",
        "to drop these as well:",
        "  migmerge reset database --drop-foreign",
        "migrations",
        "not possible: no revision makes strange, and the database is made anew for the first migration",
    ]


FULL = """

from sqlalchemy import Engine, event


@event.listens_for(Engine, "connect")
def without_room(connection, record):
    connection.execute("PRAGMA page_size = 512")
    connection.execute(f"PRAGMA max_page_count = {os.environ.get('MOST_PAGES', 1000)}")
"""


def test_a_stamp_for_which_no_room_is_left_is_said_in_plain_words(tmp_path: Path) -> None:
    """Let the file of SQLite not grow: the ids of many heads need more than the page that is there."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'test.db'}")
    shop.project.write("app.py", (shop.project.top / "app.py").read_text() + FULL)
    heads = [f"{number:032}" for number in range(20)]
    for head in heads:
        shop.project.script(head, "a", upgrade="pass")
    shop.project.commit("many heads")
    shop.upgrade("a")
    to = [word for head in heads for word in ("--to", head)]
    ran = shop.run("reset", "stamp", *to, "--database", "test.db", MOST_PAGES="1")
    assert (ran.returncode, shop.recorded) == (2, {"a"}), ran.stdout
    assert ran.stderr == f"error: no room is left for test.db: database or disk is full\nhint: df -h {tmp_path}\n"
    shop.done("reset", "stamp", *to, "--database", "test.db")
    assert shop.recorded == {*heads}
