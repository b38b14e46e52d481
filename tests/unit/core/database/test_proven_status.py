"""What a proof makes of the status that rests on the texts of the scripts."""

from __future__ import annotations

from dataclasses import replace

from migmerge.core.database.effects import Effect, PartialEffects
from migmerge.core.database.proof import Proof
from migmerge.core.database.proven_status import beside_skipped, with_proof, without_vouched
from migmerge.core.database.status import DatabaseStatus
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.operation import ObjectKind
from tests.support.histories import database, revision

GRAPH = RevisionGraph([revision("a"), revision("b", "a"), revision("c", "b"), revision("d", "c")])
RAN = ("a", "b", "c", "d")


def lacking(name: str) -> PartialEffects:
    return PartialEffects(name, (Effect(name, ObjectKind.TABLE, name, None),), ())


def test_what_may_have_been_skipped_begins_after_the_last_proven_revision_before_the_first_skipped_one() -> None:
    assert tuple(beside_skipped({"c"}, Proof(("a",), unproven=("b", "d")), RAN)) == ("b", "d")
    assert tuple(beside_skipped({"c"}, Proof(("b",), unproven=("a", "d")), RAN)) == ("d",)
    assert tuple(beside_skipped((), Proof(("a",), unproven=("b",)), RAN)) == ()


def test_a_proof_stands_in_place_of_what_the_texts_say() -> None:
    status = DatabaseStatus(database(["d"]), frozenset(RAN), skipped=(lacking("a"),), unproven=("a",))
    found = with_proof(status, Proof(("a",), (lacking("c"),), unproven=("b", "d")), RAN, GRAPH)
    assert ([each.revision for each in found.skipped], found.unproven) == (["c"], ("b", "d"))
    assert without_vouched(found, {"b"}).unproven == ("d",)


def test_a_proof_tells_nothing_of_the_rows_that_an_edit_writes() -> None:
    status = DatabaseStatus(database(["d"]), frozenset(RAN), unproven=("b",), rewritten=("b",))
    proof = Proof(RAN).doubting_rows_of(status.rewritten)
    assert (proof.proven, proof.unproven, proof.of_rows) == (("a", "c", "d"), ("b",), ("b",))
    assert with_proof(status, proof, RAN, GRAPH).unproven == ("b",)


def test_a_kept_revision_is_not_called_skipped() -> None:
    status = replace(DatabaseStatus(database(["d"]), frozenset(RAN)), kept=frozenset(["c"]))
    assert with_proof(status, Proof(("a",), (lacking("c"),)), RAN, GRAPH).skipped == ()
