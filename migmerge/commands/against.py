"""The tree that a merge would give, as a survey, and which side brings what to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..core.changes import changes_between
from ..core.errors import MigmergeError
from ..core.revision import Revision
from ..core.snapshot import Snapshot
from ..repository.merging import merged_tree
from ..repository.tree import start_tree, tree_of
from .configured import read_settings
from .options import Options
from .snapshots import take_snapshots
from .survey import Survey, choose, survey_commit


@dataclass(frozen=True, slots=True)
class Brought:
    """The revisions that each side of a merge brings to the other, by the environment's path."""

    by_commit: Mapping[str, tuple[Revision, ...]]
    by_against: Mapping[str, tuple[Revision, ...]]


def survey_merge(options: Options, revision: str | None, against: str) -> tuple[Survey, Brought]:
    """Look at the tree that merging a commit into `against` would give.

    Raises:
        MigmergeError: where one of them names no commit, or git cannot tell.
    """
    ours = survey_commit(options, revision, required=False)
    if ours.commit is None:
        raise MigmergeError("HEAD has no commit yet", hint="git commit")
    theirs = survey_commit(options, against, required=False)
    assert theirs.commit is not None
    repository = ours.repository
    tree = tree_of(repository.git, start_tree(repository.git, merged_tree(repository.git, theirs.commit, ours.commit)))
    found = take_snapshots(repository, tree, since=theirs.tree)
    settings = read_settings(repository, [snapshot.environment for snapshot in found])
    snapshots = choose(repository, found, options, settings, required=True)
    survey = replace(ours, settings=settings, tree=tree, snapshots=snapshots, against=theirs.commit)
    return survey, Brought(_arrived(theirs.snapshots, snapshots), _arrived(ours.snapshots, snapshots))


def _arrived(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> dict[str, tuple[Revision, ...]]:
    return {change.environment.path: change.arrived for change in changes_between(before, after) if change.arrived}
