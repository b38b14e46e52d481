"""The revisions that a database most probably has run, judged by its schema alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..graph import RevisionGraph
from ..operations.operation import Operations
from ..operations.possible_drops import PossibleDrops, RawSqlEffectsById
from ..order import sorted_after
from ..text import enumerate_names
from .catalog_check import CatalogCheck, CheckedItem, is_doubtful
from .database import Schema
from .expected_schema import ExpectedSchema, expected_after
from .script_set import ScriptSet

_MOST_ROUNDS = 20
"""Rounds in which the revisions that a schema contradicts are found one upon another; real graphs take two or three."""


@dataclass(frozen=True, slots=True)
class StampGuess:
    """Hold the heads of the revisions that a database has run, as its schema proves.

    `unproven` are revisions on top of them that leave no trace in a schema, and above which no revision has left one either.
    """

    heads: tuple[str, ...]
    unproven: tuple[str, ...]

    @property
    def doubt(self) -> str:
        """Say which revisions nothing proves: `b and c leave no trace to tell`; empty where there is none."""
        leave = "leaves" if len(self.unproven) == 1 else "leave"
        return f"{enumerate_names(self.unproven)} {leave} no trace to tell" if self.unproven else ""


def guess_revision(
    graph: RevisionGraph, operations: Mapping[str, Operations], texts: Mapping[str, bytes], schema: Schema, database: str = ""
) -> StampGuess:
    """Return the heads of the largest set of revisions, closed under what they follow, that the schema does not contradict.

    A revision contradicts a schema that lacks what it makes, or still has what it drops, unless another of the set
    accounts for it. A revision that leaves no trace is in the set where one above it has left a trace, or where it does
    nothing and all that it follows is in the set.
    """
    search = _Search(graph, operations, texts, schema, database)
    return search.stamp_guess(search.fitting())


def proven_revisions(scripts: ScriptSet, names: Iterable[str], schema: Schema, database: str = "") -> frozenset[str]:
    """Return those of some revisions, in their order, that left a trace in a schema, with all that these follow."""
    search = _Search(scripts.graph, scripts.operations, scripts.texts, schema, database)
    return search.proven(tuple(names))


def traced_revisions(
    names: Sequence[str], operations: Mapping[str, Operations], schema: Schema, database: str = ""
) -> frozenset[str]:
    """Return the revisions of which a schema has something that they made themselves."""
    checked = CatalogCheck(schema).look(expected_after(names, operations, database))
    return frozenset(each.revision for each in checked if not each.missing)


class _Search:
    """Look for the revisions of a graph that a schema does not contradict."""

    def __init__(
        self,
        graph: RevisionGraph,
        operations: Mapping[str, Operations],
        texts: Mapping[str, bytes],
        schema: Schema,
        database: str,
    ) -> None:
        self._operations = operations
        self._raw_sql = RawSqlEffectsById(operations, texts)
        self._catalog = CatalogCheck(schema)
        self._database = database
        self._needs = {name: graph.needs(name) for name in graph.revisions}
        self._order = sorted_after(self._needs, graph.in_order(graph.revisions))

    def fitting(self) -> tuple[str, ...]:
        """Return the revisions that nothing contradicts, each after what it follows.

        Once a revision is out, those that it alone accounted for contradict the schema in turn: hence the rounds. After
        too many rounds only a beginning of the order is looked for, by bisection.
        """
        names = self._order
        for _ in range(_MOST_ROUNDS):
            contradicted = self._contradicted(names)
            if not contradicted:
                return names
            names = tuple(self._closed(names, contradicted))
        low, high = 0, len(names) + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if not self._contradicted(names[:middle]) else (low, middle)
        return names[:low]

    def _closed(self, names: Iterable[str], without: set[str]) -> Iterator[str]:
        left = set(without)
        for name in names:
            if name in left or not left.isdisjoint(self._needs[name]):
                left.add(name)
            else:
                yield name

    def _contradicted(self, names: Sequence[str]) -> set[str]:
        replay = expected_after(names, self._operations, self._database)
        missing = [each for each in self._catalog.look(replay) if each.missing]
        doubts = PossibleDrops(names, self._raw_sql) if missing else None
        lacking = {each.revision for each in missing if doubts and not is_doubtful(each, doubts)}
        return lacking | {each.revision for each in self._catalog.remnants(replay) if each.there}

    def stamp_guess(self, names: tuple[str, ...]) -> StampGuess:
        """Take the revisions that left a trace, and leave out those beyond the last trace that seem to lack an effect."""
        replay = expected_after(names, self._operations, self._database)
        checked = tuple(self._catalog.look(replay))
        proven = self._proven(names, replay, checked)
        missing = {each.revision for each in checked if each.missing}
        taken, unproven = dict[str, None](), dict[str, None]()
        for name in names:
            needs = self._needs[name]
            follows = bool(needs) and name not in missing and all(need in taken or need in unproven for need in needs)
            is_idle = self._operations.get(name) == Operations() and not unproven.keys() & needs
            if name in proven or (follows and is_idle):
                taken[name] = None
            elif follows:
                unproven[name] = None
        followed = {need for name in taken for need in self._needs[name]}
        return StampGuess(tuple(sorted(taken.keys() - followed)), tuple(unproven))

    def proven(self, names: tuple[str, ...]) -> frozenset[str]:
        """Return the revisions that have left a trace, and all that these follow."""
        replay = expected_after(names, self._operations, self._database)
        return frozenset(self._proven(names, replay, tuple(self._catalog.look(replay))))

    def _proven(self, names: Sequence[str], replay: ExpectedSchema, checked: Iterable[CheckedItem]) -> set[str]:
        """Return the revisions that have left a trace, and all that these follow.

        A missing item is the trace of the revision that dropped it only where the item is known to have existed.
        """
        proven = self._with_needs({each.item.again or each.revision for each in checked if not each.missing})
        positions = {name: position for position, name in enumerate(names)}
        for each in sorted(self._catalog.remnants(replay), key=lambda remnant: positions[remnant.revision]):
            if each.maker in proven and each.revision not in proven:
                proven = self._with_needs({each.revision}, proven)
        return proven

    def _with_needs(self, found: set[str], known: Iterable[str] = ()) -> set[str]:
        pending = list(found)
        reached = {*known, *found}
        while pending:
            for need in self._needs[pending.pop()]:
                if need not in reached:
                    reached.add(need)
                    pending.append(need)
        return reached
