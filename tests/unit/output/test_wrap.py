"""Lines that are too long for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.output.wrap import StyledLine, wrapped


def texts(line: StyledLine, width: int) -> list[str]:
    return ["".join(text for text, _ in each).rstrip() for each in wrapped(line, width)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param([("one two three four", "")], ["one two", "  three", "  four"], id="between words"),
        pytest.param([("  one two three", "")], ["  one two", "    three"], id="further in than the first line"),
        pytest.param([("run ", ""), ("flask db upgrade", "command")], ["run", "  flask db upgrade"], id="a command is whole"),
        pytest.param([("see ", ""), ("a b.py", "path"), ("; then", "")], ["see a b.py;", "  then"], id="what belongs to a path"),
        pytest.param([("abcdefghijklmnop", "")], ["abcdefghijklmnop"], id="a word that is too long"),
    ],
)
def test_a_line_is_broken_between_words(line: StyledLine, expected: list[str]) -> None:
    assert texts(line, 11) == expected


@given(st.text(alphabet="ab c", max_size=60), st.integers(12, 40))
def test_no_word_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = texts([(text, "")], width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or len(line.split()) <= 1 for line in lines)
