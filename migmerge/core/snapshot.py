"""An environment's scripts at one moment of git's history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from .environment import Environment
from .graph import RevisionGraph
from .revision import Revision, Script, UnreadableScript


@dataclass(frozen=True)
class Snapshot:
    """Hold what one tree says of one environment; not slotted, for the graph is made once, when it is asked for."""

    environment: Environment
    scripts: tuple[Script, ...]

    @cached_property
    def graph(self) -> RevisionGraph:
        return RevisionGraph(script for script in self.scripts if isinstance(script, Revision))

    @property
    def unreadable(self) -> tuple[UnreadableScript, ...]:
        return tuple(script for script in self.scripts if isinstance(script, UnreadableScript))


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """The revisions of one environment that are new to a tree, and those that are no longer in it."""

    environment: Environment
    arrived: tuple[Revision, ...]
    gone: tuple[Revision, ...]


def changes_between(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> tuple[EnvironmentChange, ...]:
    """Compare two moments by revision id; an environment that neither gained nor lost one is left out."""
    earlier = {snapshot.environment.path: snapshot for snapshot in before}
    later = {snapshot.environment.path: snapshot for snapshot in after}
    changes = (_environment_change(earlier.get(path), later.get(path)) for path in {**later, **earlier})
    return tuple(change for change in changes if change.arrived or change.gone)


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
    follows = {name: names.intersection(graph.parents[name]) for name in sorted(names)}
    try:
        ordered = list(TopologicalSorter(follows).static_order())
    except CycleError:
        ordered = list(follows)
    return tuple(graph[name] for name in ordered)
