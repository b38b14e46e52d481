"""The revisions of a workspace as a drawing needs them: where each stands, and who wrote it."""

from __future__ import annotations

from ..core.graph_layout import GraphLayout, RowKind, lay_out_graph
from ..core.provenance import Provenance
from .evidence import provenance_in
from .workspace import Workspace

MOST_ASKED = 300
"""Revisions for which git is asked who wrote them, where nobody waits for all; more are drawn without."""


def drawn_graphs(
    workspace: Workspace, *, whole: bool, most_asked: int = MOST_ASKED
) -> list[tuple[GraphLayout, dict[str, Provenance]]]:
    """Lay out all revisions of each environment, or those that diverge, with the provenance of those that are shown."""
    layouts = [lay_out_graph(each, whole=whole) for each in workspace.snapshots]
    return [(layout, _provenance(workspace, layout, most_asked)) for layout in layouts]


def _provenance(workspace: Workspace, layout: GraphLayout, most_asked: int) -> dict[str, Provenance]:
    names = [row.name for row in layout.rows if row.kind is RowKind.REVISION]
    if len(names) > most_asked:
        return {}
    graph = layout.snapshot.graph
    shared = frozenset.intersection(*map(graph.ancestors, graph.heads)) if len(graph.heads) > 1 else frozenset()
    known = provenance_in(workspace, layout.snapshot, names)
    # Every branch has the common ancestors of all heads, so the branch that git names for them says nothing.
    return {name: each._replace(branch=None) if name in shared else each for name, each in known.items()}
