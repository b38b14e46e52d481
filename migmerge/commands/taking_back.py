"""Taking a database back before the scripts change under it, and bringing it up again afterwards."""

from __future__ import annotations

from ..core.cures.plan import Applied, Outcome, Plan, Refusal, Refused
from ..core.database.journey import plan_journey, plan_taking_back
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..database.session import Session
from ..terminal.journeys import report_journey, report_undo
from .applied import applied_by
from .applying import apply
from .backups import back_up, settle
from .checking_up import Examination, check_up, open_session
from .making import Making
from .travelling import travel


def apply_around_database(plan: Plan, making: Making, environment: Environment) -> Outcome:
    """Downgrade what the plan moves, carry it out, and upgrade again."""
    with open_session(making.survey.repository, environment, making.options, making.wishes.named) as session:
        return _around(plan, making, environment, session)


def _around(plan: Plan, making: Making, environment: Environment, session: Session) -> Outcome:
    """Take the database back, change the scripts, and bring it up again, also where the scripts could not be changed."""
    repository, screen = making.survey.repository, making.screen
    before = _reached(check_up(repository, environment, session))
    databases = [condition.database for condition in before.checkup.conditions]
    applied = applied_by(repository, before.tree, databases)
    journey = plan_taking_back(before.scripts, applied or (), plan.moved)
    if isinstance(journey, Refusal):
        return Refused(plan, journey.message, journey.hint)
    report_journey(screen, databases, journey)
    undo = back_up(repository, session, screen, verified=False)
    if travel(session, before, journey, screen, ()):
        report_undo(screen, undo)
        return Refused(plan, "the database could not be taken back", "migmerge doctor")
    outcome = apply(plan, repository, in_hook=False)
    after = _reached(check_up(repository, environment, session))
    way_up = plan_journey(environment, after.scripts, after.checkup.conditions, after.checkup.lineages or {})
    # No undo of the database alone: with the scripts re-parented it would skip what comes before.
    if isinstance(way_up, Refusal) or travel(session, after, way_up, screen, ()):
        return _not_up_again(plan, outcome)
    settle(undo)
    return outcome


def _not_up_again(plan: Plan, outcome: Outcome) -> Refused:
    done = f"re-parented in commit {outcome.commit[:10]}" if isinstance(outcome, Applied) and outcome.commit else "taken back"
    return Refused(plan, f"{done}, but the database did not come up again: see above", "migmerge sync")


def _reached(examination: Examination) -> Examination:
    if unreachable := examination.checkup.unreachable:
        raise MigmergeError(unreachable.reason, hint=unreachable.hint)
    return examination
