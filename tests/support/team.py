"""Two developers with clones, a linked work tree, a bare server and production, and what must always be true of them."""

from __future__ import annotations

import ast
import atexit
import io
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from tests.support.programs import run_program
from tests.support.project import TEMPLATE, Project
from tests.support.shop import creating

VERSIONS = "migrations/versions"
CHECKOUTS = {"ann": "ann", "bea": "bea", "tree": "ann", "production": "ops"}
"""The user of every checkout: `tree` is a linked work tree of ann's clone."""
ENV_PY = """from pathlib import Path
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(f"sqlite:///{Path(__file__).parents[1] / 'dev.db'}")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""
_IDENTIFIERS = re.compile(r"^(revision|down_revision) = (.*)$", re.MULTILINE)
_CREATED = re.compile(r"create_table\('(\w+)'")
_REPARENTED = re.compile(r"^(?:recommended: )?re-parenting puts (.*)", re.MULTILINE)
_MOVED = re.compile(r"(\w+) after \w+")

# Alembic runs in this process: a script that was rewritten within the same second must not be taken from the cache.
sys.dont_write_bytecode = True


class Script(NamedTuple):
    """What a script says: its parents, and the table that it creates; a merge revision creates none."""

    parents: tuple[str, ...]
    creates: str | None
    text: str


class State(NamedTuple):
    """What migmerge must not change."""

    status: str
    work: str | None
    created: frozenset[str]
    loads: bool
    lacking: frozenset[tuple[str, str, str]]


@cache
def _template() -> Path:
    """Make the server and the clones, which each run copies."""
    top = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, top, ignore_errors=True)
    ann = Project.empty(top / "ann")
    ann.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    ann.write("migrations/env.py", ENV_PY)
    ann.write("migrations/script.py.mako", TEMPLATE)
    ann.write(".gitignore", "*.db*\n__pycache__/\n")
    ann.write("work.txt", "0\n")
    ann.revision("r0", None, **creating("r0"))
    ann.git("clone", "--quiet", "--bare", "../ann", "../server.git")
    ann.git("remote", "add", "origin", "../server.git")
    ann.git("fetch", "--quiet", "origin")
    ann.git("branch", "--quiet", "--set-upstream-to=origin/main")
    for name in ("bea", "production"):
        ann.git("clone", "--quiet", "../server.git", f"../{name}")
    for name in ("ann", "bea", "production"):
        user = CHECKOUTS[name]
        Project(top / name).git("remote", "set-url", "origin", "../server.git")
        settings = {
            "user.name": user,
            "user.email": f"{user}@example.invalid",
            "push.default": "current",
            "merge.renames": "false",
        }
        for key, value in settings.items():
            Project(top / name).git("config", key, value)
        shutil.rmtree(top / name / ".git/hooks")
    return top


class Team:
    """Hold the checkouts; every action of a developer is counted by what came of it."""

    def __init__(self, top: Path) -> None:
        shutil.copytree(_template(), top, symlinks=True)
        self.checkouts = {name: Project(top / name, user) for name, user in CHECKOUTS.items()}
        self.checkouts["ann"].git("worktree", "add", "--quiet", "-b", "tree", "../tree")
        self.counts: Counter[str] = Counter()
        self.applied: set[str] = set()
        self.mailed: set[str] = set()
        self.merge_revisions: dict[str, str] = {}
        self.repaired: list[str] = []
        self.story: list[str] = []
        self._last = 0

    # What developers do

    def git(self, name: str, *arguments: str) -> bool:
        """Run a git that may fail; where it stops in the middle, its conflicts are judged and it is taken back."""
        done = self.checkouts[name].run_git(*arguments)
        self._tell(f"{name}: git {' '.join(arguments)} -> {done.returncode}")
        if done.returncode:
            self._abort(name)
        self.counts["git" if done.returncode == 0 else "git refused"] += 1
        return done.returncode == 0

    def _abort(self, name: str) -> None:
        project = self.checkouts[name]
        conflicts = project.git("diff", "--name-only", "--diff-filter=U").splitlines()
        double = [path for path in conflicts if Path(path).name.partition("_")[0] in self.merge_revisions]
        both = [path for path in double if len(project.git("ls-files", "--unmerged", "--", path).splitlines()) == 2]
        assert not both, self._said(f"two repairs conflict: {both}")
        for begun in ("merge", "rebase", "cherry-pick", "revert", "am"):
            project.run_git(begun, "--abort")
        if conflicts:
            project.git("reset", "--quiet", "--merge")

    def commit_revision(self, name: str, *, committed: bool = True) -> str:
        """Write a revision as `alembic revision` does, on the first head."""
        self._last += 1
        revision = f"r{self._last}"
        heads = self.heads(name)
        self.checkouts[name].script(revision, heads[0] if heads else None, **creating(revision))
        self._tell(f"{name}: revision {revision} on {heads}{'' if committed else ', not committed'}")
        if committed:
            self.checkouts[name].git("add", f"{VERSIONS}/{revision}.py")
            self.git(name, "commit", "--quiet", "-m", f"add {revision}", "--", f"{VERSIONS}/{revision}.py")
        return revision

    def mail(self, sender: str, receiver: str) -> None:
        """Send the last commit as a patch, which `git am` applies."""
        patch = self.checkouts[sender].git("format-patch", "-1", "--stdout", "HEAD")
        self.mailed |= set(re.findall(rf"{VERSIONS}/(r\d+)\.py", patch))
        self.checkouts[receiver].write("../patch.mbox", patch + "\n")
        self.git(receiver, "am", "--quiet", "../patch.mbox")

    def upgrade(self, name: str) -> None:
        project = self.checkouts[name]
        said = ""
        try:
            command.upgrade(Config(str(project.top / "alembic.ini"), stdout=io.StringIO()), "heads")
        except (CommandError, OperationalError, KeyError) as error:
            said = f"{type(error).__name__} {error}".splitlines()[0]
        self._tell(f"{name}: alembic upgrade heads: {said or 'done'}")
        self.counts["upgrades refused" if said else "upgrades"] += 1
        self.counts["upgrades that die of a table that is there"] += "already exists" in said
        self._note_applied()

    def deploy(self) -> None:
        """Bring production to the server's main."""
        self.git("production", "fetch", "--quiet", "--prune")
        self.git("production", "checkout", "--quiet", "--force", "--detach", "origin/main")
        self.upgrade("production")

    # What migmerge does

    def fix(self, name: str, *arguments: str) -> bool:
        """Run `migmerge fix`, where the user who knows of a mailed patch moves nothing."""
        if self.mailed & self.scripts(name).keys():
            arguments = ("--strategy", "merge")
        done = self._migmerge(name, "fix", "--yes", *arguments)
        self.repaired += [name] * done
        return done

    def vouch(self, name: str) -> bool:
        """Re-parent with `--assume-unapplied`, only where no database has run what moves and nobody else has it."""
        planned = self._run(name, "fix", "--dry-run", "--strategy", "reparent", "--assume-unapplied")
        plan = "".join(_REPARENTED.findall(planned.stdout)[:1])
        moved = set(_MOVED.findall(plan))
        moved |= {each for each in self.scripts(name) if moved & self.ancestors(self.scripts(name), each)}
        pushed = "which only you wrote" in plan
        if not moved or moved & (self.applied | self.mailed) or any(self._held_elsewhere(name, each) for each in moved):
            self.counts["not vouched"] += 1
            return False
        done = self._migmerge(name, "fix", "--yes", "--strategy", "reparent", "--assume-unapplied")
        self.repaired += [name] * done
        if done and pushed:
            self.git(name, "push", "--quiet", "--force", "origin", "HEAD")
        return done

    def undo(self, name: str) -> bool:
        return self._migmerge(name, "undo", "--yes")

    def sync(self, name: str) -> bool:
        return self._migmerge(name, "sync", "--yes")

    def _migmerge(self, name: str, verb: str, *arguments: str) -> bool:
        before, head = self.state(name), self.checkouts[name].git("rev-parse", "HEAD")
        done = self._run(name, verb, *arguments)
        self.counts[self._outcome(verb, done, moved=head != self.checkouts[name].git("rev-parse", "HEAD"))] += 1
        assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr, self._said(done.stdout + done.stderr)
        assert "Error: " not in done.stderr, self._said(done.stdout + done.stderr)
        self._note_applied()
        self._compare(name, before, self.state(name))
        return done.returncode == 0

    def _run(self, name: str, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        project = self.checkouts[name]
        done = run_program("migmerge", verb, *arguments, cwd=project.top, env=project.environment())
        self._tell(f"{name}: migmerge {verb} {' '.join(arguments)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    @staticmethod
    def _outcome(verb: str, done: subprocess.CompletedProcess[str], *, moved: bool) -> str:
        if done.returncode:
            return f"{verb} refused"
        if verb == "undo":
            return "undone" if "nothing to take back" not in done.stdout else "nothing to undo"
        if verb == "sync":
            return "synced" if "nothing to do" not in done.stdout else "nothing to sync"
        if _REPARENTED.search(done.stdout):
            return "re-parentings"
        return "repairs by a merge revision" if moved else "nothing to fix"

    # What must be true

    def _compare(self, name: str, before: State, after: State) -> None:
        """Compare a checkout before and after a migmerge."""
        assert before.status == after.status and before.work == after.work, self._said(f"changed: {before} {after}")
        assert before.created == after.created, self._said(f"lost: {before.created ^ after.created}")
        assert after.loads or not before.loads, self._said(f"{name}: Alembic does not load the scripts")
        assert after.lacking <= before.lacking, self._said(f"skipped: {after.lacking - before.lacking}")

    def check(self) -> None:
        """Judge all checkouts; developers edit no parent, so that a skipped revision was always caused by a move."""
        skipped = [each for name in self.checkouts for each in self.lacking(name)]
        assert not skipped, self._said(f"skipped: {skipped}")
        for name in self.checkouts:
            for revision, script in self.scripts(name).items():
                if script.creates is None:
                    first = self.merge_revisions.setdefault(revision, script.text)
                    assert first == script.text, self._said(f"{revision} was written in two ways")

    def state(self, name: str) -> State:
        project, work = self.checkouts[name], self.checkouts[name].top / "work.txt"
        created = frozenset(script.creates for script in self.scripts(name).values() if script.creates)
        lacking = frozenset((each, *pair) for each in self.checkouts for pair in self.lacking(each))
        return State(project.status(), work.read_text() if work.exists() else None, created, self.loads(name), lacking)

    def loads(self, name: str) -> bool:
        """Say whether Alembic loads the scripts and finds every parent."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Alembic only warns of a missing parent
                list(ScriptDirectory(str(self.checkouts[name].top / "migrations")).walk_revisions())
        except Exception:  # noqa: BLE001 (a KeyError, a CommandError, whatever a broken tree leads to)
            return False
        return True

    def lacking(self, name: str) -> set[tuple[str, str]]:
        """Return what a database records, with each ancestor whose table is not there."""
        recorded, there = self.database(name)
        scripts = self.scripts(name)
        return {
            (head, each)
            for head in recorded & scripts.keys()
            for each in self.ancestors(scripts, head)
            if each in scripts and (table := scripts[each].creates) and table not in there
        }

    @staticmethod
    def ancestors(scripts: Mapping[str, Script], revision: str) -> set[str]:
        found, todo = set[str](), [revision]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += scripts[name].parents if name in scripts else ()
        return found

    def scripts(self, name: str) -> dict[str, Script]:
        found = {}
        for path in sorted((self.checkouts[name].top / VERSIONS).glob("*.py")):
            text = path.read_text()
            values = {key: ast.literal_eval(value) for key, value in _IDENTIFIERS.findall(text)}
            parents = values["down_revision"] or ()
            created = _CREATED.search(text)
            parents = (parents,) if isinstance(parents, str) else tuple(parents)
            found[values["revision"]] = Script(parents, created[1] if created else None, text)
        return found

    def heads(self, name: str) -> list[str]:
        scripts = self.scripts(name)
        return sorted(scripts.keys() - {parent for script in scripts.values() for parent in script.parents})

    def database(self, name: str) -> tuple[set[str], set[str]]:
        """Return what a database records, and its tables."""
        path = self.checkouts[name].top / "dev.db"
        if not path.exists():
            return set(), set()
        with closing(sqlite3.connect(path)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            recorded = connection.execute("SELECT version_num FROM alembic_version") if "alembic_version" in tables else ()
            return {row[0] for row in recorded}, tables

    def phantoms(self, name: str) -> set[str]:
        return self.database(name)[0] - self.scripts(name).keys()

    def _note_applied(self) -> None:
        self.applied |= {table for name in self.checkouts for table in self.database(name)[1]}

    def _held_elsewhere(self, name: str, revision: str) -> bool:
        """Say whether another clone ever had a revision, or another branch or stash of this one has it."""
        path = f"{VERSIONS}/{revision}.py"
        for other in ("ann", "bea", "production"):
            project = self.checkouts[other]
            if CHECKOUTS[other] != CHECKOUTS[name] and project.git("log", "--all", "--reflog", "-1", "--format=%H", "--", path):
                return True
        project, branch = self.checkouts[name], self.branch(name)
        references = project.git("for-each-ref", "--format=%(refname)").splitlines()
        own = (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}", "refs/remotes/origin/HEAD")
        return any(project.run_git("cat-file", "-e", f"{each}:{path}").returncode == 0 for each in references if each not in own)

    def branch(self, name: str) -> str:
        return self.checkouts[name].run_git("symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip()

    def _tell(self, line: str) -> None:
        self.story.append(line)

    def _said(self, problem: str) -> str:
        return "\n".join([*self.story, problem])
