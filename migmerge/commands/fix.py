"""`migmerge fix`: diagnose, weigh, ask, apply."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.cures.plan import Applied, Outcome, Plan, Proposal, Refusal, Refused, RewriteScript
from ..core.errors import MigmergeError
from ..core.finding import Finding, Severity
from ..core.provenance import enumerate_names
from ..terminal.findings import report_finding
from ..terminal.plans import report_outcomes, report_proposals, report_refusals
from ..terminal.prompt import may_prompt, own_terminal
from ..terminal.screen import Screen
from .applying import apply, preview
from .examining import examine
from .making import Making
from .offering import Alternatives, alternatives, chosen
from .options import Options
from .reminding import remind
from .survey import Survey, survey_commit
from .weighing import Ask, decided, proposals_for
from .wishes import Wishes

DONE, REFUSED = 0, 1


def fix(options: Options, wishes: Wishes) -> int:
    """Join or line up divergent heads, and commit it; return 1 where one is refused or declined."""
    survey = survey_commit(options)
    wishes = wishes.under(survey.settings)
    findings, evidence = examine(survey, with_uncommitted=False)
    proposed = proposals_for(survey, findings, evidence, wishes, _databases(survey, options, wishes))
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    offered = alternatives(proposals, wishes.strategy, survey.settings.strategy) if wishes.asks else {}
    decided_ = [] if offered else decided(proposals, wishes, survey.settings.strategy)
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
    making = Making(survey, options, wishes, screen, proposals)
    outcomes = _asked(offered, making) if offered else _carried_out(plans, making)
    report_outcomes(screen, outcomes)
    if any(isinstance(outcome, Applied) for outcome in outcomes) and not options.quiet:
        remind(making, [snapshot for snapshot in survey.snapshots if snapshot.graph.divergences])
    done = outcomes and not refusals and not any(isinstance(outcome, Refused) for outcome in outcomes)
    return DONE if done else REFUSED


def _databases(survey: Survey, options: Options, wishes: Wishes) -> Ask | None:
    """Return how to ask what has run, where a re-parenting may be chosen; starting the application takes a second."""
    reparents = "reparent" in (wishes.strategy, survey.settings.strategy)
    if not wishes.databases or not (reparents or (wishes.asks and may_prompt())):
        return None
    # What talks to databases takes 60 ms to import.
    from .applied import applied_revisions

    return lambda snapshot: applied_revisions(survey.repository, snapshot, options, wishes.named)


def _carried_out(plans: Sequence[Plan], making: Making) -> list[Outcome]:
    if making.wishes.dry_run:
        return [preview(plan, making.survey.repository) for plan in plans]
    if making.wishes.yes:
        return [_make(plan, making) for plan in plans]
    raise MigmergeError("there is no cure that all of it has", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")


def _asked(offered: Alternatives, making: Making) -> list[Outcome]:
    """Apply what is chosen on the terminal; nothing where the answer is no."""
    if not may_prompt():
        raise MigmergeError("there is no terminal to ask on", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")
    with own_terminal() as terminal:
        taken = chosen(offered, making.proposals, making.survey.repository, making.screen, terminal)
        return [_make(plan, making) for plan in taken]


def _make(plan: Plan, making: Making) -> Outcome:
    """Carry out one plan; the user has said yes to it, and to its database where it has to be taken back."""
    if not any(plan is proposal.if_taken_back for proposal in making.proposals):
        return apply(plan, making.survey.repository, in_hook=False)
    rewritten = next(step.path for step in plan.steps if isinstance(step, RewriteScript))
    environment = next(each.environment for each in making.survey.snapshots if each.environment.holds(rewritten))
    # What talks to databases takes 60 ms to import.
    from .taking_back import apply_around_database

    return apply_around_database(plan, making, environment)


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
