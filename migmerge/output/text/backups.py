"""The backups of a clone, as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ...core.consent import Shown
from ...core.database.kept_backup import KeptBackup, RestorePlan
from ...core.text import counted
from ..cells import padded, width_of
from ..screen import Screen
from .databases import position_of

_UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))
_AGES = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def report_backups_kept(screen: Screen, backups: Sequence[KeptBackup], now: datetime) -> None:
    """Print the backups by database, the newest first: name, size, age and the change that followed."""
    if not backups:
        screen.say("no backup yet: sync, reset, fix and undo make one before they change a database")
        return
    for each_of in dict.fromkeys(each.of for each in backups):
        kept = [each for each in backups if each.of == each_of]
        screen.say((title_of(kept[0]), "heading"), "  ", (kept[0].url or "which one is not known", "path"))
        longest = max(width_of(each.name) for each in kept)
        for each in kept:
            _report_kept(screen, each, longest, now)
    screen.say("to put one back: ", (f"migmerge backups restore {backups[0].name}", "command"))


def _report_kept(screen: Screen, backup: KeptBackup, width: int, now: datetime) -> None:
    before = f"before {backup.occasion}" if backup.occasion.command else ""
    age = age_of(backup.time, now)
    screen.say("  ", (padded(backup.name, width), "path"), f"  {size_of(backup.size):>7}  {age:<14}  {before}")
    if not backup.finished:
        screen.say("    ", ("that change did not end well", "warning"))


def report_superfluous(screen: Screen, backups: Sequence[KeptBackup], now: datetime, *, removed: bool) -> None:
    """Print which backups go, and what they take."""
    if not backups:
        screen.say("nothing to remove: the last ten backups of each database stay, and those of the last month")
        return
    for each in backups:
        screen.say("  ", ("remove", "gone"), "  ", (each.name, "path"), f"  {size_of(each.size)}  {age_of(each.time, now)}")
    verb = "removed" if removed else "would remove"
    screen.say(f"{verb} {counted(len(backups), 'backup')}, {size_of(sum(each.size for each in backups))}")


def report_restore_plan(screen: Screen, plan: RestorePlan, now: datetime) -> Shown[RestorePlan]:
    """Print what is replaced by what, and what is lost by that."""
    backup, database = plan.backup, plan.database
    screen.say((f"{database.name} will be replaced: ", "warning"), "what was written since the backup is lost")
    screen.say((database.name, "heading"), "  ", *position_of(database), "  ", (database.address.url, "path"))
    screen.say("  by     ", (backup.name, "path"))
    screen.say(
        f"  of     {backup.time:%Y-%m-%d %H:%M}, {age_of(backup.time, now)}, before {backup.occasion}, {size_of(backup.size)}"
    )
    screen.say("  first  the present state is backed up")
    return Shown(plan)


def title_of(backup: KeptBackup) -> str:
    """Return the name of the database of a backup, with its bind."""
    name = backup.database or backup.of[1]
    return f"{name} (bind {backup.bind})" if backup.bind else name


def size_of(number: int) -> str:
    """Return a number of bytes for a reader: `20 kB`."""
    for unit, name in _UNITS:
        if number >= unit:
            return f"{number / unit:.0f} {name}"
    return f"{number} B"


def age_of(time: datetime, now: datetime) -> str:
    """Return how long ago a time is, in the largest whole unit: `3 days ago`."""
    for unit, name in _AGES:
        if now - time >= unit:
            return f"{counted((now - time) // unit, name)} ago"
    return "just now"
