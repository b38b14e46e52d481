"""The proof that recorded revisions ran: a replay of their scripts compared with the catalogue of the real database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..operations.operation import ObjectKind
from .effects import Effect, PartialEffects
from .replay import FactHistory, Replay
from .replay_doubts import NO_DOUBTS, ReplayDoubts
from .schema_catalog import NAME, WEAK, Catalog, CatalogKey, in_words, owners_of

IsUnrelated = Callable[[str, str], bool]
"""Say whether neither of two revisions comes before the other, so that a database may have run them in any order."""

_KINDS = {"table": ObjectKind.TABLE, "column": ObjectKind.COLUMN, "enum": ObjectKind.ENUM, "value": ObjectKind.VALUE}


@dataclass(frozen=True, slots=True)
class Proof:
    """Say of the recorded revisions which ones ran, which ones did not, and which ones leave nothing to tell.

    `skipped` hold effects that are missing, `altered` are facts that are other than any revision made them, in words, by
    revision. `unproven` are in the order in which they ran; `of_rows` are those of them that read or write rows. `foreign`
    are the tables that no revision makes, `foreign_parts` in words the columns, indexes and constraints of other tables.
    `in_doubt` says that revisions failed in the replay, and something is not judged.
    """

    proven: tuple[str, ...] = ()
    skipped: tuple[PartialEffects, ...] = ()
    altered: Mapping[str, tuple[str, ...]] | None = None
    unproven: tuple[str, ...] = ()
    of_rows: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    foreign_parts: tuple[str, ...] = ()
    in_doubt: bool = False

    def doubting_rows_of(self, names: Collection[str]) -> Proof:
        """Return the proof where nothing tells whether revisions changed the rows that they change now."""
        doubted = tuple(name for name in self.proven if name in names)
        proven = tuple(name for name in self.proven if name not in names)
        return replace(self, proven=proven, unproven=(*self.unproven, *doubted), of_rows=(*self.of_rows, *doubted))


@dataclass(frozen=True, slots=True)
class _Fact:
    """Hold a fact with its history, what it is in the real database, and the revision that made its item."""

    key: CatalogKey
    history: Sequence[tuple[str, str | None]]
    actual: str | None
    maker: str

    @property
    def revision(self) -> str:
        return self.history[-1][0]

    @property
    def revisions(self) -> Iterator[str]:
        """Yield the revisions that the fact proves: the one that set it, and before it that which made what was renamed."""
        for revision, value in reversed(self.history):
            if value != self.expected:
                return
            yield revision

    @property
    def expected(self) -> str | None:
        return self.history[-1][1]

    @property
    def holds(self) -> bool:
        return self.expected == self.actual

    @property
    def setter(self) -> str | None:
        """Return the last revision that made the fact what it is in the real database; None where none did."""
        return next((revision for revision, value in reversed(self.history) if value == self.actual), None)

    @property
    def was_so(self) -> bool:
        """Say whether the fact was, before its last change, what it is in the real database."""
        if self.setter is not None or self.actual is not None:
            return self.setter is not None
        return not self.key.aspect or self.history[0][0] != self.maker


def prove(replay: Replay, actual: Catalog, is_unrelated: IsUnrelated, doubts: ReplayDoubts = NO_DOUBTS) -> Proof:
    """Compare a replay with a real catalogue, and blame each difference on the revision that set the fact last.

    Nothing is said of a fact that is in doubt.
    """
    history = replay.history
    facts = [_fact(key, history, actual) for key in history.values if not doubts.cover(key)]
    judged = [fact for fact in facts if _is_comparable(fact, history, actual) and not _order_explains(fact, is_unrelated)]
    holding, missing, altered = _by_revision(judged, history, actual)
    skipped = [
        PartialEffects(each.revision, tuple(missing[each.revision]), tuple(holding.get(each.revision, ())))
        for each in replay.revisions
        if each.revision in missing
    ]
    wrong = missing.keys() | altered.keys()
    failed = set(replay.failed)
    idle = {each.revision for each in replay.revisions if not each.has_statements and not each.changes}
    shown = {name for fact in judged if fact.holds for name in fact.revisions}
    proven = tuple(each.revision for each in replay.revisions if each.revision in (shown | idle) - wrong - failed)
    left = [each for each in replay.revisions if each.revision not in wrong.union(proven)]
    return Proof(
        proven,
        tuple(skipped),
        {name: tuple(words) for name, words in altered.items()},
        tuple(each.revision for each in left),
        tuple(each.revision for each in left if each.has_rows),
        tuple(sorted(key.owner for key in actual if _is_foreign(key, history) and not doubts.cover(key))),
        tuple(sorted(in_words(key, actual) for key in actual if _is_foreign_part(key, history) and not doubts.cover(key))),
        in_doubt=bool(failed),
    )


def _is_foreign(key: CatalogKey, history: FactHistory) -> bool:
    """Say whether a fact is a table that no revision makes, in a schema of the revisions: others are for other programs."""
    is_made_by_none = key.kind == "table" and not key.aspect and key not in history.former
    return is_made_by_none and key.owner.rpartition(".")[0] in history.schemas


def _is_foreign_part(key: CatalogKey, history: FactHistory) -> bool:
    """Say whether a fact is a part that no revision has made of a table that is made here."""
    is_part = bool(key.name) and not key.aspect and CatalogKey("table", key.owner) in history.catalog
    return is_part and key not in history.former and not _is_nameless_check(key, history)


def _fact(key: CatalogKey, history: FactHistory, actual: Catalog) -> _Fact:
    maker = ""
    for revision, value in reversed(history.values.get(key.item, ())):
        if value is None:
            break
        maker = revision
    return _Fact(key, history.values[key], actual.get(key), maker)


def _is_comparable(fact: _Fact, history: FactHistory, actual: Catalog) -> bool:
    """Say whether a fact tells something: an aspect of what both have, and no name or collation that nobody gave."""
    key = fact.key
    if not key.aspect:
        return fact.expected is not None or not _is_nameless_check(key, history)
    if key.item not in actual or key.item not in history.catalog:
        return False
    if key.aspect not in WEAK:
        return True
    return len(fact.history) > 1 and bool(fact.actual) and (fact.holds or fact.setter is not None)


def _is_nameless_check(key: CatalogKey, history: FactHistory) -> bool:
    """Say whether a check never had a name, so that no revision drops it but by chance, as batches of SQLite do."""
    return key.kind == "check constraint" and key._replace(aspect=NAME) not in history.values


def _order_explains(fact: _Fact, is_unrelated: IsUnrelated) -> bool:
    """Say whether a real database differs only because it ran unrelated revisions in another order."""
    if fact.holds:
        return False
    setter = fact.setter
    return setter is not None and is_unrelated(setter, fact.revision)


def _by_revision(
    facts: Sequence[_Fact], history: FactHistory, actual: Catalog
) -> tuple[dict[str, list[Effect]], dict[str, list[Effect]], dict[str, list[str]]]:
    """Return the effects that hold, those that are missing, and in words what was never so, by the revision that set them."""
    holding, missing = defaultdict[str, list[Effect]](list), defaultdict[str, list[Effect]](list)
    altered = defaultdict[str, list[str]](list)
    for fact in facts:
        if fact.holds:
            if fact.key.aspect and fact.maker == fact.revision:
                continue
            holding[fact.revision].append(_effect(fact, history.catalog, actual))
        elif _goes_with_owner(fact, history, actual):
            continue
        elif fact.was_so:
            missing[fact.revision].append(_effect(fact, history.catalog, actual))
        else:
            altered[fact.revision].append(_alteration(fact, history.catalog, actual))
    return holding, missing, altered


def _goes_with_owner(fact: _Fact, history: FactHistory, actual: Catalog) -> bool:
    """Say whether a table or view differs altogether, which says enough of what the same or an earlier revision did to its parts.

    So does a column that was renamed, of the indexes and constraints over it.
    """
    if (item := history.carried.get(fact.key)) and item != fact.key and item in history.catalog and item not in actual:
        return True
    owners = (key for key in owners_of(fact.key) if (key in history.catalog) != (key in actual))
    return any(key in history.values and history.values[key][-1][0] == fact.revision for key in owners)


def _alteration(fact: _Fact, expected: Catalog, actual: Catalog) -> str:
    """Say how a fact differs from all that revisions made of it."""
    if fact.expected is None:
        return f"{in_words(fact.key, actual)} is there"
    if fact.actual is None:
        return f"{in_words(fact.key, expected)} is not there"
    if not fact.key.aspect:
        return f"the definition of {fact.key} is another one"
    return f"{fact.key} is {fact.actual}, not {fact.expected}"


def _effect(fact: _Fact, expected: Catalog, actual: Catalog) -> Effect:
    key = fact.key
    is_made = fact.expected is not None and not key.aspect
    kind = _KINDS.get(key.kind, ObjectKind.CONSTRAINT) if is_made else ObjectKind.CONSTRAINT
    name = None if kind is ObjectKind.TABLE else key.name
    return Effect(fact.revision, kind, key.owner, name, said=_said(fact, expected, actual))


def _said(fact: _Fact, expected: Catalog, actual: Catalog) -> str:
    if fact.expected is None:
        return f"the removal of {in_words(fact.key, actual)}"
    if not fact.key.aspect and fact.actual not in (None, fact.expected):
        return f"the new definition of {fact.key}"
    return in_words(fact.key, expected)
