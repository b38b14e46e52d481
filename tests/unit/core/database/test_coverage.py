"""How far the texts of the scripts tell what ran, and the user's word."""

from __future__ import annotations

from migmerge.core.database.coverage import Coverage, deep_coverage, light_coverage, revisions_run
from migmerge.core.database.database import Schema, Table
from migmerge.core.database.proof import Proof
from migmerge.core.database.rehearsal import Failure
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import status_of
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from tests.support.histories import database, revision, script_set, tables_of
from tests.support.project import script_text

BODIES = {
    "made": "op.create_table('t', sa.Column('id', sa.Integer), sa.Column('name', sa.String(5)))",
    "rows": "op.execute('update t set id = 1')",
    "altered": "op.alter_column('t', 'name', nullable=False)",
    "nothing": "pass",
    "added": "op.add_column('t', sa.Column('email', sa.String))",
}


def scripts() -> ScriptSet:
    texts = {name: script_text(name, upgrade=body).encode() for name, body in BODIES.items()}
    operations = {name: read_operations(text) for name, text in texts.items()}
    return ScriptSet(RevisionGraph([revision(name) for name in BODIES]), texts, operations)


def test_what_leaves_a_name_or_does_nothing_is_verified() -> None:
    there = database(["added"], Schema({"t": Table(frozenset(["id", "name", "email"]))}))
    coverage = light_coverage(tuple(BODIES), scripts(), there)
    assert (coverage.verified, coverage.unproven) == (("made", "nothing", "added"), ("rows", "altered"))
    assert (coverage.total, coverage.is_deep, coverage.is_judged) == (5, False, True)


def test_what_is_missing_is_neither_verified_nor_unproven() -> None:
    there = database(["added"], Schema({"t": Table(frozenset(["id", "name"]))}))
    coverage = light_coverage(tuple(BODIES), scripts(), there)
    assert "added" not in (*coverage.verified, *coverage.unproven)


def test_the_users_word_counts_for_what_it_names() -> None:
    coverage = Coverage(("a",), ("b", "c"), 4, is_deep=True, of_rows=("b",), altered={"d": ("x",)})
    assert coverage.doubtful == ("b", "c", "d")
    vouched = coverage.vouched_for({"b", "d"})
    assert (vouched.unproven, vouched.of_rows, vouched.altered, vouched.assumed) == (("c",), (), {}, ("b", "d"))


def test_pending_revisions_have_not_run() -> None:
    line = [revision("a"), revision("b", "a"), revision("c", "b")]
    status = status_of(database(["b"], tables_of("ab")), script_set(line), {})
    assert revisions_run(status, RevisionGraph(line), {}) == ("a", "b")


FAILED = Failure("b", "SELECT 1", "no such table: t"), Failure("c", None, "boom"), Failure("d", None, "boom")


def test_a_replay_that_failed_says_where_and_why() -> None:
    assert Coverage((), (), 1, reason="no scratch database").reason_of_failure() == "no scratch database"
    failed = Coverage((), (), 1, is_deep=True, failures=FAILED, reason="unused")
    assert not failed.is_judged
    assert (
        failed.reason_of_failure(str.upper) == "B fails on an empty database: no such table: t in SELECT 1, and C and D after it"
    )
    alone = Coverage((), (), 1, is_deep=True, failures=FAILED[1:2])
    assert alone.reason_of_failure() == "c fails on an empty database: boom"
    assert alone.vouched_for({"c"}).reason_of_failure() == "" and alone.vouched_for({"c"}).is_judged


def test_what_a_proof_says_is_taken_over() -> None:
    proof = Proof(
        ("a",), unproven=("b", "c"), of_rows=("c",), altered={"d": ("x",)}, foreign=("t",), foreign_parts=("the column u.x",)
    )
    coverage = deep_coverage(("a", "b", "c", "d"), proof, ())
    assert (coverage.verified, coverage.unproven, coverage.total, coverage.is_deep) == (("a",), ("b", "c"), 4, True)
    assert coverage.unmade == ("t", "the column u.x")
    assert coverage.suspecting({"c", "d"}).suspected == ("c",)


def test_what_has_just_run_is_verified() -> None:
    coverage = Coverage(("a",), ("b", "c"), 3, of_rows=("b", "c"))
    assert coverage.after_running({"b", "z"}) == Coverage(("a", "b"), ("c",), 3, of_rows=("c",))
