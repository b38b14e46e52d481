"""Databases put back from their backups, once their present state has a backup of its own."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

from ..core.database.backup import BackupsWanted, Safeguards
from ..core.database.database import Database
from ..core.database.kept_backup import Occasion
from ..core.database.selection import ALL, Selection
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.journal import JournalDatabase
from ..core.options import Options
from ..output.screen import Screen
from ..repository.journal import Journal
from ..repository.repository import Repository
from .backups import BackupRequest, back_up_databases, mark_finished
from .inspect import inspect_reachable, open_session
from .row_counts import row_counts


class Restore(NamedTuple):
    """Hold an environment, and the scripts that restore its databases, by bind."""

    environment: Environment
    scripts: Mapping[str, str]


class RestoreOptions(NamedTuple):
    """Hold for what databases are restored, with what a session is opened, and what happens where there is no backup."""

    occasion: Occasion
    options: Options
    selection: Selection = ALL
    backup: bool = True
    may_ask: bool = True


def restore_databases(
    repository: Repository, restores: Sequence[Restore], how: RestoreOptions, screen: Screen
) -> Sequence[Safeguards] | None:
    """Back up the databases as they are now and restore them; return these backups, None where the user stops.

    Raises:
        MigmergeError: where a database does not answer, or cannot be backed up or restored.
    """
    with ExitStack() as sessions:
        safeguards: list[Safeguards] = []
        for restore in restores:
            session = sessions.enter_context(open_session(repository, restore.environment, how.options, how.selection))
            inspect_reachable(repository, restore.environment, session)  # a session backs up what it has inspected
            occasion = how.occasion._replace(environment=restore.environment.name)
            wanted = replace(BackupsWanted(any=how.backup), binds=frozenset(restore.scripts))
            made = back_up_databases(repository, session, screen, BackupRequest(occasion, wanted, how.may_ask))
            if made is None:
                return None
            _require_all(restore, made)
            safeguards.append(made)
    # The sessions are closed: SQLite's file is replaced, and PostgreSQL drops no database that is in use.
    for script in dict.fromkeys(script for restore in restores for script in restore.scripts.values()):
        done = subprocess.run(["sh", script], cwd=repository.top, check=False)
        if done.returncode:
            raise MigmergeError(f"{script} has failed; nothing else was changed", hint=f"sh {shlex.quote(script)}")
    for made in safeguards:
        mark_finished(made)
    return safeguards


def _require_all(restore: Restore, safeguards: Safeguards) -> None:
    """Refuse to restore a database whose present state has no backup, and no agreed reason for that."""
    for bind, script in restore.scripts.items():
        if bind not in safeguards.saved:
            raise MigmergeError(f"the database of {script} was not found; nothing was changed", hint="migmerge doctor")


def record_restore(
    repository: Repository, journal: Journal, restore: Restore, how: RestoreOptions, safeguards: Safeguards
) -> Database:
    """Write into the journal that one database was restored, and what it records now; return the database."""
    with open_session(repository, restore.environment, how.options, how.selection) as session:
        statuses = inspect_reachable(repository, restore.environment, session).report.statuses
        (database,) = (status.database for status in statuses if status.database.bind in restore.scripts)
        rows = row_counts(session, [database]).get(database.bind, ())
    script = safeguards.scripts.get(database.bind, "")
    entry = JournalDatabase(database.name, database.bind, script, database.recorded, rows)
    journal.record_databases(str(how.occasion), restore.environment.name, [entry])
    return database
