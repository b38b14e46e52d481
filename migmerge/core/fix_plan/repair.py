"""Cures of errors for which Alembic loads no script: every script that gets other identifiers, with its new bytes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from ..evidence import Evidence
from ..immovable import Immovable
from ..revision import NEW, Revision
from ..script.usable import MOST_CHARACTERS, illegal_in, usable_id
from ..snapshot import Snapshot
from ..text import enumerate_names
from .correction import VOUCH, Correction, Purpose, planned
from .duplicate import cures_of_duplicate
from .duplicate_removal import removal
from .missing_parent_cure import cures_of_missing
from .plan import Plan, Policy, Refusal, Repair
from .taken_label import corrected, taken_labels


def repairs(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[Repair]:
    """Yield the cure of each error that has one, of several in one script the first.

    `assumed` says that the user vouches for what cannot be known.
    """
    changed = set[str]()
    found = (
        *cures_of_missing(snapshot, evidence, policy, assumed=assumed),
        *_duplicates(snapshot, evidence, policy, assumed=assumed),
        *_unusable(snapshot, evidence, policy, assumed=assumed),
        *_taken(snapshot, evidence, policy, assumed=assumed),
        *_redundant(snapshot, evidence, policy, assumed=assumed),
        *_doubled(snapshot, evidence, policy, assumed=assumed),
    )
    for paths, repair in found:
        if changed.isdisjoint(paths):
            changed.update(paths)
            yield repair


def _doubled(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[RepairOfPaths]:
    """Yield the cures of closed collisions, one plan at most: another could take from a side what the first leaves to it."""
    if not evidence.closed:
        return
    # `ast` takes 25 ms to import, which only a closed collision pays.
    from .collision_cure import CureBasis, cure, joined_sides

    basis, planned = CureBasis(snapshot, evidence, policy, assumed), False
    for sides in joined_sides(snapshot, evidence):
        repair = cure(sides, basis)
        plan = repair.if_vouched or repair.plan
        if isinstance(plan, Refusal) or not planned:
            yield plan.paths if isinstance(plan, Plan) else (), repair
        planned = planned or isinstance(plan, Plan)


RepairOfPaths = tuple[Sequence[str], Repair]
"""The paths that a repair changes, and the repair."""


def _duplicates(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[RepairOfPaths]:
    """Yield a new id for each script of the user's own that shares one; what is a copy is removed."""
    graph = snapshot.graph
    for cure in (each for scripts in graph.duplicates for each in cures_of_duplicate(graph, scripts, evidence)):
        if cure.new is None:
            yield (cure.other.path,), Repair(removal(cure, evidence, policy))
            continue
        name, path = cure.other.revision, cure.other.path
        purpose = Purpose(
            f"{path} becomes {cure.new}: {name} is the id of {cure.kept.path}, too",
            f"Give {path} the id {cure.new}",
            (f"a database that records {name} does not say which of the two it has run",),
        )
        corrections = renamed(cure.other, cure.new, cure.followers)
        plan = planned(corrections, purpose, evidence, policy)
        doubt = _which_ran(name, evidence.immovable)
        paths = [each.revision.path for each in corrections]
        yield paths, Repair(plan) if assumed or not doubt or isinstance(plan, Refusal) else Repair(Refusal(doubt, VOUCH), plan)


def _which_ran(name: str, immovable: Immovable) -> str:
    """Say why a database may take one script for the other; empty where no database has run either."""
    if immovable.applied is None:
        return f"it is not known whether a database has run {name}"
    return f"a database has run {name}, and its record does not say which of the two" if name in immovable.applied else ""


def _unusable(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[RepairOfPaths]:
    """Yield a new id for each script whose id Alembic refuses, or the version table."""
    graph, taken = snapshot.graph, {*snapshot.graph.revisions, *snapshot.graph.labels}
    for name, revision in graph.revisions.items():
        illegal = illegal_in(name)
        if not illegal and len(name) <= MOST_CHARACTERS:
            continue
        new = usable_id(name, taken)
        taken.add(new)
        purpose = Purpose(
            f"{name} becomes {new}: {illegal or f'{len(name)} characters are more than a version table takes'}",
            f"Give {name} the id {new}",
            (f"{name} is {new} now: what builds on it, on another branch too, has to name it so",),
        )
        corrections = renamed(revision, new, graph.revisions.values())
        plan = planned(corrections, purpose, evidence, policy)
        paths = [each.revision.path for each in corrections]
        names = [each.revision.revision for each in corrections if each.revision.uncommitted != NEW]
        refusal = _why_it_keeps_its_id(revision, names, evidence.immovable, ran=not illegal)
        if isinstance(plan, Refusal) or refusal is None or (assumed and refusal.hint == VOUCH):
            yield paths, Repair(plan)
        else:
            yield paths, Repair(refusal, plan if refusal.hint == VOUCH else None)


def renamed(revision: Revision, new: str, followers: Iterable[Revision]) -> tuple[Correction, ...]:
    """Give a script a new id, which those of `followers` name that named the old one; no file gets another name."""
    old = revision.revision

    def names(references: Sequence[str]) -> tuple[str, ...]:
        return tuple(new if each == old else each for each in references)

    wanted = revision.identifiers._replace(revision=new)
    naming = [each for each in followers if old in (*each.down_revisions, *each.depends_on)]
    return (
        Correction(revision, wanted, revision.path),
        *(
            Correction(
                each,
                each.identifiers._replace(down_revisions=names(each.down_revisions), depends_on=names(each.depends_on)),
                each.path,
            )
            for each in naming
        ),
    )


def _why_it_keeps_its_id(revision: Revision, names: Iterable[str], immovable: Immovable, *, ran: bool) -> Refusal | None:
    """Say why a script cannot get another id; `ran` says that a database may have run it under this one."""
    look = shlex.join(["git", "log", "-p", "--", revision.path])
    for name in names:
        if immovable.published is None:
            return Refusal(f"git could not tell whether {name} is published", look)
        if branch := immovable.published.get(name):
            return Refusal(f"{name} is on {branch}: others have it, and build on {revision.revision}", VOUCH)
        if name in immovable.others:
            return Refusal(f"{name} is somebody else's", look)
    if not ran:
        return None
    if immovable.applied is None:
        return Refusal(f"it is not known whether a database has run {revision.revision}; its record would be lost", VOUCH)
    applied = revision.revision in immovable.applied
    return Refusal(f"a database has run {revision.revision} and records it under this id", look) if applied else None


def _taken(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[RepairOfPaths]:
    """Yield the scripts without the labels that Alembic finds elsewhere; no database runs anything else for that."""
    for taken in taken_labels(snapshot.graph):
        for revision, wanted in corrected(taken, evidence.immovable):
            name, label = revision.revision, taken.label
            purpose = Purpose(
                f"{name} loses the branch label {label}, which {'is an id' if taken.is_id else 'another script has'}",
                f"Remove the branch label {label} from {name}",
            )
            plan = planned((Correction(revision, wanted, revision.path),), purpose, evidence, policy)
            yield (revision.path,), _unless_published(revision, plan, evidence, assumed=assumed)


def _redundant(snapshot: Snapshot, evidence: Evidence, policy: Policy, *, assumed: bool) -> Iterator[RepairOfPaths]:
    """Yield the scripts without the needs that another need implies; no database runs anything else for that."""
    graph = snapshot.graph
    for name, redundant in graph.redundant.items():
        revision = graph[name]
        wanted = revision.identifiers._replace(
            down_revisions=tuple(each for each in revision.down_revisions if each not in redundant),
            depends_on=tuple(each for each in revision.depends_on if graph.resolve(each) not in redundant),
        )
        listed = enumerate_names(redundant)
        purpose = Purpose(
            f"{name} no longer names {listed}, which another parent implies", f"Remove {listed} from the parents of {name}"
        )
        plan = planned((Correction(revision, wanted, revision.path),), purpose, evidence, policy)
        yield (revision.path,), _unless_published(revision, plan, evidence, assumed=assumed)


def _unless_published(revision: Revision, plan: Plan | Refusal, evidence: Evidence, *, assumed: bool) -> Repair:
    name, published = revision.revision, evidence.immovable.published
    if revision.uncommitted == NEW or assumed or isinstance(plan, Refusal):
        return Repair(plan)
    if published is None:
        return Repair(Refusal(f"git could not tell whether {name} is published", VOUCH), plan)
    branch = published.get(name)
    return Repair(Refusal(f"{name} is on {branch}: others have it as it is", VOUCH), plan) if branch else Repair(plan)
