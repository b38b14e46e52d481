"""`migmerge fix`: diagnose, weigh, ask, apply."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.cures.plan import Applied, Outcome, Plan, Proposal, Refusal, Refused
from ..core.errors import MigmergeError
from ..core.finding import Finding, Severity
from ..core.provenance import enumerate_names
from ..core.snapshot import Snapshot
from ..terminal.arrivals import report_next
from ..terminal.findings import report_finding
from ..terminal.plans import report_outcomes, report_proposals, report_refusals
from ..terminal.prompt import may_prompt, own_terminal
from ..terminal.screen import Screen
from .applying import apply, preview
from .examining import examine
from .offering import Alternatives, alternatives, chosen
from .options import Options
from .reminding import upgrade_commands
from .survey import Survey, survey_commit
from .weighing import decided, proposals_for
from .wishes import Wishes

DONE, REFUSED = 0, 1


def fix(options: Options, wishes: Wishes) -> int:
    """Join or line up divergent heads, and commit it; return 1 where one is refused or declined."""
    survey = survey_commit(options)
    wishes = wishes.under(survey.settings)
    findings, evidence = examine(survey, with_uncommitted=False)
    proposed = proposals_for(survey, findings, evidence, wishes)
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    offered = alternatives(proposals, wishes.strategy, survey.settings.strategy) if wishes.asks else {}
    decided_ = [] if offered else decided(proposals, wishes.strategy, survey.settings.strategy)
    plans = [plan for plan in decided_ if isinstance(plan, Plan)]
    refusals = [each for each in (*proposed, *decided_) if isinstance(each, Refusal)]
    if not proposed:
        refusals = [
            Refusal(f"{each.code} {each.name}: {each.message}", each.hint) for each in findings if each.severity is Severity.ERROR
        ]
    screen = Screen(sys.stdout, options.color)
    screen.commands_run_at(survey.repository.top)
    report_refusals(screen, refusals)
    if not plans and not offered:
        if not refusals and not options.quiet:
            _report_nothing(screen, survey)
        return REFUSED if refusals else DONE
    if not options.quiet:
        _report_divergences(screen, findings)
        _report_choice(screen, proposals, plans, survey, wishes)
    outcomes = _asked(offered, proposals, survey, screen) if offered else _carried_out(plans, survey, wishes)
    report_outcomes(screen, outcomes)
    if any(isinstance(outcome, Applied) for outcome in outcomes) and not options.quiet:
        report_next(screen, "to bring your database up to date:", upgrade_commands(survey, _diverged(survey)))
    done = outcomes and not refusals and not any(isinstance(outcome, Refused) for outcome in outcomes)
    return DONE if done else REFUSED


def _carried_out(plans: Sequence[Plan], survey: Survey, wishes: Wishes) -> list[Outcome]:
    if wishes.dry_run:
        return [preview(plan, survey.repository) for plan in plans]
    if wishes.yes:
        return [apply(plan, survey.repository, in_hook=False) for plan in plans]
    raise MigmergeError("there is no cure that all of it has", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")


def _asked(offered: Alternatives, proposals: Sequence[Proposal], survey: Survey, screen: Screen) -> list[Outcome]:
    """Apply what is chosen on the terminal; nothing where the answer is no."""
    if not may_prompt():
        raise MigmergeError("there is no terminal to ask on", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")
    with own_terminal() as terminal:
        taken = chosen(offered, proposals, survey.repository, screen, terminal)
        return [apply(plan, survey.repository, in_hook=False) for plan in taken]


def _diverged(survey: Survey) -> list[Snapshot]:
    return [snapshot for snapshot in survey.snapshots if snapshot.graph.divergences]


def _report_divergences(screen: Screen, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.code in ("MM001", "MM007"):
            report_finding(screen, finding, hint=False)


def _report_choice(screen: Screen, proposals: Sequence[Proposal], plans: Sequence[Plan], survey: Survey, wishes: Wishes) -> None:
    """Say why the recommended cure is the right one, or what the one that was asked for relies on."""
    if wishes.strategy is None:
        report_proposals(screen, proposals, survey.settings.strategy)
    elif not wishes.dry_run:
        for plan in plans:
            screen.say(plan.reason)


def _report_nothing(screen: Screen, survey: Survey) -> None:
    for snapshot in survey.snapshots:
        heads = snapshot.graph.heads
        kept = " (kept apart by branch labels)" if len(heads) > 1 else ""
        screen.say(f"nothing to fix in {snapshot.environment.path or '.'}: ", enumerate_names(heads) or "no revisions", kept)
