"""A file of JSON behind its checksum: written in one step, and nothing where it is damaged or gone."""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Mapping

from .. import __version__

READER_VERSION = 1
"""To be raised whenever the same scripts read differently within one version of migmerge."""

_VERSION = f"{__version__}, reader {READER_VERSION}, Python {sys.version_info[0]}.{sys.version_info[1]}"
"""Of what wrote it; of Python too, for what parses depends on it."""


def load_json(path: str) -> dict[str, object]:
    """Return what `store` wrote with this version and this Python; empty where anything is the matter with the file."""
    try:
        with open(path, "rb") as file:
            checksum, _, data = file.read().partition(b"\n")
        if int(checksum, 16) == zlib.crc32(data):
            stored = json.loads(data)
            if isinstance(stored, dict) and stored.pop("version", None) == _VERSION:
                return stored
    except (OSError, ValueError):
        pass
    return {}


def store_json(path: str, values: Mapping[str, object]) -> None:
    """Write the values; a folder that cannot be written to is no reason to fail."""
    data = json.dumps({**values, "version": _VERSION}, separators=(",", ":"), sort_keys=True).encode()
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(b"%08x\n" % zlib.crc32(data) + data)
        os.replace(temporary, path)
    except OSError:
        pass
