"""The way of a database to the checkout, before it is gone and step by step."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ...core.database.backup import Backup
from ...core.database.database import Database
from ...core.database.sync_plan import Downgrade, Rerun, Stamp, SyncPlan, SyncStep, Upgrade
from ...core.text import enumerate_names
from ..screen import Part, Screen

_WORDS = {Downgrade: "down", Rerun: "again", Upgrade: "up", Stamp: "stamp"}


def report_sync_plan(screen: Screen, databases: Sequence[Database], sync_plan: SyncPlan) -> None:
    """Print which databases are meant, then every step with what it runs."""
    for database in databases:
        screen.say((database.address.name, "heading"), *report_position(database), "  ", (database.address.url, "path"))
    for step in sync_plan.steps:
        report_step(screen, step)
        if isinstance(step, Downgrade):
            _report_downgrade(screen, step)
    for note in sync_plan.notes:
        screen.say("note: ", note)


def report_position(database: Database) -> list[Part]:
    """Return where a database is."""
    return ["  at ", (enumerate_names(database.recorded), "revision")] if database.recorded else ["  at no revision"]


def report_step(screen: Screen, step: SyncStep) -> None:
    """Print one step that is planned in a line."""
    screen.say(f"  {_WORDS[type(step)]:<6}", (_subject(step), "revision"), "  ", _told(step))


def report_done(screen: Screen, step: SyncStep) -> None:
    """Print one step that was made in a line."""
    screen.say("  ", ("done", "good"), f"  {_WORDS[type(step)]} ", (_subject(step), "revision"))


def _subject(step: SyncStep) -> str:
    return enumerate_names(step.after) if isinstance(step, Stamp) else step.revision


def _told(step: SyncStep) -> str:
    match step:
        case Stamp():
            left = f"  ({enumerate_names(step.left)} would stay behind)" if step.left else ""
            return f"instead of {enumerate_names(step.before) or 'nothing'}{left}"
        case Downgrade():
            return step.origin
        case Rerun():
            return f"{step.message or '(no message)'}  (recorded, and not there)"
    return step.message or "(no message)"


def _report_downgrade(screen: Screen, step: Downgrade) -> None:
    for line in step.body:
        screen.say("         | ", line)
    for warning in step.warnings:
        screen.say("         ", ("warning: ", "warning"), warning)


def report_backups(screen: Screen, backups: Sequence[Backup]) -> None:
    """Print what was saved and how it was made sure of."""
    for backup in backups:
        verified = f"  ({backup.verified})" if backup.verified else ""
        screen.say(("backed up ", "good"), backup.database, "  ", (backup.path, "path"), verified)


def report_undo(screen: Screen, scripts: Sequence[str]) -> None:
    """Print the commands that put back what was there before."""
    for script in scripts:
        screen.say("  undo: ", (f"sh {shlex.quote(script)}", "command"))
