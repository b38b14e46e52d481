"""A graph in Mermaid, which GitHub and GitLab draw in comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...core.errors import MigmergeError
from ...core.graph_layout import RowKind
from .labels import LaidOutGraph, box_lines, looks_of, path_of

_MOST_TEXT = 50_000
_MOST_EDGES = 500
"""Mermaid's own limits (maxTextSize, maxEdges), which a diagram on GitHub cannot raise."""

_CLASSES = """  classDef revision fill:#eef2f7,stroke:#64748b,color:#1e293b
  classDef head fill:#d1fae5,stroke:#059669,color:#064e3b,stroke-width:3px
  classDef merge fill:#ede9fe,stroke:#7c3aed,color:#4c1d95
  classDef point fill:#fef3c7,stroke:#d97706,color:#78350f,stroke-width:3px
  classDef broken fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-width:3px
  classDef missing fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-dasharray:4 3
  classDef earlier fill:none,stroke:none,color:#64748b"""

_SPECIAL = re.compile(r"(?<![^\W_])[-._/]|[-._/](?![^\W_])|[^\w ,./\x80-\U0010ffff-]")
"""The characters that can have a meaning in Mermaid, Markdown or HTML; a dot or dash within a word has none."""


def as_mermaid(layouts: Sequence[LaidOutGraph], *, divergent_only: bool = False) -> str:
    """Return a flowchart whose edges lead from each revision to those that follow it, upwards.

    Raises:
        MigmergeError: where the flowchart exceeds Mermaid's limits.
    """
    comment = ("%% too many revisions for Mermaid; this is the divergent part",) if divergent_only else ()
    parts = (line for number, drawn in enumerate(layouts) for line in _subgraph(number, drawn, alone=len(layouts) == 1))
    text = "\n".join((*comment, "flowchart BT", *parts, _CLASSES))
    if len(text) > _MOST_TEXT or sum(len(layout.edges) + len(layout.dependencies) for layout, _ in layouts) > _MOST_EDGES:
        raise MigmergeError("too many revisions for Mermaid", hint="migmerge graph --format svg")
    return text


def _subgraph(number: int, drawn: LaidOutGraph, *, alone: bool) -> Iterator[str]:
    if alone:
        yield from _parts(number, drawn)
        return
    yield f'  subgraph e{number}["{_escaped(path_of(drawn[0]))}"]'
    yield "  direction BT"
    yield from _parts(number, drawn)
    yield "  end"


def _parts(number: int, drawn: LaidOutGraph) -> Iterator[str]:
    layout, provenance = drawn
    for index, row in enumerate(layout.rows):
        label = "<br/>".join(map(_escaped, box_lines(row, provenance.get(row.name))))
        before, after = ("{{", "}}") if looks_of(row) == "merge" else ("(", ")")
        yield f'  n{number}_{index}{before}"{label}"{after}:::{looks_of(row)}'
    for edge in layout.edges:
        line = "-->" if layout.rows[edge.parent].kind is RowKind.REVISION else "-.-"
        yield f"  n{number}_{edge.parent} {line} n{number}_{edge.child}"
    for edge in layout.dependencies:
        yield f"  n{number}_{edge.parent} -. needed by .-> n{number}_{edge.child}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)
