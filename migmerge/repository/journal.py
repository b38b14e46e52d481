"""The journal of a clone under the common git directory: one file of JSON an entry, written before the first change."""

from __future__ import annotations

import json
import os
import re
import shlex
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from io import BufferedWriter
from typing import Any

from ..core.errors import MigmergeError, OutcomeUnknown
from ..core.journal import BEGUN, DONE, UNDOING, UNDONE, JournalDatabase, JournalEntry, JournalFile
from .file_lock import locked
from .files import replace_file
from .json_file import read_json
from .repository import Repository
from .typed_values import has_type

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FORMAT = 1
_STATES = (BEGUN, DONE, UNDOING, UNDONE)
_MOST_KEPT = 100
"""Entries; of older ones that are done with nobody asks any more."""
_AT_ONCE = 20
"""Entries that go together: to know which are done with, all are read."""


class Journal:
    """Write and read the entries of a clone; all that are begun here belong to one run."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._folder = os.path.join(repository.storage, "journal")
        self._run = f"{datetime.now().isoformat()} {os.getpid()}"
        self._lock: BufferedWriter | None = None

    def begin(
        self, title: str, files: Sequence[JournalFile] = (), revisions: Sequence[str] = (), environment: str = ""
    ) -> JournalEntry:
        """Write down a change before it is made.

        Raises:
            MigmergeError: where the journal cannot be written.
        """
        try:
            return self._begun(title, tuple(files), tuple(revisions), environment)
        except OSError as error:
            raise MigmergeError(
                f"{self._folder} cannot be written: {error.strerror}", hint=f"df -h . && ls -ld {shlex.quote(self._folder)}"
            ) from error

    def _begun(self, title: str, files: tuple[JournalFile, ...], revisions: tuple[str, ...], environment: str) -> JournalEntry:
        repository = self._repository
        self._hold()
        with locked(os.path.join(self._folder, "number.lock")):  # two runs at once take two numbers
            entry = JournalEntry(
                number=max(self._paths(), default=0) + 1,
                run=self._run,
                time=datetime.now().astimezone().isoformat(timespec="seconds"),
                worktree=repository.top,
                title=title,
                head=repository.git.line("rev-parse", "--verify", "--quiet", "HEAD"),
                files=files,
                revisions=revisions,
                environment=environment,
            )
            self._store(entry)
        return entry

    @property
    def is_idle(self) -> bool:
        """Say whether no other migmerge is in the middle of a change in this clone; never, where that cannot be known."""
        if fcntl is None or not os.path.isdir(self._folder):
            return False
        with open(self._lock_file, "wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
        return True

    def _hold(self) -> None:
        """Show others, until the change is made or dropped, that its entry belongs to somebody."""
        os.makedirs(self._folder, exist_ok=True)
        if fcntl and self._lock is None:
            self._lock = open(self._lock_file, "wb")  # noqa: SIM115
            fcntl.flock(self._lock, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Let others end what is not finished."""
        if self._lock:
            self._lock.close()
            self._lock = None

    @property
    def _lock_file(self) -> str:
        return os.path.join(self._folder, "lock")

    def finish(self, entry: JournalEntry, **facts: Any) -> JournalEntry:
        """Write down that a change was made, with what is known of it only now."""
        finished = entry._replace(state=DONE, **facts)
        try:
            self._store(finished)
        except OSError as error:
            raise self._not_written(entry.title, error, "migmerge fix" if entry.files else "migmerge backups") from error
        self.leave()
        self._forget_oldest()
        return finished

    def record_databases(self, title: str, environment: str, databases: Sequence[JournalDatabase]) -> None:
        """Write down that databases of an environment were changed."""
        self._record(title, environment, databases=tuple(databases))

    def record_by_hand(self, title: str, commands: Sequence[str], scripts: Sequence[str]) -> None:
        """Write down what only the commands that were printed take back."""
        self._record(title, by_hand=(*(f"sh {shlex.quote(script)}" for script in scripts), *commands))

    def _record(self, title: str, environment: str = "", **facts: Any) -> None:
        """Write down a change that is made already."""
        try:
            entry = self._begun(title, (), (), environment)
        except OSError as error:
            raise self._not_written(title, error, "migmerge backups") from error
        self.finish(entry, **facts)

    def _not_written(self, title: str, error: OSError, command: str) -> OutcomeUnknown:
        reason = f"{title} is done, but {self._folder} cannot be written: {error.strerror}"
        return OutcomeUnknown(reason, hint=f"df -h . && {command}")

    def mark(self, entry: JournalEntry, state: str) -> None:
        self._store(entry._replace(state=state))

    def drop(self, entry: JournalEntry) -> None:
        """Forget a change that was not made, or that is taken back already."""
        self.leave()
        with suppress(FileNotFoundError):
            os.unlink(self._path(entry.number))

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """Return all entries of the clone, oldest first; a damaged one is left out."""
        return tuple(entry for path in self._paths().values() if (entry := _read(path)))

    def damaged_after(self, number: int) -> tuple[str, ...]:
        """Return the files of the entries later than one that cannot be read, newest first."""
        later = (path for each, path in self._paths().items() if each > number)
        return tuple(reversed([path for path in later if _read(path) is None]))

    def _paths(self) -> dict[int, str]:
        """Return the files of the entries by their numbers, oldest first."""
        names = os.listdir(self._folder) if os.path.isdir(self._folder) else []
        numbers = (int(name.removesuffix(".json")) for name in names if re.fullmatch(r"\d+\.json", name, re.ASCII))
        return {number: self._path(number) for number in sorted(numbers)}

    def _store(self, entry: JournalEntry) -> None:
        replace_file(self._path(entry.number), json.dumps(_encoded(entry), indent=1).encode(), 0o600)

    def _path(self, number: int) -> str:
        return os.path.join(self._folder, f"{number}.json")

    def _forget_oldest(self) -> None:
        if len(self._paths()) < _MOST_KEPT + _AT_ONCE:
            return
        closed = [entry for entry in self.entries if entry.state in (DONE, UNDONE)]
        for entry in closed[:-_MOST_KEPT]:
            self.drop(entry)


def _read(path: str) -> JournalEntry | None:
    """Return an entry; None where its file is damaged, or gone in the meantime."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        entry = _decoded(read_json(path))
        if has_type(entry, JournalEntry) and entry.state in _STATES and path.endswith(f"{os.sep}{entry.number}.json"):
            return entry
    return None


def _encoded(entry: JournalEntry) -> dict[str, Any]:
    files = [file._replace(before=_text(file.before), after=_text(file.after))._asdict() for file in entry.files]  # type: ignore[arg-type]
    return {"format": _FORMAT, **entry._asdict(), "files": files, "databases": [each._asdict() for each in entry.databases]}


def _decoded(values: Any) -> JournalEntry:
    if values.pop("format") != _FORMAT:
        raise ValueError("written by another migmerge")
    files = tuple(
        JournalFile(**{**each, "before": _bytes(each["before"]), "after": _bytes(each["after"])}) for each in values["files"]
    )
    databases = tuple(
        JournalDatabase(**{**each, "recorded": tuple(each["recorded"]), "rows": tuple(map(tuple, each.get("rows", ())))})
        for each in values["databases"]
    )
    lists = {name: tuple(values[name]) for name in ("revisions", "by_hand")}
    return JournalEntry(**{**values, **lists, "files": files, "databases": databases})


def _text(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)


def unfinished(journal: Journal, worktree: str) -> tuple[JournalEntry, ...]:
    """Return the entries that a killed process left behind in a work tree, newest first."""
    return tuple(entry for entry in reversed(journal.entries) if entry.worktree == worktree and entry.state not in (DONE, UNDONE))


def as_on_disk(repository: Repository, files: Sequence[JournalFile]) -> tuple[JournalFile, ...]:
    """Return the files with the bytes that they have now: a hook of the project's may have formatted them."""
    return tuple(file._replace(after=bytes_on_disk(repository, file.path)) for file in files)


def bytes_on_disk(repository: Repository, path: str) -> bytes | None:
    return repository.on_disk(path) if os.path.isfile(repository.absolute(path)) else None
