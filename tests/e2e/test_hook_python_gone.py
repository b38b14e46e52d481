"""The Python that the hooks name is gone: another one is found, or one line says that the hooks are dead."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.thin_environment import make_environment, run_bare

DEAD = "migmerge: the hooks are dead in this clone, for the Python that they name is gone; cure: migmerge install\n"


def dead_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return what the hook said of itself; git must have succeeded, and no shell or Python complain."""
    assert done.returncode == 0, done.stderr
    assert not any(word in done.stderr for word in ("not found", "No such file", "Traceback", "cannot"))
    return "".join(line for line in done.stderr.splitlines(keepends=True) if line.startswith("migmerge:"))


@pytest.fixture
def orphaned(diverged: Project) -> Project:
    """Return the project whose hooks were installed by an environment that was deleted since."""
    migmerge = make_environment(diverged.top.parent / "old-env")
    diverged.write(".git/info/exclude", ".venv\nvenv\nenv\n")
    subprocess.run([migmerge, "install", "--quiet"], cwd=diverged.top, check=True)
    shutil.rmtree(migmerge.parents[1])
    return diverged


def test_without_another_one_line_says_that_the_hooks_are_dead(orphaned: Project) -> None:
    assert dead_line(run_bare(orphaned, "merge", "--no-edit", "feature")) == DEAD
    assert orphaned.status() == ""


@pytest.mark.parametrize(
    "command",
    [
        ("switch", "--create", "topic"),
        ("commit", "--allow-empty", "-m", "x"),
        ("checkout", "--detach"),
        ("checkout", "HEAD~1", "app.py"),
    ],
    ids=lambda command: command[0],
)
def test_where_no_migration_changed_they_are_silent(orphaned: Project, command: tuple[str, ...]) -> None:
    assert dead_line(run_bare(orphaned, *command)) == ""


def test_the_environment_was_made_anew_without_migmerge(orphaned: Project) -> None:
    """A Python without migmerge complains; the hooks say what cures it."""
    script = make_environment(orphaned.top / ".venv")
    (pth,) = script.parents[1].glob("lib/python*/site-packages/real.pth")
    pth.unlink()
    done = run_bare(orphaned, "merge", "--no-edit", "feature")
    assert done.returncode == 0
    assert done.stderr.endswith(DEAD)


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_the_environment_at_the_top_of_the_work_tree_is_used(orphaned: Project, name: str) -> None:
    make_environment(orphaned.top / name)
    assert "MM001" in run_bare(orphaned, "merge", "--no-edit", "feature").stderr


def test_the_activated_environment_is_used(orphaned: Project) -> None:
    activated = make_environment(orphaned.top.parent / "activated it's").parents[1]
    assert "MM001" in run_bare(orphaned, "merge", "--no-edit", "feature", VIRTUAL_ENV=str(activated)).stderr


def test_a_migmerge_on_the_path_is_used(orphaned: Project) -> None:
    folder = make_environment(orphaned.top.parent / "elsewhere").parent
    done = run_bare(orphaned, "merge", "--no-edit", "feature", path=str(folder), PYTHONPATH=".")
    assert "MM001" in done.stderr


def test_what_the_hooks_name_comes_first(diverged: Project) -> None:
    diverged.migmerge("install")
    bomb = trap(diverged.top / ".venv", diverged.top.parent / "bomb")
    diverged.write(".git/info/exclude", ".venv\n")
    assert "MM001" in run_bare(diverged, "merge", "--no-edit", "feature", VIRTUAL_ENV=str(diverged.top / ".venv")).stderr
    assert not bomb.exists()


def trap(folder: Path, bomb: Path) -> Path:
    """Make an environment whose programs leave a file when they are run."""
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "migmerge"):
        (folder / "bin" / name).write_text(f"#!/bin/sh\ntouch '{bomb}'\n")
        (folder / "bin" / name).chmod(0o755)
    return bomb


def tracked_folder(project: Project, bomb: Path) -> None:
    trap(project.top / ".venv", bomb)
    project.git("add", "--force", ".venv")


def in_other_letters(project: Project, bomb: Path) -> None:
    """Where the file system does not tell letters apart, git checks .VENV out as .venv."""
    blob = project.git("hash-object", "-w", str(project.write("evil", "#!/bin/sh\n")))
    project.git("update-index", "--add", "--cacheinfo", f"100755,{blob},.VENV/bin/python")
    trap(project.top / ".venv", bomb)


def tracked_link(project: Project, bomb: Path) -> None:
    trap(project.top.parent / "outside", bomb)
    (project.top / ".venv").symlink_to("../outside")
    project.git("add", "--force", ".venv")


def link_to_tracked(project: Project, bomb: Path) -> None:
    trap(project.top / "evil", bomb)
    project.git("add", "evil")
    (project.top / ".venv").symlink_to("evil")


def a_part_is_tracked(project: Project, bomb: Path) -> None:
    """One line of a .pth file is executed by every Python of the environment."""
    make_environment(project.top / ".venv")
    (pth,) = (project.top / ".venv").glob("lib/python*/site-packages/real.pth")
    pth.with_name("a.pth").write_text(f"import os; open({str(bomb)!r}, 'w')\n")
    project.git("add", "--force", str(pth.with_name("a.pth")))


@pytest.mark.parametrize(
    "bring", [tracked_folder, in_other_letters, tracked_link, link_to_tracked, a_part_is_tracked], ids=lambda each: each.__name__
)
@pytest.mark.parametrize("by", [".venv", "VIRTUAL_ENV", "PATH"])
def test_an_environment_that_a_branch_brings_in_is_never_executed(
    orphaned: Project, bring: Callable[[Project, Path], None], by: str
) -> None:
    bomb = orphaned.top.parent / "bomb"
    bring(orphaned, bomb)
    orphaned.git("commit", "--quiet", "-m", "an environment", MIGMERGE="0")
    environment = {"VIRTUAL_ENV": str(orphaned.top / ".venv")} if by == "VIRTUAL_ENV" else {}
    path = str(orphaned.top / ".venv/bin") if by == "PATH" else ""
    bomb.unlink(missing_ok=True)
    done = run_bare(orphaned, "merge", "--no-edit", "feature", path=path, **environment)
    assert dead_line(done) == DEAD
    assert not bomb.exists()


def test_a_branch_does_not_replace_the_environment_that_the_hooks_name(diverged: Project) -> None:
    """Git overwrites what it ignores: a branch that tracks .venv puts its own programs where the hooks look."""
    diverged.write(".git/info/exclude", ".venv\n")
    subprocess.run([make_environment(diverged.top / ".venv"), "install", "--quiet"], cwd=diverged.top, check=True)
    other = diverged.clone("other", "eve")
    other.git("switch", "--quiet", "feature")
    bomb = trap(other.top / ".venv", diverged.top.parent / "bomb")
    other.git("add", "--force", ".venv")
    other.git("commit", "--quiet", "-m", "evil")
    diverged.git("fetch", "--quiet", str(other.top), "feature")
    assert "MM001" in run_bare(diverged, "merge", "--no-edit", "feature").stderr
    diverged.git("reset", "--quiet", "--hard", "HEAD~1")
    done = run_bare(diverged, "merge", "--no-edit", "FETCH_HEAD")
    assert (diverged.top / ".venv/bin/python").read_text().startswith("#!/bin/sh\ntouch")
    assert dead_line(done) == DEAD
    assert not bomb.exists()


def test_a_linked_work_tree_uses_the_environment_of_the_first_one_unless_git_tracks_it(diverged: Project) -> None:
    diverged.write(".git/info/exclude", ".venv\n")
    subprocess.run([make_environment(diverged.top / ".venv"), "install", "--quiet"], cwd=diverged.top, check=True)
    linked = Project(diverged.top.parent / "linked")
    diverged.git("worktree", "add", "--quiet", "-b", "linked", str(linked.top))
    assert "MM001" in run_bare(linked, "merge", "--no-edit", "feature").stderr
    linked.git("reset", "--quiet", "--hard", "HEAD~1")
    diverged.git("add", "--force", ".venv/bin/python")
    assert dead_line(run_bare(linked, "merge", "--no-edit", "feature")) == DEAD


def test_an_environment_beside_a_bare_repository_is_used(diverged: Project) -> None:
    folder = diverged.top.parent / "bare"
    diverged.git("clone", "--quiet", "--bare", str(diverged.top), str(folder / ".bare"))
    linked = Project(folder / "main")
    diverged.git("--git-dir", str(folder / ".bare"), "worktree", "add", "--quiet", str(linked.top), "main")
    linked.git("config", "user.name", "ann")
    linked.git("config", "user.email", "ann@example.invalid")
    subprocess.run([make_environment(folder / ".venv"), "install", "--quiet"], cwd=linked.top, check=True)
    assert "MM001" in run_bare(linked, "merge", "--no-edit", "feature").stderr


def test_a_path_that_is_not_absolute_is_not_looked_at(orphaned: Project) -> None:
    bomb = orphaned.top.parent / "bomb"
    trap(orphaned.top / "tools", bomb)
    assert dead_line(run_bare(orphaned, "merge", "--no-edit", "feature", path="tools/bin", VIRTUAL_ENV="tools")) == DEAD
    assert not bomb.exists()


@pytest.mark.parametrize("command", [("check",), ("doctor", "--no-db")], ids=" ".join)
def test_mm202_is_told_until_the_hooks_are_installed_again(orphaned: Project, command: tuple[str, ...]) -> None:
    said = orphaned.migmerge(*command).stdout
    old = orphaned.top.parent / "old-env/bin"
    assert (
        "warning MM202 hooks-broken migrations\n"
        f"  the hooks call {old}/python and {old}/migmerge, which cannot be run\n"
        "  hint: migmerge install\n"
    ) in said
    assert orphaned.migmerge("install").returncode == 0
    assert "MM202" not in orphaned.migmerge(*command).stdout


def test_mm202_is_told_although_nothing_else_changed_since_the_last_check(project: Project) -> None:
    migmerge = make_environment(project.top.parent / "env")
    subprocess.run([migmerge, "install", "--quiet"], cwd=project.top, check=True)
    assert project.migmerge("check").stdout == project.migmerge("check").stdout
    os.rename(migmerge.parents[1], project.top.parent / "moved")
    done = project.migmerge("check")
    assert ("MM202" in done.stdout, done.returncode) == (True, 0)
    assert project.codes() == ["MM202"]
    project.git("config", "migmerge.hooks", "off")
    assert project.codes() == []
