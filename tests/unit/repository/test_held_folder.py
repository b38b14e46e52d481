"""Temporary folders: what a killed run left goes, what a live run or somebody else has stays."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from migmerge.repository.held_folder import held_folder, remove_left_folders

OLD = 1_000_000_000.0


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(folder: Path, name: str, *, age: float = OLD, mode: int = 0o700) -> Path:
    made = folder / name
    made.mkdir(mode=mode)
    (made / "file").write_text("left\n")
    os.utime(made, (age, age))
    return made


def test_it_is_there_inside_the_block_only() -> None:
    with held_folder() as folder:
        assert os.path.isdir(folder) and os.path.basename(folder).startswith("migmerge-")
    assert not os.path.exists(folder)


@pytest.mark.parametrize("name", ["migmerge-abcd_012", "migmerge-demo-abcd_012"])
def test_what_a_killed_run_left_goes_with_the_next_one(temporary: Path, name: str) -> None:
    made = left(temporary, name)
    with held_folder():
        assert not made.exists()


@pytest.mark.parametrize("name", ["migmerge-notes", "migmerge", "migmerge-abcd_0123", "other-abcd_012", "migmerge-ABCD_012"])
def test_a_folder_of_another_name_stays(temporary: Path, name: str) -> None:
    made = left(temporary, name)
    remove_left_folders()
    assert made.exists()


def test_a_young_folder_stays(temporary: Path) -> None:
    made = left(temporary, "migmerge-abcd_012")
    os.utime(made)
    remove_left_folders()
    assert made.exists()


def test_a_folder_that_others_may_read_stays(temporary: Path) -> None:
    made = left(temporary, "migmerge-abcd_012", mode=0o755)
    remove_left_folders()
    assert made.exists()


def test_the_folder_of_a_live_run_stays() -> None:
    with held_folder() as folder:
        os.utime(folder, (OLD, OLD))
        remove_left_folders()
        assert os.path.exists(folder)


def test_a_link_is_not_followed(temporary: Path) -> None:
    there = left(temporary, "somewhere")
    link = temporary / "migmerge-abcd_012"
    link.symlink_to(there)
    os.utime(link, (OLD, OLD), follow_symlinks=False)
    remove_left_folders()
    assert link.is_symlink() and (there / "file").exists()
