"""The demo plays to its end, with nobody there and with somebody answering, and leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.project import MIGMERGE, Project
from tests.support.terminal import ENTER, Terminal


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return an empty folder, with a temporary folder of its own to look at afterwards."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    return Project(tmp_path)


def left_behind(project: Project) -> list[str]:
    return os.listdir(project.top / "temporary")


def test_it_plays_by_itself_where_there_is_no_terminal(nowhere: Project) -> None:
    done = nowhere.migmerge("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    for text in (
        "MM001 divergent-heads",
        "$ migmerge fix --yes",
        "committed ",
        "Both columns are there: user.email, order.total",
    ):
        assert text in done.stdout
    assert left_behind(nowhere) == []


@pytest.mark.parametrize(("keys", "fixed_by_hand"), [((ENTER,), False), (("n",), True)], ids=["yes", "not now"])
def test_somebody_answers(nowhere: Project, keys: tuple[str, ...], fixed_by_hand: bool) -> None:
    status, seen = Terminal(nowhere, MIGMERGE, "demo").wait_for_menu().type(*keys).finish()
    assert status == 0, seen
    assert ("$ migmerge fix --yes" in seen) is fixed_by_hand
    assert "Both columns are there" in seen
    assert left_behind(nowhere) == []


def test_it_can_be_kept(nowhere: Project) -> None:
    assert nowhere.migmerge("demo", "--keep", "shop").returncode == 0
    kept = Project(nowhere.top / "shop")
    assert kept.codes() == []
    assert kept.status() == ""
    again = nowhere.migmerge("demo", "--keep", "shop")
    assert (again.returncode, again.stderr) == (2, "error: shop is not empty\nhint: migmerge demo --keep NEW-FOLDER\n")
