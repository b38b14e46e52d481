"""Paths as a user copies them."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmerge.output.screen import shortest


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
