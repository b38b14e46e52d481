"""Which files one commit changed that another one has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .git import Git, GitFailed


class ChangedFile(NamedTuple):
    """A file that was changed or deleted, and its blob before that."""

    path: str
    old_blob: str


def changed_files(git: Git, theirs: str, ours: str, pathspecs: Sequence[str]) -> list[ChangedFile]:
    """Return what `ours` changed or deleted since it left `theirs`, unless `theirs` has since done the same."""
    try:
        since = _listed(git, f"{theirs}...{ours}", pathspecs)
        still = {each.path for each in _listed(git, f"{theirs}..{ours}", pathspecs)} if since else set[str]()
    except GitFailed:  # no common history, or not in a shallow clone
        return []
    return [each for each in since if each.path in still]


def renamed_files(git: Git, theirs: str, ours: str) -> dict[str, str]:
    """Return the old path of each file that `ours` renamed since it left `theirs`, as when a whole folder moved."""
    options = ("--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff")
    try:
        fields = git.text("diff", *options, f"{theirs}...{ours}").split("\0")
    except GitFailed:  # no common history, or not in a shallow clone
        return {}
    return dict(zip(fields[2::3], fields[1::3], strict=False))


def _listed(git: Git, commits: str, pathspecs: Sequence[str]) -> list[ChangedFile]:
    """Read `:<mode> <mode> <old blob> <new blob> <status>NUL<path>NUL`."""
    options = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules", "--diff-filter=MDT")
    fields = git.text("diff", *options, commits, "--", *pathspecs).split("\0")
    return [ChangedFile(path, facts.split(" ")[2]) for facts, path in zip(fields[::2], fields[1::2], strict=False)]
