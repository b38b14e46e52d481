"""The scripts of one side without what the other side does word for word, in `upgrade()` and in `downgrade()`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..operations.certainty import UnreadNames
from ..operations.operation import Action, Operation
from ..operations.side_changes import Change, SchemaObject, changes_of
from .script_text import ScriptText, by_hand, difference

Texts = Mapping[str, ScriptText]
"""The scripts of one side, by revision id, in the order in which they run."""


class Place(NamedTuple):
    """Hold a revision and the 1-based line of an operation in its `upgrade()`."""

    revision: str
    line: int


def without_doubled(mine: Texts, other: Texts, pairs: Sequence[tuple[Place, Place]]) -> dict[str, bytes]:
    """Return the scripts of my side that change, without the statements that the other side has, too.

    Each pair is a statement of mine and one of the other side. All that my side does to what those two make goes with them,
    and what takes it back in `downgrade()`, so that my side runs before the other as well as after it.

    Raises:
        MigmergeError: where something of it is not word for word the same on both sides, or could not be read.
    """
    up, down = _Part(mine, other, "upgrade"), _Part(mine, other, "downgrade")
    gone = up.doubled(pairs)
    objects = up.objects(gone)
    if others := [*up.others_changing(objects)]:
        raise by_hand(f"line {others[0].line} of {other[others[0].revision].path} changes it once more")
    back = down.extended({}, objects)
    for part, removed in ((up, gone), (down, back)):
        part.refuse_unread(removed, objects)
    return {
        name: text.without({"upgrade": _of(gone, name), "downgrade": _of(back, name)})
        for name, text in mine.items()
        if _of(gone, name) or _of(back, name)
    }


_Gone = dict[Place, ast.stmt]
"""The statements that go, by the revision and the first line."""


def _of(gone: _Gone, name: str) -> list[ast.stmt]:
    return [statement for place, statement in gone.items() if place.revision == name]


class _Part:
    """Hold one function of the scripts of both sides."""

    def __init__(self, mine: Texts, other: Texts, function: str) -> None:
        self._mine, self._other, self._function = mine, other, function
        self._operations = {name: text.operations(function) for name, text in mine.items()}
        self._meanings: dict[tuple[str, frozenset[str]], list[Place]] = {}
        for name, text in other.items():
            for statement in text.statements(function):
                self._meanings.setdefault(text.meaning(statement), []).append(Place(name, statement.lineno))
        self._shared: set[Place] = set()

    def doubled(self, pairs: Iterable[tuple[Place, Place]]) -> _Gone:
        """Return the statements of the pairs, and what else my side does to the same objects."""
        gone: _Gone = {}
        for mine, theirs in pairs:
            one, other = self._mine[mine.revision], self._other[theirs.revision]
            statement, others = one.at(mine.line, self._function), other.at(theirs.line, self._function)
            if one.meaning(statement) != other.meaning(others):
                raise by_hand(_difference((one, statement), (other, others)))
            self._take(gone, mine.revision, statement)
        return self.extended(gone, self.objects(gone))

    def extended(self, gone: _Gone, objects: set[SchemaObject]) -> _Gone:
        """Add the statements of my side that touch one of the objects, or what these statements make."""
        gone = dict(gone)
        while more := [place for place in self._touching(objects) if not self._is_gone(place, gone)]:
            for name, line in more:
                statement = self._mine[name].at(line, self._function)
                if self._mine[name].meaning(statement) not in self._meanings:
                    where = f"line {line} of {self._mine[name].path}"
                    raise by_hand(f"{where}, in {self._function}(), works on it, and the other side has no such statement")
                self._take(gone, name, statement)
            objects = objects | self.objects(gone)
        return gone

    def objects(self, gone: _Gone) -> set[SchemaObject]:
        """Return what the statements make, drop, rename or alter."""
        return {each for operation in self._removed(gone) for each in _changed(operation)}

    def others_changing(self, objects: set[SchemaObject]) -> Iterator[Place]:
        """Yield what else the other side makes, drops or renames of the objects, beside what it shares with mine."""
        for name, text in self._other.items():
            for operation in text.operations(self._function).done:
                if operation.action is Action.ALTER or objects.isdisjoint(_changed(operation)):
                    continue
                if Place(name, text.at(operation.line, self._function).lineno) not in self._shared:
                    yield Place(name, operation.line)

    def refuse_unread(self, gone: _Gone, objects: set[SchemaObject]) -> None:
        """Make sure that what could not be read of my side does not touch the objects.

        Raises:
            MigmergeError: where it may.
        """
        unread = UnreadNames([*self._operations.values()])
        names = {part for each in objects for part in (each.table, each.name) if part}
        if unread.hold_one_of(names) or any(map(unread.hold, self._removed(gone))):
            paths = ", ".join(text.path for text in self._mine.values())
            raise by_hand(f"a part of {self._function}() in {paths} cannot be read")

    def _take(self, gone: _Gone, name: str, statement: ast.stmt) -> None:
        gone[Place(name, statement.lineno)] = statement
        self._shared.update(self._meanings.get(self._mine[name].meaning(statement), ()))

    def _touching(self, objects: set[SchemaObject]) -> Iterator[Place]:
        for name, operations in self._operations.items():
            for operation in operations.done:
                if not objects.isdisjoint(each for each, _ in changes_of(operation)):
                    yield Place(name, operation.line)

    def _removed(self, gone: _Gone) -> Iterator[Operation]:
        for name, operations in self._operations.items():
            yield from (each for each in operations.done if self._is_gone(Place(name, each.line), gone))

    def _is_gone(self, place: Place, gone: _Gone) -> bool:
        return any(
            name == place.revision and each.lineno <= place.line <= (each.end_lineno or each.lineno)
            for (name, _), each in gone.items()
        )


def _changed(operation: Operation) -> Iterator[SchemaObject]:
    return (each for each, change in changes_of(operation) if change is not Change.REFER)


def _difference(mine: tuple[ScriptText, ast.stmt], theirs: tuple[ScriptText, ast.stmt]) -> str:
    (one, statement), (other, others) = mine, theirs
    if ast.dump(statement) == ast.dump(others):
        return f"{one.path} and {other.path} say the same, but a name in it stands for different things"
    here, there = difference(statement, others)
    return f"the two differ: {here} in {one.path}, {there} in {other.path}"
