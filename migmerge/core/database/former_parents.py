"""What ran below a recorded revision before that was moved: it has run, wherever it stands in the checkout now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..graph import RevisionGraph
from .catalog_check import CatalogCheck
from .database import Database
from .expected_schema import expected_after
from .script_set import ScriptSet
from .stamp_guess import traced_revisions


class FormerlyBelow(NamedTuple):
    """Hold the revisions that ran below moved ones, and those of them that leave no trace to tell."""

    ran: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()


def formerly_below(applied: frozenset[str], scripts: ScriptSet, database: Database) -> FormerlyBelow:
    """Return the revisions of the checkout on which applied ones were built before, unless the schema lacks more with them.

    The revision that was recorded stands for all that it followed when it ran.
    """
    found = FormerlyBelow()
    for former, below in _former_graphs(applied, scripts):
        new = below - applied - found.ran
        before = scripts.graph.in_order_to_run(applied | found.ran)
        after = former.in_order_to_run(applied | found.ran | new)
        lacks = [_lacking(names, scripts, database) for names in (before, after)]
        if new and lacks[1] <= lacks[0]:
            traced = new if lacks[1] < lacks[0] else traced_revisions(after, scripts.operations, database.schema, database.bind)
            found = FormerlyBelow(found.ran | new, found.unsure | new - set(traced))
    return found


def put_below(names: Sequence[str], scripts: ScriptSet) -> frozenset[str]:
    """Return what recorded scripts are built on now, and were not when they had other parents."""
    graph = scripts.graph
    found = (
        graph.implied([name]) - graph.implied(parents) - {name}
        for name in names
        for parents in scripts.moved.get(name, ())
        if set(parents) <= graph.revisions.keys()
    )
    return frozenset().union(*found)


def _former_graphs(applied: frozenset[str], scripts: ScriptSet) -> Iterator[tuple[RevisionGraph, frozenset[str]]]:
    """Yield, for each place that an applied revision had before, the graph as it was, and what the revision was built on."""
    graph = scripts.graph
    for name in graph.in_order_to_run(applied & scripts.moved.keys()):
        for parents in scripts.moved[name]:
            if set(parents) <= graph.revisions.keys():
                identifiers = graph[name].identifiers._replace(down_revisions=parents, depends_on=())
                former = RevisionGraph((graph.revisions | {name: graph[name]._replace(identifiers=identifiers)}).values())
                yield former, graph.implied(parents) - {name}


def _lacking(names: Sequence[str], scripts: ScriptSet, database: Database) -> int:
    """Count what a database lacks of what revisions leave that ran in this order."""
    check = CatalogCheck(database.schema)
    return sum(each.missing for each in check.look(expected_after(names, scripts.operations, database.bind)))
