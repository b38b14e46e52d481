"""The log of what Alembic has just run, under the common git directory, from which the ledger takes it at the next look.

A line of JSON a step, appended without git and without a lock; the scripts lie beside it by the ids of their blobs, compressed.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from .json_file import parse_json

FIRST = "first"
"""What a row says, before others, of a database that recorded no revision: whatever was known of it is of another one."""
_MOST_BYTES = 8_000_000
"""Of a log; the one before it is kept, so that of a suite of tests with databases of its own no more than twice that stays."""
_MOST_TURNS = 10
_BLOB = re.compile("[0-9a-f]*")
_DAY = 86400.0


class RanRow(NamedTuple):
    """Say what was done with a revision in a database, from which script, when, and by what.

    `did` is "upgrade", "downgrade", "stamp" or `FIRST`.
    """

    database: str
    revision: str
    did: str
    path: str
    blob: str
    time: str
    by: str


def database_key(url: str, bind: str) -> str:
    """Return the name of a database in the log and in the ledger."""
    return f"{url} {bind}".rstrip()


class RanLog:
    """Append to the log of a clone, and take what it has."""

    def __init__(self, storage: str) -> None:
        self._folder = os.path.join(storage, "ran")
        self._path = os.path.join(storage, "ran.log")
        self._former = f"{self._path}.1"
        self._taken = f"{self._path}.taken"

    @property
    def is_filled(self) -> bool:
        return any(map(os.path.exists, (self._path, self._former, self._taken)))

    def append(self, rows: Iterable[RanRow], texts: Mapping[str, bytes]) -> None:
        """Append rows, with the texts of their scripts by blob id.

        Raises:
            OSError: where the folder cannot be written.
        """
        os.makedirs(self._folder, exist_ok=True)
        for blob, text in texts.items():
            self._keep(os.path.join(self._folder, blob), text)
        lines = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
        for _ in range(_MOST_TURNS):
            if self._appended(lines):
                return

    def _appended(self, lines: bytes) -> bool:
        """Append lines; False where the file was taken meanwhile, perhaps without them: a row that is read twice does no harm."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, lines)
            written = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        try:
            is_there = os.stat(self._path).st_ino == written.st_ino
        except FileNotFoundError:
            return False
        if is_there and written.st_size > _MOST_BYTES:
            os.replace(self._path, self._former)
        return is_there

    def _keep(self, path: str, text: bytes) -> None:
        try:
            os.utime(path)
        except FileNotFoundError:
            temporary = f"{path}.{os.getpid()}"
            with open(temporary, "wb") as file:
                file.write(zlib.compress(text))
            os.replace(temporary, path)

    def take(self) -> tuple[RanRow, ...]:
        """Return the rows in their order, which stay until `forget`; only one process may do both at a time."""
        if not os.path.exists(self._taken):
            with suppress(FileNotFoundError):
                os.rename(self._path, self._taken)
        return (*_rows(self._former), *_rows(self._taken))

    def text(self, blob: str) -> bytes | None:
        """Return the script with the id of a blob; None where it is missing or damaged."""
        with suppress(OSError, zlib.error), open(os.path.join(self._folder, blob), "rb") as file:
            return zlib.decompress(file.read())
        return None

    def forget(self) -> None:
        """Remove what was taken, and the scripts that no row of today names."""
        for path in (self._former, self._taken):
            with suppress(OSError):
                os.unlink(path)
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.stat().st_mtime < time.time() - _DAY:
                    os.unlink(entry.path)


def _rows(path: str) -> list[RanRow]:
    """Read rows; what is damaged is left out."""
    found = []
    with suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            match parse_json(line):
                case [str(), str(), str(), str(), str(blob), str(), str()] as row if _BLOB.fullmatch(blob):
                    found.append(RanRow(*row))
    return found
