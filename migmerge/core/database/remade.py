"""The revisions of phantoms that are not taken back: the checkout has them under another id, or makes again what they made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..graph import RevisionGraph
from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, ObjectKind, Operations
from ..revision import Revision
from ..script.functions import does_nothing, raises
from .effects import Effect, effects_of
from .expected_table import folded
from .script_set import ScriptSet
from .statements import calls_of

_Part = tuple[str, str]
"""A table and a column of it; an empty column stands for the table."""


def kept_revisions(
    revisions: Mapping[str, Revision], succeeded: Iterable[str], scripts: ScriptSet, database: str
) -> frozenset[str]:
    """Return the revisions of phantoms that a database keeps, where `succeeded` are those that the checkout has under another id.

    A downgrade that drops a table or column which the checkout makes as well would lose its rows for nothing, and so would
    the downgrade of what stands word for word in other scripts of the checkout. What the downgrade leaves there would be in
    the way of the script that makes it again. What a kept revision is built on is kept too,
    what joins kept ones and does nothing, and what cannot be taken back where it left nothing but what the checkout makes.
    """
    made = set(_made_by_checkout(scripts, database))
    said = frozenset().union(*(calls_of(scripts.texts[name], "upgrade", database) for name in scripts.graph.revisions))
    remade = [name for name in revisions if not made.isdisjoint(_made_or_dropped(name, scripts, database))]
    calls = {name: calls_of(scripts.texts.get(name, b""), "upgrade", database) for name in revisions}
    moved = [name for name in revisions if calls[name] and calls[name] <= said]
    graph = RevisionGraph(revisions.values())
    kept = frozenset(revisions) & graph.implied((*succeeded, *remade, *moved))
    kept |= _same_in_the_end(graph, scripts, database)
    for name in graph.in_order_to_run(revisions.keys() - kept):
        below = revisions.keys() & {*graph.needs(name)}
        if below and below <= kept and does_nothing(scripts.texts.get(name, b""), "upgrade"):
            kept |= {name}
    return kept


def _same_in_the_end(graph: RevisionGraph, scripts: ScriptSet, database: str) -> frozenset[str]:
    """Return what cannot be taken back, with what that is built on, where all of it made and dropped what the checkout does."""
    made, found = set(_made_by_checkout(scripts, database)), frozenset[str]()
    for name in graph.revisions:
        below = graph.in_order_to_run(graph.implied([name]))
        if not raises(scripts.texts.get(name, b""), "downgrade") or any(scripts.operations[each].unread for each in below):
            continue
        gone = {part for each in below for part in _dropped_by(scripts.operations[each], database)}
        if not left_by(below, scripts, database) and gone.isdisjoint(made):
            found |= frozenset(below)
    return found


def left_by(kept: Iterable[str], scripts: ScriptSet, database: str) -> tuple[Effect, ...]:
    """Return what kept revisions made and the checkout does not."""
    made = set(_made_by_checkout(scripts, database))
    own = effects_of(tuple(kept), scripts.operations, database)
    return tuple(each for each in own if each.kind is not ObjectKind.INDEX and _part(each) not in made)


def _made_by_checkout(scripts: ScriptSet, database: str) -> Iterator[_Part]:
    """Yield what the whole checkout leaves in a database, and what a part of it that is not certain may leave."""
    names = scripts.graph.in_order_to_run(scripts.graph.revisions)
    yield from map(_part, effects_of(names, scripts.operations, database))
    for name in names:
        operations = scripts.operations.get(name, Operations())
        for each in operations.done:
            unsure = each.conditional or each.guarded or operations.unread
            if unsure and each.action is Action.CREATE and each.table and each.database in (None, database):
                yield from _parts_of(each.kind, each.table, (each.name, *each.columns))


def _made_or_dropped(name: str, scripts: ScriptSet, database: str) -> Iterator[_Part]:
    """Yield what the upgrade of a revision makes and its downgrade takes away."""
    own = effects_of((name,), scripts.operations, database)
    yield from (_part(each) for each in own if each.kind is not ObjectKind.INDEX)
    yield from _dropped_by(read_operations(scripts.texts.get(name, b""), "downgrade"), database)


def _dropped_by(operations: Operations, database: str) -> Iterator[_Part]:
    for each in operations.done:
        if each.action in (Action.DROP, Action.RENAME) and each.table and each.database in (None, database):
            yield from _parts_of(each.kind, each.table, (each.name,))


def _parts_of(kind: ObjectKind, table: str, names: Iterable[str | None]) -> Iterator[_Part]:
    if kind is ObjectKind.TABLE:
        yield folded(table), ""
    if kind in (ObjectKind.TABLE, ObjectKind.COLUMN):
        yield from ((folded(table), folded(name)) for name in names if name)


def _part(effect: Effect) -> _Part:
    return folded(effect.table), folded(effect.name or "") if effect.kind is ObjectKind.COLUMN else ""
