"""The plan of a fresh start, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.consent import Shown
from ...core.database.database import MOST_COUNTED, Database
from ...core.database.reset_plan import ForeignTable, ResetPlan
from ...core.text import counted, enumerate_names
from ..screen import Screen


def report_reset_plan(screen: Screen, plan: ResetPlan, databases: Sequence[Database]) -> Shown[ResetPlan]:
    """Print what becomes of each database and of the migrations."""
    names = enumerate_names(database.name for database in databases)
    if plan.depth == "stamp":
        recorded = enumerate_names(plan.revisions) or "no revision"
        screen.say(f"{names} will record {recorded}; no table is changed")
    else:
        for database in databases:
            _report_database(screen, plan, database)
    if plan.depth == "migrations":
        screen.say("the folder of the migrations will be set aside, and one new migration written from the models")
    return Shown(plan)


def _report_database(screen: Screen, plan: ResetPlan, database: Database) -> None:
    """Print which tables go with a database, and each that no revision makes by its name."""
    name, foreign = database.name, plan.foreign.get(database.bind, ())
    kept = plan.kept.get(database.bind, ())
    tables = counted(len(database.schema.tables) - len(kept), "table")
    if kept:
        screen.say(f"{tables} of the migrations in {name} will be dropped and made anew; what no revision makes stays:")
    else:
        screen.say(f"{name} will be dropped with {tables} and made anew")
    for table in foreign:
        verb, why = ("stays", "") if kept else ("goes", "; no revision makes it")
        screen.say("  ", (f"{verb:<7}", "good" if kept else "gone"), f"{table.name}  {_rows(table)}{why}")
    if kept:
        screen.say("to drop these as well:")
        screen.say("  ", ("migmerge reset database --drop-foreign", "command"))


def _rows(table: ForeignTable) -> str:
    if table.rows is None:
        return "rows not counted"
    return f"more than {MOST_COUNTED} rows" if table.rows > MOST_COUNTED else counted(table.rows, "row")
