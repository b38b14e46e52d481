"""The result of a rehearsal, as text."""

from __future__ import annotations

from ...core.database.rehearsal import Rehearsal, RehearsalPlan, RehearsalVerdict, Run
from ...core.snapshot import Snapshot
from ...core.text import enumerate_names
from ..screen import Screen


def report_rehearsal(screen: Screen, snapshot: Snapshot, plan: RehearsalPlan, rehearsal: Rehearsal, *, downgrade: bool) -> None:
    """Print the verdict, each failure with its revision and statement, and each difference."""
    one, other = plan.order_names
    where = (snapshot.environment.name or ".", "heading")
    if rehearsal.verdict is RehearsalVerdict.SAME:
        back = ", and down again without a trace" if downgrade else ""
        screen.say(where, "  ", ("the same", "good"), f" schema after {one} and after {other}{back}")
    else:
        screen.say(where, "  ", ("the order matters", "error"), f": {one} against {other}")
    for run in rehearsal.runs:
        _report_run(screen, run, "")
    if rehearsal.depends_on_rows:
        for run in rehearsal.seeded:
            _report_run(screen, run, ", where its tables have rows")
    for line in rehearsal.differences:
        screen.say("  ", ("differs  ", "error"), line)
    for line in rehearsal.leftovers:
        screen.say("  ", ("left     ", "error"), line)
    for line in rehearsal.notes:
        screen.say("  note: ", line)


def _report_run(screen: Screen, run: Run, where: str) -> None:
    if run.failure is None:
        return
    before = [name for name in run.order if name != run.failure.revision]
    after = f" after {enumerate_names(before)}" if before else ""
    screen.say("  ", ("fails    ", "error"), (run.failure.revision, "revision"), f"{after}{where}: {run.failure.reason}")
    if run.failure.statement:
        screen.say("           ", run.failure.statement)
