"""The statements of a script's functions, what they mean, and the script without some of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from ..errors import MigmergeError
from ..operations.interpreter.statements import read_operations
from ..operations.operation import Operation, Operations
from ..script.read import encoding_of
from ..script.syntax import NotPython, parse

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LONGEST = 90
"""Characters of code that a message quotes."""

_QUOTED = (ast.Call, ast.List, ast.keyword)
"""The parts of a statement that say enough when they are quoted alone."""

Binding = tuple[ast.AST, str]
"""A node that gives a name its value, and what it says, in a form that can be compared."""


def by_hand(reason: str) -> MigmergeError:
    return MigmergeError(f"what both sides do has to be dropped by hand: {reason}", hint="migmerge check")


class ScriptText:
    """Hold a script, and find the statements of its functions by their lines."""

    def __init__(self, path: str, data: bytes, dialect: str | None = None) -> None:
        """Parse a script; `dialect` is SQLAlchemy's name of its database, None where nobody knows it.

        Raises:
            MigmergeError: where it is no Python.
        """
        self.path, self.data, self._dialect = path, data, dialect
        try:
            self._text = data.decode(encoding_of(data))
            self._module = parse(self._text)
        except (NotPython, UnicodeError, LookupError, SyntaxError) as error:
            raise by_hand(str(error)) from error

    def operations(self, function: str) -> Operations:
        return read_operations(self.data, function, self._dialect)

    def statements(self, function: str) -> list[ast.stmt]:
        """Return the statements of a function, and of its `with` blocks, that are no blocks themselves."""
        body = next((each.body for each in self._module.body if isinstance(each, ast.FunctionDef) and each.name == function), [])
        return list(_simple(body))

    def at(self, line: int, function: str) -> ast.stmt:
        """Return the statement on a line.

        Raises:
            MigmergeError: where it is part of another one.
        """
        found = [each for each in self.statements(function) if _covers(each, line)]
        if len(found) != 1:
            raise by_hand(f"line {line} of {self.path} is no statement of its own")
        return found[0]

    def meaning(self, statement: ast.stmt) -> tuple[str, frozenset[str]]:
        """Return what a statement says, and what the names in it stand for, in a form that can be compared."""
        bindings: dict[str, list[Binding]] = {}
        for node in ast.walk(self._module):
            for name, said in _bound_by(node):
                bindings.setdefault(name, []).append((node, f"{name}: {said}"))
        meant, pending, seen = set[str](), [*_names_in(statement)], set[str]()
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                meant.update(said for _, said in bindings.get(name, ()))
                pending += [each for node, _ in bindings.get(name, ()) for each in _names_bound_from(node)]
        return ast.dump(statement), frozenset(meant)

    def without(self, statements: dict[str, list[ast.stmt]]) -> bytes:
        """Return the script with `pass` in the place of statements, by the functions in which they are.

        Raises:
            MigmergeError: where something else is on their lines, or the rest would not do what it did.
        """
        gone = [each for found in statements.values() for each in found]
        written = _cut(self._text, gone, self.path).encode(encoding_of(self.data))
        for function, found in statements.items():
            kept = (each for each in self.operations(function).done if not any(_covers(one, each.line) for one in found))
            if [*map(_shape, read_operations(written, function, self._dialect).done)] != [*map(_shape, kept)]:
                raise by_hand(f"{function}() of {self.path} would do something else")
        return written


def difference(one: ast.AST, other: ast.AST) -> tuple[str, str]:
    """Return the smallest parts in which two statements differ, as code."""
    while type(one) is type(other):
        mine, theirs = [*ast.iter_child_nodes(one)], [*ast.iter_child_nodes(other)]
        differing = [pair for pair in zip(mine, theirs, strict=False) if ast.dump(pair[0]) != ast.dump(pair[1])]
        if len(mine) != len(theirs) or len(differing) != 1 or not any(isinstance(each, _QUOTED) for each in differing[0]):
            break
        ((one, other),) = differing
    return _shortened(ast.unparse(one)), _shortened(ast.unparse(other))


def _shortened(code: str) -> str:
    line = " ".join(code.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _simple(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.With):
            yield from _simple(statement.body)
        elif isinstance(statement, ast.Expr):
            yield statement


def _covers(statement: ast.stmt, line: int) -> bool:
    return statement.lineno <= line <= (statement.end_lineno or statement.lineno)


def _bound_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names to which a node gives a value, with what it says of the value."""
    match node:
        case ast.Import():
            yield from ((each.asname or each.name.partition(".")[0], each.name) for each in node.names)
        case ast.ImportFrom():
            said = f"{'.' * node.level}{node.module}"
            yield from ((each.asname or each.name, f"{said}.{each.name}") for each in node.names)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, ast.dump(node)
        case ast.withitem(optional_vars=ast.Name() as target):
            yield target.id, ast.dump(node.context_expr)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.For() | ast.NamedExpr():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = ast.dump(node.iter if isinstance(node, ast.For) else node)
            yield from ((each.id, value) for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _names_bound_from(node: ast.AST) -> Iterator[str]:
    """Yield the names on which a value depends."""
    match node:
        case ast.For():
            yield from _names_in(node.iter)
        case ast.Import() | ast.ImportFrom():
            return
        case _:
            yield from _names_in(node)


def _names_in(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _shape(operation: Operation) -> tuple[object, ...]:
    return operation.action, operation.kind, operation.table, operation.name, operation.new_name, operation.columns


def _cut(text: str, statements: Sequence[ast.stmt], path: str) -> str:
    """Put `pass` in the place of statements that have their lines for themselves; an indented block keeps a statement so."""
    lines = _LINE.findall(text)
    for each in sorted(statements, key=lambda statement: statement.lineno, reverse=True):
        first, last = each.lineno - 1, each.end_lineno or each.lineno
        before, after = lines[first].encode()[: each.col_offset], lines[last - 1].encode()[each.end_col_offset :]
        if before.strip() or after.strip():
            raise by_hand(f"something else stands on line {each.lineno} of {path}")
        end = lines[last - 1][len(lines[last - 1].rstrip("\r\n")) :]
        lines[first:last] = [f"{before.decode()}pass{end}"]
    return "".join(lines)
