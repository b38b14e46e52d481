"""Hints: commands that run in their order, and whether they leave anything to commit."""

from __future__ import annotations

import pytest

from migmerge.core.finding import COMMIT, FIX, Hint, Severity, edit
from tests.support.findings import a_finding

EDIT = edit("it's.py", 3, "correct it")


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (Hint("git rm x").committed(), "git rm x && git commit"),
        (FIX.committed(), "migmerge fix"),
        (Hint("git rm x").after("git fetch").after("git status"), "git status && git fetch && git rm x"),
        (EDIT, """edit 'it'"'"'s.py':3: correct it"""),
        (EDIT.committed(), """edit 'it'"'"'s.py':3: correct it, then git commit 'it'"'"'s.py'"""),
        (EDIT.after("git fetch"), """git fetch, then edit 'it'"'"'s.py':3: correct it"""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hint_is_its_commands_in_their_order(hint: Hint, text: str) -> None:
    assert str(hint) == text


def test_a_hint_may_do_nothing_but_commit() -> None:
    assert (Hint(COMMIT).only_commits, Hint("git rm x").committed().only_commits) == (True, False)


def test_a_finding_is_cured_after_other_commands_and_committed() -> None:
    found = a_finding("MM009", Severity.WARNING, "db", "x", "git add x").after("git fetch")
    assert str(found.hint) == "git fetch && git add x && git commit"
