"""The meaning of a git hook: which two trees to compare, and whether a commit is safe.

Measured with git 2.39 and 2.55, see `tests/e2e/test_hook.py`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

HOOKS = ("post-merge", "post-checkout", "post-commit", "post-rewrite")
INDEX = ":"
"""Stands for the index where a tree is expected."""

_NOT_HERE = frozenset({"rebase", "am", "cherry-pick", "revert", "sequencer"})


class EventKind(Enum):
    """Name what the user did."""

    MERGE = "merge"
    SQUASH = "squash"
    COMMIT = "commit"
    REBASE = "rebase"
    CHECKOUT = "checkout"


class GitEvent(NamedTuple):
    """Hold two trees, named as git names them, and what led from the first to the second."""

    kind: EventKind
    before: str
    after: str

    @property
    def may_commit(self) -> bool:
        """Say whether a commit is safe now: after a checkout it breaks a rebase, after a squash it deletes SQUASH_MSG."""
        return self.kind in (EventKind.MERGE, EventKind.COMMIT, EventKind.REBASE)

    @property
    def brings_others_work(self) -> bool:
        """Say whether new revisions came from somebody else, so that a hook reports them although nothing is wrong."""
        return self.kind is not EventKind.COMMIT


def event_of(hook: str, arguments: tuple[str, ...], in_progress: frozenset[str], *, merge_commit: bool) -> GitEvent | None:
    """Return the event that a hook was called for, None where migmerge has nothing to do.

    `in_progress` names git's unfinished operations; `merge_commit` says whether HEAD has two parents.
    """
    match hook, arguments:
        case "post-merge", ("1", *_):
            return GitEvent(EventKind.SQUASH, "HEAD", INDEX)
        case "post-merge", _:
            return GitEvent(EventKind.MERGE, "ORIG_HEAD", "HEAD")
        # git also calls it for `commit --amend`, and in the middle of `rebase -i` for a squash.
        case "post-rewrite", ("rebase", *_):
            return GitEvent(EventKind.REBASE, "ORIG_HEAD", "HEAD")
        # How a merge that had conflicts ends: post-merge is not called for it.
        case "post-commit", _ if not in_progress & _NOT_HERE:
            return GitEvent(EventKind.MERGE if merge_commit else EventKind.COMMIT, "HEAD^1", "HEAD")
        case "post-checkout", (old, new, "1", *_) if not in_progress & {"rebase", "bisect"} and _is_move(old, new):
            return GitEvent(EventKind.CHECKOUT, old, new)
    return None


def _is_move(old: str, new: str) -> bool:
    """Say whether HEAD moved; `clone` and `worktree add` come from a null id."""
    return old != new and old.strip("0") != ""
