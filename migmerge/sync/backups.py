"""The backups before a change: made, agreed to where there can be none, marked until the change has ended well."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..core.database.backup import RESTORE_SCRIPT, Backup, BackupsWanted, NoBackup, Safeguards, Saved, WhyNoBackup
from ..core.database.database import Database
from ..core.database.kept_backup import KeptBackup, Occasion, superfluous
from ..core.errors import MigmergeError
from ..core.journal import DONE, JournalEntry, last_run
from ..core.text import counted
from ..database.session import Session
from ..output.progress import status_line
from ..output.prompt import Choice, confirm, may_prompt, own_terminal
from ..output.screen import Screen
from ..output.text.sync_plan import report_backups
from ..repository.journal import Journal
from ..repository.repository import Repository
from .backup_folder import UNFINISHED, folder_of, marks, read_backups, remove, store, write_private
from .forwards import trusted_forwards

_WITHOUT_BACKUP = (
    Choice("no, stop here", "no", explanation="Nothing is changed; --no-backup makes none and does not ask."),
    Choice("go on without one", "yes", explanation="What is shown above is done, and nothing can bring back what that drops."),
)


class BackupRequest(NamedTuple):
    """Hold before what the backups are made, which are wanted, and whether the user may be asked to go on without one."""

    occasion: Occasion
    wanted: BackupsWanted = BackupsWanted()
    may_ask: bool = True


def back_up_databases(repository: Repository, session: Session, screen: Screen, request: BackupRequest) -> Safeguards | None:
    """Back up the inspected databases before a change; return None where the user stops.

    Raises:
        MigmergeError: for a database in memory; and where there is no backup, no harmless reason for that, and nobody to ask.
    """
    if not trusted_forwards(repository, session, screen, may_ask=request.may_ask):
        return None
    now = datetime.now()
    with status_line("backing up" if request.wanted.any else "", shown=not screen.is_quiet):
        saved: Saved = session.ask("back up", folder=str(folder_of(repository)), now=now, wanted=request.wanted)
    made = list(dict.fromkeys(each for each in saved.values() if isinstance(each, Backup)))
    for each in made:
        store(each, request.occasion, now)
    report_backups(screen, made)
    if not _agreed(screen, saved, may_ask=request.may_ask):
        return None
    prune(repository, screen)
    begin_change(made)
    return Safeguards(saved)


def _agreed(screen: Screen, saved: Saved, *, may_ask: bool) -> bool:
    """Say whether the user goes on although a database has no backup."""
    without = [each for each in saved.values() if isinstance(each, NoBackup) and not each.reason.is_harmless]
    for each in without:
        if each.reason is WhyNoBackup.IN_MEMORY:
            raise MigmergeError(f"{each.name} cannot be changed from here: {each.reason.value}", hint="migmerge doctor --no-db")
    failed = [each for each in without if each.reason is WhyNoBackup.FAILED]
    if failed and not (may_ask and may_prompt()):
        raise MigmergeError(str(failed[0]), hint=failed[0].hint)
    for each in failed:
        screen.say(("no backup: ", "error"), str(each))
    if not failed:
        return True
    screen.flush()
    with own_terminal() as terminal:
        return confirm("Go on without a backup?", _WITHOUT_BACKUP, terminal)


def begin_change(backups: Iterable[Backup]) -> None:
    """Mark the change of each database as unfinished, in place of older marks of the same database."""
    for backup in backups:
        for mark, url in marks(Path(backup.path).parent):
            if url == backup.url:
                mark.unlink()
        write_private(f"{backup.path}{UNFINISHED}", backup.url)


def mark_finished(safeguards: Safeguards) -> None:
    """Remove the marks of a change that ended well: its restore scripts would lose the rows that are written from now on."""
    for script in safeguards.scripts.values():
        Path(f"{script.removesuffix(RESTORE_SCRIPT)}{UNFINISHED}").unlink(missing_ok=True)


def restore_scripts_of(repository: Repository, databases: Sequence[Database]) -> dict[str, str]:
    """Return the restore script of each database, by bind, whose last change has not ended well."""
    scripts = {url: f"{str(mark).removesuffix(UNFINISHED)}{RESTORE_SCRIPT}" for mark, url in marks(folder_of(repository))}
    found = {database.bind: scripts.get(database.address.url, "") for database in databases}
    return {bind: script for bind, script in found.items() if os.path.isfile(script)}


def prune(repository: Repository, screen: Screen) -> None:
    """Remove the backups that nobody needs any more, and say so in one line."""
    with suppress(OSError):  # no reason to stop a change
        if not (gone := superfluous_backups(repository)):
            return
        remove(gone)
        screen.say(f"removed {counted(len(gone), 'old backup')}; the last ten of a database and those of a month stay")


def superfluous_backups(repository: Repository) -> list[KeptBackup]:
    """Return the backups that go, which the last change in no work tree needs to be taken back."""
    backups, now = read_backups(repository), datetime.now()
    if not superfluous(backups, (), now):  # most often; to read the journal takes longer than all the rest
        return []
    needed = _needed(Journal(repository).entries)
    named = {each.path for each in backups if any(each.restore_script and each.restore_script in script for script in needed)}
    return superfluous(backups, named, now)


def _needed(entries: tuple[JournalEntry, ...]) -> list[str]:
    """Return the restore scripts, and the commands that run one, of the last change in each work tree."""
    tops = {entry.worktree for entry in entries if entry.state == DONE}
    last = [entry for top in tops for entry in last_run(entries, top)]
    unfinished = [entry for entry in entries if entry.state != DONE]
    found: list[str] = []
    for entry in (*last, *unfinished):
        found += [*(each.restore_script for each in entry.databases), *entry.by_hand]
    return [each for each in found if each]
