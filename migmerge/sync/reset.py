"""Starting over: the record alone, the database from the migrations, or the migrations from the models."""

from __future__ import annotations

import os
import shlex
import shutil
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
        for database in session.ask("inspect", timeout=TIMEOUT):
            session.ask("stamp", revisions=reset.revisions, bind=database.bind)
        return ResetOutcome()
    if reset.depth == "database":
        session.ask("empty", kept=reset.kept, saved=safeguards.saved)
        return ResetOutcome(failure=_upgraded(context.snapshot, session))
    return _restart_migrations(context, safeguards)


def _upgraded(snapshot: Snapshot, session: Session) -> str | None:
    """Run every revision on the new database, each in its transaction; return what stopped it."""
    graph = snapshot.graph
    try:
        session.ask("run steps", steps=[(revision, "upgrade") for revision in graph.in_order_to_run(graph.revisions)])
    except MigmergeError as error:
        return str(error)
    return None


def _restart_migrations(context: ResetContext, safeguards: Safeguards) -> ResetOutcome:
    session, environment = context.session, context.snapshot.environment
    aside = _set_aside(context.repository, environment)
    commands = tuple(
        f"rm -rf {shlex.quote(there)} && mv {shlex.quote(here)} {shlex.quote(there)}" for there, here in aside.items()
    )
    session.ask("recreate", saved=safeguards.saved)
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
