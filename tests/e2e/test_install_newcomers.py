"""What the README promises to a team that has just met migmerge: two clones, two hook managers, one head, and no conflict."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.managers import MANAGERS, lent_wheel, offline
from tests.support.project import ENV_PY, TEMPLATE, Project, needs_merge_tree, script_text
from tests.support.workflow import Job


@pytest.fixture
def hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty repository of a host, on a machine where the hook managers find what they install."""
    for name in ("pre-commit", "husky"):
        MANAGERS[name].require()
    machine = tmp_path / "machine"
    machine.mkdir()
    for name, value in offline(lent_wheel(machine), machine).items():
        monkeypatch.setenv(name, value)
    hosted = tmp_path / "shop.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", hosted], check=True)
    return hosted


def cloned(hosted: Path, name: str) -> Project:
    project = Project.empty(hosted.parent / name)
    project.user = name
    project.git("config", "user.name", name)
    project.git("config", "user.email", f"{name}@example.invalid")
    project.git("remote", "add", "origin", str(hosted))
    return project


def begin(ann: Project) -> None:
    """Start the project: migrations in Flask-Migrate's layout, and both hook managers for the team."""
    ann.write("migrations/alembic.ini", "[alembic]\n")
    ann.write("migrations/env.py", ENV_PY)
    ann.write("migrations/script.py.mako", TEMPLATE)
    ann.write("migrations/versions/a1.py", script_text("a1"))
    ann.write("package.json", '{"name": "shop"}\n')
    ann.write(".gitignore", "node_modules\n")
    ann.commit("start")
    for manager in ("pre-commit", "husky"):
        done = ann.migmerge("install", "--into", manager, "--yes")
        assert (done.returncode, done.stderr) == (0, "")
    ann.commit("migmerge for the team")
    ann.git("push", "--quiet", "--set-upstream", "origin", "main")


def pull_request(hosted: Path, branch: str, number: int) -> Job:
    """Judge a branch as the action does, in a checkout of what merging it into main gives."""
    checkout = hosted.parent / f"checkout{number}"
    ci = Project.empty(checkout)
    ci.git("remote", "add", "origin", hosted.as_uri())
    ci.git("fetch", "--quiet", "origin", "main", branch)
    ci.git("checkout", "--quiet", "--detach", "origin/main")
    ci.git("merge", "--quiet", "--no-edit", f"origin/{branch}")
    return Job(checkout, hosted.parent / f"temporary{number}").run("pull_request", base="main", inputs={"comment": "false"})


@needs_merge_tree
def test_two_clones_two_managers_one_head_and_no_conflict(hosted: Path) -> None:
    ann = cloned(hosted, "ann")
    begin(ann)
    bea = cloned(hosted, "bea")
    bea.git("fetch", "--quiet", "origin")
    bea.git("checkout", "--quiet", "main")
    MANAGERS["pre-commit"].set_up(ann)
    MANAGERS["husky"].set_up(bea)

    ann.write("migrations/versions/b1.py", script_text("b1", "a1", message="add email"))
    ann.commit("add email")
    ann.git("push", "--quiet")
    bea.git("switch", "--quiet", "--create", "orders")
    bea.write("migrations/versions/c1.py", script_text("c1", "a1", message="add orders"))
    bea.commit("add orders")
    bea.git("push", "--quiet", "--set-upstream", "origin", "orders")

    judged = pull_request(hosted, "orders", 1)
    assert (judged.status, "MM001 divergent-heads" in judged.summary) == (1, True), judged.said

    ann.git("fetch", "--quiet")
    said = ann.run_git("merge", "--no-edit", "origin/orders")
    assert (said.returncode, (said.stdout + said.stderr).count("MM001")) == (0, 1), said.stdout + said.stderr
    said = bea.run_git("pull", "--no-rebase", "--no-edit", "origin", "main")
    assert (said.returncode, (said.stdout + said.stderr).count("MM001")) == (0, 1), said.stdout + said.stderr
    merges = [project.fix().split("migrations/versions/")[1].split("\n")[0] for project in (ann, bea)]
    assert merges[0] == merges[1]

    bea.git("push", "--quiet")
    judged = pull_request(hosted, "orders", 2)
    assert judged.status == 0, judged.said
    ann.git("fetch", "--quiet")
    ann.git("merge", "--quiet", "--no-edit", "origin/orders")
    ann.git("push", "--quiet")
    bea.git("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
    for project in (ann, bea):
        done = project.migmerge("check")
        assert done.returncode == 0, done.stdout
        assert "4 revisions, 1 head" in done.stdout
        assert project.git("status", "--porcelain") == ""
