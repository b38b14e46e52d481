"""`migmerge fix`: diagnose, weigh, ask, apply."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.errors import MigmergeError
from ..core.finding import Finding
from ..core.fix_plan.plan import Applied, Outcome, Plan, Proposal, Refusal, Refused, RewriteScript
from ..core.fix_plan.proposals import refusal_of
from ..core.options import Options
from ..core.text import enumerate_names
from ..fix.apply import apply, preview
from ..fix.context import FixContext, FixOptions
from ..fix.menu import Alternatives, alternatives, choose_plans
from ..fix.propose import AskApplied, chosen_plans, proposals_for
from ..fix.upgrade_offer import remind
from ..output.prompt import may_prompt, own_terminal
from ..output.screen import Screen
from ..output.text.findings import report_finding
from ..output.text.fix_plan import report_outcomes, report_proposals, report_refusals
from ..workspace.evidence import diagnose_workspace
from ..workspace.workspace import Workspace, open_workspace

DONE, REFUSED = 0, 1


def fix(options: Options, fix_options: FixOptions) -> int:
    """Join or line up divergent heads, and commit it; return 1 where one is refused or declined."""
    workspace = open_workspace(options)
    fix_options = fix_options.under(workspace.settings)
    findings, evidence = diagnose_workspace(workspace, with_uncommitted=False)
    proposed = proposals_for(workspace, findings, evidence, fix_options, _databases(workspace, options, fix_options))
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    offered = alternatives(proposals, fix_options.strategy, workspace.settings.strategy) if fix_options.asks else {}
    decided_ = [] if offered else chosen_plans(proposals, fix_options, workspace.settings.strategy)
    plans = [plan for plan in decided_ if isinstance(plan, Plan)]
    refusals = [each for each in (*proposed, *decided_) if isinstance(each, Refusal)]
    if not proposed:
        refusals = [refusal_of(each) for each in findings if each.is_error]
    screen = Screen(sys.stdout, options.color)
    screen.commands_run_at(workspace.repository.top)
    report_refusals(screen, refusals)
    if not plans and not offered:
        if not refusals and not options.quiet:
            _report_nothing(screen, workspace)
        return REFUSED if refusals else DONE
    if not options.quiet:
        _report_divergences(screen, findings)
        _report_choice(screen, proposals, plans, workspace, fix_options)
    context = FixContext(workspace, options, fix_options, screen, proposals)
    outcomes = _asked(offered, context) if offered else _carried_out(plans, context)
    report_outcomes(screen, outcomes)
    if any(isinstance(outcome, Applied) for outcome in outcomes) and not options.quiet:
        remind(context, [snapshot for snapshot in workspace.snapshots if snapshot.graph.divergences])
    done = outcomes and not refusals and not any(isinstance(outcome, Refused) for outcome in outcomes)
    return DONE if done else REFUSED


def _databases(workspace: Workspace, options: Options, fix_options: FixOptions) -> AskApplied | None:
    """Return how to ask what has run, where a re-parenting may be chosen; starting the application takes a second."""
    reparents = "reparent" in (fix_options.strategy, workspace.settings.strategy)
    if not fix_options.databases or not (reparents or (fix_options.asks and may_prompt())):
        return None
    # What talks to databases takes 60 ms to import.
    from ..sync.inspect import applied_revisions

    return lambda snapshot: applied_revisions(workspace.repository, snapshot, options, fix_options.named)


def _carried_out(plans: Sequence[Plan], context: FixContext) -> list[Outcome]:
    if context.fix_options.dry_run:
        return [preview(plan, context.workspace.repository) for plan in plans]
    if context.fix_options.yes:
        return [_make(plan, context) for plan in plans]
    raise MigmergeError("there is no cure that all of it has", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")


def _asked(offered: Alternatives, context: FixContext) -> list[Outcome]:
    """Apply what is chosen on the terminal; nothing where the answer is no."""
    if not may_prompt():
        raise MigmergeError("there is no terminal to ask on", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")
    with own_terminal() as terminal:
        taken = choose_plans(offered, context.proposals, context.workspace.repository, context.screen, terminal)
        return [_make(plan, context) for plan in taken]


def _make(plan: Plan, context: FixContext) -> Outcome:
    """Carry out one plan; the user has said yes to it, and to its database where it has to be taken back."""
    if not any(plan is proposal.if_downgraded_first for proposal in context.proposals):
        return apply(plan, context.workspace.repository, in_hook=False)
    rewritten = next(step.path for step in plan.steps if isinstance(step, RewriteScript))
    environment = next(each.environment for each in context.workspace.snapshots if each.environment.holds(rewritten))
    # What talks to databases takes 60 ms to import.
    from ..fix.downgrade_first import apply_with_downgrade

    return apply_with_downgrade(plan, context, environment)


def _report_divergences(screen: Screen, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.kind.shown_before_fix:
            report_finding(screen, finding, hint=False)


def _report_choice(
    screen: Screen, proposals: Sequence[Proposal], plans: Sequence[Plan], workspace: Workspace, fix_options: FixOptions
) -> None:
    """Say why the recommended cure is the right one, or what the one that was asked for relies on."""
    if fix_options.strategy is None:
        report_proposals(screen, proposals, workspace.settings.strategy)
    elif not fix_options.dry_run:
        for plan in plans:
            screen.say(plan.reason)


def _report_nothing(screen: Screen, workspace: Workspace) -> None:
    for snapshot in workspace.snapshots:
        heads = snapshot.graph.heads
        kept = " (kept apart by branch labels)" if len(heads) > 1 else ""
        screen.say(f"nothing to fix in {snapshot.environment.path or '.'}: ", enumerate_names(heads) or "no revisions", kept)
