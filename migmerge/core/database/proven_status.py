"""The status of a database as a proof has it, in place of what the texts of the scripts say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ..graph import RevisionGraph
from .proof import Proof
from .status import DatabaseStatus


def with_proof(status: DatabaseStatus, proof: Proof, ran: Sequence[str], graph: RevisionGraph) -> DatabaseStatus:
    """Return the status with the skipped revisions of a proof; `ran` are the recorded ones in their order.

    Where a part of the replay failed, the texts of the scripts say what the proof does not.
    """
    judged = {each.revision for each in proof.skipped}.union(proof.proven, proof.altered or ())
    by_text = [each for each in status.skipped if each.revision not in judged] if proof.in_doubt else []
    skipped = tuple(each for each in (*proof.skipped, *by_text) if each.revision not in status.kept)
    known = {each.revision for each in (*skipped, *status.unrecorded_effects)}
    beside = {*beside_skipped({each.revision for each in skipped}, proof, ran), *status.rewritten}
    unproven = tuple(name for name in ran if name in beside and name in graph and name not in known)
    takers = status.remainders.keys() - {each.revision for each in status.skipped}
    remainders = {name: left for name, left in status.remainders.items() if name in known or name in takers}
    return replace(status, skipped=skipped, unproven=unproven, remainders=remainders)


def without_vouched(status: DatabaseStatus, vouched: Collection[str]) -> DatabaseStatus:
    """Return the status where the user vouches for some of the unproven revisions."""
    return replace(status, unproven=tuple(name for name in status.unproven if name not in vouched))


def beside_skipped(skipped: Collection[str], proof: Proof, ran: Sequence[str]) -> Iterator[str]:
    """Yield the unproven revisions that may have been skipped with others: those beyond the last proven one before these."""
    first = next((number for number, name in enumerate(ran) if name in skipped), len(ran))
    while first and ran[first - 1] not in proof.proven:
        first -= 1
    yield from (name for name in ran[first:] if name in proof.unproven and skipped)
