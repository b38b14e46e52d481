"""Starting over: the record alone, the database from the migrations, or the migrations from the models."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.database.database import Database
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names
from ..database.runtime import project_runtime
from ..database.session import Session
from ..output.screen import Screen
from ..output.text.sync_plan import report_position
from ..repository.repository import Repository
from ..workspace.workspace import Workspace
from .inspect import TIMEOUT

DEPTHS = {
    "stamp": "record another revision in the database and change nothing else",
    "database": "make the database anew from the migrations; its rows are only in the backup then",
    "migrations": "start the migrations over from the models, and the database with them; the folder is set aside",
}


@dataclass(frozen=True, slots=True)
class ResetPlan:
    """Name one of the depths, and the revisions to record for the first."""

    depth: str
    revisions: tuple[str, ...] = ()

    def told(self, databases: Sequence[Database]) -> Iterator[str]:
        """Say what will be done."""
        names = enumerate_names(database.address.name for database in databases)
        if self.depth == "stamp":
            yield f"{names} will record {enumerate_names(self.revisions)}; no table is changed"
        else:
            tables = sum(len(database.schema.tables) for database in databases)
            yield f"{names} will be dropped with {tables} tables and made anew"
        if self.depth == "migrations":
            yield "the folder of the migrations will be set aside, and one new migration written from the models"


@dataclass(frozen=True, slots=True)
class ResetOutcome:
    """Hold the commands that take the files back, and what went wrong, if anything did."""

    commands: tuple[str, ...] = ()
    failure: str | None = None


def run_reset(reset: ResetPlan, workspace: Workspace, snapshot: Snapshot, session: Session, screen: Screen) -> ResetOutcome:
    """Do it, and say where the databases are then; the backups are made already."""
    restore_commands = _carried_out(reset, workspace, snapshot, session, screen)
    for database in session.ask("inspect", timeout=TIMEOUT):
        screen.say((database.address.name, "heading"), " is now", *report_position(database))
    return restore_commands


def _carried_out(reset: ResetPlan, workspace: Workspace, snapshot: Snapshot, session: Session, screen: Screen) -> ResetOutcome:
    if reset.depth == "stamp":
        for database in session.ask("inspect", timeout=TIMEOUT):
            session.ask("stamp", revisions=reset.revisions, bind=database.bind)
        return ResetOutcome()
    if reset.depth == "database":
        session.ask("recreate")
        return ResetOutcome(failure=_upgraded(snapshot, session))
    return _restart_migrations(workspace, snapshot, session, screen)


def _upgraded(snapshot: Snapshot, session: Session) -> str | None:
    """Run every revision on the new database, one by one; return what stopped it."""
    graph = snapshot.graph
    try:
        for revision in graph.in_order_to_run(graph.revisions):
            session.ask("run", revision=revision, direction="upgrade")
    except MigmergeError as error:
        return str(error)
    return None


def _restart_migrations(workspace: Workspace, snapshot: Snapshot, session: Session, screen: Screen) -> ResetOutcome:
    environment, repository = snapshot.environment, workspace.repository
    aside = _set_aside(repository, environment)
    commands = tuple(
        f"rm -rf {shlex.quote(there)} && mv {shlex.quote(here)} {shlex.quote(there)}" for there, here in aside.items()
    )
    session.ask("recreate")
    try:
        for arguments in _first_commands(environment):
            _run(arguments, repository, environment, screen)
    except MigmergeError as error:
        return ResetOutcome(commands, str(error))
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


def _first_commands(environment: Environment) -> list[list[str]]:
    """Return the commands that write the first migration and run it."""
    if environment.kind == "flask-migrate":
        folder = [] if environment.path == "migrations" else ["-d", os.path.basename(environment.path)]
        commands = [["init"], ["migrate", "-m", "start over"], ["upgrade"]]
        return [["flask", "db", command, *folder, *rest] for command, *rest in commands]
    named = ["-c", os.path.basename(environment.config or "alembic.ini"), "-n", environment.section]
    return [["alembic", *named, "revision", "--autogenerate", "-m", "start over"], ["alembic", *named, "upgrade", "head"]]


def _run(arguments: list[str], repository: Repository, environment: Environment, screen: Screen) -> None:
    place = project_runtime(environment, repository.top, repository.top)
    screen.say("  ", (shlex.join(arguments), "command"))
    done = subprocess.run(
        [place.python, "-m", *arguments],
        cwd=place.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise MigmergeError(f"{shlex.join(arguments)}: {last}", hint="take the way back that is printed")


@dataclass(frozen=True, slots=True)
class ResetOptions:
    """What the user told `migmerge reset`: how deep, which databases by their names, and the revision to stamp."""

    depth: str | None = None
    named: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    dry_run: bool = False
