"""What others do with the same scripts: the programs from PyPI, in a virtual environment of their own that is thrown away."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.histories import History, scripts_of
from benchmarks.measuring import Bench, Command, Unmeasured
from benchmarks.table import Row

PINNED = (
    "alembic-linear-migrations==2026.7.0",
    "alembic-git-revisions==13",
    "alembic-converger==0.1.4",
    "pytest-alembic==0.13.1",
    "flask-migrate",
    "flask-sqlalchemy",
)
_SERVED = """from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
Migrate(app, SQLAlchemy(app))
"""
_TEST = "def test_nothing(alembic_config: object) -> None: ...\n"


def peer_rows(bench: Bench, folder: Path, history: History, migmerge: str) -> Iterator[Row]:
    """Install the peers, and compare `check` of scripts that nobody has read yet to what each of them does with the scripts.

    Raises:
        Unmeasured: where they cannot be installed.
    """
    programs = _installed(folder)
    (history.top / "served.py").write_text(_SERVED, encoding="utf-8")
    (history.top / "test_nothing.py").write_text(_TEST, encoding="utf-8")
    (history.top / "migrations/alembic.ini").write_text("[alembic]\n", encoding="utf-8")
    bench.output(str(programs / "alembic-linear"), "update", folder=history.top)
    check = Command((migmerge, "check"), history.top, partial(history.remember, {}), accepted=(0, 1))
    named = _commands(history)
    commands = [Command((str(programs / given[0]), *given[1:]), history.top) for given in named.values()]
    cold = Command((str(programs / "alembic"), "heads"), history.top, partial(_without_bytecode, history))
    ours, first, *theirs = bench.compare(check, cold, *commands)
    what = f"check, {history.scripts} scripts, cache cold"
    yield Row(what, "alembic heads, no bytecode", ours, first)
    yield from (Row(what, name, ours, each) for name, each in zip(named, theirs, strict=True))


def _installed(folder: Path) -> Path:
    """Return the folder of the peers' programs, in an environment made for this run."""
    made = folder / "peers"
    install = (str(made / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINNED)
    for command in ((sys.executable, "-m", "venv", str(made)), install):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unmeasured(f"the peers cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return made / "bin"


def _commands(history: History) -> Mapping[str, tuple[str, ...]]:
    first = next(scripts_of(history.scripts)).revision
    return {
        "flask db heads": ("flask", "--app", "served", "db", "heads"),
        "alembic-linear check": ("alembic-linear", "check"),
        "alembic-git-revisions": ("alembic-git-revisions", "migrations/versions"),
        "alembic-converger converge --dry-run": ("alembic-converger", "converge", "--dry-run", "--from-revision", first),
        "pytest with pytest-alembic, one empty test": ("pytest", "-q", "test_nothing.py"),
    }


def _without_bytecode(history: History) -> None:
    shutil.rmtree(history.top / "migrations/versions/__pycache__", ignore_errors=True)
