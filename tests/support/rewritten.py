"""Histories that were rewritten after a database had run them: squashed, renamed, rebased, regenerated, reverted."""

from __future__ import annotations

import codecs
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from alembic import command
from alembic.config import Config
from hypothesis import strategies as st

from tests.support.project import script_text
from tests.support.warm_python import WarmProject

ENV_PY = """from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
"""


@dataclass(frozen=True)
class Change:
    """One thing that a script does: a table, a column of one, or a row in the table `log`, which says that it ran."""

    name: str
    table: str = ""
    kind: str = "table"

    @property
    def statements(self) -> tuple[str, str]:
        """Return the SQL of the upgrade and of the downgrade, which say what Alembic's operations do."""
        match self.kind:
            case "table":
                columns = "id INTEGER NOT NULL, name VARCHAR(20), PRIMARY KEY (id)"
                return f"CREATE TABLE {self.table} ({columns})", f"DROP TABLE {self.table}"
            case "column":
                alter = f"ALTER TABLE {self.table}"
                return f"{alter} ADD COLUMN {self.name} VARCHAR(20)", f"{alter} DROP COLUMN {self.name}"
        return f"INSERT INTO log (name) VALUES ('{self.name}')", f"DELETE FROM log WHERE name = '{self.name}'"

    @property
    def upgrade(self) -> str:
        match self.kind:
            case "table":
                columns = "sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(20))"
                return f"op.create_table({self.table!r}, {columns})"
            case "column":
                return f"op.add_column({self.table!r}, sa.Column({self.name!r}, sa.String(20)))"
        return f"op.execute(\"INSERT INTO log (name) VALUES ('{self.name}')\")"

    @property
    def downgrade(self) -> str:
        match self.kind:
            case "table":
                return f"op.drop_table({self.table!r})"
            case "column":
                return f"op.drop_column({self.table!r}, {self.name!r})"
        return f"op.execute(\"DELETE FROM log WHERE name = '{self.name}'\")"


@dataclass(frozen=True)
class Script:
    """An id, and what its script does."""

    revision: str
    changes: tuple[Change, ...]


History = tuple[Script, ...]
"""Scripts, each on the one before."""

LOG = Change("log", "log")


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw two to six scripts that make tables and columns and write rows."""
    tables, scripts = ["log"], [Script("r0", (LOG,))]
    for number in range(1, draw(st.integers(2, 6))):
        kind = draw(st.sampled_from(["table", "column", "row"]))
        table = f"t{number}" if kind == "table" else draw(st.sampled_from(tables))
        tables += [table] if kind == "table" else []
        scripts.append(Script(f"r{number}", (Change(f"c{number}", table, kind),)))
    return tuple(scripts)


Draw = Callable[[st.SearchStrategy[int]], int]


def squashed_into_root(draw: Draw, history: History) -> History:
    return (Script("s0", tuple(each for script in history for each in script.changes)),)


def squashed_into_an_earlier_one(draw: Draw, history: History) -> History:
    first = draw(st.integers(0, len(history) - 1))
    return (
        *history[:first],
        Script(history[first].revision, tuple(each for script in history[first:] for each in script.changes)),
    )


def renamed(draw: Draw, history: History) -> History:
    place = draw(st.integers(0, len(history) - 1))
    return (*history[:place], replace(history[place], revision=f"{history[place].revision}n"), *history[place + 1 :])


def rebased(draw: Draw, history: History) -> History:
    """Put somebody else's script below the last ones, whose ids stay or change."""
    place, fresh = draw(st.integers(1, len(history))), draw(st.integers(0, 1))
    name = f"m{len(history)}"
    other = Script(name, (Change(name, f"t_{name}", ("table", "row")[draw(st.integers(0, 1))]),))
    above = tuple(replace(each, revision=f"{each.revision}b" if fresh else each.revision) for each in history[place:])
    return (*history[:place], other, *above)


def regenerated(draw: Draw, history: History) -> History:
    changes = tuple(each for script in history for each in script.changes)
    cut = draw(st.integers(1, len(changes)))
    parts = (changes[:cut], changes[cut:])
    return tuple(Script(f"g{number}", part) for number, part in enumerate(parts) if part)


def reverted(draw: Draw, history: History) -> History:
    return history[: draw(st.integers(1, len(history)))]


REWRITES = (squashed_into_root, squashed_into_an_earlier_one, renamed, rebased, regenerated, reverted)


def unreadable(statement: str, salt: int) -> str:
    """Return a line that runs a statement, from which nobody can tell what that is."""
    return f"op.execute(__import__('codecs').decode({codecs.encode(f'{statement} /* {salt} */', 'rot13')!r}, 'rot13'))"


class Checkout:
    """A project on SQLite whose history is replaced."""

    def __init__(self, top: Path) -> None:
        self.project = WarmProject.empty(top)
        self.project.write(
            "alembic.ini", f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = sqlite:///{top}/app.db\n"
        )
        self.project.write("migrations/env.py", ENV_PY)
        self.project.write(".gitignore", "app.db\n__pycache__/\n")
        self.database = top / "app.db"

    def commit(self, history: History, salt: int | None = None) -> None:
        """Make a history the whole of the scripts; with a salt nothing in them can be read, nor be like anything with another."""
        folder = self.project.top / "migrations/versions"
        for path in folder.glob("*.py") if folder.exists() else ():
            path.unlink()
        parent = None
        for script in history:
            up, down = (
                "\n    ".join(lines)
                for lines in (
                    (each.upgrade if salt is None else unreadable(each.statements[0], salt) for each in script.changes),
                    (
                        each.downgrade if salt is None else unreadable(each.statements[1], salt)
                        for each in reversed(script.changes)
                    ),
                )
            )
            text = script_text(script.revision, parent, upgrade=up, downgrade=down)
            self.project.write(f"migrations/versions/{script.revision}.py", text)
            parent = script.revision
        self.project.git("add", "--all")
        self.project.git("commit", "--quiet", "--allow-empty", "--message", "a history")

    def upgrade(self, target: str) -> None:
        command.upgrade(Config(str(self.project.top / "alembic.ini"), stdout=io.StringIO()), target)

    def fill(self) -> None:
        """Write a row into each table, with a value in each column."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            for table, columns in self.schema.items():
                names = [each for each in columns if each != "id"]
                values = ", ".join(f"'{table}.{name}'" for name in names)
                connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})")

    @property
    def schema(self) -> dict[str, tuple[str, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {
                name: tuple(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
                for name in names
                if not name.startswith(("alembic_", "sqlite_"))
            }

    def cells(self) -> set[tuple[str, str, str]]:
        """Return the values that `fill` wrote, by table and column."""
        return set(self._cells())

    def _cells(self) -> Iterator[tuple[str, str, str]]:
        with closing(sqlite3.connect(self.database)) as connection:
            for table, columns in self.schema.items():
                for column in columns:
                    for (value,) in connection.execute(f"SELECT {column} FROM {table}"):
                        if value == f"{table}.{column}":
                            yield table, column, value

    def marks(self) -> list[str]:
        """Return the rows that scripts wrote, each as often as that ran."""
        with closing(sqlite3.connect(self.database)) as connection:
            return [name for (name,) in connection.execute("SELECT name FROM log WHERE name NOT LIKE '%.%'")]

    @property
    def recorded(self) -> str | None:
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            return rows[0][0] if rows else None
