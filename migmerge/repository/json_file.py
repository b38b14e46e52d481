"""A file of JSON behind its checksum: written in one step, and read as empty where it is damaged or missing."""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress

from .. import __version__
from .files import replace_file

READER_VERSION = 3
"""To be raised whenever the same scripts read differently within one version of migmerge."""

_VERSION = f"{__version__}, reader {READER_VERSION}, Python {sys.version_info[0]}.{sys.version_info[1]}"
"""Of the writer: a file of another version is not read. Of Python too, which decides what parses."""


def parse_json(data: str | bytes) -> object:
    """Return what a text of JSON holds; None where it is none, or nested too deeply."""
    with suppress(ValueError, RecursionError):
        return json.loads(data)
    return None


def read_json(path: str | os.PathLike[str]) -> object:
    """Return what a file of JSON holds; None where it is missing or damaged."""
    with suppress(OSError), open(path, "rb") as file:
        return parse_json(file.read())
    return None


def load_json(path: str) -> dict[str, object]:
    """Return what `store_json` wrote with this version and this Python, else nothing."""
    with suppress(OSError, ValueError):
        with open(path, "rb") as file:
            checksum, _, data = file.read().partition(b"\n")
        if int(checksum, 16) == zlib.crc32(data):
            stored = parse_json(data)
            if isinstance(stored, dict) and stored.pop("version", None) == _VERSION:
                return stored
    return {}


def store_json(path: str, values: Mapping[str, object]) -> None:
    """Write the values; a folder that cannot be written to is no reason to fail."""
    data = json.dumps({**values, "version": _VERSION}, separators=(",", ":"), sort_keys=True).encode()
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace_file(path, b"%08x\n" % zlib.crc32(data) + data)
