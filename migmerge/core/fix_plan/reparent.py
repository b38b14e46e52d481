"""Which revisions of a divergence get a new parent, and which must keep theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..graph import Divergence, RevisionGraph
from ..immovable import Immovable
from ..revision import Revision
from ..text import enumerate_names
from .merge_revision import latest, parse_date


@dataclass(frozen=True, slots=True)
class Reparenting:
    """Give revisions a new parent.

    `parents` holds the new down_revision by revision id. `moved` are the revisions that run later than before, parents
    first; `head` is the one head that remains.
    """

    parents: Mapping[str, str]
    moved: tuple[str, ...]
    head: str


def reparent(graph: RevisionGraph, divergence: Divergence, immovable: Immovable) -> Reparenting | str:
    """Put the lineages of a divergence one after another, or say why that cannot be.

    Immovable lineages come first; of the movable ones, those of another author, then the older. Only the lowest
    revisions of a moved lineage get a new parent, its other revisions follow them unchanged.
    """
    heads = sorted(divergence.heads, key=partial(_order, graph, divergence, immovable))
    attempts = [
        _in_sequence(graph, divergence, immovable, (first, *(head for head in heads if head != first))) for first in heads
    ]
    return next((attempt for attempt in attempts if isinstance(attempt, Reparenting)), attempts[0])


def _in_sequence(graph: RevisionGraph, divergence: Divergence, immovable: Immovable, heads: Sequence[str]) -> Reparenting | str:
    """Put the lineages of `heads` one after another in this order, or say why that cannot be."""
    last, *others = heads
    result, parents, moved = graph, dict[str, str](), set[str]()
    for head in others:
        lowest = _lowest(result, result.ancestors(head) - result.ancestors(last))
        parents |= dict.fromkeys(lowest, last)
        moved.update(*(result.descendants(name) for name in lowest))
        result, last = _with_parents(result, dict.fromkeys(lowest, last)), head
    if any(immovable.reason(name) for name in moved):
        reasons = enumerate_names(_reasons_to_stay(graph, divergence, immovable), most=4)
        return f"it would move what others may rely on: {reasons}"
    if result.cycles:
        return f"{enumerate_names(result.cycles[0])} would follow one another in a circle"
    return Reparenting(parents, result.in_order(moved), last)


def _reasons_to_stay(graph: RevisionGraph, divergence: Divergence, immovable: Immovable) -> Iterator[str]:
    """Yield why lineages are immovable: of each lineage the first reason, no reason twice."""
    lineages = graph.lineages_since(divergence).values()
    reasons = ([immovable.reason(name) for name in graph.in_order(lineage)] for lineage in lineages)
    yield from dict.fromkeys(next(filter(None, of_lineage)) for of_lineage in reasons if any(of_lineage))


def _order(graph: RevisionGraph, divergence: Divergence, immovable: Immovable, head: str) -> tuple[int, int, bool, str, str]:
    """Return the sort key of a head: the most immovable revisions first, then other authors before the user, then by age."""
    lineage = graph.lineages_since(divergence)[head]
    dates = (parse_date(graph[name].create_date) for name in lineage)
    newest = latest(date for date in dates if date)
    immovables = sum(immovable.reason(name) is not None for name in lineage)
    doubts = sum(immovable.doubt(name) is not None for name in lineage)
    return -immovables, -doubts, lineage.isdisjoint(immovable.others), str(newest or ""), head


def _lowest(graph: RevisionGraph, lineage: frozenset[str]) -> list[str]:
    """Return the revisions of a lineage that have no parent in the lineage."""
    return sorted(name for name in lineage if lineage.isdisjoint(graph.parents[name]))


def _with_parents(graph: RevisionGraph, parents: Mapping[str, str]) -> RevisionGraph:
    return RevisionGraph(_with_parent(revision, parents.get(revision.revision)) for revision in graph.revisions.values())


def _with_parent(revision: Revision, parent: str | None) -> Revision:
    return revision if parent is None else revision._replace(identifiers=revision.identifiers._replace(down_revisions=(parent,)))
