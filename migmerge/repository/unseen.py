"""What `git status` does not tell of the work tree: files of other repositories, hidden files, changes not looked for."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator

from ..core.script.names import is_script_name
from .files import script_files
from .git import Git
from .repository import Repository
from .tree import Tree

_ASSUME_UNCHANGED = 0x80
"""A bit in the first of the two bytes that stand before a path in an index of version 2."""
_SKIPPED = "S"
"""The tag that `git ls-files -t` gives to a file which a sparse checkout, or the user, keeps out of the work tree."""


def unseen_paths(repository: Repository, folders: Collection[str], watched: Iterable[str], committed: Tree) -> set[str]:
    """Return the scripts that only the disk has or only HEAD has, and the files marked as unchanged that differ from HEAD.

    Alembic loads what is on disk. `folders` are the versions directories, `watched` the files and folders that may be marked.
    """
    found = _marked_and_changed(repository, watched, committed)
    for folder in folders:
        on_disk = set(script_files(repository.top, folder, recursive=bool(folder)))
        found |= on_disk.symmetric_difference(_scripts_below(folder, committed.paths))
    return found


def _scripts_below(folder: str, paths: list[str]) -> set[str]:
    if not folder:
        return {path for path in paths if "/" not in path and is_script_name(path)}
    inside = paths[bisect_left(paths, f"{folder}/") : bisect_left(paths, f"{folder}0")]
    return {path for path in inside if is_script_name(path.rpartition("/")[2])}


def _marked_and_changed(repository: Repository, watched: Iterable[str], committed: Tree) -> set[str]:
    """Return the files that git was asked to take for unchanged and that are not."""
    places = list(watched)
    if not _may_be_marked(os.path.join(repository.git_dir, "index"), places):
        return set()
    marked = _marked(repository.git, places)
    here = [path for path in marked if path in committed.blobs and os.path.isfile(repository.absolute(path))]
    # With the filters of .gitattributes, as git itself would compare them.
    blobs = repository.git.text("hash-object", "--stdin-paths", given=_lines(here)).split() if here else []
    return {path for path, blob in zip(here, blobs, strict=True) if committed.blobs[path] != blob}


def _lines(paths: Iterable[str]) -> bytes:
    return "".join(f"{path}\n" for path in paths).encode("utf-8", "surrogateescape")


def _may_be_marked(index: str, places: Collection[str]) -> bool:
    """Say whether the index may have marked files; reading it takes a tenth of the time that git needs to answer.

    Only version 2 has no place for the mark of a sparse checkout, and writes paths in full; a split index lies in two files.
    """
    try:
        with open(index, "rb") as file:
            data = file.read()
    except OSError:
        return False
    if data[4:8] != b"\0\0\0\2" or b"link\0" in data or "" in places:
        return True
    return any(data[start - 2] & _ASSUME_UNCHANGED for place in places for start in _entries(data, place))


def _entries(data: bytes, place: str) -> Iterator[int]:
    """Yield where the paths of a file, or below a folder, may begin in an index."""
    name = place.encode("utf-8", "surrogateescape")
    start = data.find(name)
    while start > 0:
        if data[start + len(name)] in b"/\0":
            yield start
        start = data.find(name, start + 1)


def _marked(git: Git, places: Iterable[str]) -> list[str]:
    """Return the files that `git update-index --assume-unchanged` or `--skip-worktree` marked, or a sparse checkout."""
    entries = git.text("ls-files", "-v", "-z", "--full-name", "--", *(f":(top,literal){place}" for place in places)).split("\0")
    return [entry[2:] for entry in entries if entry and (entry[0] == _SKIPPED or entry[0].islower()) and "\n" not in entry]


def hidden_paths(git: Git, paths: Iterable[str]) -> frozenset[str]:
    """Return which of these files git keeps out of the work tree, as a sparse checkout does."""
    wanted = [f":(top,literal){path}" for path in paths]
    entries = git.text("ls-files", "-t", "-z", "--full-name", "--", *wanted).split("\0") if wanted else []
    return frozenset(entry[2:] for entry in entries if entry.startswith(_SKIPPED))
