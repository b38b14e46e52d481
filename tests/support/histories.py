"""Revision histories, drawn at random, and databases that run their steps with Alembic's own version table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import count
from types import SimpleNamespace

from alembic.runtime.migration import HeadMaintainer, MigrationContext, RevisionStep
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from migmerge.core.database.database import Address, Database, Schema, Table
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.sync_steps import Discard, Downgrade, Rerun, Stamp, SyncStep
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import Operations
from migmerge.core.revision import Identifiers, Revision


def revision(name: str, *parents: str, labels: Sequence[str] = (), depends_on: Sequence[str] = ()) -> Revision:
    return Revision(Identifiers(name, parents, tuple(labels), tuple(depends_on)), f"versions/{name}.py")


def alembics(revisions: Iterable[Revision]) -> RevisionMap:
    """Return Alembic's own map of revisions, whose scripts do nothing."""
    return RevisionMap(lambda: [_alembics(each) for each in revisions])


def _alembics(each: Revision) -> AlembicRevision:
    found = AlembicRevision(each.revision, each.down_revisions or None, each.depends_on or None, each.branch_labels or None)
    found.module = SimpleNamespace(upgrade=None, downgrade=None)  # type: ignore[attr-defined]
    return found


@st.composite
def histories(draw: st.DrawFn, *, circles: bool = False, most: int = 10) -> list[Revision]:
    """Draw revisions with several parents and bases, labels and dependencies by id and label; each follows those before it."""
    names = [f"r{number}" for number in draw(st.permutations(range(draw(st.integers(0, most)))))]
    labelled = {name: f"label_{name}" for name in names if draw(st.integers(0, 4)) == 4}
    revisions = []
    for index, name in enumerate(names):
        known = names if circles else names[:index]
        nearby = known if circles else known[-4:]
        parents = draw(st.lists(st.sampled_from(nearby), max_size=3, unique=True)) if nearby else []
        references = [*known, *(labelled[each] for each in known if each in labelled)]
        needs = draw(st.lists(st.sampled_from(references), max_size=2, unique=True)) if references else []
        revisions.append(revision(name, *parents, labels=[labelled[name]] if name in labelled else [], depends_on=needs))
    return draw(st.permutations(revisions))


def without_redundant_needs(revisions: Iterable[Revision]) -> list[Revision]:
    """Leave out parents and dependencies that another one is built on: the `upgrade` of Alembic 1.20 can die of them."""
    graph = RevisionGraph(revisions)
    reduced = []
    for name, each in graph.revisions.items():
        needs = recorded_by(graph, graph.needs(name))
        parents = [parent for parent in each.down_revisions if parent in needs]
        depends = [reference for reference in each.depends_on if graph.resolve(reference) in needs]
        reduced.append(revision(name, *parents, labels=each.branch_labels, depends_on=depends))
    return reduced


RENAMED = "_new"
"""The ending of an id that a revision got later: what it makes keeps its name."""


def table_of(name: str) -> str:
    """Return the one table that a revision makes."""
    return f"t_{name.removesuffix(RENAMED)}"


@lru_cache
def script_of(name: str) -> bytes:
    """Return the text of a script that makes its table; nobody reads identifiers from it."""
    return (
        "from alembic import op\nimport sqlalchemy as sa\n\n"
        f"def upgrade():\n    op.create_table('{table_of(name)}', sa.Column('id', sa.Integer))\n\n"
        f"def downgrade():\n    op.drop_table('{table_of(name)}')\n"
    ).encode()


@lru_cache
def _operations_of(name: str) -> Operations:
    return read_operations(script_of(name))


def script_set(here: Iterable[Revision], there: Iterable[Revision] = ()) -> ScriptSet:
    """Return the scripts of a checkout, and those of phantoms; each makes the table that `script_of` says."""
    graph = RevisionGraph(here)
    names = (*graph.revisions, *(each.revision for each in there))
    return ScriptSet(graph, {name: script_of(name) for name in names}, {name: _operations_of(name) for name in names})


def tables_of(names: Iterable[str]) -> Schema:
    return Schema({table_of(name): Table(frozenset(["id"])) for name in names})


def recorded_by(graph: RevisionGraph, ran: Iterable[str]) -> tuple[str, ...]:
    """Return what a version table holds once these have run: those on which none of the others is built."""
    names = frozenset(ran)
    needed = {need for name in names for need in graph.implied([name]) - {name}}
    return tuple(sorted(names - needed))


def database(recorded: Iterable[str] = (), tables: Schema | None = None, *, bind: str = "") -> Database:
    name = f"{bind or 'shop'}.db"
    address = Address(f"sqlite:///{name}", "sqlite", name)
    return Database(address, bind, tuple(recorded), schema=Schema() if tables is None else tables)


_NUMBERS = count()


@cache
def _connection() -> Connection:
    """Return one connection for all version tables: a database in memory for each of them would take most of the time."""
    return create_engine("sqlite://").connect()


class SimulatedDatabase:
    """Run the steps of sync plans: real rows in Alembic's version table, and a set of names for the tables.

    `scripts` are all that a folder of the checkout's and the phantoms' scripts holds. A step fails like the real one.
    """

    def __init__(self, scripts: Sequence[Revision], before: Database) -> None:
        self.graph, self.map, self.bind = RevisionGraph(scripts), alembics(scripts), before.bind
        self.tables = set(before.schema.tables)
        self._context = MigrationContext.configure(_connection(), opts={"version_table": f"version_{next(_NUMBERS)}"})
        self._replace_rows(before.recorded)

    @property
    def rows(self) -> tuple[str, ...]:
        return tuple(sorted(self._context.get_current_heads()))

    def run(self, step: SyncStep) -> bool:
        """Run one step where the database needs it; return whether it was needed."""
        match step:
            case Stamp(bind=bind, after=after):
                if bind == self.bind:
                    self._replace_rows(after)
                return bind == self.bind
            case Downgrade(revision=name):
                return name in self.rows and self._change(name, is_upgrade=False)
            case Discard():
                return False  # this database has tables alone
            case Rerun(revision=name, binds=binds):
                return self.bind in binds and name in self._implied() and self._create(name)
        return step.revision not in self._implied() and self._change(step.revision, is_upgrade=True)

    def _implied(self) -> set[str]:
        """Return what Alembic takes for run; it refuses rows of which one is built on another."""
        nodes = self.map._get_ancestor_nodes(self.map.get_revisions(self.rows), check=True)  # noqa: SLF001 (what `upgrade` uses)
        return {each.revision for each in nodes}

    def _change(self, name: str, *, is_upgrade: bool) -> bool:
        missing = set(self.graph.needs(name)) - self._implied()
        assert not missing, f"{name} runs before {missing}"
        if is_upgrade:
            self._create(name)
        else:
            self.tables.remove(table_of(name))
        HeadMaintainer(self._context, self.rows).update_to_step(
            RevisionStep(self.map, self.map.get_revision(name), is_upgrade)  # type: ignore[arg-type]
        )
        return True

    def _create(self, name: str) -> bool:
        assert table_of(name) not in self.tables, f"the table of {name} is there already"
        self.tables.add(table_of(name))
        return True

    def _replace_rows(self, revisions: Iterable[str]) -> None:
        self._context._ensure_version_table(purge=True)  # noqa: SLF001 (what `alembic stamp --purge` uses)
        connection = self._context.connection
        assert connection
        for each in revisions:
            connection.execute(self._context._version.insert().values(version_num=each))  # noqa: SLF001
