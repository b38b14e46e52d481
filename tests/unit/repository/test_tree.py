"""The tree of a commit, read from how it differs from another one, is the one that git lists as a whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.repository.git import Git
from migmerge.repository.tree import changed_tree, each_blob, read_blobs, start_changes, start_tree, tree_of
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


@pytest.fixture
def blobs(tmp_path: Path) -> tuple[Git, dict[str, bytes]]:
    """Return a git with many small blobs, and a large one in their middle."""
    top = tmp_path / "blobs"
    top.mkdir()
    contents = [b"%d" % number for number in range(1600)]
    contents[700] = b"x" * 300_000
    for number, content in enumerate(contents):
        (top / str(number)).write_bytes(content)
    subprocess.run(["git", "init", "--quiet"], cwd=top, check=True)
    paths = "".join(f"{number}\n" for number in range(len(contents)))
    named = subprocess.run(
        ["git", "hash-object", "-w", "--stdin-paths"], cwd=top, input=paths, capture_output=True, text=True, check=True
    )
    return Git(str(top)), dict(zip(named.stdout.split(), contents, strict=True))


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000, 1001, 1499, 1600])
def test_every_blob_is_read_however_many_there_are(blobs: tuple[Git, dict[str, bytes]], count: int) -> None:
    git, contents = blobs
    wanted = [*contents][:count]
    assert [*each_blob(git, wanted)] == [(name, contents[name]) for name in wanted]


@pytest.mark.parametrize("place", [0, 499, 500, 1599])
def test_a_blob_that_a_clone_lacks_is_named(blobs: tuple[Git, dict[str, bytes]], place: int) -> None:
    git, contents = blobs
    wanted = [*contents]
    wanted[place] = "a" * 40
    with pytest.raises(MigmergeError, match="a" * 40):
        read_blobs(git, wanted)


def test_who_needs_no_more_blobs_stops_reading(blobs: tuple[Git, dict[str, bytes]]) -> None:
    git, contents = blobs
    reading = each_blob(git, contents)
    assert next(reading) == (next(iter(contents)), b"0")
    reading.close()
