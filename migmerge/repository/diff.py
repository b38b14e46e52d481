"""Which files one commit changed that another one has."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

from .git import Git, GitFailed, GitProcess

_AT_ONCE = 400
"""Pairs of commits that fit into a pipe before git has read one of them."""
_PIECE = 1 << 16
_NONE = "0"
_LINK = "120000"
_NO_COMMON_HISTORY = "no merge base"
_LACKING = re.compile("unable to read|bad object|lazy fetching|promisor")
"""What git says of an object that a partial or shallow clone lacks."""


class ChangedFile(NamedTuple):
    """A file that was changed or deleted, and its blob before that."""

    path: str
    old_blob: str


class BlobChange(NamedTuple):
    """A file that differs between two commits; `before` and `after` are its blobs, empty where one of the commits lacks it."""

    path: str
    before: str
    after: str
    is_link: bool


def changes_between(git: Git, pairs: Sequence[tuple[str, str]]) -> Generator[list[BlobChange] | None, None, None]:
    """Yield, for each pair of commits, what the second has otherwise than the first; None where git cannot tell.

    One git compares four hundred pairs. Where this clone lacks a tree git ends, and nobody knows how much it said of the pair
    before that.
    """
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        told = 0
        for changes in _compared(git, some):
            told += 1
            yield changes
        yield from (None for _ in some[told:])


def _compared(git: Git, pairs: Sequence[tuple[str, str]]) -> Iterator[list[BlobChange]]:
    """Read `<second commit>NUL`, then `:<modes> <blobs> <status>NUL<path>NUL` for each file; the last pair ends with git."""
    options = ("--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--always")
    process = git.start("diff-tree", *options)
    fields = _fields(process, "".join(f"{new} {old}\n" for old, new in pairs).encode())
    changes: list[BlobChange] | None = None
    try:
        for field in fields:
            if not field.startswith(":"):
                if changes is not None:
                    yield changes
                changes = []
            elif changes is not None and (path := next(fields, None)) is not None:
                changes.append(_change(field, path))
        if changes is not None and process.succeeded:
            yield changes
    finally:
        process.stop()


def _fields(process: GitProcess, given: bytes) -> Iterator[str]:
    """Yield what stands between the NULs of a git's output, of which only a piece is held at a time."""
    streams = process.process
    assert streams.stdin and streams.stdout
    with streams.stdin as stdin:
        stdin.write(given)
    rest = b""
    while piece := streams.stdout.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from (each.decode("utf-8", "surrogateescape") for each in whole)
    streams.wait()


def _change(facts: str, path: str) -> BlobChange:
    old_mode, new_mode, before, after, _ = facts[1:].split(" ")
    return BlobChange(
        path,
        "" if before.strip(_NONE) == "" else before,
        "" if after.strip(_NONE) == "" else after,
        _LINK in (old_mode, new_mode),
    )


def renamed_between(git: Git, before: str, after: str, pathspecs: Sequence[str]) -> dict[str, str]:
    """Return the new path of each file among those at `pathspecs` that `after` has renamed since `before`, by the old one."""
    options = ("-r", "-z", "--name-status", "--find-renames", "--diff-filter=R")
    fields = git.text("--literal-pathspecs", "diff-tree", *options, before, after, "--", *pathspecs).split("\0")
    return dict(zip(fields[1::3], fields[2::3], strict=False))


def changed_files(git: Git, theirs: str, ours: str, pathspecs: Sequence[str]) -> list[ChangedFile]:
    """Return what `ours` changed or deleted since it left `theirs`, unless `theirs` has since done the same.

    Raises:
        GitFailed: where git fails for another reason than that there is no common history, or that this clone lacks objects.
    """
    try:
        since = _listed(git, f"{theirs}...{ours}", pathspecs)
        still = {each.path for each in _listed(git, f"{theirs}..{ours}", pathspecs)} if since else set[str]()
    except GitFailed as error:
        if _NO_COMMON_HISTORY not in error.complaint and not _LACKING.search(error.complaint):
            raise
        return []
    return [each for each in since if each.path in still]


def renamed_files(git: Git, theirs: str, ours: str) -> dict[str, str] | None:
    """Return the old path of each file that `ours` renamed since it left `theirs`, as when a whole folder moved.

    None where git cannot tell.
    """
    options = ("--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff")
    try:
        fields = git.text("diff", *options, f"{theirs}...{ours}").split("\0")
    except GitFailed as error:
        return {} if _NO_COMMON_HISTORY in error.complaint else None
    return dict(zip(fields[2::3], fields[1::3], strict=False))


def _listed(git: Git, commits: str, pathspecs: Sequence[str]) -> list[ChangedFile]:
    """Read `:<mode> <mode> <old blob> <new blob> <status>NUL<path>NUL`."""
    options = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules", "--diff-filter=MDT")
    fields = git.text("diff", *options, commits, "--", *pathspecs).split("\0")
    return [ChangedFile(path, facts.split(" ")[2]) for facts, path in zip(fields[::2], fields[1::2], strict=False)]
