"""Reflogs: read from their files, and told by git where it keeps them in tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmerge.repository.reflogs import HEADS, REMOTES, ReflogEntry, reflog_entries
from migmerge.repository.repository import open_repository
from tests.support.project import Project


def entries(project: Project, namespace: str) -> set[ReflogEntry]:
    return set(reflog_entries(open_repository(str(project.top)), namespace))


@pytest.fixture
def busy(project: Project) -> Project:
    """Return a project with branches, another work tree and a remote whose branch was forced."""
    project.git("switch", "--quiet", "--create", "feature/one")
    project.revision("b1", "a1")
    project.git("commit", "--quiet", "--amend", "-m", "better")
    project.git("worktree", "add", "--quiet", "--detach", str(project.top.parent / "other"), "main")
    project.git("update-ref", "--create-reflog", "-m", "fetch", "refs/remotes/origin/topic", "main")
    project.git("update-ref", "-m", "fetch: forced-update", "refs/remotes/origin/topic", "HEAD")
    return project


def told_by_git(project: Project, *references: str) -> set[tuple[str, str]]:
    lines = project.git("log", "--walk-reflogs", "--format=%H %gs", *references).splitlines()
    return {(commit, message) for commit, _, message in (line.partition(" ") for line in lines)}


def test_branches_and_the_heads_of_all_work_trees(busy: Project) -> None:
    found = {(each.commit, each.message) for each in entries(busy, HEADS)}
    other = Project(busy.top.parent / "other")
    assert found == told_by_git(busy, "HEAD", "main", "feature/one") | told_by_git(other, "HEAD")


def test_remote_branches_with_what_was_there_before(busy: Project) -> None:
    main, forced = busy.git("rev-parse", "main", "HEAD").split()
    assert entries(busy, REMOTES) == {ReflogEntry(main, "", "fetch"), ReflogEntry(forced, main, "fetch: forced-update")}


def test_git_is_asked_where_it_keeps_tables(busy: Project) -> None:
    read = {(each.commit, each.message) for each in entries(busy, REMOTES)}
    Path(busy.top, ".git/reftable").mkdir()
    assert {(each.commit, each.message) for each in entries(busy, REMOTES)} == read


def test_a_clone_without_reflogs(project: Project) -> None:
    assert entries(project, REMOTES) == set()
