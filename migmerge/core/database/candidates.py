"""The plans among which trials decide: the one that the scripts' texts suggest, to record all phantoms, or to take all back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..fix_plan.plan import Refusal
from ..graph import RevisionGraph
from ..text import enumerate_names
from .remade import left_by
from .script_set import ScriptSet
from .status import DatabaseStatus, PhantomChain, may_write, revisions_beyond
from .sync_plan import plan_sync
from .sync_steps import Complete, SyncPlan, Upgrade, UsersWord
from .trial import Made
from .unfinished import COMMITS_EACH


class Situation(NamedTuple):
    """Hold what a plan is made from."""

    scripts: ScriptSet
    statuses: Sequence[DatabaseStatus]
    chains: Mapping[str, PhantomChain]
    word: UsersWord


def first_plan(situation: Situation) -> SyncPlan | Refusal:
    """Return the plan that the texts of the scripts suggest."""
    return plan_sync(*situation)


def other_plans(situation: Situation, made: Mapping[str, Made]) -> tuple[SyncPlan, ...]:
    """Return the other plans for phantoms, reused ids and begun revisions; `made` says by bind what is there altogether.

    Nothing but a trial tells whether they hold, so that what the texts say of begun revisions stops none of them.
    """
    statuses, chains, found = situation.statuses, situation.chains, list[SyncPlan | Refusal]()
    has_phantoms = any(revisions_beyond(each, chains) for each in statuses)
    if has_phantoms or any(each.unrecorded_effects or each.unclear for each in statuses):
        found.append(_recording_plan(situation, made))
    if has_phantoms:
        found.append(plan_sync(*situation._replace(statuses=[_taken_back(each, chains) for each in statuses])))
    if len(statuses) == 1 and (reused := _reused(statuses[0], situation.scripts)):
        found.append(plan_sync(*situation._replace(statuses=[_without(statuses[0], reused)])))
    return tuple(each for each in found if isinstance(each, SyncPlan))


def _recording_plan(situation: Situation, made: Mapping[str, Made]) -> SyncPlan | Refusal:
    """Return the plan that takes nothing back; what it runs on rows may have been done under another id."""
    binds = [status.database.bind for status in situation.statuses]
    known = [made.get(bind, Made()) for bind in binds]
    statuses = [_recorded(each, situation, made) for each in situation.statuses]
    plan = plan_sync(*situation._replace(statuses=statuses))
    if isinstance(plan, Refusal):
        return plan
    doubts = [_row_doubt(plan, *each, situation.scripts) for each in zip(statuses, known, strict=True)]
    return replace(plan, doubts=(*plan.doubts, *filter(None, doubts)))


def _row_doubt(plan: SyncPlan, status: DatabaseStatus, made: Made, scripts: ScriptSet) -> str:
    """Name what a plan runs that changes rows, where something that stays may have changed them."""
    stays = status.kept - dict(status.renamed).keys()
    if not any(may_write(scripts.operations[name]) for name in stays if name in scripts.operations):
        return ""
    runs = [step.revision for step in plan.steps if isinstance(step, Complete | Upgrade) and step.revision in made.of_rows]
    named = enumerate_names(f"what {name} does" for name in runs)
    return f"nothing tells whether {named} to rows was done already in {status.database.name}, under another id" if runs else ""


def needs_trial(first: SyncPlan | Refusal, situation: Situation) -> bool:
    """Say whether a plan does more than to run what is pending, or is refused where another one may hold.

    MySQL and MariaDB take no half of a revision back that fails; to what is empty no trial tells more than a replay.
    """
    if isinstance(first, Refusal):
        return bool(other_plans(situation, {}))
    databases = [each.database for each in situation.statuses]
    halves = any(each.address.dialect in COMMITS_EACH and each.schema.tables for each in databases)
    return any(halves or not isinstance(each, Upgrade) for each in first.steps)


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


def _recorded(status: DatabaseStatus, situation: Situation, made: Mapping[str, Made]) -> DatabaseStatus:
    """Return a status where nothing is taken back, and what is there altogether is recorded."""
    beyond, renamed, bind = revisions_beyond(status, situation.chains), dict(status.renamed), status.database.bind
    whole = made[bind].whole if bind in made else status.made
    known = tuple(name for name in status.pending if name in whole)
    left = left_by((name for name in beyond if name not in renamed), situation.scripts, bind)
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
