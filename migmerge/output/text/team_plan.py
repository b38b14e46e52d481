"""The change of a hook manager's configuration, as text."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.consent import Shown
from ...core.fix_plan.diff import diff_of
from ...core.hook_manager import TeamPlan
from ..screen import Screen


def report_team_plan(screen: Screen, plan: TeamPlan) -> Shown[TeamPlan]:
    """Print the change of each file as a diff."""
    for path, before, after in plan.files:
        for line in diff_of(path, path, before or b"", after or b""):
            style = {"+": "good", "-": "gone"}.get(line[:1], "")
            screen.say((line.rstrip("\r\n"), style))
    for note in plan.notes:
        screen.note(note)
    return Shown(plan)


def report_team_installed(screen: Screen, plan: TeamPlan) -> None:
    """Print what is left to do for the team, and for each member of it."""
    if plan.files:
        paths = " ".join(path for path, _, _ in plan.files)
        screen.say(("written, and not committed: ", "good"), (paths, "path"))
    screen.say("each member of the team runs once:")
    screen.say("  ", (plan.manager.once, "command"))


def report_lines_to_add(screen: Screen, lines: Iterable[str]) -> None:
    """Print what each hook has to run, to be added by hand."""
    screen.say("to add by hand:")
    for line in lines:
        screen.say("  ", (line, "command"))
    screen.flush()
