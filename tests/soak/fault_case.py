"""One scene in which faults are injected: what was before, what is after a run without a fault, and what may be after one with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.soak.fault_kinds import GIT, at_a_call, calls, processes_in
from tests.soak.fault_scenes import BACKUP, FLASK, Scene, State, copied, locks_of, state_of
from tests.support.project import MIGMERGE

UNEXPECTED = re.compile(r"Traceback|Exception ignored|error: \w+(Error|Exception): ")
_RUNNING = 3.0
"""Seconds until what was left running must have ended."""


Found = tuple[str, list[str]]
"""The kind of a fault, and what was wrong after it."""


class Run(NamedTuple):
    """Hold how a run ended, and what it printed."""

    status: int
    printed: str


class Case:
    """One scene, made once and copied for each fault to the place where it was made."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene, self.folder = scene, folder
        self.place, self.template, self.temporary = folder / "place", folder / "template", folder / "tmp"
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.rmtree(self.template, ignore_errors=True)
        self.place.mkdir()
        self.project = scene.make(self.place)
        shutil.copytree(self.place, self.template, symlinks=True)
        self.begin()
        self.before = state_of(self.project)
        started = time.monotonic()
        self.plain = self.run(at_a_call(folder, "none", 0))
        self.seconds = 2 * (time.monotonic() - started) + 0.5
        """How long the command takes, all its imports included, and a little more."""
        self.calls = calls(folder)
        self.after = state_of(self.project)
        assert self.plain.status != 2, self.plain.printed
        assert self.calls or scene.by_git, f"git is never called: {self.plain.printed}"
        assert not UNEXPECTED.search(self.plain.printed), self.plain.printed

    def begin(self) -> None:
        copied(self.template, self.place)
        self.project.git("update-index", "-q", "--refresh", MIGMERGE="0") if self.project.status() else None
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()

    @property
    def command(self) -> list[str]:
        words = list(self.scene.command)
        if BACKUP in words:
            folder = self.project.top / ".git/migmerge/backups"
            words[words.index(BACKUP)] = min(each.name for each in folder.iterdir() if each.suffix not in (".json", ".sh"))
        if words[0] == FLASK:
            return [str(Path(MIGMERGE).with_name("flask")), *words[1:]]
        return [GIT, *words[1:]] if self.scene.by_git else [self.project.program, *words]

    @property
    def real_command(self) -> list[str]:
        """Return the command with the installed migmerge, which is one process and in the group of its parent."""
        return [MIGMERGE, *self.command[1:]] if self.command[0] == self.project.program else self.command

    def run(self, variables: dict[str, str], *command: str) -> Run:
        """Run the command of the scene, or another one, to its end."""
        environment = self.project.environment(TMPDIR=str(self.temporary), **{**self.scene.environment, **variables})
        with tempfile.TemporaryFile() as printed:
            running = subprocess.Popen(
                command or self.command,
                cwd=self.project.top,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
            try:
                status = running.wait(60)
            except subprocess.TimeoutExpired:
                running.kill()
                status = 999
            printed.seek(0)
            return Run(status, printed.read().decode("utf-8", "replace"))

    def is_kept(self, state: State, *, entries: bool = True) -> bool:
        """Say whether all that the command does not plan to change is as it was, and HEAD is at one of its two places."""
        planned = {path for path, _ in self.before.files ^ self.after.files}
        mine = {each for each in self.before.files if each[0] not in planned}
        theirs = {each for each in state.files if each[0] not in planned}
        indexed = {line for line in self.before.entries if not any(path in line for path in planned)}
        if entries and not indexed <= state.entries:
            return False
        return mine == theirs and state.head in (self.before.head, self.after.head)

    def next_runs(self) -> list[str]:
        """Run the command once more, and take it back; return what was wrong."""
        self.age_what_is_left()
        again = self.run({})
        wrong = self.unexpected(again, "again: ")
        reached = state_of(self.project)
        if self.scene.is_repeatable and (reached != self.after or again.status != self.plain.status):
            wrong.append(f"again: ended with {again.status}\n{_differences(self.after, reached)}{again.printed}")
        elif self.scene.is_undone:
            undone = self.run({}, self.project.program, "undo", "--yes", *([] if self.scene.variables else ["--no-db"]))
            taken_back = state_of(self.project)
            if taken_back._replace(databases=()) != self.before._replace(databases=()):
                wrong.append(f"undo: ended with {undone.status}\n{_differences(self.before, taken_back)}{undone.printed}")
        if journal := self._open_entries():
            wrong.append(f"the journal has open entries: {journal}")
        return wrong + [f"is left in TMPDIR: {each.name}" for each in self.temporary.iterdir()]

    def age_what_is_left(self) -> None:
        """Let hours pass: until then a worker of a killed run may read what it left."""
        for each in self.temporary.iterdir():
            os.utime(each, (1_000_000_000, 1_000_000_000))

    def _open_entries(self) -> list[str]:
        folder = Path(self.project.git("rev-parse", "--path-format=absolute", "--git-common-dir")) / "migmerge/journal"
        return [path.name for path in folder.glob("*.json") if not re.search(r'"state": "(done|undone)"', path.read_text())]

    def judged(self, ran: Run, *, lethal: bool) -> list[str]:
        """Return what was wrong after a fault."""
        wrong = self.unexpected(ran)
        state = state_of(self.project)
        whole = state in (self.before, self.after)
        if self.scene.by_git:
            if state != self.after or ran.status != self.plain.status:
                wrong.append(f"git ended with {ran.status}\n{_differences(self.after, state)}{ran.printed}")
        elif not whole and not (self.is_kept(state) and (lethal or ran.status == 2)) and not self.scene.variables:
            wrong.append(f"half done, ended with {ran.status}\n{_differences(self.before, state)}{ran.printed}")
        if locks := locks_of(self.project):
            wrong.append(f"locks: {locks}")
        deadline = time.monotonic() + _RUNNING
        while (left := processes_in(self.place)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return wrong + [f"still runs: {each}" for each in left] + ([] if self.scene.by_git else self.next_runs())

    def unexpected(self, ran: Run, when: str = "") -> list[str]:
        return [f"{when}ended with {ran.status}: {ran.printed}"] if UNEXPECTED.search(ran.printed) or ran.status == 999 else []


def _differences(expected: State, found: State) -> str:
    lines = []
    for name, one, other in zip(State._fields, expected, found, strict=True):
        if isinstance(one, frozenset) and isinstance(other, frozenset):
            lines += [f"  {name} -{each}\n" for each in sorted(one - other)] + [
                f"  {name} +{each}\n" for each in sorted(other - one)
            ]
        elif one != other:
            lines.append(f"  {name} {one} -> {other}\n")
    return "".join(lines)
