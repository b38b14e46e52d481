"""A picture of the revisions in Mermaid, as GitHub and GitLab draw it in a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...core.errors import MigmergeError
from ...core.picture import Kind
from .words import Drawn, lines_of, looks_of, path_of

_MOST_TEXT = 50_000
_MOST_EDGES = 500
"""Mermaid's own limits (maxTextSize, maxEdges), which GitHub does not let a diagram raise."""

_CLASSES = """  classDef revision fill:#eef2f7,stroke:#64748b,color:#1e293b
  classDef head fill:#d1fae5,stroke:#059669,color:#064e3b,stroke-width:3px
  classDef merge fill:#ede9fe,stroke:#7c3aed,color:#4c1d95
  classDef point fill:#fef3c7,stroke:#d97706,color:#78350f,stroke-width:3px
  classDef broken fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-width:3px
  classDef missing fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-dasharray:4 3
  classDef earlier fill:none,stroke:none,color:#64748b"""

_MEANT = re.compile(r"(?<![^\W_])[-._/]|[-._/](?![^\W_])|[^\w ,./\x80-\U0010ffff-]")
"""All that Mermaid, Markdown or HTML could take for its own; not a dot or dash within a word."""


def as_mermaid(pictures: Sequence[Drawn], *, divergent_only: bool = False) -> str:
    """Return a flowchart whose edges lead from each revision to those that follow it, upwards.

    Raises:
        MigmergeError: where Mermaid would refuse it for its size.
    """
    comment = ("%% too many revisions for Mermaid; this is the divergent part",) if divergent_only else ()
    parts = (line for number, drawn in enumerate(pictures) for line in _subgraph(number, drawn, alone=len(pictures) == 1))
    text = "\n".join((*comment, "flowchart BT", *parts, _CLASSES))
    if len(text) > _MOST_TEXT or sum(len(picture.edges) + len(picture.dependencies) for picture, _ in pictures) > _MOST_EDGES:
        raise MigmergeError("too many revisions for Mermaid", hint="migmerge graph --format svg")
    return text


def _subgraph(number: int, drawn: Drawn, *, alone: bool) -> Iterator[str]:
    if alone:
        yield from _parts(number, drawn)
        return
    yield f'  subgraph e{number}["{_escaped(path_of(drawn[0]))}"]'
    yield "  direction BT"
    yield from _parts(number, drawn)
    yield "  end"


def _parts(number: int, drawn: Drawn) -> Iterator[str]:
    picture, provenance = drawn
    for place, row in enumerate(picture.rows):
        label = "<br/>".join(map(_escaped, lines_of(row, provenance.get(row.name))))
        before, after = ("{{", "}}") if looks_of(row) == "merge" else ("(", ")")
        yield f'  n{number}_{place}{before}"{label}"{after}:::{looks_of(row)}'
    for edge in picture.edges:
        line = "-->" if picture.rows[edge.parent].kind is Kind.REVISION else "-.-"
        yield f"  n{number}_{edge.parent} {line} n{number}_{edge.child}"
    for edge in picture.dependencies:
        yield f"  n{number}_{edge.parent} -. needed by .-> n{number}_{edge.child}"


def _escaped(text: str) -> str:
    return _MEANT.sub(lambda found: f"#{ord(found[0])};", text)
