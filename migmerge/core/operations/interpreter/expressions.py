"""Follow the literals of a script through its expressions, as far as they go without running it."""

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
from .values import Arguments, Dotted, all_known, attribute, item_at, items_of, percent, same

OP = "alembic.op"


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Stand for a function of the script and the names around it."""

    name: str
    arguments: ast.arguments
    body: list[ast.stmt]
    defaults: dict[str, object]
    names: ChainMap[str, object]
    decorated: bool = False


class Exhausted(Exception):
    """Say that a script asks for more steps than any that a person wrote."""


class Expressions:
    """Evaluate expressions, noting every directive that they call."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.line = 1
        self.done: list[Operation] = []
        self.unread: dict[Unread, None] = {}
        self.names: ChainMap[str, object] = ChainMap({}, {"op": Dotted(OP), "sa": Dotted("sqlalchemy")})
        self.module = self.names
        self.database: str | None = None
        self.discarded: ast.expr | None = None
        self.depth = 0
        self.breaks = 0

    @property
    def conditional(self) -> bool:
        """Tell whether what is read now may not happen."""
        return self.depth > 0 or self.breaks > 0

    @contextmanager
    def perhaps(self, *, when: bool = True) -> Iterator[None]:
        """Take what is read meanwhile for something that may not happen."""
        self.depth += when
        try:
            yield
        finally:
            self.depth -= when

    def spend(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Exhausted

    def miss(self, node: ast.AST, what: str) -> None:
        self.unread[Unread(getattr(node, "lineno", self.line), what)] = None

    def note(self, effects: Iterable[Operation | Unread]) -> None:
        for effect in effects:
            self.spend()
            if isinstance(effect, Unread):
                self.unread[effect] = None
            else:
                self.done.append(_placed(effect, self.database, conditional=self.conditional))

    def call(self, node: ast.Call) -> object:
        """Return what a call gives, noting what it does to the schema."""
        raise NotImplementedError

    def bind(self, target: ast.expr, value: object) -> None:
        """Give a value to what stands left of the equals sign."""
        raise NotImplementedError

    def look_up(self, name: str) -> object:
        if name in self.names:
            return self.names[name]
        return Dotted(f"builtins.{name}") if hasattr(builtins, name) else COMPUTED

    def evaluate(self, node: ast.expr) -> object:
        """Return what an expression is known to be."""
        self.spend()
        match node:
            case ast.Constant(value=str() | int() | None as constant):
                return constant
            case ast.Name(id=name):
                return self.look_up(name)
            case ast.Attribute(value=owner, attr=name):
                return attribute(self.evaluate(owner), name)
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
                return _combined(operator, self.evaluate(left), self.evaluate(right))
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
        return self._scoped(node)

    def _scoped(self, node: ast.expr) -> object:
        match node:
            case ast.Lambda(args=arguments, body=body):
                returns = ast.copy_location(ast.Return(body), node)
                return Function("lambda", arguments, [returns], self.defaults(arguments), self.names)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
                return self._comprehension(node.generators, [element])
            case ast.DictComp(key=key, value=value):
                self._comprehension(node.generators, [key, value])
                return COMPUTED
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                self.evaluate(test)
                with self.perhaps():
                    one, other = self.evaluate(body), self.evaluate(otherwise)
                return one if same(one, other) else COMPUTED
            case ast.BoolOp(values=[first, *others]):
                self.evaluate(first)
                with self.perhaps():
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
            of_value = self.evaluate(value)
            if key is None:
                found.update(of_value if isinstance(of_value, dict) else {COMPUTED: COMPUTED})
                self.spend(len(found))
            else:
                found[_as_key(self.evaluate(key))] = of_value
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
        """Visit every combination, also those that a condition would leave out; tell whether they are all there is."""
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
            with self.perhaps(when=not all_known(found) or bool(first.ifs)):
                complete &= self._generate(others, visit)
        return complete

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


def _combined(operator: ast.operator, left: object, right: object) -> object:
    match operator, left:
        case ast.Add(), _:
            return joined(left, right)
        case ast.Mod(), str():
            return percent(left, right)
    return COMPUTED


def _as_key(value: object) -> object:
    return value if isinstance(value, str | int | None) else COMPUTED


def _placed(operation: Operation, database: str | None, *, conditional: bool) -> Operation:
    if database is None and not conditional:
        return operation
    return replace(operation, database=database, conditional=operation.conditional or conditional)
