"""The ledger of what ran: kept by a reference that no log shows and no gc loses; damaged files are empty ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from migmerge.repository.ledger import REFERENCE, Ledger
from migmerge.repository.ran_log import RanLog, RanRow
from migmerge.repository.repository import open_repository
from migmerge.repository.script_versions import blob_id
from tests.support.project import Project

NOW = "2026-01-02T03:04:05+00:00"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "shop")


def ledger_of(project: Project) -> Ledger:
    return Ledger(open_repository(str(project.top)))


def test_a_script_that_no_commit_has_outlives_gc(project: Project) -> None:
    before = project.git("log", "--all", "--oneline")
    ledger_of(project).note("shop.db", {"x": ("versions/x.py", b"x = 1")}, NOW, "seen")
    project.git("gc", "--quiet", "--prune=now")
    assert project.git("log", "--all", "--oneline") == before
    assert project.git("cat-file", "-t", REFERENCE) == "tree"
    ledger = ledger_of(project)
    (ran,) = ledger.of("shop.db").values()
    assert (ran.path, ran.time, ran.by) == ("versions/x.py", NOW, "seen")
    assert ledger.texts([ran]) == {"versions/x.py": b"x = 1"}


def test_what_is_known_stays_until_it_is_forgotten(project: Project) -> None:
    ledger = ledger_of(project)
    ledger.note("shop.db", {"x": ("x.py", b"1"), "y": ("y.py", b"2")}, NOW, "seen")
    ledger.note("shop.db", {"x": ("x.py", b"later"), "y": ("y.py", b"2")}, NOW, "seen")
    assert ledger.texts([ledger.of("shop.db")["x"]]) == {"x.py": b"1"}
    ledger.forget("shop.db", ["x"])
    ledger.note("shop.db", {"x": ("x.py", b"later")}, NOW, "seen")
    assert {name: ledger.texts([each]) for name, each in ledger_of(project).of("shop.db").items()} == {
        "x": {"x.py": b"later"},
        "y": {"y.py": b"2"},
    }


def test_other_databases_are_not_touched(project: Project) -> None:
    ledger = ledger_of(project)
    for name in ("one.db", "other.db"):
        ledger.note(name, {"x": ("x.py", b"1")}, NOW, "seen")
    ledger.forget("one.db", ["x"])
    assert (list(ledger.of("one.db")), list(ledger.of("other.db")), ledger.of("none.db")) == ([], ["x"], {})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", json.dumps({"databases": {"a": {"x": 1}}}), json.dumps({"databases": {"a": []}})]
)
def test_a_damaged_file_is_an_empty_ledger(project: Project, text: str) -> None:
    path = project.top / ".git/migmerge/ledger.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    ledger = ledger_of(project)
    assert ledger.of("a") == {}
    ledger.note("a", {"x": ("x.py", b"1")}, NOW, "seen")
    assert list(ledger_of(project).of("a")) == ["x"]


def test_where_the_folder_cannot_be_written_nothing_fails(project: Project) -> None:
    (project.top / ".git/migmerge").write_text("no folder")
    ledger_of(project).note("a", {"x": ("x.py", b"1")}, NOW, "seen")
    assert ledger_of(project).of("a") == {}


def test_where_git_writes_no_blob_nothing_fails_and_nothing_is_noted(project: Project) -> None:
    """A file stands where the folder of the blob would be made, as for a user without the right to write."""
    folder = project.top / ".git/objects" / blob_id(b"x = 1")[:2]
    folder.write_text("no folder")
    ledger = ledger_of(project)
    ledger.note("a", {"x": ("x.py", b"x = 1")}, NOW, "seen")
    ledger.replace("a", {"x": ("x.py", b"x = 1")}, NOW, "sync")
    assert ledger_of(project).of("a") == {}


def logged(project: Project, *steps: tuple[str, str]) -> Ledger:
    """Return the ledger after Alembic has logged steps."""
    texts = {blob_id(f"{name} = 1".encode()): f"{name} = 1".encode() for name, _ in steps}
    rows = [RanRow("a", name, did, f"{name}.py", blob, NOW, "alembic") for (name, did), blob in zip(steps, texts, strict=True)]
    RanLog(open_repository(str(project.top)).storage).append(rows, texts)
    return ledger_of(project)


def test_what_alembic_has_logged_is_taken_in(project: Project) -> None:
    ledger = logged(project, ("x", "upgrade"), ("y", "upgrade"))
    assert ledger.of("a")["x"].by == "alembic"
    assert ledger.texts(ledger.of("a").values()) == {"x.py": b"x = 1", "y.py": b"y = 1"}
    assert set(logged(project, ("y", "downgrade")).of("a")) == {"x"}
    project.git("gc", "--quiet", "--prune=now")
    assert ledger_of(project).texts(ledger.of("a").values()) == {"x.py": b"x = 1"}


def test_a_stamp_is_no_run_and_an_empty_database_is_another_one(project: Project) -> None:
    ledger = logged(project, ("x", "upgrade"), ("y", "upgrade"), ("z", "stamp"))
    assert {name: each.by for name, each in ledger.of("a").items()} == {"x": "alembic", "y": "alembic", "z": "stamp"}
    ledger.note("a", {"z": ("z.py", b"z = 2")}, NOW, "seen")
    assert ledger.of("a")["z"].by == "seen"
    assert {name: each.by for name, each in logged(project, ("", "first"), ("x", "stamp")).of("a").items()} == {"x": "stamp"}


NOTES = """
import sys
from migmerge.repository.ledger import Ledger
from migmerge.repository.ran_log import RanLog, RanRow
from migmerge.repository.repository import open_repository
for number in range(6):
    Ledger(open_repository(sys.argv[1])).replace(sys.argv[2], {str(number): ("x.py", b"1")}, "t", "sync")
"""


def test_two_that_write_at_once_lose_nothing(project: Project) -> None:
    running = [subprocess.Popen([sys.executable, "-c", NOTES, str(project.top), name]) for name in "ab"]
    assert [each.wait() for each in running] == [0, 0]
    assert [len(ledger_of(project).of(name)) for name in "ab"] == [6, 6]
