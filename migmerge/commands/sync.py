"""`migmerge sync`: look, plan, ask, back up, go step by step, look again."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.database.database import Database
from ..core.database.sync_plan import plan_sync
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.findings.databases import diagnose_databases
from ..core.fix_plan.plan import Refusal
from ..core.options import Options
from ..core.text import enumerate_names
from ..database.session import Session
from ..output.prompt import Choice, ask, may_prompt, own_terminal
from ..output.screen import Screen
from ..output.text.databases import report_new_positions
from ..output.text.findings import report_finding
from ..output.text.fix_plan import report_refusals
from ..output.text.sync_plan import report_sync_plan
from ..repository.repository import Repository
from ..sync.backups import back_up_databases
from ..sync.inspect import inspect_databases, open_session
from ..sync.run import DONE, REFUSED, SyncOptions, run_plan
from ..workspace.workspace import open_workspace


def sync(options: Options, sync_options: SyncOptions) -> int:
    """Bring the databases of every environment to this checkout; return 1 where one is refused, declined or fails."""
    workspace = open_workspace(options)
    screen = Screen(sys.stdout, options.color, quiet=options.quiet and sync_options.yes)
    screen.commands_run_at(workspace.repository.top)
    results = []
    for snapshot in workspace.snapshots:
        with open_session(workspace.repository, snapshot.environment, options, sync_options.named) as session:
            results.append(_sync(workspace.repository, snapshot.environment, session, screen, sync_options))
    return max(results, default=DONE)


def _sync(repository: Repository, environment: Environment, session: Session, screen: Screen, sync_options: SyncOptions) -> int:
    inspection = inspect_databases(repository, environment, session)
    report = inspection.report
    if report.unreachable:
        raise MigmergeError(report.unreachable.reason, hint=report.unreachable.hint)
    statuses = report.statuses
    sync_plan = plan_sync(environment, inspection.scripts, statuses, report.chains or {}, sync_options.stamp)
    if isinstance(sync_plan, Refusal):
        report_refusals(screen, [sync_plan])
        return REFUSED
    databases = [status.database for status in statuses]
    report_sync_plan(screen, databases, sync_plan)
    if not sync_plan.steps:
        screen.say("nothing to do" if not sync_plan.notes else "nothing that can be done from here")
        return REFUSED if sync_plan.notes else DONE
    if sync_options.dry_run:
        return DONE
    if not (sync_options.yes or _agreed(screen, databases)):
        return REFUSED
    undo = _backed_up(repository, session, screen, sync_options)
    if undo is None:
        return REFUSED
    status = run_plan(session, inspection, sync_plan, screen, undo)
    return max(status, _arrived(repository, environment, session, screen))


def _backed_up(repository: Repository, session: Session, screen: Screen, sync_options: SyncOptions) -> tuple[str, ...] | None:
    """Save the databases; where that is not possible go on only if the user says so, None where not."""
    if not sync_options.backup:
        return ()
    try:
        return back_up_databases(repository, session, screen, verified=False)
    except MigmergeError as error:
        if sync_options.yes:
            raise
        screen.say(("no backup: ", "error"), str(error))
        screen.flush()
    with own_terminal() as terminal:
        choices = [Choice("no, stop here", "no"), Choice("go on without one", "yes")]
        return () if ask("Go on without a backup?", choices, terminal) == "yes" else None


def _arrived(repository: Repository, environment: Environment, session: Session, screen: Screen) -> int:
    """Look again: say where the databases are, and what is still wrong with them."""
    report = inspect_databases(repository, environment, session).report
    report_new_positions(screen, [status.database for status in report.statuses])
    errors = [finding for finding in diagnose_databases(report) if finding.is_error]
    for finding in errors:
        report_finding(screen, finding)
    return REFUSED if errors else DONE


def _agreed(screen: Screen, databases: Sequence[Database]) -> bool:
    """Ask on the terminal, with the names of what will be changed."""
    if not may_prompt():
        raise MigmergeError(
            "there is no terminal to ask on", hint="migmerge sync --yes, or migmerge sync --dry-run to look first"
        )
    names = enumerate_names(database.address.name for database in databases)
    screen.flush()
    with own_terminal() as terminal:
        return (
            ask(f"Change {names}?", [Choice(f"bring {names} to this checkout", "yes"), Choice("not now", "no")], terminal)
            == "yes"
        )
