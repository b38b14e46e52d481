"""The tree that a merge would give, as a workspace, and what each side brings to it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from ..core.finding import Finding
from ..core.options import Options
from ..core.revision import Revision
from ..core.snapshot import Snapshot, changes_between
from ..repository.merge_tree import merged_tree
from ..repository.refs import is_in
from .workspace import Workspace, open_workspace, workspace_of_merge


class MergeSides(NamedTuple):
    """Hold what each side of a merge brings to the other, by the environment's path; `names` are how the user calls the sides."""

    names: tuple[str, str]
    by_commit: Mapping[str, tuple[Revision, ...]]
    by_against: Mapping[str, tuple[Revision, ...]]


@contextmanager
def open_merge_preview(options: Options, revision: str | None, against: str) -> Iterator[tuple[Workspace, MergeSides]]:
    """Open a workspace on the tree that merging a commit into `against` would give; git forgets the tree afterwards.

    Raises:
        MigmergeError: where one of them names no commit, or git cannot tell.
    """
    ours = open_workspace(options, revision or "HEAD", required=False)
    theirs = open_workspace(options, against, required=False)
    assert ours.commit and theirs.commit
    with merged_tree(ours.repository, theirs.commit, ours.commit) as merged:
        merge = workspace_of_merge(ours, options, merged, since=theirs, required=True)
        sides = MergeSides(
            (revision or "HEAD", against),
            _arrived_revisions(theirs.snapshots, merge.snapshots),
            _arrived_revisions(ours.snapshots, merge.snapshots),
        )
        yield merge, sides


def is_into_default(workspace: Workspace) -> bool:
    """Say whether a merge would go into the default branch, or into a commit that this one has."""
    default = workspace.branches.default
    if default is None or workspace.against is None:
        return False
    return is_in(workspace.repository.git, workspace.against, default.commit)


def as_if_merged(finding: Finding, names: tuple[str, str]) -> Finding:
    """Let the hint make the merge first, for the work tree does not have it yet."""
    commit, against = map(shlex.quote, names)
    switch = () if commit == "HEAD" else (f"git checkout {commit}",)
    return finding.after(*switch, f"git merge {against}")


def _arrived_revisions(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> dict[str, tuple[Revision, ...]]:
    return {change.environment.name: change.arrived for change in changes_between(before, after) if change.arrived}
