"""The files that migmerge keeps under the git directory, with any bytes in them: never a traceback, never a wrong answer."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from migmerge.core.journal import DONE, JournalDatabase, JournalEntry, JournalFile
from migmerge.core.revision import Identifiers, Reading, Unreadable
from migmerge.repository.cache import ReadingCache
from migmerge.repository.git import Git
from migmerge.repository.hooks.recorded import blocks_lost, programs_gone
from migmerge.repository.journal import Journal
from migmerge.repository.json_file import load_json, store_json
from migmerge.repository.ledger import Ledger
from migmerge.repository.pushed import Pushed
from migmerge.repository.ran_log import RanLog, RanRow
from migmerge.repository.replays import ReplayCache
from migmerge.repository.repository import Repository
from migmerge.repository.typed_values import has_type
from migmerge.repository.vouched import VouchedRevisions
from migmerge.sync.backup_folder import marks, read_backups
from tests.soak.fuzz_target import Counts, Target, own_folder
from tests.support.byte_mutations import mutated_bytes

_A, _B = "a" * 40, "b" * 40
_READINGS: dict[str, Reading] = {
    _A: Identifiers("b1", ("a1", "a2"), ("label",), ("x",), "größe", "2024-01-01", "its encoding"),
    _B: Unreadable("computed", "c1"),
}
_ENTRY = JournalEntry(
    *(7, "2026-01-02 1", "2026-01-02T03:04:05+00:00", "/app", "merge b1 and c1", DONE, _A, _B),
    files=(JournalFile("m/x.py", None, b"x = 1\n"), JournalFile("m/y\udcff.py", b"\0", None, 0o100644, uncommitted=True)),
    revisions=("b1", "c1"),
    databases=(JournalDatabase("test.db", "", "restore.sh", ("a1",), (("orders", 3),)),),
    by_hand=("sh x.sh",),
)
_ROWS = (RanRow("sqlite:///x", "b1", "upgrade", "m/b1.py", _A, "2026-01-02T03:04:05+00:00", "flask"),) * 2
_LOOK = "    [ -x '/a b/python' ] && [ -x /c/git ] && exec\n"
_ABOUT = {"version": 1, "time": "2026-01-02T03:04:05", "database": "x", "bind": "", "url": "sqlite:///x"}
_OCCASION = {"command": "sync", "title": "to b1", "environment": "m"}


@cache
def _repository(process: int) -> Repository:
    folder = str(own_folder() / "clone")
    os.makedirs(f"{folder}/migmerge/journal")
    os.makedirs(f"{folder}/migmerge/ran")
    os.makedirs(f"{folder}/migmerge/hooks")
    os.makedirs(f"{folder}/migmerge/backups")
    return Repository(folder, folder, folder, Git(folder), shallow=False)


def _here() -> Repository:
    return _repository(os.getpid())


def _written(name: str, data: bytes) -> Path:
    path = Path(_here().storage, name)
    path.write_bytes(data)
    return path


def _of(*good: Callable[[], bytes]) -> Callable[[Random], bytes]:
    def draw(random: Random) -> bytes:
        kept = [each() for each in good]
        data = random.choice(kept)
        return data if random.random() < 0.05 else mutated_bytes(data, kept, random)

    return draw


# The journal


@cache
def _journal_entry() -> bytes:
    def text(data: bytes | None) -> str | None:
        return None if data is None else "eCA9IDEK"

    files = [each._replace(before=None, after=None)._asdict() | {"after": text(each.after)} for each in _ENTRY.files]
    values = {**_ENTRY._asdict(), "format": 1, "files": files, "databases": [each._asdict() for each in _ENTRY.databases]}
    return json.dumps(values, indent=1).encode()


def _judge_journal(data: bytes, counts: Counts) -> str | None:
    path = _written("journal/7.json", data)
    journal = Journal(_here())
    entries, damaged = journal.entries, journal.damaged_after(0)
    counts["an entry" if entries else "damaged"] += 1
    if bool(entries) == bool(damaged) or damaged not in ((), (str(path),)):
        return f"{entries}, damaged {damaged}"
    if not all(has_type(each, JournalEntry) and each.number == 7 for each in entries):
        return f"no entry: {entries}"
    for entry in entries:
        journal.mark(entry, entry.state)
        if journal.entries != entries:
            return f"{entries}, once written {journal.entries}"
    return None


# The caches, for which a checksum vouches


@cache
def _cache_file() -> bytes:
    cache = ReadingCache(str(own_folder() / "stored"))
    cache.put(_READINGS)
    cache.put_environments([["alembic.ini", _A]], ())
    cache.save()
    return (own_folder() / "stored/cache.json").read_bytes()


def _judge_cache(data: bytes, counts: Counts) -> str | None:
    _written("cache.json", data)
    cache = ReadingCache(_here().storage)
    found = {blob: reading for blob in _READINGS if (reading := cache.get(blob))}
    counts["as stored" if found else "ignored"] += 1
    if found not in ({}, _READINGS) or cache.environments([["alembic.ini", _A]]) != ():
        return f"answers {found}"
    cache.put(_READINGS)
    cache.save()
    again = ReadingCache(_here().storage)
    return None if {blob: again.get(blob) for blob in _READINGS} == _READINGS else "is not written anew"


@cache
def _stored_file() -> bytes:
    path = own_folder() / "values.json"
    store_json(str(path), {"replay": ["x", 1, None, {"ü": []}]})
    return path.read_bytes()


def _vouched_for(data: bytes) -> bytes:
    """Return the bytes behind a checksum of them."""
    return b"%08x\n" % zlib.crc32(data) + data


def _draw_checked(random: Random) -> bytes:
    data = _of(_stored_file)(random)
    return _vouched_for(data.partition(b"\n")[2]) if random.random() < 0.5 else data


def _judge_checked(data: bytes, counts: Counts) -> str | None:
    found = load_json(str(_written("values.json", data)))
    counts["read" if found else "ignored"] += 1
    cache = ReplayCache(_here().storage)
    cache.put(["a"], ["b"], ["x"])
    (path,) = Path(_here().storage, "replays").glob("*.json")
    path.write_bytes(data)
    replay = cache.get(["a"], ["b"])
    path.unlink()
    return None if replay is None or isinstance(found.get("replay"), list) else f"replays {replay}"


# The ledger, the log that it takes in, and the user's word


def _ledger_file() -> bytes:
    entry = [_A, "m/b1.py", "2026-01-02T03:04:05+00:00", "seen"]
    return json.dumps({"version": 1, "databases": {"sqlite:///x": {"b1": entry, "c1": [_B, *entry[1:]]}}}).encode()


def _judge_ledger(data: bytes, counts: Counts) -> str | None:
    _written("ledger.json", data)
    found = Ledger(_here()).of("sqlite:///x")
    counts["with entries" if found else "without"] += 1
    bad = [each for each in found.values() if not all(isinstance(part, str) for part in each) or set(each.blob) - _HEX]
    return f"{bad}" if bad else None


_HEX = frozenset("0123456789abcdef")


def _log_file() -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in _ROWS).encode()


def _judge_log(data: bytes, counts: Counts) -> str | None:
    _written("ran.log", data)
    log = RanLog(_here().storage)
    rows = log.take()
    counts["with rows" if rows else "without"] += 1
    for row in rows:
        log.text(row.blob)
    log.forget()
    bad = [row for row in rows if not has_type(row, RanRow) or set(row.blob) - _HEX]
    return f"{bad}" if bad or log.is_filled else None


def _packed_script() -> bytes:
    return zlib.compress(b"revision = 'b1'\n" * 5)


def _judge_packed(data: bytes, counts: Counts) -> str | None:
    _written(f"ran/{_A}", data)
    text = RanLog(_here().storage).text(_A)
    counts["damaged" if text is None else "a script"] += 1
    return None


def _vouched_file() -> bytes:
    return json.dumps({"sqlite:///x": {"b1": _A, "c1": _B}, "y": {}}, indent=1).encode()


def _judge_vouched(data: bytes, counts: Counts) -> str | None:
    path = _written("vouched.json", data)
    vouched, asked = VouchedRevisions(_here().storage), {"b1": _A, "c1": "edited", "d1": ""}
    found = vouched.of("sqlite:///x", asked)
    counts["with a word" if found else "without"] += 1
    if found - {"b1"} and b'""' not in path.read_bytes():
        return f"vouches for {found}"
    vouched.add("sqlite:///x", {"e1": _B})
    return None if vouched.of("sqlite:///x", {"b1": _A, "e1": _B}) >= found | {"e1"} else "forgets a word"


def _pushed_file() -> bytes:
    return json.dumps({"b1": "origin/topic", "c1": "origin/other"}, indent=1).encode()


def _judge_pushed(data: bytes, counts: Counts) -> str | None:
    _written("pushed.json", data)
    known = Pushed(_here()).branches
    counts["with branches" if known else "without"] += 1
    Pushed(_here()).remember({"e1": "origin/x"})
    return None if Pushed(_here()).branches == {"e1": "origin/x"} | known else f"{known}, then {Pushed(_here()).branches}"


# What is installed, and what is backed up


def _hook_file() -> bytes:
    return f"#!/bin/sh\n# migmerge\nlook() {{\n{_LOOK}}}\n".encode()


def _judge_hooks(data: bytes, counts: Counts) -> str | None:
    _written("hooks/look", data)
    _written("hooks/written", data)
    gone = programs_gone(_here().common_dir)
    counts["with programs" if gone else "without"] += 1
    blocks_lost(_here().common_dir)
    return None if len(gone) <= 2 else f"{gone}"


def _about_file() -> bytes:
    return json.dumps({**_ABOUT, **_OCCASION}, indent=1).encode()


def _judge_backups(data: bytes, counts: Counts) -> str | None:
    for name in ("one-1-2", "other-1-2"):
        _written(f"backups/{name}", b"")
    path = _written("backups/one-1-2.about.json", data)
    _written("backups/one-1-2.unfinished", data)
    first, second = read_backups(_here())
    counts["told" if any(each.url for each in (first, second)) else "not told"] += 1
    named = [each for each in (first, second) if not has_type(each.url, str) or not has_type(each.occasion.command, str)]
    return f"{named}" if named or len(list(marks(path.parent))) != 1 else None


def _target(name: str, share: int, good: Callable[[], bytes], judge: Callable[[bytes, Counts], str | None]) -> Target:
    return Target(f"file of {name}", share, _of(good), judge)


TARGETS = (
    _target("the journal", 60, _journal_entry, _judge_journal),
    _target("the readings", 60, _cache_file, _judge_cache),
    Target("file behind a checksum", 40, _draw_checked, _judge_checked),
    _target("the ledger", 60, _ledger_file, _judge_ledger),
    _target("the log of what ran", 50, _log_file, _judge_log),
    _target("a script that ran", 30, _packed_script, _judge_packed),
    _target("the user's word", 40, _vouched_file, _judge_vouched),
    _target("what was pushed", 40, _pushed_file, _judge_pushed),
    _target("the hooks", 50, _hook_file, _judge_hooks),
    _target("a backup", 40, _about_file, _judge_backups),
)
