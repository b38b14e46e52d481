"""What was read before, by blob id: the same bytes are never read twice.

A file of JSON behind its checksum, under the git directory that all worktrees share. It may vanish or be damaged at any
time: then everything is read again.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from ..core.environment import Environment
from ..core.reading import READER_VERSION
from ..core.revision import Identifiers, Reading, Unreadable

_VERSION = f"{READER_VERSION}, Python {sys.version_info[0]}.{sys.version_info[1]}"
"""Of the reader; of Python too, for what parses depends on it."""

_ENVIRONMENTS = "environments"

_KEEP = 4
"""Entries of older trees are dropped once the cache is this many times what the tree at hand needs."""


class ReadingCache:
    """Remember readings by blob id, and the environments that were found last."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "cache.json")
        self._stored = self._load()
        self._changed = False

    def _load(self) -> dict[str, Any]:
        try:
            with open(self._path, "rb") as file:
                checksum, _, data = file.read().partition(b"\n")
            if int(checksum, 16) == zlib.crc32(data):
                stored = json.loads(data)
                if isinstance(stored, dict) and stored.pop("version", None) == [_VERSION]:
                    return stored
        except (OSError, ValueError):
            pass
        return {}

    def get(self, blob: str) -> Reading | None:
        packed = self._stored.get(blob)
        return None if packed is None else _unpacked(packed)

    def put(self, readings: Mapping[str, Reading]) -> None:
        self._stored.update({blob: _packed(reading) for blob, reading in readings.items()})
        self._changed = self._changed or bool(readings)

    def environments(self, facts: list[list[str]]) -> tuple[Environment, ...]:
        """Return what was found where the files that tell of environments, as [path, blob id], were these very ones."""
        known, found = self._stored.get(_ENVIRONMENTS, [None, []])
        if known != facts:
            return ()
        return tuple(Environment(path, kind, tuple(versions), *rest) for path, kind, versions, *rest in found)

    def put_environments(self, facts: list[list[str]], environments: tuple[Environment, ...]) -> None:
        self._stored[_ENVIRONMENTS] = [facts, [astuple(environment) for environment in environments]]
        self._changed = True

    def save(self, used: set[str]) -> None:
        """Write what was added, in one step; a folder that cannot be written to is no reason to fail."""
        if not self._changed:
            return
        if len(self._stored) > _KEEP * max(len(used), 256):
            self._stored = {key: value for key, value in self._stored.items() if key.rstrip("!") in used}
        data = json.dumps({"version": [_VERSION], **self._stored}, separators=(",", ":"), sort_keys=True).encode()
        temporary = f"{self._path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(temporary, "wb") as file:
                file.write(b"%08x\n" % zlib.crc32(data) + data)
            os.replace(temporary, self._path)
        except OSError:
            pass


def _packed(reading: Reading) -> list[object]:
    if isinstance(reading, Unreadable):
        return [reading.reason, reading.revision]
    return [
        reading.revision,
        reading.down_revisions,
        reading.branch_labels,
        reading.depends_on,
        reading.message,
        reading.create_date,
        reading.defect,
    ]


def _unpacked(packed: list[object]) -> Reading:
    # The checksum vouches for the shape.
    if len(packed) == 2:
        return Unreadable(*packed)  # type: ignore[arg-type]
    revision, parents, labels, depends_on, *rest = packed
    return Identifiers(revision, tuple(parents), tuple(labels), tuple(depends_on), *rest)  # type: ignore[arg-type]
