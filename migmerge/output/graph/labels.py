"""The texts about a revision, which all drawings of a graph share."""

from __future__ import annotations

from ...core.graph import RevisionGraph
from ...core.graph_layout import GraphLayout, Mark, Row, RowKind
from ...core.provenance import Provenance
from ...core.snapshot import Snapshot
from ...core.text import counted, printable, shortened

LaidOutGraph = tuple[GraphLayout, dict[str, Provenance]]
"""A layout, and the provenance of its revisions by id."""


def looks_of(row: Row) -> str:
    """Return the name of a row's looks, after its most important mark."""
    if row.kind is not RowKind.REVISION:
        return "missing" if row.kind is RowKind.MISSING else "earlier"
    looks = {Mark.CYCLE: "broken", Mark.DUPLICATE: "broken", Mark.HEAD: "head", Mark.MERGE: "merge", Mark.BRANCH_POINT: "point"}
    return next((look for mark, look in looks.items() if mark in row.marks), "revision")


def row_message(row: Row) -> str:
    return printable(row.revision.message) if row.revision else ""


def origin_of(known: Provenance | None) -> str:
    """Return the known ones of author and branch."""
    return printable(", ".join(filter(None, (known.author, known.branch)))) if known else ""


def box_lines(row: Row, known: Provenance | None, most: int = 60) -> list[str]:
    """Return the lines of a box: id and marks, message, origin."""
    tags = f" [{', '.join(row.tags)}]" if row.tags else ""
    return [line for line in (printable(row.title + tags), shortened(row_message(row), most), origin_of(known)) if line]


def path_of(layout: GraphLayout) -> str:
    return printable(layout.snapshot.environment.name or ".")


def summary_of(snapshot: Snapshot) -> str:
    """Return the numbers of revisions and heads, which of the heads diverge, and how many scripts cannot be read."""
    graph, unread = snapshot.graph, len(snapshot.unreadable)
    counts = f"{counted(len(graph), 'revision')}, {_heads(graph, is_whole=not unread)}"
    return f"{counts}; {counted(unread, 'script')} cannot be read" if unread else counts


def _heads(graph: RevisionGraph, *, is_whole: bool) -> str:
    heads, divergences = counted(len(graph.heads), "head"), graph.divergences
    if not divergences:
        return f"{heads}, nothing diverges" if is_whole else heads
    if len(divergences) > 1:
        return f"{heads}, {len(divergences)} divergences"
    (one,) = divergences
    diverge = f"{heads} that diverge" if len(one.heads) == len(graph.heads) else f"{heads}, {len(one.heads)} of them diverge"
    return f"{diverge} after {one.branch_point}" if one.branch_point else diverge
