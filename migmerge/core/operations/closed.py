"""The certain collisions of the sides that a merge point joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..evidence import ClosedCollision
from ..graph import RevisionGraph
from .conflicts import collisions_between
from .operation import Operations


def closed_between(
    graph: RevisionGraph, merge_point: str, sides: tuple[frozenset[str], frozenset[str]], operations: Mapping[str, Operations]
) -> Iterator[ClosedCollision]:
    """Yield what keeps the two sides of a merge point from both running; `operations` go by revision id."""
    one, other = ([(graph[name], operations[name]) for name in graph.in_order(names)] for names in sides)
    for collision in collisions_between(one, other):
        if collision.certain:
            yield ClosedCollision(
                merge_point,
                collision.what,
                (collision.one.revision.revision, collision.other.revision.revision),
                (collision.one.operation.line, collision.other.operation.line),
            )
