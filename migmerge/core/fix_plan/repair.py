"""Cures of errors for which Alembic loads no script: every script that gets other identifiers, with its new bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..errors import MigmergeError
from ..evidence import Evidence
from ..immovable import Immovable
from ..provenance import describe
from ..revision import Identifiers, Revision
from ..snapshot import Snapshot
from ..text import enumerate_names, printable
from .missing_parent import Cause, MissingParent, cured, missing_parents
from .plan import Commit, Plan, Policy, Refusal, Repair, RewriteScript, Step
from .reparent_plan import rewrite_script

VOUCH = "migmerge fix --assume-unapplied"


class Correction(NamedTuple):
    """Give one script other identifiers, and another path where that differs."""

    revision: Revision
    wanted: Identifiers
    new_path: str


class Purpose(NamedTuple):
    """Hold why scripts are corrected, the first line of the commit's message, and what is said besides."""

    reason: str
    summary: str
    notes: tuple[str, ...] = ()


def repairs(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[Repair]:
    """Yield the cure of each error that has one, of several in one script the first.

    `assumed` says that the user vouches for what cannot be known.
    """
    changed = set[str]()
    for found in missing_parents(snapshot, evidence):
        if found.stand_ins is not None and found.revision.path not in changed:
            changed.add(found.revision.path)
            yield _re_parented(found, evidence, policy, assumed=assumed)


def _re_parented(found: MissingParent, evidence: Evidence, policy: Policy, *, assumed: bool) -> Repair:
    wanted = cured(found.revision, found).identifiers
    name, stand_ins = found.revision.revision, enumerate_names(found.stand_ins or ()) or "nothing"
    purpose = Purpose(
        f"{name} names {stand_ins} instead of {found.missing}, {_WHY[found.cause]}",
        f"Re-parent {name} onto {stand_ins}",
        tuple(_notes(found, evidence)),
    )
    plan = planned((Correction(found.revision, wanted, found.revision.path),), purpose, evidence, policy)
    if isinstance(plan, Refusal) or assumed or found.never_ran:
        return Repair(plan)
    refusal = _why_not(found, evidence.immovable)
    return Repair(refusal, plan) if refusal else Repair(plan)


_WHY = {
    Cause.FILE_NAME: "which is the name of a file",
    Cause.LABEL: "which is a branch label",
    Cause.PREFIX: "which is not the whole id",
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


def _why_not(found: MissingParent, immovable: Immovable) -> Refusal | None:
    """Say why a revision must stay as it is: others have it, or a database could skip what would come before it."""
    name = found.revision.revision
    if not found.revision.uncommitted:
        if immovable.published is None:
            return Refusal(f"git could not tell whether {name} is published", VOUCH)
        if branch := immovable.published.get(name):
            return Refusal(f"{name} is on {branch}: others have it as it is, and their databases may have run it", VOUCH)
    skipped = enumerate_names(found.skipped, most=4)
    if not skipped:
        return None
    if immovable.applied is None:
        reason = f"it is not known whether a database has run {name}; one that has would skip {skipped} without a word"
        return Refusal(reason, VOUCH)
    if name in immovable.applied and not immovable.applied.issuperset(found.skipped):
        return Refusal(
            f"a database has run {name}, and would skip {skipped}; migmerge sync runs it alone", f"{VOUCH} && migmerge sync"
        )
    return None


def planned(corrections: Sequence[Correction], purpose: Purpose, evidence: Evidence, policy: Policy) -> Plan | Refusal:
    """Plan to rewrite scripts and to commit them, in place where one of them is not committed as it is."""
    in_place = any(each.revision.uncommitted for each in corrections)
    try:
        rewrites = tuple(_rewritten(each, evidence, in_place=in_place) for each in corrections)
    except MigmergeError as error:
        (first, *_) = corrections
        return Refusal(str(error), f"git log -p -- {first.revision.path}")
    names = tuple(dict.fromkeys(each.wanted.revision for each in corrections))
    described = (printable(describe(each.revision, evidence.provenance)) for each in corrections)
    facts = {
        "revision": names[0],
        "parents": enumerate_names(corrections[0].wanted.down_revisions),
        "message": corrections[0].revision.message,
    }
    configured = policy.message(facts)
    message = "\n".join([purpose.summary, "", *described]) if configured is None else configured
    steps: tuple[Step, ...] = (*rewrites, Commit(message)) if policy.commit and not in_place else rewrites
    return Plan(steps, purpose.reason, names, purpose.notes)


def _rewritten(correction: Correction, evidence: Evidence, *, in_place: bool) -> RewriteScript:
    revision, wanted, path = correction
    step = rewrite_script(revision, wanted, path, evidence.files.get(revision.path))
    return RewriteScript(step.path, step.new_path, step.expected, step.data, in_place)
