"""Files that record the heads of a project: known by what they hold, and kept right."""

from __future__ import annotations

import pytest

from migmerge.core.fix_plan.head_file import head_file_changes, is_named_head_file, notes_on_head_files, records_heads, with_head
from migmerge.core.fix_plan.plan import RewriteScript


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"b\n", b"m\n"),
        (b"c", b"m"),
        (b"b (head)\r\n", b"m (head)\r\n"),
        (b"b (pre) (head)\nx (post) (head)\n", b"m (pre) (head)\nx (post) (head)\n"),
        (b"x (head)\nb (head)\nc (head)\n", b"x (head)\nm (head)\n"),
        (b"\n", None),
        (b"x\n", None),
        (b"the head is b\n", None),
        (b"b = 1\n", None),
        (b"<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> f\n", None),
        (b"\xff\xfe", None),
    ],
)
def test_the_old_heads_give_way_to_the_new_one(data: bytes, expected: bytes | None) -> None:
    assert with_head(data, ("b", "c"), "m") == expected


@pytest.mark.parametrize(
    ("data", "recorded"),
    [
        (b"b\n", True),
        (b"b (head)\nx (head)\n", True),
        (b"b y\n", False),
        (b"a\nb\n", False),
        (b"", False),
        (b"version b\n", False),
    ],
)
def test_a_head_file_holds_heads_alone(data: bytes, recorded: bool) -> None:
    assert records_heads(data, ("b", "c", "x")) is recorded


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("migrations/head.txt", True),
        (".current-alembic-head", True),
        ("db/ALEMBIC_HEAD", True),
        ("migrations/heads.txt", False),
        ("head.txt/readme", False),
        ("HEAD", False),
    ],
)
def test_a_head_file_has_a_usual_name(path: str, named: bool) -> None:
    assert is_named_head_file(path) is named


FILES = {
    "head.txt": b"b\n",
    "other_HEAD": b"x\n",
    "joined_HEAD": b"m\n",
    "b.py": b"b\n",
    "notes.txt": b"b is the head\n",
}


def test_every_file_that_records_an_old_head_changes_and_no_script() -> None:
    assert [*head_file_changes(FILES, ("b", "c"), "m")] == [RewriteScript("head.txt", "head.txt", b"b\n", b"m\n")]
    assert [*head_file_changes(FILES, ("b", "m"), "m")] == [RewriteScript("head.txt", "head.txt", b"b\n", b"m\n")]


def test_a_head_file_that_records_something_else_is_named() -> None:
    assert [*notes_on_head_files(FILES, ("b", "c"))] == [
        "other_HEAD may record the head, and holds something else: look at it",
        "joined_HEAD may record the head, and holds something else: look at it",
    ]
