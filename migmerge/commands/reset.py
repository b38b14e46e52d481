"""`migmerge reset`: the guided last resort, in three depths, each after a verified backup and with the way back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from ..core.database.state import Database
from ..core.errors import MigmergeError
from ..core.provenance import enumerate_names
from ..core.snapshot import Snapshot
from ..database.session import Session
from ..terminal.journeys import report_place, report_undo
from ..terminal.prompt import Choice, ask, ask_text, may_prompt, own_terminal
from ..terminal.screen import Screen
from .backups import back_up, settle
from .checking_up import Examination, check_up, open_session
from .options import Options
from .resetting import DEPTHS, Reset, reset_to
from .survey import Survey, survey_commit
from .travelling import DONE, REFUSED


@dataclass(frozen=True, slots=True)
class ResetWishes:
    """What the user told `migmerge reset`: how deep, which databases by their names, and the revision to stamp."""

    depth: str | None = None
    named: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    dry_run: bool = False


def reset(options: Options, wishes: ResetWishes) -> int:
    """Start the record, the database or the migrations over; return 1 where that is declined or fails."""
    survey = survey_commit(options)
    if len(survey.snapshots) > 1:
        listed = enumerate_names(snapshot.environment.path for snapshot in survey.snapshots)
        raise MigmergeError(f"there are several environments: {listed}", hint="migmerge reset --environment PATH")
    snapshot = survey.snapshots[0]
    screen = Screen(sys.stdout, options.color)
    screen.commands_run_at(survey.repository.top)
    with open_session(survey.repository, snapshot.environment, options, wishes.named) as session:
        examination = check_up(survey.repository, snapshot.environment, session)
        if unreachable := examination.checkup.unreachable:
            raise MigmergeError(unreachable.reason, hint=unreachable.hint)
        return _reset(survey, snapshot, examination, session, screen, wishes)


def _reset(
    survey: Survey, snapshot: Snapshot, examination: Examination, session: Session, screen: Screen, wishes: ResetWishes
) -> int:
    databases = [condition.database for condition in examination.checkup.conditions]
    for database in databases:
        screen.say((database.address.name, "heading"), *report_place(database), "  ", (database.address.url, "path"))
    decided = _decided(databases, examination, screen, wishes)
    if decided is None:
        return REFUSED
    for line in decided.told(databases):
        screen.say(line)
    if wishes.dry_run:
        return DONE
    scripts = back_up(survey.repository, session, screen, verified=True)
    way_back = reset_to(decided, survey, snapshot, session, screen)
    settle(scripts)
    report_undo(screen, scripts)
    for command in way_back.commands:
        screen.say("  undo: ", (command, "command"))
    if way_back.failure:
        screen.say(("stopped: ", "error"), way_back.failure)
    return REFUSED if way_back.failure else DONE


def _decided(databases: Sequence[Database], examination: Examination, screen: Screen, wishes: ResetWishes) -> Reset | None:
    """Return how deep to go, once the names of all databases were typed: here, or on the command line."""
    names = {database.address.name for database in databases}
    if wishes.depth and (wishes.dry_run or names <= set(wishes.named)):
        return _with_revision(wishes.depth, wishes.to, examination)
    if not may_prompt():
        typed = " ".join(f"--database {name}" for name in sorted(names))
        raise MigmergeError("there is no terminal to ask on", hint=f"migmerge reset {wishes.depth or '|'.join(DEPTHS)} {typed}")
    screen.flush()
    with own_terminal() as terminal:
        depth = wishes.depth or ask(
            "How far back?", [*(Choice(title, name) for name, title in DEPTHS.items()), Choice("not now", "no")], terminal
        )
        if depth in (None, "no"):
            return None
        reset = _with_revision(depth, wishes.to, examination)
        return reset if all(name in wishes.named or _typed(name, terminal) for name in sorted(names)) else None


def _typed(name: str, terminal: TextIO) -> bool:
    answer = ask_text(f"Type the name of the database to go on ({name}):", terminal)
    return (answer or "").strip() == name


def _with_revision(depth: str | None, to: tuple[str, ...], examination: Examination) -> Reset:
    """Take the revision that was given, or the one that fits the schema best.

    Raises:
        MigmergeError: where a revision is not here, or none fits.
    """
    graph = examination.tree.snapshot.graph
    if strange := [name for name in to if name not in graph]:
        raise MigmergeError(f"{strange[0]} is no revision of this checkout", hint="migmerge graph --all")
    if depth != "stamp":
        return Reset(depth or "")
    estimates = [condition.estimate for condition in examination.checkup.conditions if condition.estimate]
    revisions = to or (estimates[0].heads if estimates else graph.heads)
    if not revisions:
        raise MigmergeError("no revision here fits the schema", hint="migmerge reset stamp --to REVISION")
    return Reset("stamp", revisions)
