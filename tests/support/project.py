"""A real repository with real migration scripts, driven as a user drives it."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

MIGMERGE = str(Path(sys.executable).with_name("migmerge"))
"""The installed command, beside the Python that runs the tests."""

GIT_VERSION = tuple(
    map(int, re.findall(r"\d+", subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout)[:2])
)
needs_merge_tree = pytest.mark.skipif(GIT_VERSION < (2, 38), reason="git < 2.38 does not merge without a work tree")

ENV_PY = "raise SystemExit('env.py must not run')\n"
TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

# revision identifiers, used by Alembic.
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


def script_text(
    revision: str,
    down_revision: object = None,
    *,
    message: str | None = None,
    labels: object = None,
    depends_on: object = None,
    date: str | None = "2024-01-02 10:00:00",
    header: str = "",
    upgrade: str = "pass",
    downgrade: str = "pass",
) -> str:
    """Return a script as Alembic writes it."""
    dated = f"Create Date: {date}\n" if date else ""
    return (
        f'"""{message if message is not None else f"add {revision}"}\n\nRevision ID: {revision}\nRevises: {down_revision}\n{dated}\n"""\n'
        f"{header}from alembic import op\nimport sqlalchemy as sa\n\n# revision identifiers, used by Alembic.\n"
        f"revision = {revision!r}\ndown_revision = {down_revision!r}\nbranch_labels = {labels!r}\ndepends_on = {depends_on!r}\n\n\n"
        f"def upgrade():\n    {upgrade}\n\n\ndef downgrade():\n    {downgrade}\n"
    )


@cache
def _made_once(make: Callable[[Path], Project], *dates: str | None) -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for sample in (make(folder / "made").top / ".git/hooks").glob("*.sample"):
        sample.unlink()
    return folder / "made"


@dataclass
class Project:
    """One clone; `user` is who commits."""

    top: Path
    user: str = "ann"

    @classmethod
    def create(cls, top: Path, *, ini: str = "") -> Project:
        """Make a repository with the revisions a0 and a1 in Flask-Migrate's layout."""
        return cls.made(top, ini) if ini else cls.copied(top, cls.made)

    @classmethod
    def create_diverged(cls, top: Path) -> Project:
        """Make the repository of `create`, and let it diverge."""
        return cls.copied(top, cls.made_diverged)

    @classmethod
    def copied(cls, top: Path, make: Callable[[Path], Project]) -> Project:
        """Copy a repository that each process of the tests makes once: that takes a fourth of the time."""
        shutil.copytree(_made_once(make, *map(os.environ.get, ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"))), top, symlinks=True)
        project = cls(top)
        project.git("update-index", "-q", "--refresh")
        return project

    @classmethod
    def made_diverged(cls, top: Path) -> Project:
        project = cls.made(top)
        project.diverge()
        return project

    @classmethod
    def made(cls, top: Path, ini: str = "") -> Project:
        project = cls.empty(top)
        project.write("migrations/alembic.ini", f"[alembic]\n{ini}")
        project.write("migrations/env.py", ENV_PY)
        project.write("migrations/script.py.mako", TEMPLATE)
        project.write("app.py", "x = 1\n")
        project.revision("a0")
        project.revision("a1", "a0")
        return project

    @classmethod
    def empty(cls, top: Path) -> Project:
        """Make a repository without a commit."""
        top.mkdir(parents=True)
        project = cls(top)
        project.git("init", "--quiet", "--initial-branch=main")
        project.git("config", "user.name", "ann")
        project.git("config", "user.email", "ann@example.invalid")
        return project

    def environment(self, **more: str) -> dict[str, str]:
        """Return the sealed environment, with the user as git's author."""
        return {**os.environ, "GIT_AUTHOR_NAME": self.user, "GIT_AUTHOR_EMAIL": f"{self.user}@example.invalid", **more}

    def run_git(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Run git and return what it did, failed or not; hooks speak on stderr."""
        return subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.top,
            env=self.environment(**more),
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )

    def git(self, *arguments: str, cwd: Path | None = None, **more: str) -> str:
        """Run git, which must succeed, and return its output."""
        done = self.run_git(*arguments, cwd=cwd, **more)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def hooked(self, *arguments: str, cwd: Path | None = None, **more: str) -> str:
        """Run a git that must succeed and return what its hooks said."""
        done = self.run_git(*arguments, cwd=cwd, **more)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
        return done.stderr

    @property
    def program(self) -> str:
        return MIGMERGE

    def migmerge(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the installed command; a traceback is never an answer."""
        done = subprocess.run(
            [self.program, *arguments],
            cwd=cwd or self.top,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert "Exception ignored" not in done.stderr, done.stderr
        return done

    def fix(self, *arguments: str, **more: str) -> str:
        """Run `migmerge fix`, which must succeed."""
        done = self.migmerge("fix", "--yes", *arguments, cwd=None, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def undo(self, said: str, cwd: Path | None = None) -> str:
        """Take back what `fix` did, by the command that it printed; there is no database to ask."""
        assert [line.split("undo: ")[1] for line in said.splitlines() if "undo: " in line] == ["migmerge undo"]
        done = self.migmerge("undo", "--yes", "--no-db", cwd=cwd)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def check(self, *arguments: str) -> dict[str, Any]:
        """Return what `check --format json` answers."""
        done = self.migmerge("check", "--format", "json", *arguments)
        assert done.returncode in (0, 1), done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def heads(self) -> list[str]:
        return sorted(head["revision"] for environment in self.check()["environments"] for head in environment["heads"])

    def codes(self, *arguments: str) -> list[str]:
        return sorted({finding["code"] for finding in self.check(*arguments)["findings"]})

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file, with its folders."""
        target = self.top / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target

    def commit(self, message: str) -> str:
        """Commit everything and return the commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def script(self, revision: str, down_revision: object = None, *, folder: str = "migrations/versions", **rest: Any) -> str:
        """Write a script without committing it and return its path."""
        path = f"{folder}/{revision}.py"
        self.write(path, script_text(revision, down_revision, **rest))
        return path

    def revision(self, revision: str, down_revision: object = None, **rest: Any) -> str:
        """Write a script, commit it and return its path."""
        path = self.script(revision, down_revision, **rest)
        self.commit(f"add {revision}")
        return path

    def diverge(self, author: str = "bea") -> None:
        """Put b1 "add email" on main and c1 "add orders", by bea as a rule, on feature, both on a1; stand on main."""
        self.git("switch", "--quiet", "--create", "feature")
        self.user = author
        self.revision("c1", "a1", message="add orders")
        self.user = "ann"
        self.git("switch", "--quiet", "main")
        self.revision("b1", "a1", message="add email")

    def merged(self) -> Project:
        """Merge feature into main without hooks."""
        self.git("merge", "--quiet", "--no-edit", "feature", MIGMERGE="0")
        return self

    def clone(self, name: str, user: str) -> Project:
        """Clone beside this repository, as another developer."""
        there = Project(self.top.parent / name, user)
        self.git("clone", "--quiet", str(self.top), str(there.top))
        there.git("config", "user.name", user)
        there.git("config", "user.email", f"{user}@example.invalid")
        return there

    def status(self) -> str:
        """Return the work tree's state to the byte: what is staged, changed, untracked."""
        return self.run_git("status", "--porcelain", "--untracked-files=all").stdout

    def parents(self, revision: str = "HEAD") -> list[str]:
        return self.git("rev-list", "--parents", "-n1", revision).split()[1:]
