"""What a rehearsal makes before the scripts run: the schemas and extensions of the real database that no script makes."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from migmerge.database.connection import connected
from migmerge.database.rehearsal.run_script import scratch_connection
from migmerge.database.rehearsal.surroundings import (
    NO_SURROUNDINGS,
    Surroundings,
    make_surroundings,
    read_surroundings,
    set_search_path,
)
from tests.support.databases import database


def test_they_are_read_and_made_again_except_what_scripts_make(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as text, database("postgresql", tmp_path) as other:
        with connected(sa.make_url(text)) as connection:
            for statement in (
                "CREATE SCHEMA app",
                'CREATE SCHEMA "Odd name"',
                "CREATE SCHEMA made",
                "SET search_path TO app, public",
            ):
                connection.exec_driver_sql(statement)
            found = read_surroundings(connection)
        assert found == Surroundings(("Odd name", "app", "made"), (), "app, public")
        with scratch_connection(sa.make_url(other)) as connection:
            make_surroundings(connection, found, 'op.execute("CREATE SCHEMA IF NOT EXISTS made")')
            set_search_path(connection, found)
            assert read_surroundings(connection) == Surroundings(("Odd name", "app"), (), "app, public")


def test_an_extension_that_the_server_lacks_is_left_to_the_scripts(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as text, scratch_connection(sa.make_url(text)) as connection:
        make_surroundings(connection, Surroundings(("app",), ("not_installed_anywhere",)), "")
        assert read_surroundings(connection) == Surroundings(("app",))


def test_other_dialects_have_none(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as text, scratch_connection(sa.make_url(text)) as connection:
        assert read_surroundings(connection) == NO_SURROUNDINGS
