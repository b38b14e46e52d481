"""What a manager's configuration calls, and what it hands over."""

from __future__ import annotations

import pytest

from migmerge.command_line import parse
from migmerge.core.hook_manager import MANAGERS, handed_over, shell_in


@pytest.mark.parametrize("name", MANAGERS)
def test_each_manager_is_a_choice(name: str) -> None:
    assert parse(["install", "--into", name]).manager == name
    assert parse(["uninstall", "--from", name]).manager == name


@pytest.mark.parametrize(
    ("hook", "given", "arguments"),
    [
        ("post-merge", {"PRE_COMMIT_IS_SQUASH_MERGE": "1"}, ("1",)),
        ("post-merge", {"PRE_COMMIT_SQUASH_MERGE": "1"}, ("1",)),
        ("post-merge", {}, ("0",)),
        (
            "post-checkout",
            {"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b", "PRE_COMMIT_CHECKOUT_TYPE": "1"},
            ("a", "b", "1"),
        ),
        ("post-checkout", {}, ("", "", "")),
        ("post-rewrite", {"PRE_COMMIT_REWRITE_COMMAND": "rebase"}, ("rebase",)),
        ("post-commit", {}, ()),
    ],
)
def test_what_pre_commit_and_prek_hand_over(hook: str, given: dict[str, str], arguments: tuple[str, ...]) -> None:
    assert handed_over(hook, {"PRE_COMMIT": "1", "HOME": "/", **given}) == arguments


def test_a_frozen_configuration_runs_nothing_of_the_work_tree() -> None:
    assert ".venv" in shell_in("post-merge", MANAGERS["husky"])
    assert ".venv" not in shell_in("post-merge", MANAGERS["simple-git-hooks"])
