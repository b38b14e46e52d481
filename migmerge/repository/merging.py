"""What a merge would give, without making it."""

from __future__ import annotations

from ..core.errors import MigmergeError
from .git import Git, GitFailed

_CLEAN, _CONFLICTS = 0, 1


def merged_tree(git: Git, into: str, commit: str) -> str:
    """Return the tree that merging `commit` into `into` would give; conflicting files have git's markers in them.

    Raises:
        MigmergeError: where git is too old, or the two have no common history.
    """
    merging = git.start("merge-tree", "--write-tree", "--no-messages", into, commit)
    output, complaint = merging.process.communicate()
    if merging.process.returncode in (_CLEAN, _CONFLICTS):
        return output.split(b"\n", 1)[0].decode()
    if b"usage:" in complaint:
        raise MigmergeError(
            f"looking at a merge needs git 2.38 or newer, and this is {git.text('version').strip()}",
            hint="a newer git, or git merge and then migmerge check",
        )
    raise GitFailed(merging.arguments, complaint.decode("utf-8", "replace"))
