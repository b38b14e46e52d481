"""Words for people, from text and numbers of a repository."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.text import counted, enumerate_names, printable, shortened


@pytest.mark.parametrize(("number", "words"), [(0, "0 revisions"), (1, "1 revision"), (2, "2 revisions")])
def test_a_number_is_followed_by_its_noun(number: int, words: str) -> None:
    assert counted(number, "revision") == words


@given(text=st.text(), most=st.integers(1, 20))
def test_a_shortened_text_is_the_text_or_its_beginning(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]) and len(short) == most)


@given(text=st.text(st.characters()))
def test_printable_text_has_no_control_characters(text: str) -> None:
    assert printable(text).isprintable()


@pytest.mark.parametrize(
    ("names", "sentence"),
    [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c"), ("abcd", "a, b and 2 more"), ("abcdef", "a, b and 4 more")],
)
def test_names_are_joined_as_a_sentence_does(names: str, sentence: str) -> None:
    assert enumerate_names(names, most=3) == sentence
