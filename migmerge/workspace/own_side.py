"""The user's own side before the heads diverged, and which files with code of the project it had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from configparser import Error
from itertools import islice
from typing import NamedTuple

from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.fix_plan.project_code import CodeFile
from ..core.snapshot import Snapshot
from ..environment.config_files import declared_code
from ..repository.other_repositories import owner_of
from ..repository.ownership import changed_by_others, made_here, rebased_branch
from ..repository.reflogs import HEADS, ReflogEntry, reflog_of
from ..repository.refs import is_in
from ..repository.tree import Tree, start_tree, tree_of
from .snapshots import take_snapshots
from .workspace import Workspace

_MOST_POSITIONS = 50
"""Commits at which the branch stood that are looked at, which takes some 20 ms each."""


class OwnSide(NamedTuple):
    """Hold the newest commit of the user's side at which the heads did not diverge, its tree, and its environment."""

    commit: str
    tree: Tree
    environment: Environment | None


def own_side(workspace: Workspace, snapshot: Snapshot) -> OwnSide | None:
    """Return the user's side before the merge, pull or rebase that let the heads diverge; None where git does not tell.

    The reflog of the branch tells. A branch that began as somebody else's is not the user's side: that is where it left the
    default branch.
    """
    repository = workspace.repository
    branch = repository.branch or rebased_branch(repository)
    entries = reflog_of(repository, f"{HEADS}/{branch}") if branch else []
    if not entries:
        return None
    commits = _positions(entries) if _began_as_own(workspace, entries[0]) else _left_default(workspace, entries[0])
    for commit in islice(commits, _MOST_POSITIONS):
        if side := _undivided(workspace, snapshot, commit):
            return side
    return None


def _positions(entries: list[ReflogEntry]) -> list[str]:
    """Return the commits at which the branch stood, the newest first, each once."""
    return list(dict.fromkeys([*(each.commit for each in reversed(entries)), *filter(None, [entries[0].before])]))


def _began_as_own(workspace: Workspace, first: ReflogEntry) -> bool:
    """Say whether a branch began with a commit of this clone or of the default branch, or with the clone; or nobody knows how."""
    if first.before or first.message.startswith("clone: ") or first.commit in made_here(workspace.repository):
        return True
    default = workspace.branches.default
    return default is not None and is_in(workspace.repository.git, first.commit, default.commit)


def _left_default(workspace: Workspace, first: ReflogEntry) -> Iterator[str]:
    default = workspace.branches.default
    if default and (base := workspace.repository.git.line_if_any("merge-base", first.commit, default.commit)):
        yield base


def _undivided(workspace: Workspace, snapshot: Snapshot, commit: str) -> OwnSide | None:
    """Return the side that a commit is; None where its heads diverge, or the commit is gone."""
    try:
        tree = tree_of(workspace.repository.git, start_tree(workspace.repository.git, commit))
        then = {each.environment.name: each for each in take_snapshots(workspace.repository, tree)}
    except MigmergeError:
        return None
    there = then.get(snapshot.environment.name)
    return None if there and there.graph.divergences else OwnSide(commit, tree, there.environment if there else None)


def code_files(workspace: Workspace, snapshot: Snapshot, side: OwnSide | None, paths: Iterable[str]) -> list[CodeFile]:
    """Return what git tells of files with code, as HEAD has them: what is not committed is the user's own."""
    repository, since = workspace.repository, side and side.commit
    found = []
    for path in dict.fromkeys(paths):
        if owner_of(repository, path):
            found.append(CodeFile(path, is_same=False))
        elif _is_same(workspace, snapshot, side, path):
            found.append(CodeFile(path, is_same=True))
        else:
            found.append(CodeFile(path, is_same=False, by_others=changed_by_others(repository, path, since)))
    return found


def _is_same(workspace: Workspace, snapshot: Snapshot, side: OwnSide | None, path: str) -> bool:
    now = workspace.committed or workspace.tree
    if path not in now.blobs and path not in now.links:
        return True
    if side is None:
        return False
    if path == snapshot.environment.config and path not in now.links:
        return _is_declared_alike(workspace, snapshot.environment, side)
    return _entry(now, path) == _entry(side.tree, path)


def _entry(tree: Tree, path: str) -> tuple[str | None, str | None]:
    return tree.links.get(path), tree.blobs.get(path)


def _is_declared_alike(workspace: Workspace, now: Environment, side: OwnSide) -> bool:
    """Say whether the configuration runs the same: what else it says, as the dependencies in a pyproject.toml, is no code."""
    then = side.environment
    if then is None or (then.config, then.section, then.template) != (now.config, now.section, now.template):
        return False
    try:
        here, there = (_declared(workspace, tree, now) for tree in (workspace.committed or workspace.tree, side.tree))
    except (MigmergeError, Error, ValueError, TypeError, AttributeError):
        return False
    return here == there


def _declared(workspace: Workspace, tree: Tree, environment: Environment) -> object:
    path = environment.config or ""
    blob = tree.blobs[path]
    return declared_code(tree.read(workspace.repository.git, [blob])[blob], path, environment.section)
