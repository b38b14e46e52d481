"""The work tree: what of it differs from HEAD, and its files with the blob ids that git would give them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from .files import script_files
from .git import NothingFound
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
    blobs, contents, targets, broken = dict(committed.blobs), dict[str, bytes](), dict(committed.targets), set[str]()
    length = len(next(iter(committed.blobs.values()), "0" * 40))
    for path in paths:
        blobs.pop(path, None)
        targets.pop(path, None)
        data = _content(repository, path)
        if data is None:
            continue
        blobs[path] = blob_id(data, of_length=length)
        contents[blobs[path]] = data
        if (target := _real(repository, path)) != path:
            targets[path] = target
            if not os.path.exists(repository.absolute(path)):
                broken.add(path)
    return Tree(blobs, committed.links, contents, targets, broken)


def _content(repository: Repository, path: str) -> bytes | None:
    """Return the content of a file, or where a link leads that leads nowhere or out; None where there is neither."""
    file = repository.absolute(path)
    if os.path.isfile(file):
        if path.endswith(".py") and (target := _real(repository, path)).startswith("../"):
            return os.fsencode(target)
        return repository.seen_on_disk(path)
    leads_nowhere = path.endswith(".py") and os.path.islink(file) and not os.path.exists(file)
    return os.fsencode(os.readlink(file)) if leads_nowhere else None


def blob_id(data: bytes, *, of_length: int) -> str:
    """Return the id of a blob, as `git hash-object --no-filters` prints it."""
    # Only where something is not committed: hashlib takes 3 ms to import.
    from hashlib import sha1, sha256

    hashed = (sha256 if of_length == 64 else sha1)(b"blob %d\0" % len(data))
    hashed.update(data)
    return hashed.hexdigest()


def tracked_files_with(repository: Repository, words: Iterable[str], largest: int) -> list[str]:
    """Return the tracked files of the work tree that hold one of the words, none larger than so many bytes."""
    wanted = [option for word in sorted(words) for option in ("-e", word)]
    if not wanted:
        return []
    try:
        found = repository.git.text("grep", "-l", "-z", "-I", "-F", "--no-recurse-submodules", *wanted).split("\0")
    except NothingFound:
        return []
    files = {path: repository.absolute(path) for path in found if path}
    plain = [path for path, file in files.items() if os.path.isfile(file) and not os.path.islink(file)]
    return [path for path in plain if os.path.getsize(files[path]) <= largest]
