"""Which revisions may not be moved, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .text import enumerate_names

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Immovable(NamedTuple):
    """Say why revisions must stay where they are; None stands for unknown, which counts as the worst.

    `published` names a branch of others, or a tag, for each revision that such a one contains. `applied` are the revisions
    that a database has run, `others` those that somebody else wrote, `foreign` says why revisions are not known to be the
    user's own. `pushed` names the branch that only the user wrote and pushed, `kept` the branches, work trees and stashes
    in which a script stays as it is: there the user has to `vouch` for what cannot be known; `pushes_may_move` says that the
    team has done so for what is pushed.
    """

    published: Mapping[str, str] | None = None
    applied: frozenset[str] | None = None
    others: frozenset[str] = frozenset()
    foreign: Mapping[str, str] = _NOTHING
    pushed: Mapping[str, str] = _NOTHING
    kept: Mapping[str, tuple[str, ...]] = _NOTHING
    vouched: bool = False
    pushes_may_move: bool = False

    def reason(self, name: str) -> str | None:
        """Return why a revision must stay where it is, None where it may move."""
        if self.published is None:
            return f"git could not tell whether {name} is published"
        if branch := self.published.get(name):
            return f"{name} is on {branch}"
        if why := self.foreign.get(name):
            return why
        if not self.vouched and (why := self.doubt(name)):
            return why
        if self.applied is None:
            return f"it is not known whether a database has run {name}"
        return f"a database has run {name}" if name in self.applied else None

    def doubt(self, name: str) -> str | None:
        """Return why a revision may have run where it cannot be asked, or stays in its old place elsewhere; None where not."""
        if (branch := self.pushed.get(name)) and not self.pushes_may_move:
            return f"{name} was pushed to {branch}, and databases elsewhere cannot be asked"
        if kept := self.kept.get(name):
            return f"{enumerate_names(kept)} {'has' if len(kept) == 1 else 'have'} {name} as it is"
        return None
