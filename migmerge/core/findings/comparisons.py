"""Findings that compare.

MM007 compares one side of a divergence with another, MM016 the sides that a merge point joins, MM008 the scripts here with
those that are published, MM013 the scripts before a git event with those after it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from ..evidence import Evidence
from ..finding import FIX, Finding, Hint, Severity, edit
from ..graph import RevisionGraph
from ..provenance import Provenance, describe
from ..published import Alteration, PublishedChange
from ..revision import Revision
from ..shell import path_operand, ref_operand
from ..snapshot import MovedRevision, Snapshot
from ..text import enumerate_names
from .registry import CLOSED_COLLISION, COLLIDING_OPERATIONS, MOVED_UNDER_YOU, PUBLISHED_REVISION_CHANGED

TYPE_CHECKING = False  # only a divergence has operations to compare; they take 20 ms to import
if TYPE_CHECKING:
    from ..operations.conflicts import Collision
    from ..operations.operation import Operations, Unread


_MOST_SIDES = 40
"""Of a divergence that are compared, each with each other one."""


def colliding_operations(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM007 for each collision of two sides, and for each script that cannot be compared."""
    if not evidence.operations:
        return
    from ..operations.conflicts import collisions_between

    graph = snapshot.graph
    for divergence in graph.divergences:
        if len(divergence.heads) > _MOST_SIDES:
            yield _too_many_sides(divergence.heads, snapshot)
        lineages = [*graph.lineages_since(divergence).values()][:_MOST_SIDES]
        sides = [_side(lineage, graph, evidence) for lineage in lineages]
        found: dict[Collision, None] = {}
        for one, other in combinations(sides, 2):
            shared = {revision for revision, _ in one} & {revision for revision, _ in other}
            apart = ([each for each in side if each[0] not in shared] for side in (one, other))
            found |= dict.fromkeys(collisions_between(*apart))
        yield from (_collision(collision, snapshot, evidence) for collision in found)
        yield from _uncompared(sides, snapshot)


def _too_many_sides(heads: Sequence[str], snapshot: Snapshot) -> Finding:
    path = snapshot.graph[heads[_MOST_SIDES]].path
    return Finding(
        COLLIDING_OPERATIONS,
        snapshot.environment.name,
        f"{len(heads)} heads diverge, of which {_MOST_SIDES} were compared: whether the others collide is not known",
        _history_of(path),
        (heads[_MOST_SIDES],),
        (path,),
        own_severity=Severity.INFO,
    )


def _side(lineage: Iterable[str], graph: RevisionGraph, evidence: Evidence) -> list[tuple[Revision, Operations]]:
    """Return the revisions of one side, parents first, with what they do."""
    from ..operations.operation import Operations

    return [(graph[name], evidence.operations.get(name, Operations())) for name in graph.in_order(lineage)]


def _collision(collision: Collision, snapshot: Snapshot, evidence: Evidence) -> Finding:
    sources = (collision.one, collision.other)
    positions = (
        f"{describe(source.revision, evidence.provenance)} at {source.revision.path}:{source.operation.line}"
        for source in sources
    )
    return Finding(
        COLLIDING_OPERATIONS,
        snapshot.environment.name,
        f"{collision.what}: {enumerate_names(positions)}",
        _history_of(*(source.revision.path for source in sources)),
        tuple(source.revision.revision for source in sources),
        tuple(source.revision.path for source in sources),
        lines=tuple(source.operation.line for source in sources),
        stops_upgrade=collision.certain,
        what=collision.what,
    )


def _uncompared(sides: Sequence[Sequence[tuple[Revision, Operations]]], snapshot: Snapshot) -> Iterator[Finding]:
    """Yield an MM007 of severity info for each script of which a part cannot be read and may touch what another side does."""
    from ..operations.conflicts import may_meet

    unread: dict[Revision, tuple[Unread, ...]] = {}
    for side in sides:
        own = {revision for revision, _ in side}
        others = [known for other in sides for revision, known in other if revision not in own]
        for revision, known in side:
            parts = tuple(part for part in known.unread if may_meet(part, others))
            if parts:
                unread.setdefault(revision, parts)
    for revision, parts in unread.items():
        unread_parts = enumerate_names(f"{part.what} (line {part.line})" for part in parts)
        yield Finding(
            COLLIDING_OPERATIONS,
            snapshot.environment.name,
            f"{revision.path} does what could not be compared with the other side: {unread_parts}",
            _history_of(revision.path),
            (revision.revision,),
            (revision.path,),
            lines=(parts[0].line,),
            own_severity=Severity.INFO,
        )


def closed_collisions(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM016 for each thing over which the sides of a merge point cannot both run."""
    graph = snapshot.graph
    for closed in evidence.closed:
        scripts = [graph[name] for name in closed.revisions]
        positions = (
            f"{describe(script, evidence.provenance)} at {script.path}:{line}"
            for script, line in zip(scripts, closed.lines, strict=True)
        )
        yield Finding(
            CLOSED_COLLISION,
            snapshot.environment.name,
            f"{closed.what}: {enumerate_names(positions)}; {closed.merge_point} joins them, and whichever runs second fails",
            FIX,
            closed.revisions,
            tuple(script.path for script in scripts),
            lines=closed.lines,
            otherwise=edit(scripts[-1].path, closed.lines[-1], f"drop what {scripts[0].path} does too"),
            stops_upgrade=True,
        )


def _history_of(*paths: str) -> Hint:
    """Return the command that shows the scripts of both sides, and joins them."""
    return FIX.after(shlex.join(["git", "log", "--all", "-p", "--", *paths]))


_CONSEQUENCES = {
    Alteration.DELETED: 'a database that has run it fails with "Can\'t locate revision"',
    Alteration.REPARENTED: "a database that has run it skips what now comes before it, without a word",
    Alteration.EDITED: "a database that has run it does not run it again",
    Alteration.RENAMED: "git and reviewers lose its history; its id is the same",
}


def published_revisions_changed(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM008 for each script of the default branch that differs here, with what depends on it."""
    for change in evidence.published_changes:
        paths = dict.fromkeys(script.path for script in (change.after, change.before) if script)
        yield Finding(
            PUBLISHED_REVISION_CHANGED,
            snapshot.environment.name,
            f"{describe(change.before, evidence.provenance)} is on {change.branch} and {_altered(change)}: "
            f"{_CONSEQUENCES[change.alteration]}; {_dependents(change, snapshot.graph)}",
            _restore_command(change),
            (change.before.revision,),
            tuple(paths),
        )


def _restore_command(change: PublishedChange) -> Hint:
    """Return the command that restores the published script."""
    before, after = change.before.path, change.after.path if change.after else change.before.path
    restore = shlex.join(["git", "checkout", ref_operand(change.branch), "--", path_operand(before)])
    if change.alteration is Alteration.RENAMED:
        return Hint(shlex.join(["git", "mv", path_operand(after), path_operand(before)]))
    if after != before:
        return Hint(restore).after(shlex.join(["git", "rm", path_operand(after)]))
    return Hint(restore)


def _altered(change: PublishedChange) -> str:
    verb = f"is {change.alteration.value} here"
    if change.after and change.alteration is Alteration.REPARENTED:
        before, after = (enumerate_names(each.down_revisions) or "nothing" for each in (change.before, change.after))
        return f"{verb}, from {before} to {after}" if before != after else verb
    if change.after and change.alteration is Alteration.RENAMED:
        return f"{verb}, from {change.before.path} to {change.after.path}"
    return verb


def _dependents(change: PublishedChange, graph: RevisionGraph) -> str:
    """Return in words which revisions follow the changed one, also where that one is deleted."""
    name = change.before.revision
    children = [each for each, revision in graph.revisions.items() if name in (*revision.down_revisions, *revision.depends_on)]
    following = {name for child in children for name in graph.descendants(child)}
    if not following:
        return "nothing follows it"
    verb = "1 revision follows it" if len(following) == 1 else f"{len(following)} revisions follow it"
    return f"{verb}: {enumerate_names(sorted(following), most=4)}"


def revisions_moved(environment: str, moved: Iterable[MovedRevision], changes: Mapping[str, Provenance]) -> Iterator[Finding]:
    """Yield an MM013 for each moved revision; `changes` has the commit that moved it, by id, where git knows it."""
    for before, after in moved:
        known = changes.get(after.revision)
        by = f", by {known.author} in {known.commit[:9]}" if known else ""
        old, new = (enumerate_names(each.down_revisions) or "nothing" for each in (before, after))
        yield Finding(
            MOVED_UNDER_YOU,
            environment,
            f"{describe(after, {})} now follows {new} instead of {old}{by}: {_CONSEQUENCES[Alteration.REPARENTED]}",
            Hint("migmerge doctor"),
            (after.revision,),
            (after.path,),
        )
