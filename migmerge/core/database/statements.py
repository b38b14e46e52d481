"""A function of a script, statement by statement, as far as each of them is a call whose operations are read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, ObjectKind, Operation
from ..operations.single_statements import with_single_statements
from ..script.functions import call_form, calls_in
from ..script.read import encoding_of, source_text
from ..script.syntax import parse
from .effects import EffectKey, effect_key, keys_made_by

INDENT = "    "


def calls_of(text: bytes, function: str, bind: str = "") -> frozenset[str]:
    """Return the calls of a function, as `calls_in` does; a text of several statements of SQL counts as a call for each."""
    return calls_in(with_single_statements(text), function, bind)


class UnclearStatement(Exception):
    """Say that the part of a script cannot be told from the rest."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Hold a statement with the blocks around it, and what it does."""

    node: ast.stmt
    around: tuple[ast.With, ...]
    operations: tuple[Operation, ...]

    @property
    def call(self) -> str:
        return call_form(self.node.value, self.around) if isinstance(self.node, ast.Expr) else ""

    @property
    def drops(self) -> set[EffectKey]:
        return {key for each in self.operations for key in _dropped_by(each)}

    @property
    def makes(self) -> set[EffectKey]:
        return {key for each in self.operations for key in made_by(each)}

    def is_made_of(self, missing: set[EffectKey]) -> bool:
        """Say whether it makes what is missing alone; a missing table stands for its columns."""
        tables = {table for kind, table, _ in missing if kind is ObjectKind.TABLE}
        return bool(self.makes) and all(key in missing or key[1] in tables for key in self.makes)

    @property
    def may_run_twice(self) -> bool:
        """Say whether it changes rows or alters a column alone, which a stopped run has rolled back or can do again."""
        return all(each.rows or each.action in (Action.ALTER, Action.REFER) for each in self.operations)


class StatementsOfFunction:
    """Hold a function of a script.

    Raises:
        NotPython: where the script is none.
        UnclearStatement: where something else than read operations stands in it.
    """

    def __init__(self, text: bytes, name: str) -> None:
        text = with_single_statements(text)
        self._data, (self._text, defect) = text, source_text(text)
        functions = [each for each in parse(self._text).body if isinstance(each, ast.FunctionDef) and each.name == name]
        operations = read_operations(text, name)
        if defect or len(functions) != 1 or operations.unread:
            raise UnclearStatement
        self._function = functions[0]
        self.statements = tuple(_simple(self._function.body, (), operations.done))

    def written(self, statements: Iterable[Statement]) -> list[str]:
        """Return statements as lines, each in its own blocks."""
        lines: list[str] = []
        for each in statements:
            for depth, block in enumerate(each.around):
                items = ", ".join(ast.unparse(item) for item in block.items)
                lines.append(f"{INDENT * depth}with {items}:")
            lines += [f"{INDENT * len(each.around)}{line}" for line in ast.unparse(each.node).split("\n")]
        return lines

    def with_lines(self, lines: Iterable[str]) -> bytes:
        """Return the script with other lines in this function; raises UnclearStatement where they are not read."""
        before = self._text.split("\n")[: self._function.lineno - 1]
        after = self._text.split("\n")[self._function.end_lineno or len(self._text) :]
        body = [f"def {self._function.name}():", *(f"{INDENT}{line}" for line in lines)]
        written = "\n".join([*before, *body, *after]).encode(encoding_of(self._data))
        if read_operations(written, self._function.name).unread:
            raise UnclearStatement
        return written


def _simple(body: Sequence[ast.stmt], around: tuple[ast.With, ...], operations: Sequence[Operation]) -> Iterator[Statement]:
    """Yield the statements of a function and of its `with` blocks; nothing else than calls may be in them."""
    for node in body:
        if isinstance(node, ast.With):
            yield from _simple(node.body, (*around, node), operations)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            last = node.end_lineno or node.lineno
            yield Statement(node, around, tuple(each for each in operations if node.lineno <= each.line <= last))
        elif not isinstance(node, ast.Pass) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            raise UnclearStatement


def made_by(operation: Operation) -> Iterator[EffectKey]:
    """Yield what an operation makes."""
    if operation.action is Action.CREATE:
        if operation.kind is ObjectKind.VALUE:
            yield effect_key(ObjectKind.VALUE, operation.table or "", operation.name)
        yield from keys_made_by(operation)


def _dropped_by(operation: Operation) -> Iterator[EffectKey]:
    if operation.action is not Action.DROP or operation.table is None:
        return
    if operation.kind is ObjectKind.TABLE:
        yield effect_key(ObjectKind.TABLE, operation.table, None)
    elif operation.kind not in (ObjectKind.ENUM, ObjectKind.VALUE):
        kind = ObjectKind.COLUMN if operation.kind is ObjectKind.COLUMN else ObjectKind.INDEX
        yield effect_key(kind, operation.table, operation.name)
