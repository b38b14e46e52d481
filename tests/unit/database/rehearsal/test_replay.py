"""Replays of histories with every kind of operation, and the proof that rests on them, on all three databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.proof import Proof, prove
from migmerge.core.database.replay import Replay, ReplayRequest
from migmerge.core.database.schema_catalog import Catalog
from migmerge.database.full_catalog.read import read_catalog
from migmerge.database.rehearsal.replay import ReplayPlace, replay
from tests.support.databases import DIALECTS, database
from tests.support.full_histories import HistoryStep, full_history, run_steps
from tests.support.project import script_text

SKIPPED = {"sqlite": 2, "postgresql": 8, "mariadb": 10}
"""Each how-manieth revision is skipped in turn: a server takes seconds for a database."""


def replayed(dialect: str, steps: Sequence[HistoryStep], folder: Path) -> Replay:
    scripts = folder / "scripts"
    scripts.mkdir(exist_ok=True)
    for step in steps:
        (scripts / f"{step.revision}.py").write_text(step.text, encoding="utf-8")
    with database(dialect, folder) as url:
        return replay(ReplayPlace(sa.make_url(url), [scripts], folder), ReplayRequest(tuple(step.revision for step in steps)))


@contextmanager
def connected(dialect: str, folder: Path, name: str) -> Iterator[sa.Connection]:
    folder = folder / name
    folder.mkdir()
    with database(dialect, folder) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection


def catalog_of(connection: sa.Connection) -> Catalog:
    found = read_catalog(connection, "alembic_version")
    connection.rollback()
    return found


def proof_at(whole: Replay, number: int, actual: Catalog) -> Proof:
    """Return the proof for a database that records the revision of this number, counted from one."""
    return prove(replace(whole, revisions=whole.revisions[:number]), actual, lambda one, other: False)


def blamed(proof: Proof) -> set[str]:
    return {each.revision for each in proof.skipped} | set(proof.altered or {})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_at_every_revision_nothing_is_wrong(dialect: str, tmp_path: Path) -> None:
    steps = full_history(dialect, seed=1, length=40)
    whole = replayed(dialect, steps, tmp_path)
    assert whole.failures == ()
    with connected(dialect, tmp_path, "real") as connection:
        for number, step in enumerate(steps, start=1):
            assert run_steps(connection, [step]), step
            proof = proof_at(whole, number, catalog_of(connection))
            assert (blamed(proof), proof.foreign) == (set(), ()), step


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_skipped_revision_is_found_where_it_leaves_a_trace_and_said_where_it_leaves_none(dialect: str, tmp_path: Path) -> None:
    steps = full_history(dialect, seed=2, length=40)
    whole = replayed(dialect, steps, tmp_path)
    traced, silent = [], []
    for number, step in list(enumerate(steps))[:: SKIPPED[dialect]]:
        with connected(dialect, tmp_path, step.revision) as connection:
            last = len(run_steps(connection, steps[:number])) + 1 + len(run_steps(connection, steps[number + 1 :]))
            actual = catalog_of(connection)
        proof = proof_at(whole, last, actual)
        found = step.revision in blamed(proof)
        if actual != replace(whole, revisions=whole.revisions[:last]).history.catalog:
            traced.append((step, found))
        elif step.kind != "nothing" and step.revision not in proof.unproven:
            silent.append(step)
    assert silent == []
    assert [step for step, found in traced if not found] == []


def scripts_in(folder: Path, bodies: Iterable[str]) -> ReplayRequest:
    """Write a line of scripts and return the request to replay them."""
    names = list[str]()
    for number, body in enumerate(bodies):
        names.append(f"r{number}")
        text = script_text(names[-1], names[-2] if number else None, upgrade=body)
        (folder / f"r{number}.py").write_text(text, encoding="utf-8")
    return ReplayRequest(tuple(names))


TABLE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_script_that_fails_is_left_out_with_its_statement(dialect: str, tmp_path: Path) -> None:
    request = scripts_in(tmp_path, [TABLE, "op.execute('update missing set a = 1')", TABLE.replace("'t'", "'u'")])
    with database(dialect, tmp_path) as url:
        whole = replay(ReplayPlace(sa.make_url(url), [tmp_path], tmp_path), request)
    assert [(each.revision, each.statement) for each in whole.failures] == [("r1", "update missing set a = 1")]
    assert {key.owner for key in whole.history.catalog} == {"t", "u"}


def test_what_reads_or_writes_rows_is_told_from_what_does_nothing(tmp_path: Path) -> None:
    bodies = [TABLE, "op.execute('delete from t')", "op.get_bind().execute(sa.text('select id from t')).all()", "pass"]
    whole = replay(ReplayPlace(sa.make_url("sqlite://"), [tmp_path], tmp_path), scripts_in(tmp_path, bodies))
    assert [(each.has_statements, each.has_rows) for each in whole.revisions] == [
        (True, False),
        (True, True),
        (True, True),
        (False, False),
    ]


def test_schemas_that_env_py_makes_are_made_first_and_the_search_path_is_the_projects(tmp_path: Path) -> None:
    bodies = ["op.create_table('t', sa.Column('id', sa.Integer), schema='app')", "op.execute('create schema own')", TABLE]
    request = replace(scripts_in(tmp_path, bodies), schemas=("app", "own", "mine"), search_path="mine")
    with database("postgresql", tmp_path) as url:
        whole = replay(ReplayPlace(sa.make_url(url), [tmp_path], tmp_path), request)
    assert whole.failures == ()
    assert {key.owner for key in whole.history.catalog if key.kind == "table"} == {"app.t", "t"}


def test_a_script_for_several_databases_gets_the_name_of_its_own(tmp_path: Path) -> None:
    text = script_text("r0", None, upgrade="op.execute(f'create table {engine_name} (id integer)')")
    (tmp_path / "r0.py").write_text(text.replace("def upgrade():", "def upgrade(engine_name):"), encoding="utf-8")
    whole = replay(ReplayPlace(sa.make_url("sqlite://"), [tmp_path], tmp_path), ReplayRequest(("r0",), "archive"))
    assert "archive" in {key.owner for key in whole.history.catalog}


SIDES = (
    "op.create_table('t', *(sa.Column(name, sa.Integer) for name in 'abc'), sa.Column('id', sa.Integer, primary_key=True))",
    "op.execute('alter table t add check (a > 0)'); op.execute('alter table t add unique (a)'); op.add_column('t', sa.Column('x', sa.Text))",
    "op.execute('alter table t add check (b > 0)'); op.execute('alter table t add unique (a, b)'); op.add_column('t', sa.Column('y', sa.Text))",
)


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
def test_the_order_of_two_sides_and_the_names_that_the_server_gives_are_no_difference(dialect: str, tmp_path: Path) -> None:
    steps = [HistoryStep(f"r{number}", None, "", body) for number, body in enumerate(SIDES)]
    line = [
        replace(step, parent=before.revision if before else None) for step, before in zip(steps, [None, *steps], strict=False)
    ]
    whole = replayed(dialect, line, tmp_path)
    with connected(dialect, tmp_path, "real") as connection:
        assert len(run_steps(connection, [steps[0], steps[2], steps[1]])) == 3
        proof = proof_at(whole, 3, catalog_of(connection))
    assert (proof.proven, blamed(proof), proof.unproven) == (("r0", "r1", "r2"), set(), ())
