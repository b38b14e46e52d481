"""Files that record the heads of a project: known by what they hold, and kept right."""

from __future__ import annotations

import pytest

from migmerge.core.fix_plan.head_file import records_heads, with_head


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
