"""The log of what ran: appended to by many at once, taken by one, and bounded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migmerge.repository import ran_log
from migmerge.repository.ran_log import RanLog, RanRow

APPENDS = """
import sys
from migmerge.repository.ran_log import RanLog, RanRow
for number in range(300):
    RanLog(sys.argv[1]).append([RanRow("db", f"{sys.argv[2]}-{number}", "upgrade", "x.py", "b", "t", "by")], {"b": b"text"})
"""


def row(revision: str, did: str = "upgrade") -> RanRow:
    return RanRow("db", revision, did, "x.py", "b", "t", "by")


def test_nothing_is_lost_while_others_append_and_one_takes(tmp_path: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", APPENDS, str(tmp_path), name]) for name in "xy"]
    log, found = RanLog(str(tmp_path)), set()
    while any(each.poll() is None for each in running) or log.is_filled:
        found |= {each.revision for each in log.take()}
        log.forget()
    assert [each.returncode for each in running] == [0, 0]
    assert found == {f"{name}-{number}" for name in "xy" for number in range(300)}
    assert log.text("b") == b"text"


def test_what_was_taken_and_not_saved_is_taken_again(tmp_path: Path) -> None:
    log = RanLog(str(tmp_path))
    log.append([row("x")], {})
    assert [each.revision for each in log.take()] == ["x"]
    log.append([row("y")], {})
    assert [each.revision for each in log.take()] == ["x"]
    log.forget()
    assert [each.revision for each in log.take()] == ["y"]


def test_damaged_lines_and_scripts_are_left_out(tmp_path: Path) -> None:
    log = RanLog(str(tmp_path))
    log.append([row("x")], {"b": b"text"})
    with open(tmp_path / "ran.log", "ab") as file:
        file.write(b'{\n[1]\n["\xff"\n')
    (tmp_path / "ran/b").write_bytes(b"no")
    assert ([each.revision for each in log.take()], log.text("b")) == (["x"], None)


def test_only_the_last_rows_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ran_log, "_MOST_BYTES", 1000)
    log = RanLog(str(tmp_path))
    for number in range(100):
        log.append([row(str(number))], {})
    assert sum(os.path.getsize(each) for each in tmp_path.glob("ran.log*")) < 2200
    assert log.take()[-1].revision == "99"
