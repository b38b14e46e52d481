"""Taking a database back before the scripts change under it, and bringing it up again afterwards."""

from __future__ import annotations

from ..core.database.sync_plan import plan_downgrade_first, plan_sync
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.fix_plan.plan import Applied, Outcome, Plan, Refusal, Refused
from ..database.session import Session
from ..output.text.sync_plan import report_sync_plan, report_undo
from ..sync.backups import back_up_databases, mark_finished
from ..sync.inspect import Inspection, applied_by, inspect_databases, open_session
from ..sync.run import run_plan
from .apply import apply
from .context import FixContext


def apply_with_downgrade(plan: Plan, context: FixContext, environment: Environment) -> Outcome:
    """Downgrade what the plan steps, carry it out, and upgrade again."""
    with open_session(context.workspace.repository, environment, context.options, context.fix_options.named) as session:
        return _around(plan, context, environment, session)


def _around(plan: Plan, context: FixContext, environment: Environment, session: Session) -> Outcome:
    """Take the database back, change the scripts, and bring it up again, also where the scripts could not be changed."""
    repository, screen = context.workspace.repository, context.screen
    before = _reached(inspect_databases(repository, environment, session))
    databases = [status.database for status in before.report.statuses]
    applied = applied_by(repository, before.tree, databases)
    sync_plan = plan_downgrade_first(before.scripts, applied or (), plan.moved)
    if isinstance(sync_plan, Refusal):
        return Refused(plan, sync_plan.message, sync_plan.hint)
    report_sync_plan(screen, databases, sync_plan)
    undo = back_up_databases(repository, session, screen, verified=False)
    if run_plan(session, before, sync_plan, screen, ()):
        report_undo(screen, undo)
        return Refused(plan, "the database could not be taken back", "migmerge doctor")
    outcome = apply(plan, repository, in_hook=False)
    after = _reached(inspect_databases(repository, environment, session))
    way_up = plan_sync(environment, after.scripts, after.report.statuses, after.report.chains or {})
    # No undo of the database alone: with the scripts re-parented it would skip what comes before.
    if isinstance(way_up, Refusal) or run_plan(session, after, way_up, screen, ()):
        return _not_up_again(plan, outcome)
    mark_finished(undo)
    return outcome


def _not_up_again(plan: Plan, outcome: Outcome) -> Refused:
    done = f"re-parented in commit {outcome.commit[:10]}" if isinstance(outcome, Applied) and outcome.commit else "taken back"
    return Refused(plan, f"{done}, but the database did not come up again: see above", "migmerge sync")


def _reached(inspection: Inspection) -> Inspection:
    if unreachable := inspection.report.unreachable:
        raise MigmergeError(unreachable.reason, hint=unreachable.hint)
    return inspection
