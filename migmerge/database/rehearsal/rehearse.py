"""A rehearsal on scratch databases: both sides of a divergence in both orders, on empty tables and on tables with rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.database.rehearsal import Failure, Rehearsal, RehearsalPlan, Run, fails_with_rows
from ...core.errors import MigmergeError
from ..connection import reason_of, synchronous
from ..schema_diff import LEFTOVERS, ReflectedSchema, after_orders, compare, reflect
from ..scratch import COPIED, scratch_copy, scratch_database
from .run_script import DOWN, UP, LoadedScripts, connected, load, quiet, run
from .seed import Seeded, seed

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


Progress = Callable[[str], object]
"""What is told, before each revision runs, what is about to happen: `upgrade a1`."""


def rehearse(
    url: URL,
    scripts: Sequence[Path],
    plan: RehearsalPlan,
    folder: Path,
    *,
    downgrade: bool = False,
    engine_name: str = "",
    naming_convention: Mapping[str, Any] | None = None,
    progress: Progress = lambda _: None,
) -> Rehearsal:
    """Run a plan in both orders on databases of the same dialect and server as `url`, which itself is not touched.

    `scripts` are the folders with the script files, `folder` is where SQLite's scratch databases go. `downgrade` goes down
    again to the branch point too. What env.py would have told the scripts are the `engine_name` of multi-database
    scripts, and the models' `naming_convention`.

    Raises:
        MigmergeError: where no scratch database can be made, the scripts cannot be loaded, or the branch point is not reached.
    """
    if len(plan.sides) < 2 or not all(plan.sides):
        raise MigmergeError("a rehearsal needs two sides with a revision each", hint="migmerge check")
    with quiet(), _breakdown_told():
        loaded = LoadedScripts(load(scripts), engine_name, naming_convention or {})
        one, other = (loaded.in_order(order) for order in plan.orders)
        base = tuple(loaded.get(revision).revision for revision in plan.base)
        stage = _Stage(synchronous(url), folder, loaded, base, (one, other), progress)
        with stage.template() as template:
            runs, differences, leftovers = stage.on_empty_tables(template, plan.order_names, downgrade=downgrade)
            seeded, rows = stage.on_seeded_tables(template)
    return Rehearsal(runs, seeded, differences, leftovers, tuple(_notes((one, other), runs, seeded, rows)))


@contextmanager
def _breakdown_told() -> Iterator[None]:
    """Tell what is nobody's fault among the scripts: a server that goes away, a schema that cannot be read."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise MigmergeError(
            f"the rehearsal broke off: {type(error).__name__}: {reason_of(error)}",
            hint="look at the database server; where it is well: pip install --upgrade alembic sqlalchemy",
        ) from error


def _notes(
    orders: tuple[Sequence[str], Sequence[str]], runs: tuple[Run, Run], seeded: tuple[Run, Run], rows: Seeded
) -> Iterator[str]:
    if orders[0] == orders[1]:
        yield "the sides depend on each other, so that there is only one order"
    if not any(run.failure for run in runs) and (told := fails_with_rows(seeded, rows.tables)):
        yield told
    yield from rows.notes


@dataclass(frozen=True, slots=True)
class _Stage:
    """Hold where a rehearsal takes place and what is played: the revisions before the branch point and both orders since."""

    url: URL
    folder: Path
    scripts: LoadedScripts
    base: tuple[str, ...]
    orders: tuple[tuple[str, ...], tuple[str, ...]]
    progress: Progress

    @contextmanager
    def template(self) -> Iterator[URL | None]:
        """Make the one database at the branch point that the others are copied from; None where they are not copied."""
        if self.url.get_backend_name() not in COPIED:
            yield None
            return
        with self._new() as template:
            yield template

    def on_empty_tables(
        self, template: URL | None, names: tuple[str, str], *, downgrade: bool
    ) -> tuple[tuple[Run, Run], tuple[str, ...], tuple[str, ...]]:
        """Return both runs, and in words how the schemas differ and what going down again leaves behind."""
        with self._at_branch_point(template) as one, self._at_branch_point(template) as other:
            before = reflect(one).disconnected() if downgrade else None
            runs = self._run(one, 0), self._run(other, 1)
            if any(run.failure for run in runs):
                return runs, (), ()
            differences = compare(reflect(one), reflect(other), after_orders(names))
            if before is None:
                return runs, differences, ()
            leftovers = [*self._leftovers(one, 0, before), *self._leftovers(other, 1, before)]
            return runs, differences, tuple(dict.fromkeys(leftovers))

    def on_seeded_tables(self, template: URL | None) -> tuple[tuple[Run, Run], Seeded]:
        """Return both runs on tables with rows, and which tables have some; the second run ends what the template is for."""
        if template is None:
            (one, rows), (other, _) = self._seeded_run(0), self._seeded_run(1)
            return (one, other), rows
        with connected(template) as connection:
            rows = seed(connection, reflect(connection).metadata)
        with self._at_branch_point(template) as connection:
            one = self._run(connection, 0)
        with connected(template) as connection:
            return (one, self._run(connection, 1)), rows

    def _seeded_run(self, number: int) -> tuple[Run, Seeded]:
        with self._at_branch_point(None) as connection:
            rows = seed(connection, reflect(connection).metadata)
            return self._run(connection, number), rows

    @contextmanager
    def _at_branch_point(self, template: URL | None) -> Iterator[Connection]:
        made = self._new() if template is None else scratch_copy(template, self.folder)
        with made as url, connected(url) as connection:
            yield connection

    @contextmanager
    def _new(self) -> Iterator[URL]:
        with scratch_database(self.url, self.folder) as url:
            with connected(url) as connection:
                for revision in self.base:
                    if failure := self._step(connection, revision, UP):
                        raise _unreached(failure)
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
                told = f": {failure.statement}" if failure.statement else ""
                yield f"{revision} does not go down again: {failure.reason}{told}"
                return
        yield from compare(before, reflect(connection), LEFTOVERS)

    def _step(self, connection: Connection, revision: str, direction: str) -> Failure | None:
        self.progress(f"{direction} {revision}")
        return run(connection, self.scripts, revision, direction)


def _unreached(failure: Failure) -> MigmergeError:
    """Say that the history itself does not run, whatever the sides do."""
    told = f" in {failure.statement}" if failure.statement else ""
    return MigmergeError(
        f"{failure.revision}, before the branch point, does not run on an empty database: {failure.reason}{told}",
        hint=f"alembic upgrade {failure.revision} on an empty database, to see it alone",
    )
