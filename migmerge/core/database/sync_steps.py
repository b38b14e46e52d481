"""The steps that bring a database to the checkout, and the plan that holds them.

`where` are the names of the databases in which a step runs, where a plan is for several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .leftovers import Leftover


@dataclass(frozen=True, slots=True)
class Downgrade:
    """Run the downgrade of a revision that the checkout lacks, with its own script; `body` is what it does, in lines.

    `text` is the script where only the rest of its downgrade runs.
    """

    revision: str
    message: str
    origin: str
    body: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    text: bytes | None = None


@dataclass(frozen=True, slots=True)
class Rerun:
    """Run the upgrade of a revision that is recorded and was skipped, in the databases of some binds."""

    revision: str
    message: str
    binds: tuple[str, ...] = ("",)
    warnings: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Run the upgrade of a pending revision; `warnings` say what it drops."""

    revision: str
    message: str
    warnings: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """Record other revisions than before in the database of a bind, and run nothing; `left` are tables that stay behind."""

    bind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    left: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discard:
    """Drop what an earlier run, or a downgrade of this plan, leaves in the database of a bind."""

    bind: str
    leftover: Leftover
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Complete:
    """Run what is left of a revision that the database of a bind has in part, with `text` for its script.

    It is recorded afterwards unless `is_recorded` says that it is already. `is_all` where all of the script has run then.
    """

    revision: str
    message: str
    bind: str
    body: tuple[str, ...]
    text: bytes
    is_recorded: bool
    is_all: bool = True
    where: tuple[str, ...] = ()


SyncStep = Downgrade | Discard | Complete | Rerun | Upgrade | Stamp


def runs_of(steps: Sequence[SyncStep]) -> Iterator[tuple[SyncStep, ...]]:
    """Yield the steps in their order, those together that can run together: downgrades one after the other, or upgrades."""
    for kind, each in groupby(steps, type):
        if kind in (Downgrade, Upgrade):
            yield tuple(each)
        else:
            yield from ((step,) for step in each)


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """Hold the steps in their order, what they leave undone, and what nobody knows and they rely on.

    `tried` says what trials on copies showed, and `untried` why there were none.
    """

    steps: tuple[SyncStep, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Say whether rows, columns or tables may go: a downgrade is for that, an upgrade may do it too."""
        return any(isinstance(step, Downgrade) or (isinstance(step, Upgrade | Rerun) and step.warnings) for step in self.steps)


@dataclass(frozen=True, slots=True)
class UsersWord:
    """Hold what the user knows of a database: revisions to `stamp` in place of what is lost, and others to `rerun`."""

    stamp: tuple[str, ...] = ()
    rerun: tuple[str, ...] = ()


NOTHING_SAID = UsersWord()
