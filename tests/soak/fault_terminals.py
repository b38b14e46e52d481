"""Faults while a hook holds the terminal: Ctrl-C, a terminal that closes, a kill, at random moments after git has moved HEAD."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.soak.fault_case import UNEXPECTED, Found
from tests.soak.fault_kinds import processes_in
from tests.soak.fault_scenes import copied, locks_of, state_of
from tests.support.project import Project
from tests.support.terminal import CTRL_C, ENTER, Terminal, plain

_COMMANDS = {
    "merge": ("main", ("git", "merge", "--no-edit", "feature")),
    "merge with autostash": ("main", ("git", "merge", "--no-edit", "--autostash", "feature")),
    "rebase": ("feature", ("git", "rebase", "--autostash", "main")),
    "pull --rebase": ("feature", ("git", "pull", "--rebase", "--autostash", ".", "main")),
}
_KINDS = ("Ctrl-C", "the terminal closes", "migmerge is killed", "answered, then Ctrl-C")
_LONGEST = 2.5
"""Seconds in which the hook starts, asks, and makes its commit where it is told to."""


def on_terminals(folder: Path, chance: random.Random, times: int, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Found]]:
    """Yield each fault that was injected, by command, with what was wrong."""
    for name, (branch, command) in _COMMANDS.items():
        place, template = folder / "place", folder / "template"
        for each in (place, template):
            shutil.rmtree(each, ignore_errors=True)
        project = Project.create_diverged(place / "app")
        project.git("switch", "--quiet", branch)
        project.migmerge("install")
        project.write("app.py", "x = 'changed'\n")
        project.write("mine.txt", "untracked\n")
        shutil.copytree(place, template, symlinks=True)
        for kind in [each for each in _KINDS if wanted(f"terminal: {each}")] * times:
            copied(template, place)
            yield f"hook of a {name} on a terminal", (kind, _one(project, branch, command, kind, chance.random()))


def _one(project: Project, branch: str, command: tuple[str, ...], kind: str, moment: float) -> list[str]:
    reference = project.top / f".git/refs/heads/{branch}"
    before = reference.read_text()
    terminal = Terminal(project, *command, CI="")
    deadline = time.monotonic() + 20
    while reference.read_text() == before and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.05 + moment * _LONGEST)
    inject(project, terminal, kind)
    try:
        _, printed = terminal.finish()
    except Exception as error:  # noqa: BLE001 (whatever the terminal has to say)
        terminal.child.close(force=True)
        printed = f"hangs: {str(error)[-2000:]}"
    return _judged(project, plain(printed), branch)


def inject(project: Project, terminal: Terminal, kind: str) -> None:
    """Do to what runs on a terminal what the kind says."""
    if kind == "the terminal closes":
        os.killpg(terminal.child.pid or 0, signal.SIGHUP)
    elif kind == "migmerge is killed":
        for process in _pythons_in(project.top):
            os.kill(process, signal.SIGKILL)
    elif kind.startswith("answered"):
        terminal.type(ENTER)
        time.sleep(0.3)
    if kind.endswith("Ctrl-C"):
        terminal.type(CTRL_C)


def _pythons_in(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd").startswith(str(folder)) and "python" in (process / "comm").read_text():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def _judged(project: Project, printed: str, branch: str) -> list[str]:
    wrong = [f"printed {printed}"] if UNEXPECTED.search(printed) or printed.startswith("hangs") else []
    state = state_of(project)
    if state.stopped or not state.head.endswith(f"refs/heads/{branch}"):
        wrong.append(f"git was left in the middle: {state.stopped} {state.head}: {printed}")
    kept = (project.top / "app.py").read_text() == "x = 'changed'\n" or "autostash" in state.stashes
    if not kept or not (project.top / "mine.txt").exists():
        wrong.append(f"lost: {state.stashes}: {printed}")
    if "autostash" in state.stashes and "stash" not in printed:
        wrong.append(f"a stash entry is not told of: {printed}")
    wrong += [f"lock {each}" for each in locks_of(project)]
    deadline = time.monotonic() + 3
    while (left := processes_in(project.top)) and time.monotonic() < deadline:
        time.sleep(0.05)
    wrong += [f"still runs: {each}" for each in left]
    done = project.migmerge("fix", "--yes", "--no-db", "--strategy", "merge", "-m", "joined")
    if done.returncode or len(project.heads()) != 1:
        wrong.append(f"fix ended with {done.returncode}: {done.stdout}{done.stderr}")
    return wrong
