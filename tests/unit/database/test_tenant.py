"""The name of each database of env.py, and what env.py asks for that nobody gives."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from migmerge.core.errors import MigmergeError
from migmerge.database.alembic_seams import note_arguments
from migmerge.database.tenant import bind_of, qualified, tenant_of


def context_of(connection: sa.Connection, **options: Any) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"upgrade_token": "upgrades", **options})


@pytest.fixture
def connection() -> Any:
    with sa.create_engine("sqlite://").connect() as connection:
        yield connection


def test_several_databases_without_names_are_told_apart(connection: sa.Connection) -> None:
    context = context_of(connection)
    assert [bind_of(context, "", seen) for seen in ([], [""], ["", "1"])] == ["", "1", "2"]


def test_a_tenant_is_its_own_name(connection: sa.Connection) -> None:
    assert [bind_of(context_of(connection), "acme", seen) for seen in ([], ["beta"])] == ["acme", "acme"]


def test_the_functions_of_a_database_name_it(connection: sa.Connection) -> None:
    named = context_of(connection, upgrade_token="audit_upgrades")
    assert bind_of(named, "", []) == "audit"
    assert bind_of(named, "acme", ["audit"]) == "audit.acme"
    assert bind_of(context_of(connection, upgrade_token="_upgrades"), "", []) == ""


@pytest.mark.parametrize("translated", [{None: "acme"}, {"tenant": "acme"}])
def test_tables_that_lie_elsewhere_than_scripts_say_are_refused(connection: sa.Connection, translated: dict[Any, str]) -> None:
    with pytest.raises(MigmergeError, match="schema_translate_map"):
        tenant_of(context_of(connection.execution_options(schema_translate_map=translated)))


def test_a_schema_that_keeps_its_name_is_no_tenant(connection: sa.Connection) -> None:
    assert tenant_of(context_of(connection.execution_options(schema_translate_map={"shared": "shared"}))) == ""


def test_arguments_that_env_py_asks_for_are_noted_once(tmp_path: Any) -> None:
    environment = EnvironmentContext(Config(), ScriptDirectory(str(tmp_path)))
    asked: list[str] = []
    note_arguments(environment, asked)
    given = environment.get_x_argument(as_dictionary=True)
    assert (given.get("tenant"), given.get("tenant", "public"), "region" in given) == (None, "public", False)
    with pytest.raises(KeyError):
        given["schema"]
    assert asked == ["tenant", "region", "schema"]
    assert environment.get_x_argument() == []


def test_a_tenants_table_has_its_schema_for_other_connections() -> None:
    assert (qualified("a", "acme"), qualified("shared.a", "acme"), qualified("a", "")) == ("acme.a", "shared.a", "a")
