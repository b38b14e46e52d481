"""`migmerge fix`: diagnose, propose, ask, apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ..core.consent import Consent, Shown
from ..core.errors import MigmergeError
from ..core.finding import Finding
from ..core.fix_plan.plan import Applied, Outcome, Plan, Refused, RewriteScript
from ..core.fix_plan.proposals import forks_in_commits
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names
from ..fix.apply import apply, preview
from ..fix.context import FixContext, FixOptions
from ..fix.fork import forks_in
from ..fix.menu import choose_plans
from ..fix.propose import Decision, decide, proposals_for, reading_of_databases
from ..fix.undo import recover
from ..output.consent import given_by_option
from ..output.prompt import may_prompt, required_terminal
from ..output.screen import Screen, print_document, screen_for
from ..output.text.changes import report_next, report_stopped
from ..output.text.fix_plan import report_outcomes, report_plans, report_proposals, report_refusals, report_repairs
from ..output.text.fork import report_cures, report_forks, report_not_now
from ..repository.journal import Journal
from ..repository.repository import open_repository
from ..workspace.evidence import diagnose_workspace
from ..workspace.workspace import Workspace, open_workspace, upgrade_commands

DONE, REFUSED = 0, 1

_LOOK_FIRST = "migmerge fix --yes, or migmerge fix --dry-run to look first"


class RoundEnd(NamedTuple):
    """Hold the exit status of one round, whether another follows, what was done, and the commands that come next."""

    status: int
    again: bool = False
    outcomes: Sequence[Outcome] = ()
    next: Sequence[str] = ()


class Round(NamedTuple):
    """Hold what one round of cures has decided; a round begins with a fresh look at the repository."""

    context: FixContext
    findings: Sequence[Finding]
    decision: Decision

    @property
    def has_cure(self) -> bool:
        return bool(self.decision.plans or self.decision.alternatives)

    @property
    def edits(self) -> bool:
        """Say whether a cure changes what a script does."""
        offered = (plan for plans in self.decision.alternatives.values() for plan in plans)
        return any(plan.diff for plan in (*self.decision.plans, *offered))


def fix(options: Options, fix_options: FixOptions) -> int:
    """Join or line up divergent heads and commit that, once what comes before is repaired; return 1 where a cure is refused."""
    screen = screen_for(fix_options.output, options.color)
    if not fix_options.dry_run:
        recover(open_repository(options.folder), screen)
    rounds: list[tuple[Round, RoundEnd]] = []
    if fix_options.output == "text":
        return _fix(options, fix_options, screen, rounds)
    notes = screen.texts
    try:
        return _fix(options, fix_options, screen, rounds)
    finally:
        if rounds:  # what was done is said, whatever came after it
            _print_document(rounds, notes, dry_run=fix_options.dry_run)


def _print_document(rounds: Sequence[tuple[Round, RoundEnd]], notes: Sequence[str], *, dry_run: bool) -> None:
    from ..output.formats.fix_json import FixReport, fix_as_json  # only a program reads it

    outcomes = [each for _, end in rounds for each in end.outcomes]
    refusals = [each for current, _ in rounds for each in current.decision.refusals]
    report = FixReport(rounds[0][0].findings, outcomes, refusals, rounds[-1][1].next, notes)
    print_document(fix_as_json(report, dry_run=dry_run))


def _fix(options: Options, fix_options: FixOptions, screen: Screen, rounds: list[tuple[Round, RoundEnd]]) -> int:
    """Run rounds of cures, which are added to `rounds`, until nothing is left to do."""
    journal: Journal | None = None
    seen: list[object] = []
    others_served = edited = False
    while True:
        current = _look(options, fix_options, screen, journal)
        current = current._replace(context=replace(current.context, edited=edited))
        journal = current.context.journal
        state = [finding.identity for finding in current.findings]
        if state in seen:
            raise MigmergeError("the same findings are there as before the last cure", hint="migmerge check")
        seen.append(state)
        report_refusals(current.context.screen, current.decision.refusals)
        end = _apply_round(current) if current.has_cure else _end(current, repaired=len(seen) > 1)
        rounds.append((current, end))
        if not end.again:
            return DONE if others_served else end.status
        # What others get is right: what is only here may wait for the user.
        others_served = not current.decision.repairs
        edited = edited or current.edits


def _look(options: Options, fix_options: FixOptions, screen: Screen, journal: Journal | None) -> Round:
    workspace = open_workspace(options)
    fix_options = fix_options.with_settings(workspace.settings)
    if journal is None and fix_options.databases and fix_options.selection.names:
        _require_known_databases(workspace, options, fix_options)
    findings, evidence = diagnose_workspace(workspace)
    read_applied = reading_of_databases(workspace, options, fix_options)
    proposed = proposals_for(workspace, findings, evidence, fix_options, read_applied)
    decision = decide(findings, proposed, fix_options, workspace.settings.strategy)
    screen.commands_run_at(workspace.repository.top)
    journal = journal or Journal(workspace.repository)
    context = FixContext(workspace, options, fix_options, screen, journal, decision.proposals, decision.repairs)
    return Round(context, findings, decision)


def _end(current: Round, *, repaired: bool) -> RoundEnd:
    """Say how it stands where there is no cure, or none any more; `repaired` says that an earlier round changed scripts."""
    context, refused = current.context, bool(current.decision.refusals)
    upgrades: Sequence[str] = ()
    if not refused and not context.options.quiet:
        if repaired:
            upgrades = _remind(context, context.workspace.snapshots, current.findings)
        else:
            _report_nothing(context)
    return RoundEnd(REFUSED if refused else DONE, next=upgrades)


def _apply_round(current: Round) -> RoundEnd:
    """Apply the cures of one round."""
    context, findings, decision = current
    quiet, workspace = context.options.quiet, context.workspace
    if decision.alternatives:
        outcomes = _ask_and_apply(current)
    else:
        if not quiet:
            _report_reasons(context, findings, decision.plans)
        outcomes = _apply_all(report_plans(context.screen, decision.plans, dry_run=context.fix_options.dry_run), context)
    report_outcomes(context.screen, outcomes)
    done = outcomes and not decision.refusals and not any(isinstance(outcome, Refused) for outcome in outcomes)
    applied = any(isinstance(outcome, Applied) for outcome in outcomes)
    if done and applied and (decision.repairs or _forks_off_uncommitted(workspace)):
        return RoundEnd(DONE, True, outcomes)
    upgrades: Sequence[str] = ()
    if applied and not quiet and not all(_is_downgraded_first(outcome.plan, context) for outcome in outcomes):
        upgrades = _remind(context, [each for each in workspace.snapshots if each.graph.divergences], findings)
    return RoundEnd(DONE if done else REFUSED, outcomes=outcomes, next=upgrades)


def _require_known_databases(workspace: Workspace, options: Options, fix_options: FixOptions) -> None:
    # The rooms that use databases take 60 ms to import.
    from ..sync.inspect import selected_snapshots

    selected_snapshots(workspace.repository, workspace.snapshots, options, fix_options.selection)


def _is_downgraded_first(plan: Plan, context: FixContext) -> bool:
    """Say whether a database is taken back for a plan, and upgraded afterwards."""
    return any(plan is proposal.if_downgraded_first for proposal in context.proposals)


def _forks_off_uncommitted(workspace: Workspace) -> bool:
    """Say whether committed heads were joined beside which scripts that no commit holds still fork the history."""
    return any(forks_in_commits(each) and each.without_new.graph.heads != each.graph.heads for each in workspace.snapshots)


def _apply_all(shown: Sequence[Shown[Plan]], context: FixContext) -> list[Outcome]:
    if context.fix_options.dry_run:
        return [preview(each.plan, context) for each in shown]
    if context.fix_options.yes:
        return [_apply(given_by_option(each, new_code=context.fix_options.run_new_hooks), context) for each in shown]
    raise MigmergeError("there is no cure that all of it has", hint=_LOOK_FIRST)


def _ask_and_apply(current: Round) -> list[Outcome]:
    """Show the cures and what they are about, ask for one and apply it."""
    context, alternatives = current.context, current.decision.alternatives
    with required_terminal(_LOOK_FIRST, context.fix_options.output) as terminal:
        forks = forks_in(context.workspace, alternatives)
        shown = report_cures(context.screen, forks, current.findings, alternatives, context.proposals)
        report_repairs(context.screen, context.repairs)
        outcomes = [_apply(consent, context) for consent in choose_plans(shown, forks, context, terminal)]
    if not outcomes:
        report_not_now(context.screen, forks, context.proposals)
    return outcomes


def _apply(consent: Consent[Plan], context: FixContext) -> Outcome:
    """Apply a plan to which the user has agreed; where it needs a downgrade of the database, that is asked about then."""
    plan = consent.plan
    if not _is_downgraded_first(plan, context):
        return apply(consent, context, in_hook=False)
    rewritten = next(step.path for step in plan.steps if isinstance(step, RewriteScript))
    environment = next(each.environment for each in context.workspace.snapshots if each.environment.holds(rewritten))
    # The rooms that use databases take 60 ms to import.
    from ..fix.downgrade_first import apply_with_downgrade

    return apply_with_downgrade(consent, context, environment)


def _report_reasons(context: FixContext, findings: Sequence[Finding], plans: Sequence[Plan]) -> None:
    """Print the divergences, and the reasons for the recommended cures or for those of the given strategy."""
    screen, fix_options = context.screen, context.fix_options
    report_forks(screen, [] if context.repairs else forks_in(context.workspace, {}), findings)
    report_repairs(screen, context.repairs)
    if fix_options.strategy is None:
        report_proposals(screen, context.proposals, context.workspace.settings.strategy)
    else:
        for plan in plans:
            screen.say(plan.reason)


def _report_nothing(context: FixContext) -> None:
    for snapshot in context.workspace.snapshots:
        heads, path = snapshot.graph.heads, snapshot.environment.name or "."
        kept = " (kept apart by branch labels)" if len(heads) > 1 else ""
        context.screen.say(f"nothing to fix in {path}: ", enumerate_names(heads) or "no revisions", kept)


def _remind(context: FixContext, snapshots: Sequence[Snapshot], findings: Sequence[Finding]) -> Sequence[str]:
    """Print and return the commands that upgrade the databases, unless the user agrees to upgrade them now, or none can be."""
    stopped = {finding.environment for finding in findings if finding.stops_upgrade}
    if stopped:
        report_stopped(context.screen, findings)
        snapshots = [each for each in snapshots if each.environment.name not in stopped]
    if not snapshots:
        return ()
    upgrades = upgrade_commands(context.workspace, snapshots)
    if context.edited:
        upgrades = [f"migmerge rehearse && {each}" for each in upgrades]
        report_next(context.screen, "scripts do something else now; to see both orders run first, and upgrade then:", upgrades)
        return upgrades
    if _may_offer_upgrade(context):
        # The rooms that use databases take 60 ms to import.
        from ..fix.upgrade_offer import offer_upgrade

        if offer_upgrade(context, snapshots):
            return ()
    report_next(context.screen, "to bring your database up to date:", upgrades)
    return upgrades


def _may_offer_upgrade(context: FixContext) -> bool:
    fix_options = context.fix_options
    return fix_options.asks and fix_options.databases and context.workspace.settings.offer_upgrade and may_prompt()
