"""Which program is said to have run the migrations."""

from __future__ import annotations

import sys

import pytest

from migmerge.sync.record import program_name


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("/venv/bin/flask", "flask"),
        ("/venv/Scripts/flask.exe", "flask"),
        ("/venv/lib/python3.12/site-packages/flask/__main__.py", "flask"),
        ("-c", "python"),
        ("", "python"),
    ],
)
def test_a_program_is_named_as_it_is_typed(argument: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [argument])
    assert program_name() == name
