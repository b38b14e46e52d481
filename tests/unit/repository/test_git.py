"""Git is run with one environment, and asked for its version once."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.repository.git import Git, GitFailed
from migmerge.repository.merge_tree import can_merge_trees
from migmerge.repository.repository import open_repository
from tests.support.project import Project

GERMAN = {"LC_ALL": "C.UTF-8", "LANGUAGE": "de"}


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        ("git version 2.38.1.windows.1", (2, 38, 1)),
        ("git version 2.55.0.rc1", (2, 55, 0)),
        ("git version 2.37", (2, 37)),
    ],
)
def test_the_version_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, version: tuple[int, ...]
) -> None:
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho >>{tmp_path}/asked\necho '{printed}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    git = Git(str(tmp_path))
    assert git.version == version
    assert can_merge_trees(git) is (version >= (2, 38))
    assert (tmp_path / "asked").read_text() == "\n"


def test_git_answers_in_english(diverged: Project, tmp_path: Path) -> None:
    if "Git-Repository" not in Project(tmp_path).run_git("rev-parse", cwd=None, **GERMAN, GIT_DIR="nowhere").stderr:
        pytest.skip("this git knows no German")
    outside = Project(tmp_path).migmerge("check", cwd=None, **GERMAN)
    assert outside.stderr == f"error: {tmp_path} is not in a git repository\nhint: git init\n"
    told = diverged.merged().migmerge("check", cwd=None, **GERMAN)
    assert told.stdout == diverged.migmerge("check").stdout
    assert diverged.migmerge("graph", cwd=None, **GERMAN).stdout == diverged.migmerge("graph").stdout


def test_a_boundary_is_what_a_shallow_clone_says(diverged: Project) -> None:
    assert open_repository(str(diverged.top)).boundary == frozenset()
    shallow = Project(diverged.top.parent / "shallow")
    diverged.git("clone", "--quiet", "--depth=1", f"file://{diverged.top}", str(shallow.top))
    assert open_repository(str(shallow.top)).boundary == {shallow.git("rev-parse", "HEAD")}


def test_a_repository_without_a_work_tree_is_refused(diverged: Project) -> None:
    bare = diverged.top.parent / "bare.git"
    diverged.git("clone", "--quiet", "--bare", str(diverged.top), str(bare))
    with pytest.raises(MigmergeError, match="this repository has no work tree"):
        open_repository(str(bare))


def test_a_git_whose_answer_nobody_wants_any_more_is_ended(project: Project) -> None:
    waiting = Git(str(project.top)).start("cat-file", "--batch")
    process = waiting.process
    assert process.poll() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del waiting
    assert process.returncode is not None


@pytest.mark.parametrize(
    ("git", "found"),
    [
        ("echo abc", "abc"),
        ("exit 0", None),
        ("exit 1", None),
        ("echo warning: slow >&2; exit 1", None),
        ("echo fatal: on fire >&2; exit 1", GitFailed),
        ("echo error: on fire >&2; exit 1", GitFailed),
        ("echo abc; exit 1", GitFailed),
        ("exit 128", GitFailed),
        ("kill -KILL $$", GitFailed),
    ],
)
def test_a_git_that_fails_is_not_one_that_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: str, found: str | type[Exception] | None
) -> None:
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{git}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    if isinstance(found, type):
        with pytest.raises(found):
            Git(str(tmp_path)).line("config", "--get", "a.b")
    else:
        assert Git(str(tmp_path)).line("config", "--get", "a.b") == found
        assert Git(str(tmp_path)).line_if_any("config", "--get", "a.b") == found
