"""The tree of a commit, read from how it differs from another one, is the one that git lists as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from migmerge.repository.git import Git
from migmerge.repository.tree import changed_tree, start_changes, start_tree, tree_of
from tests.support.project import Project


def edited(project: Project) -> None:
    (project.top / "setup.cfg").write_text("[a]\n")


def removed(project: Project) -> None:
    next((project.top / "migrations/versions").iterdir()).unlink()


def moved(project: Project) -> None:
    (project.top / "migrations").rename(project.top / "db migrations\né")


def linked(project: Project) -> None:
    os.symlink("migrations/versions", project.top / "versions")


def file_became_link(project: Project) -> None:
    script = next((project.top / "migrations/versions").iterdir())
    script.rename(project.top / "kept.py")
    os.symlink("../../kept.py", script)


def folder_became_file(project: Project) -> None:
    (project.top / "migrations").rename(project.top / "old")
    (project.top / "migrations").write_text("moved to old\n")


def executable(project: Project) -> None:
    os.chmod(next((project.top / "migrations/versions").iterdir()), 0o755)


def submodule(project: Project) -> None:
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},library")


CHANGES: tuple[Callable[[Project], None], ...] = (
    edited, removed, moved, linked, file_became_link, folder_became_file, executable, submodule
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_tree_read_from_its_changes_is_the_whole_tree(project: Project, change: Callable[[Project], None]) -> None:
    git = Git(str(project.top))
    change(project)
    project.git("add", "--all", "--", ".", ":!library")
    project.git("commit", "--quiet", "--message", change.__name__)
    for before, after in (("HEAD~1", "HEAD"), ("HEAD", "HEAD~1")):
        old = tree_of(git, start_tree(git, before))
        whole = tree_of(git, start_tree(git, after))
        found = changed_tree(git, old, after, start_changes(git, before, after))
        assert (dict(found.blobs), dict(found.links), found.paths) == (dict(whole.blobs), dict(whole.links), whole.paths)
