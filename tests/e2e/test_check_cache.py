"""A healthy repository is answered from memory, and only as long as nothing has changed that the answer depends on."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project, script_text

HEALTHY = "migrations  2 revisions, 1 head\n  a1  add a1  migrations/versions/a1.py\nno findings\n"


def memory(project: Project) -> Path:
    return project.top / ".git/migmerge/unchanged.json"


def said(project: Project, *arguments: str) -> str:
    return project.migmerge("check", *arguments).stdout


def mark(project: Project) -> None:
    """Change what is remembered, so that an answer from memory shows."""
    stored = json.loads(memory(project).read_bytes().partition(b"\n")[2])
    stored["lines"] = [["from memory"]]
    data = json.dumps(stored).encode()
    memory(project).write_bytes(b"%08x\n" % zlib.crc32(data) + data)


def test_the_second_answer_is_the_first(project: Project) -> None:
    assert [said(project), said(project), said(project)] == [HEALTHY] * 3


def test_the_second_answer_comes_from_memory_also_after_an_empty_commit(project: Project) -> None:
    said(project)
    mark(project)
    project.git("commit", "--quiet", "--allow-empty", "-m", "empty")
    assert said(project) == "from memory\n"
    assert project.migmerge("check", cwd=project.top / "migrations").stdout == "from memory\n"


def new_script(project: Project) -> None:
    project.script("b1", "a1")


def new_commit(project: Project) -> None:
    project.revision("b1", "a1")


def ignored_script(project: Project) -> None:
    (project.top / ".git/info/exclude").write_text("*.py\n")
    project.script("b1", "a1")


def configuration(project: Project) -> None:
    project.git("config", "migmerge.environments", "nowhere")


def team_configuration(project: Project) -> None:
    project.write("pyproject.toml", '[tool.migmerge]\nenvironments = ["nowhere"]\n')


def damage(project: Project) -> None:
    memory(project).write_bytes(b"00000000\n{}")


@pytest.mark.parametrize(
    "change",
    [new_script, new_commit, ignored_script, configuration, team_configuration, damage],
    ids=lambda change: change.__name__,
)
def test_a_change_is_looked_at(project: Project, change: Callable[[Project], None]) -> None:
    said(project)
    mark(project)
    change(project)
    assert "from memory" not in said(project)


@pytest.mark.parametrize(
    "arguments", [("--format", "json"), ("--at", "HEAD"), ("--quiet",), ("--environment", "migrations")], ids=str
)
def test_another_question_is_looked_at(project: Project, arguments: tuple[str, ...]) -> None:
    said(project)
    mark(project)
    assert "from memory" not in said(project, *arguments)


def test_what_is_wrong_is_never_remembered(diverged: Project) -> None:
    diverged.merged()
    said(diverged)
    assert not memory(diverged).exists()
    diverged.fix()
    assert "no findings" in said(diverged)
    assert memory(diverged).exists()


def test_colour_is_decided_anew(project: Project) -> None:
    assert "\x1b[" in said(project, "--color", "always")
    assert said(project) == HEALTHY
    assert "\x1b[" in said(project, "--color", "always")


@pytest.mark.parametrize("change", ["gone", "edited", "new", "staged", "ignored", "configured"])
def test_what_is_not_committed_is_looked_at(project: Project, change: str) -> None:
    project.write(".gitignore", "ignored.py\n")
    project.commit("ignore")
    said(project)
    mark(project)
    if change == "gone":
        (project.top / "migrations/versions/a1.py").unlink()
    elif change == "edited":
        project.write("migrations/versions/a1.py", script_text("a1", "a0") + "x\n")
    elif change == "configured":
        project.write("migrations/alembic.ini", "[alembic]\nrecursive_version_locations = true\n")
    else:
        project.write(f"migrations/versions/{change}.py", script_text("b1", "a1"))
    if change == "staged":
        project.git("add", "--all")
    assert said(project) != "from memory\n"


def test_a_linked_worktree_has_its_own_answer(project: Project) -> None:
    said(project)
    linked = Project(project.top.parent / "linked")
    project.git("worktree", "add", "--quiet", "-b", "linked", str(linked.top))
    linked.write("migrations/versions/b1.py", script_text("b1", "a1"))
    assert "MM009" in said(linked)
    assert said(project) == HEALTHY


def test_another_file_in_a_folder_does_not_spoil_the_answer(project: Project) -> None:
    said(project)
    mark(project)
    project.write("notes.txt", "")
    assert said(project) == "from memory\n"


def test_an_environment_that_begins_is_looked_at(project: Project) -> None:
    said(project)
    mark(project)
    project.write("admin/migrations/env.py", "")
    assert said(project) != "from memory\n"
