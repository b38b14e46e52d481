"""Copies of schemas: the catalogue of the copy is that of the real database, whatever its history has made."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.schema_catalog import Catalog
from migmerge.database.full_catalog.read import read_catalog
from migmerge.database.rehearsal.schema_copy import schema_copy
from tests.support.databases import DIALECTS, database
from tests.support.full_histories import full_history, run_steps


def catalog_of(url: sa.URL) -> Catalog:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return read_catalog(connection, "alembic_version")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_copy_has_the_whole_catalogue(dialect: str, seed: int, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as name:
        url = sa.make_url(name)
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            run_steps(connection, full_history(dialect, seed=seed, length=40))
        with schema_copy(url, tmp_path) as copy:
            assert catalog_of(copy) == catalog_of(url)
            assert copy != url


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_copy_has_no_rows(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as name:
        url = sa.make_url(name)
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE a (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql("INSERT INTO a VALUES (7)")
        with schema_copy(url, tmp_path) as copy, sa.create_engine(copy, poolclass=sa.NullPool).connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM a").scalar() == 0
