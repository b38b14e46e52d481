"""A git that fails after the commit of `fix`, or in the middle of `undo`: nothing is lost, and the next run ends it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.warm_python import WarmProject

pytestmark = pytest.mark.usefixtures("strict_resources")

_SHIM = """#!/bin/sh
case "$*" in {after}) touch "{folder}/armed"; exec {git} "$@" ;; esac
case "$*" in {failing}) [ ! -e "{folder}/armed" ] || {{ echo "fatal: the disk is on fire" >&2; exit 128; }} ;; esac
exec {git} "$@"
"""


@pytest.fixture
def merged(diverged: Project) -> Project:
    """Return the merged project with work of the user's in it."""
    diverged.merged()
    diverged.write("app.py", "x = 'changed'\n")
    diverged.write("staged.py", "x = 1\n")
    diverged.git("add", "staged.py")
    diverged.write("mine.py", "x = 2\n")
    return WarmProject(diverged.top)


def failing(tmp_path: Path, *, after: str, git: str) -> str:
    """Return a PATH with a git that fails at a call like `git` once there was one like `after`, both shell patterns."""
    folder = tmp_path / "bin"
    folder.mkdir()
    shim = folder / "git"
    shim.write_text(_SHIM.format(folder=folder, after=after, failing=git, git=shutil.which("git")))
    shim.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def state(project: Project) -> tuple[str, str, str]:
    return project.git("rev-parse", "HEAD"), project.status(), project.git("diff", "HEAD")


@pytest.mark.parametrize("git", ["rev-parse*HEAD", "diff-tree*"])
def test_a_commit_of_which_git_does_not_tell_is_found_by_the_next_run(merged: Project, tmp_path: Path, git: str) -> None:
    before = state(merged)
    done = merged.migmerge(
        "fix", "--yes", "--strategy", "merge", cwd=None, PATH=failing(tmp_path, after="*commit*--only*", git=git)
    )
    assert done.returncode == 2
    assert done.stderr.endswith("the disk is on fire, so that nothing tells whether there is a commit\nhint: migmerge fix\n")
    again = merged.migmerge("fix", "--yes")
    assert (again.returncode, again.stderr) == (0, "")
    assert "note: migmerge was ended right after its commit of merge revision" in again.stdout
    assert merged.parents() == [before[0]] and merged.status() == before[1]
    assert merged.migmerge("undo", "--yes", "--no-db").returncode == 0
    assert state(merged) == before


def test_an_undo_in_which_git_fails_is_finished_by_the_next_one(merged: Project, tmp_path: Path) -> None:
    before = state(merged)
    merged.fix("--strategy", "merge")
    path = failing(tmp_path, after="update-ref*", git="reset*")
    done = merged.migmerge("undo", "--yes", "--no-db", cwd=None, PATH=path)
    assert done.returncode == 2
    assert done.stderr.endswith("error: git reset: no reason given; the undo is not finished\nhint: migmerge undo\n")
    assert merged.migmerge("undo", "--yes", "--no-db").returncode == 0
    assert state(merged) == before


@pytest.fixture
def numbered(project: Project) -> Project:
    """Return a project with running numbers, of which both branches took the same."""
    project.revision("0001_a", "a1")
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("0002_c", "0001_a", date="2024-02-02 10:00:00")
    project.git("switch", "--quiet", "main")
    project.revision("0002_b", "0001_a")
    project.merged().git("branch", "--quiet", "-D", "feature")
    return WarmProject(project.top)


def test_a_number_is_not_taken_where_git_does_not_tell_which_are_free(numbered: Project, tmp_path: Path) -> None:
    before = state(numbered)
    options = ("fix", "--yes", "--no-db", "--strategy", "reparent", "--assume-unapplied", "--renumber")
    path = failing(tmp_path, after="version", git="*log*--diff-filter=A*--reflog*")
    (tmp_path / "bin/armed").touch()
    done = numbered.migmerge(*options, cwd=None, PATH=path)
    assert (done.returncode, state(numbered)) == (2, before)
    assert done.stderr == (
        "error: git could not tell all numbers that were ever given, so that none is surely free\nhint: migmerge fix\n"
    )


@pytest.fixture
def moved(project: Project) -> Project:
    """Return a feature branch that edits a published script; another one of it moved to another folder there."""
    project.git("init", "--quiet", "--bare", "--initial-branch=main", str(project.top.parent / "origin.git"))
    project.git("remote", "add", "origin", str(project.top.parent / "origin.git"))
    project.git("push", "--quiet", "origin", "main")
    project.diverge()
    project.git("switch", "--quiet", "feature")
    project.write("migrations/versions/a1.py", (project.top / "migrations/versions/a1.py").read_text().replace("pass", "x()"))
    project.commit("edit a1")
    return WarmProject(project.top)


def test_a_check_in_which_git_fails_is_not_a_clean_one(moved: Project, tmp_path: Path) -> None:
    path = failing(tmp_path, after="version", git="*diff*--raw*--no-renames*")
    (tmp_path / "bin/armed").touch()
    assert "MM008" in moved.migmerge("check").stdout
    moved.write("mine.py", "x = 1\n")
    done = moved.migmerge("check", cwd=None, PATH=path)
    assert (done.returncode, done.stderr) == (2, "error: git diff: the disk is on fire\n")


def test_nothing_is_moved_where_git_does_not_tell_what_was_renamed(numbered: Project, tmp_path: Path) -> None:
    numbered.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"))
    numbered.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    numbered.git("push", "--quiet", "origin", "main~1:refs/heads/main")
    numbered.git("fetch", "--quiet")
    before = state(numbered)
    path = failing(tmp_path, after="version", git="*diff*--find-renames*--diff-filter=R*")
    (tmp_path / "bin/armed").touch()
    options = ("fix", "--yes", "--no-db", "--strategy", "reparent", "--assume-unapplied")
    done = numbered.migmerge(*options, cwd=None, PATH=path)
    assert (done.returncode, state(numbered)) == (1, before)
