"""The order of a layout's rows and the lanes that its edges run in, by numbers alone."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_MANY = 6
"""From so many lanes on an edge joins another one to the same parent, instead of running beside it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Lead from a row to that of its parent; `lane` is None where the parent stands above, or the edge is a depends_on."""

    child: int
    parent: int
    lane: int | None = None


def rows_in_order(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """Return the stations, children before parents, lineage by lineage, the newest lineage first.

    That is the order in which a walk up from the bases leaves them. A circle is cut where the walk comes back to it.
    """
    children = defaultdict[int, list[int]](list)
    for child, above in enumerate(parents):
        for parent in above:
            children[parent].append(child)
    newest = _first_reaching(len(parents), parents.__getitem__)
    family = _first_reaching(len(parents), lambda one: (*parents[one], *children[one]))
    order, seen = list[int](), set[int]()
    for start in sorted(range(len(parents)), key=lambda one: (family[one], bool(parents[one]), newest[one], one)):
        walk = [start]
        while walk:
            one = walk.pop()
            if one < 0:
                order.append(~one)
            elif one not in seen:
                seen.add(one)
                walk += [~one, *sorted(children[one], key=lambda child: (newest[child], child), reverse=True)]
    return order


def _first_reaching(count: int, following: Callable[[int], Iterable[int]]) -> list[int]:
    """Return for each station the lowest number from which one comes to it."""
    first = [-1] * count
    for start in range(count):
        pending = [start]
        while pending:
            one = pending.pop()
            if first[one] < 0:
                first[one] = start
                pending += following(one)
    return first


class Lanes:
    """Give each station a lane and each edge one to run in, row after row."""

    def __init__(self) -> None:
        self.most = 0
        self._leading = defaultdict[int, list[int]](list)
        """The lanes that lead to each row below."""
        self._free = list[int]()
        self._just_ended: int | None = None

    @property
    def idle(self) -> bool:
        return self.most > 0 and len(self._free) == self.most

    def pass_station(self, row: int, parents: Sequence[int]) -> tuple[int, list[Edge]]:
        """Return the lane of a row and the edges to its parents' rows."""
        ending = self._leading.pop(row, [])
        lane = min(ending) if ending else self._take(avoid=None if self.idle else self._just_ended)
        own: int | None = lane
        edges = list[Edge]()
        for parent in parents:
            edges.append(self._edge(row, parent, own, lane))
            own = None if edges[-1].lane == own else own
        self._just_ended = own
        # Only now: a lane that ends here may not seem to go on to another parent.
        self._release({*ending, lane} - ({lane} if own is None else set()))
        return lane, edges

    def _edge(self, row: int, parent: int, own: int | None, start: int) -> Edge:
        if parent <= row:
            return Edge(row, parent)
        beside = self._leading[parent]
        if beside and self.most - len(self._free) >= _MANY:
            return Edge(row, parent, min(beside, key=lambda lane: abs(lane - start)))
        lane = self._take() if own is None else own
        beside.append(lane)
        return Edge(row, parent, lane)

    def _take(self, avoid: int | None = None) -> int:
        """Take the leftmost free lane; one to `avoid` has a revision above that must not seem to lead here."""
        avoided = [heapq.heappop(self._free)] if self._free and self._free[0] == avoid else []
        if self._free:
            lane = heapq.heappop(self._free)
        else:
            lane, self.most = self.most, self.most + 1
        self._release(avoided)
        return lane

    def _release(self, lanes: Iterable[int]) -> None:
        for lane in lanes:
            heapq.heappush(self._free, lane)
