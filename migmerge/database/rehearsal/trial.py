"""A trial of a plan on a copy of the schema of a real database, which is not touched."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.database.rehearsal import Failure
from ...core.database.replay import ReplayedRevision
from ...core.database.sync_steps import Discard
from ...core.database.trial import ScriptStep, Trial, TrialRequest
from ...core.errors import MigmergeError
from ..connection import synchronous
from ..full_catalog.postgresql import own_extensions
from ..full_catalog.read import read_catalog
from ..leftovers import drop_leftover
from ..project import Project
from .replay import CatalogWatch, ReplayPlace, scratch_place
from .run_script import LoadedScripts, database_errors_translated, failure_of, quiet, run_file, scratch_connection
from .schema_copy import schema_copy
from .surroundings import Surroundings, set_search_path

if TYPE_CHECKING:
    from sqlalchemy import Connection


def try_plan_on_copy(project: Project, wanted: TrialRequest, folder: str) -> Trial:
    """Try a plan on a copy of the schema of the database of a bind, which was inspected.

    Raises:
        MigmergeError: where env.py keeps tenants in it, of which a copy is not alone.
    """
    if project.tenants.get(wanted.bind):
        raise MigmergeError("it has tenants", hint="migmerge doctor --deep")
    return try_plan(scratch_place(project, wanted.bind, folder, len(wanted.steps)), wanted)


def try_plan(place: ReplayPlace, request: TrialRequest) -> Trial:
    """Run the steps of a plan, up to the first that fails, on a copy that has no rows.

    Raises:
        MigmergeError: where the schema cannot be copied, or an extension with it.
    """
    from alembic.script import ScriptDirectory

    with quiet(), database_errors_translated("trial"):
        scripts = LoadedScripts(ScriptDirectory(str(place.folder)), place.naming_convention, request.bind)
        with schema_copy(synchronous(place.url), place.folder) as copy, scratch_connection(copy) as connection:
            set_search_path(connection, Surroundings(search_path=request.search_path))
            _require_extensions(connection, request.extensions)
            return _run(connection, scripts, request, place.on_revision)


def _require_extensions(connection: Connection, extensions: Collection[str]) -> None:
    """Refuse a copy that lacks an extension, which takes a right to install: what relies on it would seem to fail."""
    missing = sorted({*extensions} - {*own_extensions(connection)} - {"plpgsql"}) if extensions else ()
    connection.rollback()
    if missing:
        raise MigmergeError(f"its copy lacks the extension {missing[0]}", hint="migmerge doctor --deep")


def _run(connection: Connection, scripts: LoadedScripts, request: TrialRequest, on_revision: Callable[[], object]) -> Trial:
    start = read_catalog(connection, "alembic_version")
    watch, ran = CatalogWatch(connection), list[ReplayedRevision]()
    for step in request.steps:
        on_revision()
        name = step.revision if isinstance(step, ScriptStep) else step.leftover.revision
        changed, failure = watch.run(name, partial(_run_step, connection, scripts, step))
        ran.append(changed)
        if failure:
            return Trial(start, tuple(ran), failure)
    return Trial(start, tuple(ran))


def _run_step(connection: Connection, scripts: LoadedScripts, step: ScriptStep | Discard) -> Failure | None:
    if isinstance(step, ScriptStep):
        return run_file(connection, scripts, Path(step.path), step.revision, step.direction)

    def drop() -> None:
        drop_leftover(connection, step.leftover.name, step.leftover)
        connection.commit()

    return failure_of(connection, step.leftover.revision, drop)
