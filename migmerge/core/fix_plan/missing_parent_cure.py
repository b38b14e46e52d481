"""The cure of the missing parents of a script: all of them at once, where no database has run the script after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from ..evidence import Evidence
from ..revision import NEW
from ..snapshot import Snapshot
from ..text import enumerate_names
from .correction import VOUCH, Correction, Purpose, planned
from .missing_parent import Cause, MissingParent, bring, cured, missing_parents
from .plan import Policy, Refusal, Repair


def cures_of_missing(
    snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool
) -> Iterator[tuple[Sequence[str], Repair]]:
    """Yield the path and the cure of each script of which every missing parent has one."""
    by_path: dict[str, list[MissingParent]] = {}
    for found in missing_parents(snapshot, evidence):
        by_path.setdefault(found.revision.path, []).append(found)
    folder = snapshot.environment.versions[0]
    for path, every in by_path.items():
        if all(found.stand_ins is not None for found in every):
            yield (path,), _cure(every, evidence, policy, folder=folder, assumed=assumed)


def _cure(every: Sequence[MissingParent], evidence: Evidence, policy: Policy, *, folder: str, assumed: bool) -> Repair:
    revision = every[0].revision
    wanted = reduce(cured, every, revision).identifiers
    name = revision.revision
    stand_ins = enumerate_names(dict.fromkeys(each for found in every for each in found.stand_ins or ())) or "nothing"
    purpose = Purpose(
        "; ".join(_reason(found) for found in every),
        f"Re-parent {name} onto {stand_ins}",
        tuple(dict.fromkeys(note for found in every for note in _notes(found, evidence))),
    )
    plan = planned((Correction(revision, wanted, revision.path),), purpose, evidence, policy)
    if isinstance(plan, Refusal) or all(found.never_ran for found in every):
        return Repair(plan)
    if ran := next((refusal for found in every if (refusal := _has_run(found, evidence, folder))), None):
        return Repair(ran)
    refusal = None if assumed else next(filter(None, (_why_not(found, evidence) for found in every)), None)
    return Repair(refusal, plan) if refusal else Repair(plan)


def _reason(found: MissingParent) -> str:
    stand_ins = enumerate_names(found.stand_ins or ()) or "nothing"
    return f"{found.revision.revision} names {stand_ins} instead of {found.missing}, {_WHY[found.cause]}"


_WHY = {
    Cause.FILE_NAME: "which is the name of a file",
    Cause.LABEL: "which is a branch label",
    Cause.PREFIX: "which is not the id",
    Cause.SUCCEEDED: "whose script is here under that id",
    Cause.LEFT_OUT: "which was left out here",
    Cause.DELETED: "which is no longer here",
}


def _notes(found: MissingParent, evidence: Evidence) -> Iterator[str]:
    name = found.revision.revision
    if found.cause is Cause.DELETED:
        yield f"a database that has run {found.missing} keeps what it made"
    if found.skipped:
        yield f"a database that has run {name} already would skip {enumerate_names(found.skipped, most=4)} without a word"
    if branch := (evidence.immovable.published or {}).get(name):
        yield f"{name} is on {branch} with another parent: a merge of the two branches stops at that line"


def _has_run(found: MissingParent, evidence: Evidence, folder: str) -> Refusal | None:
    """Say that a database has run a revision after a parent that leaves its history; the record would not say so any more."""
    name, applied = found.revision.revision, evidence.immovable.applied
    if found.cause not in _LOST or found.last_seen is None or applied is None or name not in applied:
        return None
    reason = f"a database has run {name} after {found.missing}; {name} keeps that parent as long as a database records it"
    return Refusal(reason, bring(found.last_seen, folder))


_LOST = (Cause.LEFT_OUT, Cause.DELETED)
"""Why a parent has nothing in its place that does the same."""


def _why_not(found: MissingParent, evidence: Evidence) -> Refusal | None:
    """Say why a revision must stay as it is: others have it, or a database has run it, or may have."""
    if found.never_ran:
        return None
    name, immovable = found.revision.revision, evidence.immovable
    if found.revision.uncommitted != NEW:
        if immovable.published is None:
            return Refusal(f"git could not tell whether {name} is published", VOUCH)
        if branch := immovable.published.get(name):
            return Refusal(f"{name} is on {branch}: others have it as it is, and their databases may have run it", VOUCH)
    skipped = enumerate_names(found.skipped, most=4)
    if immovable.applied is None:
        return _not_known(found, skipped)
    if skipped and name in immovable.applied and not immovable.applied.issuperset(found.skipped):
        return Refusal(
            f"a database has run {name} and would skip {skipped}, which migmerge sync then runs alone",
            f"{VOUCH} && migmerge sync",
        )
    return None


def _not_known(found: MissingParent, skipped: str) -> Refusal | None:
    name = found.revision.revision
    reason = f"it is not known whether a database has run {name}"
    if skipped:
        return Refusal(f"{reason}; one that has would skip {skipped} without a word", VOUCH)
    return Refusal(f"{reason} after {found.missing}", VOUCH) if found.cause in _LOST else None
