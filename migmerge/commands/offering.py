"""Offering plans on a terminal: the menu, and a look at what would be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ..core.plan import Commit, Plan
from ..repository.repository import Repository
from ..terminal.plans import report_outcome
from ..terminal.prompt import Choice, ask
from ..terminal.screen import Screen
from .applying import preview


def accepted(plans: Sequence[Plan], repository: Repository, screen: Screen, terminal: TextIO) -> bool:
    """Ask what to do about divergent heads until the answer is yes or not now."""
    screen.flush()
    while (answer := ask("What shall be done?", _choices(plans), terminal)) == "show":
        for plan in plans:
            report_outcome(screen, preview(plan, repository))
        screen.flush()
    return answer == "create"


def _choices(plans: Sequence[Plan]) -> list[Choice]:
    commits = any(isinstance(step, Commit) for plan in plans for step in plan.steps)
    what = "the merge revision" if len(plans) == 1 else f"{len(plans)} merge revisions"
    return [
        Choice(f"create and commit {what}" if commits else f"create {what}", "create"),
        Choice("show what would be written", "show"),
        Choice("not now", "no"),
    ]
