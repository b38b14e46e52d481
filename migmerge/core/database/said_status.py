"""The plan for databases that record nothing or a lost id, once the user has said which unproven revisions have run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from ..fix_plan.plan import Refusal
from ..graph import RevisionGraph
from .script_set import ScriptSet
from .status import DatabaseStatus, PhantomChain, needs_stamp, status_of
from .sync_plan import plan_sync
from .sync_steps import NOTHING_SAID, Stamp, SyncPlan, SyncStep, UsersWord


def unproven_in(status: DatabaseStatus, graph: RevisionGraph) -> tuple[str, ...]:
    """Return the revisions of which only the user can say whether they ran in a database that needs a stamp."""
    if status.stamp_guess is None or not needs_stamp(status):
        return ()
    recorded = graph.implied(name for name in status.database.recorded if name in graph)
    return tuple(name for name in status.stamp_guess.unproven if name not in recorded)


def said_status(
    status: DatabaseStatus,
    ran: Collection[str],
    scripts: ScriptSet,
    chains: Mapping[str, PhantomChain],
    settled: frozenset[str] = frozenset(),
) -> DatabaseStatus:
    """Return the status of a database as if it recorded what its schema proves, in place of what is lost.

    Of the unproven revisions those that `ran` have all their effects, and the others are pending. `settled` is as in
    `status_of`.
    """
    graph, guess = scripts.graph, status.stamp_guess
    known = [name for name in status.database.recorded if name not in status.lost]
    proven = tuple(dict.fromkeys([*known, *(guess.heads if guess else ())]))
    implied = graph.overlapping(proven)
    recorded = tuple(name for name in proven if name not in implied)
    found = status_of(replace(status.database, recorded=recorded), scripts, chains, settled.union(ran))
    said = (name for name in unproven_in(status, graph) if name in ran and name not in found.made)
    return replace(found, made=(*found.made, *said), unaccounted=status.unaccounted)


def plan_as_said(
    scripts: ScriptSet,
    statuses: Mapping[str, tuple[DatabaseStatus, DatabaseStatus]],
    chains: Mapping[str, PhantomChain],
    word: UsersWord = NOTHING_SAID,
) -> SyncPlan | Refusal:
    """Plan like `plan_sync`, after a stamp where a database has to record first what is proven.

    `statuses` are, by bind, those of the databases as they are and as `said_status` returns them.
    """
    planned = plan_sync(scripts, [said for _, said in statuses.values()], chains, word)
    if isinstance(planned, Refusal):
        return planned
    first = [step for pair in statuses.values() for step in _recorded_first(*pair, is_named=len(statuses) > 1)]
    return replace(planned, steps=tuple(_joined([*first, *planned.steps])))


def _recorded_first(status: DatabaseStatus, said: DatabaseStatus, *, is_named: bool) -> Iterator[Stamp]:
    before, after = status.database.recorded, said.database.recorded
    if set(before) != set(after):
        where = (status.database.name,) if is_named else ()
        yield Stamp(status.database.bind, before, tuple(sorted(after)), tuple(sorted(status.unaccounted)), where)


def _joined(steps: Sequence[SyncStep]) -> Iterator[SyncStep]:
    """Yield the steps with two stamps of one database that follow one another as one."""
    pending: dict[str, Stamp] = {}
    for step in steps:
        if isinstance(step, Stamp):
            before = pending[step.bind].before if step.bind in pending else step.before
            pending[step.bind] = replace(step, before=before)
        else:
            yield from pending.values()
            pending.clear()
            yield step
    yield from pending.values()
