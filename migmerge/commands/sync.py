"""`migmerge sync`: look, plan, ask, back up, go step by step, look again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.cures.plan import Refusal
from ..core.database.diagnosis import diagnose_databases
from ..core.database.journey import plan_journey
from ..core.database.state import Database
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.finding import Severity
from ..core.provenance import enumerate_names
from ..database.session import Session
from ..repository.repository import Repository
from ..terminal.findings import report_finding
from ..terminal.journeys import report_journey, report_place
from ..terminal.plans import report_refusals
from ..terminal.prompt import Choice, ask, may_prompt, own_terminal
from ..terminal.screen import Screen
from .backups import back_up
from .checking_up import check_up, open_session
from .options import Options
from .survey import survey_commit
from .travelling import DONE, REFUSED, travel


@dataclass(frozen=True, slots=True)
class SyncWishes:
    """What the user told `migmerge sync`; `stamp` stands for a recorded revision that is nowhere to be found."""

    yes: bool = False
    dry_run: bool = False
    backup: bool = True
    stamp: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def sync(options: Options, wishes: SyncWishes) -> int:
    """Bring the databases of every environment to this checkout; return 1 where one is refused, declined or fails."""
    survey = survey_commit(options)
    screen = Screen(sys.stdout, options.color, quiet=options.quiet and wishes.yes)
    screen.commands_run_at(survey.repository.top)
    results = []
    for snapshot in survey.snapshots:
        with open_session(survey.repository, snapshot.environment, options, wishes.named) as session:
            results.append(_sync(survey.repository, snapshot.environment, session, screen, wishes))
    return max(results, default=DONE)


def _sync(repository: Repository, environment: Environment, session: Session, screen: Screen, wishes: SyncWishes) -> int:
    examination = check_up(repository, environment, session)
    checkup = examination.checkup
    if checkup.unreachable:
        raise MigmergeError(checkup.unreachable.reason, hint=checkup.unreachable.hint)
    conditions = checkup.conditions
    journey = plan_journey(environment, examination.scripts, conditions, checkup.lineages or {}, wishes.stamp)
    if isinstance(journey, Refusal):
        report_refusals(screen, [journey])
        return REFUSED
    databases = [condition.database for condition in conditions]
    report_journey(screen, databases, journey)
    if not journey.moves:
        screen.say("nothing to do" if not journey.notes else "nothing that can be done from here")
        return REFUSED if journey.notes else DONE
    if wishes.dry_run:
        return DONE
    if not (wishes.yes or _agreed(screen, databases)):
        return REFUSED
    undo = _backed_up(repository, session, screen, wishes)
    if undo is None:
        return REFUSED
    status = travel(session, examination, journey, screen, undo)
    return max(status, _arrived(repository, environment, session, screen))


def _backed_up(repository: Repository, session: Session, screen: Screen, wishes: SyncWishes) -> tuple[str, ...] | None:
    """Save the databases; where that is not possible go on only if the user says so, None where not."""
    if not wishes.backup:
        return ()
    try:
        return back_up(repository, session, screen, verified=False)
    except MigmergeError as error:
        if wishes.yes:
            raise
        screen.say(("no backup: ", "error"), str(error))
        screen.flush()
    with own_terminal() as terminal:
        choices = [Choice("no, stop here", "no"), Choice("go on without one", "yes")]
        return () if ask("Go on without a backup?", choices, terminal) == "yes" else None


def _arrived(repository: Repository, environment: Environment, session: Session, screen: Screen) -> int:
    """Look again: say where the databases are, and what is still wrong with them."""
    checkup = check_up(repository, environment, session).checkup
    for condition in checkup.conditions:
        screen.say((condition.database.address.name, "heading"), " is now", *report_place(condition.database))
    errors = [finding for finding in diagnose_databases(checkup) if finding.severity is Severity.ERROR]
    for finding in errors:
        report_finding(screen, finding)
    return REFUSED if errors else DONE


def _agreed(screen: Screen, databases: Sequence[Database]) -> bool:
    """Ask on the terminal, with the names of what will be changed."""
    if not may_prompt():
        raise MigmergeError(
            "there is no terminal to ask on", hint="migmerge sync --yes, or migmerge sync --dry-run to look first"
        )
    names = enumerate_names(database.address.name for database in databases)
    screen.flush()
    with own_terminal() as terminal:
        return (
            ask(f"Change {names}?", [Choice(f"bring {names} to this checkout", "yes"), Choice("not now", "no")], terminal)
            == "yes"
        )
