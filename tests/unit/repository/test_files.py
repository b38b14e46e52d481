"""Files whose names a user gives are written where nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.repository.files import replace_file, require_replaceable

START = b"<!page>"


def require(path: Path | str, git: Path) -> None:
    require_replaceable(str(path), START, (str(git),))


def test_a_new_an_empty_and_an_own_file_may_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = tmp_path / ".git"
    (tmp_path / "own").write_bytes(START + b"...")
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("own")
    for name in ("new", "own", "empty", "link"):
        require(tmp_path / name, git)
    monkeypatch.chdir(tmp_path)
    require("new", git)


@pytest.mark.parametrize("name", ["other", "folder", "folder/", "", "pipe", "link", "dangling", os.devnull])
def test_anything_else_that_is_there_is_left(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").write_text("[alembic]")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MigmergeError, match=r"exists and was not written by migmerge|names no file"):
        require(name, tmp_path / ".git")


def test_neither_a_missing_folder_nor_that_of_git(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "hooks").mkdir(parents=True)
    (tmp_path / "way").symlink_to(".git/hooks")
    for path in (git / "config", git / "hooks/post-merge", tmp_path / "way/page"):
        with pytest.raises(MigmergeError, match="is in a folder of git's own"):
            require(path, git)
    with pytest.raises(MigmergeError, match="is not a folder") as caught:
        require(tmp_path / "a b/page", git)
    assert caught.value.hint == f"mkdir -p '{tmp_path / 'a b'}'"


def test_an_error_names_the_file_and_not_the_half_written_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        replace_file(tmp_path / "gone/page", b"")
    assert missing.value.filename == str(tmp_path / "gone/page")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        replace_file(tmp_path / "folder", b"")
    assert caught.value.filename == str(tmp_path / "folder")
