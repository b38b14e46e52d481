"""A graph in the lines of a terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.graph_layout import GraphLayout, Mark, Row, RowKind
from ...core.provenance import Provenance
from ...core.text import counted, printable
from ..cells import cropped, width_of
from ..screen import Screen
from .glyphs import ASCII, GLYPHS, StyledText, glyph_lines
from .labels import origin_of, summary_of

_STYLES = {"head": "head", "missing": "error", "duplicate": "error", "cycle": "error"}

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the cells of a line, the encoding of the stream, and whether marks such as "head" are named in words."""

    width: int
    encoding: str
    tagged: bool = True
    indent: str = ""

    @property
    def plain(self) -> bool:
        return GLYPHS.encode(self.encoding, "ignore").decode(self.encoding) != GLYPHS

    def readable(self, text: str) -> str:
        return printable(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def fitted(self, parts: StyledText, room: int) -> StyledText:
        """Cut parts to a number of cells, with an ellipsis in the last one."""
        if _cells(parts) <= room:
            return parts
        fitted, left = list[tuple[str, str]](), max(room - 1, 0)
        for text, style in parts:
            fitted.append((cropped(text, left), style))
            left -= width_of(fitted[-1][0])
        return [*fitted, ("…", "")]

    def padded(self, parts: StyledText, room: int) -> StyledText:
        fitted = self.fitted(parts, room)
        return [*fitted, (" " * (room - _cells(fitted)), "")]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row before it is cut: its part of the graph, and its texts."""

    graph: StyledText
    name: StyledText
    message: StyledText
    notes: StyledText
    origin: StyledText
    apart: bool


def report_graph(screen: Screen, layout: GraphLayout, provenance: Mapping[str, Provenance], page: Page) -> None:
    """Print the graph of one environment, no line wider than the page."""
    remarks = _remarks(layout)
    lines = [
        _line(page, row, drawn, remarks.get(number, []), provenance.get(row.name))
        for number, (row, drawn) in enumerate(zip(layout.rows, glyph_lines(layout, page.width // 4 + 2), strict=True))
    ]
    rooms = _rooms(page, lines)
    for line in lines:
        if line.apart:
            screen.say("")
        parts = _parts(page, line, rooms)
        screen.say(page.indent, *((text.translate(ASCII), style) for text, style in parts) if page.plain else parts)


def _line(page: Page, row: Row, drawn: StyledText, remarks: Sequence[str], known: Provenance | None) -> _Line:
    origin = origin_of(known)
    return _Line(
        drawn,
        _name(page, row),
        [(page.readable(row.revision.message), "")] if row.revision and row.revision.message else [],
        [*(_tags(page, row) if page.tagged else ()), *((page.readable(f" {remark}"), "warning") for remark in remarks)],
        [(page.readable(origin), "path")] if origin else [],
        row.apart,
    )


def _name(page: Page, row: Row) -> StyledText:
    style = "error" if row.kind is RowKind.MISSING else "path" if row.kind is RowKind.EARLIER else "revision"
    return [(page.readable(row.title), "head" if Mark.HEAD in row.marks else style)]


def _tags(page: Page, row: Row) -> StyledText:
    tags = [(page.readable(tag), _STYLES.get(tag, "mark")) for tag in row.tags]
    separated = [part for tag in tags for part in ((", ", "path"), tag)][1:]
    return [("[", "path"), *separated, ("]", "path")] if tags else []


def _remarks(layout: GraphLayout) -> dict[int, list[str]]:
    """Return, by row, the edges that have no lane: dependencies, and parents in rows above."""
    graph, remarks = layout.snapshot.graph, defaultdict[int, list[str]](list)
    for number, row in enumerate(layout.rows):
        for name in row.revision.depends_on if row.revision else ():
            remarks[number].append(f"depends on {name}" + ("" if graph.resolve(name) else " (missing)"))
    for edge in layout.circles:
        name = "itself" if edge.parent == edge.child else layout.rows[edge.parent].name
        remarks[edge.child].append(f"follows {name}")
    return remarks


@dataclass(frozen=True, slots=True)
class _Rooms:
    """Hold the widths of the columns, in cells."""

    graph: int
    name: int
    subject: int
    origin: int


def _rooms(page: Page, lines: Sequence[_Line]) -> _Rooms:
    """Return widths for the widest line of each column; where that is too much, the messages are cut first."""
    graph = min(max((_cells(line.graph) for line in lines), default=0), page.width // 2)
    name = min(max((_cells(line.name) for line in lines if line.message or line.notes), default=0), page.width // 3)
    widest = max((_cells(line.message) + _cells(line.notes) + bool(line.message and line.notes) for line in lines), default=0)
    room = page.width - graph - name - 3 * len(_GAP)
    origin = min(max((_cells(line.origin) for line in lines), default=0), max(page.width // 4, room - widest))
    return _Rooms(graph, name, max(min(room - origin, widest), 0), origin)


def _cells(parts: StyledText) -> int:
    return sum(width_of(text) for text, _ in parts)


def _parts(page: Page, line: _Line, rooms: _Rooms) -> StyledText:
    graph = page.padded(line.graph, rooms.graph)
    if not line.message and not line.notes:
        return page.fitted([*graph, (_GAP, ""), *line.name], page.width)
    gap = " " if line.message and line.notes else ""
    message = page.fitted(line.message, max(rooms.subject - _cells(line.notes) - len(gap), 0))
    subject = [*message, (gap, ""), *line.notes]
    if line.origin:
        subject = page.padded(subject, rooms.subject)
    name, origin = page.padded(line.name, rooms.name), page.fitted(line.origin, rooms.origin)
    behind = [(_GAP, ""), *origin] if line.origin else []
    return page.fitted([*graph, (_GAP, ""), *name, (_GAP, ""), *subject, *behind], page.width)


def report_heading(screen: Screen, layout: GraphLayout, *, again: bool) -> None:
    """Print the environment of a layout, and what diverges in it; `again` sets it off from the one before."""
    snapshot = layout.snapshot
    if again:
        screen.say("")
    screen.say((snapshot.environment.name or ".", "heading"), _GAP, summary_of(snapshot))


def report_rest(screen: Screen, layout: GraphLayout) -> None:
    """Print the number of revisions that the layout does not show, and of scripts that cannot be read."""
    if layout.elsewhere:
        screen.say((f"{counted(layout.elsewhere, 'other revision')} not shown; ", "path"), ("migmerge graph --all", "command"))
    if unreadable := layout.snapshot.unreadable:
        screen.say(("note:", "info"), f" {counted(len(unreadable), 'script')} cannot be read; ", ("migmerge check", "command"))
