"""`sync` and `doctor` where somebody holds a lock: the wait is short, who holds it is named, nothing stays queued."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop
from tests.unit.database.test_file_holders import held as held_file

SHORT = {"postgresql": "?options=-clock_timeout%3D2s", "mariadb": "?init_command=SET+SESSION+lock_wait_timeout%3D2"}
WAITING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE left(state, 11) = 'Waiting for' AND db = database()",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision a, with a pending revision that changes the table a."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        shop.project.revision("b", "a", upgrade="op.add_column('a', sa.Column('phone', sa.Integer))")
        yield shop


def dialect(shop: Shop) -> str:
    return sa.make_url(shop.url).get_backend_name()


@contextmanager
def held(shop: Shop) -> Iterator[int]:
    """Hold a lock on the table a, and yield the number of the session."""
    with shop.connected() as connection:
        connection.exec_driver_sql("INSERT INTO a (id) VALUES (1)")
        number = "pg_backend_pid()" if dialect(shop) == "postgresql" else "connection_id()"
        yield int(connection.exec_driver_sql(f"SELECT {number}").scalar() or 0)


def tells_metadata_locks(shop: Shop) -> bool:
    """Say whether the server has one of the tables that name the holders of metadata locks."""
    with shop.connected() as connection:
        plugins = "SELECT count(*) FROM information_schema.plugins WHERE plugin_name = 'METADATA_LOCK_INFO'"
        return bool(connection.exec_driver_sql(f"SELECT ({plugins}) OR @@performance_schema").scalar())


def test_who_holds_the_lock_is_named(shop: Shop) -> None:
    with held(shop) as pid:
        ran = shop.run("sync", "--yes", "--no-backup", DATABASE_URL=shop.url + SHORT[dialect(shop)])
    assert ran.returncode == 1 and "stopped: b: " in ran.stdout
    certain = dialect(shop) == "postgresql" or tells_metadata_locks(shop)
    assert (f"the lock on a is held by {pid} (" if certain else f"these have open transactions: {pid} (") in ran.stdout
    assert "the statement was: ALTER TABLE a ADD COLUMN phone" in ran.stdout
    assert shop.recorded == {"a"}
    shop.done("sync", "--yes", "--no-backup")
    assert shop.recorded == {"b"}


@pytest.mark.parametrize(
    ("kill", "how"),
    [(os.kill, signal.SIGKILL), (os.kill, signal.SIGINT), (os.killpg, signal.SIGKILL)],
    ids=["one", "ctrl-c", "all"],
)
def test_nothing_stays_queued_when_migmerge_ends(shop: Shop, kill: Callable[[int, int], None], how: signal.Signals) -> None:
    """Also where all of its processes are killed at once, so that none of them can end the wait of another."""
    with held(shop):
        running = _syncing(shop)
        _until_waiting(shop, 1)
        kill(running.pid, how)
        running.wait()
        _until_waiting(shop, 0)
    assert shop.recorded == {"a"}
    shop.done("sync", "--yes", "--no-backup")
    assert shop.recorded == {"b"}


def _syncing(shop: Shop) -> subprocess.Popen[bytes]:
    """Start `sync`, with a limit so long that only its end explains the end of the wait."""
    long = {name: value.replace("2s", "500s").replace("%3D2", "%3D500") for name, value in SHORT.items()}
    return subprocess.Popen(
        [MIGMERGE, "sync", "--yes", "--no-backup"],
        cwd=shop.project.top,
        env=shop.project.environment(**{**shop.variables, "DATABASE_URL": shop.url + long[dialect(shop)]}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _until_waiting(shop: Shop, count: int) -> None:
    """Wait until so many sessions wait for a lock."""
    deadline = time.monotonic() + 60
    while _waiting(shop) != count:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _waiting(shop: Shop) -> int:
    with shop.connected() as connection:
        return int(connection.exec_driver_sql(WAITING[dialect(shop)]).scalar() or 0)


def test_who_holds_a_file_is_named(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'test.db'}?timeout=1")
    shop.upgrade()
    shop.project.revision("b", "a", upgrade="op.add_column('a', sa.Column('phone', sa.Integer))")
    with held_file(tmp_path / "test.db") as pid:
        ran = shop.run("sync", "--yes", "--no-backup")
    assert ran.returncode == 1 and "stopped: b: OperationalError: database is locked; " in ran.stdout
    assert f"the lock on test.db is held by {pid} (python" in ran.stdout or not os.path.exists("/proc/locks")
