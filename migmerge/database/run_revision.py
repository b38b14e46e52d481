"""Running one revision at a time, so that whatever happens the database is at a recorded one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..core.errors import MigmergeError
from .project import Project

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


UP, DOWN = "upgrade", "downgrade"


def run_revision(project: Project, revision: str, direction: str, versions: Sequence[str] = ()) -> None:
    """Run the `upgrade` or `downgrade` of one revision on every database that needs it, and record it, in one transaction.

    The scripts come from the folders `versions` where some are given. What cannot be in one transaction with the record
    is MySQL's and MariaDB's DDL.

    Raises:
        MigmergeError: with the statement that failed; the transaction is rolled back.
    """

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        scripts = context.script
        assert scripts is not None
        if not _needs(scripts, revision, direction, recorded):
            return []
        _begin(context)
        script = scripts.get_revision(revision)
        step = MigrationStep.upgrade_from_script if direction == UP else MigrationStep.downgrade_from_script
        return [step(scripts.revision_map, script)]

    from alembic.runtime.migration import MigrationStep

    project.guard.looking = False
    with _statements_told(revision):
        project.run(work, versions=versions, transactional_ddl=_transactional(project))


def rerun(project: Project, revision: str, bind: str | None = None) -> None:
    """Run the `upgrade` of a revision that is recorded already, and leave the record as it is."""
    from .alembic_seams import RerunStep, records_unchanged

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        scripts = context.script
        assert scripts is not None
        if _needs(scripts, revision, UP, recorded):
            return []
        _begin(context)
        return [RerunStep(scripts.revision_map, scripts.get_revision(revision))]

    project.guard.looking = False
    with _statements_told(revision), records_unchanged():
        project.run(work, transactional_ddl=_transactional(project))


def stamp(project: Project, revisions: Sequence[str], bind: str) -> None:
    """Record just these revisions in the database of a bind, whatever was recorded there before, and run nothing."""
    from .inspect import bind_of

    seen: list[str] = []

    def work(recorded: Any, context: MigrationContext) -> Any:
        seen.append(bind_of(context, len(seen)))
        if seen[-1] == bind:
            _record(context, revisions)
        return []

    project.guard.looking = False
    project.run(work, transactional_ddl=_transactional(project))


def _record(context: MigrationContext, revisions: Sequence[str]) -> None:
    """Write the version table as `alembic stamp --purge` does, for this one of several databases alone."""
    connection = context.connection
    assert connection is not None
    with context.begin_transaction(_per_migration=True):
        _begin(context)
        context._ensure_version_table(purge=True)
        for revision in revisions:
            connection.execute(context._version.insert().values(version_num=revision))


def _transactional(project: Project) -> bool | None:
    """Let SQLite's DDL be in the transaction, as SQLite can and Alembic does not take for granted."""
    return True if any(url.get_backend_name() == "sqlite" for url in project.urls.values()) else None


def _needs(scripts: Any, revision: str, direction: str, recorded: Sequence[str]) -> bool:
    """Say whether one database of several still has to go this step: killed between two commits they differ."""
    if direction == DOWN:
        return revision in recorded
    applied = (
        {each.revision for each in scripts.iterate_revisions(tuple(recorded), "base", implicit_base=True)} if recorded else set()
    )
    return revision not in applied


def _begin(context: MigrationContext) -> None:
    """Begin what Python's sqlite3 only begins before it writes rows: DDL would be committed statement by statement."""
    from sqlalchemy.exc import OperationalError

    connection = context.connection
    if connection is None or connection.dialect.name != "sqlite":
        return
    file = connection.exec_driver_sql("PRAGMA database_list").first()
    if not (file and file[2]) and str(connection.engine.url.database or ":memory:") not in (":memory:", ""):
        raise MigmergeError(
            f"{connection.engine.url.database} is not what the application is connected to", hint="flask db upgrade"
        )
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "within a transaction" not in str(error.orig):  # as after an event of the project's own
            raise


@contextmanager
def _statements_told(revision: str) -> Iterator[None]:
    """Name the revision, and the statement where there is one, in what went wrong."""
    try:
        yield
    except MigmergeError as error:
        statement = " ".join(str(getattr(error.__cause__, "statement", None) or "").split())
        told = f"; the statement was: {statement[:300]}" if statement else ""
        raise MigmergeError(f"{revision}: {error}{told}", hint=error.hint) from error
