"""The replays of scripts by the scripts' blob ids, so that the same history is never replayed twice on one kind of server.

One file a replay, in the git directory that all worktrees share. The newest ones are kept, within a budget.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .json_file import load_json, store_json

_MOST_FILES = 20
_MOST_BYTES = 50_000_000


class ReplayCache:
    """Hold the replays of a clone, each as the lists that it was given."""

    def __init__(self, storage: str) -> None:
        self._folder = Path(storage, "replays")

    def has(self, scripts: Sequence[str]) -> bool:
        """Say whether these scripts were replayed, for any server."""
        return any(self._folder.glob(f"{_digest(scripts)}-*.json"))

    def get(self, scripts: Sequence[str], server: Sequence[str]) -> list[object] | None:
        """Return the replay of these scripts on such a server; None where there is none."""
        path = self._path(scripts, server)
        found = load_json(str(path)).get("replay")
        if not isinstance(found, list):
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def put(self, scripts: Sequence[str], server: Sequence[str], replay: list[object]) -> None:
        """Keep a replay, and remove the oldest ones beyond the budget."""
        store_json(str(self._path(scripts, server)), {"replay": replay})
        with suppress(OSError):
            self._prune()

    def _path(self, scripts: Sequence[str], server: Sequence[str]) -> Path:
        return self._folder / f"{_digest(scripts)}-{_digest(server)}.json"

    def _prune(self) -> None:
        left = _MOST_BYTES
        newest = sorted(self._folder.glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)
        for number, path in enumerate(newest):
            left -= path.stat().st_size
            if number >= _MOST_FILES or (number and left < 0):
                path.unlink()


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
