"""The cure of sides that cannot both run, joined or not: what both do is dropped from the scripts that nobody else has."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from ..errors import MigmergeError
from ..evidence import ClosedCollision, Evidence
from ..finding import edit
from ..graph import Divergence
from ..immovable import Immovable
from ..operations.closed import closed_between
from ..operations.interpreter.statements import read_operations
from ..revision import NEW
from ..shell import quoted_paths
from ..snapshot import Snapshot
from ..text import enumerate_names
from .diff import diff_of
from .doubled import Place, without_doubled
from .plan import Commit, Plan, Policy, Refusal, Repair, RewriteScript, Step
from .script_text import ScriptText

VOUCH = "migmerge fix --assume-unapplied"
SidePair = tuple[frozenset[str], frozenset[str]]


class DoubledSides(NamedTuple):
    """Hold two sides and what keeps both from running; the first revision of each collision is of the first side.

    `joined` says that a merge point joins them already.
    """

    collisions: tuple[ClosedCollision, ...]
    sides: SidePair
    joined: bool

    def changing(self, place: int) -> list[str]:
        """Return the revisions of one side that would change."""
        return list(dict.fromkeys(each.revisions[place] for each in self.collisions))


class CureBasis(NamedTuple):
    """Hold what decides which script may change; `assumed` says that the user vouches for what cannot be known."""

    snapshot: Snapshot
    evidence: Evidence
    policy: Policy
    assumed: bool


def joined_sides(snapshot: Snapshot, evidence: Evidence) -> Iterator[DoubledSides]:
    """Yield the sides of merge points that cannot both run."""
    by_sides: dict[SidePair, list[ClosedCollision]] = {}
    for closed in evidence.closed:
        for sides in snapshot.graph.sides_joined_by(closed.merge_point):
            if all(name in side for name, side in zip(closed.revisions, sides, strict=True)):
                by_sides.setdefault(sides, []).append(closed)
    for sides, found in by_sides.items():
        yield DoubledSides(tuple(found), sides, joined=True)


def open_sides(snapshot: Snapshot, divergence: Divergence, evidence: Evidence) -> Iterator[DoubledSides]:
    """Yield the sides of a divergence that cannot both run."""
    lineages = snapshot.graph.lineages_since(divergence).values()
    known = evidence.operations
    for one, other in combinations(lineages, 2):
        sides = one - other, other - one
        if all(name in known for side in sides for name in side) and (
            found := tuple(closed_between(snapshot.graph, "", sides, known))
        ):
            yield DoubledSides(found, sides, joined=False)


def cure(doubled: DoubledSides, basis: CureBasis) -> Repair:
    """Return the plan that makes both sides run, in the scripts of one of them that may change as those that may move."""
    immovable = basis.evidence.immovable
    vouched = immovable._replace(vouched=True, applied=immovable.applied or frozenset())
    refused: list[Refusal] = []
    for known in (vouched,) if basis.assumed else (immovable, vouched):
        for place in _places(doubled, basis.snapshot):
            if not all(_may_change(name, known) for name in doubled.changing(place)):
                continue
            plan = _plan(doubled, place, basis)
            if isinstance(plan, Plan):
                doubt = next(filter(None, map(immovable.reason, doubled.changing(place))), None)
                return Repair(plan) if basis.assumed or not doubt else Repair(Refusal(doubt, VOUCH), plan)
            refused.append(plan)
    return Repair(refused[0] if refused else _neither(doubled, basis))


def _places(doubled: DoubledSides, snapshot: Snapshot) -> list[int]:
    """Return the sides in the order in which they are changed: what no commit holds first, then the later side."""
    new = [all(snapshot.graph[name].uncommitted == NEW for name in doubled.changing(place)) for place in (0, 1)]
    return [0, 1] if new[0] and not new[1] else [1, 0]


def _may_change(name: str, immovable: Immovable) -> bool:
    return immovable.reason(name) is None and name not in immovable.others


def _neither(doubled: DoubledSides, basis: CureBasis) -> Refusal:
    immovable = basis.evidence.immovable._replace(vouched=True)
    names = dict.fromkeys(name for place in (0, 1) for name in doubled.changing(place))
    reasons = (immovable.reason(name) or (f"{name} is somebody else's" if name in immovable.others else None) for name in names)
    return _by_hand(doubled, basis.snapshot, f"neither script may change: {enumerate_names(filter(None, reasons))}")


def _by_hand(doubled: DoubledSides, snapshot: Snapshot, why: str) -> Refusal:
    """Refuse, with the hint to edit the later of the two scripts, and to commit it where it is committed."""
    first = doubled.collisions[0]
    mine, other = (snapshot.graph[name] for name in first.revisions[::-1])
    hint = edit(mine.path, first.lines[-1], f"drop what {other.path} does too")
    return Refusal(f"{first.what}; {why}", str(hint if mine.uncommitted else hint.committed()))


def _plan(doubled: DoubledSides, place: int, basis: CureBasis) -> Plan | Refusal:
    """Plan to drop what is doubled from one side, and to leave it to the other."""
    snapshot, files = basis.snapshot, basis.evidence.files
    paths = [snapshot.graph[name].path for side in doubled.sides for name in snapshot.graph.in_order(side)]
    if missing := [path for path in paths if path not in files]:
        return Refusal(f"{enumerate_names(missing)} is not in the work tree", shlex.join(["git", "status", "--", *missing]))
    try:
        written = _written(doubled, place, basis)
    except MigmergeError as error:
        return _by_hand(doubled, snapshot, str(error))
    return _planned(written, doubled, place, basis)


def _written(doubled: DoubledSides, place: int, basis: CureBasis) -> dict[str, bytes]:
    """Return the new bytes of the scripts of one side.

    Raises:
        MigmergeError: where both sides would not run with them, either first, and back.
    """
    graph, files, dialect = basis.snapshot.graph, basis.evidence.files, basis.evidence.dialect
    mine, other = (
        {name: ScriptText(graph[name].path, files[graph[name].path], dialect) for name in graph.in_order(doubled.sides[number])}
        for number in (place, 1 - place)
    )
    pairs = [tuple(map(Place, each.revisions, each.lines)) for each in doubled.collisions]
    written = without_doubled(mine, other, [(pair[place], pair[1 - place]) for pair in pairs])
    data = {name: text.data for texts in (mine, other) for name, text in texts.items()} | written
    for function in ("upgrade", "downgrade"):
        operations = {name: read_operations(each, function, dialect) for name, each in data.items()}
        if left := next(closed_between(graph, "", doubled.sides, operations), None):
            raise MigmergeError(f"with that dropped, {function}() still fails: {left.what}")
    return written


def _planned(written: Mapping[str, bytes], doubled: DoubledSides, place: int, basis: CureBasis) -> Plan | Refusal:
    snapshot, files = basis.snapshot, basis.evidence.files
    scripts = [snapshot.graph[name] for name in written]
    others = [snapshot.graph[name].path for name in doubled.changing(1 - place)]
    new = [each.path for each in scripts if each.uncommitted]
    if new and len(new) < len(scripts):
        return Refusal(f"{enumerate_names(new)} is not committed", f"git add {quoted_paths(new)} && git commit")
    rewrites = tuple(RewriteScript(each.path, each.path, files[each.path], written[each.revision], bool(new)) for each in scripts)
    paths = enumerate_names(each.path for each in scripts)
    steps: tuple[Step, ...] = rewrites
    if basis.policy.commit and not new:
        steps = (*rewrites, Commit(f"Drop from {paths} what {enumerate_names(others)} does too"))
    diff = tuple(line for step in rewrites for line in diff_of(step.path, step.new_path, step.expected, step.data))
    return Plan(steps, _reason(doubled, [*written], paths, enumerate_names(others), basis), tuple(written), diff=diff)


def _reason(doubled: DoubledSides, names: Sequence[str], paths: str, others: str, basis: CureBasis) -> str:
    what = enumerate_names(dict.fromkeys(each.what for each in doubled.collisions), most=3)
    pushed = dict.fromkeys(filter(None, map(basis.evidence.immovable.pushed.get, names)))
    whose = f"which only you wrote and pushed to {enumerate_names(pushed)}" if pushed else "which exists only here"
    then = "" if doubled.joined else "; a merge revision then joins the heads"
    return f"{what}: {paths}, {whose}, leaves it to {others}{then}"
