"""What faults are injected into: a repository with work of the user's in it, and one command of migmerge or git."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tests.support.project import Project
from tests.support.shop import Shop
from tests.support.warm_python import WarmProject, warm_environment

ASSUMED = ("fix", "--yes", "--no-db", "--strategy", "reparent", "--assume-unapplied")
MERGE = ("fix", "--yes", "--no-db", "--strategy", "merge")
ROW = 7
"""The id of the row of a database that has one."""
FLASK = "flask"
"""Stands in a command for the way in through Flask."""
BACKUP = "the first backup"
"""Stands in a command for its name."""
_STOPPED = ("MERGE_HEAD", "MERGE_AUTOSTASH", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "sequencer")


class State(NamedTuple):
    """Hold what a repository is: where HEAD is, the entries of the index, the files, what git is in the middle of, and the databases."""

    head: str
    entries: frozenset[str]
    files: frozenset[tuple[str, str]]
    stopped: tuple[str, ...]
    stashes: str
    databases: tuple[str, ...]


class Scene(NamedTuple):
    """Hold how a repository is made below a folder, and what is run in it; `by_git` says that migmerge is only its hook."""

    name: str
    make: Callable[[Path], Project]
    command: tuple[str, ...]
    is_undone: bool = False
    by_git: bool = False
    is_repeatable: bool = True
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        return {"VIRTUAL_ENV": str(warm_environment()), **dict(self.variables)}


def state_of(project: Project) -> State:
    """Return the state of a repository; what is built from sources, and the locks of migmerge itself, are none of it."""
    git_dir = Path(project.git("rev-parse", "--absolute-git-dir"))
    # Not the message, which names branches and authors only where git knows them.
    head = project.git("log", "-1", "--format=%T %P") + " " + project.run_git("symbolic-ref", "--quiet", "HEAD").stdout.strip()
    files = []
    for folder, folders, names in os.walk(project.top):
        folders[:] = [each for each in folders if each not in (".git", "__pycache__")]
        paths = (Path(folder, name) for name in names if name != ".git" and not name.endswith((".db", ".db-journal")))
        files += [(str(path.relative_to(project.top)), _digest(path)) for path in paths]
    stopped = tuple(name for name in _STOPPED if (git_dir / name).exists())
    index = project.git("ls-files", "--stage").splitlines() + project.status().splitlines()
    return State(head, frozenset(index), frozenset(files), stopped, project.git("stash", "list"), _databases(project.top))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)


def _databases(top: Path) -> tuple[str, ...]:
    found = []
    for path in sorted(top.rglob("*.db")):
        with closing(sqlite3.connect(path)) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
            rows = list(connection.execute("SELECT * FROM alembic_version")) if "alembic_version" in names else []
            found.append(f"{path.name}: {rows} {names}")
    return tuple(found)


def locks_of(project: Project) -> list[str]:
    return sorted(
        str(path.relative_to(project.top)) for path in (project.top / ".git").rglob("*.lock") if "migmerge" not in path.parts
    )


# How repositories are made


def _with_work(project: Project, *, staged: bool = True) -> Project:
    """Leave work of the user's: staged, changed and untracked."""
    project.write("mine.txt", "untracked\n")
    if staged:
        project.write("staged.txt", "staged\n")
        project.git("add", "staged.txt")
        project.write("staged.txt", "staged, and changed\n")
        project.write("app.py", "x = 'changed'\n")
    return project


def _warm(project: Project) -> WarmProject:
    return WarmProject(project.top, project.user)


def merged(folder: Path) -> Project:
    project = Project.create_diverged(folder / "app").merged()
    return _with_work(_warm(project))


def merged_application(folder: Path) -> Project:
    """Heads to join beside an application that Flask finds."""
    project = merged(folder)
    project.write("app.py", "from flask import Flask\n\napp = Flask(__name__)\n")
    return project


def own_merged(folder: Path) -> Project:
    project = Project.create(folder / "app")
    project.diverge("ann")
    _pushed(project, folder)
    return _with_work(_warm(project.merged()))


def _pushed(project: Project, folder: Path) -> None:
    project.git("init", "--quiet", "--bare", str(folder / "origin.git"))
    project.git("remote", "add", "origin", "../origin.git")
    project.git("push", "--quiet", "origin", "main")


def published(folder: Path) -> Project:
    """Scripts that others have, none of which may move."""
    project = own_merged(folder)
    project.git("push", "--quiet", "origin", "main")
    return project


def numbered(folder: Path) -> Project:
    project = Project.create(folder / "app")
    project.revision("0001_a", "a1")
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("0002_c", "0001_a", date="2024-02-02 10:00:00")
    project.revision("0003_d", "0002_c", date="2024-02-02 11:00:00")
    project.git("switch", "--quiet", "main")
    project.revision("0002_b", "0001_a")
    project.merged().git("branch", "--quiet", "-D", "feature")
    return _with_work(_warm(project))


def uncommitted(folder: Path) -> Project:
    project = Project.create(folder / "app")
    project.revision("b1", "a1")
    _pushed(project, folder)
    project.script("c1", "a1")
    project.git("add", "migrations/versions/c1.py")
    return _with_work(_warm(project))


def fixed(folder: Path) -> Project:
    project = merged(folder)
    project.migmerge(*MERGE)
    return project


def reparented(folder: Path) -> Project:
    project = own_merged(folder)
    project.migmerge(*ASSUMED)
    return project


def in_worktree(folder: Path) -> Project:
    """A linked work tree of a repository."""
    main = Project.create_diverged(folder / "main").merged()
    main.git("worktree", "add", "--quiet", "-b", "topic", str(folder / "app"), MIGMERGE="0")
    return _with_work(WarmProject(folder / "app"))


def in_submodule(folder: Path) -> Project:
    """A submodule, whose git directory lies in that of another repository."""
    made = Project.create_diverged(folder / "made").merged()
    above = Project.empty(folder / "above")
    above.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(made.top), "app")
    above.commit("a submodule")
    project = WarmProject(folder / "above/app")
    project.git("config", "user.email", "ann@example.invalid")
    return _with_work(project)


def hooked(folder: Path) -> Project:
    """Hooks, and two branches, each with a script on the same parent."""
    project = _warm(Project.create_diverged(folder / "app"))
    project.migmerge("install")
    return _with_work(project, staged=False)


def hooked_on_feature(folder: Path) -> Project:
    project = hooked(folder)
    project.git("switch", "--quiet", "feature", MIGMERGE="0")
    project.write("app.py", "x = 'changed'\n")
    return project


def hooked_clone(folder: Path) -> Project:
    project = Project.create(folder / "origin")
    clone = _warm(project.clone("app", "ann"))
    project.revision("b1", "a1")
    clone.git("remote", "set-url", "origin", "../origin")
    clone.revision("c1", "a1")
    clone.migmerge("install")
    return _with_work(clone, staged=False)


def hooked_with_patch(folder: Path) -> Project:
    project = hooked(folder)
    project.write("../patch.mbox", project.git("format-patch", "-1", "--stdout", "feature") + "\n")
    return project


def shop(folder: Path) -> Project:
    """An application whose SQLite database has run a branch that is gone, and lacks what is here."""
    made = Shop.create(folder / "app", f"sqlite:///{folder}/app/test.db")
    made.project.git("switch", "--quiet", "--create", "feature")
    made.creates("c", "a")
    made.creates("d", "c")
    made.upgrade()
    made.project.git("switch", "--quiet", "main")
    made.project.git("branch", "--quiet", "-D", "feature")
    made.creates("b", "a")
    made.creates("e", "b")
    return _with_work(_warm(made.project), staged=False)


def up_to_date(folder: Path) -> Project:
    """An application whose SQLite database has run all that is here, and holds a row."""
    made = Shop.create(folder / "app", f"sqlite:///{folder}/app/test.db")
    made.creates("b", "a")
    made.upgrade()
    made.execute(f"INSERT INTO a VALUES ({ROW})")
    return _with_work(_warm(made.project), staged=False)


def synced(folder: Path) -> Project:
    project = shop(folder)
    project.migmerge("sync", "--yes", cwd=None, **database_variables(folder))
    return project


def database_variables(folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{folder}/app/test.db", "FLASK_APP": "app.py"}


def copied(template: Path, folder: Path) -> None:
    """Put the repository of a template in the place where it was made."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder, symlinks=True)


def scenes(folder: Path) -> list[Scene]:
    """Return all that faults are injected into."""
    database = tuple(database_variables(folder).items())
    return [
        Scene("fix by a merge revision", merged, MERGE, is_undone=True),
        Scene("fix by re-parenting", own_merged, ASSUMED, is_undone=True),
        Scene("fix by renumbering", numbered, (*ASSUMED, "--renumber"), is_undone=True),
        Scene("fix of what is not committed", uncommitted, ("fix", "--yes", "--no-db", "--assume-unapplied"), is_undone=True),
        Scene("fix in a linked work tree", in_worktree, MERGE, is_undone=True),
        Scene("fix in a submodule", in_submodule, MERGE, is_undone=True),
        Scene("fix by flask migmerge", merged_application, (FLASK, "migmerge", *MERGE), is_undone=True, is_repeatable=False),
        Scene("fix that is refused", published, ASSUMED),
        Scene("undo of a merge revision", fixed, ("undo", "--yes", "--no-db")),
        Scene("undo of a re-parenting", reparented, ("undo", "--yes", "--no-db")),
        Scene("install", merged, ("install",)),
        Scene("uninstall", hooked, ("uninstall",)),
        Scene("check", merged, ("check",)),
        Scene("check --against", hooked, ("check", "--against", "feature")),
        Scene("forecast", hooked, ("forecast",)),
        Scene("hook of a merge", hooked, ("git", "merge", "--quiet", "--no-edit", "feature"), by_git=True),
        Scene("hook of a rebase", hooked_on_feature, ("git", "rebase", "--quiet", "--autostash", "main"), by_git=True),
        Scene("hook of a pull", hooked_clone, ("git", "pull", "--quiet", "--no-edit", "--no-rebase"), by_git=True),
        Scene("hook of a pull --rebase", hooked_clone, ("git", "pull", "--quiet", "--rebase"), by_git=True),
        Scene("hook of a cherry-pick", hooked, ("git", "cherry-pick", "feature"), by_git=True),
        Scene("hook of a checkout", hooked, ("git", "checkout", "--quiet", "feature"), by_git=True),
        Scene("hook of am", hooked_with_patch, ("git", "am", "--quiet", "../patch.mbox"), by_git=True),
        Scene("sync", shop, ("sync", "--yes"), is_undone=True, variables=database),
        Scene("undo of a sync", synced, ("undo", "--yes"), variables=database, is_repeatable=False),
        Scene("reset of a database", up_to_date, ("reset", "database", "--database", "test.db"), variables=database),
        Scene("reset by a stamp", up_to_date, ("reset", "stamp", "--to", "a", "--database", "test.db"), variables=database),
        Scene("backups restore", synced, ("backups", "restore", BACKUP, "--yes"), variables=database, is_repeatable=False),
    ]
