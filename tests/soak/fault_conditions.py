"""Conditions of a whole run: folders that cannot be written, a locked database, a wrong clock, nohup, another work tree at work."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from tests.soak.fault_case import Case, Found, Run
from tests.soak.fault_scenes import state_of
from tests.support.project import Project

_FOLDERS = (
    *(".", "migrations/versions", ".git", ".git/objects", ".git/refs/heads", ".git/logs", ".git/hooks", ".git/migmerge"),
    *(".git/migmerge/journal", ".git/migmerge/backups", "TMPDIR"),
)
_AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""With this root is held to the modes of files, as all others are."""
_CLOCKS = {"a clock in 2037": "2037-05-01T12:00:00+0000", "a clock in 1971": "1971-05-01T12:00:00+0000"}
_MOMENTS = {"files of 2037": 2_125_000_000, "files of 1971": 42_000_000}
_LOCKED = 1.0
"""Seconds for which a database is locked that is free again while the run waits."""
_Faults = Sequence[tuple[str, Callable[[], list[str]]]]


def conditions(case: Case, chance: random.Random, times: int, wanted: Callable[[str], bool]) -> Iterator[Found]:
    """Yield each fault that was injected, with what was wrong."""
    faults: _Faults = [
        *((f"clock: {name}", lambda date=date: _with_clock(case, date)) for name, date in _CLOCKS.items()),
        *((f"clock: {name}", lambda moment=moment: _with_files_of(case, moment)) for name, moment in _MOMENTS.items()),
        *(((f"read-only: {name}", lambda name=name: _with_read_only(case, name)) for name in _FOLDERS) if _can_be_held() else ()),
        *([("ignored SIGHUP", lambda: _under_nohup(case, chance))] * times),
        *([("another work tree at once", lambda: _with_other_work_tree(case))] * times if _others(case) else ()),
        *((each, lambda each=each: _with_locked_database(case, each)) for each in _locks(case)),
    ]
    for kind, inject in () if case.scene.by_git else faults:
        if wanted(kind):
            case.begin()
            yield kind, inject()


def _with_clock(case: Case, date: str) -> list[str]:
    names = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")
    return _as_planned(case, case.run(dict.fromkeys(names, date)))


def _with_files_of(case: Case, moment: int) -> list[str]:
    for folder, folders, names in os.walk(case.project.top):
        for name in (*folders, *names):
            os.utime(Path(folder, name), (moment, moment), follow_symlinks=False)
    return _as_planned(case, case.run({}))


def _as_planned(case: Case, ran: Run) -> list[str]:
    state = state_of(case.project)
    wrong = [] if (state, ran.status) == (case.after, case.plain.status) else [f"ended with {ran.status}: {ran.printed}"]
    return wrong + case.judged(ran, lethal=False)


def _can_be_held() -> bool:
    return os.geteuid() != 0 or shutil.which("setpriv") is not None


def _folder(case: Case, name: str) -> Path:
    if name == "TMPDIR":
        return case.temporary
    git = "--git-common-dir" if "migmerge" in name else "--absolute-git-dir"
    found = case.project.git("rev-parse", "--path-format=absolute", git) if name.startswith(".git") else str(case.project.top)
    return Path(found, name.removeprefix(".git").removeprefix("/"))


def _with_read_only(case: Case, name: str) -> list[str]:
    folder = _folder(case, name)
    folder.mkdir(parents=True, exist_ok=True)
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        ran = case.run({}, *(_AS_ANYBODY if os.geteuid() == 0 else ()), *case.real_command)
    finally:
        folder.chmod(mode)
    return case.judged(ran, lethal=False)


def _under_nohup(case: Case, chance: random.Random) -> list[str]:
    """Send a SIGHUP that is ignored to all of a run, at a random moment: it goes on to its end."""
    environment = case.project.environment(TMPDIR=str(case.temporary), **case.scene.environment)
    out = case.folder / "printed"
    with out.open("wb") as printed:
        running = subprocess.Popen(
            ["sh", "-c", f"trap '' HUP; exec {shlex.join(case.real_command)}"],
            cwd=case.project.top, env=environment, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
            start_new_session=True,
        )  # fmt: skip
        time.sleep(0.02 + chance.random() * case.seconds / 2)
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGHUP)
        status = running.wait(60)
    return _as_planned(case, Run(status, out.read_text(errors="replace")))


def _others(case: Case) -> list[Project]:
    listing = case.project.git("worktree", "list", "--porcelain").splitlines()
    tops = [Path(line.partition(" ")[2]) for line in listing if line.startswith("worktree ")]
    return [Project(top) for top in tops if (top / "migrations").is_dir() and top != case.project.top]


def _with_other_work_tree(case: Case) -> list[str]:
    """Run the same in two work trees of a clone at once; both end well, each with what is its own."""
    (other,) = _others(case)
    environment = other.environment(TMPDIR=str(case.temporary), **case.scene.environment)
    running = subprocess.Popen(
        case.real_command,
        cwd=other.top,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    ran = case.run({})
    printed = running.communicate(timeout=60)[0].decode("utf-8", "replace")
    wrong = case.unexpected(Run(running.returncode, printed), "the other: ")
    again = other.migmerge(*case.scene.command, cwd=None)
    if again.returncode or len(other.heads()) != 1:
        wrong.append(f"the other ended with {running.returncode}, then {again.returncode}: {printed}{again.stdout}{again.stderr}")
    return wrong + case.judged(ran, lethal=True)


def _locks(case: Case) -> tuple[str, ...]:
    return ("the database is locked", "the database is locked for a moment") if case.scene.variables else ()


def _with_locked_database(case: Case, kind: str) -> list[str]:
    with closing(sqlite3.connect(case.project.top / "test.db", check_same_thread=False, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        if kind.endswith("moment"):
            release = threading.Timer(_LOCKED, connection.execute, ["ROLLBACK"])
            release.start()
            ran = case.run({})
            release.join()
        else:
            ran = case.run({})
            connection.execute("ROLLBACK")
    in_own_words = ran.printed.replace("OperationalError: database is locked", "database is locked")
    return case.judged(ran._replace(printed=in_own_words), lethal=False)
