"""What is not committed here and yet not the user's alone, and commits that lean on what is not committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.usefixtures("strict_resources")


@pytest.fixture
def ann(project: Project, tmp_path: Path) -> Project:
    """Return ann's clone with her c1 on a1, after bea pushed b1 on a1 to the server that both use."""
    project.git("clone", "--quiet", "--bare", str(project.top), str(tmp_path / "server.git"))
    project.git("remote", "add", "origin", str(tmp_path / "server.git"))
    bea = project.clone("bea", "bea")
    bea.git("remote", "set-url", "origin", str(tmp_path / "server.git"))
    bea.write("notes.txt", "bea\n")
    bea.revision("b1", "a1")
    bea.git("push", "--quiet", "origin", "main")
    project.git("fetch", "--quiet")
    project.write("notes.txt", "ann\n")
    project.revision("c1", "a1")
    return project


def parents(project: Project) -> set[str]:
    folder = project.top / "migrations/versions"
    lines = (line for path in folder.glob("*.py") for line in path.read_text().splitlines())
    return {line for line in lines if line.startswith("down_revision")}


@pytest.mark.parametrize(
    "bring",
    [
        ("merge", "--no-commit", "origin/main"),
        ("merge", "--squash", "origin/main"),
        ("checkout", "origin/main", "--", "migrations/versions/b1.py"),
        ("cherry-pick", "--no-commit", "origin/main"),
    ],
    ids=lambda bring: " ".join(bring[:2]),
)
def test_what_another_branch_has_is_not_moved_although_it_is_not_committed_here(ann: Project, bring: tuple[str, ...]) -> None:
    ann.run_git(*bring)
    before, status = parents(ann), ann.status()
    done = ann.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 1
    assert (parents(ann), ann.status()) == (before, status)


def test_an_untracked_copy_of_what_another_branch_has_is_committed_first(ann: Project) -> None:
    ann.write("migrations/versions/b1.py", ann.git("show", "origin/main:migrations/versions/b1.py") + "\n")
    done = ann.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 1
    assert "migrations/versions/b1.py is not committed here, and another branch has it: commit it first" in done.stdout


def test_a_script_that_was_only_renamed_is_not_new(ann: Project) -> None:
    ann.git("mv", "migrations/versions/a1.py", "migrations/versions/renamed.py")
    assert ann.codes() == []
    assert ann.heads() == ["c1"]


def test_a_parent_that_is_only_deleted_here_is_brought_back(ann: Project) -> None:
    (ann.top / "migrations/versions/a1.py").unlink()
    done = ann.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 1
    assert done.stdout.endswith("hint: git checkout HEAD -- migrations/versions/a1.py\n")


def test_what_a_commit_leans_on_is_committed_first(ann: Project) -> None:
    ann.script("d1", "c1")
    ann.script("e1", "d1")
    ann.git("add", "migrations/versions/e1.py")
    ann.git("commit", "--quiet", "-m", "e1 alone")
    ann.script("f1", "c1")
    done = ann.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 1
    assert "hint: git add migrations/versions/d1.py && git commit" in done.stdout


def test_a_held_index_is_told_once_and_the_hint_leads_on(project: Project) -> None:
    project.revision("b1", "a1")
    project.script("c1", "a1")
    project.git("add", "--all")
    project.write(".git/index.lock", "")
    before = parents(project)
    done = project.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("index.lock") == 2  # in the message and in the hint
    assert parents(project) == before
    (hint,) = (line.split("hint: ")[1] for line in done.stdout.splitlines() if "hint: " in line)
    assert hint == "pgrep -lx git || rm .git/index.lock"
    (project.top / ".git/index.lock").unlink()
    project.fix("--assume-unapplied")
    assert "down_revision = 'b1'" in parents(project)
