"""Plans, steps and backups of databases, as text."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ...core.consent import Shown
from ...core.database.backup import Backup
from ...core.database.database import Database
from ...core.database.leftovers import Leftover
from ...core.database.sync_steps import Complete, Discard, Downgrade, Rerun, Stamp, SyncPlan, SyncStep, Upgrade
from ...core.operations.operation import ObjectKind
from ...core.text import counted, enumerate_names
from ..screen import Part, Screen, shortest
from .databases import report_databases

_MOST = 4
"""Databases that a step names one by one."""
_VERBS = {Downgrade: "down", Discard: "drop", Complete: "rest", Rerun: "again", Upgrade: "up", Stamp: "stamp"}


def report_sync_plan(screen: Screen, databases: Sequence[Database], sync_plan: SyncPlan) -> Shown[SyncPlan]:
    """Print what the plan comes to, the databases, every step with the code that it runs, and the notes."""
    if sync_plan.steps:
        names = enumerate_names(database.name for database in databases)
        screen.say((f"{names} will change: ", "warning" if sync_plan.loses else "heading"), _summary(sync_plan))
    report_databases(screen, databases)
    for step in sync_plan.steps:
        screen.say(f"  {_verb(step):<6}", (_subject(step), "revision"), "  ", _detail(step), *_where(step))
        _report_consequences(screen, step)
    for note in sync_plan.notes:
        screen.note(note)
    for trial in sync_plan.tried:
        screen.say(("tried: ", "good"), trial)
    for reason in sync_plan.untried:
        screen.note("not tried on a copy of ", reason)
    for doubt in sync_plan.doubts:
        screen.say(("not known: ", "warning"), doubt)
    return Shown(sync_plan)


def _summary(sync_plan: SyncPlan) -> str:
    """Count the steps, and say where something is dropped: `1 revision taken back; tables, columns or rows may be lost`."""
    counts = {kind: sum(isinstance(step, kind) for step in sync_plan.steps) for kind in _VERBS}
    named = {Stamp: "recorded anew", Downgrade: "taken back", Complete: "finished", Rerun: "run again", Upgrade: "run"}
    parts = [f"{counted(counts[kind], 'revision')} {verb}" for kind, verb in named.items() if counts[kind]]
    parts += [f"{counted(counts[Discard], 'leftover')} removed"] if counts[Discard] else []
    return ", ".join(parts) + ("; tables, columns or rows may be lost" if sync_plan.loses else "")


def report_pending(screen: Screen, databases: Sequence[Database], upgrade: SyncPlan) -> Shown[SyncPlan]:
    """Print the revisions that an upgrade would run, and what they drop."""
    names = enumerate_names(database.name for database in databases)
    pending = enumerate_names(step.revision for step in upgrade.steps if isinstance(step, Upgrade))
    screen.say(f"pending in {names}: ", (pending, "revision"))
    for step in upgrade.steps:
        _report_consequences(screen, step)
    return Shown(upgrade)


def report_done(screen: Screen, step: SyncStep) -> None:
    """Print a finished step."""
    screen.say("  ", ("done", "good"), f"  {_verb(step)} ", (_subject(step), "revision"), *_where(step))


def _verb(step: SyncStep) -> str:
    return "rename" if isinstance(step, Discard) and step.leftover.instead else _VERBS[type(step)]


def _where(step: SyncStep) -> list[Part]:
    """Return the names of the databases of a step, where a plan is for several."""
    return ["  in ", (enumerate_names(step.where, most=_MOST), "heading")] if step.where else []


def _subject(step: SyncStep) -> str:
    match step:
        case Stamp():
            return enumerate_names(step.after) or "nothing"
        case Discard():
            return str(step.leftover)
    return step.revision


def _detail(step: SyncStep) -> str:
    match step:
        case Stamp():
            left = f"  ({enumerate_names(step.left)} would stay behind)" if step.left else ""
            return f"instead of {enumerate_names(step.before) or 'nothing'}{left}"
        case Discard():
            return _why_left(step.leftover)
        case Downgrade():
            return step.origin
        case Complete():
            return f"{step.message or '(no message)'}  (there in part)"
        case Rerun():
            return f"{step.message or '(no message)'}  (recorded as run, without effect)"
    return step.message or "(no message)"


def _why_left(leftover: Leftover) -> str:
    if leftover.instead:
        return f"to {leftover.instead}: a run that died left no other copy"
    if not leftover.revision:
        return "a run that died left it"
    return f"{'no column has' if leftover.kind is ObjectKind.ENUM else 'nothing uses'} it; {leftover.revision} made or makes it"


def _report_consequences(screen: Screen, step: SyncStep) -> None:
    if isinstance(step, Downgrade | Complete):
        for line in step.body:
            screen.say("         | ", line)
    for warning in () if isinstance(step, Stamp | Discard | Complete) else step.warnings:
        screen.say("         ", ("warning: ", "warning"), warning)


def report_backups(screen: Screen, backups: Sequence[Backup]) -> None:
    """Print the saved databases, their backups, and how each backup was verified."""
    for backup in backups:
        verified = f"  ({backup.verified})" if backup.verified else ""
        screen.say(("backed up ", "good"), shortest(backup.database), "  ", (shortest(backup.path), "path"), verified)


def report_declined(screen: Screen, databases: Sequence[Database], sync_plan: SyncPlan, upgrade: str) -> None:
    """Print what fails as long as the databases are not brought to the checkout, and the command that does it."""
    names = enumerate_names(database.name for database in databases)
    only_pending = all(isinstance(step, Upgrade) for step in sync_plan.steps)
    fails = f"{names} lacks what is pending" if only_pending else f"`{upgrade}` may fail on {names}"
    screen.say(f"nothing was changed; {fails} until you run: ", ("migmerge sync", "command"))


def report_undo(screen: Screen, scripts: Sequence[str]) -> list[str]:
    """Print and return the commands that run the restore scripts."""
    commands = [f"sh {shlex.quote(shortest(script))}" for script in dict.fromkeys(scripts)]
    for each in commands:
        screen.say_undo(each)
    return commands
