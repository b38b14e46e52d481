"""The test that `pytest --migmerge` adds, as a project meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import Project

OWN = "def test_own():\n    pass\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def tested(diverged: Project) -> Project:
    diverged.write("test_own.py", OWN)
    diverged.write("pytest.ini", "[pytest]\n")
    return diverged


def test_a_divergence_fails(tested: Project) -> None:
    tested.git("merge", "--quiet", "--no-edit", "feature")
    done = run(tested.top, "--migmerge")
    assert done.returncode == 1
    assert "MM001 divergent-heads: 2 heads diverge after a1" in done.stdout
    assert "\n  migmerge fix\n" in done.stdout
    assert "Traceback" not in done.stdout
    assert "1 failed, 1 passed" in done.stdout


def test_a_line_passes(tested: Project) -> None:
    done = run(tested.top, "--migmerge", "-v")
    assert done.returncode == 0
    assert "::migmerge PASSED" in done.stdout
    assert "2 passed" in done.stdout


def test_it_is_there_only_where_it_is_wanted(tested: Project) -> None:
    assert "1 passed" in run(tested.top).stdout
    tested.write("pytest.ini", "[pytest]\nmigmerge = true\n")
    assert "2 passed" in run(tested.top).stdout


def test_without_migrations_it_is_skipped(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "empty")
    project.write("test_own.py", OWN)
    done = run(project.top, "--migmerge", "-rs")
    assert (done.returncode, "no migrations of Alembic in this repository" in done.stdout) == (0, True)


def test_outside_of_a_repository_it_fails(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run(tmp_path, "--migmerge")
    assert (done.returncode, "migmerge could not look: " in done.stdout) == (1, True)
