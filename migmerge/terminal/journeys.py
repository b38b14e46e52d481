"""The way of a database to the checkout, before it is gone and step by step."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ..core.database.backup import Backup
from ..core.database.journey import Again, Down, Journey, Move, Stamp, Up
from ..core.database.state import Database
from ..core.provenance import enumerate_names
from .screen import Part, Screen

_WORDS = {Down: "down", Again: "again", Up: "up", Stamp: "stamp"}


def report_journey(screen: Screen, databases: Sequence[Database], journey: Journey) -> None:
    """Print which databases are meant, then every move with what it runs."""
    for database in databases:
        screen.say((database.address.name, "heading"), *report_place(database), "  ", (database.address.url, "path"))
    for move in journey.moves:
        report_move(screen, move)
        if isinstance(move, Down):
            _report_down(screen, move)
    for note in journey.notes:
        screen.say("note: ", note)


def report_place(database: Database) -> list[Part]:
    """Return where a database is."""
    return ["  at ", (enumerate_names(database.recorded), "revision")] if database.recorded else ["  at no revision"]


def report_move(screen: Screen, move: Move) -> None:
    """Print one move that is planned in a line."""
    screen.say(f"  {_WORDS[type(move)]:<6}", (_subject(move), "revision"), "  ", _told(move))


def report_done(screen: Screen, move: Move) -> None:
    """Print one move that was made in a line."""
    screen.say("  ", ("done", "good"), f"  {_WORDS[type(move)]} ", (_subject(move), "revision"))


def _subject(move: Move) -> str:
    return enumerate_names(move.after) if isinstance(move, Stamp) else move.revision


def _told(move: Move) -> str:
    match move:
        case Stamp():
            left = f"  ({enumerate_names(move.left)} would stay behind)" if move.left else ""
            return f"instead of {enumerate_names(move.before) or 'nothing'}{left}"
        case Down():
            return move.origin
        case Again():
            return f"{move.message or '(no message)'}  (recorded, and not there)"
    return move.message or "(no message)"


def _report_down(screen: Screen, move: Down) -> None:
    for line in move.body:
        screen.say("         | ", line)
    for warning in move.warnings:
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
