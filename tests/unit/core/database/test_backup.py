"""The comparison of a database with the copy that was restored from its backup."""

from __future__ import annotations

import pytest

from migmerge.core.database.backup import Backup, compare_rows
from migmerge.core.errors import MigmergeError

BACKUP = Backup("shop.dump", "postgresql", "shop", 1)


@pytest.mark.parametrize(
    ("rows", "complaint", "words"),
    [
        ({}, "", "0 tables, 0 rows, the same"),
        ({"a": 1}, "", "1 table, 1 row, the same"),
        ({"a": 1, "s.b": 4}, "warned", "2 tables, 5 rows, the same; warned"),
    ],
)
def test_equal_counts(rows: dict[str, int], complaint: str, words: str) -> None:
    assert compare_rows(BACKUP, rows, dict(rows), complaint) == words


@pytest.mark.parametrize(
    ("source", "copy", "words"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, "the table b, which only the database has"),
        ({"a": 1}, {"a": 1, "b": 0}, "the table b, which only the backup has"),
        ({"a": 2, "b": 1}, {"a": 3, "b": 4}, "a: 3 rows in the backup, 2 in the database"),
    ],
)
@pytest.mark.parametrize("complaint", ["", "warned"])
def test_the_first_table_that_differs_is_named(source: dict[str, int], copy: dict[str, int], words: str, complaint: str) -> None:
    with pytest.raises(MigmergeError) as caught:
        compare_rows(BACKUP, source, copy, complaint)
    shown = f" ({complaint})" if complaint else ""
    assert str(caught.value) == f"the backup shop.dump is not what the database is: {words}{shown}"
