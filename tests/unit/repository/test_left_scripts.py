"""The scripts that left: the latest of each text, whatever their paths, and none lost where two keep at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migmerge.repository.left_scripts import REFERENCE, LeftScript, keep_left_scripts, left_scripts
from migmerge.repository.repository import open_repository
from tests.support.project import Project

KEEPS = """
import sys
from migmerge.repository.left_scripts import keep_left_scripts
from migmerge.repository.repository import open_repository
repository = open_repository(sys.argv[1])
blobs = sys.argv[3].split()
for number, blob in enumerate(blobs):
    keep_left_scripts(repository, {f"{sys.argv[2]}{number}.py": blob}, "c" * 40, number)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "shop")


def blob_of(project: Project, text: str) -> str:
    (project.top / "scratch").write_text(text)
    return project.git("hash-object", "-w", "scratch").strip()


def test_a_script_is_kept_once_and_outlives_gc(project: Project) -> None:
    repository, blob = open_repository(str(project.top)), blob_of(project, "x = 1")
    path = "shop 100%/versions/é x.py"
    keep_left_scripts(repository, {path: blob}, "c" * 40, 5)
    keep_left_scripts(repository, {"moved.py": blob}, "d" * 40, 6)
    project.git("gc", "--quiet", "--prune=now")
    assert left_scripts(repository) == (LeftScript(5, "c" * 40, path, blob),)
    assert project.git("cat-file", "blob", blob) == "x = 1"
    assert REFERENCE not in project.git("log", "--all", "--decorate=full")


def test_two_that_keep_at_once_lose_nothing(project: Project) -> None:
    blobs = {name: [blob_of(project, f"{name}{number}") for number in range(8)] for name in "xy"}
    command = [sys.executable, "-c", KEEPS, str(project.top)]
    running = [subprocess.Popen([*command, name, " ".join(each)]) for name, each in blobs.items()]
    assert [each.wait() for each in running] == [0, 0]
    kept = {each.blob for each in left_scripts(open_repository(str(project.top)))}
    assert kept == {*blobs["x"], *blobs["y"]}


def test_where_git_refuses_nothing_fails(project: Project) -> None:
    project.git("update-ref", "refs/migmerge/left/blocks", "HEAD")
    keep_left_scripts(open_repository(str(project.top)), {"x.py": blob_of(project, "x")}, "c" * 40, 5)
    assert left_scripts(open_repository(str(project.top))) == ()
