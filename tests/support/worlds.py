"""Checkouts with phantoms, renamed and lost revisions, and the databases beside them, drawn at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from migmerge.core.database.database import Database
from migmerge.core.database.phantom import Fate, Phantom, phantom_chain
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import PhantomChain
from migmerge.core.errors import MigmergeError
from migmerge.core.graph import RevisionGraph
from migmerge.core.revision import Revision
from tests.support.histories import (
    RENAMED,
    database,
    histories,
    recorded_by,
    revision,
    script_set,
    table_of,
    tables_of,
    without_redundant_needs,
)


class World(NamedTuple):
    """A checkout, what other commits have, the ids that `renamed` gives their revisions here, and the databases.

    `lost` are revisions that no commit has any more.
    """

    here: list[Revision]
    there: list[Revision]
    renamed: Mapping[str, str]
    lost: frozenset[str]
    databases: tuple[Database, ...]

    @property
    def known(self) -> list[Revision]:
        return [each for each in (*self.here, *self.there) if each.revision not in self.lost]

    @property
    def graph(self) -> RevisionGraph:
        """Return all that was ever there, what is lost included."""
        return RevisionGraph([*self.here, *self.there])

    @property
    def scripts(self) -> ScriptSet:
        return script_set(self.here, self.known)

    def successors(self, name: str) -> list[str]:
        """Return the id that a revision has in the checkout, where that is another one."""
        return [self.renamed[name]] if name in self.renamed else []

    def applied(self, database: Database) -> frozenset[str]:
        """Return the revisions of the checkout whose tables a database has."""
        return frozenset(each.revision for each in self.here if table_of(each.revision) in database.schema.tables)

    @property
    def chains(self) -> dict[str, PhantomChain]:
        """Return the chains of what the databases record and the checkout lacks, like an inspection does."""
        texts = {each.revision: (each, b"") for each in self.known}
        here = {each.revision for each in self.here}
        chains = {}
        for name in sorted({name for each in self.databases for name in each.recorded} - here):
            try:
                names = phantom_chain(name, texts, here)
            except MigmergeError:
                continue
            fate = Fate.RENAMED if name in self.renamed else Fate.LOST
            phantom = Phantom(name, "c0ffee", f"versions/{name}.py", fate=fate, successor=self.renamed.get(name))
            successors = {each: (Fate.RENAMED, self.renamed[each]) for each in names if each in self.renamed}
            chains[name] = PhantomChain(phantom, tuple(texts[each][0] for each in names), successors)
        return chains


@st.composite
def worlds(draw: st.DrawFn, binds: Sequence[tuple[str, ...]] = (("",), ("", "logs"))) -> World:
    """Draw a history of which the checkout lacks some heads, some of them renamed or lost, and databases along the way."""
    history = RevisionGraph(without_redundant_needs(draw(histories(most=7))))
    ordered = history.in_order_to_run(history.revisions)
    gone = {name for name in ordered if draw(st.integers(0, 3)) == 3}
    gone = {name for name in ordered if not gone.isdisjoint(history.implied([name]))}
    gone |= {name for name in ordered if gone & set(history[name].depends_on)}
    renamed: dict[str, str] = {}
    for name in ordered:
        if (
            name in gone
            and set(history.needs(name)) <= (history.revisions.keys() - gone) | renamed.keys()
            and draw(st.booleans())
        ):
            renamed[name] = f"{name}{RENAMED}"
    here = [history[name] for name in ordered if name not in gone]
    here += [_under(renamed, history[name], history) for name in renamed]
    there = [history[name] for name in ordered if name in gone]
    lost = {name for name in sorted(gone - renamed.keys()) if draw(st.integers(0, 5)) == 5}
    lost = {name for name in gone if not lost.isdisjoint(history.implied([name]))}
    both = RevisionGraph([*here, *there])
    return World(
        here,
        there,
        renamed,
        frozenset(lost),
        tuple(draw(databases_in(both, renamed, bind)) for bind in draw(st.sampled_from(binds))),
    )


def _under(renamed: Mapping[str, str], old: Revision, history: RevisionGraph) -> Revision:
    depends = [history.resolve(each) or each for each in old.depends_on]
    return revision(
        renamed[old.revision],
        *(renamed.get(each, each) for each in old.down_revisions),
        depends_on=[renamed.get(each, each) for each in depends],
    )


@st.composite
def databases_in(draw: st.DrawFn, graph: RevisionGraph, renamed: Mapping[str, str], bind: str) -> Database:
    """Draw what has run: a set of revisions with all that they need, of a renamed one only under one of its ids."""
    out = {draw(st.sampled_from(pair)) for pair in renamed.items()}
    out |= {name for name in sorted(graph.revisions) if draw(st.integers(0, 3)) == 3}
    ran = [name for name in graph.revisions if out.isdisjoint(graph.implied([name]))]
    return database(recorded_by(graph, ran), tables_of(ran), bind=bind)


def world_of(
    here: list[Revision], there: list[Revision], recorded: Iterable[str], ran: Iterable[str], binds: Iterable[str] = ("",)
) -> World:
    """Return a world with databases that are alike; what has the ending of a renamed revision had the id without it before."""
    renamed = {each.revision.removesuffix(RENAMED): each.revision for each in here if each.revision.endswith(RENAMED)}
    recorded, tables = tuple(recorded), tables_of(ran)
    return World(here, there, renamed, frozenset(), tuple(database(recorded, tables, bind=bind) for bind in binds))
