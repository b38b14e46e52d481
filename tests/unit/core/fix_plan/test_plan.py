"""What a plan is called, which files it names, and which cure is recommended."""

from __future__ import annotations

from datetime import datetime

import pytest

from migmerge.core.environment import Environment
from migmerge.core.fix_plan.plan import (
    Commit,
    CreateMergeRevision,
    Plan,
    Policy,
    Proposal,
    Refusal,
    RemoveScript,
    RewriteScript,
    RunProjectCode,
    Step,
)

CREATE = CreateMergeRevision(
    Environment("", "alembic", ("versions",)), "m", ("b", "c"), "merge", datetime(2024, 1, 2), "versions"
)
OLD_CODE, NEW_CODE = RunProjectCode("template", "script.py.mako"), RunProjectCode("hook", "alembic.ini", new=("alembic.ini",))
RENAMED = RewriteScript("versions/1_b.py", "versions/3_b.py", b"", b"")
REMOVED = RemoveScript("versions/copy.py", b"")
COMMIT = Commit("Re-parent b onto c\n\nmore")
REFUSED = Refusal("no", "migmerge check")


@pytest.mark.parametrize(
    ("steps", "moved", "title", "revisions", "paths"),
    [
        pytest.param((CREATE, COMMIT), (), "merge revision m", ("m",), ("versions/m",), id="a merge revision"),
        pytest.param(
            (RENAMED, COMMIT), ("b",), "Re-parent b onto c", ("b",), ("versions/1_b.py", "versions/3_b.py"), id="a commit"
        ),
        pytest.param((RENAMED,), ("b", "d"), "changed b, d", ("b", "d"), ("versions/1_b.py", "versions/3_b.py"), id="in place"),
        pytest.param(
            (REMOVED, RENAMED),
            (),
            "removed versions/copy.py, versions/1_b.py, versions/3_b.py",
            (),
            ("versions/copy.py", "versions/1_b.py", "versions/3_b.py"),
            id="a copy",
        ),
    ],
)
def test_a_plan_names_what_it_changes(
    steps: tuple[Step, ...], moved: tuple[str, ...], title: str, revisions: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    plan = Plan((OLD_CODE, *steps), "why", moved)
    assert (plan.title, plan.revisions, plan.paths) == (title, revisions, paths)


def test_code_that_came_with_the_merge_is_told_from_the_rest() -> None:
    plan = Plan((OLD_CODE, NEW_CODE, CREATE), "why")
    assert (plan.code, plan.new_code) == ((OLD_CODE, NEW_CODE), (NEW_CODE,))


MERGE, MOVE = Plan((CREATE,), "merge"), Plan((RENAMED,), "move")


@pytest.mark.parametrize(
    ("proposal", "configured", "recommended"),
    [
        pytest.param(Proposal(MERGE, MOVE), "ask", "merge", id="both"),
        pytest.param(Proposal(MERGE, MOVE), "merge", "merge", id="the team merges"),
        pytest.param(Proposal(MERGE, MOVE), "reparent", "reparent", id="the team re-parents"),
        pytest.param(Proposal(MERGE, REFUSED), "reparent", "merge", id="the team re-parents, and cannot"),
        pytest.param(Proposal(MERGE, MOVE, is_on_top=True), "ask", "reparent", id="as a rebase leaves it"),
        pytest.param(Proposal(MERGE, REFUSED, is_on_top=True), "ask", "merge", id="as a rebase leaves it, and refused"),
        pytest.param(Proposal(REFUSED, REFUSED, is_in_place=True), "merge", "reparent", id="what no commit holds"),
    ],
)
def test_the_recommended_cure(proposal: Proposal, configured: str, recommended: str) -> None:
    assert proposal.recommended(configured) == recommended


def test_a_commit_message_of_the_team_is_filled_in_once() -> None:
    facts = {"revision": "m", "parents": "{message}", "message": "\x1b[31m"}
    assert Policy(commit_message="{revision}: {parents} {message} {other}").message(facts) == "m: {message} \\x1b[31m {other}"
    assert Policy().message(facts) is None
