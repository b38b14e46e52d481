"""Which processes hold a file of SQLite: on Linux the kernel says it, elsewhere nobody."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migmerge.database.file_holders import command_about, holders_of

HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = " + sys.argv[2])
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(file: Path, mode: str = "delete") -> Iterator[int]:
    """Hold a lock on a file in another process, and yield its number."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(file), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.stdin.close()


@pytest.mark.skipif(not os.path.exists("/proc/locks"), reason="the system does not tell")
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_holder_is_named(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    link = tmp_path / "link.db"
    link.symlink_to(file)
    with held(file, mode) as pid:
        for name in (file, link):
            (holder,) = holders_of(str(name))
            assert (holder.pid, holder.on, holder.state) == (pid, name.name, "running")
            assert holder.application.startswith("python")
            assert command_about(str(name), [holder]) == f"kill {pid}"
    assert holders_of(str(file)) == ()


def test_where_nobody_is_known_the_command_looks(tmp_path: Path) -> None:
    file = tmp_path / "a b.db"
    assert holders_of(str(file)) == ()
    file.touch()
    program, *_ = shlex.split(command_about(str(file), ()))
    assert shutil.which(program)
