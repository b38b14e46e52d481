"""The words for a difference of two schemas, and for a difference between the models and a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlalchemy.pool import NullPool

from migmerge.database.schema_diff import after_orders, compare, model_differences, reflect
from tests.support.databases import database

ORDERS = after_orders(("ours", "theirs"))
SHORT = sa.String(20)


def users(*more: Any, **options: Any) -> sa.MetaData:
    """Return models with the table `users`, and `more` in it."""
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("team", sa.Integer), *more, **options)
    return metadata


def teams(*more: Any) -> sa.MetaData:
    """Return models with the tables `users`, and `more` in it, and `teams` with an index."""
    metadata = users(*more)
    sa.Table("teams", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text, index=True))
    return metadata


def text(kind: Any = SHORT, **options: Any) -> sa.Column[Any]:
    return sa.Column("text", kind, **options)


@dataclass(frozen=True)
class Case:
    """Hold models of which the first have one thing more, or another column, and the words for that."""

    one: Callable[[], sa.MetaData]
    other: Callable[[], sa.MetaData]
    words: str
    model_words: str | None
    dialect: str = "sqlite"


MORE = {
    "table": Case(teams, users, "the table teams", "table teams"),
    "column": Case(lambda: users(text()), users, "the column users.text", "column users.text"),
    "index": Case(
        lambda: users(sa.Index("ix_team", "team")), users, "the index ix_team on users (team)", "index ix_team of users"
    ),
    "unique index": Case(
        lambda: users(sa.Index("ix", "team", "id", unique=True)),
        users,
        "the unique index ix on users (team, id)",
        "index ix of users",
    ),
    "unique constraint": Case(
        lambda: users(sa.UniqueConstraint("team", name="uq_team")),
        users,
        "the unique constraint uq_team on users (team)",
        "constraint uq_team of users",
    ),
    "constraint with the name of its table": Case(
        lambda: users(sa.UniqueConstraint("team", name="users")),
        users,
        "the unique constraint users on users (team)",
        "constraint users",
    ),
    "foreign key": Case(
        lambda: teams(sa.ForeignKeyConstraint(["team"], ["teams.id"])),
        teams,
        "the foreign key on users (team) to teams.id",
        "foreign key without a name of users",
    ),
    "check constraint, which Alembic does not compare": Case(
        lambda: users(sa.CheckConstraint("team > 0", name="ck")), users, "the check constraint ck on users (team > 0)", None
    ),
    "table comment": Case(
        lambda: users(comment="people"), users, "the comment of the table users 'people'", "table comment users", "postgresql"
    ),
    "column in another schema": Case(
        lambda: users(text(), schema="other"),
        lambda: users(schema="other"),
        "the column other.users.text",
        "column users.text",
        "postgresql",
    ),
}


@pytest.mark.parametrize("case", MORE.values(), ids=MORE)
def test_what_only_one_has(tmp_path: Path, case: Case) -> None:
    assert differences(case, tmp_path) == (
        (f"{case.words} is there only after ours",),
        (f"{case.words} is there only after theirs",),
        (f"only the database has the {case.model_words}",) if case.model_words else (),
        (f"only the models have the {case.model_words}",) if case.model_words else (),
    )


MODIFIED = {
    "type": Case(lambda: users(text()), lambda: users(text(sa.Integer)), "VARCHAR(20)/INTEGER", "type"),
    "nullability": Case(lambda: users(text()), lambda: users(text(nullable=False)), "NULL/NOT NULL", "nullability"),
    "default": Case(lambda: users(text(server_default="a")), lambda: users(text()), "default 'a'/no default", "default"),
    "comment": Case(
        lambda: users(text(comment="a'b")), lambda: users(text()), 'comment "a\'b"/no comment', "comment", "postgresql"
    ),
}


@pytest.mark.parametrize("case", MODIFIED.values(), ids=MODIFIED)
def test_a_column_that_differs(tmp_path: Path, case: Case) -> None:
    one, other = case.words.split("/")
    assert differences(case, tmp_path) == (
        (f"users.text: {one} after ours; {other} after theirs",),
        (f"users.text: {other} after ours; {one} after theirs",),
        (f"users.text has another {case.model_words}",),
        (f"users.text has another {case.model_words}",),
    )


def test_every_property_of_a_column_is_a_difference_of_its_own(tmp_path: Path) -> None:
    case = Case(lambda: users(text(server_default="a")), lambda: users(text(sa.Integer, nullable=False)), "", None)
    assert differences(case, tmp_path)[2] == (
        "users.text has another default",
        "users.text has another nullability",
        "users.text has another type",
    )


def test_without_models_nothing_is_compared(tmp_path: Path) -> None:
    with connected("sqlite", tmp_path / "one", users()) as connection:
        assert model_differences(MigrationContext.configure(connection)) is None


def differences(case: Case, folder: Path) -> tuple[tuple[str, ...] | None, ...]:
    """Compare two databases both ways, then the models of each with the database of the other one."""
    one, other = case.one(), case.other()
    with ExitStack() as stack:
        first = stack.enter_context(connected(case.dialect, folder / "one", one))
        second = stack.enter_context(connected(case.dialect, folder / "other", other))
        schemas = reflect(first), reflect(second)
        both = compare(*schemas, ORDERS), compare(*schemas[::-1], ORDERS)
        return (*both, against(first, other), against(second, one))


def against(connection: sa.Connection, models: sa.MetaData) -> tuple[str, ...] | None:
    options = {"target_metadata": models, "compare_type": True, "compare_server_default": True, "include_schemas": True}
    return model_differences(MigrationContext.configure(connection, opts=options))


@contextmanager
def connected(dialect: str, folder: Path, models: sa.MetaData) -> Iterator[sa.Connection]:
    """Connect to a database of its own that has the tables of the models."""
    folder.mkdir()
    with database(dialect, folder) as url:
        engine = sa.create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            for schema in {table.schema for table in models.tables.values()} - {None}:
                connection.execute(sa.schema.CreateSchema(str(schema)))
            models.create_all(connection)
            connection.commit()
            yield connection
