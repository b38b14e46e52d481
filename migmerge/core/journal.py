"""What migmerge has done in a clone: the files, the commit and the databases of each change."""

from __future__ import annotations

from typing import NamedTuple

BEGUN, DONE, UNDOING, UNDONE = "begun", "done", "undoing", "undone"
"""The states of an entry; BEGUN and UNDOING are left behind by a process that was killed."""


class JournalFile(NamedTuple):
    """Hold the bytes of a file before and after a change, None where there is no file, and its mode before.

    `uncommitted` says that no commit holds it, `staged` that the index has it all the same.
    """

    path: str
    before: bytes | None
    after: bytes | None
    mode: int | None = None
    uncommitted: bool = False
    staged: bool = False


class JournalDatabase(NamedTuple):
    """Name a database that was changed, the shell script that restores it, and what it recorded after the change.

    `rows` are the numbers of rows that its tables had then, of those that were counted.
    """

    name: str
    bind: str
    restore_script: str
    recorded: tuple[str, ...]
    rows: tuple[tuple[str, int], ...] = ()


class JournalEntry(NamedTuple):
    """Hold one change: all that belongs to one command has the same `run`.

    `time` is in ISO 8601, `worktree` the top of the work tree, `head` the commit before, `commit` the one that was made.
    `revisions` are those that the change makes or moves. `by_hand` are the commands that take back what migmerge cannot.
    """

    number: int
    run: str
    time: str
    worktree: str
    title: str
    state: str = BEGUN
    head: str | None = None
    commit: str | None = None
    files: tuple[JournalFile, ...] = ()
    revisions: tuple[str, ...] = ()
    environment: str = ""
    databases: tuple[JournalDatabase, ...] = ()
    by_hand: tuple[str, ...] = ()


def last_run(entries: tuple[JournalEntry, ...], worktree: str) -> tuple[JournalEntry, ...]:
    """Return the entries of the last command in a work tree that changed something and was not taken back, oldest first."""
    here = [entry for entry in entries if entry.worktree == worktree and entry.state == DONE]
    return tuple(entry for entry in here if entry.run == here[-1].run)


def files_of(entries: tuple[JournalEntry, ...]) -> dict[str, JournalFile]:
    """Return what several changes, oldest first, amount to for each file."""
    found: dict[str, JournalFile] = {}
    for file in (file for entry in entries for file in entry.files):
        first = found.get(file.path, file)
        found[file.path] = file._replace(before=first.before, mode=first.mode)
    return found
