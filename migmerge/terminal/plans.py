"""A plan before, and an outcome after, for a reader."""

from __future__ import annotations

import shlex
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


def report_outcomes(screen: Screen, outcomes: Sequence[Outcome]) -> None:
    """Print what became of each plan, and the one command that takes all of it back."""
    for outcome in outcomes:
        report_outcome(screen, outcome)
    applied = [outcome for outcome in outcomes if isinstance(outcome, Applied)]
    if applied:
        screen.say("  undo: ", (undo_command(applied), "command"))


def undo_command(applied: Sequence[Applied]) -> str:
    """Return the command that takes all of the outcomes back and leaves what is staged as it is."""
    undo = applied[0].plan.undo.replace("HEAD~1", f"HEAD~{len(applied)}")
    return f"{undo} {shlex.join(outcome.path for outcome in applied)}"


def report_outcome(screen: Screen, outcome: Outcome) -> None:
    """Print what became of one plan."""
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
