"""What `check` printed before, for a repository in which nothing that it depends on has changed since.

`check` is run often and finds nothing most of the time: from this cache it takes half the time, for hardly anything is
imported.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence

from ..repository.json_file import load_json, store_json
from ..repository.repository import repository_of
from ..repository.work_tree import uncommitted_paths

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import Any

    from ..repository.facts import GitFacts

_FILE = "unchanged.json"


def cached_lines(facts: GitFacts) -> list[list[Any]] | None:
    """Return the lines that the last healthy check printed; None where something has changed since."""
    known: dict[str, Any] = load_json(_path(facts))
    if known.get("trees") != facts.seen or known.get("configuration") != facts.configuration:
        return None
    if any(_checksum(facts.top, path) != checksum for path, checksum in known["files"].items()):
        return None
    if uncommitted_paths(repository_of(facts), known["watched"]):
        return None
    lines: list[list[Any]] = known["lines"]
    return lines


def cache_lines(facts: GitFacts, watched: Sequence[str], files: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    """Keep what was printed of a healthy repository in which nothing `watched` differs from HEAD.

    `files` are those that it depends on whether HEAD has them or not.
    """
    values = {
        "trees": facts.seen,
        "configuration": facts.configuration,
        "files": {path: _checksum(facts.top, path) for path in files},
        "watched": watched,
        "lines": lines,
    }
    store_json(_path(facts), values)


def _path(facts: GitFacts) -> str:
    return os.path.join(facts.common_dir, "migmerge", _FILE)


def _checksum(top: str, path: str) -> int | None:
    try:
        with open(os.path.join(top, path), "rb") as file:
            return zlib.crc32(file.read())
    except OSError:
        return None
