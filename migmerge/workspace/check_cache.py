"""What `check` printed before, for a repository in which nothing that it depends on has changed since.

`check` is run often and finds nothing most of the time: from this cache it takes half the time, for hardly anything is
imported.
"""

from __future__ import annotations

import os
import stat
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence

from ..repository.files import script_files
from ..repository.json_file import load_json, store_json

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import Any

    from ..repository.facts import GitFacts

_FILE = "unchanged.json"
_MOST_FOLDERS = 2000
"""Folders whose times are compared, a microsecond each."""
_CLOCK_STEP = 2_000_000_000
"""Nanoseconds; no file system in use has a coarser clock."""


class Seen:
    """Hold what a report depends on besides HEAD.

    `watched` are the paths of the environments, `files` those that count whether HEAD has them or not, `paths` the files of
    HEAD, `begun` the checksum of the files that may begin an environment.
    """

    __slots__ = ("begun", "files", "paths", "watched")

    def __init__(self, watched: Sequence[str], files: Sequence[str], paths: Sequence[str], begun: int) -> None:
        self.watched, self.files, self.paths, self.begun = watched, files, paths, begun


def cached_lines(facts: GitFacts) -> list[list[Any]] | None:
    """Return the lines that the last healthy check printed; None where something has changed since."""
    known: dict[str, Any] = load_json(_path(facts))
    if known.get("trees") != facts.seen or known.get("configuration") != facts.configuration:
        return None
    if any(_checksum(facts.top, path) != checksum for path, checksum in {**known["files"], **known["fresh"]}.items()):
        return None
    stamp, fresh = _stamp(facts.top, known["watched"])
    if stamp != known["stamp"] or _has_begun(facts.top, known):
        return None
    if known["fresh"] and not fresh:
        store_json(_path(facts), {**known, "fresh": {}})
    lines: list[list[Any]] = known["lines"]
    return lines


def cache_lines(facts: GitFacts, seen: Seen, lines: Sequence[Sequence[Any]]) -> None:
    """Keep what was printed of a healthy repository in which nothing `seen` differs from HEAD."""
    watched, files = seen.watched, seen.files
    stamp, fresh = _stamp(facts.top, watched)
    folders = _most_shallow(seen.paths)
    values = {
        "trees": facts.seen,
        "configuration": facts.configuration,
        "files": {path: _checksum(facts.top, path) for path in files},
        "watched": watched,
        "stamp": stamp,
        "fresh": {path: _checksum(facts.top, path) for path in fresh},
        "folders": folders,
        "folders stamp": _stamp_of_folders(facts.top, folders),
        "begun": seen.begun,
        "lines": lines,
    }
    store_json(_path(facts), values)


def _has_begun(top: str, known: dict[str, Any]) -> bool:
    """Say whether an environment may have begun: git is asked only where a folder that it tracks has other entries."""
    stamp = known.get("folders stamp")
    if stamp and stamp == _stamp_of_folders(top, known["folders"]):
        return False
    from ..repository.begun import BegunFiles
    from ..repository.git import Git

    begun: int | None = known.get("begun")
    return BegunFiles(Git(top)).checksum != begun


def _most_shallow(paths: Iterable[str]) -> list[str]:
    """Return the folders of a tree, the deepest left out where there are too many."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(folders, key=lambda each: (each.count("/"), each))[:_MOST_FOLDERS]


def _stamp_of_folders(top: str, folders: Iterable[str]) -> int:
    """Return a checksum of the times of folders, which change with their entries; 0 where one changed a moment ago."""
    stamp, recent = 1, time.time_ns() - _CLOCK_STEP
    for folder in folders:
        try:
            changed = os.stat(os.path.join(top, folder)).st_mtime_ns
        except OSError:
            changed = 0
        if changed > recent:
            return 0
        stamp = zlib.crc32(b"%d" % changed, stamp)
    return stamp or 1


def _stamp(top: str, watched: Sequence[str]) -> tuple[int, list[str]]:
    """Return a checksum of the names, sizes and times of the scripts and files watched, and the paths changed a moment ago.

    A file that changes twice within the steps of the file system's clock keeps its times: of those the content counts.
    """
    found: list[tuple[str, int, int, int]] = []
    for path in _files_below(top, watched):
        try:
            file = os.stat(f"{top}/{path}")
        except OSError:
            continue
        if stat.S_ISREG(file.st_mode):
            found.append((path, file.st_size, file.st_mtime_ns, file.st_ctime_ns))
    recent = time.time_ns() - _CLOCK_STEP
    fresh = [path for path, _, written, changed in found if written > recent or changed > recent]
    return zlib.crc32(repr(found).encode()), fresh


def _files_below(top: str, watched: Sequence[str]) -> Iterator[str]:
    for path in watched:
        if not os.path.isdir(os.path.join(top, path)):
            yield path
        else:
            yield from sorted(script_files(top, path, recursive=True))


def _path(facts: GitFacts) -> str:
    return os.path.join(facts.common_dir, "migmerge", _FILE)


def _checksum(top: str, path: str) -> int | None:
    try:
        with open(os.path.join(top, path), "rb") as file:
            return zlib.crc32(file.read())
    except OSError:
        return None
