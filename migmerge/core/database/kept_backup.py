"""The backups that are kept: of which database, from before what, and which of them nobody needs any more."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ..errors import MigmergeError
from ..suggestion import nearest
from .database import Database

MOST_KEPT = 10
"""Backups of each database that are kept however old they are."""
KEPT_FOR = timedelta(days=31)


class Occasion(NamedTuple):
    """Hold the command before whose change a backup was made, what the change was called, and the environment."""

    command: str
    title: str = ""
    environment: str = ""

    def __str__(self) -> str:
        return f"{self.command}: {self.title}" if self.title else self.command


class KeptBackup(NamedTuple):
    """Hold a backup of the clone; `name` is that of its file, and `time` when it was made.

    `database` is the name by which a user selects it and `url` its URL without the password: both are empty where nothing but
    the file is left, as after a version that wrote nothing else down. `finished` says that the change ended well.
    """

    name: str
    path: str
    time: datetime
    size: int
    finished: bool
    database: str = ""
    bind: str = ""
    url: str = ""
    occasion: Occasion = Occasion("")
    restore_script: str = ""

    @property
    def of(self) -> tuple[str, str]:
        """Return what backups of one database share."""
        return (self.url, self.bind) if self.url else ("", self.name.rsplit("-", 2)[0])


class RestorePlan(NamedTuple):
    """Hold a backup, and the database as it is now, which the backup replaces."""

    backup: KeptBackup
    database: Database


def plan_restore(backup: KeptBackup, databases: Iterable[Database]) -> RestorePlan:
    """Plan to put a backup back into the database that it is of.

    Raises:
        MigmergeError: where this checkout does not connect to that database.
    """
    for database in databases:
        if (database.address.url, database.bind) == (backup.url, backup.bind):
            return RestorePlan(backup, database)
    raise MigmergeError(
        f"{backup.name} is of {backup.url or 'a database that is not known'}, to which nothing here connects",
        hint=by_hand(backup),
    )


def by_hand(backup: KeptBackup) -> str:
    """Return the command that puts a backup back without anything else."""
    return f"sh {shlex.quote(backup.restore_script)}" if backup.restore_script else "migmerge backups list"


def newest_first(backups: Iterable[KeptBackup]) -> list[KeptBackup]:
    return sorted(backups, key=lambda each: (each.time, each.name), reverse=True)


def superfluous(backups: Iterable[KeptBackup], needed: Collection[str], now: datetime) -> list[KeptBackup]:
    """Return the backups that go: neither among the last ten of their database, nor of the last month, nor `needed` by path.

    What belongs to a change that did not end well is needed as well: nothing else takes that back.
    """
    by_database: dict[tuple[str, str], list[KeptBackup]] = defaultdict(list)
    for each in newest_first(backups):
        by_database[each.of].append(each)
    return [
        each
        for kept in by_database.values()
        for each in kept[MOST_KEPT:]
        if each.finished and each.path not in needed and now - each.time > KEPT_FOR
    ]


def find_backup(backups: Sequence[KeptBackup], name: str) -> KeptBackup:
    """Return the backup of a name: that of its file, or its beginning.

    Raises:
        MigmergeError: where none or several have it, with the nearest name.
    """
    found = [each for each in backups if each.name == name] or [each for each in backups if each.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise MigmergeError(f"{len(found)} backups begin with {name}", hint="migmerge backups list")
    near = nearest(name, [each.name for each in backups], cutoff=0)
    if near is None:
        raise MigmergeError("there is no backup yet", hint="migmerge backups list")
    raise MigmergeError(f"no backup is called {name}; the nearest is {near}", hint=f"migmerge backups restore {near}")
