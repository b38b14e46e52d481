"""A rehearsal on scratch databases: both orders of a divergence, on empty tables and on tables with rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.database.rehearsal import Failure, Orders, Rehearsal, RehearsalPlan, Run, notes_on
from ...core.errors import MigmergeError
from ..alembic_seams import DOWN, UP
from ..connection import synchronous
from ..schema_diff import LEFTOVERS, ReflectedSchema, after_orders, compare, reflect
from ..scratch import COPIED, scratch_copy, scratch_database
from .run_script import LoadedScripts, database_errors_translated, load_scripts, quiet, run_script, scratch_connection
from .seed import Seeded, seed
from .surroundings import NO_SURROUNDINGS, Surroundings, make_surroundings, set_search_path

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


@dataclass(frozen=True, slots=True)
class RehearsalOptions:
    """Say whether to downgrade to the branch point too, and hold the naming convention of the models.

    `progress` receives the direction and the revision of each step before it runs: `upgrade a1`. `surroundings` are those of
    the real database, and `engine_name` is its name among several.
    """

    downgrade: bool = False
    naming_convention: Mapping[str, Any] | None = None
    progress: Callable[[str], object] = lambda _: None
    surroundings: Surroundings = NO_SURROUNDINGS
    engine_name: str = ""


def rehearse(url: URL, scripts: Sequence[Path], plan: RehearsalPlan, folder: Path, options: RehearsalOptions) -> Rehearsal:
    """Run a plan in both orders on databases of the same dialect and server as `url`, whose database is not touched.

    `scripts` are the folders of the scripts. SQLite's scratch databases are made in `folder`.

    Raises:
        MigmergeError: where no scratch database can be made, the scripts cannot be loaded, or the branch point is not reached.
    """
    if len(plan.sides) < 2 or not all(plan.sides):
        raise MigmergeError("a rehearsal needs two sides with a revision each", hint="migmerge check")
    with quiet(), database_errors_translated("rehearsal"):
        loaded = replace(load_scripts(scripts, options.naming_convention), engine_name=options.engine_name)
        one, other = (loaded.in_order(order) for order in plan.orders)
        base = tuple(loaded.get(revision).revision for revision in plan.base)
        runner = _Runner(synchronous(url), folder, loaded, base, (one, other), options)
        with runner.template() as template:
            runs, differences, leftovers = runner.on_empty_tables(template, plan.order_names)
            seeded, rows = runner.on_seeded_tables(template)
    notes = (*notes_on((one, other), runs, seeded, rows.tables), *rows.notes)
    return Rehearsal(runs, seeded, differences, leftovers, notes)


@dataclass(frozen=True, slots=True)
class _Runner:
    """Hold where a rehearsal runs and what: the revisions below the branch point, and both orders of those above."""

    url: URL
    folder: Path
    scripts: LoadedScripts
    base: tuple[str, ...]
    orders: Orders
    options: RehearsalOptions

    @contextmanager
    def template(self) -> Iterator[URL | None]:
        """Make the database at the branch point that the others are copied from; yield None where none is copied."""
        if self.url.get_backend_name() not in COPIED:
            yield None
            return
        with self._new_database() as template:
            yield template

    def on_empty_tables(
        self, template: URL | None, names: tuple[str, str]
    ) -> tuple[tuple[Run, Run], tuple[str, ...], tuple[str, ...]]:
        """Return both runs, the differences of the schemas, and what the downgrades to the branch point leave behind."""
        with self._at_branch_point(template) as one, self._at_branch_point(template) as other:
            before = reflect(one).disconnected() if self.options.downgrade else None
            runs = self._run(one, 0), self._run(other, 1)
            if any(run.failure for run in runs):
                return runs, (), ()
            differences = compare(reflect(one), reflect(other), after_orders(names))
            if before is None:
                return runs, differences, ()
            leftovers = [*self._leftovers(one, 0, before), *self._leftovers(other, 1, before)]
            return runs, differences, tuple(dict.fromkeys(leftovers))

    def on_seeded_tables(self, template: URL | None) -> tuple[tuple[Run, Run], Seeded]:
        """Return both runs on tables with rows, and the tables that have some; the second run uses up the template."""
        if template is None:
            (one, rows), (other, _) = self._seeded_run(0), self._seeded_run(1)
            return (one, other), rows
        with self._connection(template) as connection:
            rows = seed(connection, reflect(connection).metadata)
        with self._at_branch_point(template) as connection:
            one = self._run(connection, 0)
        with self._connection(template) as connection:
            return (one, self._run(connection, 1)), rows

    def _seeded_run(self, number: int) -> tuple[Run, Seeded]:
        with self._at_branch_point(None) as connection:
            rows = seed(connection, reflect(connection).metadata)
            return self._run(connection, number), rows

    @contextmanager
    def _at_branch_point(self, template: URL | None) -> Iterator[Connection]:
        made = self._new_database() if template is None else scratch_copy(template, self.folder)
        with made as url, self._connection(url) as connection:
            yield connection

    @contextmanager
    def _connection(self, url: URL) -> Iterator[Connection]:
        with scratch_connection(url) as connection:
            set_search_path(connection, self.options.surroundings)
            yield connection

    @contextmanager
    def _new_database(self) -> Iterator[URL]:
        with scratch_database(self.url, self.folder) as url:
            with self._connection(url) as connection:
                make_surroundings(connection, self.options.surroundings, self.scripts.texts((*self.base, *self.orders[0])))
                for revision in self.base:
                    if failure := self._step(connection, revision, UP):
                        raise _branch_point_unreached(failure)
            yield url

    def _run(self, connection: Connection, number: int) -> Run:
        ran: list[str] = []
        for revision in self.orders[number]:
            ran.append(revision)
            if failure := self._step(connection, revision, UP):
                return Run(tuple(ran), failure)
        return Run(tuple(ran))

    def _leftovers(self, connection: Connection, number: int, before: ReflectedSchema) -> Iterator[str]:
        for revision in reversed(self.orders[number]):
            if failure := self._step(connection, revision, DOWN):
                statement = f": {failure.statement}" if failure.statement else ""
                yield f"{revision} does not go down again: {failure.reason}{statement}"
                return
        yield from compare(before, reflect(connection), LEFTOVERS)

    def _step(self, connection: Connection, revision: str, direction: str) -> Failure | None:
        self.options.progress(f"{direction} {revision}")
        return run_script(connection, self.scripts, revision, direction)


def _branch_point_unreached(failure: Failure) -> MigmergeError:
    """Report that the history fails below the branch point, in any order of the sides."""
    statement = f" in {failure.statement}" if failure.statement else ""
    return MigmergeError(
        f"{failure.revision}, before the branch point, does not run on an empty database: {failure.reason}{statement}",
        hint=f"alembic upgrade {failure.revision} on an empty database, to see it alone",
    )
