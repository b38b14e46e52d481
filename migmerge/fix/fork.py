"""The pictures of divergent heads, with what git knows of their revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ..core.fix_plan.plan import Plan
from ..core.graph_layout import GraphLayout, RowKind, lay_out_graph
from ..core.immovable import Immovable
from ..core.provenance import Provenance
from ..core.snapshot import Snapshot
from ..output.text.fork import Fork, is_drawn
from ..repository.history import own_address
from ..workspace.evidence import provenance_in
from ..workspace.ownership import ownership_of
from ..workspace.workspace import Workspace, upgrade_commands


def forks_in(workspace: Workspace, alternatives: Mapping[str, Sequence[Plan]]) -> list[Fork]:
    """Return a fork for each environment whose heads diverge; none where only the repair of scripts is offered."""
    if "repair" in alternatives:
        return []
    return [_fork(workspace, snapshot) for snapshot in workspace.snapshots if snapshot.graph.divergences]


def _fork(workspace: Workspace, snapshot: Snapshot) -> Fork:
    layout, graph = lay_out_graph(snapshot, whole=False), snapshot.graph
    # What all sides share explains nothing, and has no origin in the picture.
    names = [name for name in (_names(layout) if is_drawn(layout) else graph.heads) if name in graph.diverging]
    known, standing = provenance_in(workspace, snapshot, names), ownership_of(workspace, snapshot, names)
    address = own_address(workspace.repository)
    new = {name for name in names if graph[name].uncommitted}
    own = {name for name, each in known.items() if each.mail == address} | new
    remote = {branch.name for branch in workspace.branches.each}
    committed = {name: each._replace(branch=_place(name, each, standing, remote)) for name, each in known.items()}
    added = {name: Provenance("", "", "", branch=graph[name].uncommitted) for name in new}
    return Fork(layout, committed | added, frozenset(own), upgrade_commands(workspace, [snapshot])[0])


def _place(name: str, known: Provenance, standing: Immovable, remote: Collection[str]) -> str | None:
    """Say which branch of others has a revision, or that it was not pushed; the branch it was made on where git does not tell."""
    if standing.published is None:
        return known.branch
    if branch := standing.published.get(name):
        return branch
    if branch := standing.pushed.get(name):
        return f"pushed to {branch}" if branch in remote else "perhaps pushed"
    return known.branch if name in standing.others and known.branch else "not pushed"


def _names(layout: GraphLayout) -> list[str]:
    return [row.name for row in layout.rows if row.kind is RowKind.REVISION]


def with_branches(forks: Sequence[Fork], branches: Mapping[str, str]) -> Iterator[Fork]:
    """Yield the forks with better names for the branches of some revisions: those of the merge that brought them."""
    for fork in forks:
        named = {name: known._replace(branch=branches[name]) for name, known in fork.provenance.items() if name in branches}
        yield fork._replace(provenance={**fork.provenance, **named})


def drawn_revisions(forks: Sequence[Fork]) -> Collection[str]:
    """Return the revisions that the pictures show."""
    return {name for fork in forks if is_drawn(fork.layout) for name in _names(fork.layout)}
