"""Starting over: the record alone, the database from the migrations, or the migrations from the models."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.consent import Consent
from ..core.database.backup import Safeguards
from ..core.database.reset_plan import ResetPlan
from ..core.database.selection import ALL, Selection
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.snapshot import Snapshot
from ..database.session import Session
from ..output.screen import Screen
from ..output.text.databases import report_new_positions
from ..repository.repository import Repository
from .inspect import TIMEOUT


@dataclass(frozen=True, slots=True)
class ResetOutcome:
    """Hold the commands that take the files back, and what went wrong, if anything did."""

    commands: tuple[str, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class ResetContext:
    """Hold an environment with the session of its databases, and the screen that shows what is done with them."""

    repository: Repository
    snapshot: Snapshot
    session: Session
    screen: Screen


def run_reset(consent: Consent[ResetPlan], context: ResetContext, safeguards: Safeguards) -> ResetOutcome:
    """Do it, and say where the databases are then."""
    outcome = _carried_out(consent.plan, context, safeguards)
    report_new_positions(context.screen, context.session.ask("inspect", timeout=TIMEOUT))
    return outcome


def _carried_out(reset: ResetPlan, context: ResetContext, safeguards: Safeguards) -> ResetOutcome:
    session = context.session
    if reset.depth == "stamp":
        return ResetOutcome(failure=_stamped(reset.revisions, session))
    if reset.depth == "database":
        failure = _emptied(session, "empty", safeguards, kept=reset.kept)
        return ResetOutcome(failure=failure or _upgraded(context.snapshot, session, safeguards))
    return _restart_migrations(context, safeguards)


def _stamped(revisions: Sequence[str], session: Session) -> str | None:
    """Stamp one database after the other; return what stopped it, and raise where nothing is changed yet."""
    for number, database in enumerate(session.ask("inspect", timeout=TIMEOUT)):
        try:
            session.ask("stamp", revisions=revisions, bind=database.bind)
        except MigmergeError as error:
            if not number:
                raise
            return str(error)
    return None


def _emptied(session: Session, request: str, safeguards: Safeguards, **arguments: Any) -> str | None:
    """Empty the databases; return what stopped it, and raise where there is only one, which is unchanged then."""
    try:
        session.ask(request, saved=safeguards.saved, **arguments)
    except MigmergeError as error:
        if len(safeguards.saved) < 2:
            raise
        return str(error)
    return None


def _upgraded(snapshot: Snapshot, session: Session, safeguards: Safeguards) -> str | None:
    """Run every revision on the new database, each in its transaction; return what stopped it."""
    graph = snapshot.graph
    try:
        steps = [(revision, "upgrade") for revision in graph.in_order_to_run(graph.revisions)]
        session.ask("run steps", steps=steps, saved=safeguards.saved)
    except MigmergeError as error:
        return str(error)
    return None


def _restart_migrations(context: ResetContext, safeguards: Safeguards) -> ResetOutcome:
    session, environment = context.session, context.snapshot.environment
    aside = _set_aside(context.repository, environment)
    commands = tuple(
        f"rm -rf {shlex.quote(there)} && mv {shlex.quote(here)} {shlex.quote(there)}" for there, here in aside.items()
    )
    try:
        failure = _emptied(session, "recreate", safeguards)
    except MigmergeError:
        _put_back(aside)
        raise
    if failure:
        return ResetOutcome(commands, failure)
    for command, request, arguments in _first_steps(environment):
        context.screen.say("  ", (command, "command"))
        try:
            session.ask(request, **arguments)
        except MigmergeError as error:
            return ResetOutcome(commands, f"{command}: {error}")
    return ResetOutcome(commands)


def _set_aside(repository: Repository, environment: Environment) -> dict[str, str]:
    """Move what holds the scripts under the git directory; Alembic's env.py stays, for nobody would write it again."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folders = [environment.path] if environment.kind == "flask-migrate" else list(environment.versions)
    moved = {}
    for number, folder in enumerate(folders):
        target = os.path.join(repository.storage, "set-aside", f"{stamp}-{number}-{os.path.basename(folder)}")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.move(repository.absolute(folder), target)
        moved[repository.absolute(folder)] = target
        if environment.kind != "flask-migrate":
            os.mkdir(repository.absolute(folder))
    return moved


def _put_back(aside: dict[str, str]) -> None:
    """Move back what holds the scripts, for nothing was changed."""
    for there, here in aside.items():
        if os.path.isdir(there):
            os.rmdir(there)
        shutil.move(here, there)


_MESSAGE = "start over"


def _first_steps(environment: Environment) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the steps that write the first migration and run it: as a command to show, and as a request to the worker."""
    if environment.kind == "flask-migrate":
        folder = [] if environment.path == "migrations" else ["-d", os.path.basename(environment.path)]
        start = ["flask", "db"]
        init = [(shlex.join([*start, "init", *folder]), "create environment", dict[str, Any]())]
        write, run = ["migrate", *folder, "-m", _MESSAGE], ["upgrade", *folder]
    else:
        start = ["alembic", "-c", os.path.basename(environment.config or "alembic.ini"), "-n", environment.section]
        init, write, run = [], ["revision", "--autogenerate", "-m", _MESSAGE], ["upgrade", "head"]
    return [
        *init,
        (shlex.join([*start, *write]), "create first revision", {"message": _MESSAGE}),
        (shlex.join([*start, *run]), "upgrade to head", {}),
    ]


@dataclass(frozen=True, slots=True)
class ResetOptions:
    """Hold the options of `migmerge reset`: the depth, the selected databases, and the revisions to stamp."""

    depth: str | None = None
    selection: Selection = ALL
    to: tuple[str, ...] = ()
    dry_run: bool = False
    drop_foreign: bool = False
    backup: bool = True
    output: str = "text"
