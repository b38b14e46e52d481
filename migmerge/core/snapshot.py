"""The scripts of one environment at a moment, and what changes between two moments."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from .environment import Environment
from .graph import RevisionGraph
from .order import sorted_after
from .revision import Revision, Script, UnreadableScript


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


class EnvironmentChange(NamedTuple):
    """Hold the revisions of one environment that a tree adds, and those that it removes, parents first."""

    environment: Environment
    arrived: tuple[Revision, ...]
    gone: tuple[Revision, ...]


def changes_between(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> tuple[EnvironmentChange, ...]:
    """Compare two moments by revision id; an environment without a change is left out.

    An environment that only one moment has to tell from another one of its path is the one with the same folders.
    """
    earlier = {snapshot.environment.name: snapshot for snapshot in before}
    later = {snapshot.environment.name: snapshot for snapshot in after}
    for name in earlier.keys() - later.keys():
        if same := [each for each in later.keys() - earlier.keys() if _are_same(earlier[name], later[each])]:
            earlier[same[0]] = earlier.pop(name)
    changes = (_environment_change(earlier.get(name), later.get(name)) for name in {**later, **earlier})
    return tuple(change for change in changes if change.arrived or change.gone)


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
        _in_order(before, old.keys() - new.keys()),
    )


def _in_order(snapshot: Snapshot | None, names: set[str]) -> tuple[Revision, ...]:
    """Sort revisions so that each comes after those it follows; by id where they run in a circle."""
    if snapshot is None or not names:
        return ()
    graph = snapshot.graph
    follows = {name: [parent for parent in graph.parents[name] if parent in names] for name in sorted(names)}
    ordered = sorted_after(follows)
    return tuple(graph[name] for name in (ordered if len(ordered) == len(follows) else follows))
