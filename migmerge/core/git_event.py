"""The meaning of a git hook: which two trees to compare, and whether a commit is safe.

Measured with git 2.39 and 2.55, see `tests/e2e/test_hook.py`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

HOOKS = ("post-merge", "post-checkout", "post-commit", "post-rewrite", "post-applypatch")
INDEX = ":"
"""Stands for the index where a tree is expected."""

_PICKING = frozenset({"am", "cherry-pick", "revert", "sequencer"})


class EventKind(Enum):
    """Name what the user did."""

    MERGE = "merge"
    SQUASH = "squash"
    COMMIT = "commit"
    PICK = "pick"
    """One commit of a cherry-pick, a revert or an am that git may not have ended."""
    REBASE = "rebase"
    CHECKOUT = "checkout"


class HeadCommit(Enum):
    """Say how the commit at HEAD came about."""

    PLAIN = "plain"
    MERGE = "merge"
    AMENDED = "amended"
    PICKED = "picked"


def head_commit(reflog: str, *, parents: int) -> HeadCommit:
    """Return how HEAD came about, from the newest line of its reflog and the number of its parents.

    A pick that had conflicts leaves no other trace in post-commit where it is the last of several, and git fails after a commit
    there: "your local changes would be overwritten".
    """
    if reflog.startswith("commit (amend)"):
        return HeadCommit.AMENDED
    if reflog.startswith(("commit (cherry-pick)", 'commit: Revert "')):
        return HeadCommit.PICKED
    return HeadCommit.MERGE if parents > 1 else HeadCommit.PLAIN


class GitEvent(NamedTuple):
    """Hold two trees, named as git names them, and what led from the first to the second."""

    kind: EventKind
    before: str
    after: str

    @property
    def may_commit(self) -> bool:
        """Say whether a commit is safe now: after a checkout it breaks a rebase, after a squash it deletes SQUASH_MSG.

        In the middle of a pick it would take the author and the message of CHERRY_PICK_HEAD.
        """
        return self.kind in (EventKind.MERGE, EventKind.COMMIT, EventKind.REBASE)

    @property
    def brings_others_work(self) -> bool:
        """Say whether new revisions came from somebody else, so that a hook reports them although nothing is wrong."""
        return self.kind not in (EventKind.COMMIT, EventKind.PICK)


def event_of(hook: str, arguments: tuple[str, ...], in_progress: frozenset[str], head: HeadCommit) -> GitEvent | None:
    """Return the event that a hook was called for, None where migmerge has nothing to do.

    `in_progress` names git's unfinished operations; `head` is the commit that HEAD names, which only post-commit asks for.
    """
    match hook, arguments:
        case "post-merge", ("1", *_):
            return GitEvent(EventKind.SQUASH, "HEAD", INDEX)
        case "post-merge", _:
            return GitEvent(EventKind.MERGE, "ORIG_HEAD", "HEAD")
        # git also calls it for `commit --amend`, and in the middle of `rebase -i` for a squash.
        case "post-rewrite", ("rebase", *_):
            return GitEvent(EventKind.REBASE, "ORIG_HEAD", "HEAD")
        case "post-commit", _ if "rebase" not in in_progress:
            return _commit_event(in_progress, head)
        # git also calls it for each pick of `rebase --apply`.
        case "post-applypatch", _ if "am" in in_progress:
            return GitEvent(EventKind.PICK, "HEAD^1", "HEAD")
        case "post-checkout", (old, new, "1", *_) if not in_progress & {"rebase", "bisect"} and _is_move(old, new):
            return GitEvent(EventKind.CHECKOUT, old, new)
    return None


def _commit_event(in_progress: frozenset[str], head: HeadCommit) -> GitEvent:
    if in_progress & _PICKING or head is HeadCommit.PICKED:
        return GitEvent(EventKind.PICK, "HEAD^1", "HEAD")
    if head is HeadCommit.AMENDED:
        return GitEvent(EventKind.COMMIT, "HEAD@{1}", "HEAD")
    # How a merge that had conflicts ends: post-merge is not called for it.
    return GitEvent(EventKind.MERGE if head is HeadCommit.MERGE else EventKind.COMMIT, "HEAD^1", "HEAD")


def _is_move(old: str, new: str) -> bool:
    """Say whether HEAD moved; `clone` and `worktree add` come from a null id."""
    return old != new and old.strip("0") != ""
