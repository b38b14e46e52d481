"""The number of rows in the tables of a project's databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.database.database import MOST_COUNTED
from .connection import connected, quoted
from .project import Project
from .tenant import qualified

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


def count_table_rows(project: Project, tables: Mapping[str, Sequence[str]]) -> dict[str, Mapping[str, int | None]]:
    """Return the number of rows of tables, by bind."""
    return {bind: dict(_counted(project, bind, names)) for bind, names in tables.items() if names}


def _counted(project: Project, bind: str, names: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    full = {name: qualified(name, project.tenants.get(bind, "")) for name in names}
    counts = _count_rows(project.urls[bind], full.values())
    yield from ((name, counts[full[name]]) for name in names)


def _count_rows(url: URL, tables: Iterable[str]) -> Mapping[str, int | None]:
    """Return the number of rows of tables, `MOST_COUNTED` + 1 where there are more, None where this user may not read them."""
    with connected(url, f"the rows of {url.database} cannot be counted") as connection:
        return {name: _count(connection, name) for name in tables}


def _count(connection: Connection, name: str) -> int | None:
    from sqlalchemy.exc import SQLAlchemyError

    schema, _, table = name.rpartition(".") if connection.dialect.name == "postgresql" else ("", "", name)
    quoted_name = ".".join(quoted(connection, part) for part in (schema, table) if part)
    query = f"SELECT count(*) FROM (SELECT 1 FROM {quoted_name} LIMIT {MOST_COUNTED + 1}) AS counted"  # noqa: S608 (quoted)
    try:
        return int(connection.exec_driver_sql(query).scalar_one())
    except SQLAlchemyError:
        return None
