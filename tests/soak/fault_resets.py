"""Faults while `reset` is answered on a terminal: the rows are in the database or in a backup, and the next reset ends well."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tests.soak.fault_case import UNEXPECTED, Found
from tests.soak.fault_kinds import processes_in
from tests.soak.fault_scenes import ROW, copied, database_variables, locks_of, up_to_date
from tests.soak.fault_terminals import inject
from tests.support.project import MIGMERGE, Project
from tests.support.terminal import ENTER, Terminal, plain

_KINDS = ("Ctrl-C", "the terminal closes", "migmerge is killed")
_QUESTION = "Type the name of the database"
_LONGEST = 2.0
"""Seconds in which the database is backed up, dropped and made anew."""


def resets_on_terminals(
    folder: Path, chance: random.Random, times: int, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, Found]]:
    """Yield each fault that was injected, with the name of the scene and what was wrong."""
    place, template = folder / "place", folder / "template"
    for each in (place, template):
        shutil.rmtree(each, ignore_errors=True)
    project = up_to_date(place)
    shutil.copytree(place, template, symlinks=True)
    for kind in [each for each in _KINDS if wanted(f"terminal: {each}")] * times:
        copied(template, place)
        yield "reset on a terminal", (kind, _one(project, place, kind, chance.random()))


def _one(project: Project, place: Path, kind: str, moment: float) -> list[str]:
    variables = database_variables(place)
    terminal = Terminal(project, MIGMERGE, "reset", "database", env=variables).wait_for(_QUESTION)
    if moment > 0.2:
        terminal.type("test.db", ENTER)
    time.sleep(moment * _LONGEST)
    inject(project, terminal, kind)
    try:
        _, printed = terminal.finish()
    except Exception as error:  # noqa: BLE001 (whatever the terminal has to say)
        terminal.child.close(force=True)
        printed = f"hangs: {str(error)[-2000:]}"
    return [*_judged(project, plain(printed)), *_next_run(project, variables)]


def _judged(project: Project, printed: str) -> list[str]:
    wrong = [f"printed {printed}"] if UNEXPECTED.search(printed) or printed.startswith("hangs") else []
    kept = [project.top / "test.db", *(project.top / ".git/migmerge/backups").glob("*")]
    deadline = time.monotonic() + 3
    while (left := processes_in(project.top)) and time.monotonic() < deadline:
        time.sleep(0.05)
    wrong += [f"still runs: {each}" for each in left] + [f"lock {each}" for each in locks_of(project)]
    return wrong if any(map(_has_row, kept)) else [*wrong, f"the row is lost: {printed}"]


def _has_row(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(f"SELECT 1 FROM a WHERE id = {ROW}").fetchone() is not None
    except sqlite3.Error:
        return False


def _next_run(project: Project, variables: dict[str, str]) -> list[str]:
    done = project.migmerge("reset", "database", "--database", "test.db", cwd=None, **variables)
    with closing(sqlite3.connect(project.top / "test.db")) as connection:
        recorded = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    is_well = done.returncode == 0 and recorded == [("b",)]
    return [] if is_well else [f"reset ended with {done.returncode}, {recorded}: {done.stdout}{done.stderr}"]
