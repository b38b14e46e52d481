"""Which repository this is and what git is in the middle of."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..core.errors import MigmergeError
from .facts import GitFacts
from .git import Git, GitFailed

_OPERATIONS = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "rebase-apply/applying": "am",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "sequencer": "sequencer",
    "BISECT_LOG": "bisect",
    "MERGE_HEAD": "merge",
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree: its top, its own git directory and the one that its linked worktrees share, all absolute."""

    top: str
    git_dir: str
    common_dir: str
    shallow: bool
    git: Git

    @property
    def storage(self) -> str:
        """Return the folder where migmerge keeps its hooks and its cache."""
        return os.path.join(self.common_dir, "migmerge")

    @property
    def in_progress(self) -> frozenset[str]:
        """Return the names of git's unfinished operations."""
        found = {name for file, name in _OPERATIONS.items() if os.path.exists(os.path.join(self.git_dir, file))}
        # `git am` shares a folder with `rebase --apply`.
        return frozenset(found - {"rebase"} if "am" in found else found)

    @property
    def rebase_picks_nothing(self) -> bool:
        """Say whether a rebase is under way that found nothing to rewrite: git calls no post-rewrite for it."""
        todo = os.path.join(self.git_dir, "rebase-merge", "git-rebase-todo")
        return os.path.exists(todo) and os.path.getsize(todo) == 0

    def absolute(self, path: str) -> str:
        return os.path.join(self.top, *path.split("/")) if path else self.top

    def on_disk(self, path: str) -> bytes:
        """Return what the work tree has at a path, whatever git knows of it."""
        with open(self.absolute(path), "rb") as file:
            return file.read()

    def relative(self, path: str) -> str:
        """Return a path of the file system as git names it.

        Raises:
            MigmergeError: where it lies outside the work tree.
        """
        relative = os.path.relpath(os.path.realpath(path), os.path.realpath(self.top)).replace(os.sep, "/")
        if relative == ".." or relative.startswith("../"):
            raise MigmergeError(f"{path} is not in the repository {self.top}")
        return "" if relative == "." else relative


def open_repository(folder: str) -> Repository:
    """Open the repository that a folder belongs to.

    Raises:
        MigmergeError: where it belongs to none, or to one without a work tree.
    """
    git = Git(folder)
    try:
        found = git.text("rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--is-shallow-repository")
    except GitFailed as error:
        if "not a git repository" in error.complaint:
            raise MigmergeError(f"{os.path.abspath(folder)} is not in a git repository", hint="git init") from error
        if "must be run in a work tree" in error.complaint:
            raise MigmergeError("this repository has no work tree", hint="git clone it and run migmerge there") from error
        raise
    top, git_dir, common_dir, shallow = found.rstrip("\n").split("\n")
    return Repository(top, git_dir, os.path.abspath(os.path.join(folder, common_dir)), shallow == "true", Git(top))


def repository_of(facts: GitFacts) -> Repository:
    """Return the repository about which git was asked."""
    return Repository(facts.top, facts.git_dir, facts.common_dir, facts.shallow, Git(facts.top))
