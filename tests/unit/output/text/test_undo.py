"""What an undo takes back, as a user reads it before saying yes."""

from __future__ import annotations

import pytest

from migmerge.core.fix_plan.undo_plan import RowsSince, UndoPlan
from migmerge.core.journal import JournalDatabase, JournalEntry, JournalFile
from migmerge.output.text.undo import report_journal, report_undo_plan
from tests.support.screen import printed

MOVED = JournalEntry(
    1,
    "run",
    "2024-01-02T10:00:00+01:00",
    "/shop",
    "Re-parent c onto b",
    "done",
    "a" * 40,
    "b" * 40,
    (JournalFile("c.py", b"", b"x"), JournalFile("d.py", None, b"x")),
)
UPGRADED = MOVED._replace(
    number=2,
    title="downgrade and upgrade",
    commit=None,
    files=(),
    databases=(JournalDatabase("shop.db", "", "/backups/shop.sqlite3.restore.sh", ("c",)),),
)


def test_the_last_change_is_taken_back_first_with_its_time_its_databases_and_its_files() -> None:
    plan = UndoPlan((MOVED, UPGRADED), MOVED.files, (("migrations", UPGRADED.databases[0]),), MOVED.head, MOVED.commit)
    assert printed(lambda screen: report_undo_plan(screen, plan)) == [
        "takes back  2024-01-02 10:00  downgrade and upgrade",
        "takes back  2024-01-02 10:00  Re-parent c onto b",
        "  database  shop.db  restored from shop.sqlite3",
        "            rows written since then stay only in the backup that is made first",
        "            how many were written is not known",
        "  commit    bbbbbbbbbb  the branch ends at aaaaaaaaaa again",
        "  restore   c.py",
        "  remove    d.py",
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (RowsSince((("a", 2), ("b", -1)), 3), "a has 2 rows more and b has 1 row fewer"),
        (RowsSince((), 3), "3 tables with as many rows as then"),
        (RowsSince((), 1, ("big", "new")), "1 table with as many rows as then; not known of big and new"),
    ],
    ids=str,
)
def test_rows_that_were_written_since_are_counted(rows: RowsSince, said: str) -> None:
    plan = UndoPlan((UPGRADED,), (), (("migrations", UPGRADED.databases[0]),), rows={("migrations", ""): rows})
    assert printed(lambda screen: report_undo_plan(screen, plan))[3] == (
        f"            {said}; what was written over in a row is not counted"
    )


def test_the_list_names_commit_and_databases() -> None:
    assert printed(lambda screen: report_journal(screen, [MOVED, UPGRADED])) == [
        "2024-01-02 10:00  downgrade and upgrade  shop.db",
        "2024-01-02 10:00  Re-parent c onto b  commit bbbbbbbbbb",
    ]
