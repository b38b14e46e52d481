"""Counts of rows that neither wait for a lock nor go on for ever."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from migmerge.database.row_counts import count_table_rows
from tests.support.databases import DIALECTS, database


def counts(url: str, seconds: float) -> dict[str, Any]:
    project: Any = SimpleNamespace(urls={"": sa.make_url(url)}, tenants={})
    return dict(count_table_rows(project, {"": ("a", "locked")}, seconds)[""])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_cannot_be_counted_in_time_is_none(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            for statement in ("CREATE TABLE a (id INTEGER)", "INSERT INTO a VALUES (1)", "CREATE TABLE locked (id INTEGER)"):
                connection.exec_driver_sql(statement)
            connection.commit()
            assert counts(url, 20) == {"a": 1, "locked": 0}
            assert counts(url, -1) == {"a": None, "locked": None}
            if dialect != "sqlite":
                connection.exec_driver_sql("LOCK TABLE locked" if dialect == "postgresql" else "LOCK TABLES locked WRITE")
                assert counts(url, 20) == {"a": 1, "locked": None}
