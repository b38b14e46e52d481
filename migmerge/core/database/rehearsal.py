"""A rehearsal: both sides of a divergence, applied in both orders, and its result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ..graph import RevisionGraph
from ..text import enumerate_names

_LONGEST = 300
"""Characters of a statement that are shown."""


Orders = tuple[tuple[str, ...], tuple[str, ...]]
"""The revisions since the branch point, with one side first and with the other."""


class RehearsalVerdict(Enum):
    """Say whether the order of the sides matters."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class RehearsalPlan:
    """Hold what is to be run, revision by revision.

    `base` leads from nothing to the branch point. Each of `sides` is in its own order, and `merge` comes after all of them.
    `names` are what the reader calls the sides; their last revisions where it is empty.
    """

    base: tuple[str, ...]
    sides: tuple[tuple[str, ...], ...]
    merge: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def orders(self) -> Orders:
        """Return the revisions since the branch point, with the sides as they are given and the other way round."""
        return self._joined(self.sides), self._joined(self.sides[::-1])

    @property
    def order_names(self) -> tuple[str, str]:
        """Return both orders in the reader's words: `ours, theirs` and `theirs, ours`."""
        names = self.names or tuple(side[-1] for side in self.sides)
        return ", ".join(names), ", ".join(names[::-1])

    def expected_steps(self, *, downgrade: bool) -> int:
        """Return about how many revisions a rehearsal runs: those below the branch point once, the others in each run."""
        return len(self.base) + (4 + downgrade) * len(self.orders[0])

    def _joined(self, sides: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*(each for side in sides for each in side), *self.merge]))


@dataclass(frozen=True, slots=True)
class Failure:
    """Say which revision failed and why; `statement` is its SQL in one line, None where no SQL was refused.

    `is_of_schema` where the statement is refused for what the catalogue has or lacks, whatever rows there are.
    """

    revision: str
    statement: str | None
    reason: str
    is_of_schema: bool = False

    def __str__(self) -> str:
        return f"{self.reason}; the statement was: {self.statement}" if self.statement else self.reason


@dataclass(frozen=True, slots=True)
class Run:
    """Hold the revisions since the branch point in the order they ran; the last one is the one that failed, if any did."""

    order: tuple[str, ...]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class SaidFailure:
    """Hold a failure as it is said once: `who` says which revision fails, or which of two, and after what."""

    who: str
    failure: Failure
    with_rows: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Hold both orders on empty tables and on tables with a few rows, and how the two final schemas differ.

    `leftovers` are what going down again to the branch point leaves behind. Each difference, leftover and note is one line.
    `database` names the database that the rehearsal stands for, where a project has several.
    """

    runs: tuple[Run, Run]
    seeded: tuple[Run, Run]
    differences: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    database: str = ""

    @property
    def verdict(self) -> RehearsalVerdict:
        """Return SAME where nothing failed on empty tables, nothing differs or is left, and rows made no order fail alone."""
        fails = any(run.failure for run in self.runs)
        is_same = not (fails or self.differences or self.leftovers or self.depends_on_rows)
        return RehearsalVerdict.SAME if is_same else RehearsalVerdict.DIFFERENT

    @property
    def depends_on_rows(self) -> bool:
        """Say whether tables with rows made one order alone fail, or the two orders at different revisions."""
        one, other = (run.failure and run.failure.revision for run in self.seeded)
        return one != other


def with_notes_once(results: Iterable[tuple[RehearsalPlan, Rehearsal]]) -> Iterator[tuple[RehearsalPlan, Rehearsal]]:
    """Yield the results, each note of a database with the first one alone."""
    said = set[tuple[str, str]]()
    for plan, rehearsal in results:
        new = tuple(note for note in rehearsal.notes if (rehearsal.database, note) not in said)
        said |= {(rehearsal.database, note) for note in new}
        yield plan, replace(rehearsal, notes=new)


def failures_to_say(rehearsal: Rehearsal) -> tuple[SaidFailure, ...]:
    """Return each failure once: of tables with rows only those that empty tables do not have."""
    empty = [run for run in rehearsal.runs if run.failure]
    known = {run.failure.revision for run in empty if run.failure}
    seeded = [run for run in rehearsal.seeded if run.failure and run.failure.revision not in known]
    return (*_said(empty, with_rows=False), *(_said(seeded, with_rows=True) if rehearsal.depends_on_rows else ()))


def _said(runs: Sequence[Run], *, with_rows: bool) -> Iterator[SaidFailure]:
    failures = [run.failure for run in runs if run.failure]
    if len(failures) == 2 and failures[0].reason == failures[1].reason:
        names = sorted({each.revision for each in failures})
        who = f"whichever of {' and '.join(names)} runs second" if len(names) == 2 else f"{failures[0].revision}, in either order"
        yield SaidFailure(who, failures[0], with_rows)
        return
    for run, failure in zip(runs, failures, strict=True):
        before = [name for name in run.order if name != failure.revision]
        after = f" after {enumerate_names(before)}" if before else ""
        yield SaidFailure(f"{failure.revision}{after}", failure, with_rows)


def fails_with_rows(seeded: tuple[Run, Run], tables: Iterable[str]) -> str | None:
    """Say which revision fails in both orders where `tables` have rows, which is no matter of order; None where none does."""
    one, other = (run.failure for run in seeded)
    if one is None or other is None or one.revision != other.revision:
        return None
    statement = one.statement or ""
    named = [table for table in tables if re.search(rf"(?<!\w){re.escape(table.rpartition('.')[2])}(?!\w)", statement)]
    where = f"{named[0]} has" if named else "there are"
    return f"{one.revision} fails wherever {where} rows, in either order: {one.reason}"


def after_dependencies(revisions: Iterable[str], parents_of: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """Return the revisions in the given order, but each after those of them that are its parents or dependencies."""
    left = dict.fromkeys(revisions)
    ordered: list[str] = []

    def visit(revision: str) -> None:
        if revision in left:
            del left[revision]
            for parent in parents_of(revision):
                visit(parent)
            ordered.append(revision)

    for revision in tuple(left):
        visit(revision)
    return tuple(ordered)


def notes_on(orders: Orders, runs: tuple[Run, Run], seeded: tuple[Run, Run], tables: Iterable[str]) -> Iterator[str]:
    """Yield what a reader has to know beside the verdict; `tables` are those that have rows in the `seeded` runs."""
    if orders[0] == orders[1]:
        yield "the sides depend on each other, so that there is only one order"
    if not any(run.failure for run in runs) and (note := fails_with_rows(seeded, tables)):
        yield note


def shortened(statement: str) -> str:
    """Return a statement in one line of at most 300 characters."""
    line = " ".join(statement.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def rehearsals_for(graph: RevisionGraph) -> tuple[RehearsalPlan, ...]:
    """Return a plan for each divergence; where there is none, for each head that is a merge revision."""
    plans = [_plan(graph, divergence.heads) for divergence in graph.divergences]
    return tuple(plans or [_plan(graph, graph.parents[head], (head,)) for head in graph.heads if len(graph.parents[head]) > 1])


def _plan(graph: RevisionGraph, ends: Iterable[str], merge: tuple[str, ...] = ()) -> RehearsalPlan:
    lineages = {end: graph.ancestors(end) for end in ends}
    shared = frozenset.intersection(*lineages.values())
    sides = tuple(graph.in_order_to_run(lineage - shared) for lineage in lineages.values())
    base = graph.implied([*lineages, *merge]) - {name for side in (*sides, merge) for name in side}
    return RehearsalPlan(graph.in_order_to_run(base), tuple(side for side in sides if side), merge)
