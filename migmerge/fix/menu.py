"""The menu of cures on a terminal, and the question about databases that only the user can answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TextIO

from ..core.consent import Consent, Shown
from ..core.finding import Finding
from ..core.fix_plan.plan import Applied, Plan
from ..core.options import Options
from ..core.text import enumerate_names
from ..output.consent import ask_new_code, ask_which, new_code_by_option
from ..output.prompt import Choice, confirm
from ..output.screen import Screen
from ..output.text.fix_plan import report_new_code, report_outcome, report_outcomes, report_repairs
from ..output.text.fork import Fork, choices_of, report_cures, report_not_now
from ..repository.journal import Journal
from ..workspace.event_report import EventReport
from .apply import apply, preview
from .context import FixContext, FixOptions
from .fork import drawn_revisions, forks_in, with_branches
from .propose import Alternatives, decide, proposals_for

_UNAPPLIED = (
    Choice(
        "no, or I cannot tell", "no", "a database that has run it would skip theirs", "Nothing is changed; the menu comes back."
    ),
    Choice("yes, none has", "yes", explanation="The revision is put after the others: who has run it would never run those."),
)

_NEW_CODE = (
    Choice("no", "no", "read it first", "Nothing is run and nothing is changed; the menu comes back."),
    Choice("yes, run it", "yes", "with your rights", "The code above runs on this machine, with all that you may do."),
)


class Offer(NamedTuple):
    """Hold the cures that a hook offers, and the pictures of what they join."""

    context: FixContext
    alternatives: Alternatives
    forks: Sequence[Fork]

    @property
    def drawn(self) -> Collection[str]:
        return drawn_revisions(self.forks)


def offer_after(report: EventReport, options: Options, screen: Screen) -> Offer | None:
    """Return what can be offered after a git event; None where nothing can."""
    workspace, configured = report.after, report.after.settings.strategy
    fix_options = FixOptions().with_settings(workspace.settings)
    proposed = proposals_for(workspace, report.findings, report.evidence, fix_options)
    decision = decide(report.findings, proposed, fix_options, configured)
    if not decision.alternatives:
        return None
    journal = Journal(workspace.repository)
    context = FixContext(workspace, options, fix_options, screen, journal, decision.proposals, decision.repairs)
    return Offer(context, decision.alternatives, forks_in(workspace, decision.alternatives))


def offer_in_hook(offer: Offer, findings: Sequence[Finding], branches: Mapping[str, str], terminal: TextIO) -> bool:
    """Offer to join the heads that diverge since a git event; return whether all plans were applied.

    `findings` are those that the hook reports, `branches` names those of the revisions that arrived.
    """
    context, forks = offer.context, list(with_branches(offer.forks, branches))
    shown = report_cures(context.screen, forks, findings, offer.alternatives, context.proposals)
    report_repairs(context.screen, context.repairs)
    try:
        consents = choose_plans(shown, forks, context, terminal)
        outcomes = [apply(consent, context, in_hook=True) for consent in consents]
    except KeyboardInterrupt:
        outcomes = []
    report_outcomes(context.screen, outcomes)
    if not outcomes:
        report_not_now(context.screen, forks, context.proposals)
    return bool(outcomes) and all(isinstance(outcome, Applied) for outcome in outcomes)


def choose_plans(
    shown: Shown[Alternatives], forks: Sequence[Fork], context: FixContext, terminal: TextIO
) -> Sequence[Consent[Plan]]:
    """Ask which cure to apply; return the consent to its plans, none where the user declines."""
    alternatives, own = shown.plan, {name for fork in forks for name in fork.own}
    choices = choices_of(alternatives, context.proposals, own)
    while True:
        context.screen.flush()
        answer, consents = ask_which(shown, _question(forks), choices, terminal)
        if answer == "no":
            return ()
        if answer == "show":
            for plan in (plan for plans in alternatives.values() for plan in plans):
                context.screen.say(plan.reason)
                report_outcome(context.screen, preview(plan, context))
        elif (agreed := _agreed_to_rest(answer, consents, context, terminal)) is not None:
            return agreed


def _with_new_code(consents: Sequence[Consent[Plan]], context: FixContext, terminal: TextIO) -> Sequence[Consent[Plan]] | None:
    """Ask for a yes of its own to code that came with the merge; None where the user does not agree."""
    screen = context.screen
    shown = report_new_code(screen, consents)
    if shown is None:
        return consents
    if context.fix_options.run_new_hooks:
        return new_code_by_option(shown)
    screen.flush()
    agreed = ask_new_code(shown, _NEW_CODE, terminal)
    if agreed is None:
        screen.say("not run, so nothing is changed: without it, the merge revision would differ from a colleague's")
    return agreed


def _agreed_to_rest(
    answer: str, consents: Sequence[Consent[Plan]], context: FixContext, terminal: TextIO
) -> Sequence[Consent[Plan]] | None:
    """Ask what the chosen cure needs besides; None where the user does not agree, and the menu comes back."""
    plans = [each.plan for each in consents]
    if answer in ("reparent", "repair") and not _is_unapplied(plans, context, terminal):
        return None
    return _with_new_code(consents, context, terminal)


def _question(forks: Sequence[Fork]) -> str:
    return "Join them?" if forks else "Change the scripts?"


def _is_unapplied(plans: Sequence[Plan], context: FixContext, terminal: TextIO) -> bool:
    """Ask whether a database that migmerge cannot ask has run the revisions that the plans move."""
    doubtful = [*(each.if_unapplied for each in context.proposals), *(each.if_vouched for each in context.repairs)]
    assuming = [plan for plan in plans if any(plan is each for each in doubtful)]
    if not assuming:
        return True
    for plan in assuming:
        context.screen.say(plan.reason)
    context.screen.flush()
    question = f"Is it certain that no database has run {_moved(assuming)}?"
    return confirm(question, _UNAPPLIED, terminal)


def _moved(plans: Sequence[Plan], most: int = 6) -> str:
    return enumerate_names((revision for plan in plans for revision in plan.moved), most)
