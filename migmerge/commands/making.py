"""Carrying out what `fix` decided, on the files alone or with the database taken back before and brought up again after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.cures.plan import Outcome, Plan, Proposal, RewriteScript
from ..terminal.screen import Screen
from .applying import apply
from .options import Options
from .survey import Survey
from .wishes import Wishes


@dataclass(frozen=True, slots=True)
class Making:
    """Hold what a decided plan is carried out with."""

    survey: Survey
    options: Options
    wishes: Wishes
    screen: Screen
    proposals: Sequence[Proposal]


def make(plan: Plan, making: Making) -> Outcome:
    """Carry out one plan; the user has said yes to it, and to its database where it has to be taken back."""
    if not any(plan is proposal.if_taken_back for proposal in making.proposals):
        return apply(plan, making.survey.repository, in_hook=False)
    rewritten = next(step.path for step in plan.steps if isinstance(step, RewriteScript))
    environment = next(each.environment for each in making.survey.snapshots if each.environment.holds(rewritten))
    # What talks to databases takes 60 ms to import.
    from .taking_back import apply_around_database

    return apply_around_database(plan, making, environment)
