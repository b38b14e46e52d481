"""What became of the plan for the databases of one environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..finding import Finding
from ..fix_plan.plan import Refusal
from .backup import Backup, Safeguards
from .database import MOST_COUNTED, Database
from .sync_steps import SyncPlan, SyncStep

NOTHING, PLANNED, DECLINED, REFUSED, DONE, FAILED = "nothing to do", "planned", "declined", "refused", "done", "failed"


class SyncRun(NamedTuple):
    """Hold the steps that were done, why the next one failed, and whether the plan is carried out and leaves nothing undone."""

    done: tuple[SyncStep, ...]
    failure: str | None
    is_complete: bool


class SyncOutcome(NamedTuple):
    """Hold the databases of an environment, before and after, the plan or the refusal, and what was done.

    `findings` are errors, and what nothing proves, that are left.
    """

    state: str
    databases: Sequence[Database] = ()
    plan: SyncPlan | None = None
    refusal: Refusal | None = None
    run: SyncRun | None = None
    safeguards: Safeguards | None = None
    after: Sequence[Database] = ()
    findings: Sequence[Finding] = ()

    @property
    def is_good(self) -> bool:
        """Say whether the exit status is that of success."""
        if self.state == NOTHING:
            return not (self.plan and self.plan.notes)
        return self.state in (PLANNED, DONE)

    @property
    def backups(self) -> tuple[Backup, ...]:
        return self.safeguards.backups if self.safeguards else ()


def fewer_rows(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[str]:
    """Yield in words the tables that a change left with fewer rows; without those that it dropped or renamed."""
    for name, now in after.items():
        had = before.get(name, 0)
        if now < had:
            yield f"{name} ({had if had <= MOST_COUNTED else f'more than {MOST_COUNTED}'}, now {now})"
