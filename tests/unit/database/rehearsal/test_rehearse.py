"""Rehearsals on real databases: pairs whose order matters are found, independent ones pass, nothing is left behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from migmerge.core.database.rehearsal import Failure, Rehearsal, RehearsalPlan, RehearsalVerdict, Run
from migmerge.core.errors import MigmergeError
from migmerge.database.rehearsal.rehearse import RehearsalOptions, rehearse
from migmerge.database.rehearsal.run_script import quiet, scratch_connection
from migmerge.database.rehearsal.seed import seed
from migmerge.database.schema_diff import reflect
from tests.support.databases import DIALECTS, database, tables

USERS = """
op.create_table(
    "users",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(120)),
    sa.Column("name", sa.String(80), nullable=False, server_default="x"),
    sa.Column("born", sa.Date),
)
"""
PLAN = RehearsalPlan(("a",), (("b",), ("c",)), ("m",), ("ours", "theirs"))
QUICK = ("sqlite", "mariadb")
"""Where dropping a database does not wait for a checkpoint."""
BOTH = (Run(("b", "c", "m")), Run(("c", "b", "m")))


def script(folder: Path, revision: str, parents: str | tuple[str, ...] | None, up: str, **more: str) -> None:
    """Write a script; `head` goes before its functions, `down` is the body of its downgrade."""
    down, head = more.get("down", "pass"), more.get("head", "")
    text = f"import sqlalchemy as sa\nfrom alembic import context, op\nrevision = {revision!r}\ndown_revision = {parents!r}\n"
    bodies = (f"def {name}():\n{indent(dedent(body).strip(), '    ')}\n" for name, body in (("upgrade", up), ("downgrade", down)))
    folder.mkdir(exist_ok=True)
    (folder / f"{revision}.py").write_text(f"{text}{head}\n{''.join(bodies)}")


def diverged(folder: Path, ours: str, theirs: str, base: str = USERS, down: tuple[str, str] = ("pass", "pass")) -> Path:
    """Write a with the users, b and c on it, and m that merges them; return their folder."""
    scripts = folder / "scripts"
    script(scripts, "a", None, base)
    script(scripts, "b", "a", ours, down=down[0])
    script(scripts, "c", "a", theirs, down=down[1])
    script(scripts, "m", ("b", "c"), "pass")
    return scripts


def rehearsed(dialect: str, folder: Path, scripts: Path, plan: RehearsalPlan = PLAN, **options: Any) -> Rehearsal:
    """Rehearse beside an empty database, and see that it stays empty and that nothing is left beside it."""
    with database(dialect, folder) as text, scratch_gone(text, folder) as made:
        try:
            found = rehearse(sa.make_url(text), [scripts], plan, folder, RehearsalOptions(**options))
            assert len(made) == 4
            return found
        finally:
            assert tables(text) == set()


@contextmanager
def scratch_gone(text: str, folder: Path) -> Iterator[set[str]]:
    """See that every scratch database that somebody connected to is gone afterwards."""
    made: set[str] = set()

    def connecting(dialect: Any, record: object, arguments: list[Any], named: dict[str, Any]) -> None:
        name = str(named.get("dbname") or named.get("database") or (arguments or [""])[0])
        if "migmerge_scratch_" in name:
            made.add(name)

    event.listen(sa.Engine, "do_connect", connecting)
    try:
        yield made
    finally:
        event.remove(sa.Engine, "do_connect", connecting)
        assert not made & existing(text)
        assert not list(folder.glob("migmerge_scratch_*"))


def existing(text: str) -> set[str]:
    asked = {"postgresql": "SELECT datname FROM pg_database", "mariadb": "SHOW DATABASES", "sqlite": "SELECT 1"}
    engine = sa.create_engine(text, poolclass=NullPool)
    with engine.connect() as connection:
        return {str(name) for (name,) in connection.exec_driver_sql(asked[engine.dialect.name])}


def failing(runs: tuple[Run, Run]) -> tuple[str | None, str | None]:
    """Return which revision failed in each order."""
    one, other = (each.failure.revision if each.failure else None for each in runs)
    return one, other


ADD_PHONE = 'op.add_column("users", sa.Column("phone", sa.String(20)))'
ALTER = 'with op.batch_alter_table("users") as batch: batch.alter_column("{}", existing_type=sa.String({}), {})'
WIDER, NARROWER = (ALTER.format("email", 120, f"type_=sa.String({length})") for length in (255, 100))
FILL = "op.execute(\"UPDATE users SET email = '?' WHERE email IS NULL\")"
REQUIRE = ALTER.format("email", 120, "nullable=False")
NOBODY = (None, None)


class Clash(NamedTuple):
    """Hold two sides, the revision that fails in each order on empty tables and on rows, and the differences."""

    ours: str
    theirs: str
    on_empty: tuple[str | None, str | None] = NOBODY
    on_rows: tuple[str | None, str | None] = NOBODY
    differences: tuple[str, ...] = ()


CLASHES = {
    "rename and alter": Clash(ALTER.format("email", 120, 'new_column_name="mail"'), WIDER, ("c", None), ("c", None)),
    "drop column and create index": Clash(
        'op.drop_column("users", "born")', 'op.create_index("ix_born", "users", ["born"])', ("c", None), ("c", None)
    ),
    "drop table and add column": Clash('op.drop_table("users")', ADD_PHONE, ("c", None), ("c", None)),
    "fill and require": Clash(FILL, REQUIRE, NOBODY, (None, "c")),
    "alter type and alter type": Clash(
        WIDER, NARROWER, differences=("users.email: VARCHAR(100) after ours, theirs; VARCHAR(255) after theirs, ours",)
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("clash", CLASHES.values(), ids=CLASHES)
def test_what_depends_on_the_order_is_found(dialect: str, clash: Clash, tmp_path: Path) -> None:
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, clash.ours, clash.theirs))
    expected = clash.on_empty, clash.on_rows, clash.differences
    if dialect == "sqlite" and "drop_column" in clash.ours:  # SQLite drops no column that an index is on
        expected = ("c", "b"), ("c", "b"), ()
    assert (failing(found.runs), failing(found.seeded), found.differences) == expected
    assert (found.leftovers, found.notes) == ((), ())
    assert found.verdict is RehearsalVerdict.DIFFERENT


INDEPENDENT = {
    "new tables": ('op.create_table("x", sa.Column("id", sa.Integer, primary_key=True))',) * 2,
    "columns of one table": ('op.add_column("users", sa.Column("x", sa.Integer, server_default="1"))',) * 2,
    "index and column": (
        'op.create_index("ix_x", "users", ["born", "name"])',
        'op.add_column("users", sa.Column("x1", sa.Text))',
    ),
    "unique constraints": tuple(
        f'with op.batch_alter_table("users") as b: b.create_unique_constraint("uq_{column}", ["{column}"])'
        for column in ("email", "born")
    ),
    "checks": ('with op.batch_alter_table("users") as b: b.create_check_constraint("ck_x", sa.text("name <> \'x1\'"))',) * 2,
    "rows and table": (FILL, 'op.create_table("x2", sa.Column("id", sa.Integer, primary_key=True))'),
    "enums": ('op.create_table("x3", sa.Column("kind", sa.Enum("p", "q", name="kind_x", create_constraint=True)))',) * 2,
    "booleans": ('op.add_column("users", sa.Column("x4", sa.Boolean, nullable=False, server_default=sa.false()))',) * 2,
    "foreign keys": (
        'op.create_table("x5", sa.Column("id", sa.Integer, primary_key=True))\n'
        'op.create_table("x6", sa.Column("x5", sa.Integer, sa.ForeignKey("x5.id", ondelete="CASCADE")), '
        'sa.Column("user", sa.Integer, sa.ForeignKey("users.id")))',
    )
    * 2,
    "type and nullability": (WIDER, ALTER.format("name", 80, "nullable=True, existing_server_default='x'")),
}


def independent(names: Iterator[str] | list[str]) -> tuple[str, str]:
    """Return both sides; what theirs makes begins with y where ours begins with x."""
    ours, theirs = zip(*(INDEPENDENT[name] for name in names), strict=True)
    renamed = [text if text == FILL else text.replace('"x', '"y').replace("_x", "_y") for text in theirs]
    return "\n".join(ours), "\n".join(renamed)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_independent_sides_pass(name: str, tmp_path: Path) -> None:
    assert rehearsed("sqlite", tmp_path, diverged(tmp_path, *independent([name]))) == Rehearsal(BOTH, BOTH)


# Of two checks without a name, the one that comes first is users_check or CONSTRAINT_1.
UNNAMED = dict.fromkeys(
    ("postgresql", "mariadb"),
    tuple(f"op.execute(\"ALTER TABLE users ADD CHECK (name <> 'y' OR name <> '{other}')\")" for other in "pq"),
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_independent_sides_pass_all_at_once(dialect: str, tmp_path: Path) -> None:
    ours, theirs = (
        f"{side}\n{unnamed}" for side, unnamed in zip(independent(list(INDEPENDENT)), UNNAMED.get(dialect, ("", "")), strict=True)
    )
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, ours, theirs))
    assert found == Rehearsal(BOTH, BOTH)
    assert found.verdict is RehearsalVerdict.SAME


# Both sides make the same things differently, so that the last one wins, or the first one.
RIVALS = {
    "sqlite": (
        [
            "CREATE TABLE IF NOT EXISTS late (n INTEGER, o INTEGER, UNIQUE (n), CONSTRAINT ck CHECK (n > 1))",
            "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END",
            "DROP VIEW IF EXISTS v",
            "CREATE VIEW v AS SELECT 1",
            "DROP TABLE IF EXISTS other",
        ],
        [
            "CREATE TABLE IF NOT EXISTS late (n INTEGER PRIMARY KEY REFERENCES users, CONSTRAINT ck CHECK (n > 2))",
            "DROP TRIGGER IF EXISTS t",
            "DROP VIEW IF EXISTS v",
            "CREATE VIEW v AS SELECT 2",
            "CREATE TABLE other (n INT UNIQUE)",
        ],
        [
            "the check constraint ck on late: (n > 1) after ours, theirs; (n > 2) after theirs, ours",
            "the column late.o is there only after ours, theirs",
            "the foreign key on late (n) to users.id is there only after theirs, ours",
            "the primary key of late (n) is there only after theirs, ours",
            "the table other is there only after ours, theirs",
            "the trigger t on users (CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END) is there only after theirs, ours",
            "the unique constraint on late (n) is there only after ours, theirs",
            "the view v: (CREATE VIEW v AS SELECT 2) after ours, theirs; (CREATE VIEW v AS SELECT 1) after theirs, ours",
        ],
    ),
    "postgresql": (
        [
            "CREATE TABLE IF NOT EXISTS late (n INT, o INT, UNIQUE (n), CONSTRAINT ck CHECK (n > 1))",
            "DROP INDEX IF EXISTS ix",
            "CREATE INDEX ix ON users (name)",
            "COMMENT ON TABLE users IS 'ours'",
            "COMMENT ON COLUMN users.born IS NULL",
            "ALTER TABLE users ALTER COLUMN name SET DEFAULT 'ours'",
            'ALTER TABLE users ALTER COLUMN email TYPE TEXT COLLATE "C"',
            "CREATE OR REPLACE VIEW v AS SELECT 1 AS n",
            "ALTER TYPE mood ADD VALUE 'good'",
            "DROP TABLE IF EXISTS s.other",
        ],
        [
            "CREATE TABLE IF NOT EXISTS late (n BIGINT PRIMARY KEY REFERENCES users, CONSTRAINT ck CHECK (n > 2))",
            "DROP INDEX IF EXISTS ix",
            "CREATE UNIQUE INDEX ix ON users (lower(name))",
            "COMMENT ON TABLE users IS 'theirs'",
            "COMMENT ON COLUMN users.born IS 'theirs'",
            "ALTER TABLE users ALTER COLUMN name DROP DEFAULT",
            'ALTER TABLE users ALTER COLUMN email TYPE TEXT COLLATE "POSIX"',
            "CREATE OR REPLACE VIEW v AS SELECT 2 AS n",
            "ALTER TYPE mood ADD VALUE 'bad'",
            "CREATE TABLE s.other (n INT UNIQUE)",
        ],
        [
            "late.n: INTEGER after ours, theirs; BIGINT after theirs, ours",
            "late.n: NULL after ours, theirs; NOT NULL after theirs, ours",
            "the check constraint ck on late: (n > 1) after ours, theirs; (n > 2) after theirs, ours",
            "the column late.o is there only after ours, theirs",
            "the comment of the table users: 'theirs' after ours, theirs; 'ours' after theirs, ours",
            "the enum mood: (fine, good, bad) after ours, theirs; (fine, bad, good) after theirs, ours",
            "the foreign key on late (n) to users.id is there only after theirs, ours",
            "the index ix on users (name) is there only after theirs, ours",
            "the primary key of late late_pkey (n) is there only after theirs, ours",
            "the table s.other is there only after ours, theirs",
            "the unique constraint late_n_key on late (n) is there only after ours, theirs",
            "the unique index ix on users (lower(name::text)) is there only after ours, theirs",
            "the view v: (SELECT 2 AS n) after ours, theirs; (SELECT 1 AS n) after theirs, ours",
            "users.born: comment 'theirs' after ours, theirs; no comment after theirs, ours",
            'users.email: TEXT COLLATE "POSIX" after ours, theirs; TEXT COLLATE "C" after theirs, ours',
            "users.name: no default after ours, theirs; default 'ours'::character varying after theirs, ours",
        ],
    ),
    "mariadb": (
        [
            "CREATE TABLE IF NOT EXISTS late (n INT, o INT, UNIQUE (n), CONSTRAINT ck CHECK (n > 1))",
            "CREATE OR REPLACE INDEX ix ON users (name)",
            "ALTER TABLE users COMMENT 'ours'",
            "ALTER TABLE users MODIFY email VARCHAR(120) CHARACTER SET latin1 COLLATE latin1_bin",
            "DROP TABLE IF EXISTS other",
        ],
        [
            "CREATE TABLE IF NOT EXISTS late (n INT PRIMARY KEY, FOREIGN KEY (n) REFERENCES users (id), CONSTRAINT ck CHECK (n > 2))",
            "CREATE OR REPLACE UNIQUE INDEX ix ON users (name)",
            "ALTER TABLE users COMMENT 'theirs'",
            "ALTER TABLE users MODIFY email ENUM('1', '2')",
            "CREATE TABLE other (n INT UNIQUE)",
        ],
        [
            "late.n: NULL after ours, theirs; NOT NULL after theirs, ours",
            "the check constraint ck on late: (`n` > 1) after ours, theirs; (`n` > 2) after theirs, ours",
            "the column late.o is there only after ours, theirs",
            "the comment of the table users: 'theirs' after ours, theirs; 'ours' after theirs, ours",
            "the foreign key on late (n) to users.id is there only after theirs, ours",
            "the index ix on users (name) is there only after theirs, ours",
            "the primary key of late (n) is there only after theirs, ours",
            "the table other is there only after ours, theirs",
            "the unique index ix on users (name) is there only after ours, theirs",
            "the unique index n on late (n) is there only after ours, theirs",
            "users.email: ENUM('1','2') after ours, theirs; VARCHAR(120) CHARACTER SET latin1 COLLATE latin1_bin after theirs, ours",
        ],
    ),
}


def by_hand(statements: list[str]) -> str:
    return "\n".join(f"op.execute({statement!r})" for statement in statements)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_kind_of_difference_has_its_words(dialect: str, tmp_path: Path) -> None:
    ours, theirs, differences = RIVALS[dialect]
    more = by_hand(["CREATE TYPE mood AS ENUM ('fine')", "CREATE SCHEMA s"]) if dialect == "postgresql" else ""
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, by_hand(ours), by_hand(theirs), f"{USERS}\n{more}"))
    assert (failing(found.runs), list(found.differences)) == (NOBODY, differences)


def test_sqlites_batch_operations_lose_what_alembic_does_not_reflect(tmp_path: Path) -> None:
    trigger, index = "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END", "CREATE INDEX ix ON users (lower(name))"
    found = rehearsed("sqlite", tmp_path, diverged(tmp_path, by_hand([trigger, index]), WIDER))
    assert (failing(found.runs), found.differences) == (
        NOBODY,
        (
            f"the index ix on users ({index}) is there only after theirs, ours",
            f"the trigger t on users ({trigger}) is there only after theirs, ours",
        ),
    )


@pytest.mark.parametrize("order", ["Ada, Bob", "{x} 100%"])
def test_the_sides_are_named_in_the_readers_words(order: str, tmp_path: Path) -> None:
    one, other = order.replace(",", "").split(" ")
    plan = RehearsalPlan(("a",), (("b",), ("c",)), (), (one, other))
    found = rehearsed("sqlite", tmp_path, diverged(tmp_path, WIDER, NARROWER), plan)
    assert found.differences == (f"users.email: VARCHAR(100) after {one}, {other}; VARCHAR(255) after {other}, {one}",)


def test_a_side_without_a_name_is_called_by_its_last_revision(tmp_path: Path) -> None:
    plan = RehearsalPlan(("a",), (("b",), ("c",)), ("m",))
    found = rehearsed("sqlite", tmp_path, diverged(tmp_path, WIDER, NARROWER), plan)
    assert found.differences == ("users.email: VARCHAR(100) after b, c; VARCHAR(255) after c, b",)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_failure_names_the_revision_and_the_statement(dialect: str, tmp_path: Path) -> None:
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, ADD_PHONE, ADD_PHONE))
    reason = {
        "sqlite": "duplicate column name: phone",
        "postgresql": 'column "phone" of relation "users" already exists',
        "mariadb": "Duplicate column name 'phone'",
    }[dialect]
    runs = tuple(Run(order, Failure(order[1], f"{ADDED}", reason, is_of_schema=True)) for order in (("b", "c"), ("c", "b")))
    assert found == Rehearsal((runs[0], runs[1]), (runs[0], runs[1]))


ADDED = "ALTER TABLE users ADD COLUMN phone VARCHAR(20)"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_fails_on_rows_in_either_order_is_only_a_note(dialect: str, tmp_path: Path) -> None:
    new_table = 'op.create_table("x", sa.Column("id", sa.Integer, primary_key=True))'
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, new_table, REQUIRE))
    reason = {
        "sqlite": "NOT NULL constraint failed: _alembic_tmp_users.email",
        "postgresql": 'column "email" of relation "users" contains null values',
        "mariadb": "Data truncated for column 'email' at row 3",
    }[dialect]
    assert (found.runs, failing(found.seeded), found.verdict) == (BOTH, ("c", "c"), RehearsalVerdict.SAME)
    assert found.notes == (f"c fails wherever users has rows, in either order: {reason}",)


@pytest.mark.parametrize("dialect", QUICK)
def test_going_down_again_leaves_nothing(dialect: str, tmp_path: Path) -> None:
    down = ('op.drop_table("x")', 'op.drop_column("users", "phone")')
    new_table = 'op.create_table("x", sa.Column("id", sa.Integer, primary_key=True), sa.Column("u", sa.Integer))'
    assert rehearsed(dialect, tmp_path, diverged(tmp_path, new_table, ADD_PHONE, down=down), downgrade=True) == Rehearsal(
        BOTH, BOTH
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_going_down_again_leaves_is_told(dialect: str, tmp_path: Path) -> None:
    ours = """
    op.create_table("x", sa.Column("kind", sa.Enum("p", "q", name="kind")))
    op.create_table("y", sa.Column("id", sa.Integer, primary_key=True))
    """
    down = ('op.drop_table("x")', f'op.drop_column("users", "name")\n{NARROWER}')
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, ours, WIDER, down=down), downgrade=True)
    enum = ("the enum kind (p, q) is still there",) if dialect == "postgresql" else ()
    assert found == Rehearsal(
        BOTH,
        BOTH,
        leftovers=(
            "the column users.name is gone",
            *enum,
            "the table y is still there",
            "users.email: VARCHAR(120) at the branch point; VARCHAR(100) after going down again",
        ),
    )
    assert found.verdict is RehearsalVerdict.DIFFERENT


@pytest.mark.parametrize("dialect", QUICK)
def test_a_downgrade_that_fails_is_told(dialect: str, tmp_path: Path) -> None:
    down = ("raise NotImplementedError", 'op.execute("DROP TABLE no_such")')
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, "pass", "pass", down=down), downgrade=True)
    reason = {
        "sqlite": "no such table: no_such",
        "mariadb": "Unknown table 'no_such'",
    }[dialect]
    assert found.leftovers == (
        f"c does not go down again: {reason}: DROP TABLE no_such",
        "b does not go down again: NotImplementedError",
    )


def test_without_being_asked_nobody_goes_down(tmp_path: Path) -> None:
    found = rehearsed("sqlite", tmp_path, diverged(tmp_path, "pass", "pass", down=("raise SystemExit", "raise SystemExit")))
    assert found == Rehearsal(BOTH, BOTH)


@pytest.mark.parametrize("dialect", QUICK)
@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("raise SystemExit(3)", Failure("b", None, "SystemExit: 3")),
        ('raise ValueError("first\\nsecond")', Failure("b", None, "ValueError: first")),
        ("raise AssertionError", Failure("b", None, "AssertionError")),
    ],
)
def test_a_script_may_raise_what_it_likes(dialect: str, body: str, failure: Failure, tmp_path: Path) -> None:
    found = rehearsed(dialect, tmp_path, diverged(tmp_path, f'op.execute("CREATE TABLE half (n INT)")\n{body}', "pass"))
    runs = (Run(("b",), failure), Run(("c", "b"), failure))
    assert found == Rehearsal(runs, runs)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_interrupt_goes_on_and_nothing_stays(dialect: str, tmp_path: Path) -> None:
    scripts = diverged(tmp_path, 'op.execute("CREATE TABLE half (n INT)")\nraise KeyboardInterrupt', "pass")
    with pytest.raises(KeyboardInterrupt):
        rehearsed(dialect, tmp_path, scripts)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_connection_that_a_script_leaves_open_is_no_matter(dialect: str, tmp_path: Path) -> None:
    ours = 'kept.append(op.get_bind().engine.connect())\nkept[-1].execute(sa.text("SELECT * FROM users")).all()'
    scripts = diverged(tmp_path, ours, "pass")
    script(scripts, "a", None, f"{USERS}\nkept.append(op.get_bind().engine.connect())", head="kept = []")
    script(scripts, "b", "a", ours, head="kept = []")
    assert rehearsed(dialect, tmp_path, scripts) == Rehearsal(BOTH, BOTH)


@pytest.mark.parametrize("dialect", QUICK)
def test_a_base_that_does_not_run_is_refused(dialect: str, tmp_path: Path) -> None:
    scripts = diverged(tmp_path, "pass", "pass", 'op.execute("DROP TABLE no_such")')
    with pytest.raises(
        MigmergeError, match=r"^a, before the branch point, does not run on an empty database: .* in DROP TABLE no_such$"
    ):
        rehearsed(dialect, tmp_path, scripts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def upgrade(:", "SyntaxError: invalid syntax (bad.py, line 1)"),
        ("import no_such_module", "bad.py:1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("import sys\nsys.exit(4)", "bad.py:2: SystemExit: 4"),
        ("revision = 'bad'\ndown_revision = 'missing'", "KeyError: 'missing'"),
        ("x = 1", "AttributeError: module 'bad_py' has no attribute 'down_revision'"),
    ],
    ids=["syntax error", "missing module", "exit", "missing parent", "no revision"],
)
def test_scripts_that_cannot_be_loaded_are_refused(text: str, told: str, tmp_path: Path) -> None:
    scripts = diverged(tmp_path, "pass", "pass")
    (scripts / "bad.py").write_text(text)
    with pytest.raises(MigmergeError) as refused:
        rehearsed("sqlite", tmp_path, scripts)
    assert str(refused.value).startswith(f"the scripts cannot be loaded: {told}")
    assert refused.value.hint == "migmerge check"


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (RehearsalPlan(("a",), (("b",),)), "a rehearsal needs two sides with a revision each"),
        (RehearsalPlan(("a",), (("b",), ())), "a rehearsal needs two sides with a revision each"),
        (RehearsalPlan(("a",), (("b",), ("nowhere",))), "Alembic: Can't locate revision identified by 'nowhere'"),
        (RehearsalPlan(("nowhere",), (("b",), ("c",))), "Alembic: Can't locate revision identified by 'nowhere'"),
    ],
)
def test_plans_that_make_no_sense_are_refused(plan: RehearsalPlan, told: str, tmp_path: Path) -> None:
    with pytest.raises(MigmergeError) as refused:
        rehearsed("sqlite", tmp_path, diverged(tmp_path, "pass", "pass"), plan)
    assert (str(refused.value), refused.value.hint) == (told, "migmerge check")


def test_a_missing_folder_of_scripts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigmergeError, match=r"^the scripts cannot be loaded: CommandError: Path doesn't exist"):
        rehearsed("sqlite", tmp_path, tmp_path / "nowhere")


def test_the_merge_revision_comes_last_in_both_orders(tmp_path: Path) -> None:
    scripts = diverged(tmp_path, 'op.execute("CREATE TABLE x (n INT)")', 'op.execute("CREATE TABLE y (n INT)")')
    script(scripts, "m", ("b", "c"), 'op.execute("INSERT INTO x SELECT n FROM y")\nop.execute("DROP TABLE z")')
    found = rehearsed("sqlite", tmp_path, scripts)
    failure = Failure("m", "DROP TABLE z", "no such table: z", is_of_schema=True)
    runs = (Run(("b", "c", "m"), failure), Run(("c", "b", "m"), failure))
    assert found == Rehearsal(runs, runs)


def test_three_sides_go_forward_and_backward(tmp_path: Path) -> None:
    scripts = diverged(tmp_path, "pass", WIDER)
    script(scripts, "b2", "b", "pass")
    script(scripts, "d", "a", NARROWER)
    plan = RehearsalPlan(("a",), (("b", "b2"), ("c",), ("d",)))
    runs = (Run(("b", "b2", "c", "d")), Run(("d", "c", "b", "b2")))
    difference = "users.email: VARCHAR(100) after b2, c, d; VARCHAR(255) after d, c, b2"
    assert rehearsed("sqlite", tmp_path, scripts, plan) == Rehearsal(runs, runs, (difference,))


def test_a_side_that_depends_on_the_other_comes_after_it(tmp_path: Path) -> None:
    scripts = diverged(tmp_path, ADD_PHONE, 'op.create_index("ix_phone", "users", ["phone"])')
    file = scripts / "c.py"
    file.write_text(f"{file.read_text()}\ndepends_on = 'b'\n")
    found = rehearsed("sqlite", tmp_path, scripts)
    assert found == Rehearsal(
        (BOTH[0],) * 2, (BOTH[0],) * 2, notes=("the sides depend on each other, so that there is only one order",)
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_script_finds_what_env_py_gives_it(dialect: str, tmp_path: Path) -> None:
    ours = """
    bind = op.get_bind()
    assert bind is op.get_context().connection is context.get_context().bind
    assert context.get_x_argument() == [] and context.get_x_argument(as_dictionary=True) == {}
    assert "migmerge_scratch_" in context.config.get_main_option("sqlalchemy.url")
    assert not context.is_offline_mode()
    with op.get_context().autocommit_block():
        op.create_index("ix_name", "users", ["name"], postgresql_concurrently=True)
    op.bulk_insert(sa.table("users", sa.column("name")), [{"name": "n"}])
    assert bind.execute(sa.text("SELECT COUNT(*) FROM users")).scalar() in (1, 4)
    """
    scripts = diverged(tmp_path, ours, "pass")
    file = scripts / "c.py"
    file.write_text(file.read_text().replace("def upgrade():", "def upgrade(engine_name):\n    assert engine_name == ''"))
    assert rehearsed(dialect, tmp_path, scripts) == Rehearsal(BOTH, BOTH)


def test_a_naming_convention_names_what_scripts_do_not(tmp_path: Path) -> None:
    ours = 'with op.batch_alter_table("users") as batch: batch.create_unique_constraint(None, ["email"])'
    scripts = diverged(tmp_path, ours, "pass")
    told = (
        failing(rehearsed("sqlite", tmp_path, scripts).runs),
        rehearsed("sqlite", tmp_path, scripts, naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"}),
    )
    assert told == (("b", "b"), Rehearsal(BOTH, BOTH))


def test_what_a_script_holds_is_new_in_each_run(tmp_path: Path) -> None:
    scripts = diverged(tmp_path, "pass", "pass")
    head = 'PHONE = sa.Column("phone", sa.Text)\nTABLE = sa.Table("t", sa.MetaData(), sa.Column("n", sa.Integer))\nSEEN = []'
    script(
        scripts,
        "b",
        "a",
        'SEEN.append(1)\nassert SEEN == [1]\nop.add_column("users", PHONE)\nTABLE.create(op.get_bind())',
        head=head,
    )
    assert rehearsed("sqlite", tmp_path, scripts) == Rehearsal(BOTH, BOTH)


@pytest.mark.parametrize("dialect", QUICK)
def test_longer_ids_than_alembics_table_has_room_for(dialect: str, tmp_path: Path) -> None:
    scripts, long = diverged(tmp_path, "pass", "pass"), "add_a_revision_with_a_very_long_identifier"
    script(scripts, long, "a", "pass")
    runs = (Run(("b", long)), Run((long, "b")))
    assert rehearsed(dialect, tmp_path, scripts, RehearsalPlan(("a",), (("b",), (long,)))) == Rehearsal(runs, runs)


def test_standard_output_stays_clean(tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    scripts = diverged(tmp_path, 'print("from b")', "pass")
    script(scripts, "c", "a", "pass", head='print("loading c")')
    caplog.set_level("INFO")
    logging.getLogger("alembic").setLevel("INFO")
    rehearsed("sqlite", tmp_path, scripts)
    out, err = capfd.readouterr()
    assert (out, caplog.records, set(err.splitlines())) == ("", [], {"from b", "loading c"})
    assert logging.getLogger("alembic").level == logging.INFO


def test_progress_is_told_before_each_step(tmp_path: Path) -> None:
    told: list[str] = []
    rehearsed("sqlite", tmp_path, diverged(tmp_path, "pass", "pass"), downgrade=True, progress=told.append)
    up, down = (["b", "c", "m"], ["c", "b", "m"]), (["m", "c", "b"], ["m", "b", "c"])
    expected = [("upgrade", ["a"]), ("upgrade", up[0]), ("upgrade", up[1]), ("downgrade", down[0]), ("downgrade", down[1])]
    expected += [("upgrade", up[0]), ("upgrade", up[1])]
    assert told == [f"{direction} {revision}" for direction, revisions in expected for revision in revisions]


def test_a_foreign_key_to_nothing_is_borne(tmp_path: Path) -> None:
    ours = 'op.execute("CREATE TABLE x (u INTEGER REFERENCES users (id), n INTEGER REFERENCES nowhere (id))")'
    found = rehearsed(
        "sqlite", tmp_path, diverged(tmp_path, ours, 'op.drop_table("users")', f"{USERS}{ours.replace('x (', 'y (')}")
    )
    assert found == Rehearsal(BOTH, BOTH)


def test_what_refers_to_nothing_after_one_order_differs(tmp_path: Path) -> None:
    ours = 'op.execute("CREATE TABLE IF NOT EXISTS x (u INTEGER REFERENCES nowhere (id))")'
    found = rehearsed("sqlite", tmp_path, diverged(tmp_path, ours, ours.replace(" REFERENCES nowhere (id)", "")))
    assert found.differences == ("the dangling foreign key on x (u) to nowhere.id is there only after ours, theirs",)


SOWN = {
    "sqlite": (
        "CREATE TABLE kinds (id INTEGER PRIMARY KEY, t TEXT, v VARCHAR(1) UNIQUE, i INT NOT NULL, n NUMERIC(2, 2), f REAL, b BLOB, "
        "d DATE, dt DATETIME, tm TIME, bo BOOLEAN NOT NULL CHECK (bo IN (0, 1)), j JSON, x, strange WEIRD(3))",
        "CREATE TABLE doubled (id INTEGER PRIMARY KEY, n INT, twice INT AS (n * 2) STORED)",
        "CREATE TABLE word (word TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE child (k INTEGER NOT NULL REFERENCES kinds, w TEXT REFERENCES word, PRIMARY KEY (k, w))",
        "CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER NOT NULL REFERENCES tree (id), root INTEGER REFERENCES tree (id))",
        "CREATE TABLE hen (id INTEGER PRIMARY KEY, egg INTEGER NOT NULL REFERENCES egg (id))",
        "CREATE TABLE egg (id INTEGER PRIMARY KEY, hen INTEGER REFERENCES hen (id))",
        "CREATE TABLE mail (a TEXT NOT NULL CHECK (a LIKE '%@%'), id INTEGER PRIMARY KEY)",
        "CREATE TABLE letter (id INTEGER PRIMARY KEY, mail INTEGER NOT NULL REFERENCES mail (id))",
        "CREATE TABLE either (a INT, b INT, CHECK (a IS NOT NULL OR b IS NOT NULL))",
        'CREATE TABLE "a ""b%s.c" ("d.e" INTEGER PRIMARY KEY, "%(f)s" TEXT NOT NULL, "g:h" TEXT)',
        "CREATE VIRTUAL TABLE search USING fts5 (title)",
    ),
    "postgresql": (
        "CREATE TYPE mood AS ENUM ('fine', 'bad')",
        "CREATE DOMAIN positive AS INT CHECK (VALUE > 0)",
        "CREATE TYPE pair AS (a INT, b INT)",
        "CREATE SCHEMA s",
        "CREATE TABLE kinds (id SERIAL PRIMARY KEY, t TEXT, v VARCHAR(1) UNIQUE, i INT NOT NULL, n NUMERIC(2, 2), f REAL, b BYTEA, "
        "d DATE, dt TIMESTAMP, tz TIMESTAMPTZ NOT NULL, tm TIME, iv INTERVAL, bo BOOLEAN NOT NULL, j JSON, jb JSONB NOT NULL, "
        "m mood, ms mood[] NOT NULL, ia INT[] NOT NULL, p positive NOT NULL, u UUID NOT NULL, ip INET NOT NULL, net CIDR NOT NULL, "
        "mac MACADDR NOT NULL, ts TSVECTOR NOT NULL, b3 BIT(3) NOT NULL, vb BIT VARYING(5), mo MONEY, o OID NOT NULL, x XML, "
        "r INT4RANGE NOT NULL DEFAULT '[1,2)')",
        "CREATE TABLE counted (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n INT, twice INT GENERATED ALWAYS AS (n * 2) STORED)",
        "CREATE TABLE s.word (word UUID PRIMARY KEY DEFAULT gen_random_uuid())",
        "CREATE TABLE child (k INT NOT NULL REFERENCES kinds DEFERRABLE INITIALLY DEFERRED, w UUID REFERENCES s.word, PRIMARY KEY (k, w))",
        "CREATE TABLE tree (id SERIAL PRIMARY KEY, up INT NOT NULL REFERENCES tree, root INT REFERENCES tree)",
        "CREATE TABLE egg (id INT PRIMARY KEY)",
        "CREATE TABLE hen (id INT PRIMARY KEY, egg INT REFERENCES egg)",
        "ALTER TABLE egg ADD hen INT NOT NULL REFERENCES hen",
        "CREATE TABLE mail (a TEXT NOT NULL CHECK (a LIKE '%@%'), id INT PRIMARY KEY)",
        "CREATE TABLE letter (id INT PRIMARY KEY, mail INT NOT NULL REFERENCES mail)",
        "CREATE TABLE either (a INT, b INT, CHECK (a IS NOT NULL OR b IS NOT NULL))",
        "CREATE TABLE late (b BOOLEAN NOT NULL, CONSTRAINT uq UNIQUE (b) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TABLE pairs (p pair NOT NULL)",
        'CREATE TABLE "a ""b%s.c" ("d.e" INT PRIMARY KEY, "%(f)s" TEXT NOT NULL, "g:h" TEXT)',
    ),
    "mariadb": (
        "CREATE TABLE kinds (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT, v VARCHAR(1) UNIQUE, i INT UNSIGNED NOT NULL, n DECIMAL(2, 2), "
        "f FLOAT, b BLOB, bi BINARY(16) NOT NULL, d DATE, dt DATETIME(6), ts TIMESTAMP NOT NULL, tm TIME, bo BOOLEAN NOT NULL CHECK (bo IN (0, 1)), "
        "j JSON NOT NULL, m ENUM('fine', 'bad') NOT NULL, s SET('p', 'q') NOT NULL, y YEAR NOT NULL, b3 BIT(3) NOT NULL, u UUID NOT NULL)",
        "CREATE TABLE doubled (id INT PRIMARY KEY, n INT, twice INT AS (n * 2) PERSISTENT)",
        "CREATE TABLE word (word VARCHAR(5) PRIMARY KEY)",
        "CREATE TABLE child (k INT NOT NULL, w VARCHAR(5), PRIMARY KEY (k, w), FOREIGN KEY (k) REFERENCES kinds (id), "
        "FOREIGN KEY (w) REFERENCES word (word))",
        "CREATE TABLE tree (id INT AUTO_INCREMENT PRIMARY KEY, up INT NOT NULL, root INT, FOREIGN KEY (up) REFERENCES tree (id), "
        "FOREIGN KEY (root) REFERENCES tree (id))",
        "CREATE TABLE egg (id INT PRIMARY KEY)",
        "CREATE TABLE hen (id INT PRIMARY KEY, egg INT, FOREIGN KEY (egg) REFERENCES egg (id))",
        "ALTER TABLE egg ADD hen INT NOT NULL, ADD FOREIGN KEY (hen) REFERENCES hen (id)",
        "CREATE TABLE mail (a VARCHAR(5) NOT NULL CHECK (a LIKE '%@%'), id INT PRIMARY KEY)",
        "CREATE TABLE letter (id INT PRIMARY KEY, mail INT NOT NULL, FOREIGN KEY (mail) REFERENCES mail (id))",
        "CREATE TABLE either (a INT, b INT, CHECK (a IS NOT NULL OR b IS NOT NULL))",
        "CREATE TABLE pairs (p POINT NOT NULL)",
        'CREATE TABLE `a "b%s.c` (`d.e` INT PRIMARY KEY, `%(f)s` VARCHAR(3) NOT NULL, `g:h` TEXT)',
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_table_gets_rows_that_differ_and_one_with_every_null(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text, scratch_connection(sa.make_url(text)) as connection, quiet():
        for statement in SOWN[dialect]:
            connection.exec_driver_sql(statement if dialect == "sqlite" else statement.replace("%", "%%"))
        connection.commit()
        metadata = reflect(connection).metadata
        sown = seed(connection, metadata)
        rows = {name: connection.execute(table.select()).mappings().all() for name, table in metadata.tables.items()}
    assert sown.notes[1:] == NOT_SOWN[dialect]
    assert sown.notes[0].startswith(f"{len(sown.tables)} of ") and sown.notes[0].endswith(" tables had rows")
    assert {name for name, found in rows.items() if found and not name.startswith("search_")} == set(sown.tables)
    assert {name: len(rows[name]) for name in sown.tables if len(rows[name]) != 3} == {"either": 2}
    for name in set(sown.tables) - {"either"}:
        for column in metadata.tables[name].columns:
            assert shape(column, [row[column.name] for row in rows[name]]) == "", column


def shape(column: sa.Column[Any], values: list[Any]) -> str:
    """Say what is wrong with the values of a column; nothing where they are as they ought to be."""
    if column.computed is not None or column.name in ("hen", "egg"):  # the last two are a cycle
        return ""
    may_be_null = column.nullable and not column.primary_key
    if str(column.type) in ("XML", "NULL") or column.name == "root":
        return "" if None in values else "no NULL"
    if (values[2] is None) != may_be_null or None in values[:2]:
        return f"NULL in the wrong place: {values}"
    return "" if len({str(value) for value in values[:2]}) == 2 or column.name in ("up", "r") else f"all the same: {values}"


NO_MAIL = "letter stays empty in the rehearsal: it refers to mail, which has no rows yet"
NOT_SOWN = {
    "sqlite": (
        "either has 2 of 3 rows in the rehearsal: CHECK constraint failed: a IS NOT NULL OR b IS NOT NULL",
        "mail stays empty in the rehearsal: CHECK constraint failed: a LIKE '%@%'",
        NO_MAIL,
    ),
    "postgresql": (
        'either has 2 of 3 rows in the rehearsal: new row for relation "either" violates check constraint "either_check"',
        'late stays empty in the rehearsal: duplicate key value violates unique constraint "uq"',
        'mail stays empty in the rehearsal: new row for relation "mail" violates check constraint "mail_a_check"',
        "pairs stays empty in the rehearsal: no value is known for the type of p",
        NO_MAIL,
    ),
    "mariadb": (
        "either has 2 of 3 rows in the rehearsal: CONSTRAINT `CONSTRAINT_1` failed for `either`",
        "mail stays empty in the rehearsal: CONSTRAINT `mail.a` failed for `mail`",
        "pairs stays empty in the rehearsal: no value is known for the type of p",
        NO_MAIL,
    ),
}
