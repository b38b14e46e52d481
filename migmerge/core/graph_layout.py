"""Which revisions a layout shows, in which order, and in which lanes their edges run."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from .graph import RevisionGraph
from .graph_lanes import Edge, Lanes, rows_in_order
from .revision import Revision
from .snapshot import Snapshot
from .text import counted

_FEW = 10
"""Revisions that are shown where nothing diverges."""


class RowKind(Enum):
    """What a row stands for."""

    REVISION = "revision"
    MISSING = "missing"
    EARLIER = "earlier"


class Mark(Enum):
    """What a reader looks for in a graph."""

    HEAD = "head"
    BRANCH_POINT = "branch point"
    MERGE = "merge"
    BASE = "base"
    DUPLICATE = "duplicate"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True)
class Row:
    """One revision, a parent that is in no script, or the `hidden` revisions that a lane leads to.

    `apart` is set where nothing comes from above in any lane, so that it must not seem to follow the row before.
    """

    kind: RowKind
    name: str
    lane: int
    marks: tuple[Mark, ...] = ()
    revision: Revision | None = None
    hidden: int = 0
    apart: bool = False

    @property
    def title(self) -> str:
        if self.kind is RowKind.EARLIER:
            return counted(self.hidden, "earlier revision")
        return self.name

    @property
    def tags(self) -> tuple[str, ...]:
        """Return what is remarkable, in words: the marks, and labels as Alembic's command line takes them."""
        labels = self.revision.branch_labels if self.revision else ()
        missing = ("missing",) if self.kind is RowKind.MISSING else ()
        return (*(mark.value for mark in self.marks), *missing, *(f"@{label}" for label in labels))


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """An environment's revisions, children before parents, and what leads where; rows are counted from 0.

    `hidden` counts all revisions that are not shown, `elsewhere` those among them that no shown one follows.
    """

    snapshot: Snapshot
    rows: tuple[Row, ...]
    edges: tuple[Edge, ...]
    dependencies: tuple[Edge, ...]
    lanes: int
    hidden: int
    elsewhere: int

    @property
    def circles(self) -> tuple[Edge, ...]:
        """Return the edges to parents that stand above, for they follow what follows them."""
        return tuple(edge for edge in self.edges if edge.lane is None)


@dataclass(frozen=True, slots=True)
class _Station:
    """A row to be; `parents` are the numbers of stations."""

    kind: RowKind
    name: str
    parents: tuple[int, ...] = ()
    hidden: int = 0


def lay_out_graph(snapshot: Snapshot, *, whole: bool) -> GraphLayout:
    """Lay out an environment's revisions: all of them, or those that diverge, or else the newest."""
    graph = snapshot.graph
    shown = frozenset(graph.revisions) if whole else _part(graph)
    stations = _stations(graph, shown)
    order = rows_in_order([station.parents for station in stations])
    rows, edges, lanes = _laid_out(graph, [stations[number] for number in order], _parents_rows(stations, order))
    earlier = sum(station.hidden for station in stations)
    hidden = len(graph) - len(shown)
    return GraphLayout(snapshot, rows, edges, _dependencies(graph, rows), lanes, hidden, elsewhere=hidden - earlier)


def _parents_rows(stations: Sequence[_Station], order: Sequence[int]) -> list[list[int]]:
    """Return for each row those of its parents."""
    place = {number: row for row, number in enumerate(order)}
    return [[place[parent] for parent in stations[number].parents] for number in order]


def _laid_out(
    graph: RevisionGraph, stations: Sequence[_Station], parents: Sequence[Sequence[int]]
) -> tuple[tuple[Row, ...], tuple[Edge, ...], int]:
    """Return the rows and edges of stations in their order, and how many lanes they take."""
    circling = frozenset(name for cycle in graph.cycles for name in cycle)
    rows, edges, lanes = list[Row](), list[Edge](), Lanes()
    for number, station in enumerate(stations):
        apart = lanes.idle
        lane, leading = lanes.pass_station(number, parents[number])
        rows.append(_row(graph, station, lane, circling, apart=apart))
        edges += leading
    return tuple(rows), tuple(edges), lanes.most


def _row(graph: RevisionGraph, station: _Station, lane: int, circling: Collection[str], *, apart: bool) -> Row:
    if station.kind is not RowKind.REVISION:
        return Row(station.kind, station.name, lane, hidden=station.hidden, apart=apart)
    return Row(station.kind, station.name, lane, _marks(graph, station.name, circling), graph[station.name], apart=apart)


def _marks(graph: RevisionGraph, name: str, circling: Collection[str]) -> tuple[Mark, ...]:
    children, parents = set(graph.children.get(name, ())), set(graph[name].down_revisions)
    facts = {
        Mark.HEAD: not children,
        Mark.BRANCH_POINT: len(children) > 1,
        Mark.MERGE: len(parents) > 1,
        Mark.BASE: not parents,
        Mark.DUPLICATE: len(graph.scripts[name]) > 1,
        Mark.CYCLE: name in circling,
    }
    return tuple(mark for mark, holds in facts.items() if holds)


def _dependencies(graph: RevisionGraph, rows: Sequence[Row]) -> tuple[Edge, ...]:
    place = {row.name: number for number, row in enumerate(rows) if row.revision}
    return tuple(
        Edge(number, place[name])
        for number, row in enumerate(rows)
        for reference in (row.revision.depends_on if row.revision else ())
        if (name := graph.resolve(reference)) in place
    )


def _newest_first(graph: RevisionGraph, names: Iterable[str]) -> list[str]:
    """Sort by create date, as text, where there is one, then by id."""
    return sorted(sorted(names), key=lambda name: graph[name].create_date or "", reverse=True)


def _part(graph: RevisionGraph) -> frozenset[str]:
    """Return the divergent lineages with what they start from, or the newest revisions; and what is broken."""
    lineages = [lineage for divergence in graph.divergences for lineage in graph.lineages_since(divergence).values()]
    since = frozenset().union(*lineages)
    shown = since.union(parent for name in since for parent in graph.parents[name])
    orphans = {revision.revision for revision, name in graph.missing if name in graph[revision.revision].down_revisions}
    return (shown or _newest(graph)).union(orphans, *graph.cycles)


def _newest(graph: RevisionGraph) -> frozenset[str]:
    """Return the heads and the newest of what they follow, none without all its children."""
    rank = {name: number for number, name in enumerate(_newest_first(graph, graph.revisions))}
    names, waiting = list(rank), {name: len(children) for name, children in graph.children.items()}
    shown, free = set(graph.heads), [rank[head] for head in graph.heads]
    most = max(_FEW, len(shown) + _FEW // 2)
    heapq.heapify(free)
    while free and len(shown) < most:
        name = names[heapq.heappop(free)]
        shown.add(name)
        for parent in graph.parents[name]:
            waiting[parent] -= 1
            if not waiting[parent]:
                heapq.heappush(free, rank[parent])
    return frozenset(shown)


def _stations(graph: RevisionGraph, shown: frozenset[str]) -> list[_Station]:
    """Number the shown revisions, newest first, then the parents that are missing, then what is earlier."""
    names = _newest_first(graph, shown)
    missing = dict.fromkeys(parent for name in names for parent in graph[name].down_revisions if parent not in graph)
    number = {name: index for index, name in enumerate((*names, *missing))}
    groups = _earlier(graph, shown)
    for index, group in enumerate(groups, start=len(number)):
        number.update(dict.fromkeys(group, index))
    return [
        *(_Station(RowKind.REVISION, name, _numbers(number, graph[name].down_revisions)) for name in names),
        *(_Station(RowKind.MISSING, name) for name in missing),
        *(_Station(RowKind.EARLIER, "", _numbers(number, _stranded(graph, shown, group)), len(group)) for group in groups),
    ]


def _numbers(number: dict[str, int], names: Iterable[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number[name] for name in names))


def _earlier(graph: RevisionGraph, shown: frozenset[str]) -> list[frozenset[str]]:
    """Return the revisions that shown ones follow and that are not shown, those that hang together in one set."""

    def hidden_parents(name: str) -> list[str]:
        return [parent for parent in graph.parents[name] if parent not in shown]

    hidden = _spread(shown, hidden_parents) - shown
    groups, seen = [], set[str]()
    for name in sorted(hidden):
        if name not in seen:
            group = _spread([name], lambda one: hidden & {*graph.parents[one], *graph.children.get(one, ())})
            groups.append(frozenset(group))
            seen |= group
    return groups


def _stranded(graph: RevisionGraph, shown: frozenset[str], group: frozenset[str]) -> list[str]:
    """Return the shown revisions that only hidden ones of a group lead to: what is broken, far below a head."""
    below = sorted({parent for name in group for parent in graph.parents[name] if parent in shown})
    alone = [name for name in below if shown.isdisjoint(graph.children[name])]
    return [name for name in alone if group.isdisjoint(graph.ancestors(name))]


def _spread(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    pending = list(starts)
    reached = set(pending)
    while pending:
        new = set(following(pending.pop())) - reached
        reached |= new
        pending += new
    return reached
