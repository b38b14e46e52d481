"""The databases of an environment, read without a change: their records and their schemas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core.database.database import NO_ID, Address, Database, Schema, Table
from ..core.database.replay import RealCatalog
from ..core.errors import MigmergeError
from ..core.script.usable import MOST_CHARACTERS
from .catalog import schemas_of
from .forward import forward_of
from .full_catalog.real import naming_convention_of, real_catalog, without_other_tenants
from .guard import address_of
from .other_objects import other_objects, views_of_sqlite
from .postgresql import enum_values, unused_enums
from .project import Project
from .rehearsal.surroundings import read_surroundings
from .schema_diff import model_differences
from .sqlite_location import located

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection, Inspector


def inspect_databases(project: Project, heads: Sequence[str] = (), known: Sequence[str] = ()) -> tuple[Database, ...]:
    """Return every selected database of env.py; one that records exactly `heads` is compared with the models.

    `known` are the revisions of the checkout, by which the databases of other tenants are recognised.

    Raises:
        MigmergeError: where the application, env.py or a database raises an error, or the guard refuses the database.
    """
    found: list[Database] = []

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        if project.bind in [each.bind for each in found]:
            raise MigmergeError(f"env.py upgrades {found[-1].name} twice", hint=project.runtime.current_command)
        database = _database(project, context, _sorted_ids(recorded), frozenset(heads))
        found.append(replace(database, others=project.other_tenants(context, frozenset(known))))
        return []

    try:
        project.run(work, read_only=True)
        project.inspected = len(found)
    finally:
        # An engine would keep its connection to the empty database in place of a missing file.
        project.close_connections()
    names = [each.name for each in found]
    if len(found) == 1:
        found = [replace(found[0], asked_argument=project.asked_argument)]
    told_apart = (replace(each, has_namesake=names.count(each.name) > 1) for each in found)
    return tuple(_without_other_tenants(each, found) for each in told_apart)


def _sorted_ids(recorded: Iterable[str | None]) -> tuple[str, ...]:
    """Return the rows of a version table, with what stands for one without an id."""
    empty, null = NO_ID
    return tuple(sorted(null if each is None else each or empty for each in recorded))


def list_databases(project: Project) -> tuple[tuple[Address, str], ...]:
    """Return the address and the bind of every database that env.py connects to; raises like `inspect_databases`."""
    found: list[tuple[Address, str]] = []

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        assert context.connection is not None
        found.append((address_of(located(context.connection)), project.bind))
        return []

    try:
        project.run(work, read_only=True)
    finally:
        project.close_connections()
    return tuple(found)


def read_catalogs(project: Project) -> tuple[RealCatalog, ...]:
    """Return the facts of every selected database of env.py; raises like `inspect_databases`."""
    found: list[RealCatalog] = []

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        assert context.connection is not None
        project.guard.allow(address_of(located(context.connection)))
        bind = project.bind
        project.naming_conventions[bind] = naming_convention_of(context)
        found.append(real_catalog(context, bind, project.tenant))
        return []

    try:
        project.run(work, read_only=True)
    finally:
        project.close_connections()
    return tuple(without_other_tenants(each, project.tenants.values()) for each in found)


def _database(project: Project, context: MigrationContext, recorded: tuple[str, ...], heads: frozenset[str]) -> Database:
    from sqlalchemy import inspect

    connection = context.connection
    assert connection is not None
    url = located(connection)
    address = address_of(url)
    project.guard.allow(address)
    _verify_name(connection, address)
    bind, tenant = project.bind, project.tenant
    project.require_schema(connection, address)
    forward = forward_of(connection, address)
    project.guard.note_forward(address, forward)
    project.urls[bind], project.tenants[bind] = url, tenant
    project.surroundings[bind] = read_surroundings(connection)
    project.naming_convention = naming_convention_of(context)
    inspector = inspect(connection)
    is_named = address.dialect != "postgresql" and context.version_table_schema == address.name
    own = (None if is_named else context.version_table_schema, context.version_table)
    models = model_differences(context) if recorded and set(recorded) == heads else None
    stamped = inspector.has_table(context.version_table, schema=context.version_table_schema)
    longest = _longest_id(inspector, own, stamped=stamped) if address.dialect != "sqlite" else None
    schema = _schema(connection, inspector, own, tenant)
    return Database(address, bind, recorded, stamped, schema, models, longest, forward, tenant)


def _longest_id(inspector: Inspector, version_table: tuple[str | None, str], *, stamped: bool) -> int | None:
    """Return how many characters the version table takes, or would take once Alembic made it."""
    if not stamped:
        return MOST_CHARACTERS
    schema, table = version_table
    types = [column["type"] for column in inspector.get_columns(table, schema=schema) if column["name"] == "version_num"]
    return next((getattr(each, "length", None) for each in types), None)


def _verify_name(connection: Connection, address: Address) -> None:
    """Refuse a connection to another database than the URL names, as by a `creator` or by the URL's query."""
    queries = {"postgresql": "SELECT current_database()", "mysql": "SELECT DATABASE()", "mariadb": "SELECT DATABASE()"}
    if query := queries.get(address.dialect):
        name = connection.exec_driver_sql(query).scalar()
        if name != address.name:
            raise MigmergeError(
                f"the application is connected to {name}, and its URL says {address.name or 'no name'}",
                hint="name the database in the URL that the application gives to SQLAlchemy",
            )


def _schema(connection: Connection, inspector: Inspector, version_table: tuple[str | None, str], tenant: str) -> Schema:
    """Return the tables, those of a tenant as scripts name them: without its schema."""
    tables: dict[str, Table] = {}
    for schema in schemas_of(inspector, default_by_name=bool(tenant)):
        columns = inspector.get_multi_columns(schema=schema)
        indexes = inspector.get_multi_indexes(schema=schema)
        uniques = inspector.get_multi_unique_constraints(schema=schema)
        for key, each in columns.items():
            if key == version_table or (schema == tenant and key[1] == version_table[1]):
                continue
            name = f"{schema}.{key[1]}" if schema and schema != tenant else key[1]
            tables[name] = _table(each, indexes.get(key, ()), uniques.get(key, ()))
    if inspector.dialect.name == "sqlite":
        return Schema(tables, others=tuple(views_of_sqlite(connection)))
    if inspector.dialect.name != "postgresql":
        return Schema(tables)
    others = tuple(other_objects(connection, tenant))
    return Schema(tables, unused_enums(connection, tenant), enum_values(connection, tenant), others)


def _table(columns: Iterable[Any], indexes: Sequence[Any], uniques: Iterable[Any]) -> Table:
    named = _names(indexes)
    removable = (each["name"] for each in indexes if each["name"] and not each["unique"])
    all_names = frozenset((*named, *_names(uniques)))
    return Table(frozenset(column["name"] for column in columns), all_names, frozenset(named), frozenset(removable))


def _without_other_tenants(database: Database, found: Sequence[Database]) -> Database:
    """Leave out what belongs to other tenants of the same database, and what is asked after all."""
    unasked = database.others
    if unasked:
        asked = {each.tenant if database.address.dialect == "postgresql" else each.address.name for each in found}
        left = tuple(name for name in unasked.schemas if name not in asked)
        database = replace(database, others=unasked._replace(schemas=left) if left else None)
    others = tuple(f"{each.tenant}." for each in found if each.tenant and each.tenant != database.tenant)
    if not others:
        return database
    tables = {name: table for name, table in database.schema.tables.items() if not name.startswith(others)}
    enums = frozenset(name for name in database.schema.unused_enums if not name.startswith(others))
    values = {name: each for name, each in database.schema.enum_values.items() if not name.startswith(others)}
    own = tuple(item for item in database.schema.others if not item.name.startswith(others))
    return replace(database, schema=Schema(tables, enums, values, own))


def _names(items: Iterable[Any]) -> list[str]:
    return [item["name"] for item in items if item["name"]]
