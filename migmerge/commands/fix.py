"""`migmerge fix`: diagnose, plan, ask, apply."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from ..core.diagnosis import Evidence
from ..core.errors import MigmergeError
from ..core.finding import Finding
from ..core.plan import Applied, Outcome, Plan, Refusal, Refused
from ..core.planner import plan_merges
from ..core.provenance import enumerate_names
from ..core.snapshot import Snapshot
from ..terminal.arrivals import report_next
from ..terminal.findings import report_finding
from ..terminal.plans import report_outcomes, report_refusals
from ..terminal.prompt import may_prompt, own_terminal
from ..terminal.screen import Screen
from .applying import apply, preview
from .offering import accepted
from .options import Options
from .reminding import upgrade_commands
from .survey import Survey, examine, survey_commit

DONE, REFUSED = 0, 1


def fix(options: Options, *, yes: bool, dry_run: bool, commit: bool, message: str | None) -> int:
    """Join divergent heads with a merge revision and commit it; return 1 where one is refused or declined."""
    survey = survey_commit(options)
    findings, evidence = examine(survey, with_uncommitted=False)
    decided = plans_for(survey, findings, evidence, commit=commit, message=message)
    plans = [plan for plan in decided if isinstance(plan, Plan)]
    refusals = [refusal for refusal in decided if isinstance(refusal, Refusal)]
    screen = Screen(sys.stdout, options.color)
    report_refusals(screen, refusals)
    if not plans:
        if not refusals and not options.quiet:
            _report_nothing(screen, survey)
        return REFUSED if refusals else DONE
    if not options.quiet:
        _report_divergences(screen, findings)
    outcomes = _outcomes(plans, survey, screen, yes=yes, dry_run=dry_run)
    report_outcomes(screen, outcomes)
    if any(isinstance(outcome, Applied) for outcome in outcomes) and not options.quiet:
        report_next(screen, "to bring your database up to date:", upgrade_commands(survey, _diverged(survey)))
    done = outcomes and not refusals and not any(isinstance(outcome, Refused) for outcome in outcomes)
    return DONE if done else REFUSED


def _outcomes(plans: Sequence[Plan], survey: Survey, screen: Screen, *, yes: bool, dry_run: bool) -> list[Outcome]:
    """Preview the plans, or apply them once there is a yes; none where the answer is no."""
    if dry_run:
        return [preview(plan, survey.repository) for plan in plans]
    if yes:
        return [apply(plan, survey.repository, in_hook=False) for plan in plans]
    if not may_prompt():
        raise MigmergeError("there is no terminal to ask on", hint="migmerge fix --yes, or migmerge fix --dry-run to look first")
    with own_terminal() as terminal:
        if not accepted(plans, survey.repository, screen, terminal):
            return []
        return [apply(plan, survey.repository, in_hook=False) for plan in plans]


def _diverged(survey: Survey) -> list[Snapshot]:
    return [snapshot for snapshot in survey.snapshots if snapshot.graph.divergences]


def _report_divergences(screen: Screen, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.code == "MM001":
            report_finding(screen, finding, hint=False)


def _report_nothing(screen: Screen, survey: Survey) -> None:
    for snapshot in survey.snapshots:
        heads = snapshot.graph.heads
        kept = " (kept apart by branch labels)" if len(heads) > 1 else ""
        screen.say(f"nothing to fix in {snapshot.environment.path or '.'}: ", enumerate_names(heads) or "no revisions", kept)


def plans_for(
    survey: Survey,
    findings: Sequence[Finding],
    evidence: Mapping[str, Evidence],
    *,
    commit: bool = True,
    message: str | None = None,
) -> list[Plan | Refusal]:
    """Plan for every environment; a message given on the command line goes before the configured one."""
    return [
        plan
        for snapshot in survey.snapshots
        for plan in plan_merges(
            snapshot,
            [finding for finding in findings if finding.environment == snapshot.environment.path],
            evidence[snapshot.environment.path],
            commit=commit,
            commit_message=message or survey.settings.commit_message,
        )
    ]
