"""The work tree: what of it differs from HEAD, and its files with the blob ids that git would give them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from .files import script_files
from .repository import Repository
from .tree import Tree

_STATUS = (
    "status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignored=traditional", "--no-renames", "--ignore-submodules=all"
)  # fmt: skip
_FIELDS_BEFORE_PATH = {"1": 8, "u": 10, "?": 1, "!": 1}
"""By the kind of an entry of `git status`: changed, unmerged, untracked, ignored."""


def uncommitted_paths(repository: Repository, paths: Iterable[str], committed: Tree) -> list[str]:
    """Return the Python and configuration files below `paths` that differ from HEAD: changed, staged, new, ignored or gone.

    Behind links, of which git tells nothing, all files are returned.
    """
    real = {path: _real(repository, path) for path in paths}
    linked = {path for path, target in real.items() if target != path}
    found = set(_status(repository, [path for path in real if path not in linked]))
    for path in linked:
        found.update(script_files(repository.top, path, recursive=True))
        found.update(each for each in committed.paths if each.startswith(f"{path}/"))
    folders = tuple(f"{path}/" for path in real)
    # Links that lead out of the repository: the tree cannot follow them, Alembic does.
    found.update(link for link in committed.links if link not in committed.blobs and link.startswith(folders))
    return sorted(found)


def _real(repository: Repository, path: str) -> str:
    return os.path.relpath(os.path.realpath(repository.absolute(path)), os.path.realpath(repository.top)).replace(os.sep, "/")


def _status(repository: Repository, paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    entries = repository.git.text(*_STATUS, "--", *(f":(top,literal){path}" for path in paths)).split("\0")
    found = [entry.split(" ", _FIELDS_BEFORE_PATH[entry[0]])[-1] for entry in entries if entry[:1] in _FIELDS_BEFORE_PATH]
    return [path for path in found if path.endswith((".py", ".ini", ".toml"))]


def with_uncommitted(repository: Repository, committed: Tree, paths: Iterable[str]) -> Tree:
    """Return the tree of HEAD with these paths as they are on disk."""
    blobs, contents = dict(committed.blobs), dict[str, bytes]()
    for path in paths:
        if not os.path.isfile(repository.absolute(path)):
            blobs.pop(path, None)
            continue
        data = repository.on_disk(path)
        blobs[path] = blob_id(data, of_length=len(next(iter(committed.blobs.values()), "0" * 40)))
        contents[blobs[path]] = data
    return Tree(blobs, committed.links, contents)


def blob_id(data: bytes, *, of_length: int) -> str:
    """Return the id of a blob, as `git hash-object --no-filters` prints it."""
    # Only where something is not committed: hashlib takes 3 ms to import.
    from hashlib import sha1, sha256

    hashed = (sha256 if of_length == 64 else sha1)(b"blob %d\0" % len(data))
    hashed.update(data)
    return hashed.hexdigest()
