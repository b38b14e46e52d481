"""The plans among which trials decide: the one that the scripts' texts suggest, to record all phantoms, or to take all back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    """Return the other plans for databases with phantoms; `made` are the revisions of which all is there, by bind.

    Nothing but a trial tells whether they hold, so that what the texts say of begun revisions stops none of them.
    """
    if not any(revisions_beyond(each, situation.chains) for each in situation.statuses):
        return ()
    recorded = [_recorded(each, situation, made.get(each.database.bind, each.made)) for each in situation.statuses]
    taken_back = [_taken_back(each, situation.chains) for each in situation.statuses]
    found = (plan_sync(*situation._replace(statuses=each)) for each in (recorded, taken_back))
    return tuple(each for each in found if isinstance(each, SyncPlan))


def needs_trial(first: SyncPlan | Refusal, situation: Situation) -> bool:
    """Say whether a plan does more than to run what is pending, or is refused where another one may hold."""
    if isinstance(first, Refusal):
        return bool(other_plans(situation, {}))
    return any(not isinstance(each, Upgrade) for each in first.steps)


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
