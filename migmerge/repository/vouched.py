"""The revisions of which nothing can tell whether they ran, and for which the user vouches: by database and script."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from .files import replace_file
from .json_file import read_json


class VouchedRevisions:
    """Hold, by database and revision, the blob id of the script that is vouched for: an edited script is asked about again."""

    def __init__(self, storage: str) -> None:
        self._path = os.path.join(storage, "vouched.json")

    def of(self, database: str, blobs: Mapping[str, str]) -> frozenset[str]:
        """Return those of the revisions for which the user vouches with just these scripts."""
        known = self._stored().get(database, {})
        return frozenset(name for name, blob in blobs.items() if known.get(name) == blob)

    def add(self, database: str, blobs: Mapping[str, str]) -> None:
        """Remember that the user vouches for these."""
        stored = self._stored()
        stored[database] = {**stored.get(database, {}), **blobs}
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        replace_file(self._path, json.dumps(stored, indent=1, sort_keys=True).encode())

    def _stored(self) -> dict[str, dict[str, Any]]:
        values = read_json(self._path)
        return {name: each for name, each in values.items() if isinstance(each, dict)} if isinstance(values, dict) else {}
