"""Evidence from git about the revisions of a workspace, and the findings that it leads to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ..core.evidence import ClosedCollision, Copy, Evidence, NestedRepository
from ..core.finding import Finding
from ..core.findings.comparisons import closed_collisions
from ..core.findings.environments import scripts_gone, scripts_not_read, unreadable_configuration
from ..core.findings.scripts import diagnose
from ..core.immovable import Immovable
from ..core.options import Options
from ..core.provenance import LastSeen, Provenance
from ..core.revision import NESTED, Script
from ..core.script.budget import MOST_BYTES_COMPARED
from ..core.script.names import is_script_name
from ..core.script.read import read_carefully, read_script, script_at
from ..core.script.usable import MOST_CHARACTERS
from ..core.snapshot import Snapshot
from ..environment.layout import script_paths
from ..repository.unseen import hidden_paths
from .snapshots import all_environments, paths_not_as_committed
from .workspace import Workspace

TYPE_CHECKING = False  # the operations take 5 ms to import
if TYPE_CHECKING:
    from ..core.operations.operation import Operations
    from ..core.published import PublishedChange

MOST_COMPARED = 400
"""Scripts whose operations are read, which takes a millisecond each; a divergence of years has more."""

_MOST_LINES = 200
"""Scripts whose line to edit is looked for, which takes half a millisecond each; nobody edits more at a time."""


def diagnose_workspace(
    workspace: Workspace,
    *,
    also: Mapping[str, Iterable[str]] | None = None,
    with_published: bool = False,
    merge_points: Collection[str] | None = None,
) -> tuple[tuple[Finding, ...], Mapping[str, Evidence]]:
    """Return the findings of every environment, and the evidence by the environment's path.

    Git is asked only about the revisions of findings, and those named in `also`, by the environment's path. Scripts of the
    default branch are compared only `with_published`. `merge_points` are those whose sides are compared, None for all.
    """
    findings = list(_all_gone(workspace))
    evidence: dict[str, Evidence] = {}
    for snapshot in workspace.snapshots:
        path = snapshot.environment.name
        known = Evidence(
            uncommitted=() if workspace.kind == "index" else snapshot.uncommitted,
            published_changes=_published_changes(workspace, snapshot) if with_published else (),
            conflicts=tuple(path for path in workspace.conflicts if snapshot.environment.holds(path)),
            nested=_nested(workspace, snapshot),
            closed=_closed(workspace, snapshot, merge_points),
        )
        first = diagnose(snapshot, known)
        concerned = {name for each in first if each.kind.needs_history for name in each.revisions}
        concerned.update((also or {}).get(path, ()))
        evidence[path] = _asked_of_git(workspace, snapshot, known, concerned)._replace(lines=_lines_to_edit(workspace, first))
        findings += diagnose(snapshot, evidence[path]) if first else ()
    return tuple(findings), evidence


def _nested(workspace: Workspace, snapshot: Snapshot) -> Mapping[str, NestedRepository]:
    paths = [script.path for script in snapshot.uncommitted if script.uncommitted == NESTED]
    if not paths:
        return {}
    # Hardly any project has such scripts.
    from ..repository.other_repositories import nested_repositories

    return nested_repositories(workspace.repository, paths)


def _lines_to_edit(workspace: Workspace, findings: Iterable[Finding]) -> dict[str, int]:
    wanted = (path for each in findings if each.kind.names_line for path in each.paths if path in workspace.tree.blobs)
    paths = tuple(islice(dict.fromkeys(wanted), _MOST_LINES))
    if not paths:
        return {}
    from ..core.script.positions import line_to_edit

    blobs = {path: workspace.tree.blobs[path] for path in paths}
    contents = workspace.tree.read(workspace.repository.git, blobs.values())
    return {path: line_to_edit(contents[blob]) for path, blob in blobs.items()}


def _all_gone(workspace: Workspace) -> Iterator[Finding]:
    """Yield a finding for each environment whose scripts are all deleted in the work tree, and not in HEAD."""
    if workspace.committed is None or workspace.kind != "worktree":
        return
    for snapshot in workspace.snapshots:
        if not snapshot.scripts and (paths := script_paths(snapshot.environment, workspace.committed.paths)):
            yield scripts_gone(snapshot.environment, paths, hidden=bool(hidden_paths(workspace.repository.git, paths)))


def diagnose_unread(workspace: Workspace, options: Options) -> tuple[Finding, ...]:
    """Return the findings about scripts that no environment reads, and about configurations of which no folder is known.

    There are none where the user selected environments.
    """
    if options.environments or workspace.settings.environments:
        return ()
    found = all_environments(workspace.repository, workspace.tree)
    folderless = (environment for environment in found.environments if not environment.has_folder)
    broken = [finding for environment in folderless for finding in unreadable_configuration(environment)]
    return (*broken, *scripts_not_read(found.unread))


def _published_changes(workspace: Workspace, snapshot: Snapshot) -> tuple[PublishedChange, ...]:
    if workspace.settings.default_branch is None and not workspace.repository.may_have_remote_branches:
        return ()
    from .published import changes_to_published  # with what reads objects one by one, 1 ms

    return changes_to_published(workspace, snapshot)


def _asked_of_git(workspace: Workspace, snapshot: Snapshot, known: Evidence, concerned: set[str]) -> Evidence:
    if not concerned:
        return known
    graph = snapshot.graph
    missing = bool(graph.missing)
    gone = _gone(workspace, snapshot) if missing else {}
    doubled = {name for group in graph.double_merges for name in group}
    doubled |= {name for name in graph.revisions if len(name) > MOST_CHARACTERS}
    provenance = provenance_in(workspace, snapshot, concerned | graph.diverging)
    return Evidence(
        provenance,
        _last_seen(workspace, snapshot, provenance) if missing else {},
        known.uncommitted,
        immovable_revisions(workspace, snapshot, doubled) if doubled else Immovable(),
        operations_of(workspace, snapshot, graph.diverging),
        known.published_changes,
        conflicts=known.conflicts,
        on_disk=_scripts_on_disk(workspace, snapshot) if missing and workspace.kind != "worktree" else (),
        copies=_copies(workspace, snapshot) if graph.duplicates else {},
        gone=gone,
        hidden=hidden_paths(workspace.repository.git, gone.values()),
        nested=known.nested,
        closed=known.closed,
    )


def _closed(workspace: Workspace, snapshot: Snapshot, merge_points: Collection[str] | None) -> tuple[ClosedCollision, ...]:
    if not snapshot.graph.merge_points:
        return ()
    from .closed_collisions import closed_collisions_in

    return closed_collisions_in(workspace, snapshot, merge_points)


def closed_findings(workspace: Workspace, snapshot: Snapshot) -> list[Finding]:
    """Return what is found about the merge points of a snapshot, of all of them."""
    closed = _closed(workspace, snapshot, None)
    return list(closed_collisions(snapshot, Evidence(closed=closed))) if closed else []


def _gone(workspace: Workspace, snapshot: Snapshot) -> dict[str, str]:
    """Return the paths of the scripts that HEAD has and the work tree lacks, by revision id."""
    committed = workspace.committed
    if committed is None or workspace.kind != "worktree":
        return {}
    paths = [path for path in script_paths(snapshot.environment, committed.paths) if path not in workspace.tree.blobs]
    contents = committed.read(workspace.repository.git, (committed.blobs[path] for path in paths)) if paths else {}
    readings = {path: read_script(contents[committed.blobs[path]]) for path in paths}
    return {reading.revision: path for path, reading in readings.items() if reading.revision}


def _copies(workspace: Workspace, snapshot: Snapshot) -> dict[str, Copy]:
    """Return what git knows of the scripts that share an id, and of those that name it, by path."""
    from ..repository.history import own_address, provenance_of, published_of
    from ..repository.pick import names_picked

    doubled = {group[0].revision for group in snapshot.graph.duplicates}
    paths = [
        each.path
        for scripts in snapshot.graph.scripts.values()
        for each in scripts
        if not doubled.isdisjoint((each.revision, *each.down_revisions, *each.depends_on))
    ]
    repository, ours = workspace.repository, own_address(workspace.repository)
    known = provenance_of(repository, {path: path for path in paths}, (*workspace.tips, "--all")) if workspace.tips else {}
    published = published_of(repository, {path: (path,) for path in paths}, workspace.branches)
    return {
        path: Copy(
            known.get(path),
            None if published is None else next(iter(published.get(path, ())), ""),
            path in known and known[path].mail == ours,
            workspace.tree.blobs[path],
            path in known and names_picked(repository, known[path].commit),
        )
        for path in paths
    }


def _last_seen(workspace: Workspace, snapshot: Snapshot, provenance: Mapping[str, Provenance]) -> dict[str, LastSeen]:
    # `ast` and what compares scripts take 40 ms to import, which only a missing parent pays.
    from .missing_scripts import last_seen_in

    return last_seen_in(workspace, snapshot, provenance)


def _scripts_on_disk(workspace: Workspace, snapshot: Snapshot) -> tuple[Script, ...]:
    """Read the scripts of the work tree that HEAD does not have as they are there."""
    repository = workspace.repository
    paths = (
        path
        for path in paths_not_as_committed(repository, [snapshot.environment], workspace.tree)
        if snapshot.environment.holds(path)
    )
    there = (path for path in paths if is_script_name(path.rpartition("/")[2]) and os.path.isfile(repository.absolute(path)))
    return tuple(script_at(read_carefully(repository.seen_on_disk(path)), path) for path in there)


def provenance_in(
    workspace: Workspace, snapshot: Snapshot, names: Iterable[str], *, with_branches: bool = False
) -> dict[str, Provenance]:
    """Return where revisions come from, by id, without those that the snapshot lacks."""
    from ..repository.history import provenance_of

    if not workspace.tips:
        return {}
    branches = workspace.branches if with_branches else None
    return provenance_of(workspace.repository, _paths(snapshot, names), workspace.tips, branches)


def provenance_of_heads(workspace: Workspace) -> dict[str, dict[str, Provenance]]:
    """Return where the heads come from, with all branches that contain them, by the environment's path and the id."""
    return {
        each.environment.name: provenance_in(workspace, each, each.graph.heads, with_branches=True)
        for each in workspace.snapshots
    }


def immovable_revisions(workspace: Workspace, snapshot: Snapshot, names: Iterable[str]) -> Immovable:
    """Return which revisions a remote-tracking branch has or had; git does not know what a database has run."""
    from .published import published_revisions

    published = published_revisions(workspace, snapshot, _paths(snapshot, names))
    return Immovable(None if published is None else {name: branches[0] for name, branches in published.items()})


def _paths(snapshot: Snapshot, names: Iterable[str]) -> dict[str, str]:
    graph = snapshot.graph
    return {name: graph[name].path for name in sorted(names) if name in graph}


def operations_of(workspace: Workspace, snapshot: Snapshot, names: Iterable[str]) -> dict[str, Operations]:
    """Read what revisions do to the schema, by id, from the text of their scripts."""
    paths = _paths(snapshot, names)
    if not paths:
        return {}
    # `ast` takes 25 ms to import, which only a divergence pays.
    from ..core.operations.dialect import dialect_of, read_scripts
    from ..core.operations.operation import Operations, Unread

    if len(paths) > MOST_COMPARED:
        return dict.fromkeys(
            paths, Operations(unread=(Unread(1, f"one of {len(paths)} scripts, which are too many to compare"),))
        )
    texts = _texts_of(workspace, paths)
    if texts is None:
        length = f"one of {len(paths)} scripts, which are together too long to compare"
        return dict.fromkeys(paths, Operations(unread=(Unread(1, length),)))
    return read_scripts(texts, dialect_of(texts.values(), configuration_of(workspace, snapshot)))


def _texts_of(workspace: Workspace, paths: Mapping[str, str]) -> dict[str, bytes] | None:
    """Return the bytes of the scripts at some paths, by the same keys; None where that is more than is compared."""
    blobs = {name: workspace.tree.blobs[path] for name, path in paths.items()}
    contents: dict[str, bytes] = {}
    left = MOST_BYTES_COMPARED
    for blob, data in workspace.tree.each(workspace.repository.git, blobs.values()):
        contents[blob], left = data, left - len(data)
        if left < 0:
            return None
    return {name: contents[blob] for name, blob in blobs.items()}


def configuration_of(workspace: Workspace, snapshot: Snapshot) -> bytes:
    """Return the bytes of the file that describes an environment, as the tree has it; empty where it has none."""
    blob = workspace.tree.blobs.get(snapshot.environment.config or "")
    return workspace.tree.read(workspace.repository.git, [blob])[blob] if blob else b""


def lines_of_identifiers(workspace: Workspace, findings: Sequence[Finding]) -> dict[str, int]:
    """Return the line on which each script of a finding has its identifiers."""
    from ..core.script.positions import line_of_identifiers

    paths = {path for finding in findings for path in finding.paths}
    blobs = {path: workspace.tree.blobs[path] for path in paths if path in workspace.tree.blobs}
    contents = workspace.tree.read(workspace.repository.git, blobs.values())
    return {path: line_of_identifiers(contents[blob]) for path, blob in blobs.items()}
