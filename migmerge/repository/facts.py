"""What git answers at once about a repository: where it is, what HEAD is, and the configuration of migmerge.

Two processes of git; `check` of an unchanged repository needs no more, so that this module imports next to nothing.
"""

from __future__ import annotations

import os

from .git import Git, GitFailed, GitProcess, NothingFound

PLACE = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--is-shallow-repository")
"""What `rev-parse` prints of a repository, in four lines: its top, its git directory, the shared one, whether it is shallow."""
_TREES = ("HEAD^{tree}", "HEAD", "--glob=refs/remotes/*/HEAD", "--glob=refs/remotes/*/main", "--glob=refs/remotes/*/master")


class GitFacts:
    r"""Hold git's answers: absolute folders, and object ids.

    `configuration` is what `git config --null --get-regexp ^migmerge\.` prints, `defaults` are the commits of what may be
    the default branch. No dataclass, for the import of dataclasses takes 12 ms.
    """

    __slots__ = ("commit", "common_dir", "configuration", "defaults", "git_dir", "shallow", "top", "tree")

    def __init__(self, folder: str, lines: list[str], configuration: str) -> None:
        self.top, self.git_dir, common_dir, shallow, self.tree, self.commit, *self.defaults = lines
        self.common_dir = os.path.abspath(os.path.join(folder, common_dir))
        self.shallow = shallow == "true"
        self.configuration = configuration

    @property
    def seen(self) -> list[str]:
        """Return what a report about HEAD depends on: only its tree where there is no default branch to have left."""
        return [self.tree, self.commit, *self.defaults] if self.defaults else [self.tree]


def ask_git(folder: str) -> GitFacts | None:
    """Ask git about the repository of a folder; None where there is none, or no work tree, or no commit yet."""
    git = Git(folder)
    configured = git.start_settings()
    try:
        lines = git.text("rev-parse", *PLACE, *_TREES).rstrip("\n").split("\n")
    except GitFailed:
        return None
    if lines[PLACE.index("--is-shallow-repository")] not in ("true", "false"):  # a line end in a path
        return None
    return GitFacts(folder, lines, configuration_of(configured))


def configuration_of(asked: GitProcess) -> str:
    """Return what `Git.start_settings` asked for; git prints nothing, and fails, where there is no such setting."""
    try:
        return asked.text()
    except NothingFound:
        return ""
