"""What a merge would give, without making it."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.errors import MigmergeError
from .git import GitFailed
from .repository import Repository

_CLEAN, _CONFLICTS = 0, 1


@dataclass(frozen=True, slots=True)
class MergedTree:
    """A tree's id, and the files on which git would stop; those that both sides edited have its markers in them."""

    oid: str
    conflicts: tuple[str, ...]


def merged_tree(repository: Repository, into: str, commit: str) -> MergedTree:
    """Return the tree that merging `commit` into `into` would give.

    Raises:
        MigmergeError: where git is too old, or the two have no common history.
    """
    git = repository.git
    merging = git.start("merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", into, commit)
    output, complaint = merging.process.communicate()
    if merging.process.returncode in (_CLEAN, _CONFLICTS):
        oid, *conflicts = output.decode("utf-8", "surrogateescape").rstrip("\0").split("\0")
        return MergedTree(oid.strip(), tuple(conflicts))
    if b"usage:" in complaint:
        raise MigmergeError(
            f"looking at a merge needs git 2.38 or newer, and this is {git.text('version').strip()}",
            hint="a newer git, or git merge and then migmerge check",
        )
    if b"unrelated histories" in complaint:
        where = "this shallow clone" if repository.shallow else "this clone"
        hint = "git fetch --unshallow" if repository.shallow else f"git log --oneline {into[:10]} {commit[:10]}"
        raise MigmergeError(f"the two have no common history in {where}, so git would not merge them", hint=hint)
    raise GitFailed(merging.arguments, complaint.decode("utf-8", "replace"))
