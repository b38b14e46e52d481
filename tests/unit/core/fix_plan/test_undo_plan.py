"""What an undo loses: the rows of a database now, compared with those after the change."""

from __future__ import annotations

import pytest

from migmerge.core.fix_plan.undo_plan import DatabaseNow, RowsSince, rows_since
from migmerge.core.journal import JournalDatabase

Rows = tuple[tuple[str, int], ...]


@pytest.mark.parametrize(
    ("then", "now", "found"),
    [
        pytest.param((), (("a", 3),), RowsSince((), 0, ("a",)), id="not counted then"),
        pytest.param((("a", 3), ("b", 1)), (("a", 3), ("b", 1)), RowsSince((), 2), id="the same"),
        pytest.param((("a", 3), ("b", 1)), (("a", 5), ("b", 0)), RowsSince((("a", 2), ("b", -1)), 2), id="more and fewer"),
        pytest.param((("a", 3), ("b", 1)), (("a", 3), ("c", 1)), RowsSince((), 1, ("b", "c")), id="other tables"),
    ],
)
def test_rows_since_a_change(then: Rows, now: Rows, found: RowsSince) -> None:
    assert rows_since(JournalDatabase("shop.db", "", "restore.sh", ("c",), then), DatabaseNow(("c",), now)) == found
