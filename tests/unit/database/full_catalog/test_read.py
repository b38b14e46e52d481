"""What changes in a catalogue: read from what is new in it, the same as from all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.schema_catalog import Catalog, changes_between
from migmerge.database.full_catalog.read import CatalogChanges, read_catalog
from tests.support.databases import DIALECTS, database
from tests.support.full_histories import full_history, run_steps

ODDITIES = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT UNIQUE, UNIQUE (code, id))",
    "CREATE TABLE child (id INTEGER, parent REFERENCES parent ON DELETE CASCADE, CHECK (id > 0), UNIQUE (parent))",
    "CREATE TABLE other (a, b, c AS (a + b) STORED, FOREIGN KEY (a) REFERENCES parent (id), UNIQUE (b), UNIQUE (a, b))",
    "CREATE INDEX ix_other ON other (a)",
    "CREATE INDEX ix_child ON child (id)",
    "CREATE INDEX ix_other_again ON other (a)",
    "CREATE VIEW seen AS SELECT id FROM child",
    "CREATE TRIGGER kept INSTEAD OF DELETE ON seen BEGIN SELECT 1; END",
    "CREATE TRIGGER noted AFTER INSERT ON child BEGIN UPDATE other SET a = 1; END",
    "CREATE TEMPORARY TABLE other (x, y UNIQUE)",
    "ALTER TABLE main.other ADD COLUMN d TEXT DEFAULT 'x'",
    "DROP TABLE temp.other",
    "ALTER TABLE parent RENAME COLUMN code TO label",
    "ALTER TABLE parent RENAME TO ancestor",
    "ALTER TABLE child RENAME TO Child2",
    "DROP INDEX ix_other",
    "CREATE TABLE IF NOT EXISTS ancestor (x)",
    "PRAGMA legacy_alter_table = ON",
    "ALTER TABLE ancestor RENAME TO parent",
    "CREATE VIRTUAL TABLE words USING fts5(word)",
    "ALTER TABLE words RENAME TO terms",
    "DROP TABLE terms",
    "DROP VIEW seen",
    "DROP TABLE child2",
    "DROP TABLE other",
    "CREATE TABLE other (a, b, c AS (a + b) STORED, FOREIGN KEY (a) REFERENCES parent (id), UNIQUE (b), UNIQUE (a, b))",
)


def catalog_of(connection: sa.Connection) -> Catalog:
    found = read_catalog(connection, "alembic_version")
    connection.rollback()
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("seed", [3, 4])
def test_the_changes_of_every_revision_are_those_between_whole_catalogues(dialect: str, seed: int, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as url, sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        changes, before = CatalogChanges(connection, "alembic_version"), catalog_of(connection)
        for step in full_history(dialect, seed=seed, length=60):
            run_steps(connection, [step])
            after = catalog_of(connection)
            assert changes.since_last() == changes_between(before, after), step
            before = after


def test_the_changes_of_odd_statements_are_those_between_whole_catalogues() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        changes, before = CatalogChanges(connection, "alembic_version"), catalog_of(connection)
        for statement in ODDITIES:
            connection.exec_driver_sql(statement)
            after = read_catalog(connection, "alembic_version")
            assert changes.since_last() == changes_between(before, after), statement
            before = after
        assert before


def test_statements_that_changed_together_change_in_the_order_of_the_whole() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        changes, before = CatalogChanges(connection, "alembic_version"), catalog_of(connection)
        for first in range(0, len(ODDITIES), 5):
            for statement in ODDITIES[first : first + 5]:
                connection.exec_driver_sql(statement)
            after = read_catalog(connection, "alembic_version")
            assert changes.since_last() == changes_between(before, after)
            before = after


def test_a_temporary_table_is_not_taken_for_the_table_of_its_name() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
        before = read_catalog(connection, "alembic_version")
        connection.exec_driver_sql("CREATE TEMPORARY TABLE t (b UNIQUE)")
        assert read_catalog(connection, "alembic_version") == before


def test_a_patched_catalogue_is_read_as_a_whole_from_then_on() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
        changes, before = CatalogChanges(connection, "alembic_version"), catalog_of(connection)
        for statement in (
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = 'CREATE TABLE t (a, b)' WHERE name = 't'",
            "PRAGMA writable_schema = RESET",
        ):
            connection.exec_driver_sql(statement)
            after = read_catalog(connection, "alembic_version")
            assert changes.since_last(is_patched=True) == changes_between(before, after), statement
            before = after
        assert {key.name for key in before if key.kind == "column"} == {"a", "b"}
