"""Which revisions may not be moved, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Immovable(NamedTuple):
    """Say why revisions must stay where they are; None stands for unknown, which counts as the worst.

    `published` names a remote-tracking branch for each revision that such a branch contains. `applied` are the revisions
    that a database has run, `others` those that somebody else wrote.
    """

    published: Mapping[str, str] | None = None
    applied: frozenset[str] | None = None
    others: frozenset[str] = frozenset()

    def reason(self, name: str) -> str | None:
        """Return why a revision must stay where it is, None where it may move."""
        if self.published is None:
            return f"git could not tell whether {name} is published"
        if branch := self.published.get(name):
            return f"{name} is on {branch}"
        if self.applied is None:
            return f"it is not known whether a database has run {name}"
        return f"a database has run {name}" if name in self.applied else None
