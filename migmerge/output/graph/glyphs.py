"""The lanes of a graph in characters, one line for a row; an edge bends only in the lines of the rows that it joins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from ...core.graph_lanes import Edge
from ...core.graph_layout import GraphLayout, Mark, Row, RowKind

GLYPHS = "●◉○◆✗⋮│╎─╯╰╮╭┴┬┤├┼…"
ASCII = str.maketrans(GLYPHS, "*@o#x:|:-/\\\\/'.+++~")
"""The replacement of each glyph where the terminal's encoding lacks the glyphs."""

_COLORS = 6


@dataclass(frozen=True, slots=True)
class _Bends:
    """Hold the lanes that a row's horizontal line meets.

    Lanes in `ends` come from above, lanes in `starts` go on below, lanes in `joins` pass; the line reaches from lane `left`
    to lane `right`.
    """

    lane: int
    ends: Set[int]
    starts: Set[int]
    joins: Set[int]
    left: int
    right: int

    def corner(self, lane: int) -> str | None:
        """Return the glyph where the line meets a lane; None where it does not."""
        for lanes, glyphs in ((self.ends, "╰┴╯"), (self.starts, "╭┬╮"), (self.joins, "├┼┤")):
            if lane in lanes:
                return glyphs[0] if lane == self.left else glyphs[2] if lane == self.right else glyphs[1]
        return None

    def outer(self, gap: int) -> int:
        """Return the lane that the line meets next, seen from the row's node, behind the gap to the right of a lane."""
        met = self.ends | self.starts | self.joins
        return min(each for each in met if each > gap) if gap >= self.lane else max(each for each in met if each <= gap)


StyledText = list[tuple[str, str]]
"""Characters with the names of their styles."""


def glyph_lines(layout: GraphLayout, most: int) -> Iterator[StyledText]:
    """Yield the graph part of each row's line, of at most `most` lanes."""
    leaving, arriving = defaultdict[int, list[Edge]](list), defaultdict[int, set[int]](set)
    for edge in layout.edges:
        if edge.lane is not None:
            leaving[edge.child].append(edge)
            arriving[edge.parent].add(edge.lane)
    through: dict[int, str] = {}
    for number, row in enumerate(layout.rows):
        for lane in arriving[number]:
            del through[lane]
        below = {edge.lane: _line(layout.rows[edge.parent]) for edge in leaving[number] if edge.lane is not None}
        yield _drawn(row, _bends(row.lane, arriving[number], below.keys(), through.keys()), through, most)
        through |= below


def _bends(lane: int, ends: Set[int], below: Set[int], through: Set[int]) -> _Bends:
    joins = below & through
    met = {lane, *ends, *below}
    return _Bends(lane, ends - {lane}, below - joins - {lane}, joins, min(met), max(met))


def _line(parent: Row) -> str:
    return "│" if parent.kind is RowKind.REVISION else "╎"


def _drawn(row: Row, bends: _Bends, through: Mapping[int, str], most: int) -> StyledText:
    drawn: StyledText = []
    for lane in range(min(max(bends.right, *through, 0) + 1, most)):
        gap = ("─", style_of(bends.outer(lane))) if bends.left <= lane < bends.right else (" ", "")
        glyph = bends.corner(lane) or through.get(lane)
        drawn.append(_node(row) if lane == row.lane else (glyph, style_of(lane)) if glyph else gap)
        drawn.append(gap)
    return _merged(drawn[:-1])


def _merged(parts: StyledText) -> StyledText:
    """Join neighbours of the same style."""
    merged: StyledText = []
    for text, style in parts:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged


def _node(row: Row) -> tuple[str, str]:
    if row.kind is not RowKind.REVISION:
        return ("✗", "error") if row.kind is RowKind.MISSING else ("⋮", style_of(row.lane))
    glyphs = {Mark.MERGE: "◆", Mark.HEAD: "◉", Mark.BRANCH_POINT: "○"}
    glyph = next((glyph for mark, glyph in glyphs.items() if mark in row.marks), "●")
    return glyph, "head" if Mark.HEAD in row.marks else style_of(row.lane)


def style_of(lane: int) -> str:
    """Return the name of a lane's style."""
    return f"lane {lane % _COLORS}"
