"""What is meant by a word that is not known, and the command line put right."""

from __future__ import annotations

import pytest

from migmerge.core.suggestion import corrected, nearest


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("mian", ["main", "feature"], "main"),
        ("a1b2", ["a1b2c3d4e5f6", "b1b2c3d4e5f6"], "a1b2c3d4e5f6"),
        ("feature", ["main"], None),
        ("", ["main"], None),
        ("main", [], None),
    ],
)
def test_the_nearest_word(word: str, known: list[str], near: str | None) -> None:
    assert nearest(word, known) == near


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        (["graph", "--at", "mian"], "migmerge graph --at main"),
        (["graph", "--at=mian", "--all"], "migmerge graph --at=main --all"),
        (["check", "-C", "a b", "--at", "mian"], "migmerge check -C 'a b' --at main"),
        (["check"], None),
        (["fix", "-m", "about mian"], None),
    ],
)
def test_a_command_line_put_right(typed: list[str], right: str | None) -> None:
    assert corrected(typed, "mian", "main") == right
