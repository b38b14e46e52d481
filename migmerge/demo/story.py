"""The demo, played in a throw-away repository."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import MigmergeError
from ..core.findings.registry import DIVERGENT_HEADS
from ..core.options import Options
from ..output.screen import Screen
from ..repository.hooks.command import own_script
from .application import ANN, BASE, BEA

_UPGRADED = {"user": "email", "order": "total"}
"""The column that each side's migration brings, by table: what the last upgrade must have run."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: a folder, a screen, and an environment in which neither git nor Flask sees the user's own."""

    folder: Path
    screen: Screen
    environment: Mapping[str, str]

    def tell(self, text: str) -> None:
        self.screen.say("")
        self.screen.say((f"# {text}", "info"))

    def play(self, *command: str) -> None:
        """Show a command and run it where the user sees it, and may answer it."""
        self.screen.say(("$ " + " ".join(command), "command"))
        self.screen.flush()
        together = None if sys.stderr.isatty() else subprocess.STDOUT
        if subprocess.run(command, cwd=self.folder, env=self.environment, stderr=together, check=False).returncode:
            raise MigmergeError(f"the demo stopped at: {' '.join(command)}")

    def prepare(self, *command: str) -> str:
        """Run a command behind the scenes and return what it printed."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, check=False, capture_output=True, encoding="utf-8", errors="replace"
        )
        if done.returncode:
            raise MigmergeError(f"the demo could not run {' '.join(command)}: {done.stderr.strip()[-500:]}")
        return done.stdout


def set_stage(folder: Path, options: Options) -> Stage:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "FLASK_", "PYTHONPATH"))}
    own |= {
        "PATH": os.pathsep.join([os.path.dirname(own_script()), own.get("PATH", os.defpath)]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "FLASK_APP": "app",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Stage(folder, Screen(sys.stdout, options.color), own)


def play_story(stage: Stage) -> None:
    if shutil.which("git") is None:
        raise MigmergeError("git is not installed", hint="install git 2.30 or newer")
    stage.tell("Ann and Bea work on one Flask application. Both start from the same migration.")
    _prepare_history(stage)
    stage.play("git", "--no-pager", "log", "--graph", "--all", "--format=%h %an: %s%d")
    stage.tell("Ann lets migmerge watch her clone, once.")
    stage.play("migmerge", "install", "--quiet")
    stage.tell("Then she merges Bea's branch. Git sees no conflict; migmerge sees two heads.")
    stage.play("git", "merge", "--no-edit", "feature")
    if DIVERGENT_HEADS.code in _findings(stage):
        stage.tell("Nobody answered, or not yet. The same by hand:")
        stage.play("migmerge", "fix", "--yes")
    stage.tell("One head again, committed by itself, so the upgrade runs both sides.")
    stage.play("flask", "db", "upgrade")
    stage.play("flask", "db", "heads")
    stage.play("migmerge", "check")
    _verify(stage)
    stage.tell("Both columns are there: " + ", ".join(f"{table}.{column}" for table, column in _UPGRADED.items()))


def _prepare_history(stage: Stage) -> None:
    """Let the real Flask-Migrate write three migrations: one for both, one for Bea, one for Ann."""
    # GitPython takes 80 ms to import, which only the demo pays.
    from git import Actor, Repo

    ann, bea = Actor("Ann", "ann@example.invalid"), Actor("Bea", "bea@example.invalid")
    with Repo.init(stage.folder, initial_branch="main") as repository:
        with repository.config_writer() as settings:
            settings.set_value("user", "name", ann.name).set_value("user", "email", ann.email)

        def add(files: Mapping[str, str], message: str, author: Actor) -> None:
            for name, text in files.items():
                (stage.folder / name).write_text(text, encoding="utf-8")
            stage.prepare("flask", "db", "migrate", "-m", message)
            repository.git.add(all=True)
            repository.index.commit(message, author=author, committer=author)

        (stage.folder / "app.py").write_text(BASE["app.py"], encoding="utf-8")
        for name, text in BASE.items():
            (stage.folder / name).write_text(text, encoding="utf-8")
        stage.prepare("flask", "db", "init")
        add({}, "create users", ann)
        stage.prepare("flask", "db", "upgrade")
        repository.create_head("feature").checkout()
        add(BEA, "add orders", bea)
        repository.heads["main"].checkout()
        add(ANN, "add email", ann)


def _findings(stage: Stage) -> str:
    done = subprocess.run(
        ("migmerge", "check"), cwd=stage.folder, env=stage.environment, check=False, capture_output=True, encoding="utf-8"
    )
    return done.stdout


def _verify(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.folder / "instance" / "shop.db")) as database:
        for table, column in _UPGRADED.items():
            columns = {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')}
            if column not in columns:
                raise MigmergeError(f"the upgrade did not bring {table}.{column}; please report it")
