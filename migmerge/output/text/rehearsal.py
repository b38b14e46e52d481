"""The result of a rehearsal, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.database.rehearsal import Rehearsal, RehearsalPlan, RehearsalVerdict, SaidFailure, failures_to_say
from ...core.finding import Finding
from ...core.fix_plan.plan import Refusal, Repair
from ...core.snapshot import Snapshot
from ..screen import Screen


def report_rehearsal(screen: Screen, snapshot: Snapshot, plan: RehearsalPlan, rehearsal: Rehearsal, *, downgrade: bool) -> None:
    """Print the verdict, each failure with its revision and statement, and each difference."""
    one, other = plan.order_names
    database = f" ({rehearsal.database})" if rehearsal.database else ""
    where = (f"{snapshot.environment.name or '.'}{database}", "heading")
    if rehearsal.verdict is RehearsalVerdict.SAME:
        back = ", and down again without a trace" if downgrade else ""
        screen.say(where, "  ", ("the same", "good"), f" schema after {one} and after {other}{back}")
    else:
        screen.say(where, "  ", ("the order matters", "error"), f": {one} against {other}")
    for said in failures_to_say(rehearsal):
        _report_failure(screen, said)
    for line in rehearsal.differences:
        screen.say("  ", ("differs  ", "error"), line)
    for line in rehearsal.leftovers:
        screen.say("  ", ("left     ", "error"), line)
    for line in rehearsal.notes:
        screen.say("  note: ", line)


def _report_failure(screen: Screen, said: SaidFailure) -> None:
    where = ", where its tables have rows" if said.with_rows else ""
    screen.say("  ", ("fails    ", "error"), (said.who, "revision"), f"{where}: {said.failure.reason}")
    if said.failure.statement:
        screen.say("           ", said.failure.statement)


def report_cures(screen: Screen, cures: Sequence[Repair | Refusal]) -> None:
    """Print what makes both orders run: the reason, the diff and the command that applies it; or why there is none."""
    for cure in cures:
        plan = (cure.if_vouched or cure.plan) if isinstance(cure, Repair) else cure
        if isinstance(plan, Refusal):
            screen.say("no cure: ", plan.message)
            screen.say_hint(plan.hint)
            continue
        screen.say(("cure: ", "good"), plan.reason)
        for line in plan.diff:
            screen.say("  | ", line.rstrip("\r\n"))
        screen.say_hint("migmerge fix")


def report_way_on(screen: Screen, findings: Sequence[Finding], before: Sequence[str]) -> None:
    """Print what collides, and the commands that lead to its cure."""
    for finding in findings:
        screen.say(f"{finding.code} ", finding.message)
    for hint in dict.fromkeys(str(finding.hint.after(*before)) for finding in findings):
        screen.say_hint(hint)
