"""Paths as a user copies them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from migmerge.output.screen import Screen, shortest


def test_a_path_is_shown_from_the_current_folder_where_that_is_shorter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert shortest(str(tmp_path / "a" / ".git" / "hooks")) == ".git/hooks"
    assert shortest("/x") == "/x"
    assert shortest("shop.db") == "shop.db"


def test_a_path_stays_as_it_is_where_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    (tmp_path / "a").rmdir()
    assert shortest(str(tmp_path / "a" / "b")) == str(tmp_path / "a" / "b")


def test_a_note_is_a_line_and_is_kept_without_style() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.note("to look: ", ("migmerge doctor", "command"))
    assert (stream.getvalue(), screen.notes) == ("note: to look: migmerge doctor\n", ["to look: migmerge doctor"])
