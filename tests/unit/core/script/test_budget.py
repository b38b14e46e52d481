"""A script that is larger than any that a person wrote is unknown, at once."""

from __future__ import annotations

import pytest

from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import Identifiers, Unreadable
from migmerge.core.script.budget import LONGEST_NAME, MOST_BYTES, MOST_NAMES, MOST_PARSED, ReadingBudget
from migmerge.core.script.read import not_read, read_carefully, read_script
from tests.support.project import script_text

HEAD = b"revision = 'e1'\ndown_revision = 'a1'\n"
LONG = b"x" * (LONGEST_NAME + 1)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HEAD + b"#" * MOST_BYTES, id="bytes"),
        pytest.param(b"revision = '" + LONG + b"'\ndown_revision = None\n", id="id"),
        pytest.param(HEAD + b"branch_labels = '" + LONG + b"'\n", id="label"),
        pytest.param(b"revision = 'e1'\ndown_revision = (" + b"'a', " * (MOST_NAMES + 1) + b")\n", id="parents"),
        pytest.param(b"a = 'x'\n" + b"a = a + a\n" * 16 + b"revision = a\ndown_revision = None\n", id="doubled"),
        pytest.param(b"a = 'x'\n" + b"a = (a, a)\n" * 32 + b"revision = 'e1'\ndown_revision = a\n", id="doubled tuple"),
        pytest.param(b"# coding: punycode\n" + HEAD + b"a9" * 200_000, id="encoding that takes long"),
        pytest.param(b"revision = " + b"(" * 100_000 + b"\n", id="brackets"),
    ],
)
def test_what_is_too_much_is_unknown(data: bytes) -> None:
    for read in (read_script, read_carefully):
        assert isinstance(found := read(data), Unreadable) or found.defect
    assert read_operations(data).unread


@pytest.mark.parametrize("more", [b"#" * MOST_PARSED, b"x = 1\n" * 35_000, b"# {\n" * 50_000 + b"f'{x}'\n"])
def test_a_script_that_is_too_long_to_parse_is_still_scanned(more: bytes) -> None:
    found = read_carefully(b'"""add"""\n' + HEAD + more)
    assert isinstance(found, Identifiers)
    assert (found.revision, found.down_revisions, found.defect) == ("e1", ("a1",), None)


def test_what_is_beyond_the_budget_was_not_read() -> None:
    budget = ReadingBudget(most_signs=100)
    computed = b"import os\nrevision = os.name\n"
    readings = [read_script(computed, budget) for _ in range(4)]
    assert [each == not_read() for each in readings] == [False, False, True, True]
    assert budget.is_spent


def test_a_script_of_the_usual_form_is_read_beyond_the_budget_too() -> None:
    budget = ReadingBudget(most_signs=0)
    assert read_carefully(script_text("b", "a").encode(), budget) == read_script(script_text("b", "a").encode())


def test_scripts_are_counted_by_their_length() -> None:
    budget = ReadingBudget(most_bytes=10)
    assert [budget.covers(b"12345678"), budget.is_spent, budget.covers(b"345"), budget.is_spent] == [True, False, False, True]
