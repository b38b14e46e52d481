"""What a hook's call means; git's own facts are in `test_hooks_fire.py`."""

from __future__ import annotations

import pytest

from migmerge.core.git_event import HOOKS, INDEX, EventKind, GitEvent, HeadCommit, event_of, head_commit

PLAIN, MERGED = HeadCommit.PLAIN, HeadCommit.MERGE
OLD, NEW, NULL = "a" * 40, "b" * 40, "0" * 40
MERGE = GitEvent(EventKind.MERGE, "ORIG_HEAD", "HEAD")
SQUASH = GitEvent(EventKind.SQUASH, "HEAD", INDEX)
REBASE = GitEvent(EventKind.REBASE, "ORIG_HEAD", "HEAD")
COMMIT = GitEvent(EventKind.COMMIT, "HEAD^1", "HEAD")
PICK = GitEvent(EventKind.PICK, "HEAD^1", "HEAD")
AMENDED = GitEvent(EventKind.COMMIT, "HEAD@{1}", "HEAD")
ENDED_MERGE = GitEvent(EventKind.MERGE, "HEAD^1", "HEAD")
CHECKOUT = GitEvent(EventKind.CHECKOUT, OLD, NEW)


@pytest.mark.parametrize(
    ("hook", "arguments", "in_progress", "head", "event"),
    [
        pytest.param("post-merge", ("0",), (), PLAIN, MERGE, id="fast-forward"),
        pytest.param("post-merge", ("0",), ("merge",), MERGED, MERGE, id="true merge, MERGE_HEAD still there"),
        pytest.param("post-merge", (), (), PLAIN, MERGE, id="merge without an argument"),
        pytest.param("post-merge", ("1",), (), PLAIN, SQUASH, id="merge --squash"),
        pytest.param("post-rewrite", ("rebase",), ("rebase",), PLAIN, REBASE, id="rebase, its folder still there"),
        pytest.param("post-rewrite", ("rebase",), (), PLAIN, REBASE, id="rebase --apply"),
        pytest.param("post-rewrite", ("amend",), (), PLAIN, None, id="commit --amend"),
        pytest.param("post-rewrite", ("amend",), ("rebase",), PLAIN, None, id="squash in the middle of rebase -i"),
        pytest.param("post-rewrite", (), (), PLAIN, None, id="rewrite without an argument"),
        pytest.param("post-commit", (), (), PLAIN, COMMIT, id="commit"),
        pytest.param("post-commit", (), (), MERGED, ENDED_MERGE, id="commit that ends a conflicted merge"),
        pytest.param("post-commit", (), ("bisect",), PLAIN, COMMIT, id="commit while bisecting"),
        pytest.param("post-commit", (), ("rebase",), PLAIN, None, id="pick of a rebase"),
        pytest.param("post-commit", (), ("rebase",), MERGED, None, id="merge picked by rebase --rebase-merges"),
        pytest.param("post-commit", (), ("cherry-pick",), PLAIN, PICK, id="cherry-pick"),
        pytest.param("post-commit", (), ("revert",), PLAIN, PICK, id="revert"),
        pytest.param("post-commit", (), ("sequencer",), PLAIN, PICK, id="one of several picks"),
        pytest.param("post-commit", (), ("am",), PLAIN, PICK, id="commit by hand in the middle of am"),
        pytest.param("post-commit", (), ("rebase", "cherry-pick"), PLAIN, None, id="cherry-pick in the middle of rebase -i"),
        pytest.param("post-commit", (), (), HeadCommit.AMENDED, AMENDED, id="commit --amend, against what it replaces"),
        pytest.param("post-commit", (), (), HeadCommit.PICKED, PICK, id="last of several picks, that had a conflict"),
        pytest.param("post-applypatch", (), ("am",), PLAIN, PICK, id="am"),
        pytest.param("post-applypatch", (), ("rebase",), PLAIN, None, id="pick of rebase --apply"),
        pytest.param("post-checkout", (OLD, NEW, "1"), (), PLAIN, CHECKOUT, id="switch"),
        pytest.param("post-checkout", (OLD, NEW, "1"), ("merge",), PLAIN, CHECKOUT, id="switch in a merge"),
        pytest.param("post-checkout", (OLD, OLD, "1"), (), PLAIN, None, id="switch -c"),
        pytest.param("post-checkout", (OLD, OLD, "0"), (), PLAIN, None, id="checkout -- file"),
        pytest.param("post-checkout", (OLD, NEW, "0"), (), PLAIN, None, id="checkout branch -- file"),
        pytest.param("post-checkout", (NULL, NEW, "1"), (), PLAIN, None, id="clone, worktree add"),
        pytest.param("post-checkout", ("0" * 64, NEW, "1"), (), PLAIN, None, id="clone with SHA-256"),
        pytest.param("post-checkout", (OLD, NEW, "1"), ("rebase",), PLAIN, None, id="a rebase begins"),
        pytest.param("post-checkout", (OLD, NEW, "1"), ("bisect",), PLAIN, None, id="step of a bisect"),
        pytest.param("post-checkout", (), (), PLAIN, None, id="checkout without arguments"),
        pytest.param("pre-commit", (), (), PLAIN, None, id="another hook"),
    ],
)
def test_a_hooks_call_means_an_event_or_nothing(
    hook: str, arguments: tuple[str, ...], in_progress: tuple[str, ...], head: HeadCommit, event: GitEvent | None
) -> None:
    assert event_of(hook, arguments, frozenset(in_progress), head) == event


def test_every_installed_hook_can_mean_something() -> None:
    arguments = {"post-merge": ("0",), "post-rewrite": ("rebase",), "post-checkout": (OLD, NEW, "1")}
    during = {"post-applypatch": frozenset({"am"})}
    events = [event_of(hook, arguments.get(hook, ()), during.get(hook, frozenset()), PLAIN) for hook in HOOKS]
    assert events == [MERGE, CHECKOUT, COMMIT, REBASE, PICK]


@pytest.mark.parametrize(
    ("event", "may_commit", "brings_others_work"),
    [
        pytest.param(MERGE, True, True, id="merge"),
        pytest.param(REBASE, True, True, id="rebase"),
        pytest.param(COMMIT, True, False, id="commit"),
        pytest.param(SQUASH, False, True, id="squash"),
        pytest.param(PICK, False, False, id="pick"),
        pytest.param(CHECKOUT, False, True, id="checkout"),
    ],
)
def test_a_commit_is_made_only_where_git_allows_it(event: GitEvent, may_commit: bool, brings_others_work: bool) -> None:
    assert (event.may_commit, event.brings_others_work) == (may_commit, brings_others_work)


@pytest.mark.parametrize(
    ("reflog", "parents", "head"),
    [
        ("commit: add orders", 1, PLAIN),
        ("commit (merge): Merge branch 'feature'", 2, MERGED),
        ("commit (amend): Merge branch 'feature'", 2, HeadCommit.AMENDED),
        ("commit (cherry-pick): add orders", 1, HeadCommit.PICKED),
        ('commit: Revert "add orders"', 1, HeadCommit.PICKED),
        ('revert: Revert "add orders"', 1, PLAIN),
        ("", 1, PLAIN),
        ("", 2, MERGED),
    ],
)
def test_the_reflog_says_how_head_came_about(reflog: str, parents: int, head: HeadCommit) -> None:
    assert head_commit(reflog, parents=parents) is head
