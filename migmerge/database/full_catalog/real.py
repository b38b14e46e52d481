"""The catalogue of the database that env.py connects to, with what a replay beside it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...core.database.replay import RealCatalog
from ...core.errors import MigmergeError
from .postgresql import own_extensions, own_schemas
from .read import SUPPORTED, read_catalog

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection


def real_catalog(context: MigrationContext, bind: str) -> RealCatalog:
    """Read a database through the connection of env.py.

    Raises:
        MigmergeError: where the dialect is not supported.
    """
    connection = context.connection
    assert connection is not None
    if connection.dialect.name not in SUPPORTED:
        raise MigmergeError(f"no catalogue is read on {connection.dialect.name}", hint="migmerge doctor")
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
