"""The question which revisions have run in a database that records nothing, or a lost id, and whose schema does not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..core.database.database import NO_ID
from ..core.database.said_status import plan_as_said, said_status, unproven_in
from ..core.database.status import DatabaseStatus, needs_stamp
from ..core.database.sync_refusals import lost
from ..core.database.sync_steps import SyncPlan
from ..core.fix_plan.plan import Refusal
from ..core.text import enumerate_names
from ..output.prompt import Choice, ask_marked, confirm, may_prompt, own_terminal
from .inspect import Inspection
from .run import SyncContext, SyncOptions
from .seen import settled_by_ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

Said = Mapping[str, tuple[str, ...]]
"""By bind, the revisions that have run in a database as its user says."""


def answered_by_user(
    context: SyncContext, sync_options: SyncOptions, inspection: Inspection
) -> tuple[Inspection, SyncPlan | Refusal] | None:
    """Ask which unproven revisions ran, and return what is known then, and the plan.

    None where nobody can be asked, nothing is unknown, or the user leaves the question.
    """
    concerned = [each for each in inspection.report.statuses if needs_stamp(each)]
    is_asked = not (sync_options.yes or sync_options.dry_run or sync_options.word.stamp) and sync_options.output == "text"
    if not (concerned and is_asked and may_prompt()):
        return None
    unanswered = _as_said(context, sync_options, inspection, {})
    if isinstance(unanswered[1], Refusal):
        return unanswered
    with own_terminal() as terminal:
        said = _asked(context, inspection, concerned, terminal)
    return None if said is None else _as_said(context, sync_options, inspection, said)


def _asked(context: SyncContext, inspection: Inspection, concerned: Sequence[DatabaseStatus], terminal: TextIO) -> Said | None:
    """Ask about one database after the other; None where the user leaves a question."""
    said: dict[str, tuple[str, ...]] = {}
    for status in concerned:
        _report(context, status)
        answer = _ask_which_ran(context, inspection, status, terminal)
        if answer is None:
            return None
        said[status.database.bind] = answer
    return said


def _report(context: SyncContext, status: DatabaseStatus) -> None:
    """Print why it has to be asked, and what would tell."""
    if refusal := lost([status], ()):
        context.screen.say(refusal.message)
    if not {*status.lost} <= {*NO_ID}:
        gone = enumerate_names(status.lost)
        context.screen.say(f"a script of {gone} on a remote tells more; to look first: ", ("git fetch --all", "command"))
    context.screen.flush()


def _ask_which_ran(
    context: SyncContext, inspection: Inspection, status: DatabaseStatus, terminal: TextIO
) -> tuple[str, ...] | None:
    name, graph = status.database.name, inspection.scripts.graph
    if not (status.stamp_guess and status.stamp_guess.heads):
        agrees = confirm(f"Run all revisions in {name}?", _base_choices(name, len(graph)), terminal)
        return () if agrees else None
    unproven = unproven_in(status, graph)
    if not unproven:
        return ()
    answer = ask_marked(
        f"Which of these has run in {name}? The others run now.",
        [_choice(inspection, each) for each in unproven],
        terminal,
    )
    if answer is not None:
        ran, left = (enumerate_names(each) or "none" for each in (answer, [each for each in unproven if each not in answer]))
        context.screen.say(f"taken as run in {name}: {ran}; as not run: {left}")
        context.screen.flush()
    return answer


def _choice(inspection: Inspection, name: str) -> Choice:
    revision = inspection.scripts.graph[name]
    title = f'{name} "{revision.message}"' if revision.message else name
    return Choice(title, name, revision.path, f"{revision.path} leaves nothing in a schema: read it, and look at your rows.")


def _base_choices(name: str, count: int) -> tuple[Choice, Choice]:
    return (
        Choice(f"leave {name} alone", "no", "it may be another project's", "Nothing is changed."),
        Choice(
            f"run all {count}",
            "yes",
            "as in an empty database",
            "Nothing is recorded as run, and every revision runs; what else is there stays.",
        ),
    )


def _as_said(
    context: SyncContext, sync_options: SyncOptions, inspection: Inspection, said: Said
) -> tuple[Inspection, SyncPlan | Refusal]:
    """Return the inspection as the answers have it, and the plan."""
    chains = inspection.report.chains or {}
    pairs = {each.database.bind: (each, _status(context, inspection, each, said)) for each in inspection.report.statuses}
    planned = plan_as_said(inspection.scripts, pairs, chains, sync_options.word)
    # What the databases record, and what is printed of them, is still what they recorded before.
    statuses = tuple(replace(after, database=before.database) for before, after in pairs.values())
    return replace(inspection, report=replace(inspection.report, statuses=statuses), said=said), planned


def _status(context: SyncContext, inspection: Inspection, status: DatabaseStatus, said: Said) -> DatabaseStatus:
    """Return the status of a database as the user's answer has it; unchanged where nothing was to be asked."""
    if not needs_stamp(status):
        return status
    database = status.database
    settled = settled_by_ledger(context.repository, inspection.tree, database)
    scripts, chains = inspection.scripts_for(database), inspection.report.chains or {}
    return said_status(status, said.get(database.bind, ()), scripts, chains, settled)
