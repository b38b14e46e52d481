"""Trials of plans on copies: what ran, what failed, and that the real database stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.leftovers import Leftover
from migmerge.core.database.schema_catalog import Catalog, CatalogKey
from migmerge.core.database.sync_steps import Discard
from migmerge.core.database.trial import ScriptStep, Trial, TrialRequest
from migmerge.core.errors import MigmergeError
from migmerge.core.operations.operation import ObjectKind
from migmerge.database.full_catalog.read import read_catalog
from migmerge.database.rehearsal.replay import ReplayPlace
from migmerge.database.rehearsal.trial import try_plan
from tests.support.databases import DIALECTS, database
from tests.support.project import script_text


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    with database(request.param, tmp_path) as name:
        with connected(sa.make_url(name)) as connection:
            for statement in (
                "CREATE TABLE a (id INTEGER PRIMARY KEY)",
                "INSERT INTO a (id) VALUES (7)",
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
                "INSERT INTO alembic_version VALUES ('gone')",
            ):
                connection.exec_driver_sql(statement)
            connection.commit()
        yield sa.make_url(name)


@contextmanager
def connected(url: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def catalog(url: sa.URL) -> Catalog:
    with connected(url) as connection:
        return read_catalog(connection, "none")


def tried(url: sa.URL, folder: Path, *steps: ScriptStep | Discard) -> Trial:
    before = catalog(url)
    trial = try_plan(ReplayPlace(url, (), folder), TrialRequest("", steps))
    assert catalog(url) == before
    with connected(url) as connection:
        assert connection.exec_driver_sql("SELECT id FROM a").scalars().all() == [7]
    return trial


def step(folder: Path, name: str, direction: str, upgrade: str = "pass", downgrade: str = "pass") -> ScriptStep:
    path = folder / f"{name}.py"
    path.write_text(script_text(name, "unknown", upgrade=upgrade, downgrade=downgrade), encoding="utf-8")
    return ScriptStep(name, direction, str(path))


def items(trial: Trial) -> list[tuple[str, list[CatalogKey]]]:
    return [(each.revision, [key for key, _ in each.changes if key.kind == "table" and not key.aspect]) for each in trial.ran]


def test_steps_run_one_after_the_other_whatever_is_recorded(url: sa.URL, tmp_path: Path) -> None:
    down = step(tmp_path, "p", "downgrade", downgrade="op.drop_table('a')")
    up = step(tmp_path, "n", "upgrade", upgrade="op.create_table('b', sa.Column('id', sa.Integer, primary_key=True))")
    trial = tried(url, tmp_path, down, up)
    assert trial.failure is None
    assert items(trial) == [("p", [CatalogKey("table", "a")]), ("n", [CatalogKey("table", "b")])]
    assert CatalogKey("table", "b") in trial.end and CatalogKey("table", "a") not in trial.end


def test_what_the_schema_does_not_allow_is_told_from_what_rows_decide(url: sa.URL, tmp_path: Path) -> None:
    schema = tried(url, tmp_path, step(tmp_path, "p", "upgrade", upgrade="op.drop_table('nowhere')")).failure
    rows = tried(
        url,
        tmp_path,
        step(tmp_path, "q", "upgrade", upgrade="[one] = op.get_bind().execute(sa.text('SELECT id FROM a')).all()"),
    ).failure
    assert schema and rows
    assert (schema.revision, schema.is_of_schema, rows.revision, rows.is_of_schema) == ("p", True, "q", False)
    assert "nowhere" in schema.reason and rows.reason.startswith("ValueError: ")


def test_a_value_that_the_table_refuses_is_a_matter_of_rows(url: sa.URL, tmp_path: Path) -> None:
    twice = "[op.execute('INSERT INTO a (id) VALUES (1)') for number in range(2)]"
    failure = tried(url, tmp_path, step(tmp_path, "p", "upgrade", upgrade=twice)).failure
    assert failure and failure.statement and "INSERT INTO a" in failure.statement and not failure.is_of_schema


def test_nothing_runs_after_a_failure(url: sa.URL, tmp_path: Path) -> None:
    fails = step(tmp_path, "p", "downgrade", downgrade="op.drop_table('nowhere')")
    trial = tried(url, tmp_path, fails, step(tmp_path, "n", "upgrade", upgrade="op.drop_table('a')"))
    assert [each.revision for each in trial.ran] == ["p"] and trial.failure and trial.failure.is_of_schema


def test_a_leftover_is_dropped_from_the_copy(url: sa.URL, tmp_path: Path) -> None:
    trial = tried(url, tmp_path, Discard("", Leftover(ObjectKind.TABLE, "a")))
    assert items(trial) == [("", [CatalogKey("table", "a")])]


@pytest.mark.parametrize("connects", ["engine.connect()", "orm.Session(engine)"])
def test_a_script_that_connects_to_the_real_database_by_itself_leaves_it_as_it_is(
    url: sa.URL, tmp_path: Path, connects: str
) -> None:
    """The project's application has a pooled connection already, and its models write through that."""
    engine = _ENGINES["shop"] = sa.create_engine(url)
    with engine.connect():
        pass
    imports = f"from sqlalchemy import orm; from {__name__} import _ENGINES; engine = _ENGINES['shop']"
    writes = f"with {connects} as own: own.execute(sa.text('INSERT INTO a (id) VALUES (8)')); own.commit()"
    try:
        trial = tried(url, tmp_path, step(tmp_path, "seed", "upgrade", f"{imports}\n    {writes}"))
    finally:
        engine.dispose()
    assert trial.failure
    assert trial.failure.revision == "seed"
    assert "by itself" in trial.failure.reason
    assert not trial.failure.is_of_schema


def test_a_script_may_connect_again_to_the_copy_and_to_memory(url: sa.URL, tmp_path: Path) -> None:
    engines = "(op.get_bind().engine.url, 'sqlite://')"
    again = f"for each in {engines}: sa.create_engine(each, poolclass=sa.NullPool).connect().close()"
    assert tried(url, tmp_path, step(tmp_path, "again", "upgrade", again)).failure is None


def test_a_statement_that_reaches_beyond_the_copy_is_not_run(url: sa.URL, tmp_path: Path) -> None:
    """A role of the server, or a table that is named with its database, would be made for good."""
    role = f"role_of_{url.database}"
    statement = {
        "sqlite": f"ATTACH DATABASE '{tmp_path}/other.db' AS other",
        "postgresql": f"CREATE ROLE {role}",
    }.get(url.get_backend_name(), f"INSERT INTO {url.database}.a (id) VALUES (8)")
    trial = tried(url, tmp_path, step(tmp_path, "wide", "upgrade", f'op.execute("{statement}")'))
    assert trial.failure
    assert "more than its database" in trial.failure.reason
    assert not trial.failure.is_of_schema
    assert not (tmp_path / "other.db").exists()
    if url.get_backend_name() == "postgresql":
        with connected(url) as connection:
            assert not connection.exec_driver_sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'").all()


_ENGINES: dict[str, sa.Engine] = {}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_copy_without_an_extension_tells_nothing(url: sa.URL, tmp_path: Path) -> None:
    with pytest.raises(MigmergeError, match="its copy lacks the extension postgis"):
        try_plan(ReplayPlace(url, (), tmp_path), TrialRequest("", (), extensions=("plpgsql", "postgis")))
