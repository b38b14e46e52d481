"""What several entries of the journal amount to."""

from __future__ import annotations

from migmerge.core.journal import BEGUN, DONE, JournalEntry, JournalFile, files_of, last_run


def entry(number: int, run: str, *files: JournalFile, state: str = DONE, worktree: str = "/top") -> JournalEntry:
    return JournalEntry(number, run, "2024-01-02T10:00:00", worktree, "x", state, files=files)


def test_the_last_run_is_that_of_this_work_tree_that_stands() -> None:
    entries = (
        entry(1, "one"),
        entry(2, "two"),
        entry(3, "two"),
        entry(4, "three", state=BEGUN),
        entry(5, "four", worktree="/elsewhere"),
    )
    assert [each.number for each in last_run(entries, "/top")] == [2, 3]
    assert [each.number for each in last_run(entries, "/elsewhere")] == [5]
    assert last_run(entries, "/nowhere") == ()


def test_a_file_that_was_changed_twice_was_as_before_the_first_change() -> None:
    first, second = JournalFile("a.py", b"1", b"2", 0o644), JournalFile("a.py", b"2", None, 0o600, staged=True)
    made = JournalFile("b.py", None, b"3")
    assert files_of((entry(1, "one", first, made), entry(2, "one", second))) == {
        "a.py": JournalFile("a.py", b"1", None, 0o644, staged=True),
        "b.py": made,
    }
