"""The exact way to read a script: its syntax tree, literals followed through names, nothing run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from ..revision import Reading
from .identifiers import COMPUTED, IDENTIFIER_NAMES, Value, identify

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class NotPython(Exception):
    """Say on which line this Python stops understanding the text."""


def read_syntax(text: str) -> Reading:
    """Read the identifiers that the module assigns at its top level.

    A name that is bound under an `if`, `try`, `for`, `with` or `match` counts as computed.

    Raises:
        NotPython: where the text does not parse.
    """
    module = parse(text)
    names: dict[str, Value] = {}
    for statement in module.body:
        _bind(statement, names)
    return identify({name: names[name] for name in IDENTIFIER_NAMES if name in names}, ast.get_docstring(module, clean=False))


def parse(text: str) -> ast.Module:
    """Parse a script, turning every way in which Python refuses one into `NotPython`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise NotPython(f"syntax error on line {error.lineno or 1}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotPython("Python cannot parse it") from error


def without_annotations(module: ast.Module) -> ast.Module:
    """Take away what only type checkers read, and the imports that only annotations need."""
    found: ast.Module = _Unannotated().visit(module)
    return found


class _Unannotated(ast.NodeTransformer):
    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        return ast.Assign([node.target], node.value, lineno=node.lineno) if node.value else None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        return None if node.module in ("__future__", "typing", "collections.abc") else node


def _bind(statement: ast.stmt, names: dict[str, Value]) -> None:
    match statement:
        case ast.Assign(targets=targets, value=expression):
            value = _evaluate(expression, names)
            for target in targets:
                _assign(target, value, names)
        case ast.AnnAssign(target=target, value=ast.expr() as expression):
            _assign(target, _evaluate(expression, names), names)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=expression):
            names[name] = _joined(names.get(name, COMPUTED), _evaluate(expression, names))
        case ast.AnnAssign() | ast.Global():
            pass
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=otherwise):
            for inner in otherwise:
                _bind(inner, names)
        case _:
            names.update(dict.fromkeys(_bound_in(statement), COMPUTED))
    names.update(dict.fromkeys(_changed_in(statement, names), COMPUTED))


def _assign(target: ast.expr, value: Value, names: dict[str, Value]) -> None:
    match target:
        case ast.Name(id=name):
            names[name] = value
        case ast.Tuple(elts=items) | ast.List(elts=items):
            parts = value if isinstance(value, tuple) and len(value) == len(items) else (COMPUTED,) * len(items)
            for item, part in zip(items, parts, strict=True):
                _assign(item, part, names)
        case ast.Starred(value=inner):
            _assign(inner, COMPUTED, names)


def _evaluate(expression: ast.expr, names: dict[str, Value]) -> Value:
    try:
        return _value(expression, names)
    except RecursionError:
        return COMPUTED


def _value(expression: ast.expr, names: dict[str, Value]) -> Value:
    match expression:
        case ast.Constant(value=None | str() as constant):
            return constant
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return tuple(_value(item, names) for item in items)
        case ast.Name(id=name):
            return names.get(name, COMPUTED)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined(_value(left, names), _value(right, names))
        case ast.JoinedStr(values=parts):
            return _formatted([_part(part, names) for part in parts])
    return COMPUTED


def _joined(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    return COMPUTED


def _part(part: ast.expr, names: dict[str, Value]) -> Value:
    match part:
        case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
            return _value(inner, names)
        case ast.Constant(value=str() as constant):
            return constant
    return COMPUTED


def _formatted(parts: list[Value]) -> Value:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else COMPUTED


def _bound_in(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a compound statement, an import or a definition binds in the module."""
    for node in _within(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name.split(".")[0] for alias in aliases)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str() as name):
                yield name
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name
            case ast.MatchMapping(rest=str() as name):
                yield name


def _changed_in(statement: ast.stmt, names: dict[str, Value]) -> Iterator[str]:
    """Yield the names that `:=` binds, also from inside a comprehension, and the lists that are used and so may be changed."""
    for node in _within(statement, _SCOPES):
        match node:
            case ast.NamedExpr(target=ast.Name(id=name)):
                yield name
            case ast.Attribute(value=ast.Name(id=name)) | ast.Subscript(value=ast.Name(id=name)):
                if isinstance(names.get(name), tuple):
                    yield name


def _within(node: ast.AST, scopes: tuple[type[ast.AST], ...] = (*_SCOPES, *_COMPREHENSIONS)) -> Iterator[ast.AST]:
    """Walk a statement without entering the scopes inside it; iterative, for a deep tree must not exhaust the stack."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if not isinstance(current, scopes):
            pending.extend(ast.iter_child_nodes(current))
