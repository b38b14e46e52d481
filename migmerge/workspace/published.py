"""Revisions that other people have, and changes here to the scripts of the default branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..core.errors import MigmergeError
from ..core.published import PublishedChange, published_changes
from ..core.revision import Revision
from ..core.script.names import is_script_name
from ..core.script.read import read_carefully, read_script, script_at
from ..core.snapshot import Snapshot
from ..repository.diff import changed_files, renamed_files
from ..repository.history import published_of
from ..repository.hooks.watched_paths import pathspecs
from ..repository.objects import Objects
from ..repository.refs import Branch
from ..repository.tree import read_blobs
from .workspace import Workspace


def published_revisions(workspace: Workspace, snapshot: Snapshot, paths: Mapping[str, str]) -> dict[str, tuple[str, ...]] | None:
    """Return the remote-tracking branches for each revision (id → path) that have or had it, under whatever path.

    None where git cannot tell.
    """
    branches = workspace.branches
    before = paths_before(workspace)
    if before is None:
        return None
    found = published_of(workspace.repository, {name: (path, *before.get(path, ())) for name, path in paths.items()}, branches)
    missing = paths.keys() - (found or {}).keys()
    remote = [branch for branch in branches.each if branch.is_remote]
    if found is None or not missing or not remote:
        return found
    try:
        for name, branch in _under_other_paths(workspace, snapshot, {name: paths[name] for name in missing}, remote):
            found[name] = (*found.get(name, ()), branch)
        return found
    except MigmergeError:  # a partial clone lacks objects of those branches
        return None


def paths_before(workspace: Workspace) -> dict[str, tuple[str, ...]] | None:
    """Return the paths that files had on the default branch, by their paths now; None where git cannot tell."""
    default = workspace.branches.default
    if default is None or workspace.commit is None:
        return {}
    renamed = renamed_files(workspace.repository.git, default.commit, workspace.commit)
    return None if renamed is None else {new: (old,) for new, old in renamed.items()}


def _under_other_paths(
    workspace: Workspace, snapshot: Snapshot, paths: Mapping[str, str], remote: Sequence[Branch]
) -> Iterator[tuple[str, str]]:
    """Yield the revisions that the tip of a branch has in another file or folder, with the branch."""
    cache = workspace.repository.readings
    ids = {workspace.tree.blobs[script.path]: script.revision for script in snapshot.scripts}
    names = {path.rpartition("/")[2] for path in paths.values()}
    with Objects(workspace.repository.git) as objects:
        by_commit: dict[str, Branch] = {}
        for branch in remote:
            by_commit.setdefault(branch.commit, branch)
        for branch in by_commit.values():
            for blob in objects.unseen_scripts(branch.commit, snapshot.environment.versions, names):
                if blob not in ids:
                    ids[blob] = (cache.get(blob) or read_script(objects.content(blob))).revision
                if ids[blob] in paths:
                    yield str(ids[blob]), branch.name


def changes_to_published(workspace: Workspace, snapshot: Snapshot) -> tuple[PublishedChange, ...]:
    """Return the scripts of the default branch that are edited, re-parented, renamed or deleted here, and not there as well."""
    default = workspace.branches.default
    if default is None or workspace.commit in (None, default.commit):
        return ()
    changed = changed_files(workspace.repository.git, default.commit, workspace.commit, pathspecs(snapshot.environment.versions))
    scripts = [each for each in changed if is_script_name(each.path.rpartition("/")[2])]
    if not scripts:
        return ()
    try:
        contents = read_blobs(workspace.repository.git, (each.old_blob for each in scripts))
    except MigmergeError:  # a partial clone lacks the old scripts
        return ()
    read = [(script_at(read_carefully(contents[each.old_blob]), each.path), contents[each.old_blob]) for each in scripts]
    before = {script: data for script, data in read if isinstance(script, Revision) and _is_of(snapshot, script)}
    pairs = _pairs(workspace, snapshot, {script.revision: data for script, data in before.items()})
    return tuple(published_changes(before, snapshot.graph, pairs, default.name, default.commit))


def _is_of(snapshot: Snapshot, script: Revision) -> bool:
    """Say whether a script belongs to an environment, which may have had another folder, and can be read here."""
    unreadable = {name for each in snapshot.unreadable for name in (each.path, each.revision)}
    known = snapshot.environment.holds(script.path) or script.revision in snapshot.graph
    return known and unreadable.isdisjoint((script.path, script.revision))


def _pairs(workspace: Workspace, snapshot: Snapshot, old: Mapping[str, bytes]) -> dict[str, tuple[bytes, bytes]]:
    """Return the old and the new bytes of the scripts that are still here, by revision id."""
    graph, blobs = snapshot.graph, workspace.tree.blobs
    names = [name for name in old if name in graph]
    new = workspace.tree.read(workspace.repository.git, (blobs[graph[name].path] for name in names))
    return {name: (old[name], new[blobs[graph[name].path]]) for name in names}
