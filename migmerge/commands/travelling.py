"""Going a planned way with a database: backed up before, one revision at a time, looked at afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.database.journey import Again, Down, Journey, Move, Stamp, Up
from ..core.errors import MigmergeError
from ..database.session import Session
from ..terminal.journeys import report_done, report_undo
from ..terminal.screen import Screen
from .backups import settle
from .checking_up import Examination
from .laying_out import laid_out

DONE, REFUSED = 0, 1


def travel(session: Session, examination: Examination, journey: Journey, screen: Screen, undo: Sequence[str]) -> int:
    """Go one move after the other and stop at the first that fails, with the way back to before the first."""
    """Go one move after the other and stop at the first that fails; then say where the databases are."""
    failure: MigmergeError | None = None
    with laid_out(examination) as versions:
        for move in journey.moves:
            try:
                _make(session, move, versions)
            except MigmergeError as error:
                failure = error
                break
            except KeyboardInterrupt:
                screen.say(("interrupted; ", "error"), "where the database is now: ", ("migmerge doctor", "command"))
                report_undo(screen, undo)
                raise
            report_done(screen, move)
    if failure:
        screen.say(("stopped: ", "error"), str(failure))
    else:
        settle(undo)
    report_undo(screen, undo)
    return REFUSED if failure or journey.notes else DONE


def _make(session: Session, move: Move, versions: tuple[str, ...]) -> None:
    match move:
        case Down():
            session.ask("move", revision=move.revision, direction="downgrade", versions=versions)
        case Again():
            session.ask("rerun", revision=move.revision)
        case Up():
            session.ask("move", revision=move.revision, direction="upgrade")
        case Stamp():
            session.ask("stamp", revisions=move.after, bind=move.bind)
