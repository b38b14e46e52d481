"""What can be taken back, and what an undo would do, as text."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ...core.consent import Shown
from ...core.fix_plan.undo_plan import RowsSince, UndoPlan
from ...core.journal import UNDONE, JournalEntry
from ...core.text import counted, enumerate_names
from ..screen import Screen


def report_undo_plan(screen: Screen, plan: UndoPlan) -> Shown[UndoPlan]:
    """Print what is taken back, file by file, and where HEAD and the databases go."""
    for entry in reversed(plan.entries):
        screen.say(f"takes back  {_time(entry)}  {entry.title}")
    for environment, database in plan.databases:
        screen.say("  database  ", database.name, "  restored from ", (_backup(database.restore_script), "path"))
        screen.say("            rows written since then stay only in the backup that is made first")
        screen.say("            ", _since(plan.rows.get((environment, database.bind), RowsSince())))
    if plan.commit and plan.head:
        screen.say("  commit    ", (plan.commit[:10], "revision"), f"  the branch ends at {plan.head[:10]} again")
    for file in plan.files:
        verb = "remove" if file.before is None else "restore"
        screen.say(f"  {verb:<9} ", (file.path, "path"))
    return Shown(plan)


def _since(rows: RowsSince) -> str:
    if not rows.compared:
        return "how many were written is not known"
    more = [f"{name} has {_difference(number)}" for name, number in rows.differences]
    found = enumerate_names(more) or f"{counted(rows.compared, 'table')} with as many rows as then"
    unknown = f"; not known of {enumerate_names(rows.uncounted)}" if rows.uncounted else ""
    return f"{found}{unknown}; what was written over in a row is not counted"


def _difference(number: int) -> str:
    return f"{counted(abs(number), 'row')} {'more' if number > 0 else 'fewer'}"


def report_journal(screen: Screen, entries: Sequence[JournalEntry], damaged: Sequence[str] = ()) -> None:
    """Print the changes of a work tree, the last one first, and the files of the journal that cannot be read."""
    for path in damaged:
        screen.say(("note: ", "warning"), (path, "path"), " cannot be read: what it records is not known")
    for entry in reversed(entries):
        state = "  taken back" if entry.state == UNDONE else ""
        commit = f"  commit {entry.commit[:10]}" if entry.commit else ""
        databases = "".join(f"  {database.name}" for database in entry.databases)
        screen.say(f"{_time(entry)}  {entry.title}{commit}{databases}{state}")


def _time(entry: JournalEntry) -> str:
    return entry.time[:16].replace("T", " ")


def _backup(restore_script: str) -> str:
    return os.path.basename(restore_script.removesuffix(".restore.sh"))
