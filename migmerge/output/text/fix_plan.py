"""Proposals, plans and outcomes of `fix`, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.consent import Consent, Shown
from ...core.fix_plan.plan import (
    Applied,
    Commit,
    CreateMergeRevision,
    Outcome,
    Plan,
    Proposal,
    Refusal,
    Refused,
    RemoveScript,
    Repair,
    RewriteScript,
    RunProjectCode,
    WouldApply,
)
from ..screen import Screen


def _report_plan(screen: Screen, plan: Plan, paths: Sequence[str]) -> None:
    """Print the steps of a plan and its notes; `paths` are those that change, a new file's first."""
    files = "that file" if len(plan.steps) - len(plan.code) == 2 else "those files"
    for step in plan.steps:
        match step:
            case CreateMergeRevision():
                screen.say("  write   ", (paths[0], "path"))
            case RunProjectCode():
                report_code(screen, step)
            case RewriteScript():
                name = "" if step.new_path == step.path else f"  as {step.new_path}"
                screen.say("  change  ", (step.path, "path"), name, "  (stays uncommitted)" if step.uncommitted else "")
            case RemoveScript():
                screen.say("  remove  ", (step.path, "path"))
            case Commit():
                screen.say(f"  commit  {files} alone: ", step.message.splitlines()[0])
    _report_notes(screen, plan)


def report_code(screen: Screen, step: RunProjectCode) -> None:
    """Print which code of the project a plan runs."""
    screen.say("  run     ", (step.path, "path"), f": {step.what}")
    if step.python:
        screen.say("          in ", (step.python, "path"))
    for line in step.commands:
        screen.say("          as ", (line, "heading"))
    if step.new:
        words = "perhaps new with this merge" if step.unsure else "new with this merge"
        screen.say("          ", (words, "error"), f": {', '.join(step.new)}")


def report_new_code(screen: Screen, consents: Sequence[Consent[Plan]]) -> Shown[Sequence[Consent[Plan]]] | None:
    """Print the code that plans run and the merge has brought; None where there is none."""
    steps = [step for each in consents for step in each.plan.new_code]
    for step in steps:
        report_code(screen, step)
    return Shown(consents) if steps else None


def _report_notes(screen: Screen, plan: Plan) -> None:
    for note in plan.notes:
        screen.note(note)


def report_proposals(screen: Screen, proposals: Sequence[Proposal], configured: str) -> None:
    """Print for each divergence the reasons for its cures, the recommended one first."""
    for proposal in proposals:
        first = ("possible: ", "heading") if proposal.obstacle else ("recommended: ", "good")
        if proposal.obstacle:
            screen.say(("not recommended: ", "error"), proposal.obstacle.message)
        if proposal.is_in_place:
            screen.say(first, _reason(proposal.if_downgraded_first or proposal.if_unapplied or proposal.reparent))
            continue
        reasons = {"merge": _reason(proposal.merge), "reparent": _reason(proposal.if_unapplied or proposal.reparent)}
        screen.say(first, reasons.pop(proposal.recommended(configured)))
        screen.say("otherwise: ", *reasons.values())


def report_plans(screen: Screen, plans: Sequence[Plan], *, dry_run: bool) -> list[Shown[Plan]]:
    """Print the code that plans run whose reasons were printed; what they write is printed where it is done."""
    for step in (step for plan in plans for step in plan.code if not dry_run):
        report_code(screen, step)
    return [Shown(plan) for plan in plans]


def report_repairs(screen: Screen, repairs: Sequence[Repair]) -> None:
    """Print the reason of each repair, and the diff of one that changes what a script does."""
    for repair in repairs:
        cure = repair.if_vouched or repair.plan
        screen.say(("recommended: ", "good"), _reason(cure))
        for line in cure.diff if isinstance(cure, Plan) else ():
            screen.say("  | ", line.rstrip("\r\n"))


def _reason(cure: Plan | Refusal) -> str:
    return cure.reason if isinstance(cure, Plan) else f"not possible: {cure.message}"


def report_refusals(screen: Screen, refusals: Sequence[Refusal]) -> None:
    """Print why nothing is done, and the command that cures it."""
    for refusal in refusals:
        _report_refusal(screen, refusal)


def _report_refusal(screen: Screen, refusal: Refusal | Refused) -> None:
    screen.say(("not fixed: ", "error"), refusal.message)
    screen.say_hint(refusal.hint)


def report_outcomes(screen: Screen, outcomes: Sequence[Outcome]) -> None:
    """Print the outcome of each plan, and the command that takes all of them back."""
    for outcome in outcomes:
        report_outcome(screen, outcome)
    if any(isinstance(outcome, Applied) for outcome in outcomes):
        screen.say_undo("migmerge undo")


def report_outcome(screen: Screen, outcome: Outcome) -> None:
    """Print the outcome of one plan."""
    match outcome:
        case Applied():
            _report_applied(screen, outcome)
        case WouldApply():
            _report_dry_run(screen, outcome)
        case Refused():
            _report_refusal(screen, outcome)


def _report_applied(screen: Screen, outcome: Applied) -> None:
    if outcome.commit:
        screen.say(("committed ", "good"), (outcome.commit[:10], "revision"), "  ", (", ".join(outcome.paths), "path"))
    else:
        done = "removed " if any(isinstance(step, RemoveScript) for step in outcome.plan.steps) else "written "
        screen.say((done, "good"), " ", (", ".join(outcome.paths), "path"), "  not committed")
    _report_notes(screen, outcome.plan)


def _report_dry_run(screen: Screen, outcome: WouldApply) -> None:
    _report_plan(screen, outcome.plan, outcome.paths)
    if outcome.text is None:
        screen.say("  its text is left to script.py.mako, which is rendered with the code above once you say yes")
        return
    screen.say("")
    for line in outcome.text.splitlines():
        screen.say("  | ", line)
    screen.say("")
