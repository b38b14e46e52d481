"""A disk that is full, as each driver and tool says it, in plain words and with a command that shows the disk."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from migmerge.core.errors import MigmergeError
from migmerge.database.backup.copy import back_up
from migmerge.database.full_disk import full_disk, no_room_for_backup


class DriverError(Exception):
    """Stand for the error of a driver."""

    sqlstate: str | None = None


def wrapped(*args: object, sqlstate: str | None = None) -> OperationalError:
    original = DriverError(*args)
    original.sqlstate = sqlstate
    return OperationalError("INSERT", {}, original)


def sqlite_without_room(tmp_path: Path) -> OperationalError:
    """Return what SQLAlchemy raises where SQLite may not let its file grow."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 2")
        connection.exec_driver_sql("CREATE TABLE a (id INTEGER)")
        with pytest.raises(OperationalError) as raised:
            connection.exec_driver_sql("CREATE TABLE b (id INTEGER)")
    engine.dispose()
    return raised.value


def test_sqlite_names_the_file_and_the_folder(tmp_path: Path) -> None:
    found = full_disk(sqlite_without_room(tmp_path), sa.make_url(f"sqlite:///{tmp_path / 'shop.db'}"))
    assert found and str(found) == "no room is left for shop.db: database or disk is full"
    assert found.hint == f"df -h {tmp_path}"
    assert subprocess.run(found.hint, shell=True, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("error", "url", "message", "hint"),
    [
        (
            wrapped('could not extend file "base/1/2": No space left on device', sqlstate="53100"),
            "postgresql://localhost/shop",
            'no room is left for shop: could not extend file "base/1/2": No space left on device',
            "df -h",
        ),
        (
            wrapped(1114, "The table 'a' is full"),
            "mysql://db.example.org/shop",
            "no room is left for shop: The table 'a' is full",
            None,
        ),
        (wrapped(1021, "Disk full"), "mariadb:///shop", "no room is left for shop: Disk full", "df -h"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            None,
            "no room is left for the database: [Errno 28] No space left on device",
            "df -h .",
        ),
    ],
)
def test_servers_and_the_system(error: Exception, url: str | None, message: str, hint: str | None) -> None:
    found = full_disk(error, sa.make_url(url) if url else None)
    assert found and (str(found), found.hint) == (message, hint)


@pytest.mark.parametrize(
    "error", [wrapped(1045, "denied"), OSError(errno.EACCES, "no"), sqlite3.OperationalError("no such table: a")]
)
def test_another_error_is_no_full_disk(error: Exception, tmp_path: Path) -> None:
    assert full_disk(error, None) is None
    assert no_room_for_backup(error, tmp_path / "b") is None


def test_a_backup_without_room_names_its_own_folder(tmp_path: Path) -> None:
    found = no_room_for_backup(sqlite_without_room(tmp_path), tmp_path / "my backups" / "b.sqlite3")
    assert (
        found
        and str(found)
        == f"no room is left for the backup {tmp_path}/my backups/b.sqlite3; migmerge backups prune removes old ones"
    )
    assert found.hint == f"df -h '{tmp_path}/my backups'"


@pytest.mark.parametrize(
    ("url", "tools", "said"),
    [
        ("postgresql+psycopg://h/x", ["pg_dump"], "pg_dump: error: could not write to output file: No space left on device"),
        ("mysql+pymysql://h/x", ["mysqldump", "mysql"], "mysqldump: Got errno 28 on write"),
    ],
)
def test_a_dump_without_room_is_said_so(
    url: str, tools: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tool in tools:
        (tmp_path / tool).write_text(f"#!{shutil.which('sh')}\necho '{said}' >&2\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MigmergeError, match="no room is left for the backup ") as raised:
        back_up(sa.make_url(url), tmp_path / "backups" / "b.dump")
    assert raised.value.hint == f"df -h {tmp_path}/backups"
