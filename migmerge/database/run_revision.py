"""One revision at a time, so that a database is at a recorded revision whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..core.database.backup import Saved
from ..core.errors import MigmergeError
from .alembic_seams import (
    DOWN,
    UP,
    StepByStepEnvironment,
    migration_transaction,
    replace_records,
    step_of,
    steps_unrecorded,
    unrecorded_step_of,
)
from .backup.saved import require_saved
from .project import Project

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory


def run_revision(
    project: Project, revision: str, direction: str, versions: Sequence[str] = (), saved: Saved | None = None
) -> None:
    """Run and record one revision, `upgrade` or `downgrade`, in one transaction on every database that needs the step.

    The scripts come from the folders `versions` where some are given. DDL of MySQL and MariaDB is in no transaction.

    Raises:
        MigmergeError: with the statement that failed; the transaction is rolled back. Also where a database has neither a
            backup nor a reason for having none in `saved`: an upgrade can drop tables and rows, too.
    """

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        scripts = _scripts(context)
        if not _needs(scripts, revision, direction, recorded):
            return []
        _require_saved(project, saved)
        _begin(context)
        return [step_of(scripts, scripts.get_revision(revision), direction)]

    with _statement_in_error(lambda: revision):
        project.run(work, versions=versions, transactional_ddl=_transactional(project))


def run_steps(
    project: Project, steps: Sequence[tuple[str, str]], versions: Sequence[str] = (), saved: Saved | None = None
) -> None:
    """Run and record revisions one after the other like `run_revision`, each with its direction, and report each that is done.

    env.py and the scripts are loaded once where there is one database whose transactions env.py leaves to Alembic; else env.py
    runs for each step, so that all databases stay at the same step.
    """
    done = 0
    while done < len(steps):
        if project.inspected == 1 and len(steps) - done > 1:
            done = _run_together(project, steps, done, versions, saved)
        else:
            run_revision(project, *steps[done], versions, saved)
            done += 1
            project.on_progress(done, len(steps))


def _run_together(
    project: Project, steps: Sequence[tuple[str, str]], first: int, versions: Sequence[str], saved: Saved | None
) -> int:
    """Run the steps from `first` on in one run of env.py, or one where env.py has a transaction; return how many are done."""
    done = first

    def work(recorded: Any, context: MigrationContext) -> Iterator[object]:
        nonlocal done
        scripts, environment = _scripts(context), context.environment_context
        assert isinstance(environment, StepByStepEnvironment)
        applied = _applied(scripts, recorded)
        for revision, direction in steps[first:] if environment.is_transaction_ours else steps[first : first + 1]:
            if revision in context.get_current_heads() if direction == DOWN else revision not in applied:
                _require_saved(project, saved)
                _begin(context)
                yield step_of(scripts, scripts.get_revision(revision), direction)
            applied = applied - {revision} if direction == DOWN else applied | {revision}
            done += 1  # Alembic has committed the step before it asks for another one
            if environment.is_transaction_ours:
                project.on_progress(done, len(steps))

    with _statement_in_error(lambda: steps[min(done, len(steps) - 1)][0]):
        project.run_step_by_step(work, versions=versions, transactional_ddl=_transactional(project))
    if done <= first + 1:
        done = first + 1
        project.on_progress(done, len(steps))
    return done


def rerun(
    project: Project, revision: str, binds: Sequence[str], versions: Sequence[str] = (), saved: Saved | None = None
) -> None:
    """Run the `upgrade` of a revision on the databases of `binds` that record it, and leave the records unchanged.

    The scripts come from the folders `versions` where some are given; `saved` and the errors are as in `run_revision`.
    """

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        scripts = _scripts(context)
        if project.bind not in binds or _needs(scripts, revision, UP, recorded):
            return []
        _require_saved(project, saved)
        _begin(context)
        return [unrecorded_step_of(scripts, scripts.get_revision(revision), UP)]

    with _statement_in_error(lambda: revision), steps_unrecorded():
        project.run(work, versions=versions, transactional_ddl=_transactional(project))


def stamp(project: Project, revisions: Sequence[str], bind: str) -> None:
    """Replace the records of one database, that of a bind, and run nothing.

    `alembic stamp` is not enough here: it stamps every database of env.py, and refuses an id that no script has.
    """

    def work(recorded: Any, context: MigrationContext) -> list[object]:
        if project.bind == bind:
            with migration_transaction(context):
                _begin(context)
                replace_records(context, revisions)
        return []

    project.run(work, transactional_ddl=_transactional(project))


def _require_saved(project: Project, saved: Saved | None) -> None:
    require_saved(saved or {}, project.bind, project.bind or "the database")


def _scripts(context: MigrationContext) -> ScriptDirectory:
    assert context.script is not None
    return context.script


def _transactional(project: Project) -> bool | None:
    """Put SQLite's DDL into the transaction, which Alembic does not do by default."""
    return True if any(url.get_backend_name() == "sqlite" for url in project.urls.values()) else None


def _needs(scripts: Any, revision: str, direction: str, recorded: Sequence[str]) -> bool:
    """Say whether a database needs a step: several databases differ after a process was killed between two commits."""
    return revision in recorded if direction == DOWN else revision not in _applied(scripts, recorded)


def _applied(scripts: Any, recorded: Sequence[str]) -> frozenset[str]:
    ancestors = scripts.iterate_revisions(tuple(recorded), "base", implicit_base=True) if recorded else ()
    return frozenset(each.revision for each in ancestors)


def _begin(context: MigrationContext) -> None:
    """Begin a transaction, which Python's sqlite3 does before it writes rows and not before DDL."""
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
        if "within a transaction" not in str(error.orig):  # an event listener of the project can begin one
            raise


@contextmanager
def _statement_in_error(revision: Callable[[], str]) -> Iterator[None]:
    """Add the revision, the one at the time of the error, to its message, and the statement where there is one."""
    try:
        yield
    except MigmergeError as error:
        statement = " ".join(str(getattr(error.__cause__, "statement", None) or "").split())
        shown = f"; the statement was: {statement[:300]}" if statement else ""
        raise MigmergeError(f"{revision()}: {error}{shown}", hint=error.hint) from error
