"""Whatever stands in a file that migmerge keeps: it is never a traceback, and never an answer that nobody wrote down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from migmerge.core.journal import JournalEntry
from migmerge.repository.git import Git
from migmerge.repository.hooks.recorded import blocks_lost, programs_gone
from migmerge.repository.journal import Journal
from migmerge.repository.json_file import read_json
from migmerge.repository.ledger import Ledger
from migmerge.repository.pushed import Pushed
from migmerge.repository.ran_log import RanLog
from migmerge.repository.repository import Repository
from migmerge.repository.typed_values import has_type
from migmerge.repository.vouched import VouchedRevisions
from migmerge.sync.backup_folder import marks, read_backups

A = "a" * 40
ABOUT = {
    "database": "x",
    "bind": "",
    "url": "sqlite:///x",
    "time": "2026-01-02T03:04:05",
    "command": "sync",
    "title": "",
    "environment": "",
}
ENTRY = {
    **JournalEntry(7, "run", "2026-01-02T03:04:05+00:00", "/app", "merge", "done")._asdict(),
    "format": 1,
    "files": [],
    "databases": [],
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    for name in ("journal", "backups", "hooks", "ran"):
        (tmp_path / "migmerge" / name).mkdir(parents=True)
    return Repository(str(tmp_path), str(tmp_path), str(tmp_path), Git(str(tmp_path)), shallow=False)


def entries_of(repository: Repository) -> object:
    return Journal(repository).entries


def ran_in(repository: Repository) -> object:
    return tuple(Ledger(repository).of("db"))


def rows_of(repository: Repository) -> object:
    return RanLog(repository.storage).take()


def vouched_in(repository: Repository) -> object:
    return tuple(VouchedRevisions(repository.storage).of("db", {"x": A}))


def pushed_in(repository: Repository) -> object:
    return tuple(Pushed(repository).branches)


def told_of(repository: Repository) -> object:
    Path(repository.storage, "backups/x-1-2").touch()
    return tuple(each.url for each in read_backups(repository) if each.url)


READERS = {
    "journal/7.json": entries_of,
    "ledger.json": ran_in,
    "ran.log": rows_of,
    "vouched.json": vouched_in,
    "pushed.json": pushed_in,
    "backups/x-1-2.about.json": told_of,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[1]", id="list"),
        pytest.param(b'"text"', id="text"),
        pytest.param(b"{}", id="no key"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(b'{"a":' * 100_000, id="objects nested too deeply"),
        pytest.param(b"\xff\xfe{", id="no text"),
    ],
)
def test_a_damaged_file_is_an_empty_one(repository: Repository, name: str, data: bytes) -> None:
    Path(repository.storage, name).write_bytes(data)
    assert READERS[name](repository) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("journal/7.json", {**ENTRY, "number": "7"}, id="a number that is a text"),
        pytest.param("journal/7.json", {**ENTRY, "number": 8}, id="the entry of another number"),
        pytest.param("journal/7.json", {**ENTRY, "state": "eaten"}, id="a state that is none"),
        pytest.param("journal/7.json", {**ENTRY, "title": None}, id="no title"),
        pytest.param("journal/7.json", {**ENTRY, "revisions": [1]}, id="revisions that are numbers"),
        pytest.param(
            "journal/7.json", {**ENTRY, "files": [{"path": "x", "before": None, "after": None, "mode": True}]}, id="mode"
        ),
        pytest.param("ledger.json", {"databases": {"db": {"x": ["a\nb", "x.py", "t", "seen"]}}}, id="an id that is two lines"),
        pytest.param("ledger.json", {"databases": {"db": {"x": "abcd"}}}, id="letters for an entry"),
        pytest.param("ledger.json", {"databases": {"db": 1}}, id="a number for entries"),
        pytest.param("ran.log", "abcdefg", id="letters for a row"),
        pytest.param("ran.log", ["db", "x", "upgrade", "x.py", "../../x", "t", "by"], id="a script elsewhere"),
        pytest.param("ran.log", ["db", "x", "upgrade", "x.py", 7, "t", "by"], id="a number in a row"),
        pytest.param("pushed.json", {"x": None}, id="no branch"),
        pytest.param("backups/x-1-2.about.json", {**ABOUT, "url": None}, id="no URL"),
        pytest.param("backups/x-1-2.about.json", {**ABOUT, "time": "2026-01-02T03:04:05+00:00"}, id="a time of another kind"),
    ],
)
def test_what_has_another_shape_is_left_out(repository: Repository, name: str, value: object) -> None:
    Path(repository.storage, name).write_text(json.dumps(value))
    assert READERS[name](repository) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal/7.json", ENTRY),
        ("ledger.json", {"databases": {"db": {"x": [A, "x.py", "t", "seen"]}}}),
        ("ran.log", ["db", "x", "upgrade", "x.py", A, "t", "by"]),
        ("vouched.json", {"db": {"x": A}}),
        ("pushed.json", {"x": "origin/main"}),
        ("backups/x-1-2.about.json", ABOUT),
    ],
)
def test_what_is_whole_is_read(repository: Repository, name: str, value: object) -> None:
    Path(repository.storage, name).write_text(json.dumps(value))
    assert READERS[name](repository) != ()


def test_a_row_without_a_script_does_not_stop_the_ledger(repository: Repository) -> None:
    Path(repository.storage, "ran.log").write_text(json.dumps(["db", "x", "upgrade", "x.py", "abc", "t", "by"]))
    assert ran_in(repository) == ()


def test_a_mark_of_any_bytes_is_a_mark(repository: Repository) -> None:
    mark = Path(repository.storage, "backups/x.unfinished")
    mark.write_bytes(b"\xff")
    assert list(marks(mark.parent)) == [(mark, "\ufffd")]


@pytest.mark.parametrize("judge", [programs_gone, blocks_lost])
def test_a_nul_in_a_hook_is_no_traceback(repository: Repository, judge: Callable[[str], object]) -> None:
    Path(repository.storage, "hooks/look").write_bytes(b"    [ -x /a\0b ] && [ -x /c ] && x\n")
    Path(repository.storage, "hooks/written").write_bytes(b"x\0y")
    assert judge(repository.common_dir)


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") is None


def test_a_value_has_the_type_that_is_declared() -> None:
    entry = JournalEntry(7, "run", "t", "/app", "merge", revisions=("a",))
    assert has_type(entry, JournalEntry)
    assert not has_type(entry._replace(revisions=["a"]), JournalEntry)  # type: ignore[arg-type]
    assert not has_type(entry._replace(number=True), JournalEntry)
    assert not has_type((*entry,), JournalEntry)
    assert has_type((("orders", 3),), tuple[tuple[str, int], ...])
    assert not has_type((("orders", 3, 4),), tuple[tuple[str, int], ...])
