"""Which steps of a plan run together."""

from __future__ import annotations

from migmerge.core.database.sync_steps import Downgrade, Rerun, Stamp, Upgrade, runs_of

DOWN, UP, STAMP, AGAIN = Downgrade("x", "", "", ()), Upgrade("a", ""), Stamp("", (), ("a",)), Rerun("b", "")


def test_downgrades_run_together_and_so_do_upgrades() -> None:
    steps = (DOWN, DOWN, STAMP, STAMP, AGAIN, AGAIN, UP, UP, STAMP, UP)
    assert [*runs_of(steps)] == [(DOWN, DOWN), (STAMP,), (STAMP,), (AGAIN,), (AGAIN,), (UP, UP), (STAMP,), (UP,)]
    assert [*runs_of(())] == []
