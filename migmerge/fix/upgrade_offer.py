"""The offer, after `fix`, to run the pending revisions."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from ..core.consent import Consent
from ..core.database.sync_plan import plan_sync
from ..core.database.sync_steps import SyncPlan, Upgrade
from ..core.errors import MigmergeError
from ..core.findings.databases import diagnose_databases
from ..core.findings.registry import MODELS_AHEAD, PENDING_REVISIONS
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names, printable
from ..output.consent import ask_consent
from ..output.prompt import Choice, own_terminal
from ..output.text.sync_plan import report_pending
from ..sync.inspect import Inspection, inspect_databases, open_session
from ..sync.run import SyncContext, run_plan
from ..workspace.workspace import configured_upgrade, upgrade_commands
from .context import FixContext


def offer_upgrade(context: FixContext, snapshots: Sequence[Snapshot]) -> bool:
    """Ask whether to run the pending revisions of each environment; return whether all were run."""
    return all(_offer(context, snapshot) for snapshot in snapshots)


def _offer(context: FixContext, snapshot: Snapshot) -> bool:
    """Offer the upgrade of one environment, where its databases answer and have no other problem than pending revisions."""
    repository, environment = context.workspace.repository, snapshot.environment
    if context.fix_options.selection.names and configured_upgrade(context.workspace, environment):
        return False  # the team's command upgrades all databases
    with open_session(repository, environment, context.options, context.fix_options.selection) as session:
        inspection = inspect_databases(repository, environment, session)
        upgrade = _upgrade_plan(inspection)
        consent = _ask(context, inspection, upgrade) if upgrade else None
        if consent is None:
            return False
        if command := configured_upgrade(context.workspace, environment):
            return subprocess.run(command, shell=True, cwd=repository.top, check=False).returncode == 0  # noqa: S602 (the user's own)
        sync = SyncContext(repository, environment, session, context.screen, context.journal)
        safeguards = sync.back_up("fix", "upgrade", wanted=context.fix_options.backup)
        if safeguards is None:
            return False
        done = run_plan(sync, inspection, consent, safeguards).is_complete
        sync.record("upgrade", sync.inspect(), safeguards)
        return done


def _upgrade_plan(inspection: Inspection) -> SyncPlan | None:
    """Return the plan that upgrades the databases; None where they have other problems, which `fix` leaves to `sync`."""
    report = inspection.report
    if {finding.kind for finding in diagnose_databases(report)} - {MODELS_AHEAD} != {PENDING_REVISIONS}:
        return None
    plan = plan_sync(inspection.scripts, report.statuses, report.chains or {})
    return plan if isinstance(plan, SyncPlan) and all(isinstance(step, Upgrade) for step in plan.steps) else None


def _ask(context: FixContext, inspection: Inspection, upgrade: SyncPlan) -> Consent[SyncPlan] | None:
    databases = [status.database for status in inspection.report.statuses]
    names = enumerate_names(database.name for database in databases)
    shown = report_pending(context.screen, databases, upgrade)
    context.screen.flush()
    snapshot = inspection.report.snapshot
    command = configured_upgrade(context.workspace, snapshot.environment)
    later = upgrade_commands(context.workspace, [snapshot])[0]
    try:
        with own_terminal() as terminal:
            question = f"Run {printable(command)} now?" if command else f"Upgrade {names} now?"
            return ask_consent(shown, question, _choices(names, command, later, loses=upgrade.loses), terminal)
    except (KeyboardInterrupt, MigmergeError):
        return None


def _choices(names: str, command: str | None, later: str, *, loses: bool) -> tuple[Choice, Choice]:
    """Return the answers, the default first: no, where a revision drops something."""
    how = f"{printable(command)} is run." if command else f"{names} is backed up, and the pending revisions run one by one."
    agree = Choice("yes", "yes", "" if command else "a backup is made first", how)
    decline = Choice("not now", "no", f"later: {printable(later)}", "Nothing is run.")
    return (decline, agree) if loses else (agree, decline)
