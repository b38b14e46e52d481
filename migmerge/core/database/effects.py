"""The tables, columns and indexes that revisions leave in a database, and those of them that a database lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..operations.operation import Action, ObjectKind, Operation, Operations
from ..operations.possible_drops import PossibleDrops, RawSqlEffectsById, words_in
from .catalog_check import CatalogCheck, CheckedItem, is_doubtful
from .database import Schema
from .expected_schema import ExpectedSchema, expected_after
from .expected_table import folded
from .script_set import ScriptSet

_VERSION_TABLE = "alembic_version"

OperationsById = Mapping[str, Operations]
EffectKey = tuple[ObjectKind, str, str]


@dataclass(frozen=True, slots=True)
class Effect:
    """Name one item that a revision leaves behind; `name` is None for a table, `database` is empty in scripts for only one.

    A unique constraint is called an index, for catalogues list it as one. `said` is what a proof calls the effect.
    """

    revision: str
    kind: ObjectKind
    table: str
    name: str | None
    database: str = ""
    said: str = ""

    def __str__(self) -> str:
        if self.said:
            return self.said
        match self.kind:
            case ObjectKind.TABLE:
                return f"the table {self.table}"
            case ObjectKind.COLUMN:
                return f"the column {self.table}.{self.name}"
            case ObjectKind.VALUE:
                return f"the value {self.name} of the type {self.table}"
        return f"the index {self.name} on {self.table}"


@dataclass(frozen=True, slots=True)
class PartialEffects:
    """Hold the effects of a revision that a database lacks, and those that it has: none where the revision was skipped.

    `present` leaves out what had the same name before the revision ran.
    """

    revision: str
    missing: tuple[Effect, ...]
    present: tuple[Effect, ...]


def effects_of(names: Sequence[str], operations: OperationsById, database: str | None = None) -> tuple[Effect, ...]:
    """Return the certain effects of revisions that ran in this order; the database None means all of them.

    A dropped item is left out; a renamed one has its last name, and still the revision that made it.
    """
    found: dict[Effect, None] = {}
    for each in _databases(operations) if database is None else (database,):
        for held in expected_after(names, operations, each):
            for item in (held, *held.columns.values(), *held.indexes.values()):
                if item.trail:
                    name = None if item is held else item.name
                    found[Effect(item.trail[0][0], item.kind, held.label, name, each)] = None
    positions = {name: position for position, name in enumerate(names)}
    return tuple(sorted(found, key=lambda effect: positions[effect.revision]))


def skipped_effects(
    names: Sequence[str], operations: OperationsById, texts: Mapping[str, bytes], schema: Schema, database: str = ""
) -> tuple[PartialEffects, ...]:
    """Return the revisions that are recorded to have run, in this order, and whose effects are missing in whole or in part.

    `database` is its name in scripts for several databases. A revision that only drops or alters has no effect to look
    for, nor has one whose work may have been undone by code that cannot be read.
    """
    checked = tuple(CatalogCheck(schema).look(expected_after(names, operations, database)))
    if not any(each.missing for each in checked):
        return ()
    doubts = PossibleDrops(names, RawSqlEffectsById(operations, texts))
    certain = [each for each in checked if not (each.missing and is_doubtful(each, doubts))]
    return tuple(partial for partial in _partial_effects(names, certain, database) if partial.missing)


def unrecorded_effects(
    pending: Sequence[str], ran: Sequence[str], scripts: ScriptSet, schema: Schema, database: str = ""
) -> tuple[PartialEffects, ...]:
    """Return the revisions that are not recorded and have effects in the schema that no other revision explains.

    A revision is judged by what it alone makes. Explained is whatever a revision that is not pending makes, even in a
    branch of its code that is perhaps not taken, and every name in the text of such a revision that cannot be read.
    """
    operations = scripts.operations
    others = {name: operations[name] for name in operations.keys() - set(pending)}
    explained = {effect_key(each.kind, each.table, each.name) for each in effects_of(ran, operations)}
    explained |= {key for each in others.values() for operation in each.done for key in keys_made_by(operation)}
    said = PossibleDrops(tuple(others), RawSqlEffectsById(others, scripts.texts)).said
    replay, check, checked = ExpectedSchema(database), CatalogCheck(schema), list[CheckedItem]()
    for name in pending:
        replay.run(name, operations.get(name, Operations()))
        for held, item in replay.made:
            if replay.holds(held, item):
                checked += check.look_at(held, replay, (item,))
    kept = [each for each in checked if each.missing or not _is_explained(each, explained, said)]
    partials = {each.revision: each for each in _partial_effects(pending, kept, database)}
    values = added_values(pending, operations, schema, database)
    found = (_with_present(partials.get(name) or PartialEffects(name, (), ()), values.get(name, ())) for name in pending)
    return tuple(partial for partial in found if partial.present)


def added_values(
    pending: Iterable[str], operations: OperationsById, schema: Schema, database: str
) -> dict[str, tuple[Effect, ...]]:
    """Return the values that revisions add to enum types which have them already: PostgreSQL stops at the first of these.

    A type that one of these revisions makes, drops or changes otherwise is left out from there on.
    """
    found, changed = dict[str, tuple[Effect, ...]](), set[str]()
    there = {folded(name): values for name, values in schema.enum_values.items()}
    for name in pending:
        done = [each for each in operations.get(name, Operations()).done if each.database in (None, database)]
        added = [each for each in done if _adds_value(each) and each.name in there.get(folded(each.table or ""), ())]
        certain = [each for each in added if folded(each.table or "") not in changed]
        if certain:
            found[name] = tuple(Effect(name, each.kind, each.table or "", each.name, database) for each in certain)
        changed |= {folded(each.name or "") for each in done if each.kind is ObjectKind.ENUM}
        changed |= {folded(each.table or "") for each in done if each.kind is ObjectKind.VALUE and each.action is Action.RENAME}
    return found


def _adds_value(operation: Operation) -> bool:
    is_certain = not operation.guarded and not operation.conditional
    return operation.kind is ObjectKind.VALUE and operation.action is Action.CREATE and is_certain


def _with_present(partial: PartialEffects, effects: tuple[Effect, ...]) -> PartialEffects:
    return replace(partial, present=(*partial.present, *effects)) if effects else partial


def unexplained(effects: Iterable[Effect], schema: Schema, operations: OperationsById | None = None) -> tuple[str, ...]:
    """Return the tables that no effect accounts for, sorted; with `operations`, nor anything that these may have made."""
    names = {folded(each.table) for each in effects if each.kind is ObjectKind.TABLE}
    made = (key for each in (operations or {}).values() for operation in each.done for key in keys_made_by(operation))
    names |= {table for kind, table, _ in made if kind is ObjectKind.TABLE}
    known = {name.rpartition(".")[2] for name in names} | {_VERSION_TABLE}
    return tuple(sorted(name for name in schema.tables if folded(name).rpartition(".")[2] not in known))


def _databases(operations: OperationsById) -> tuple[str, ...]:
    """Return the names by which scripts tell databases apart; in scripts for only one, that is the empty name."""
    named = {each.database for one in operations.values() for each in one.done if each.database is not None}
    return tuple(sorted(named)) or ("",)


def _partial_effects(names: Iterable[str], checked: Iterable[CheckedItem], database: str) -> Iterator[PartialEffects]:
    found: dict[str, tuple[list[Effect], list[Effect]]] = defaultdict(lambda: ([], []))
    for each in checked:
        # An item that is made only where none has its name may be older than the revision.
        if each.missing or (each.proof and not each.item.guarded):
            effect = Effect(each.revision, each.kind, each.table, each.name, database)
            found[each.revision][not each.missing].append(effect)
    for name in names:
        if name in found:
            missing, present = found[name]
            yield PartialEffects(name, tuple(sorted(missing, key=_rank)), tuple(sorted(present, key=_rank)))


def _rank(effect: Effect) -> int:
    """Put tables first, then columns, then indexes."""
    return list(ObjectKind).index(effect.kind)


def _is_explained(checked: CheckedItem, explained: set[EffectKey], said: frozenset[str]) -> bool:
    """Tell whether an item that the catalogue has can be the work of another revision than the one that would make it."""
    held = checked.held
    if effect_key(checked.kind, checked.table, checked.name) in explained:
        return True
    if held.trail and held.trail[0][0] == checked.revision and effect_key(ObjectKind.TABLE, checked.table, None) in explained:
        return True
    return words_in(checked.name or checked.table) <= said


def effect_key(kind: ObjectKind, table: str, name: str | None) -> EffectKey:
    """Return what identifies an item of a catalogue, whatever its case."""
    return kind, folded(table), name or "" if kind is ObjectKind.VALUE else folded(name or "")


def keys_made_by(operation: Operation) -> Iterator[EffectKey]:
    """Yield the items that an operation makes or renames, if it happens."""
    if operation.action not in (Action.CREATE, Action.RENAME) or operation.table is None:
        return
    if operation.kind is ObjectKind.TABLE:
        yield effect_key(ObjectKind.TABLE, operation.new_name or operation.table, None)
        yield from (effect_key(ObjectKind.COLUMN, operation.table, column) for column in operation.columns)
    elif operation.kind not in (ObjectKind.ENUM, ObjectKind.VALUE):
        kind = ObjectKind.COLUMN if operation.kind is ObjectKind.COLUMN else ObjectKind.INDEX
        yield effect_key(kind, operation.table, operation.new_name or operation.name)
