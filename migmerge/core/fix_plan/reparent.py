"""Which revisions can be put on top of the others, and which must stay where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..evidence import Immovable
from ..graph import Divergence, RevisionGraph
from ..revision import Revision
from ..text import enumerate_names
from .merge_revision import latest, parse_date


@dataclass(frozen=True, slots=True)
class Reparenting:
    """Give each of `parents` its new down_revision; `moved` run later than before, parents first, and `head` runs last."""

    parents: Mapping[str, str]
    moved: tuple[str, ...]
    head: str


def reparent(graph: RevisionGraph, divergence: Divergence, immovable: Immovable) -> Reparenting | str:
    """Line the heads of a divergence up, or say why that cannot be.

    Lineages that somebody may rely on stay below; of those that are free, what somebody else wrote does, then what is
    older. Only the lowest revisions of a moved lineage are re-pointed, the rest ride along.
    """
    heads = sorted(divergence.heads, key=partial(_weight, graph, divergence, immovable))
    tried = [_lined_up(graph, divergence, immovable, (first, *(head for head in heads if head != first))) for first in heads]
    return next((each for each in tried if isinstance(each, Reparenting)), tried[0])


def _lined_up(graph: RevisionGraph, divergence: Divergence, immovable: Immovable, heads: Sequence[str]) -> Reparenting | str:
    first, *others = heads
    lined, parents, moved, trunk = graph, dict[str, str](), set[str](), first
    for head in others:
        lowest = _lowest(lined, lined.ancestors(head) - lined.ancestors(trunk))
        parents |= dict.fromkeys(lowest, trunk)
        moved.update(*(lined.descendants(name) for name in lowest))
        lined, trunk = _with_parents(lined, dict.fromkeys(lowest, trunk)), head
    if any(immovable.reason(name) for name in moved):
        return f"it would move what others may rely on: {enumerate_names(_held(graph, divergence, immovable), most=4)}"
    expected = len(graph.heads) - len(divergence.heads) + 1
    return _broken(lined, expected) or Reparenting(parents, lined.in_order(moved), trunk)


def _held(graph: RevisionGraph, divergence: Divergence, immovable: Immovable) -> Iterator[str]:
    """Yield what holds each lineage, once."""
    lineages = graph.lineages_since(divergence).values()
    reasons = ([immovable.reason(name) for name in graph.in_order(lineage)] for lineage in lineages)
    yield from dict.fromkeys(next(filter(None, each), "") for each in reasons if any(each))


def _weight(graph: RevisionGraph, divergence: Divergence, immovable: Immovable, head: str) -> tuple[int, bool, str, str]:
    """Sort what is held before what is free, what others wrote before our own, the older lineage before the younger."""
    lineage = graph.lineages_since(divergence)[head]
    dates = (parse_date(graph[name].create_date) for name in lineage)
    newest = latest(date for date in dates if date)
    held = sum(immovable.reason(name) is not None for name in lineage)
    return -held, lineage.isdisjoint(immovable.others), str(newest or ""), head


def _lowest(graph: RevisionGraph, lineage: frozenset[str]) -> list[str]:
    """Return the revisions of a lineage that follow none of it."""
    return sorted(name for name in lineage if lineage.isdisjoint(graph.parents[name]))


def _with_parents(graph: RevisionGraph, parents: Mapping[str, str]) -> RevisionGraph:
    return RevisionGraph(_with_parent(revision, parents.get(revision.revision)) for revision in graph.revisions.values())


def _with_parent(revision: Revision, parent: str | None) -> Revision:
    return revision if parent is None else revision._replace(identifiers=revision.identifiers._replace(down_revisions=(parent,)))


def _broken(graph: RevisionGraph, expected: int) -> str | None:
    if graph.cycles:
        return f"{enumerate_names(graph.cycles[0])} would follow one another in a circle"
    return f"{len(graph.heads)} heads would be left" if len(graph.heads) != expected else None
