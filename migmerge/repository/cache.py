"""The readings of scripts by blob id, so that the same bytes are never parsed twice.

A file under the git directory that all worktrees share. Where it is missing or damaged, every script is parsed again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..core.environment import Environment
from ..core.revision import Identifiers, Reading, Unreadable
from ..core.script.budget import ReadingBudget
from .json_file import load_json, store_json

TYPE_CHECKING = False  # typing takes 3 ms to import
if TYPE_CHECKING:
    from typing import Any


_ENVIRONMENTS = "environments 2"
"""The key; its number changes with what an environment holds."""

_KEEP = 4
"""Entries of older trees are dropped once the cache has this many times the entries that the present tree needs."""


class ReadingCache:
    """Hold readings by blob id, and the environments that were found last; `used` are the blob ids that are wanted still.

    `budget` is what the command that holds it may still read.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "cache.json")
        self._stored: dict[str, Any] = load_json(self._path)
        self.used: set[str] = set()
        self.budget = ReadingBudget()
        self._unpacked: dict[str, Reading] = {}
        self._changed = False

    def get(self, blob: str) -> Reading | None:
        if blob not in self._unpacked and (packed := self._stored.get(blob)):
            self._unpacked[blob] = _unpacked(packed)
        return self._unpacked.get(blob)

    def put(self, readings: Mapping[str, Reading]) -> None:
        self._stored.update({blob: _packed(reading) for blob, reading in readings.items()})
        self._unpacked.update(readings)
        self._changed = self._changed or bool(readings)

    def environments(self, facts: list[list[str]]) -> tuple[Environment, ...]:
        """Return the environments that were found from exactly these files, given as [path, blob id]; none otherwise."""
        known, found = self._stored.get(_ENVIRONMENTS, [None, []])
        if known != facts:
            return ()
        return tuple(Environment(*_with_tuples(each)) for each in found)

    def put_environments(self, facts: list[list[str]], environments: tuple[Environment, ...]) -> None:
        self._stored[_ENVIRONMENTS] = [facts, list(environments)]
        self._changed = True

    def save(self) -> None:
        """Write the file where anything was added, without what is not used any more once it has grown."""
        if not self._changed:
            return
        if len(self._stored) > _KEEP * max(len(self.used), 256):
            self._stored = {key: value for key, value in self._stored.items() if key.rstrip("!?") in self.used}
        store_json(self._path, self._stored)
        self._changed = False


def _with_tuples(values: list[Any]) -> list[Any]:
    return [tuple(value) if isinstance(value, list) else value for value in values]


def _packed(reading: Reading) -> list[object]:
    if isinstance(reading, Unreadable):
        return [*reading]
    return [
        reading.revision,
        reading.down_revisions,
        reading.branch_labels,
        reading.depends_on,
        reading.message,
        reading.create_date,
        reading.defect,
        reading.unknown,
    ]


def _unpacked(packed: list[object]) -> Reading:
    # The checksum vouches for the shape.
    if len(packed) == len(Unreadable._fields):
        return Unreadable(*packed)  # type: ignore[arg-type]
    revision, parents, labels, depends_on, message, date, defect, unknown = packed
    return Identifiers(revision, tuple(parents), tuple(labels), tuple(depends_on), message, date, defect, tuple(unknown))  # type: ignore[arg-type]
