"""The examples of the finding codes, made with git, Alembic and SQLite as they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from migmerge.core.findings.examples import FIRST, Example, ExampleScript
from tests.support.project import TEMPLATE, script_text
from tests.support.thin_environment import make_environment
from tests.support.warm_python import WarmProject, warm_environment

SHOWN_TOP = "/home/ann/shop"
"""Where the examples say that the repository is."""

_FILES = {
    "alembic.ini": "[alembic]\nscript_location = migrations\nprepend_sys_path = .\nsqlalchemy.url = sqlite:///shop.db\n",
    "migrations/env.py": """from alembic import context
from models import metadata
from sqlalchemy import engine_from_config


def in_models(item, name, kind, reflected, other):
    return other is not None or not reflected


engine = engine_from_config(context.config.get_section("alembic"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, include_object=in_models)
    with context.begin_transaction():
        context.run_migrations()
""",
    "migrations/script.py.mako": TEMPLATE,
    "models.py": """import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer))
""",
    ".gitignore": "shop.db\n__pycache__/\n.venv\n",
}
_SQLITE = """#!{python}
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
with connection:
    connection.execute(sys.argv[2])
connection.close()
"""
"""What stands for SQLite's own program, which not every machine has."""


class ExampleWorld:
    """The repository of an example, with what happened in it; on the branch orders everything is bea's."""

    def __init__(self, folder: Path, example: Example) -> None:
        self._programs = folder / "programs"
        self._programs.mkdir()
        sqlite = self._programs / "sqlite3"
        sqlite.write_text(_SQLITE.format(python=sys.executable))
        sqlite.chmod(0o755)
        self.project = WarmProject.empty(folder / "shop")
        self._begin(folder / "origin")
        if any(".venv/" in each for each in example.before if isinstance(each, str)):
            make_environment(self.project.top / ".venv")
        for each in example.before:
            if isinstance(each, ExampleScript):
                self._add(each)
            else:
                self._must(each)

    def run(self, command: str) -> str:
        """Run a command and return what it prints, both streams as on a terminal, with the folder that the examples name."""
        return self._shell(command).stdout.replace(str(self.project.top), SHOWN_TOP)

    def _begin(self, origin: Path) -> None:
        for path, text in _FILES.items():
            self.project.write(path, text)
        self.project.git("add", ".")
        self._add(FIRST)
        self._must(f"git init --quiet --bare --initial-branch=main {origin} && git remote add origin {origin}")
        self._must("git push -q -u origin main && git remote set-head origin main")
        self._must("alembic upgrade head && migmerge install --quiet")

    def _add(self, script: ExampleScript) -> None:
        """Write a script, and commit it on its branch, which begins at main."""
        project = self.project
        if script.branch:
            project.user = "bea" if script.branch == "orders" else "ann"
            self._switch(script.branch)
        name = "_".join([script.revision, *script.message.split()])
        parents = script.parents if len(script.parents) > 1 else "".join(script.parents) or None
        text = script_text(script.revision, parents, message=script.message, upgrade=script.upgrade or "pass")
        path = f"migrations/versions/{name}.py"
        project.write(path, text)
        if script.branch:
            project.git("add", path)
            project.git("commit", "--quiet", "--message", script.message or "no message", MIGMERGE="0")

    def _switch(self, branch: str) -> None:
        if self.project.run_git("rev-parse", "--verify", "--quiet", "HEAD").returncode == 0:
            known = self.project.run_git("rev-parse", "--verify", "--quiet", branch).returncode == 0
            self.project.git("switch", "--quiet", *([branch] if known else ["--create", branch, "main"]), MIGMERGE="0")

    def _must(self, command: str) -> None:
        done = self._shell(command)
        assert done.returncode == 0, f"{command}: {done.stdout}"

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        warm = warm_environment()
        folders = [self._programs, warm / "bin", Path(sys.executable).parent, os.environ["PATH"]]
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.project.top,
            env=self.project.environment(PATH=os.pathsep.join(map(str, folders)), VIRTUAL_ENV=str(warm), MIGMERGE="print"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
