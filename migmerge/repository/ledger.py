"""The ledger of a clone: which scripts its databases were seen to have run, kept where no branch and no `gc` loses them.

A file under the common git directory names the blobs; the reference `refs/migmerge/ran` holds a tree of them, which no
`git log --all` shows and no fetch or push takes along.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from .files import replace_file
from .git import GitFailed
from .objects import Objects
from .repository import Repository
from .script_versions import blob_id

REFERENCE = "refs/migmerge/ran"
_MOST_DATABASES = 50
"""Databases that are remembered, the latest first: those of tests come and go."""


class Ran(NamedTuple):
    """Say which script a revision ran from: its blob and path, when that was seen, as ISO 8601, and by what."""

    blob: str
    path: str
    time: str
    by: str


class Ledger:
    """Read and write what the databases of a clone have run."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._path = os.path.join(repository.storage, "ledger.json")
        self._entries = self._loaded()

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
        new = {name: script for name, script in ran.items() if name not in known}
        if not new:
            return
        entries = self._stored(new, time, by)
        others = {name: each for name, each in self._entries.items() if name != database}
        self._entries = {database: known | entries, **dict(list(others.items())[: _MOST_DATABASES - 1])}
        self._save()

    def replace(self, database: str, ran: Mapping[str, tuple[str, bytes]], time: str, by: str) -> None:
        """Write down from which scripts a database has just run some revisions."""
        known = {name: each for name, each in self._entries.get(database, {}).items() if name not in ran}
        if ran:
            self._entries[database] = known | self._stored(ran, time, by)
            self._save()

    def forget(self, database: str, revisions: Iterable[str]) -> None:
        """Forget which scripts some revisions ran from: they were taken back, or have run again."""
        known, gone = self._entries.get(database, {}), set(revisions)
        if not gone.isdisjoint(known):
            self._entries[database] = {name: each for name, each in known.items() if name not in gone}
            self._save()

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

    def _save(self) -> None:
        stored = {database: {name: list(each) for name, each in entries.items()} for database, entries in self._entries.items()}
        blobs = sorted({each.blob for entries in self._entries.values() for each in entries.values()})
        listing = "".join(f"100644 blob {blob}\t{blob}\n" for blob in blobs)
        with suppress(OSError, GitFailed):  # what cannot be noted is looked for in git, as without a ledger
            tree = self._repository.git.text("mktree", "--missing", given=listing.encode()).strip()
            self._repository.git.text("update-ref", REFERENCE, tree)
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            replace_file(self._path, json.dumps({"version": 1, "databases": stored}, separators=(",", ":")).encode())

    def _loaded(self) -> dict[str, dict[str, Ran]]:
        with suppress(OSError, ValueError, TypeError, AttributeError):
            with open(self._path, encoding="utf-8") as file:
                stored = json.load(file)["databases"]
            return {
                str(database): {str(name): Ran(*map(str, each)) for name, each in entries.items()}
                for database, entries in stored.items()
            }
        return {}
