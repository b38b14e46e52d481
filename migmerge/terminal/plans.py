"""A plan before, and an outcome after, for a reader."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.plan import Applied, Commit, CreateMergeRevision, Outcome, Plan, Refusal, Refused, WouldApply
from ..core.provenance import enumerate_names
from .screen import Screen


def report_plan(screen: Screen, plan: Plan) -> None:
    """Print what would be done, step by step, and why."""
    screen.say(plan.reason)
    for step in plan.steps:
        match step:
            case CreateMergeRevision():
                screen.say("  write   ", (step.revision, "revision"), f"  {step.message}")
                screen.say("          ", f"joining {enumerate_names(step.parents)} in {step.folder or '.'}")
            case Commit():
                screen.say("  commit  ", step.message.splitlines()[0], ", that file alone")


def report_refusals(screen: Screen, refusals: Sequence[Refusal]) -> None:
    """Print why nothing is done and what cures it."""
    for refusal in refusals:
        screen.say(("not fixed: ", "error"), refusal.message)
        screen.say("hint: ", (refusal.hint, "command"))


def report_outcome(screen: Screen, outcome: Outcome) -> None:
    """Print what became of a plan, and how to take it back."""
    match outcome:
        case Applied():
            _report_applied(screen, outcome)
        case WouldApply():
            _report_dry_run(screen, outcome)
        case Refused():
            screen.say(("not fixed: ", "error"), outcome.message)
            screen.say("hint: ", (outcome.hint, "command"))


def _report_applied(screen: Screen, outcome: Applied) -> None:
    if outcome.commit:
        screen.say(("committed ", "good"), (outcome.commit[:10], "revision"), "  ", (outcome.path, "path"))
    else:
        screen.say(("written ", "good"), " ", (outcome.path, "path"), "  not committed")
    screen.say("  undo: ", (outcome.plan.undo, "command"))


def _report_dry_run(screen: Screen, outcome: WouldApply) -> None:
    report_plan(screen, outcome.plan)
    screen.say("  file    ", (outcome.path, "path"))
    if outcome.text is None:
        screen.say("  its text is left to script.py.mako, which runs code of its own and is rendered once you say yes")
        return
    screen.say("")
    for line in outcome.text.splitlines():
        screen.say("  | ", line)
    screen.say("")
