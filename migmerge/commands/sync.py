"""`migmerge sync`: inspect, plan, ask, back up, run step by step, inspect again."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..core.consent import Consent, Shown
from ..core.database.backup import Safeguards
from ..core.database.database import Database
from ..core.database.sync_plan import plan_sync
from ..core.database.sync_steps import SyncPlan, Upgrade
from ..core.environment import command
from ..core.finding import Finding
from ..core.findings.databases import diagnose_databases, stops
from ..core.findings.registry import SKIPPED_REVISION, UNPROVEN_REVISION
from ..core.fix_plan.plan import Refusal
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names
from ..output.consent import ask_consent, given_by_option
from ..output.prompt import required_terminal
from ..output.screen import Screen
from ..output.text.databases import report_new_positions
from ..output.text.findings import report_finding
from ..output.text.fix_plan import report_refusals
from ..output.text.sync_plan import report_declined, report_sync_plan
from ..repository.journal import Journal
from ..sync.inspect import Inspection, inspect_databases, open_session, selected_snapshots
from ..sync.proof import ProofOptions, prove_inspection
from ..sync.run import SyncContext, SyncOptions, consent_choices, run_plan
from ..workspace.evidence import diagnose_workspace
from ..workspace.workspace import Workspace, open_workspace

DONE, REFUSED = 0, 1
_SAID = (UNPROVEN_REVISION, SKIPPED_REVISION)
"""Warnings that are said after a change too: what nothing proves, and what is otherwise than any revision made it."""
_MOST = 5
"""Things that no revision makes, named one by one."""


def sync(options: Options, sync_options: SyncOptions) -> int:
    """Bring the databases of every environment to this checkout; return 1 where one is refused, declined or fails."""
    workspace = open_workspace(options)
    screen = Screen(sys.stdout, options.color, quiet=options.quiet and sync_options.yes)
    screen.commands_run_at(workspace.repository.top)
    journal, results = Journal(workspace.repository), []
    findings, _ = diagnose_workspace(workspace)
    selection = sync_options.selection.trusting(workspace.settings.trusted_databases)
    for snapshot in selected_snapshots(workspace.repository, _connected(workspace, options, screen), options, selection):
        with open_session(workspace.repository, snapshot.environment, options, selection) as session:
            concerned = [each for each in findings if each.environment == snapshot.environment.name]
            context = SyncContext(workspace.repository, snapshot.environment, session, screen, journal)
            results.append(_sync(context, sync_options, concerned))
    return DONE if all(results) else REFUSED


def _connected(workspace: Workspace, options: Options, screen: Screen) -> Sequence[Snapshot]:
    """Return the environments whose databases can be found, and say which cannot; all where the user selected them."""
    connected = [each for each in workspace.snapshots if each.environment.is_connected]
    if options.environments or not connected:
        return workspace.snapshots
    for each in workspace.snapshots:
        if each not in connected:
            screen.say(f"note: no configuration names the databases of {each.environment.name or '.'}")
    return connected


def _sync(context: SyncContext, sync_options: SyncOptions, of_scripts: Sequence[Finding]) -> bool:
    """Bring the databases of one environment to the checkout; return whether all of it was done."""
    screen = context.screen
    inspection = _inspect(context, sync_options)
    statuses, chains = inspection.report.statuses, inspection.report.chains or {}
    sync_plan = plan_sync(inspection.scripts, statuses, chains, sync_options.word)
    if isinstance(sync_plan, SyncPlan):
        sync_plan = _stopped(sync_plan, of_scripts) or sync_plan
    if isinstance(sync_plan, Refusal):
        report_refusals(screen, [sync_plan])
        return False
    databases = [status.database for status in statuses]
    shown = report_sync_plan(screen, databases, sync_plan)
    if not sync_plan.steps:
        screen.say("nothing to do" if not sync_plan.notes else "nothing that can be done from here")
        return not sync_plan.notes
    if sync_options.dry_run:
        return True
    if sync_options.yes and sync_plan.doubts:
        report_refusals(screen, [Refusal("--yes settles no doubt", "migmerge sync")])
        return False
    consent = given_by_option(shown) if sync_options.yes else _ask(screen, databases, shown)
    if consent is None:
        report_declined(screen, databases, sync_plan, command(context.environment, "upgrade"))
        return False
    safeguards = context.back_up("sync", wanted=sync_options.backup, may_ask=not sync_options.yes)
    if safeguards is None:
        screen.say("nothing was changed")
        return False
    done = run_plan(context, inspection, consent, safeguards)
    suspected = {name for status in statuses if status.skipped for name in status.unproven}
    is_upgrade = all(isinstance(step, Upgrade) for step in sync_plan.steps)
    result = _Result(suspected - {*sync_options.word.rerun}, is_upgrade)
    return _report_result(context, sync_options, safeguards, result) and done


def _inspect(context: SyncContext, sync_options: SyncOptions) -> Inspection:
    """Inspect the databases; where one has skipped a revision, a replay tells what else it has skipped.

    A dry run executes no script: it takes a replay that is known.
    """
    inspection = context.inspect()
    is_suspicious = any(status.skipped for status in inspection.report.statuses)
    replays = sync_options.deep and is_suspicious and not sync_options.dry_run
    found = prove_inspection(context.repository, context.session, inspection, ProofOptions(replays=replays))
    if is_suspicious and not all(each.is_deep for each in found.report.coverages.values()):
        context.screen.say(
            "note: only a replay of the scripts tells what else was skipped: ", ("migmerge doctor --deep", "command")
        )
    return found


def _stopped(sync_plan: SyncPlan, of_scripts: Sequence[Finding]) -> Refusal | None:
    """Refuse to run a revision that fails after another one, which the database has run or is about to run."""
    pending = [step.revision for step in sync_plan.steps if isinstance(step, Upgrade)]
    stopping = next((each for each in of_scripts if stops(each, pending)), None)
    return Refusal(f"{stopping.code} {stopping.name}: {stopping.message}", str(stopping.hint)) if stopping else None


def _ask(screen: Screen, databases: Sequence[Database], shown: Shown[SyncPlan]) -> Consent[SyncPlan] | None:
    names = enumerate_names(database.name for database in databases)
    with required_terminal("migmerge sync --yes, or migmerge sync --dry-run to look first") as terminal:
        screen.flush()
        return ask_consent(
            shown, f"Change {names}?", consent_choices(names, loses=shown.plan.loses or bool(shown.plan.doubts)), terminal
        )


class _Result(NamedTuple):
    """Say what a plan has left in suspicion, and whether it held upgrades alone."""

    suspected: Collection[str]
    is_upgrade: bool


def _report_result(context: SyncContext, sync_options: SyncOptions, safeguards: Safeguards, result: _Result) -> bool:
    """Print where the databases are and what is wrong or unproven, and keep the first; return whether nothing is wrong."""
    inspection = inspect_databases(context.repository, context.environment, context.session)
    context.record("sync", inspection, safeguards)
    report_new_positions(context.screen, [status.database for status in inspection.report.statuses])
    context.screen.flush()
    proof_options = ProofOptions(replays=sync_options.deep)
    report = prove_inspection(context.repository, context.session, inspection, proof_options).report
    report = replace(report, coverages={bind: each.suspecting(result.suspected) for bind, each in report.coverages.items()})
    unmade = [] if result.is_upgrade else [name for each in report.coverages.values() for name in each.unmade]
    if unmade:
        context.screen.say("note: no revision here makes ", enumerate_names(unmade, most=_MOST))
    findings = [finding for finding in diagnose_databases(report) if finding.is_error or finding.kind in _SAID]
    for finding in findings:
        report_finding(context.screen, finding)
    return not any(finding.is_error for finding in findings)
