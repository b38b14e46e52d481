"""A graph as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ...core.graph_lanes import Edge
from ...core.graph_layout import GraphLayout, Mark, Row, RowKind
from ...core.provenance import Provenance
from ...core.text import printable
from ..cells import fitted, width_of
from .labels import LaidOutGraph, looks_of, origin_of, path_of, row_message, summary_of

_LIGHT = ("#0e7490", "#a21caf", "#15803d", "#1d4ed8", "#a16207", "#be123c")
_DARK = ("#22d3ee", "#e879f9", "#4ade80", "#60a5fa", "#facc15", "#fb7185")


def _lanes(colors: tuple[str, ...]) -> str:
    return "".join(f".s{number}{{stroke:{color}}}.f{number}{{fill:{color}}}" for number, color in enumerate(colors))


STYLE = (
    'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:#1e293b}'
    '.id,.badge text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}'
    ".id{font-size:12.5px;fill:#92400e}.heading{font-size:17px;font-weight:600}.quiet{font-size:12px;fill:#64748b}"
    ".badge text{font-size:10.5px;text-anchor:middle}.paper{fill:#fff}.band{fill:transparent}g:hover>.band{fill:#f1f5f9}"
    ".edge{fill:none;stroke-width:2}.dotted{stroke-dasharray:0.1 5;stroke-linecap:round}"
    ".needs{stroke:#94a3b8;stroke-width:1.5;stroke-dasharray:5 3}.circle{stroke:#dc2626;stroke-dasharray:4 2}"
    ".cross{fill:none;stroke:#dc2626;stroke-width:2.5;stroke-linecap:round}.wrong{fill:#dc2626}"
    ".hollow{fill:#fff;stroke-width:2.5}.ring{fill:#10b98133;stroke:#059669}.tip{fill:#059669}"
    ".head rect{fill:#d1fae5}.head text{fill:#065f46}.point rect{fill:#fef3c7}.point text{fill:#92400e}"
    ".merge rect{fill:#ede9fe}.merge text{fill:#5b21b6}.broken rect{fill:#fee2e2}.broken text{fill:#991b1b}"
    ".plain rect{fill:#e2e8f0}.plain text{fill:#334155}"
    + _lanes(_LIGHT)
    + "@media(prefers-color-scheme:dark){text{fill:#e2e8f0}.id{fill:#fbbf24}.quiet{fill:#94a3b8}.paper{fill:#0f172a}"
    "g:hover>.band{fill:#1e293b}.hollow{fill:#0f172a}.ring{stroke:#34d399}.tip{fill:#34d399}"
    ".head rect{fill:#064e3b}.head text{fill:#a7f3d0}.point rect{fill:#78350f}.point text{fill:#fde68a}"
    ".merge rect{fill:#4c1d95}.merge text{fill:#ddd6fe}.broken rect{fill:#7f1d1d}.broken text{fill:#fecaca}"
    ".plain rect{fill:#334155}.plain text{fill:#e2e8f0}" + _lanes(_DARK) + "}"
)
"""All colours for light and dark, written out: viewers other than browsers have no CSS variables."""

_ROW, _LANE, _GAP = 26, 17, 14
"""Pixels from row to row, from lane to lane, and between rows that are not related."""

_MARGIN, _HEADING = 28, 62

_COLORS = 6
_CELL, _MESSAGE_CELL, _BADGE_CELL = 7.6, 7.4, 6.5
"""Pixels of a character in ids, on average in messages, and in marks."""

_MOST_ID, _MOST_MESSAGE, _MOST_ORIGIN = 36, 64, 36
"""Cells after which a text is cut; the tooltip holds all of it."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Hold the height of each row's middle, and the left edge of each column, in pixels."""

    heights: tuple[float, ...]
    name: float
    message: float
    badges: float
    origin: float
    right: float
    bottom: float

    def x(self, lane: int) -> float:
        return _MARGIN + 8 + lane * _LANE


def as_svg(layouts: Sequence[LaidOutGraph]) -> str:
    """Return one drawing, with the environments below each other."""
    sheets, bottom = list[_Sheet](), 0.0
    for layout, provenance in layouts:
        sheets.append(_sheet(layout, provenance, bottom))
        bottom = sheets[-1].bottom
    width = max((sheet.right for sheet in sheets), default=0) + _MARGIN
    summaries = [f"{path_of(layout)}: {printable(summary_of(layout.snapshot))}" for layout, _ in layouts]
    body = (
        line for sheet, (layout, known) in zip(sheets, layouts, strict=True) for line in _section(sheet, layout, known, width)
    )
    return "\n".join((_start(width, bottom + _MARGIN, summaries), *body, "</svg>"))


def _start(width: float, height: float, summaries: Sequence[str]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'role="img" aria-labelledby="title description">\n<title id="title">Migration revisions</title>\n'
        f'<desc id="description">{escape("; ".join(summaries))}</desc>\n<style>{STYLE}</style>\n'
        '<rect class="paper" width="100%" height="100%"/>'
    )


def _sheet(layout: GraphLayout, provenance: Mapping[str, Provenance], top: float) -> _Sheet:
    heights, height = list[float](), top + _HEADING
    for row in layout.rows:
        height += _ROW + _GAP * row.apart
        heights.append(height)
    name = _MARGIN + 8 + layout.lanes * _LANE + 8
    message = name + _CELL * _widest((row.title for row in layout.rows if row.revision), _MOST_ID) + 18
    badges = message + _MESSAGE_CELL * _widest(map(row_message, layout.rows), _MOST_MESSAGE) + 18
    origin = badges + max((sum(map(_badge_width, row.tags)) for row in layout.rows), default=0) + 12
    right = origin + _CELL * _widest(map(origin_of, provenance.values()), _MOST_ORIGIN)
    return _Sheet(tuple(heights), name, message, badges, origin, max(right, 480), height + _ROW / 2)


def _widest(texts: Iterator[str] | map[str], most: int) -> int:
    return min(max(map(width_of, texts), default=0), most)


def _badge_width(tag: str) -> float:
    return len(fitted(tag, _MOST_ID)) * _BADGE_CELL + 20


def _section(sheet: _Sheet, layout: GraphLayout, provenance: Mapping[str, Provenance], width: float) -> Iterator[str]:
    top = sheet.bottom - _ROW / 2 if not sheet.heights else sheet.heights[0] - _ROW
    yield f'<text class="heading" x="{_MARGIN}" y="{top - 22:g}">{escape(path_of(layout))}</text>'
    yield f'<text class="quiet" x="{_MARGIN}" y="{top - 4:g}">{escape(printable(summary_of(layout.snapshot)))}</text>'
    for row, height in zip(layout.rows, sheet.heights, strict=True):
        yield f"<g{_origin(provenance.get(row.name))}><title>{escape(_tooltip(row, provenance.get(row.name)))}</title>"
        yield f'<rect class="band" x="8" y="{height - _ROW / 2:g}" width="{width - 16:g}" height="{_ROW}" rx="6"/>'
        yield from _texts(sheet, row, height, provenance.get(row.name))
        yield "</g>"
    yield from (_edge(sheet, layout, edge) for edge in layout.edges)
    yield from (_beside(sheet, layout, edge, "needs") for edge in layout.dependencies)
    yield from (_node(row, sheet.x(row.lane), height) for row, height in zip(layout.rows, sheet.heights, strict=True))


def _origin(known: Provenance | None) -> str:
    """Return attributes by which a page can select what somebody wrote, or what a branch has."""
    named = {"author": known.author, "branch": known.branch} if known else {}
    return "".join(f' data-{name}="{escape(printable(value))}"' for name, value in named.items() if value)


def _tooltip(row: Row, known: Provenance | None) -> str:
    if not row.revision:
        return "in no script" if row.kind is RowKind.MISSING else "not shown"
    needs = [f"depends on {name}" for name in row.revision.depends_on]
    origin = (known.author, known.branch, known.date, known.commit) if known else ()
    return "\n".join(map(printable, filter(None, (row.name, row.revision.message, row.revision.path, *needs, *origin))))


def _texts(sheet: _Sheet, row: Row, height: float, known: Provenance | None) -> Iterator[str]:
    look = "id" if row.revision else "quiet"
    yield _text(look, sheet.name, height, printable(row.title), _MOST_ID)
    if row.revision:
        width = sheet.badges - sheet.message - 10
        yield f'<svg x="{sheet.message:g}" y="{height - _ROW / 2:g}" width="{width:g}" height="{_ROW}">'
        yield _text("message", 0, _ROW / 2, row_message(row), _MOST_MESSAGE) + "</svg>"
    left = sheet.badges if row.revision else sheet.message
    for tag in map(printable, row.tags):
        yield _badge(tag, left, height)
        left += _badge_width(tag)
    if origin := origin_of(known):
        yield _text("quiet", sheet.origin, height, origin, _MOST_ORIGIN)


def _text(look: str, x: float, height: float, text: str, most: int) -> str:
    return f'<text class="{look}" x="{x:g}" y="{height + 4.5:g}">{escape(fitted(text, most))}</text>' if text else ""


def _badge(tag: str, x: float, height: float) -> str:
    look = {"branch point": "point", "missing": "broken", "duplicate": "broken", "cycle": "broken"}.get(tag, tag)
    look = look if look in ("head", "point", "merge", "broken") else "plain"
    width = _badge_width(tag) - 6
    return (
        f'<g class="badge {look}"><rect x="{x:g}" y="{height - 8.5:g}" width="{width:g}" height="17" rx="8.5"/>'
        f'<text x="{x + width / 2:g}" y="{height + 3.8:g}">{escape(fitted(tag, _MOST_ID))}</text></g>'
    )


def _edge(sheet: _Sheet, layout: GraphLayout, edge: Edge) -> str:
    """Draw a curve into the edge's lane, a line along it, and a curve out of it."""
    if edge.lane is None:
        return _beside(sheet, layout, edge, "circle")
    child, parent = layout.rows[edge.child], layout.rows[edge.parent]
    start, end = sheet.heights[edge.child], sheet.heights[edge.parent]
    left, lane, right = sheet.x(child.lane), sheet.x(edge.lane), sheet.x(parent.lane)
    bend = min(_ROW, (end - start) / 2 if left != lane != right else end - start)
    path = f"M{left:g} {start:g}" + ("" if left == lane else _curve(left, start, lane, start + bend))
    path += f"V{end - (0 if lane == right else bend):g}" + ("" if lane == right else _curve(lane, end - bend, right, end))
    dotted = "" if parent.kind is RowKind.REVISION else " dotted"
    return f'<path class="edge s{edge.lane % _COLORS}{dotted}" d="{path}"/>'


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (y + to_y) / 2
    return f"C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y:g}"


def _beside(sheet: _Sheet, layout: GraphLayout, edge: Edge, look: str) -> str:
    """Draw an edge without a lane: a bow left of all that it passes."""
    start, end = sheet.heights[edge.child], sheet.heights[edge.parent] + (6 if edge.child == edge.parent else 0)
    x, to_x = sheet.x(layout.rows[edge.child].lane), sheet.x(layout.rows[edge.parent].lane)
    bow = min(x, to_x) - 18
    return f'<path class="edge {look}" d="M{x:g} {start:g}C{bow:g} {start:g} {bow:g} {end:g} {to_x:g} {end:g}"/>'


def _node(row: Row, x: float, y: float) -> str:
    look, color = looks_of(row), f"f{row.lane % _COLORS}"
    ring = f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="8.5"/>' if Mark.HEAD in row.marks else ""
    color = "wrong" if look == "broken" else "tip" if ring else color
    if look == "earlier":
        return ""  # its lane ends in dots
    if look == "missing":
        return f'<path class="cross" d="M{x - 4:g} {y - 4:g}l8 8m0 -8l-8 8"/>'
    if Mark.MERGE in row.marks:
        return f'{ring}<path class="{color}" d="M{x:g} {y - 6:g}l6 6l-6 6l-6 -6z"/>'
    if look == "point":
        return f'<circle class="hollow s{row.lane % _COLORS}" cx="{x:g}" cy="{y:g}" r="5"/>'
    return f'{ring}<circle class="{color}" cx="{x:g}" cy="{y:g}" r="4.8"/>'
