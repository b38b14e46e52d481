"""The scripts of one environment at a moment, and what changes between two moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from .environment import Environment
from .graph import RevisionGraph
from .order import sorted_after
from .revision import NEW, Identifiers, Revision, Script, UnreadableScript


class Snapshot:
    """Hold one environment with its scripts in one tree."""

    def __init__(self, environment: Environment, scripts: tuple[Script, ...]) -> None:
        self.environment = environment
        self.scripts = scripts

    @cached_property
    def graph(self) -> RevisionGraph:
        """Return the revision graph of the readable scripts, built once."""
        return RevisionGraph(script for script in self.scripts if isinstance(script, Revision))

    @property
    def unreadable(self) -> tuple[UnreadableScript, ...]:
        return tuple(script for script in self.scripts if isinstance(script, UnreadableScript))

    @property
    def uncommitted(self) -> tuple[Script, ...]:
        """Return the scripts that HEAD does not have, or has otherwise."""
        return tuple(script for script in self.scripts if script.uncommitted)

    @cached_property
    def without_new(self) -> Snapshot:
        """Return the snapshot without the scripts that HEAD does not have."""
        return Snapshot(self.environment, tuple(script for script in self.scripts if script.uncommitted != NEW))

    @property
    def computed(self) -> tuple[UnreadableScript, ...]:
        """Return the scripts that Alembic may well load, with an id or with parents that only running them tells."""
        return tuple(script for script in self.unreadable if script.computed)


class MovedRevision(NamedTuple):
    """Hold a revision that follows other revisions than before."""

    before: Revision
    after: Revision


class EnvironmentChange(NamedTuple):
    """Hold the revisions of one environment that a tree adds, those that it removes, parents first, and those that it moves.

    All three are empty where only something else that the scripts say is different, such as a label.
    """

    environment: Environment
    arrived: tuple[Revision, ...]
    gone: tuple[Revision, ...]
    moved: tuple[MovedRevision, ...] = ()


def changes_between(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> tuple[EnvironmentChange, ...]:
    """Compare two moments by what the scripts say, whatever their paths; an environment without a change is left out.

    An environment that only one moment has to tell from another one of its path is the one with the same folders.
    """
    earlier = {snapshot.environment.name: snapshot for snapshot in before}
    later = {snapshot.environment.name: snapshot for snapshot in after}
    for name in earlier.keys() - later.keys():
        if same := [each for each in later.keys() - earlier.keys() if _are_same(earlier[name], later[each])]:
            earlier[same[0]] = earlier.pop(name)
    pairs = ((earlier.get(name), later.get(name)) for name in {**later, **earlier})
    return tuple(_environment_change(*pair) for pair in pairs if _said(pair[0]) != _said(pair[1]))


def _said(snapshot: Snapshot | None) -> Counter[Identifiers | UnreadableScript]:
    """Return what the scripts say; a copy of a script counts twice."""
    scripts = snapshot.scripts if snapshot else ()
    return Counter(script.identifiers if isinstance(script, Revision) else script for script in scripts)


def _are_same(before: Snapshot, after: Snapshot) -> bool:
    one, other = before.environment, after.environment
    return (one.path, one.section, one.versions) == (other.path, other.section, other.versions)


def _environment_change(before: Snapshot | None, after: Snapshot | None) -> EnvironmentChange:
    old = before.graph.revisions if before else {}
    new = after.graph.revisions if after else {}
    known = after or before
    assert known is not None
    return EnvironmentChange(
        known.environment,
        _in_order(after, new.keys() - old.keys()),
        _in_order(before, old.keys() - new.keys() - _unreadable_now(old, after)),
        _moved(before, after),
    )


def _unreadable_now(old: Mapping[str, Revision], after: Snapshot | None) -> set[str]:
    """Return the revisions whose script is still there, and cannot be read any more."""
    unreadable = after.unreadable if after else ()
    paths, names = {script.path for script in unreadable}, {script.revision for script in unreadable}
    return {name for name, revision in old.items() if name in names or revision.path in paths}


def _moved(before: Snapshot | None, after: Snapshot | None) -> tuple[MovedRevision, ...]:
    """Return the revisions with other parents; of two scripts with one id nobody can say which was moved."""
    if before is None or after is None:
        return ()
    doubled = {group[0].revision for each in (before, after) for group in each.graph.duplicates}
    old, new = before.graph.revisions, after.graph.revisions
    stayed = sorted((old.keys() & new.keys()) - doubled)
    return tuple(MovedRevision(old[name], new[name]) for name in stayed if _has_other_parents(old[name], new[name]))


def _has_other_parents(before: Revision, after: Revision) -> bool:
    return before.down_revisions != after.down_revisions and set(before.down_revisions) != set(after.down_revisions)


def _in_order(snapshot: Snapshot | None, names: set[str]) -> tuple[Revision, ...]:
    """Sort revisions so that each comes after those it follows; by id where they run in a circle."""
    if snapshot is None or not names:
        return ()
    graph = snapshot.graph
    follows = {name: [parent for parent in graph.parents[name] if parent in names] for name in sorted(names)}
    ordered = sorted_after(follows)
    return tuple(graph[name] for name in (ordered if len(ordered) == len(follows) else follows))
