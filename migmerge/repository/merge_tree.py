"""What a merge would give, without making it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..core.errors import MigmergeError
from .git import Git, GitFailed
from .repository import Repository

_CLEAN, _CONFLICTS = 0, 1


def can_merge_trees(git: Git) -> bool:
    """Say whether this git merges without a work tree, as 2.38 and newer do: `git version 2.39.5 (Apple Git-154)`."""
    numbers = re.findall(r"\d+", git.text("version"))
    return tuple(map(int, numbers[:2])) >= (2, 38)


@dataclass(frozen=True, slots=True)
class MergedTree:
    """A tree's id, and the files on which git would stop; those that both sides edited have its markers in them.

    Only `repository` has the tree: its new objects lie in a folder of their own.
    """

    oid: str
    conflicts: tuple[str, ...]
    repository: Repository


@contextmanager
def merged_tree(repository: Repository, into: str, commit: str) -> Iterator[MergedTree]:
    """Make the tree that merging `commit` into `into` would give; nothing of it stays.

    Raises:
        MigmergeError: where git is too old, or the two have no common history.
    """
    objects = repository.git.text("rev-parse", "--git-path", "objects").rstrip("\n")
    with tempfile.TemporaryDirectory(prefix="migmerge-", ignore_cleanup_errors=True) as folder:
        alternate = os.path.abspath(os.path.join(repository.top, objects))
        apart = {"GIT_OBJECT_DIRECTORY": folder, "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternate}
        scratch = replace(repository, git=Git(repository.top, apart))
        oid, *conflicts = _merged(scratch, into, commit).rstrip("\0").split("\0")
        yield MergedTree(oid.strip(), tuple(conflicts), scratch)


def _merged(repository: Repository, into: str, commit: str) -> str:
    merging = repository.git.start("merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", into, commit)
    output, complaint = merging.process.communicate()
    if merging.process.returncode in (_CLEAN, _CONFLICTS):
        return output.decode("utf-8", "surrogateescape")
    if b"usage:" in complaint:
        raise MigmergeError(
            f"looking at a merge needs git 2.38 or newer, and this is {repository.git.text('version').strip()}",
            hint="a newer git, or git merge and then migmerge check",
        )
    if b"unrelated histories" in complaint:
        where = "this shallow clone" if repository.shallow else "this clone"
        hint = "git fetch --unshallow" if repository.shallow else f"git log --oneline {into[:10]} {commit[:10]}"
        raise MigmergeError(f"the two have no common history in {where}, so git would not merge them", hint=hint)
    raise GitFailed(merging.arguments, complaint.decode("utf-8", "replace"))
