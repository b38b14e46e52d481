"""Committing a few files, and nothing else, from a shell or from inside a hook.

A plain `git commit` in post-merge makes a bogus merge commit, or takes along what the user had staged; plumbing would
skip the user's own hooks and signature. Measured with git 2.39 and 2.55, in every state that `tests/test_committing.py`
lists.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress

from ..core.errors import MigmergeError
from .git import COMMITTING
from .interrupts import interrupts_ignored
from .repository import Repository

_AUTOSTASHES = ("MERGE_AUTOSTASH", "rebase-merge/autostash", "rebase-apply/autostash")
_HINTS = {
    "merge": "git commit",
    "rebase": "git rebase --continue",
    "am": "git am --continue",
    "cherry-pick": "git cherry-pick --continue",
    "revert": "git revert --continue",
    "sequencer": "git status",
    "bisect": "git bisect reset",
}


def refuse_unfinished(repository: Repository) -> None:
    """Refuse to commit in the middle of a merge, rebase, cherry-pick, revert or bisect that the user has not ended.

    Raises:
        MigmergeError: naming the operation and the command that ends it.
    """
    unfinished = sorted(repository.in_progress)
    if unfinished:
        raise MigmergeError(f"a {unfinished[0]} is in progress; finish it first", hint=_HINTS[unfinished[0]])


def refuse_untakable(repository: Repository, added: Sequence[str]) -> None:
    """Refuse to write what git would not take: a new path that it ignores, or an index that another git holds.

    Raises:
        MigmergeError: naming what is in the way.
    """
    if os.path.exists(os.path.join(repository.git_dir, "index.lock")):
        raise MigmergeError("another git is at work in this repository: index.lock is there", hint="ps -C git, then try again")
    for path in added:
        if repository.git.line("check-ignore", "--no-index", "--", path):
            raise MigmergeError(f"git ignores {path}", hint=f"git check-ignore --verbose --no-index {shlex.quote(path)}")


def refuse_changed(repository: Repository, paths: Sequence[str]) -> None:
    """Refuse to touch files in which the user has changes that no commit holds, an autostash's included.

    Raises:
        MigmergeError: naming them.
    """
    git = repository.git
    places = [f":(top,literal){path}" for path in paths]
    stashes = [_first_line(os.path.join(repository.git_dir, name)) for name in _AUTOSTASHES]
    hidden = [line[2:] for line in git.text("ls-files", "-v", "--", *places).splitlines() if line[0] == "S" or line[0].islower()]
    if hidden:
        raise MigmergeError(
            f"git is told not to look at {', '.join(hidden)} (assume-unchanged or skip-worktree)",
            hint=f"git update-index --no-assume-unchanged --no-skip-worktree {shlex.join(hidden)}",
        )
    for commits in (("HEAD",), ("--cached", "HEAD"), *((f"{stash}^", stash) for stash in stashes if stash)):
        if changed := git.line("diff", "--name-only", "--no-ext-diff", *commits, "--", *places):
            raise MigmergeError(
                f"{', '.join(changed.splitlines())} has changes of yours that are in no commit", hint="git stash, or git commit"
            )


def _first_line(path: str) -> str | None:
    try:
        with open(path, encoding="ascii") as file:
            return file.readline().strip() or None
    except OSError:
        return None


def end_merge(repository: Repository) -> None:
    """Remove what git itself removes right after post-merge, so that a commit here gets one parent.

    Only once HEAD holds every merged commit. MERGE_AUTOSTASH stays: git still applies it, where `git merge --quit` would
    turn it into a stash entry.
    """
    path = os.path.join(repository.git_dir, "MERGE_HEAD")
    if not os.path.exists(path):
        return
    with open(path, encoding="ascii") as file:
        merged = file.read().split()
    for commit in merged:
        if repository.git.line("merge-base", commit, "HEAD") != commit:
            raise MigmergeError("the merge is not finished", hint="git commit")
    for name in ("MERGE_HEAD", "MERGE_MODE", "MERGE_MSG"):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(repository.git_dir, name))


def commit_alone(repository: Repository, paths: Sequence[str], message: str, *, in_hook: bool) -> str | None:
    """Commit a few files by themselves, new, changed or gone; return the commit's id, or None where git refused.

    The user's hooks and signature are respected. The reset comes also after a success: a formatter hook that does
    `git add` would leave the file half staged. After a refusal HEAD and index are as they were.
    """
    git = repository.git
    own = {COMMITTING: "1"}
    files = [f":(top,literal){path}" for path in paths]
    here = [file for file, path in zip(files, paths, strict=True) if os.path.lexists(repository.absolute(path))]
    before = git.line("rev-parse", "HEAD")
    try:
        if git.act("add", "--intent-to-add", "--", *here, more=own, in_hook=in_hook):
            return None
        git.act("commit", "--quiet", "--only", "-m", message, "--", *files, more=own, in_hook=in_hook)
    finally:
        with interrupts_ignored():
            git.act("reset", "--quiet", "--", *files, more=own, in_hook=in_hook)
    after = git.line("rev-parse", "HEAD")
    if after is None or after == before:
        return None
    if added := set(paths_in(repository, after)).difference(paths):
        # By a pre-commit hook of the user's: git leaves its own index without them.
        git.act("reset", "--quiet", "--", *(f":(top,literal){path}" for path in sorted(added)), more=own, in_hook=in_hook)
    return after


def paths_in(repository: Repository, commit: str) -> list[str]:
    """Return the files that a commit changed."""
    listed = repository.git.text("diff-tree", "--no-commit-id", "--no-renames", "--name-only", "-r", "-z", commit)
    return [path for path in listed.split("\0") if path]
