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
