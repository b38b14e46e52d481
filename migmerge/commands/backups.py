"""`migmerge backups`: the backups that were made before each change of a database: list them, put one back, remove old ones."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import NamedTuple

from ..core.consent import Consent, Shown
from ..core.database.kept_backup import KeptBackup, Occasion, RestorePlan, by_hand, find_backup, plan_restore
from ..core.database.selection import ALL, Selection
from ..core.errors import MigmergeError
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..output.consent import ask_consent, given_by_option
from ..output.formats.json import backups_as_json
from ..output.prompt import Choice, required_terminal
from ..output.screen import Screen
from ..output.text.backups import report_backups_kept, report_restore_plan, report_superfluous
from ..output.text.databases import report_new_positions
from ..repository.journal import Journal
from ..sync.backup_folder import read_backups, remove
from ..sync.backups import superfluous_backups
from ..sync.inspect import inspect_reachable, open_session
from ..sync.restore import Restore, RestoreOptions, record_restore, restore_databases
from ..workspace.workspace import Workspace, open_workspace

DONE = 0

_CHOICES = (
    Choice("leave it as it is", "no", "", "Nothing is changed."),
    Choice("put the backup back", "yes", "a backup of now first", "The database becomes what it was when the backup was made."),
)


class BackupsOptions(NamedTuple):
    """Hold the options of `migmerge backups`; `action` is list, restore or prune, and `name` that of the backup to restore."""

    action: str = "list"
    name: str | None = None
    yes: bool = False
    dry_run: bool = False
    backup: bool = True
    output: str = "text"
    selection: Selection = ALL


def backups(options: Options, wishes: BackupsOptions) -> int:
    """Do one of the three."""
    workspace = open_workspace(options, required=False)
    screen = Screen(sys.stdout, options.color)
    screen.commands_run_at(workspace.repository.top)
    if wishes.name and wishes.action != "restore":
        raise MigmergeError(f"migmerge backups {wishes.action} takes no name", hint=f"migmerge backups {wishes.action}")
    if wishes.action == "restore":
        _restore(workspace, options, wishes, screen)
    elif wishes.action == "prune":
        _prune(workspace, wishes, screen)
    elif wishes.output == "json":
        Screen(sys.stdout, "never").show(backups_as_json(read_backups(workspace.repository)))
    else:
        report_backups_kept(screen, read_backups(workspace.repository), datetime.now())
    return DONE


def _prune(workspace: Workspace, wishes: BackupsOptions, screen: Screen) -> None:
    going = superfluous_backups(workspace.repository)
    if not wishes.dry_run:
        remove(going)
    if wishes.output == "json":
        Screen(sys.stdout, "never").show(backups_as_json(going))
    else:
        report_superfluous(screen, going, datetime.now(), removed=not wishes.dry_run)


def _restore(workspace: Workspace, options: Options, wishes: BackupsOptions, screen: Screen) -> None:
    if not wishes.name:
        raise MigmergeError("which backup is not said", hint="migmerge backups list")
    backup = find_backup(read_backups(workspace.repository), wishes.name)
    snapshot = _snapshot_of(workspace, backup)
    selection = wishes.selection.trusting(workspace.settings.trusted_databases)
    with open_session(workspace.repository, snapshot.environment, options, selection) as session:
        report = inspect_reachable(workspace.repository, snapshot.environment, session).report
    plan = plan_restore(backup, [status.database for status in report.statuses])
    shown = report_restore_plan(screen, plan, datetime.now())
    if wishes.dry_run:
        return
    consent = given_by_option(shown) if wishes.yes else _ask(screen, shown)
    how = RestoreOptions(Occasion("restore", backup.name), options, selection, wishes.backup, may_ask=not wishes.yes)
    if consent is None or not _put_back(consent, workspace, snapshot, how, screen):
        screen.say("nothing was changed")


def _snapshot_of(workspace: Workspace, backup: KeptBackup) -> Snapshot:
    """Return the environment whose database a backup is of.

    Raises:
        MigmergeError: where that is not known or not here, or the backup has no restore script.
    """
    if not backup.restore_script:
        raise MigmergeError(f"{backup.name} has no restore script beside it", hint=f"ls -l {backup.path}*")
    for snapshot in workspace.snapshots:
        if backup.url and snapshot.environment.name == backup.occasion.environment:
            return snapshot
    where = f"the environment {backup.occasion.environment or '.'} is not here" if backup.url else "its database is not known"
    raise MigmergeError(f"{backup.name} cannot be put back with an undo: {where}", hint=by_hand(backup))


def _ask(screen: Screen, shown: Shown[RestorePlan]) -> Consent[RestorePlan] | None:
    name = shown.plan.backup.name
    with required_terminal(f"migmerge backups restore {name} --yes, or --dry-run to look first") as terminal:
        screen.flush()
        return ask_consent(shown, f"Replace {shown.plan.database.name}?", _CHOICES, terminal)


def _put_back(
    consent: Consent[RestorePlan], workspace: Workspace, snapshot: Snapshot, how: RestoreOptions, screen: Screen
) -> bool:
    """Restore the database and write that into the journal, which can take it back; return False where the user stops."""
    backup, repository = consent.plan.backup, workspace.repository
    restore = Restore(snapshot.environment, {backup.bind: backup.restore_script})
    safeguards = restore_databases(repository, [restore], how, screen)
    if safeguards is None:
        return False
    database = record_restore(repository, Journal(repository), restore, how, safeguards[0])
    report_new_positions(screen, [database])
    if safeguards[0].scripts:
        screen.say_undo("migmerge undo")
    return True
