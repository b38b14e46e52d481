"""The tree that a merge would give, as a workspace, and which side brings what to it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..core.errors import MigmergeError
from ..core.finding import Finding, Need
from ..core.options import Options
from ..core.revision import Revision
from ..core.snapshot import Snapshot, changes_between
from ..repository.merge_tree import merged_tree
from ..repository.tree import start_tree, tree_of
from .settings import read_settings
from .snapshots import take_snapshots
from .workspace import Workspace, open_workspace, select_environments


@dataclass(frozen=True, slots=True)
class MergeSides:
    """What each side of a merge brings to the other, by the environment's path; `names` are what the sides were called."""

    names: tuple[str, str]

    by_commit: Mapping[str, tuple[Revision, ...]]
    by_against: Mapping[str, tuple[Revision, ...]]


@contextmanager
def open_merge_preview(options: Options, revision: str | None, against: str) -> Iterator[tuple[Workspace, MergeSides]]:
    """Look, as long as this lasts, at the tree that merging a commit into `against` would give.

    Raises:
        MigmergeError: where one of them names no commit, or git cannot tell.
    """
    ours = open_workspace(options, revision, required=False)
    if ours.commit is None:
        raise MigmergeError("HEAD has no commit yet", hint="git commit")
    theirs = open_workspace(options, against, required=False)
    assert theirs.commit is not None
    with merged_tree(ours.repository, theirs.commit, ours.commit) as merged:
        repository = merged.repository
        tree = tree_of(repository.git, start_tree(repository.git, merged.oid))
        found = take_snapshots(repository, tree, since=theirs.tree)
        settings = read_settings(repository, [snapshot.environment for snapshot in found])
        snapshots = select_environments(repository, found, options, settings, required=True)
        brought = MergeSides(
            (revision or "HEAD", against),
            _arrived_revisions(theirs.snapshots, snapshots),
            _arrived_revisions(ours.snapshots, snapshots),
        )
        merge = replace(ours, repository=repository, settings=settings, tree=tree, snapshots=snapshots)
        yield replace(merge, against=theirs.commit, conflicts=merged.conflicts), brought


def as_if_merged(finding: Finding, names: tuple[str, str]) -> Finding:
    """Let the hint make the merge first, for the work tree does not have it yet."""
    commit, against = map(shlex.quote, names)
    switch = () if commit == "HEAD" else (f"git checkout {commit}",)
    return finding.where(Need.COMMITTED, *switch, f"git merge {against}")


def _arrived_revisions(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> dict[str, tuple[Revision, ...]]:
    return {change.environment.path: change.arrived for change in changes_between(before, after) if change.arrived}
