"""The scripts of a tree, read through the cache and within the budget of a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing

from ..core.revision import IN_SUBMODULE, NESTED, Reading
from ..core.script.budget import ReadingBudget
from ..core.script.read import not_read
from ..repository.repository import Repository
from ..repository.tree import Tree

_Reader = Callable[[bytes, ReadingBudget], Reading]


class BlobReader:
    """Read blobs through the cache."""

    def __init__(self, repository: Repository, tree: Tree) -> None:
        self._repository = repository
        self.tree = tree
        self.cache = repository.readings

    def read(self, blobs: set[str], read: _Reader, mark: str = "") -> dict[str, Reading]:
        self.cache.used |= blobs
        known = {blob: reading for blob in blobs if (reading := self.cache.get(blob + mark))}
        if missing := blobs - known.keys():
            known |= self._read_new(missing, read, mark)
        return known

    def _read_new(self, blobs: set[str], read: _Reader, mark: str) -> dict[str, Reading]:
        """Read blobs as far as the budget goes; what is beyond is not kept, so that the next command reads on."""
        budget = self.cache.budget
        readings: dict[str, Reading] = {blob: not_read() for blob in blobs}
        lasting: dict[str, Reading] = {}
        with closing(self.tree.each(self._repository.git, blobs)) as texts:
            for blob, data in texts:
                if not budget.covers(data):
                    break
                readings[blob] = read(data, budget)
                if not budget.is_spent:
                    lasting[blob + mark] = readings[blob]
        self.cache.put(lasting)
        return readings

    def state_in(self, folder: str) -> str:
        """Return how scripts of a folder are not committed that belong to another repository; empty where they do not."""
        from ..repository.other_repositories import is_submodule, owner_of

        owner = owner_of(self._repository, f"{folder}/script.py")
        return "" if owner is None else IN_SUBMODULE if is_submodule(self._repository, owner) else NESTED

    def link_to(self, path: str) -> str:
        """Return the first link on the way to a file of the work tree, the file itself where none is before."""
        parts = path.split("/")
        above = ("/".join(parts[:number]) for number in range(1, len(parts)))
        return next((each for each in above if os.path.islink(self._repository.absolute(each))), path)
