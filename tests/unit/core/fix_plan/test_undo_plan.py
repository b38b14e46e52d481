"""What an undo takes back, what it refuses, and what it loses: the rows of a database since the change."""

from __future__ import annotations

from typing import Any

import pytest

from migmerge.core.fix_plan.plan import Refusal
from migmerge.core.fix_plan.undo_plan import DatabaseNow, RowsSince, UndoFacts, UndoPlan, plan_undo, refusal_of_damage, rows_since
from migmerge.core.journal import JournalDatabase, JournalEntry, JournalFile

Rows = tuple[tuple[str, int], ...]
MERGED = JournalFile("versions/m.py", None, b"m")
MERGE = JournalEntry(
    1, "run", "", "/app", "merge revision m", head="a" * 40, commit="c" * 40, files=(MERGED,), revisions=("m",), environment="app"
)
SHOP = JournalDatabase("shop.db", "", "backups/1 a/restore.sh", ("b",), (("users", 3),))
SYNC = JournalEntry(0, "run", "", "/app", "sync of shop.db", head="a" * 40, environment="app", databases=(SHOP,))
NOW = DatabaseNow(("b",), (("users", 5),))
AFTER = UndoFacts(
    head=MERGE.commit,
    in_progress=None,
    published=None,
    since=0,
    on_disk={MERGED.path: MERGED.after},
    edited=(),
    followers={"m": (MERGED.path,)},
    applied=frozenset({"a"}),
    now={("app", ""): NOW},
    downgrade="flask db downgrade b",
)
SYNCED = AFTER._replace(followers={})


def test_the_commit_and_the_database_of_a_command_are_taken_back_together() -> None:
    rows = {("app", ""): RowsSince((("users", 2),), 1)}
    assert plan_undo((SYNC, MERGE), AFTER) == UndoPlan((SYNC, MERGE), (MERGED,), (("app", SHOP),), MERGE.head, MERGE.commit, rows)


def test_a_database_that_was_changed_twice_is_restored_to_before_the_first_change() -> None:
    again = SHOP._replace(restore_script="backups/2/restore.sh", recorded=("c",), rows=())
    entries = (SYNC, SYNC._replace(databases=(again,)))
    found = plan_undo(entries, SYNCED._replace(now={("app", ""): DatabaseNow(("c",))}))
    assert isinstance(found, UndoPlan)
    assert found.databases == (("app", again._replace(restore_script=SHOP.restore_script)),)
    assert (found.head, found.commit, found.rows) == (None, None, {("app", ""): RowsSince()})


def test_a_change_without_a_commit_leaves_head_where_it_is() -> None:
    in_place = MERGE._replace(commit=None, files=(MERGED._replace(uncommitted=True),))
    found = plan_undo((in_place,), AFTER._replace(head=MERGE.head, edited=(MERGED.path,)))
    assert isinstance(found, UndoPlan) and (found.head, found.commit) == (None, None)


def test_what_no_database_can_be_asked_about_is_no_matter_where_nothing_was_made() -> None:
    assert isinstance(plan_undo((SYNC,), SYNCED._replace(head="d" * 40, applied=None, since=4)), UndoPlan)


REVERT = f"git revert {'c' * 40}"


@pytest.mark.parametrize(
    ("facts", "message", "hint"),
    [
        pytest.param({"in_progress": "rebase"}, "a rebase is in progress; finish it first", "git status", id="rebase"),
        pytest.param(
            {"published": "origin/main"}, "merge revision m is on origin/main: others may have it", REVERT, id="published"
        ),
        pytest.param(
            {"head": "d" * 40, "since": 1}, "1 commit was made on top of merge revision m", REVERT, id="one commit since"
        ),
        pytest.param(
            {"head": "d" * 40, "since": 2}, "2 commits were made on top of merge revision m", REVERT, id="two commits since"
        ),
        pytest.param(
            {"head": "d" * 40},
            "cccccccccc is not checked out: merge revision m was done there",
            "git reflog",
            id="another commit",
        ),
        pytest.param(
            {"on_disk": {MERGED.path: b"edited"}},
            "versions/m.py was changed since",
            "git diff HEAD -- versions/m.py",
            id="edited since",
        ),
        pytest.param(
            {"edited": ("other", MERGED.path)},
            "versions/m.py has staged changes",
            "git diff --cached -- versions/m.py",
            id="staged since",
        ),
        pytest.param(
            {"followers": {"m": (MERGED.path, "versions/n.py")}},
            "versions/n.py follows m, which would go",
            "edit the down_revision of versions/n.py",
            id="a follower",
        ),
        pytest.param(
            {"now": {}},
            "shop.db was not asked, or does not answer; its backup comes back with sh 'backups/1 a/restore.sh'",
            "migmerge doctor",
            id="a silent database",
        ),
        pytest.param(
            {"now": {("app", ""): DatabaseNow(("c", "d"))}},
            "shop.db records c and d by now; its backup comes back with sh 'backups/1 a/restore.sh'",
            "migmerge doctor",
            id="a database that went on",
        ),
        pytest.param(
            {"now": {("app", ""): DatabaseNow(())}},
            "shop.db records nothing by now; its backup comes back with sh 'backups/1 a/restore.sh'",
            "migmerge doctor",
            id="an emptied database",
        ),
        pytest.param(
            {"applied": None},
            "it is not known whether a database has run m; one that has would lose its place",
            "migmerge undo --no-db",
            id="databases that do not tell",
        ),
        pytest.param({"applied": frozenset("am")}, "a database has run m since", "flask db downgrade b", id="run since"),
    ],
)
def test_what_something_was_built_on_stays_done(facts: dict[str, Any], message: str, hint: str) -> None:
    assert plan_undo((SYNC, MERGE), AFTER._replace(**facts)) == Refusal(message, hint)


def test_a_change_in_place_was_done_on_the_commit_before() -> None:
    in_place = MERGE._replace(commit=None)
    other = AFTER._replace(head="d" * 40)
    assert plan_undo((in_place,), other) == Refusal(
        "aaaaaaaaaa is not checked out: merge revision m was done there", "git reflog"
    )
    assert plan_undo((in_place,), other._replace(since=1)) == Refusal(
        "1 commit was made on top of merge revision m", "git log --oneline"
    )
    assert plan_undo((in_place._replace(head=None),), other) == Refusal(
        "the commit before is not checked out: merge revision m was done there", "git reflog"
    )


def test_several_commits_are_reverted_newest_first() -> None:
    later = MERGE._replace(number=2, title="merge revision n", commit="e" * 40)
    assert plan_undo((MERGE, later), AFTER._replace(published="origin/main")) == Refusal(
        "merge revision n is on origin/main: others may have it", f"git revert {'e' * 40} {'c' * 40}"
    )


def test_a_change_without_a_backup_stays_done() -> None:
    entry = SYNC._replace(databases=(SHOP._replace(restore_script=""),))
    assert plan_undo((entry,), SYNCED) == Refusal("shop.db was changed without a backup", "migmerge doctor")


def test_what_migmerge_cannot_take_back_the_user_does_by_hand() -> None:
    entries = (MERGE._replace(by_hand=("flask db stamp a",)), SYNC._replace(by_hand=("flask db downgrade", "rm x")))
    hint = "flask db stamp a && flask db downgrade && rm x"
    assert plan_undo(entries, AFTER) == Refusal("sync of shop.db cannot be taken back by itself", hint)


@pytest.mark.parametrize(
    ("damaged", "message", "hint"),
    [
        pytest.param(["a b/7"], "a b/7", "mv 'a b/7' 'a b/7.damaged' && migmerge undo --dry-run", id="one"),
        pytest.param(
            ["-x", "8"], "-x (and 1 more)", "mv ./-x ./-x.damaged && mv 8 8.damaged && migmerge undo --dry-run", id="two"
        ),
    ],
)
def test_an_older_change_is_not_taken_back_before_one_that_cannot_be_read(damaged: list[str], message: str, hint: str) -> None:
    unknown = "cannot be read: what the last change of this clone was, and in which work tree, is not known; it stays done"
    assert refusal_of_damage(damaged) == Refusal(f"{message} {unknown}", hint)


@pytest.mark.parametrize(
    ("then", "now", "found"),
    [
        pytest.param((), (("a", 3),), RowsSince((), 0, ("a",)), id="not counted then"),
        pytest.param((("a", 3), ("b", 1)), (("a", 3), ("b", 1)), RowsSince((), 2), id="the same"),
        pytest.param((("a", 3), ("b", 1)), (("a", 5), ("b", 0)), RowsSince((("a", 2), ("b", -1)), 2), id="more and fewer"),
        pytest.param((("a", 3), ("b", 1)), (("a", 3), ("c", 1)), RowsSince((), 1, ("b", "c")), id="other tables"),
    ],
)
def test_rows_since_a_change(then: Rows, now: Rows, found: RowsSince) -> None:
    assert rows_since(JournalDatabase("shop.db", "", "restore.sh", ("c",), then), DatabaseNow(("c",), now)) == found
