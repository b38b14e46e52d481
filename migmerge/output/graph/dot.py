"""A graph for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.graph_layout import RowKind
from ...core.text import printable
from .labels import LaidOutGraph, box_lines, looks_of, path_of

_LOOKS = {
    "revision": 'fillcolor="#eef2f7" color="#64748b"',
    "head": 'fillcolor="#d1fae5" color="#059669" penwidth=2',
    "merge": 'fillcolor="#ede9fe" color="#7c3aed"',
    "point": 'fillcolor="#fef3c7" color="#d97706" penwidth=2',
    "broken": 'fillcolor="#fee2e2" color="#dc2626" penwidth=2',
    "missing": 'fillcolor="#fee2e2" color="#dc2626" style="rounded,filled,dashed"',
    "earlier": 'shape=plaintext style="" fontcolor="#64748b"',
}
_START = """digraph migmerge {
  rankdir=BT
  node [shape=box style="rounded,filled" fontname="Helvetica,Arial,sans-serif" fontsize=11 margin="0.12,0.06"]
  edge [color="#64748b" arrowsize=0.7]"""


def as_dot(layouts: Sequence[LaidOutGraph]) -> str:
    """Return a graph whose edges lead from each revision to those that follow it, upwards."""
    clusters = (line for number, drawn in enumerate(layouts) for line in _cluster(number, drawn))
    return "\n".join((_START, *clusters, "}"))


def _cluster(number: int, drawn: LaidOutGraph) -> Iterator[str]:
    layout, provenance = drawn
    yield f"  subgraph cluster_{number} {{"
    yield f'    label={_quoted(path_of(layout))} labelloc=b fontname="Helvetica,Arial,sans-serif" color="#cbd5e1"'
    for index, row in enumerate(layout.rows):
        label = _quoted(*box_lines(row, provenance.get(row.name)))
        tooltip = _quoted(printable(row.revision.path) if row.revision else row.kind.value)
        yield f"    n{number}_{index} [label={label} tooltip={tooltip} {_LOOKS[looks_of(row)]}]"
    for edge in layout.edges:
        style = "" if layout.rows[edge.parent].kind is RowKind.REVISION else " [style=dotted]"
        yield f"    n{number}_{edge.parent} -> n{number}_{edge.child}{style}"
    for edge in layout.dependencies:
        yield f"    n{number}_{edge.parent} -> n{number}_{edge.child} [style=dashed constraint=false]"
    yield "  }"


def _quoted(*lines: str) -> str:
    """Quote lines; Graphviz reads HTML entities and backslashes in a quoted string."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(escaped) + '"'
