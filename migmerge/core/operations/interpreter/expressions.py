"""Evaluate the expressions of a script as far as literals go, without running the script."""

from __future__ import annotations

import ast
import builtins
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ...script.identifiers import COMPUTED
from ...script.literals import concatenated, formatted, joined
from ..operation import Operation, Unread
from .values import (
    Arguments,
    Attribute,
    Batch,
    CallResult,
    DottedName,
    are_all_known,
    attribute_of,
    is_same,
    item_at,
    items_of,
    percent_format,
)

OP = "alembic.op"


@dataclass(frozen=True, slots=True, eq=False)
class ScriptFunction:
    """Stand for a function of the script; `names` are those of the scope around it, `defaults` go by parameter."""

    name: str
    arguments: ast.arguments
    body: list[ast.stmt]
    defaults: dict[str, object]
    names: ChainMap[str, object]
    decorated: bool = False


class Exhausted(Exception):
    """Say that a script takes more steps than any script that a person wrote."""


class Expressions:
    """Evaluate expressions and note the operations of the directives that they call.

    `steps` is the budget that is left. `database` is the one that a function of a script for several databases is for,
    `discarded` the expression whose value the current statement throws away. What is read may not happen where `depth`,
    the number of branches around it, or `breaks`, the number of ways out of loops before it, is above zero. `batched` has the
    places in `done` of what each batch does, `rebuilding` the batches for which Alembic makes a SQLite table anew.
    """

    def __init__(self, steps: int, dialect: str | None = None) -> None:
        self.steps = steps
        self.dialect = dialect
        self.sql_characters = 0
        self.batched: dict[Batch, list[int]] = {}
        self.rebuilding: set[Batch] = set()
        self.line = 1
        self.done: list[Operation] = []
        self.unread: dict[Unread, None] = {}
        self._defined: list[ScriptFunction] = []
        self.names: ChainMap[str, object] = ChainMap({}, {"op": DottedName(OP), "sa": DottedName("sqlalchemy")})
        self.module = self.names
        self.database: str | None = None
        self.discarded: ast.expr | None = None
        self.depth = 0
        self.breaks = 0

    @property
    def conditional(self) -> bool:
        """Tell whether an operation that is read now may not happen."""
        return self.depth > 0 or self.breaks > 0

    @contextmanager
    def conditionally(self, *, when: bool = True) -> Iterator[None]:
        """Take the operations that are read meanwhile for conditional."""
        self.depth += when
        try:
            yield
        finally:
            self.depth -= when

    def spend(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Exhausted

    def note_unread(self, node: ast.AST, what: str) -> None:
        self.unread[Unread(getattr(node, "lineno", self.line), what, database=self.database)] = None

    def note(self, effects: Iterable[Operation | Unread]) -> None:
        for effect in effects:
            self.spend()
            if isinstance(effect, Unread):
                self.unread[effect if self.database is None else replace(effect, database=self.database)] = None
            else:
                self.done.append(_in_context(effect, self.database, conditional=self.conditional))

    def call(self, node: ast.Call) -> object:
        """Return the value of a call, and note its operations."""
        raise NotImplementedError

    def bind(self, target: ast.expr, value: object) -> None:
        """Assign a value to the target of an assignment."""
        raise NotImplementedError

    def look_up(self, name: str) -> object:
        if name in self.names:
            return self.names[name]
        return DottedName(f"builtins.{name}") if hasattr(builtins, name) else COMPUTED

    def evaluate(self, node: ast.expr) -> object:
        """Return the value of an expression, COMPUTED where only running the script would tell."""
        self.spend()
        match node:
            case ast.Constant(value=str() | int() | None as constant):
                return constant
            case ast.Name(id=name):
                return self.look_up(name)
            case ast.Attribute(value=owner, attr=name):
                return attribute_of(self.evaluate(owner), name)
            case ast.Call():
                return self.call(node)
            case ast.Tuple(elts=elements):
                return tuple(self.items(elements))
            case ast.List(elts=elements) | ast.Set(elts=elements):
                return self.items(elements)
            case ast.Dict():
                return self.mapping(node)
        return self._composed(node)

    def _composed(self, node: ast.expr) -> object:
        match node:
            case ast.BinOp(left=left, op=operator, right=right):
                return _binary_operation(operator, self.evaluate(left), self.evaluate(right))
            case ast.JoinedStr(values=parts):
                return concatenated([self.evaluate(formatted(part)) for part in parts])
            case ast.Subscript(value=owner, slice=key):
                return item_at(self.evaluate(owner), self.evaluate(key))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
                return -number
            case ast.NamedExpr(target=target, value=inner):
                value = self.evaluate(inner)
                self.bind(target, value)
                return value
            case ast.Await(value=inner):
                return self.evaluate(inner)
            case ast.Compare(left=left, comparators=others):
                return _compared([self.evaluate(left), *map(self.evaluate, others)], node)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return _compared([self.evaluate(operand)], node)
        return self._scoped(node)

    def _scoped(self, node: ast.expr) -> object:
        match node:
            case ast.Lambda(args=arguments, body=body):
                returns = ast.copy_location(ast.Return(body), node)
                return self.define("lambda", arguments, [returns])
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
                return self._comprehension(node.generators, [element])
            case ast.DictComp(key=key, value=value):
                self._comprehension(node.generators, [key, value])
                return COMPUTED
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                self.evaluate(test)
                with self.conditionally():
                    one, other = self.evaluate(body), self.evaluate(otherwise)
                return one if is_same(one, other) else COMPUTED
            case ast.BoolOp(values=[first, *others]):
                self.evaluate(first)
                with self.conditionally():
                    self.items(others)
                return COMPUTED
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child)
        return COMPUTED

    def items(self, elements: list[ast.expr]) -> list[object]:
        found: list[object] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                inner = items_of(self.evaluate(element.value))
                found.extend([COMPUTED] if inner is None else inner)
                self.spend(len(inner or ()))
            else:
                found.append(self.evaluate(element))
        return found

    def mapping(self, node: ast.Dict) -> dict[object, object]:
        found: dict[object, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            item = self.evaluate(value)
            if key is None:
                found.update(item if isinstance(item, dict) else {COMPUTED: COMPUTED})
                self.spend(len(found))
            else:
                found[_as_key(self.evaluate(key))] = item
        return found

    def _comprehension(self, generators: list[ast.comprehension], elements: list[ast.expr]) -> object:
        found: list[object] = []
        self.names = self.names.new_child()
        try:
            complete = self._generate(generators, lambda: found.extend([self.evaluate(each) for each in elements]))
        finally:
            self.names = self.names.parents
        return found if complete else COMPUTED

    def _generate(self, generators: list[ast.comprehension], visit: Callable[[], None]) -> bool:
        """Visit every combination, also those that a condition would leave out; tell whether exactly these would be visited."""
        if not generators:
            visit()
            return True
        first, *others = generators
        found = items_of(self.evaluate(first.iter))
        complete = found is not None and not first.ifs
        for item in [COMPUTED] if found is None else found:
            self.spend()
            self.bind(first.target, item)
            for condition in first.ifs:
                self.evaluate(condition)
            with self.conditionally(when=not are_all_known(found) or bool(first.ifs)):
                complete &= self._generate(others, visit)
        return complete

    def define(self, name: str, arguments: ast.arguments, body: list[ast.stmt], *, decorated: bool = False) -> ScriptFunction:
        """Return what stands for a function of the script in the present scope."""
        self._defined.append(ScriptFunction(name, arguments, body, self.defaults(arguments), self.names, decorated))
        return self._defined[-1]

    def forget_scopes(self) -> None:
        """Let go of the scopes, which hold the functions that hold them: without the garbage collector they would stay."""
        for function in self._defined:
            function.names.maps.clear()

    def defaults(self, arguments: ast.arguments) -> dict[str, object]:
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        return {argument.arg: self.evaluate(default) for argument, default in pairs if default is not None}

    def arguments(self, node: ast.Call) -> Arguments:
        args = tuple(self.items(node.args))
        starred = any(isinstance(arg, ast.Starred) for arg in node.args) and COMPUTED in args
        given = self.mapping(
            ast.Dict(
                keys=[ast.Constant(word.arg) if word.arg is not None else None for word in node.keywords],
                values=[word.value for word in node.keywords],
            )
        )
        keywords = {key: value for key, value in given.items() if isinstance(key, str)}
        return Arguments(args, keywords, starred or len(keywords) < len(given))


def _binary_operation(operator: ast.operator, left: object, right: object) -> object:
    match operator, left:
        case ast.Add(), _:
            return joined(left, right)
        case ast.Mod(), str():
            return percent_format(left, right)
        case ast.BitAnd() | ast.BitOr(), _:
            return _compared([left, right], None)
    return COMPUTED


def _compared(operands: list[object], node: ast.expr | None) -> object:
    """Return what stands for an expression of SQLAlchemy's; COMPUTED where no operand may be a column."""
    if any(isinstance(each, Attribute | CallResult) for each in operands):
        return CallResult("sqlalchemy.expression", tuple(operands), line=node.lineno if node else 1)
    return COMPUTED


def _as_key(value: object) -> object:
    return value if isinstance(value, str | int | None) else COMPUTED


def _in_context(operation: Operation, database: str | None, *, conditional: bool) -> Operation:
    if database is None and not conditional:
        return operation
    return replace(operation, database=database, conditional=operation.conditional or conditional)
