"""The ledger of a clone: which scripts its databases were seen to have run, kept where no branch and no `gc` loses them.

A file under the common git directory names the blobs; the reference `refs/migmerge/ran` holds a tree of them, which no
`git log --all` shows and no fetch or push takes along.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from .file_lock import locked
from .files import replace_file
from .git import GitFailed
from .json_file import read_json
from .objects import Objects
from .ran_log import FIRST, RanLog, RanRow
from .repository import Repository
from .script_versions import blob_id

REFERENCE = "refs/migmerge/ran"
_MOST_DATABASES = 50
"""Databases that are remembered, first those that migmerge has looked at, then the latest: those of tests come and go."""


STAMPED = "stamp"
"""By what the version table came to record a revision that did not run."""
_LOOKS = ("seen", "sync")
_WITHOUT_SCRIPT = (FIRST, "downgrade")
_BLOB = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Ran(NamedTuple):
    """Say which script a revision ran from: its blob and path, when that was seen, as ISO 8601, and by what."""

    blob: str
    path: str
    time: str
    by: str


class Ledger:
    """Read and write what the databases of a clone have run.

    What Alembic has logged since the last look is taken in first. Every change reads the file again, under a lock.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._path = os.path.join(repository.storage, "ledger.json")
        self._log = RanLog(repository.storage)
        self._entries = self._loaded()
        if self._log.is_filled:
            self._take_log()

    def of(self, database: str) -> dict[str, Ran]:
        """Return what a database was seen to have run, by revision."""
        return dict(self._entries.get(database, {}))

    def texts(self, entries: Iterable[Ran]) -> dict[str, bytes]:
        """Return the scripts of entries by path, those that this clone still has."""
        with Objects(self._repository.git) as objects:
            found = {each.path: objects.get(each.blob) for each in entries}
        return {path: content for path, each in found.items() if each for content in [each[1]]}

    def note(self, database: str, ran: Mapping[str, tuple[str, bytes]], time: str, by: str) -> None:
        """Write down that a database has run these revisions, each with the path and the text of its script.

        What was known of a revision stays: it ran from the script that was there then.
        """
        known = self._entries.get(database, {})
        if not ran.keys() <= known.keys() or any(known[name].by == STAMPED for name in ran):
            with self._changed() as entries:
                known = {name: each for name, each in entries.pop(database, {}).items() if each.by != STAMPED or name not in ran}
                new = {name: script for name, script in ran.items() if name not in known}
                self._entries = {database: known | self._stored(new, time, by), **entries}

    def replace(self, database: str, ran: Mapping[str, tuple[str, bytes]], time: str, by: str) -> None:
        """Write down from which scripts a database has just run some revisions."""
        if ran:
            with self._changed() as entries:
                known = {name: each for name, each in entries.pop(database, {}).items() if name not in ran}
                self._entries = {database: known | self._stored(ran, time, by), **entries}

    def forget(self, database: str, revisions: Iterable[str]) -> None:
        """Forget which scripts some revisions ran from: they were taken back, or have run again."""
        gone = set(revisions)
        if not gone.isdisjoint(self._entries.get(database, {})):
            with self._changed() as entries:
                entries[database] = {name: each for name, each in entries.get(database, {}).items() if name not in gone}

    @contextmanager
    def _changed(self) -> Iterator[dict[str, dict[str, Ran]]]:
        """Yield the entries as the file has them now, to be changed, and save them."""
        with locked(f"{self._path}.lock"):
            self._entries = self._loaded()
            yield self._entries
            self._save()

    def _take_log(self) -> None:
        """Add what Alembic has logged; what cannot be saved stays in the log."""
        with locked(f"{self._path}.lock"), suppress(OSError, GitFailed):
            self._entries = self._loaded()
            rows = self._log.take()
            scripts = {row.blob: text for row in rows if (text := self._log.text(row.blob)) is not None}
            blobs = dict(zip(scripts, self._blobs([*scripts.values()]), strict=True))
            for row in rows:
                ran = Ran(blobs.get(row.blob, row.blob), row.path, row.time, row.by)
                known = self._entries.pop(row.database, {})
                after = _after(row, ran, known) if _BLOB.fullmatch(ran.blob) or row.did in _WITHOUT_SCRIPT else known
                self._entries = {row.database: after, **self._entries}
            if self._save():
                self._log.forget()

    def _stored(self, ran: Mapping[str, tuple[str, bytes]], time: str, by: str) -> dict[str, Ran]:
        """Return the entries of scripts, of which those are written that no commit has; none where git refuses."""
        with suppress(OSError, GitFailed):  # a git directory without the right to write, a clone without all blobs
            blobs = self._blobs([text for _, text in ran.values()])
            return {name: Ran(blob, path, time, by) for (name, (path, _)), blob in zip(ran.items(), blobs, strict=True)}
        return {}

    def _blobs(self, texts: Sequence[bytes]) -> list[str]:
        git, blobs = self._repository.git, [blob_id(text) for text in texts]
        listing = git.text("cat-file", "--batch-check", given="".join(f"{blob}\n" for blob in blobs).encode()).splitlines()
        for number, line in enumerate(listing):
            if line.endswith(" missing"):
                blobs[number] = git.text("hash-object", "-w", "--no-filters", "--stdin", given=texts[number]).strip()
        return blobs

    def _save(self) -> bool:
        """Write the file and the reference; False where git or the file system refuses."""
        self._entries = dict(sorted(self._entries.items(), key=_is_of_no_look)[:_MOST_DATABASES])
        stored = {database: {name: list(each) for name, each in entries.items()} for database, entries in self._entries.items()}
        blobs = sorted({each.blob for entries in self._entries.values() for each in entries.values()})
        listing = "".join(f"100644 blob {blob}\t{blob}\n" for blob in blobs)
        with suppress(OSError, GitFailed):  # what cannot be noted is looked for in git, as without a ledger
            tree = self._repository.git.text("mktree", "--missing", given=listing.encode()).strip()
            self._repository.git.text("update-ref", REFERENCE, tree)
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            replace_file(self._path, json.dumps({"version": 1, "databases": stored}, separators=(",", ":")).encode())
            return True
        return False

    def _loaded(self) -> dict[str, dict[str, Ran]]:
        match read_json(self._path):
            case {"databases": dict(stored)}:
                return {name: _entries(each) for name, each in stored.items() if isinstance(each, dict)}
        return {}


def _entries(stored: Mapping[str, object]) -> dict[str, Ran]:
    """Return the entries of a database; what is damaged is left out, as git would write no tree of it."""
    found = {}
    for name, each in stored.items():
        match each:
            case [str(blob), str(path), str(time), str(by)] if _BLOB.fullmatch(blob):
                found[name] = Ran(blob, path, time, by)
    return found


def _after(row: RanRow, ran: Ran, known: Mapping[str, Ran]) -> dict[str, Ran]:
    """Return the entries of a database after a step.

    A stamp runs nothing: of the script that ran before, if any, it is not known any more whether its effects are there.
    """
    if row.did == FIRST:
        return {}
    if row.did == "downgrade":
        return {name: each for name, each in known.items() if name != row.revision}
    return {**known, row.revision: known.get(row.revision, ran)._replace(by=STAMPED) if row.did == STAMPED else ran}


def _is_of_no_look(entry: tuple[str, Mapping[str, Ran]]) -> bool:
    return not any(each.by in _LOOKS for each in entry[1].values())
