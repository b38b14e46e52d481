"""The menu of cures on a terminal, and the question about databases that only the user can answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ..core.fix_plan.plan import Applied, Commit, Plan
from ..core.options import Options
from ..core.text import enumerate_names
from ..output.prompt import Choice, ask, confirm
from ..output.screen import Screen
from ..output.text.fix_plan import report_outcome, report_outcomes, report_proposals, report_repairs
from ..repository.journal import Journal
from ..workspace.event_report import EventReport
from .apply import apply, preview
from .context import FixContext, FixOptions
from .propose import Alternatives, decide, proposals_for

_UNAPPLIED = (
    Choice("no, or I cannot tell", "no", "it would skip what then comes before", "Nothing is changed; the menu comes back."),
    Choice("yes, none has", "yes", explanation="The revision is put after the others: who has run it would never run those."),
)


def offer_in_hook(report: EventReport, options: Options, screen: Screen, terminal: TextIO) -> bool:
    """Offer to join the heads that diverge since a git event; return whether all plans were applied."""
    workspace, configured = report.after, report.after.settings.strategy
    fix_options = FixOptions().with_settings(workspace.settings)
    proposed = proposals_for(workspace, report.findings, report.evidence, fix_options)
    decision = decide(report.findings, proposed, fix_options, configured)
    if not decision.alternatives:
        return False
    if fix_options.strategy is None:
        report_proposals(screen, decision.proposals, configured)
    report_repairs(screen, decision.repairs)
    context = FixContext(
        workspace, options, fix_options, screen, Journal(workspace.repository), decision.proposals, decision.repairs
    )
    try:
        plans = choose_plans(decision.alternatives, context, terminal)
        outcomes = [apply(plan, workspace.repository, context.journal, in_hook=True) for plan in plans]
    except KeyboardInterrupt:
        screen.say("not now, then; nothing was committed")
        return False
    report_outcomes(screen, outcomes)
    return bool(outcomes) and all(isinstance(outcome, Applied) for outcome in outcomes)


def choose_plans(alternatives: Alternatives, context: FixContext, terminal: TextIO) -> Sequence[Plan]:
    """Ask which cure to apply, and return its plans; none where the user declines."""
    context.screen.flush()
    while (answer := ask("What shall be done?", _choices(alternatives), terminal)) not in (None, "no"):
        if answer == "show":
            for plan in (plan for plans in alternatives.values() for plan in plans):
                report_outcome(context.screen, preview(plan, context.workspace.repository))
        elif answer not in ("reparent", "repair") or _is_unapplied(alternatives[answer], context, terminal):
            return alternatives[answer or ""]
        context.screen.flush()
    return ()


def _is_unapplied(plans: Sequence[Plan], context: FixContext, terminal: TextIO) -> bool:
    """Ask whether a database that migmerge cannot ask has run the revisions that the plans move."""
    doubtful = [*(each.if_unapplied for each in context.proposals), *(each.if_vouched for each in context.repairs)]
    assuming = [plan for plan in plans if any(plan is each for each in doubtful)]
    if not assuming:
        return True
    question = f"Is it certain that no database has run {_moved(assuming)}?"
    return confirm(question, _UNAPPLIED, terminal)


def _choices(alternatives: Alternatives) -> list[Choice]:
    return [
        *(Choice(_title(name, plans), name) for name, plans in alternatives.items()),
        Choice("show the changes", "show"),
        Choice("not now", "no", "later: migmerge fix"),
    ]


def _title(name: str, plans: Sequence[Plan]) -> str:
    commits = any(isinstance(step, Commit) for plan in plans for step in plan.steps)
    if name == "reparent":
        return f"re-parent {_moved(plans, most=3)}{' and commit' if commits else ''}"
    if name == "repair":
        return f"change {_moved(plans, most=3)}{' and commit' if commits else ''}"
    if name == "downgrade first":
        return f"take {_moved(plans, most=3)} back in your database, re-parent{' and commit' if commits else ''}, upgrade"
    revisions = "the merge revision" if len(plans) == 1 else f"{len(plans)} merge revisions"
    return f"create {'and commit ' if commits else ''}{revisions}"


def _moved(plans: Sequence[Plan], most: int = 6) -> str:
    return enumerate_names((revision for plan in plans for revision in plan.moved), most)
