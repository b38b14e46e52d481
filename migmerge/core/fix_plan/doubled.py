"""The cure of a closed collision: the operation that both sides do is dropped from the script that nobody else has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..errors import MigmergeError
from ..evidence import ClosedCollision
from ..immovable import Immovable
from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, Operation
from ..script.read import encoding_of
from ..script.syntax import NotPython, parse

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_INVERSE = {Action.CREATE: Action.DROP, Action.DROP: Action.CREATE}


def script_to_change(closed: ClosedCollision, immovable: Immovable) -> str | None:
    """Return the revision of the two that may change as one that may move, the later side first; None where neither may."""
    free = [name for name in reversed(closed.revisions) if immovable.reason(name) is None]
    return next((name for name in free if name not in immovable.others), None)


def without_doubled(data: bytes, line: int, other: bytes, other_line: int) -> bytes:
    """Return a script without the statement on a line of `upgrade()`, which the other script has on its line, word for word.

    What takes it back in `downgrade()` goes with it.

    Raises:
        MigmergeError: where the two statements differ, or the rest of the script would not do what it did.
    """
    try:
        return _without(data, line, other, other_line)
    except (NotPython, UnicodeError, LookupError, SyntaxError) as error:
        raise _by_hand(str(error)) from error


def _by_hand(reason: str) -> MigmergeError:
    return MigmergeError(f"what both sides do has to be dropped by hand: {reason}", hint="migmerge check")


def _without(data: bytes, line: int, other: bytes, other_line: int) -> bytes:
    text, other_text = (each.decode(encoding_of(each)) for each in (data, other))
    statements = _statements(text, "upgrade")
    mine = _at(statements, line)
    if not _is_same(mine, _at(_statements(other_text, "upgrade"), other_line)):
        raise _by_hand("the two statements differ")
    back = _taking_back(data, text, other_text, line)
    written = _cut(text, [mine, *back]).encode(encoding_of(data))
    for function, gone in (("upgrade", [mine]), ("downgrade", back)):
        lines = {number for each in gone for number in range(each.lineno, (each.end_lineno or each.lineno) + 1)}
        before = [_shape(each) for each in read_operations(data, function).done if each.line not in lines]
        if [_shape(each) for each in read_operations(written, function).done] != before:
            raise _by_hand(f"{function}() would do something else")
    return written


def _taking_back(data: bytes, text: str, other_text: str, line: int) -> list[ast.stmt]:
    """Return the statements of `downgrade()` that take back what is on a line of `upgrade()`; the other script has them too."""
    done = [each for each in read_operations(data).done if each.line == line]
    undone = {(_INVERSE[each.action], each.kind, each.table, each.name) for each in done if each.action in _INVERSE}
    lines = dict.fromkeys(
        each.line for each in read_operations(data, "downgrade").done if (each.action, each.kind, each.table, each.name) in undone
    )
    if not lines:
        return []
    statements, others = _statements(text, "downgrade"), _statements(other_text, "downgrade")
    found = [_at(statements, number) for number in lines]
    if not all(any(_is_same(each, theirs) for theirs in others) for each in found):
        raise _by_hand("the two scripts take it back in different ways")
    return found


def _shape(operation: Operation) -> tuple[object, ...]:
    return operation.action, operation.kind, operation.table, operation.name, operation.new_name, operation.columns


def _is_same(one: ast.stmt, other: ast.stmt) -> bool:
    return ast.dump(one) == ast.dump(other)


def _statements(text: str, function: str) -> list[ast.stmt]:
    """Return the statements of a function, and of its `with` blocks, that are no blocks themselves."""
    body = next((each.body for each in parse(text).body if isinstance(each, ast.FunctionDef) and each.name == function), [])
    return list(_simple(body))


def _simple(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.With):
            yield from _simple(statement.body)
        elif isinstance(statement, ast.Expr):
            yield statement


def _at(statements: list[ast.stmt], line: int) -> ast.stmt:
    found = [each for each in statements if each.lineno <= line <= (each.end_lineno or each.lineno)]
    if len(found) != 1:
        raise _by_hand("it is no statement of its own")
    return found[0]


def _cut(text: str, statements: list[ast.stmt]) -> str:
    """Put `pass` in the place of statements that have their lines for themselves; an indented block keeps a statement so."""
    lines = _LINE.findall(text)
    for each in sorted(statements, key=lambda statement: statement.lineno, reverse=True):
        first, last = each.lineno - 1, each.end_lineno or each.lineno
        before, after = lines[first].encode()[: each.col_offset], lines[last - 1].encode()[each.end_col_offset :]
        if before.strip() or after.strip():
            raise _by_hand("something else stands on its line")
        end = lines[last - 1][len(lines[last - 1].rstrip("\r\n")) :]
        lines[first:last] = [f"{before.decode()}pass{end}"]
    return "".join(lines)
