"""What there is to rehearse in a graph: the sides that meet, and the way to where they part."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph import RevisionGraph
from .rehearsal import RehearsalPlan


def rehearsals_for(graph: RevisionGraph) -> tuple[RehearsalPlan, ...]:
    """Return a plan for each divergence; where there is none, for each head that is a merge revision."""
    plans = [_plan(graph, divergence.heads) for divergence in graph.divergences]
    return tuple(plans or [_plan(graph, graph.parents[head], (head,)) for head in graph.heads if len(graph.parents[head]) > 1])


def _plan(graph: RevisionGraph, ends: Iterable[str], merge: tuple[str, ...] = ()) -> RehearsalPlan:
    lineages = {end: graph.ancestors(end) for end in ends}
    shared = frozenset.intersection(*lineages.values())
    sides = tuple(graph.in_order_to_run(lineage - shared) for lineage in lineages.values())
    base = graph.implied(lineages) - {name for side in sides for name in side}
    return RehearsalPlan(graph.in_order_to_run(base), tuple(side for side in sides if side), merge)
