"""`sync` killed with SIGKILL at any step: the database is at a recorded revision, and a second `sync` finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.support.databases import database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop

HANGING = """import os, time
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "before_cursor_execute")
def hang(connection, cursor, statement, *rest):
    if os.path.exists("hang") and f"{statement.strip()} ".startswith(open("hang").read()):
        open("hanging", "w").close()
        time.sleep(600)


"""
"""What lets a run hang before a statement, the second of a step."""
STEPS = ("d down", "c down", "b up", "e up")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project on main with a, b and e; its database has run the phantoms c and d of a branch that is gone."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        env_py = shop.project.top / "migrations/env.py"
        env_py.write_text(HANGING + env_py.read_text())
        shop.project.commit("env.py hangs")
        shop.project.git("switch", "--quiet", "--create", "feature")
        _creates(shop, "c", "a")
        _creates(shop, "d", "c")
        shop.upgrade()
        shop.project.git("switch", "--quiet", "main")
        shop.project.git("branch", "-D", "feature")
        _creates(shop, "b", "a")
        _creates(shop, "e", "b")
        yield shop


def _creates(shop: Shop, name: str, parent: str) -> None:
    tables = (f"op.create_table({each!r}, sa.Column('id', sa.Integer, primary_key=True))" for each in (name, f"{name}2"))
    downgrade = f"op.drop_table('{name}2')\n    op.drop_table({name!r})"
    shop.project.revision(name, parent, upgrade="\n    ".join(tables), downgrade=downgrade)


def killed_at(shop: Shop, step: str) -> str:
    """Kill `sync`, with its worker, in the middle of a step; return what it had printed into a file."""
    top = shop.project.top
    said = top.with_name("said")
    name, direction = step.split()
    (top / "hang").write_text(f"CREATE TABLE {name}2 (" if direction == "up" else f"DROP TABLE {name} ")
    with said.open("wb") as printed:
        _run_until_it_hangs(shop, printed)
    for each in ("hang", "hanging"):
        (top / each).unlink()
    return said.read_text()


def _run_until_it_hangs(shop: Shop, printed: IO[bytes]) -> None:
    top = shop.project.top
    running = subprocess.Popen(
        [MIGMERGE, "sync", "--yes"],
        cwd=top,
        env=shop.project.environment(**shop.variables),
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (top / "hanging").exists():
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def pairs(*names: str) -> set[str]:
    return {each for name in names for each in (name, f"{name}2")}


STATES = {"d down": ("d", pairs("c", "d")), "c down": ("c", pairs("c")), "b up": ("a", set[str]()), "e up": ("b", pairs("b"))}


@pytest.mark.parametrize("step", STEPS)
def test_killed_in_the_middle_of_a_step(shop: Shop, step: str) -> None:
    said = [line.split()[:2] for line in killed_at(shop, step).splitlines()]
    assert [each for each in said if each[:1] in (["down"], ["up"])] == [["down", "d"], ["down", "c"], ["up", "b"], ["up", "e"]]
    assert len([each for each in said if each[:1] == ["done"]]) == STEPS.index(step)
    recorded, created = STATES[step]
    assert shop.recorded == {recorded}
    if shop.url.startswith("mariadb"):
        _is_told_what_is_half_done(shop, step)
    else:
        assert shop.tables == {"a"} | created
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a"} | pairs("b", "e"), {"e"})
    assert shop.flask("current").returncode == 0


def _is_told_what_is_half_done(shop: Shop, step: str) -> None:
    """MariaDB commits each DDL statement by itself; `sync` does the rest."""
    name, direction = step.split()
    printed = shop.run("doctor").stdout
    if direction == "up":
        assert f"{name} would fail: the table {name} is there already, the table {name}2 is not" in printed
    else:
        assert f"records {name}" in printed
        assert f"the table {name}2 is not there, though the table {name} is" in printed
        planned = shop.done("sync", "--dry-run").splitlines()
        at = next(number for number, line in enumerate(planned) if line.split()[:2] == ["down", name])
        assert "what is left of it" in planned[at] and planned[at + 1].split() == ["|", f"op.drop_table('{name}')"]
    assert {line for line in printed.splitlines() if "hint:" in line} == {"  hint: migmerge sync", "  hint: migmerge install"}


def test_a_downgrade_that_was_killed_before_its_record_is_only_recorded(shop: Shop) -> None:
    shop.execute("DROP TABLE d2")
    shop.execute("DROP TABLE d")
    planned = shop.done("sync", "--dry-run").splitlines()
    assert next(line.split() for line in planned if "|" in line) == ["|", "pass"]
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a"} | pairs("b", "e"), {"e"})


def test_the_first_backup_is_still_there_and_brings_the_beginning_back(shop: Shop) -> None:
    killed_at(shop, "c down")
    folder = shop.project.top / ".git/migmerge/backups"
    backups = [each for each in folder.iterdir() if each.suffix not in (".unfinished", ".json")]
    assert len(backups) == 2 and all(each.stat().st_size > 0 and each.stat().st_mode & 0o077 == 0 for each in backups)
