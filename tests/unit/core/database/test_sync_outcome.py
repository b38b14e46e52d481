"""What a change left otherwise than it was meant to."""

from __future__ import annotations

from migmerge.core.database.database import MOST_COUNTED
from migmerge.core.database.sync_outcome import fewer_rows

BEFORE = {"few": 3, "many": MOST_COUNTED + 1, "same": 2, "more": 1, "dropped": 5}


def test_tables_with_fewer_rows_are_said_and_no_others() -> None:
    after = {"few": 1, "many": 9, "same": 2, "more": 4, "made": 0}
    assert list(fewer_rows(BEFORE, after)) == ["few (3, now 1)", "many (more than 10000, now 9)"]


def test_where_nothing_was_counted_nothing_is_said() -> None:
    assert not list(fewer_rows({}, {"few": 0, "many": 0}))
    assert not list(fewer_rows(BEFORE, {}))
