"""Plans of databases, as a user reads them before saying yes."""

from __future__ import annotations

import pytest

from migmerge.core.database.backup import Backup
from migmerge.core.database.database import Address, Database
from migmerge.core.database.sync_steps import Downgrade, Rerun, Stamp, SyncPlan, SyncStep, Upgrade
from migmerge.output.screen import Screen
from migmerge.output.text.sync_plan import report_backups, report_declined, report_done, report_sync_plan, report_undo
from tests.support.screen import printed

DOWN = Downgrade("c", "add c", '"add c" by ann', ("op.drop_table('c')",), ("drops the table c with its data",))
STAMP = Stamp("", ("lost",), ("a", "b"), ("leftover",))


def planned(*steps: SyncStep, notes: tuple[str, ...] = (), recorded: tuple[str, ...] = ("c",)) -> list[str]:
    database = Database(Address("sqlite:////tmp/shop.db", "sqlite", "shop.db"), recorded=recorded)
    return printed(lambda screen: report_sync_plan(screen, [database], SyncPlan(steps, notes)))[2:]


def test_the_database_is_named_with_its_revisions_and_its_address() -> None:
    one, empty = (Database(Address("sqlite:///x", "sqlite", "x"), recorded=recorded) for recorded in (("b", "c"), ()))
    lines = printed(lambda screen: report_sync_plan(screen, [one, empty], SyncPlan(())))
    assert lines == ["x  at b and c  sqlite:///x", "x  at no revision  sqlite:///x"]


def test_a_downgrade_shows_its_code_and_its_warnings() -> None:
    assert planned(DOWN) == [
        '  down  c  "add c" by ann',
        "         | op.drop_table('c')",
        "         warning: drops the table c with its data",
    ]


def test_the_other_steps_take_a_line_each() -> None:
    assert planned(STAMP, Stamp("", (), ("b",)), Rerun("a", "add a"), Upgrade("b", ""), notes=("look at it",)) == [
        "  stamp a and b  instead of lost  (leftover would stay behind)",
        "  stamp b  instead of nothing",
        "  again a  add a  (recorded as run, without effect)",
        "  up    b  (no message)",
        "note: look at it",
    ]


def test_finished_steps_backups_and_their_undo() -> None:
    def report_all(screen: Screen) -> None:
        report_done(screen, DOWN)
        report_done(screen, STAMP)
        report_backups(screen, [Backup("/b/shop.db", "sqlite", "shop.db", 1), Backup("/b/x", "sqlite", "x", 1, "2 tables")])
        report_undo(screen, ["/b/shop db.restore.sh"])

    assert printed(report_all) == [
        "  done  down c",
        "  done  stamp a and b",
        "backed up shop.db  /b/shop.db",
        "backed up x  /b/x  (2 tables)",
        "  undo: sh '/b/shop db.restore.sh'",
    ]


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        (
            (STAMP, DOWN, Upgrade("b", ""), Upgrade("d", "")),
            "1 revision recorded anew, 1 revision taken back, 2 revisions run; tables, columns or rows may be lost",
        ),
        ((Rerun("a", ""),), "1 revision run again"),
    ],
)
def test_what_a_plan_comes_to_stands_first(steps: tuple[SyncStep, ...], first: str) -> None:
    database = Database(Address("sqlite:////tmp/shop.db", "sqlite", "shop.db"), recorded=("c",))
    lines = printed(lambda screen: report_sync_plan(screen, [database], SyncPlan(steps)))
    assert lines[0] == f"shop.db will change: {first}"


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ((Upgrade("b", ""),), "nothing was changed; shop.db lacks what is pending until you run: migmerge sync"),
        ((DOWN, Upgrade("b", "")), "nothing was changed; `flask db upgrade` may fail on shop.db until you run: migmerge sync"),
    ],
)
def test_after_not_now_one_line_says_what_fails_and_what_cures_it(steps: tuple[SyncStep, ...], line: str) -> None:
    database = Database(Address("sqlite:////tmp/shop.db", "sqlite", "shop.db"), recorded=("c",))
    plan = SyncPlan(steps)
    assert printed(lambda screen: report_declined(screen, [database], plan, "flask db upgrade")) == [line]
