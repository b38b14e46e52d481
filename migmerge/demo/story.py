"""The story of the demo, played with real commands in a repository of its own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import MigmergeError
from ..core.findings.registry import DIVERGENT_HEADS
from ..core.options import Options
from ..output.screen import Screen
from ..repository.held_folder import held_folder
from ..repository.hooks.command import own_script
from .application import ANN, BASE, BEA

_UPGRADED = {"user": "email", "order": "total"}
"""The column that the migration of each side adds, by table."""


@dataclass(frozen=True, slots=True)
class DemoShell:
    """Run commands in the demo's folder, in an environment without the user's own configuration of git and Flask."""

    folder: Path
    screen: Screen
    environment: Mapping[str, str]

    def comment(self, text: str) -> None:
        self.screen.say("")
        self.screen.say((f"# {text}", "info"))

    def run(self, *command: str) -> None:
        """Print a command and run it with the user's terminal."""
        self.screen.say(("$ " + " ".join(command), "command"))
        self.screen.flush()
        stderr = None if sys.stderr.isatty() else subprocess.STDOUT
        if subprocess.run(command, cwd=self.folder, env=self.environment, stderr=stderr, check=False).returncode:
            raise MigmergeError(f"the demo stopped at: {' '.join(command)}")

    def prepare(self, *command: str) -> None:
        """Run a command without showing it."""
        done = self._captured(command)
        if done.returncode:
            raise MigmergeError(f"the demo could not run {' '.join(command)}: {done.stderr.strip()[-500:]}")

    def output_of(self, *command: str) -> str:
        """Return the output of a command that is not shown, whatever its exit status."""
        return self._captured(command).stdout

    def _captured(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, check=False, capture_output=True, encoding="utf-8", errors="replace"
        )


def play_demo(options: Options, keep: str | None) -> None:
    """Play the story in a temporary folder, or in the folder `keep`, which stays."""
    if keep is None:
        with held_folder("demo") as temporary:
            _play_story(_shell_in(Path(temporary), options))
        return
    folder = Path(options.folder, keep)
    if folder.exists() and any(folder.iterdir()):
        raise MigmergeError(f"{keep} is not empty", hint="migmerge demo --keep NEW-FOLDER")
    folder.mkdir(parents=True, exist_ok=True)
    shell = _shell_in(folder, options)
    _play_story(shell)
    shell.comment(f"It is all in {folder}: cd there and look around")


def _shell_in(folder: Path, options: Options) -> DemoShell:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "FLASK_", "PYTHONPATH"))}
    changes = {
        "PATH": os.pathsep.join([os.path.dirname(own_script()), inherited.get("PATH", os.defpath)]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "FLASK_APP": "app",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return DemoShell(folder, Screen(sys.stdout, options.color), inherited | changes)


def _play_story(shell: DemoShell) -> None:
    if shutil.which("git") is None:
        raise MigmergeError("git is not installed", hint="install git 2.30 or newer")
    shell.comment("Ann and Bea work on one Flask application. Both start from the same migration.")
    _prepare_history(shell)
    shell.run("git", "--no-pager", "log", "--graph", "--all", "--format=%h %an: %s%d")
    shell.comment("Ann lets migmerge watch her clone, once.")
    shell.run("migmerge", "install", "--quiet")
    shell.comment("Then she merges Bea's branch. Git sees no conflict; migmerge sees two heads.")
    shell.run("git", "merge", "--no-edit", "feature")
    if DIVERGENT_HEADS.code in shell.output_of("migmerge", "check"):
        shell.comment("Nobody answered, or not yet. The same by hand:")
        shell.run("migmerge", "fix", "--yes")
    shell.comment("One head again, committed by itself, so the upgrade runs both sides.")
    shell.run("flask", "db", "upgrade")
    shell.run("flask", "db", "heads")
    shell.run("migmerge", "check")
    _verify(shell)
    shell.comment("Both columns are there: " + ", ".join(f"{table}.{column}" for table, column in _UPGRADED.items()))


def _prepare_history(shell: DemoShell) -> None:
    """Let Flask-Migrate write three migrations: one for both, one by Bea, one by Ann."""
    # GitPython takes 80 ms to import, which only the demo pays.
    from git import Actor, Repo

    ann, bea = Actor("Ann", "ann@example.invalid"), Actor("Bea", "bea@example.invalid")
    with Repo.init(shell.folder, initial_branch="main") as repository:
        with repository.config_writer() as settings:
            settings.set_value("user", "name", ann.name).set_value("user", "email", ann.email)

        def write(files: Mapping[str, str]) -> None:
            for name, text in files.items():
                (shell.folder / name).write_text(text, encoding="utf-8")

        def add(files: Mapping[str, str], message: str, author: Actor) -> None:
            write(files)
            shell.prepare("flask", "db", "migrate", "-m", message)
            repository.git.add(all=True)
            repository.index.commit(message, author=author, committer=author)

        write(BASE)
        shell.prepare("flask", "db", "init")
        add({}, "create users", ann)
        shell.prepare("flask", "db", "upgrade")
        repository.create_head("feature").checkout()
        add(BEA, "add orders", bea)
        repository.heads["main"].checkout()
        add(ANN, "add email", ann)


def _verify(shell: DemoShell) -> None:
    with closing(sqlite3.connect(shell.folder / "instance" / "shop.db")) as database:
        for table, column in _UPGRADED.items():
            columns = {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')}
            if column not in columns:
                raise MigmergeError(f"the upgrade did not bring {table}.{column}; please report it")
