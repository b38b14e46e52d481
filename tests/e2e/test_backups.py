"""`migmerge backups`: what was backed up, put back with an undo, and thinned out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop, on_sqlite
from tests.support.terminal import ENTER, Terminal

on_servers = pytest.mark.parametrize("shop", ["postgresql", "mariadb"], indirect=True)
"""SQLite needs no tool for a backup."""


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision a, with a row in a, and b pending."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        shop.execute("INSERT INTO a VALUES (7)")
        shop.creates("b", "a")
        yield shop


def name_of(shop: Shop) -> str:
    return shop.url.rpartition("/")[2]


def folder(shop: Shop) -> Path:
    return shop.project.top / ".git/migmerge/backups"


def kept(shop: Shop) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(shop.done("backups", "--format", "json"))["backups"]
    return found


def age(shop: Shop, name: object, days: int) -> None:
    """Make a backup older."""
    about = folder(shop) / f"{name}.about.json"
    known = json.loads(about.read_text())
    known["time"] = f"{2000 + days // 365}-01-01T00:00:{days % 60:02}"
    about.write_text(json.dumps(known))


def test_a_backup_is_listed_put_back_and_that_is_taken_back(shop: Shop) -> None:
    assert shop.done("backups") == "no backup yet: sync, reset, fix and undo make one before they change a database\n"
    shop.done("sync", "--yes")
    shop.execute("INSERT INTO b VALUES (1)")
    (one,) = kept(shop)
    assert (one["database"], one["bind"], one["finished"]) == (name_of(shop), "", True)
    assert one["before"] == {"command": "sync", "title": "", "environment": "migrations"}
    listed = shop.done("backups", "list").splitlines()
    assert listed[0].startswith(f"{name_of(shop)}  {one['url']}")
    assert "  before sync" in listed[1]
    assert str(one["name"]) in listed[1]

    shown = shop.done("backups", "restore", str(one["name"]), "--dry-run")
    assert f"{name_of(shop)} will be replaced: what was written since the backup is lost" in shown
    assert (shop.tables, shop.recorded) == ({"a", "b"}, {"b"})
    said = shop.done("backups", "restore", str(one["name"]), "--yes")
    assert (shop.tables, shop.recorded, shop.rows("a")) == ({"a"}, {"a"}, [7])
    assert said.endswith(f"{name_of(shop)} is now at a\n  undo: migmerge undo\n")
    assert f"restore: {one['name']}" in shop.done("undo", "--list")
    shop.done("undo", "--yes")
    assert (shop.tables, shop.recorded, shop.rows("b")) == ({"a", "b"}, {"b"}, [1])
    assert [each["before"]["command"] for each in kept(shop)] == ["undo", "restore", "sync"]  # type: ignore[index]


@on_sqlite
def test_it_asks_and_no_is_the_default(shop: Shop) -> None:
    shop.done("sync", "--yes")
    (one,) = kept(shop)
    unasked = shop.run("backups", "restore", str(one["name"]))
    assert (unasked.returncode, unasked.stderr.splitlines()[0]) == (2, "error: there is no terminal to ask on")
    terminal = Terminal(shop.project, MIGMERGE, "backups", "restore", str(one["name"]), env=shop.variables)
    status, seen = terminal.wait_for("put the backup back").type(ENTER).finish()
    assert (status, shop.recorded) == (0, {"b"}), seen
    assert "nothing was changed" in seen
    terminal = Terminal(shop.project, MIGMERGE, "backups", "restore", str(one["name"]), env=shop.variables)
    status, seen = terminal.wait_for("put the backup back").type("y").finish()
    assert (status, shop.recorded) == (0, {"a"}), seen


@on_sqlite
def test_a_backup_of_another_database_is_not_put_into_this_one(shop: Shop, tmp_path: Path) -> None:
    shop.done("sync", "--yes")
    (one,) = kept(shop)
    other = Shop(shop.project, f"sqlite:///{tmp_path / 'other.db'}")
    refused = other.run("backups", "restore", str(one["name"]), "--yes")
    assert refused.returncode == 2
    assert f"is of sqlite:///{tmp_path / 'test.db'}, to which nothing here connects" in refused.stderr
    assert f"hint: sh {one['restore_script']}" in refused.stderr


@on_sqlite
def test_a_change_that_did_not_end_well_is_said(shop: Shop) -> None:
    shop.creates("c", "b", upgrade="raise ValueError('no')")
    assert shop.run("sync", "--yes").returncode == 1
    assert [each["finished"] for each in kept(shop)] == [False]
    assert "    that change did not end well\n" in shop.done("backups")


@on_sqlite
def test_old_backups_go_by_themselves_and_by_prune(shop: Shop) -> None:
    shop.done("sync", "--yes")
    (one,) = kept(shop)
    stem = folder(shop) / str(one["name"])
    for number in range(1, 14):
        for ending in ("", ".about.json", ".restore.sh"):
            copy = folder(shop) / f"old-{number:02}.sqlite3{ending}"
            copy.write_bytes(Path(f"{stem}{ending}").read_bytes())
        age(shop, f"old-{number:02}.sqlite3", number)
    shown = shop.done("backups", "prune", "--dry-run")
    assert shown.count("  remove  ") == 4
    assert "would remove 4 backups, " in shown
    assert len(kept(shop)) == 14
    said = shop.done("backups", "prune")
    assert "removed 4 backups, " in said
    assert sorted(path.name for path in folder(shop).glob("old-*3")) == [f"old-{number:02}.sqlite3" for number in range(5, 14)]
    assert shop.done("backups", "prune").startswith("nothing to remove: ")
    shop.creates("c", "b")
    said = shop.done("sync", "--yes")
    assert "removed 1 old backup; the last ten of a database and those of a month stay\n" in said
    assert len(kept(shop)) == 10


@on_sqlite
def test_the_backup_that_undo_needs_stays(shop: Shop) -> None:
    shop.done("sync", "--yes")
    (one,) = kept(shop)
    for number in range(12):
        for ending in ("", ".about.json"):
            copy = folder(shop) / f"new-{number:02}.sqlite3{ending}"
            copy.write_bytes((folder(shop) / f"{one['name']}{ending}").read_bytes())
    age(shop, one["name"], 1)
    assert shop.done("backups", "prune").startswith("nothing to remove: ")
    shop.done("undo", "--yes")
    assert shop.recorded == {"a"}


@on_sqlite
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows")
def test_what_a_killed_run_left_half_written_goes_and_what_is_being_written_stays(shop: Shop) -> None:
    import fcntl

    folder(shop).mkdir(parents=True)
    left, held = folder(shop) / ".migmerge-left.part", folder(shop) / ".migmerge-held.part"
    left.write_bytes(b"half")
    with held.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        shop.done("sync", "--yes")
        assert (left.exists(), held.exists()) == (False, True)
    shop.done("backups")
    assert not held.exists()


@on_servers
def test_a_run_that_is_killed_while_it_backs_up_leaves_nothing_for_long(shop: Shop, tmp_path: Path) -> None:
    tool = {"postgresql": "pg_dump", "mariadb": "mariadb-dump"}[shop.url.partition("+")[0]]
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / tool).write_text(f"#!/bin/sh\necho half\ntouch {tmp_path}/begun\nexec sleep 30\n")
    (tools / tool).chmod(0o755)
    environment = {**os.environ, **shop.variables, "PATH": f"{tools}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [MIGMERGE, "sync", "--yes", "--no-deep"],
        cwd=shop.project.top,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.05)
    assert list(folder(shop).glob(".migmerge-*.part"))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert shop.done("backups").startswith("no backup yet")
    assert list(folder(shop).iterdir()) == []


@on_servers
def test_where_there_is_no_backup_nothing_is_marked_as_begun(shop: Shop, tmp_path: Path) -> None:
    shop.creates("c", "b", upgrade="raise ValueError('no')")
    assert shop.run("sync", "--yes").returncode == 1
    (failed,) = kept(shop)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").symlink_to("/usr/bin/git")
    assert shop.run("sync", "--yes", PATH=str(tools)).returncode == 2
    assert kept(shop) == [failed]
    assert not failed["finished"]


@on_sqlite
def test_a_database_in_memory_is_refused(shop: Shop) -> None:
    for url in ("sqlite://", "sqlite:///file:x?mode=memory&cache=shared&uri=true"):
        memory = Shop(shop.project, url)
        for arguments in (("sync", "--yes"), ("sync", "--yes", "--no-backup"), ("reset", "database", "--database", ":memory:")):
            refused = memory.run(*arguments)
            assert (refused.returncode, refused.stderr.splitlines()[0]) == (
                2,
                "error: :memory: cannot be changed from here: it is in memory, and ends with the process that has it open",
            ), refused.stdout


@on_servers
def test_reset_without_a_tool_refuses_and_goes_on_where_none_is_wanted(shop: Shop, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").symlink_to("/usr/bin/git")
    refused = shop.run("reset", "database", "--database", name_of(shop), PATH=str(tools))
    assert (refused.returncode, shop.rows("a")) == (2, [7])
    assert "is not installed" in refused.stderr
    shop.done("reset", "database", "--database", name_of(shop), "--no-backup", PATH=str(tools))
    assert (shop.recorded, shop.rows("a")) == ({"b"}, [])
