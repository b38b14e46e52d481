"""Offering, after `fix`, to run what is pending; never in a hook, and not where the configuration says no."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from ..core.database.sync_plan import SyncPlan, Upgrade, plan_sync
from ..core.errors import MigmergeError
from ..core.findings.databases import diagnose_databases
from ..core.findings.registry import MODELS_AHEAD, PENDING_REVISIONS
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names, printable
from ..output.prompt import Choice, ask, may_prompt, own_terminal
from ..output.text.changes import report_next
from ..sync.backups import back_up_databases
from ..sync.inspect import Inspection, inspect_databases, open_session
from ..sync.run import run_plan
from ..workspace.workspace import upgrade_commands
from .context import FixContext


def offer_upgrade(context: FixContext, snapshots: Sequence[Snapshot]) -> bool:
    """Say what is pending and ask whether to run it; return whether that has been answered with a yes."""
    return all(_offer(context, snapshot) for snapshot in snapshots)


def _offer(context: FixContext, snapshot: Snapshot) -> bool:
    """Offer it for one environment where its databases answer and nothing but pending revisions is the matter."""
    with open_session(context.workspace.repository, snapshot.environment, context.options, context.fix_options.named) as session:
        inspection = inspect_databases(context.workspace.repository, snapshot.environment, session)
        sync_plan = _way_up(inspection)
        if sync_plan is None or not _agreed(context, inspection, sync_plan):
            return False
        if command := context.workspace.settings.upgrade_command:
            return subprocess.run(command, shell=True, cwd=context.workspace.repository.top, check=False).returncode == 0  # noqa: S602 (the user's own)
        undo = back_up_databases(context.workspace.repository, session, context.screen, verified=False)
        return run_plan(session, inspection, sync_plan, context.screen, undo) == 0


def _way_up(inspection: Inspection) -> SyncPlan | None:
    report = inspection.report
    if {finding.kind for finding in diagnose_databases(report)} - {MODELS_AHEAD} != {PENDING_REVISIONS}:
        return None
    sync_plan = plan_sync(report.snapshot.environment, inspection.scripts, report.statuses, report.chains or {})
    return sync_plan if isinstance(sync_plan, SyncPlan) and all(isinstance(step, Upgrade) for step in sync_plan.steps) else None


def _agreed(context: FixContext, inspection: Inspection, sync_plan: SyncPlan) -> bool:
    names = enumerate_names(status.database.address.name for status in inspection.report.statuses)
    pending = enumerate_names(step.revision for step in sync_plan.steps if isinstance(step, Upgrade))
    context.screen.say(f"pending in {names}: ", (pending, "revision"))
    context.screen.flush()
    command = context.workspace.settings.upgrade_command
    question = f"Run {printable(command)} now?" if command else f"Upgrade {names} now?"
    try:
        with own_terminal() as terminal:
            return ask(question, [Choice("yes", "yes"), Choice("not now", "no")], terminal) == "yes"
    except (KeyboardInterrupt, MigmergeError):
        return False


def remind(context: FixContext, snapshots: Sequence[Snapshot]) -> None:
    """Print the command that comes next; where somebody is there to answer, say what is pending and offer to run it."""
    if not (_may_offer(context) and _upgraded(context, snapshots)):
        report_next(context.screen, "to bring your database up to date:", upgrade_commands(context.workspace, snapshots))


def _may_offer(context: FixContext) -> bool:
    return (
        context.fix_options.asks and context.fix_options.databases and context.workspace.settings.offer_upgrade and may_prompt()
    )


def _upgraded(context: FixContext, snapshots: Sequence[Snapshot]) -> bool:
    # What talks to databases takes 60 ms to import.

    return offer_upgrade(context, snapshots)
