"""The revisions of the user's that were seen on a remote branch: when a branch is pruned, its reflog goes with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from .files import replace_file
from .json_file import read_json
from .repository import Repository


class Pushed:
    """Hold the branch on which each revision was seen, for as long as the clone is there."""

    def __init__(self, repository: Repository) -> None:
        self._path = os.path.join(repository.storage, "pushed.json")
        values = read_json(self._path)
        known = values.items() if isinstance(values, dict) else ()
        self.branches: dict[str, str] = {name: branch for name, branch in known if isinstance(branch, str)}

    def remember(self, branches: Mapping[str, str]) -> None:
        """Write down where revisions were seen."""
        if all(name in self.branches for name in branches):
            return
        self.branches = {**branches, **self.branches}
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        replace_file(self._path, json.dumps(self.branches, indent=1).encode())
