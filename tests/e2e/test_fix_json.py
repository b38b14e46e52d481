"""`migmerge fix` and `undo` for a program: one document on stdout, and no question."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.support.project import Project, script_text

KINDS = {"dry_run", "findings", "plans", "refusals", "undo", "next", "notes", "version"}


@pytest.fixture
def merged(diverged: Project) -> Project:
    return diverged.merged()


def said(done: subprocess.CompletedProcess[str]) -> Any:
    document = json.loads(done.stdout)
    assert document["version"] == 1
    return document


def run(project: Project, *words: str) -> tuple[int, Any]:
    done = project.migmerge(*words, "--no-db", "--format", "json")
    assert done.stderr == ""
    return done.returncode, said(done)


def test_a_dry_run_says_what_would_be_written(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    status, document = run(merged, "fix", "--dry-run")
    (plan,) = document["plans"]
    assert (status, document.keys(), document["dry_run"], document["undo"]) == (0, KINDS, True, None)
    assert [each["code"] for each in document["findings"]] == ["MM001"]
    assert [each["kind"] for each in plan["steps"]] == ["write", "commit"]
    assert (plan["outcome"]["state"], plan["outcome"]["commit"]) == ("planned", None)
    (path,) = plan["outcome"]["paths"]
    assert (merged.git("rev-parse", "HEAD"), merged.status(), (merged.top / path).exists()) == (before, "", False)
    merged.fix("--no-db")
    assert (merged.top / path).read_text() == plan["outcome"]["text"]


def test_what_was_done_is_said_and_taken_back(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    status, document = run(merged, "fix", "--yes")
    (plan,) = document["plans"]
    outcome, (revision,) = plan["outcome"], plan["revisions"]
    assert (status, outcome["state"], document["undo"]) == (0, "applied", "migmerge undo")
    assert outcome["commit"] == merged.git("rev-parse", "HEAD") != before
    assert outcome["paths"] == merged.git("show", "--name-only", "--format=").splitlines()
    assert (merged.heads(), document["next"]) == ([revision], ["flask db upgrade"])

    status, document = run(merged, "undo", "--dry-run")
    assert (status, document["state"], document["dry_run"]) == (0, "planned", True)
    assert document["plan"] == {
        "files": [{"path": outcome["paths"][0], "verb": "remove"}],
        "databases": [],
        "commit": outcome["commit"],
        "head": before,
    }
    assert [each["commit"] for each in document["changes"]] == [outcome["commit"]]
    status, document = run(merged, "undo", "--yes")
    assert (status, document["state"], merged.git("rev-parse", "HEAD")) == (0, "undone", before)
    assert run(merged, "undo", "--yes")[1]["state"] == "nothing to undo"


def test_nothing_to_fix_is_a_document_too(project: Project) -> None:
    status, document = run(project, "fix")
    assert (status, document["plans"], document["refusals"], document["findings"]) == (0, [], [], [])


@pytest.mark.parametrize("words", [["fix"], ["undo"]])
def test_no_question_is_asked(merged: Project, words: list[str]) -> None:
    if words == ["undo"]:
        merged.fix("--no-db")
    before = merged.git("rev-parse", "HEAD")
    done = merged.migmerge(*words, "--no-db", "--format", "json")
    (command,) = words
    hint = f"migmerge {command} --yes --format json, or migmerge {command} --dry-run --format json to look first"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: --format json asks no question\nhint: {hint}\n"
    assert merged.git("rev-parse", "HEAD") == before


def test_a_refusal_says_why_and_what_leads_on(merged: Project) -> None:
    merged.write("migrations/versions/x.py", "revision = 'x'\ndown_revision = 'gone'\n")
    merged.commit("x")
    status, document = run(merged, "fix", "--yes")
    assert (status, document["plans"], document["undo"]) == (1, [], None)
    assert document["refusals"] and all(each["message"] and each["hint"] for each in document["refusals"])


def test_several_rounds_are_one_document(merged: Project) -> None:
    """The uncommitted script is re-parented after the committed heads were joined."""
    merged.write("migrations/versions/new.py", script_text("new", "a1"))
    status, document = run(merged, "fix", "--yes", "--assume-unapplied")
    assert status == 0
    kinds = [[step["kind"] for step in each["steps"]] for each in document["plans"]]
    assert kinds == [["write", "commit"], ["change"]]
    assert [each["outcome"]["state"] for each in document["plans"]] == ["applied", "applied"]
    assert document["plans"][1]["steps"][0]["uncommitted"] is True


def test_what_a_hook_of_the_project_prints_stays_out_of_the_document(merged: Project) -> None:
    hook = "[post_write_hooks]\nhooks = say\nsay.type = exec\nsay.executable = echo\nsay.options = printed by the hook\n"
    merged.write("migrations/alembic.ini", f"[alembic]\n{hook}")
    merged.commit("hook")
    git_hook = merged.top / ".git/hooks/pre-commit"
    git_hook.write_text("#!/bin/sh\necho printed by git\n")
    git_hook.chmod(0o755)
    done = merged.migmerge("fix", "--yes", "--run-new-hooks", "--no-db", "--format", "json")
    document = said(done)
    assert done.returncode == 0, done.stderr
    assert [each["kind"] for each in document["plans"][0]["steps"]] == ["write", "run", "commit"]
    assert "printed by the hook" in done.stderr
