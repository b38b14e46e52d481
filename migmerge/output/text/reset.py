"""The plan of a fresh start, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.consent import Shown
from ...core.database.database import Database
from ...core.database.reset_plan import ResetPlan
from ...core.text import counted, enumerate_names
from ..screen import Screen


def report_reset_plan(screen: Screen, plan: ResetPlan, databases: Sequence[Database]) -> Shown[ResetPlan]:
    """Print what becomes of each database and of the migrations."""
    names = enumerate_names(database.address.name for database in databases)
    if plan.depth == "stamp":
        screen.say(f"{names} will record {enumerate_names(plan.revisions)}; no table is changed")
    else:
        tables = sum(len(database.schema.tables) for database in databases)
        screen.say(f"{names} will be dropped with {counted(tables, 'table')} and made anew")
    if plan.depth == "migrations":
        screen.say("the folder of the migrations will be set aside, and one new migration written from the models")
    return Shown(plan)
