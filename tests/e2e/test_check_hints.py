"""Whoever follows the hints, typed into a shell, ends with a clean report: no command fails, no state comes twice."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import MIGMERGE, Project, script_text

MOST_STEPS = 8


def divergence(project: Project) -> None:
    project.diverge()
    project.merged()


def uncommitted_fork(project: Project) -> None:
    project.revision("b1", "a1")
    project.script("c1", "a1")


def staged_fork(project: Project) -> None:
    uncommitted_fork(project)
    project.git("add", "--all")


def fork_beside_a_divergence(project: Project) -> None:
    divergence(project)
    project.script("w1", "c1")


def uncommitted_script(project: Project) -> None:
    project.script("b1", "a1")


def uncommitted_parent(project: Project) -> None:
    project.script("b1", "a1")
    project.script("c1", "b1")
    project.git("add", "migrations/versions/c1.py")
    project.git("commit", "--quiet", "-m", "c1 alone")


def double_merge(project: Project) -> None:
    project.diverge()
    project.merged()
    project.git("branch", "other")
    project.revision("m1", ("b1", "c1"))
    project.git("switch", "--quiet", "other")
    project.revision("m2", ("b1", "c1"))
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-edit", "other")


def scripts_that_nothing_names(project: Project) -> None:
    for name, parent in (("x1", None), ("x2", "x1")):
        project.write(f"plugin/alembic/{name}.py", script_text(name, parent))
    project.commit("a plugin")


SITUATIONS = [
    divergence, uncommitted_fork, staged_fork, fork_beside_a_divergence, uncommitted_script, uncommitted_parent, double_merge,
    scripts_that_nothing_names,
]  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_following_the_hints_ends_in_a_clean_report(project: Project, situation: Callable[[Project], None]) -> None:
    situation(project)
    seen: list[object] = []
    while findings := project.check()["findings"]:
        state = [(each["code"], each["revisions"], each["hint"]) for each in findings]
        assert state not in seen, seen
        assert len(seen) < MOST_STEPS, seen
        seen.append(state)
        follow(project, findings[0]["hint"])
    assert seen


def follow(project: Project, hint: str) -> None:
    """Type a hint, and where its command refuses the hint that it prints itself, as a person would who says yes."""
    done = typed(project, hint)
    if done.returncode:
        (better, *_) = re.findall(r"^ *hint: (.*)$", done.stdout + done.stderr, re.MULTILINE)
        again = typed(project, better)
        assert again.returncode == 0, f"{hint}: {done.stdout}{done.stderr}\n{better}: {again.stdout}{again.stderr}"


def typed(project: Project, command: str) -> subprocess.CompletedProcess[str]:
    agreed = re.sub(r"\bmigmerge fix\b(?! --yes)", "migmerge fix --yes", command)
    environment = project.environment(PATH=f"{Path(MIGMERGE).parent}:{os.environ['PATH']}", GIT_EDITOR="echo as the hint says >")
    return subprocess.run(
        agreed,
        shell=True,
        cwd=project.top,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
