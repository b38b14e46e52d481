"""The number of rows in the tables of a project's databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from ..core.database.database import MOST_COUNTED
from .connection import connected, quoted
from .project import Project
from .tenant import qualified

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


_SETTINGS = {"postgresql": ("SET lock_timeout = '1s'",)} | dict.fromkeys(
    ("mysql", "mariadb"), ("SET SESSION lock_wait_timeout = 1",)
)
"""A table that somebody has locked is not counted."""


def count_table_rows(
    project: Project, tables: Mapping[str, Sequence[str]], seconds: float
) -> dict[str, Mapping[str, int | None]]:
    """Return the number of rows of tables, by bind; None for those that are left when the time is over."""
    end = monotonic() + seconds
    return {bind: dict(_counted(project, bind, names, end)) for bind, names in tables.items() if names}


def _counted(project: Project, bind: str, names: Sequence[str], end: float) -> Iterator[tuple[str, int | None]]:
    full = {name: qualified(name, project.tenants.get(bind, "")) for name in names}
    counts = _count_rows(project.urls[bind], full.values(), end)
    yield from ((name, counts[full[name]]) for name in names)


def _count_rows(url: URL, tables: Iterable[str], end: float) -> Mapping[str, int | None]:
    """Return the number of rows of tables, `MOST_COUNTED` + 1 where there are more, None where this user may not read them."""
    settings = _SETTINGS.get(url.get_backend_name(), ())
    with connected(url, f"the rows of {url.database} cannot be counted", settings=settings) as connection:
        return {name: _count(connection, name) if monotonic() < end else None for name in tables}


def _count(connection: Connection, name: str) -> int | None:
    from sqlalchemy.exc import SQLAlchemyError

    schema, _, table = name.rpartition(".") if connection.dialect.name == "postgresql" else ("", "", name)
    quoted_name = ".".join(quoted(connection, part) for part in (schema, table) if part)
    query = f"SELECT count(*) FROM (SELECT 1 FROM {quoted_name} LIMIT {MOST_COUNTED + 1}) AS counted"  # noqa: S608 (quoted)
    try:
        return int(connection.exec_driver_sql(query).scalar_one())
    except SQLAlchemyError:
        return None
