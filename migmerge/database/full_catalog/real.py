"""The catalogue of the database that env.py connects to, with what a replay beside it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...core.database.replay import RealCatalog
from ...core.errors import MigmergeError
from ..connection import quoted
from .postgresql import own_extensions, own_schemas
from .read import SUPPORTED, read_catalog

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection


def real_catalog(context: MigrationContext, bind: str, tenant: str = "") -> RealCatalog:
    """Read a database through the connection of env.py, the schema of a tenant as the default one.

    Raises:
        MigmergeError: where the dialect is not supported.
    """
    connection = context.connection
    assert connection is not None
    if connection.dialect.name not in SUPPORTED:
        raise MigmergeError(f"no catalogue is read on {connection.dialect.name}", hint="migmerge doctor")
    with _searched(connection, tenant):
        is_postgresql = connection.dialect.name == "postgresql"
        path = str(connection.exec_driver_sql("SHOW search_path").scalar()) if is_postgresql else ""
        return RealCatalog(
            bind,
            read_catalog(connection, str(context.version_table)),
            _server(connection, naming_convention_of(context)),
            own_schemas(connection) if is_postgresql else (),
            own_extensions(connection) if is_postgresql else (),
            path,
        )


@contextmanager
def _searched(connection: Connection, tenant: str) -> Iterator[None]:
    """Search the schema of a tenant, which env.py can have named in `schema_translate_map` alone, and no longer at the end."""
    if not tenant or connection.exec_driver_sql("SELECT current_schema()").scalar() == tenant:
        yield
        return
    with connection.begin_nested() as savepoint:
        connection.exec_driver_sql(f"SET LOCAL search_path TO {quoted(connection, tenant)}")
        yield
        savepoint.rollback()


def without_other_tenants(real: RealCatalog, tenants: Iterable[str]) -> RealCatalog:
    """Leave out what is in the schemas of other tenants: the own one has no schema in front."""
    others = tuple(f"{each}." for each in tenants if each)
    if not others:
        return real
    return replace(real, catalog={key: value for key, value in real.catalog.items() if not key.owner.startswith(others)})


def naming_convention_of(context: MigrationContext) -> Any:
    """Return how the models name constraints, None where nothing says it."""
    return getattr(context.opts.get("target_metadata"), "naming_convention", None)


def _server(connection: Connection, convention: Any) -> str:
    """Return what decides how facts are spelled."""
    import alembic
    import sqlalchemy

    dialect = connection.dialect
    version = ".".join(map(str, dialect.server_version_info or ()))
    named = sorted((str(key), value) for key, value in (convention or {}).items() if isinstance(value, str))
    return f"{dialect.name} {version}, Alembic {alembic.__version__}, SQLAlchemy {sqlalchemy.__version__}, {named}"
