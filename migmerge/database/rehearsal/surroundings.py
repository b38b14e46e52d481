"""What scripts rely on and do not make: the schemas and the extensions that env.py or a developer has made."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..connection import quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection


_SCHEMAS = """
SELECT nspname FROM pg_namespace AS n WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = n.oid AND d.classid = 'pg_namespace'::regclass AND d.deptype = 'e')
ORDER BY nspname
"""
_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname"
_USUAL_SEARCH_PATH = '"$user", public'


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold the schemas, the extensions and the unusual search path of a PostgreSQL database; nothing on other dialects."""

    schemas: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    search_path: str = ""


NO_SURROUNDINGS = Surroundings()


def read_surroundings(connection: Connection) -> Surroundings:
    """Read them from the real database, as env.py has left it and is connected to it."""
    if connection.dialect.name != "postgresql":
        return NO_SURROUNDINGS
    schemas, extensions = (connection.exec_driver_sql(each).scalars().all() for each in (_SCHEMAS, _EXTENSIONS))
    path = str(connection.exec_driver_sql("SHOW search_path").scalar())
    return Surroundings(tuple(schemas), tuple(extensions), "" if path == _USUAL_SEARCH_PATH else path)


def make_surroundings(connection: Connection, surroundings: Surroundings, texts: str) -> None:
    """Make in a scratch database what the texts of the scripts do not make, as far as the server lets us."""
    from sqlalchemy.exc import DBAPIError

    for kind, names in (("schema", surroundings.schemas), ("extension", surroundings.extensions)):
        for name in names:
            if not _is_made_in(texts, kind, name):
                with suppress(DBAPIError), connection.begin_nested():  # an extension can take a right that we lack
                    connection.exec_driver_sql(f"CREATE {kind.upper()} IF NOT EXISTS {quoted(connection, name)}")
    connection.commit()


def set_search_path(connection: Connection, surroundings: Surroundings) -> None:
    """Look names up as the project does."""
    if surroundings.search_path:
        connection.exec_driver_sql(f"SET search_path TO {surroundings.search_path}")
        connection.commit()


def _is_made_in(texts: str, kind: str, name: str) -> bool:
    return bool(re.search(rf"create\s*{kind}\b[^;\n]{{0,40}}\b{re.escape(name)}\b", texts, re.IGNORECASE))
