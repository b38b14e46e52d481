"""A re-parenting for which a database is downgraded before and upgraded afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.consent import Consent, Shown
from ..core.database.backup import Safeguards
from ..core.database.database import Database
from ..core.database.sync_plan import plan_downgrade_first, plan_sync
from ..core.database.sync_steps import SyncPlan
from ..core.environment import Environment
from ..core.fix_plan.plan import Applied, Outcome, Plan, Refusal, Refused
from ..core.text import enumerate_names
from ..output.consent import ask_consent, given_by_option
from ..output.prompt import Choice, own_terminal
from ..output.text.sync_plan import report_pending, report_sync_plan, report_undo
from ..sync.backups import mark_finished
from ..sync.inspect import inspect_reachable, open_session
from ..sync.run import SyncContext, run_plan
from .apply import apply
from .context import FixContext


def apply_with_downgrade(consent: Consent[Plan], context: FixContext, environment: Environment) -> Outcome:
    """Downgrade the revisions that the plan moves, apply the plan, and upgrade the databases again."""
    repository = context.workspace.repository
    if refusal := _run_elsewhere(consent.plan, context, environment):
        return refusal
    with open_session(repository, environment, context.options, context.fix_options.selection) as session:
        sync = SyncContext(repository, environment, session, context.screen, context.journal)
        return _apply(consent, sync, context)


def _run_elsewhere(plan: Plan, context: FixContext, environment: Environment) -> Refused | None:
    """Refuse where a database that is not selected has run what the plan moves, too: it would skip what then comes before."""
    selection, repository = context.fix_options.selection, context.workspace.repository
    if not selection.names:
        return None
    with open_session(repository, environment, context.options, selection.of_all) as session:
        statuses = inspect_reachable(repository, environment, session).report.statuses
    others = [each for each in statuses if not selection.has(each.database.address, each.database.bind)]
    have_run = [each.database.name for each in others if not each.applied.isdisjoint(plan.moved)]
    if not have_run:
        return None
    reason = f"{enumerate_names(have_run)} has run {enumerate_names(plan.moved)} too, and is not selected: this needs all of them"
    return Refused(plan, reason, "migmerge fix --strategy reparent --take-back")


def _apply(consent: Consent[Plan], sync: SyncContext, context: FixContext) -> Outcome:
    plan, before = consent.plan, sync.inspect()
    report = before.report
    downgrade = plan_downgrade_first(before.scripts, report.statuses, report.chains or {}, plan.moved)
    if isinstance(downgrade, Refusal):
        return Refused(plan, downgrade.message, downgrade.hint)
    databases = [status.database for status in report.statuses]
    shown = report_sync_plan(sync.screen, databases, downgrade)
    sync.screen.say("then what was taken back is re-parented, and all that is pending runs")
    agreed = given_by_option(shown) if context.fix_options.yes else _ask(shown, databases, sync)
    if agreed is None:
        return Refused(plan, "nothing was changed", "migmerge fix")
    fix_options = context.fix_options
    safeguards = sync.back_up("fix", "downgrade and upgrade", wanted=fix_options.backup, may_ask=fix_options.asks)
    if safeguards is None:
        return Refused(plan, "nothing was changed", "migmerge fix")
    if not run_plan(sync, before, agreed, safeguards, is_all=False).is_complete:
        report_undo(sync.screen, tuple(safeguards.scripts.values()))
        return Refused(plan, "the database could not be taken back", "migmerge doctor")
    # The databases are upgraded even where the scripts could not be changed.
    outcome = apply(consent, context, in_hook=False)
    if not _upgrade(sync, agreed, safeguards):
        return _not_upgraded(plan, outcome)
    mark_finished(safeguards)
    sync.record("downgrade and upgrade", sync.inspect(), safeguards)
    return outcome


def _ask(shown: Shown[SyncPlan], databases: Sequence[Database], sync: SyncContext) -> Consent[SyncPlan] | None:
    """Ask once more: only now the user has seen what is dropped in which database."""
    names = enumerate_names(database.name for database in databases)
    sync.screen.flush()
    with own_terminal() as terminal:
        return ask_consent(shown, f"Change {names}?", _choices(names), terminal)


def _choices(names: str) -> tuple[Choice, Choice]:
    how = "A backup is made, the steps above run, the script is re-parented, and what is pending runs, this revision with it."
    return (
        Choice("not now", "no", "later: migmerge fix", "Nothing is changed."),
        Choice(f"take back and upgrade {names}", "yes", "drops what is shown above; a backup first", how),
    )


def _upgrade(sync: SyncContext, agreed: Consent[SyncPlan], safeguards: Safeguards) -> bool:
    """Upgrade the databases, and offer no undo: a restored database would skip the revisions that now come before."""
    inspection = sync.inspect()
    report = inspection.report
    upgrade = plan_sync(inspection.scripts, report.statuses, report.chains or {})
    if isinstance(upgrade, Refusal):
        return False
    shown = report_pending(sync.screen, [status.database for status in report.statuses], upgrade)
    return run_plan(sync, inspection, agreed.followed_by(shown), safeguards, is_all=False).is_complete


def _not_upgraded(plan: Plan, outcome: Outcome) -> Refused:
    done = f"re-parented in commit {outcome.commit[:10]}" if isinstance(outcome, Applied) and outcome.commit else "taken back"
    return Refused(plan, f"{done}, but the database did not come up again: see above", "migmerge sync")
