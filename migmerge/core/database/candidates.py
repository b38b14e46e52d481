"""The plans among which trials decide: the one that the scripts' texts suggest, to record all phantoms, or to take all back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..fix_plan.plan import Refusal
from ..graph import RevisionGraph
from .remade import left_by
from .script_set import ScriptSet
from .status import DatabaseStatus, PhantomChain, revisions_beyond
from .sync_plan import plan_sync
from .sync_steps import SyncPlan, Upgrade, UsersWord


class Situation(NamedTuple):
    """Hold what a plan is made from."""

    scripts: ScriptSet
    statuses: Sequence[DatabaseStatus]
    chains: Mapping[str, PhantomChain]
    word: UsersWord


def first_plan(situation: Situation) -> SyncPlan | Refusal:
    """Return the plan that the texts of the scripts suggest."""
    return plan_sync(*situation)


def other_plans(situation: Situation, made: Mapping[str, Collection[str]]) -> tuple[SyncPlan, ...]:
    """Return the other plans for databases with phantoms or reused ids; `made` are the revisions of which all is there, by bind.

    Nothing but a trial tells whether they hold, so that what the texts say of begun revisions stops none of them.
    """
    found = [plan_sync(*situation._replace(statuses=each)) for each in _other_statuses(situation, made)]
    return tuple(each for each in found if isinstance(each, SyncPlan))


def _other_statuses(situation: Situation, made: Mapping[str, Collection[str]]) -> Iterator[Sequence[DatabaseStatus]]:
    """Yield the statuses from which the other plans are made."""
    statuses, chains = situation.statuses, situation.chains
    if any(revisions_beyond(each, chains) for each in statuses):
        yield [_recorded(each, situation, made.get(each.database.bind, each.made)) for each in statuses]
        yield [_taken_back(each, chains) for each in statuses]
    if len(statuses) == 1 and (reused := _reused(statuses[0], situation.scripts)):
        yield [_without(statuses[0], reused)]


def needs_trial(first: SyncPlan | Refusal, situation: Situation) -> bool:
    """Say whether a plan does more than to run what is pending, or is refused where another one may hold."""
    if isinstance(first, Refusal):
        return bool(other_plans(situation, {}))
    return any(not isinstance(each, Upgrade) for each in first.steps)


def _reused(status: DatabaseStatus, scripts: ScriptSet) -> tuple[str, ...]:
    """Return the ids that the database records last and under which it ran what the checkout does not have."""
    gone = (each.revision for each in status.others if each.successor is None)
    return tuple(name for name in gone if name in status.database.recorded and name in scripts.older)


def _without(status: DatabaseStatus, going: tuple[str, ...]) -> DatabaseStatus:
    """Return a status where what ran under some ids is taken back, so that the checkout's scripts run from the start."""
    skipped = tuple(each for each in status.skipped if each.revision not in going)
    remainders, edits = (
        {name: left for name, left in each.items() if name not in going} for each in (status.remainders, status.edits)
    )
    unproven = tuple(name for name in status.unproven if name not in going)
    applied = status.applied - {*going}
    return replace(status, going=going, applied=applied, skipped=skipped, remainders=remainders, edits=edits, unproven=unproven)


def _recorded(status: DatabaseStatus, situation: Situation, made: Collection[str]) -> DatabaseStatus:
    """Return a status where nothing is taken back, and what is there altogether is recorded."""
    beyond, renamed = revisions_beyond(status, situation.chains), dict(status.renamed)
    known = tuple(name for name in status.pending if name in made)
    left = left_by((name for name in beyond if name not in renamed), situation.scripts, status.database.bind)
    return replace(_undoubted(status), kept=frozenset(beyond), left=left, made=known)


def _taken_back(status: DatabaseStatus, chains: Mapping[str, PhantomChain]) -> DatabaseStatus:
    """Return a status where all is taken back but what the checkout has under another id, with what that is built on.

    What is there of pending revisions may be the work of what is taken back.
    """
    beyond = revisions_beyond(status, chains)
    kept = frozenset(beyond) & RevisionGraph(beyond.values()).implied(dict(status.renamed))
    remainders = {name: left for name, left in status.remainders.items() if name not in status.pending}
    return replace(_undoubted(status), kept=kept, left=(), made=(), remainders=remainders)


def _undoubted(status: DatabaseStatus) -> DatabaseStatus:
    return replace(status, unrecorded_effects=(), unclear=())
