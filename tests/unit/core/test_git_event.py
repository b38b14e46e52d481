"""What a hook's call means; git's own facts are in `test_hooks_fire.py`."""

from __future__ import annotations

import pytest

from migmerge.core.git_event import HOOKS, INDEX, EventKind, GitEvent, event_of

OLD, NEW, NULL = "a" * 40, "b" * 40, "0" * 40
MERGE = GitEvent(EventKind.MERGE, "ORIG_HEAD", "HEAD")
SQUASH = GitEvent(EventKind.SQUASH, "HEAD", INDEX)
REBASE = GitEvent(EventKind.REBASE, "ORIG_HEAD", "HEAD")
COMMIT = GitEvent(EventKind.COMMIT, "HEAD^1", "HEAD")
ENDED_MERGE = GitEvent(EventKind.MERGE, "HEAD^1", "HEAD")
CHECKOUT = GitEvent(EventKind.CHECKOUT, OLD, NEW)


@pytest.mark.parametrize(
    ("hook", "arguments", "in_progress", "merge_commit", "event"),
    [
        pytest.param("post-merge", ("0",), (), False, MERGE, id="fast-forward"),
        pytest.param("post-merge", ("0",), ("merge",), True, MERGE, id="true merge, MERGE_HEAD still there"),
        pytest.param("post-merge", (), (), False, MERGE, id="merge without an argument"),
        pytest.param("post-merge", ("1",), (), False, SQUASH, id="merge --squash"),
        pytest.param("post-rewrite", ("rebase",), ("rebase",), False, REBASE, id="rebase, its folder still there"),
        pytest.param("post-rewrite", ("rebase",), (), False, REBASE, id="rebase --apply"),
        pytest.param("post-rewrite", ("amend",), (), False, None, id="commit --amend"),
        pytest.param("post-rewrite", ("amend",), ("rebase",), False, None, id="squash in the middle of rebase -i"),
        pytest.param("post-rewrite", (), (), False, None, id="rewrite without an argument"),
        pytest.param("post-commit", (), (), False, COMMIT, id="commit"),
        pytest.param("post-commit", (), (), True, ENDED_MERGE, id="commit that ends a conflicted merge"),
        pytest.param("post-commit", (), ("bisect",), False, COMMIT, id="commit while bisecting"),
        pytest.param("post-commit", (), ("rebase",), False, None, id="pick of a rebase"),
        pytest.param("post-commit", (), ("rebase",), True, None, id="merge picked by rebase --rebase-merges"),
        pytest.param("post-commit", (), ("cherry-pick",), False, None, id="cherry-pick"),
        pytest.param("post-commit", (), ("revert",), False, None, id="revert"),
        pytest.param("post-commit", (), ("sequencer",), False, None, id="one of several picks"),
        pytest.param("post-checkout", (OLD, NEW, "1"), (), False, CHECKOUT, id="switch"),
        pytest.param("post-checkout", (OLD, NEW, "1"), ("merge",), False, CHECKOUT, id="switch in a merge"),
        pytest.param("post-checkout", (OLD, OLD, "1"), (), False, None, id="switch -c"),
        pytest.param("post-checkout", (OLD, OLD, "0"), (), False, None, id="checkout -- file"),
        pytest.param("post-checkout", (OLD, NEW, "0"), (), False, None, id="checkout branch -- file"),
        pytest.param("post-checkout", (NULL, NEW, "1"), (), False, None, id="clone, worktree add"),
        pytest.param("post-checkout", ("0" * 64, NEW, "1"), (), False, None, id="clone with SHA-256"),
        pytest.param("post-checkout", (OLD, NEW, "1"), ("rebase",), False, None, id="a rebase begins"),
        pytest.param("post-checkout", (OLD, NEW, "1"), ("bisect",), False, None, id="step of a bisect"),
        pytest.param("post-checkout", (), (), False, None, id="checkout without arguments"),
        pytest.param("pre-commit", (), (), False, None, id="another hook"),
    ],
)
def test_a_hooks_call_means_an_event_or_nothing(
    hook: str, arguments: tuple[str, ...], in_progress: tuple[str, ...], merge_commit: bool, event: GitEvent | None
) -> None:
    assert event_of(hook, arguments, frozenset(in_progress), merge_commit=merge_commit) == event


def test_every_installed_hook_can_mean_something() -> None:
    arguments = {"post-merge": ("0",), "post-rewrite": ("rebase",), "post-checkout": (OLD, NEW, "1"), "post-commit": ()}
    assert [event_of(hook, arguments[hook], frozenset(), merge_commit=False) for hook in HOOKS] == [
        MERGE,
        CHECKOUT,
        COMMIT,
        REBASE,
    ]


@pytest.mark.parametrize(
    ("event", "may_commit", "brings_others_work"),
    [
        pytest.param(MERGE, True, True, id="merge"),
        pytest.param(REBASE, True, True, id="rebase"),
        pytest.param(COMMIT, True, False, id="commit"),
        pytest.param(SQUASH, False, True, id="squash"),
        pytest.param(CHECKOUT, False, True, id="checkout"),
    ],
)
def test_a_commit_is_made_only_where_git_allows_it(event: GitEvent, may_commit: bool, brings_others_work: bool) -> None:
    assert (event.may_commit, event.brings_others_work) == (may_commit, brings_others_work)
