"""`migmerge sync`: inspect, plan, ask, back up, run step by step, inspect again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..core.consent import Consent, Shown
from ..core.database import sync_outcome
from ..core.database.backup import Safeguards
from ..core.database.candidates import Situation, first_plan, needs_trial
from ..core.database.chosen_plan import untried_plan
from ..core.database.database import Database
from ..core.database.sync_outcome import SyncOutcome, fewer_rows
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
from ..output.screen import Screen, print_document, screen_for
from ..output.text.databases import report_new_positions
from ..output.text.findings import report_finding
from ..output.text.fix_plan import report_refusals
from ..output.text.sync_plan import report_declined, report_sync_plan
from ..repository.journal import Journal
from ..sync.inspect import Inspection, inspect_databases, open_session, selected_snapshots
from ..sync.proof import ProofOptions, prove_inspection
from ..sync.row_counts import CountedRows, capped_row_counts
from ..sync.run import SyncContext, SyncOptions, consent_choices, revisions_run_by, run_plan
from ..sync.trials import plan_with_trials, tried_plan
from ..sync.unproven_question import answered_by_user
from ..workspace.evidence import diagnose_workspace
from ..workspace.workspace import Workspace, open_workspace

DONE, REFUSED = 0, 1
_SAID = (UNPROVEN_REVISION, SKIPPED_REVISION)
"""Warnings that are said after a change too: what nothing proves, and what is otherwise than any revision made it."""
_MOST = 5
"""Things that no revision makes, named one by one."""


def sync(options: Options, sync_options: SyncOptions) -> int:
    """Bring the databases of every environment to this checkout; return 1 where one is refused, declined or fails."""
    screen = screen_for(sync_options.output, options.color, quiet=options.quiet and sync_options.yes)
    outcomes: dict[str, SyncOutcome] = {}
    if sync_options.output == "text":
        _sync_all(options, sync_options, screen, outcomes)
    else:
        _sync_for_program(options, sync_options, screen, outcomes)
    return DONE if all(each.is_good for each in outcomes.values()) else REFUSED


def _sync_for_program(options: Options, sync_options: SyncOptions, screen: Screen, outcomes: dict[str, SyncOutcome]) -> None:
    from ..output.formats.sync_json import sync_as_json  # only a program reads it

    try:
        _sync_all(options, sync_options, screen, outcomes)
    finally:
        if outcomes:  # what was done is said, whatever came after it
            print_document(sync_as_json(outcomes, screen.notes, dry_run=sync_options.dry_run))


def _sync_all(options: Options, sync_options: SyncOptions, screen: Screen, outcomes: dict[str, SyncOutcome]) -> None:
    """Bring one environment after the other to the checkout, and add each outcome by the name of the environment."""
    workspace = open_workspace(options)
    screen.commands_run_at(workspace.repository.top)
    journal = Journal(workspace.repository)
    findings, _ = diagnose_workspace(workspace)
    selection = sync_options.selection.trusting(workspace.settings.trusted_databases)
    for snapshot in selected_snapshots(workspace.repository, _connected(workspace, options, screen), options, selection):
        with open_session(workspace.repository, snapshot.environment, options, selection) as session:
            concerned = [each for each in findings if each.environment == snapshot.environment.name]
            context = SyncContext(workspace.repository, snapshot.environment, session, screen, journal)
            outcomes[snapshot.environment.name] = _sync(context, sync_options, concerned)


def _connected(workspace: Workspace, options: Options, screen: Screen) -> Sequence[Snapshot]:
    """Return the environments whose databases can be found, and say which cannot; all where the user selected them."""
    connected = [each for each in workspace.snapshots if each.environment.is_connected]
    if options.environments or not connected:
        return workspace.snapshots
    for each in workspace.snapshots:
        if each not in connected:
            screen.note(f"no configuration names the databases of {each.environment.name or '.'}")
    return connected


def _sync(context: SyncContext, sync_options: SyncOptions, of_scripts: Sequence[Finding]) -> SyncOutcome:
    """Bring the databases of one environment to the checkout."""
    screen = context.screen
    inspection = _inspect(context, sync_options)
    statuses, chains = inspection.report.statuses, inspection.report.chains or {}
    databases = [status.database for status in statuses]
    sync_plan = _plan(context, sync_options, inspection, Situation(inspection.scripts, statuses, chains, sync_options.word))
    if isinstance(sync_plan, Refusal) and (answered := answered_by_user(context, sync_options, inspection)):
        inspection, sync_plan = answered
        sync_plan = _tried(context, sync_options, inspection, sync_plan)
    if isinstance(sync_plan, SyncPlan):
        sync_plan = _stopped(sync_plan, of_scripts) or sync_plan
    if isinstance(sync_plan, Refusal):
        return _refused(screen, SyncOutcome(sync_outcome.REFUSED, databases, refusal=sync_plan))
    shown = report_sync_plan(screen, databases, sync_plan)
    if not sync_plan.steps:
        screen.say("nothing to do" if not sync_plan.notes else "nothing that can be done from here")
        return SyncOutcome(sync_outcome.NOTHING, databases, sync_plan)
    if sync_options.dry_run:
        return SyncOutcome(sync_outcome.PLANNED, databases, sync_plan)
    return _change(context, sync_options, inspection, shown)


def _plan(context: SyncContext, sync_options: SyncOptions, inspection: Inspection, situation: Situation) -> SyncPlan | Refusal:
    """Return the plan, tried on copies where that tells something and scripts may run."""
    if sync_options.deep and not sync_options.dry_run:
        return plan_with_trials(context.repository, context.session, inspection, situation)
    first = first_plan(situation)
    if sync_options.dry_run and needs_trial(first, situation):
        return untried_plan(first, (each.database.name for each in situation.statuses), "a dry run runs no script")
    return first


def _tried(
    context: SyncContext, sync_options: SyncOptions, inspection: Inspection, sync_plan: SyncPlan | Refusal
) -> SyncPlan | Refusal:
    """Return a plan that rests on answers, tried on copies."""
    if isinstance(sync_plan, Refusal) or not sync_options.deep:
        return sync_plan
    report = inspection.report
    situation = Situation(inspection.scripts, report.statuses, report.chains or {}, sync_options.word)
    return tried_plan(context.repository, context.session, inspection, situation, sync_plan)


def _refused(screen: Screen, outcome: SyncOutcome) -> SyncOutcome:
    report_refusals(screen, [outcome.refusal] if outcome.refusal else [])
    return outcome


def _change(context: SyncContext, sync_options: SyncOptions, inspection: Inspection, shown: Shown[SyncPlan]) -> SyncOutcome:
    """Ask about a plan that was shown, unless the options answer that, and carry it out."""
    screen, sync_plan, statuses = context.screen, shown.plan, inspection.report.statuses
    outcome = SyncOutcome(sync_outcome.DECLINED, [status.database for status in statuses], sync_plan)
    if sync_options.yes and sync_plan.doubts:
        refusal = Refusal("--yes settles no doubt", "migmerge sync")
        return _refused(screen, outcome._replace(state=sync_outcome.REFUSED, refusal=refusal))
    consent = given_by_option(shown) if sync_options.yes else _ask(screen, outcome.databases, shown, sync_options.output)
    if consent is None:
        report_declined(screen, outcome.databases, sync_plan, command(context.environment, "upgrade"))
        return outcome
    safeguards = context.back_up("sync", wanted=sync_options.backup, may_ask=not sync_options.yes)
    if safeguards is None:
        screen.say("nothing was changed")
        return outcome
    rows = capped_row_counts(context.session, outcome.databases)
    run = run_plan(context, inspection, consent, safeguards)
    suspected = {name for status in statuses if status.skipped for name in status.unproven}
    is_upgrade = all(isinstance(step, Upgrade) for step in sync_plan.steps)
    ran = {status.database.bind: revisions_run_by(run.done, status) for status in statuses}
    result = _Result(suspected - {*sync_options.word.rerun}, is_upgrade, ran, outcome.databases, rows)
    after, findings = _report_result(context, sync_options, safeguards, result)
    is_good = run.is_complete and not any(finding.is_error for finding in findings)
    state = sync_outcome.DONE if is_good else sync_outcome.FAILED
    return outcome._replace(state=state, run=run, safeguards=safeguards, after=after, findings=findings)


def _inspect(context: SyncContext, sync_options: SyncOptions) -> Inspection:
    """Inspect the databases; where one has skipped a revision, a replay tells what else it has skipped.

    A dry run executes no script: it takes a replay that is known.
    """
    inspection = context.inspect()
    is_suspicious = any(status.skipped for status in inspection.report.statuses)
    replays = sync_options.deep and is_suspicious and not sync_options.dry_run
    found = prove_inspection(context.repository, context.session, inspection, ProofOptions(replays=replays))
    if is_suspicious and not all(each.is_deep for each in found.report.coverages.values()):
        context.screen.note("only a replay of the scripts tells what else was skipped: ", ("migmerge doctor --deep", "command"))
    return found


def _stopped(sync_plan: SyncPlan, of_scripts: Sequence[Finding]) -> Refusal | None:
    """Refuse to run a revision that fails after another one, which the database has run or is about to run."""
    pending = [step.revision for step in sync_plan.steps if isinstance(step, Upgrade)]
    stopping = next((each for each in of_scripts if stops(each, pending)), None)
    return Refusal(f"{stopping.code} {stopping.name}: {stopping.message}", str(stopping.hint)) if stopping else None


def _ask(screen: Screen, databases: Sequence[Database], shown: Shown[SyncPlan], output: str) -> Consent[SyncPlan] | None:
    names = enumerate_names(database.name for database in databases)
    with required_terminal("migmerge sync --yes, or migmerge sync --dry-run to look first", output) as terminal:
        screen.flush()
        return ask_consent(
            shown, f"Change {names}?", consent_choices(names, loses=shown.plan.loses or bool(shown.plan.doubts)), terminal
        )


class _Result(NamedTuple):
    """Say what a plan has left in suspicion, whether it held upgrades alone, and which revisions it ran, by bind.

    `before` are the databases as they were, with their `rows`.
    """

    suspected: Collection[str]
    is_upgrade: bool
    ran: Mapping[str, Collection[str]]
    before: Sequence[Database]
    rows: Mapping[str, Mapping[str, int]]


def _report_result(
    context: SyncContext, sync_options: SyncOptions, safeguards: Safeguards, result: _Result
) -> tuple[Sequence[Database], Sequence[Finding]]:
    """Print and return where the databases are and what is wrong or unproven, and keep the first."""
    inspection = inspect_databases(context.repository, context.environment, context.session)
    rows = context.record("sync", inspection, safeguards)
    databases = [status.database for status in inspection.report.statuses]
    report_new_positions(context.screen, databases)
    _report_fewer_rows(context.screen, result, rows)
    context.screen.flush()
    proof_options = ProofOptions(replays=sync_options.deep)
    report = prove_inspection(context.repository, context.session, inspection, proof_options).report
    coverages = {bind: each.after_running(result.ran.get(bind, ())) for bind, each in report.coverages.items()}
    report = replace(report, coverages={bind: each.suspecting(result.suspected) for bind, each in coverages.items()})
    unmade = [] if result.is_upgrade else [name for each in report.coverages.values() for name in each.unmade]
    if unmade:
        context.screen.note("no revision here makes ", enumerate_names(unmade, most=_MOST))
    findings = [finding for finding in diagnose_databases(report) if finding.is_error or finding.kind in _SAID]
    for finding in findings:
        report_finding(context.screen, finding)
    return databases, findings


def _report_fewer_rows(screen: Screen, result: _Result, after: CountedRows) -> None:
    """Say which tables have fewer rows than before: a script deleted them, or a table that was rebuilt took them along."""
    for each in result.before:
        if fewer := tuple(fewer_rows(result.rows.get(each.bind, {}), dict(after.get(each.bind, ())))):
            screen.note(f"fewer rows than before in {each.name}: {enumerate_names(fewer, most=_MOST)}")
