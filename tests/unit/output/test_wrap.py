"""Lines that are too long for a terminal."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.output.wrap import StyledLine, folded, wrapped


def texts(line: StyledLine, width: int) -> list[str]:
    return ["".join(text for text, _ in each).rstrip() for each in wrapped(line, width)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param([("one two three four", "")], ["one two", "  three", "  four"], id="between words"),
        pytest.param([("  one two three", "")], ["  one two", "    three"], id="further in than the first line"),
        pytest.param([("please ", ""), ("ls a b", "command")], ["please", "  ls a b"], id="a command is whole"),
        pytest.param([("see ", ""), ("a b.py", "path"), ("; then", "")], ["see a b.py;", "  then"], id="what belongs to a path"),
        pytest.param([("abcdefghijklmnop", "")], ["abcdefghijklmnop"], id="a word that is too long"),
        pytest.param([("注文 注文 注文", "")], ["注文 注文", "  注文"], id="wide characters"),
        pytest.param(
            [("run ", ""), ("git log 'a b' c && x", "command")],
            ["run", "  git log \\", "    'a b' \\", "    c && x"],
            id="a command that is too long goes on after a backslash",
        ),
        pytest.param([("hint: ", ""), ("edit a.py:3: drop b", "command")], ["hint: edit", "  a.py:3:", "  drop b"], id="by hand"),
    ],
)
def test_a_line_is_broken_between_words(line: StyledLine, expected: list[str]) -> None:
    assert texts(line, 11) == expected


def test_a_command_that_goes_on_is_the_same_command() -> None:
    command = """printf '%s ' --all 'a  b/c.py' "d e" f\\ g.py && printf '%s ' --strategy reparent"""
    lines = texts([("hint: ", ""), (command, "command")], 24)
    assert len(lines) > 3 and all(len(line) <= 24 for line in lines)
    scripts = (command, "\n".join(lines[1:]))
    done = [subprocess.run(["sh", "-c", each], capture_output=True, text=True, check=True).stdout for each in scripts]
    assert done == ["--all a  b/c.py d e f g.py --strategy reparent "] * 2


def test_text_is_folded_at_spaces_alone() -> None:
    assert folded("re-parenting puts migrations/versions/a.py after b", 16) == [
        "re-parenting",
        "puts",
        "migrations/versions/a.py",
        "after b",
    ]


@given(st.text(alphabet="ab c", max_size=60), st.integers(12, 40))
def test_no_word_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = texts([(text, "")], width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or len(line.split()) <= 1 for line in lines)
