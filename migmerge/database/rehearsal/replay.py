"""A replay of scripts on a scratch database, which is read after each revision that may have changed its catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.database.rehearsal import Failure
from ...core.database.replay import Replay, ReplayedRevision, ReplayRequest
from ...core.database.schema_catalog import CatalogChange
from ..alembic_seams import UP
from ..connection import synchronous
from ..full_catalog.read import CatalogChanges
from ..guard import address_of
from ..project import Project
from ..scratch import scratch_database
from .run_script import LoadedScripts, database_errors_translated, load_scripts, quiet, run_script, scratch_connection
from .surroundings import Surroundings, make_surroundings, set_search_path

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


_KEPT = ("insert", "update", "delete", "merge", "replace", "pragma", "set", "begin", "commit", "rollback", "savepoint", "release")
"""How statements begin that leave the catalogue as it is; a SELECT can call a function that does not."""
_ROWS = re.compile(r"\b(?:insert|update|delete|merge|replace|copy|truncate|call|do)\b|\bfrom\b", re.IGNORECASE)
_OTHER_ROWS = re.compile(
    r"_alembic_tmp_|alembic_version|information_schema|\bpg_\w+|sqlite_master|sqlite_schema|^\s*pragma", re.IGNORECASE
)
_PATCHES_CATALOG = re.compile("writable_schema", re.IGNORECASE)
"""The setting that lets a script put another statement into SQLite's catalogue, which SQLite itself reads at a later time."""
_NO_ROWS = re.compile(r"^\s*(?:create|alter|drop|comment|grant|revoke)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReplayPlace:
    """Hold where a replay runs: the URL of the real database, the folders of the scripts, and one for a SQLite file.

    `naming_convention` is that of the models; `on_revision` is called before each revision.
    """

    url: URL
    scripts: Sequence[Path]
    folder: Path
    naming_convention: Mapping[str, Any] | None = None
    on_revision: Callable[[], object] = lambda: None


def replay(place: ReplayPlace, request: ReplayRequest) -> Replay:
    """Run revisions in their order on an empty database like the real one; one that fails is left out and said.

    What env.py alone makes is made first: the schemas and the extensions of the real database that no script names.

    Raises:
        MigmergeError: where no scratch database can be made, or the scripts cannot be loaded.
    """
    with quiet(), database_errors_translated("replay"):
        loaded = replace(load_scripts(place.scripts, place.naming_convention), engine_name=request.bind)
        surroundings = Surroundings(request.schemas, request.extensions, request.search_path)
        with scratch_database(synchronous(place.url), place.folder) as scratch, scratch_connection(scratch) as connection:
            make_surroundings(connection, surroundings, loaded.texts(request.order))
            set_search_path(connection, surroundings)
            return _run(connection, loaded, request.order, place.on_revision)


def replay_scripts(project: Project, wanted: ReplayRequest, folder: str, scripts: Sequence[str]) -> Replay:
    """Replay scripts on the server of the database of a bind, which was inspected."""
    return replay(scratch_place(project, wanted.bind, folder, len(wanted.order), scripts), wanted)


def scratch_place(project: Project, bind: str, folder: str, steps: int, scripts: Sequence[str] = ()) -> ReplayPlace:
    """Return where scripts run beside the database of a bind, with the progress of so many steps."""
    project.guard.allow_changes()
    url = project.urls[bind]
    project.guard.allow(address_of(url))
    project.guard.may_create_files = True
    done, convention = count(1), project.naming_conventions.get(bind)
    return ReplayPlace(
        url, [Path(each) for each in scripts], Path(folder), convention, lambda: project.on_progress(next(done), steps)
    )


def _run(connection: Connection, scripts: LoadedScripts, order: Sequence[str], on_revision: Callable[[], object]) -> Replay:
    ran, failures = list[ReplayedRevision](), list[Failure]()
    watch = CatalogWatch(connection)
    for name in order:
        on_revision()
        revision, failure = watch.run(name, partial(run_script, connection, scripts, name, UP))
        ran.append(revision)
        failures += [failure] if failure else []
    return Replay(tuple(ran), tuple(failures))


class CatalogWatch:
    """Tell what each of several runs changes in the catalogue of a scratch database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._catalog = CatalogChanges(connection, "alembic_version")
        connection.rollback()

    def run(self, revision: str, run: Callable[[], Failure | None]) -> tuple[ReplayedRevision, Failure | None]:
        """Return what a function changes in the catalogue, and its result."""
        with _statements(self._connection) as statements:
            failure = run()
        changes = () if all(map(_keeps_catalog, statements)) else self._changes(statements)
        return ReplayedRevision(revision, changes, bool(statements), any(map(_is_about_rows, statements))), failure

    def _changes(self, statements: Sequence[str]) -> tuple[CatalogChange, ...]:
        found = self._catalog.since_last(is_patched=any(map(_PATCHES_CATALOG.search, statements)))
        self._connection.rollback()
        return found


@contextmanager
def _statements(connection: Connection) -> Iterator[list[str]]:
    """Gather the SQL that a script runs, without Alembic's own records."""
    from sqlalchemy import event

    found: list[str] = []

    def gather(_: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if "alembic_version" not in statement and "alembic_version" not in str(parameters) and statement != "BEGIN":
            found.append(statement)

    event.listen(connection, "before_cursor_execute", gather)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", gather)


def _keeps_catalog(statement: str) -> bool:
    return statement.lstrip(" \n\t(").lower().startswith(_KEPT)


def _is_about_rows(statement: str) -> bool:
    return bool(_ROWS.search(statement)) and not _OTHER_ROWS.search(statement) and not _NO_ROWS.search(statement)
