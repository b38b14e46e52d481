"""Which repository this is and what git is in the middle of."""

from __future__ import annotations

import os
from functools import cached_property

from ..core.errors import MigmergeError
from ..core.script.budget import MOST_BYTES
from .facts import PLACE, GitFacts
from .git import Git, GitFailed

TYPE_CHECKING = False  # typing takes 3 ms to import, and GitPython 75
if TYPE_CHECKING:
    from .cache import ReadingCache
    from .porcelain import Porcelain

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

_BRANCH = "ref: refs/heads/"
_NOT_KEPT_HERE = f"{_BRANCH}.invalid"

_REMOTE_REFS = (("refs", "remotes"), ("reftable",))


class Repository:
    """A work tree: its top, its own git directory and the one that its linked worktrees share, all absolute.

    Never changed once made.
    """

    def __init__(self, top: str, git_dir: str, common_dir: str, git: Git, *, shallow: bool) -> None:
        self.top = top
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.git = git
        self.shallow = shallow

    def with_git(self, git: Git) -> Repository:
        """Return the same repository, read by another git, which may have objects of its own."""
        return Repository(self.top, self.git_dir, self.common_dir, git, shallow=self.shallow)

    @cached_property
    def porcelain(self) -> Porcelain:
        """Return GitPython's commands, for what writes or investigates."""
        from .porcelain import Porcelain

        return Porcelain(self.git)

    @cached_property
    def readings(self) -> ReadingCache:
        """Return the readings of scripts, which are loaded once."""
        from .cache import ReadingCache

        return ReadingCache(self.storage)

    @property
    def name(self) -> str:
        """Return the name of the top folder."""
        return os.path.basename(self.top)

    @property
    def storage(self) -> str:
        """Return the folder where migmerge keeps its hooks and its cache."""
        return os.path.join(self.common_dir, "migmerge")

    @cached_property
    def branch(self) -> str | None:
        """Return the branch that is checked out, None where HEAD is detached."""
        try:
            with open(os.path.join(self.git_dir, "HEAD"), encoding="utf-8", errors="surrogateescape") as file:
                head = file.read().rstrip("\n")
        except OSError:
            head = ""
        # Where the references are kept in tables, or by a git yet to come, git itself is asked.
        if head.startswith(_BRANCH) and head != _NOT_KEPT_HERE:
            return head.removeprefix(_BRANCH)
        return self.git.line("symbolic-ref", "--quiet", "--short", "HEAD")

    @property
    def may_have_remote_branches(self) -> bool:
        """Say whether there can be remote-tracking branches, by the folders and files in which git keeps them."""
        if any(os.path.exists(os.path.join(self.common_dir, *name)) for name in _REMOTE_REFS):
            return True
        try:
            with open(os.path.join(self.common_dir, "packed-refs"), "rb") as file:
                return b" refs/remotes/" in file.read()
        except OSError as error:
            return not isinstance(error, FileNotFoundError)

    @cached_property
    def boundary(self) -> frozenset[str]:
        """Return the commits of a shallow clone whose parents it lacks."""
        if not self.shallow:
            return frozenset()
        with open(os.path.join(self.common_dir, "shallow"), encoding="ascii") as file:
            return frozenset(file.read().split())

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
        """Return the content of a file of the work tree, tracked or not."""
        with open(self.absolute(path), "rb") as file:
            return file.read()

    def seen_on_disk(self, path: str) -> bytes:
        """Return the content of a file of the work tree, cut behind what anybody reads."""
        with open(self.absolute(path), "rb") as file:
            return file.read(MOST_BYTES + 1)

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
        found = git.text("rev-parse", *PLACE)
    except GitFailed as error:
        if "not a git repository" in error.complaint:
            raise MigmergeError(f"{os.path.abspath(folder)} is not in a git repository", hint="git init") from error
        if "must be run in a work tree" in error.complaint:
            raise MigmergeError("this repository has no work tree", hint="git clone it and run migmerge there") from error
        raise
    lines = found.rstrip("\n").split("\n")
    if len(lines) != len(PLACE):
        message = "the path of this repository has a line end in it, with which git does not name it for certain"
        raise MigmergeError(message, hint="mv the repository to a folder without one")
    top, git_dir, common_dir, shallow = lines
    return Repository(top, git_dir, os.path.abspath(os.path.join(folder, common_dir)), Git(top), shallow=shallow == "true")


def repository_of(facts: GitFacts) -> Repository:
    """Return the repository about which git was asked."""
    return Repository(facts.top, facts.git_dir, facts.common_dir, Git(facts.top), shallow=facts.shallow)
