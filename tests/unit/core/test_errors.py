"""The exceptions of expected failures carry what the user does next."""

from __future__ import annotations

from migmerge.core.errors import MigmergeError, UnknownWord


def test_an_unknown_word_is_an_error_with_the_near_one() -> None:
    error = UnknownWord("no command chek", word="chek", near="check", hint="migmerge --help")
    assert isinstance(error, MigmergeError)
    assert (str(error), error.word, error.near, error.hint) == ("no command chek", "chek", "check", "migmerge --help")
