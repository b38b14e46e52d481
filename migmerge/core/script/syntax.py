"""The exact way to read a script: its syntax tree, literals followed through names, nothing run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..revision import Reading
from .budget import TOO_LONG, costs_too_much, is_slow_to_decode
from .identifiers import COMPUTED, IDENTIFIER_NAMES, identify
from .literals import ChangeableItems, UnorderedItems, joined, literal_value, parts_of

_NAMES_THAT_BIND = frozenset(
    ("globals", "locals", "vars", "exec", "eval", "compile", "setattr", "delattr", "__import__", "__builtins__")
)
_ATTRIBUTES_THAT_BIND = _NAMES_THAT_BIND - {"compile"} | frozenset(
    ("__dict__", "__globals__", "__setattr__", "modules", "f_globals", "f_locals", "_getframe")
)
"""With these a script may bind a name of its own without naming it."""

_MOST_WORK = 5 * 10**8
"""Characters of a text with f-strings for each of its braces."""
_F_STRING = re.compile(r"\b(?:[fF][rR]?|[rR][fF])['\"]")

_FALSE = object()
"""The value of typing.TYPE_CHECKING."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class NotPython(Exception):
    """Say on which line this Python stops understanding the text."""


class TooLong(NotPython):
    """Say that parsing a text would take too long to try; Python may well load it."""


def read_syntax(data: bytes) -> Reading:
    """Read the identifiers that the module assigns at its top level.

    A name that is bound under an `if`, `try`, `for`, `with` or `match` counts as computed, and so does every name where the
    script could bind it unseen: by `exec`, through `globals()` and their like, or by an import of all names.

    Raises:
        NotPython: where the text does not parse.
    """
    module = parse(data)
    names: dict[str, object] = {}
    anytime = {name for node in ast.walk(module) if isinstance(node, ast.Global) for name in node.names}
    for statement in module.body:
        names |= dict.fromkeys(_changeable_in(statement, names, module), COMPUTED)
        _bind(statement, names)
        names |= dict.fromkeys(_changeable_in(statement, names, module), COMPUTED)
        names |= dict.fromkeys(anytime, COMPUTED)
    if _binds_unseen(module):
        names = dict.fromkeys(IDENTIFIER_NAMES, COMPUTED)
    return identify({name: names[name] for name in IDENTIFIER_NAMES if name in names}, ast.get_docstring(module, clean=False))


def parse(text: str | bytes) -> ast.Module:
    """Parse a script; every text of a repository is parsed here or by `parse_expression`.

    Raises:
        NotPython: whatever it is that parsing raises.
        TooLong: where it would take too long.
    """
    if isinstance(text, bytes) and is_slow_to_decode(text):
        raise NotPython("its encoding is not what it declares")
    if _is_too_long(text if isinstance(text, str) else text.decode("latin-1")):
        raise TooLong(TOO_LONG)
    with _parsing():
        return ast.parse(text)


def _is_too_long(text: str) -> bool:
    """Say whether parsing would take more than about a second: in CPython 3.11 the time of an f-string is quadratic."""
    return costs_too_much(text) or (len(text) * text.count("{") > _MOST_WORK and _F_STRING.search(text) is not None)


def parse_expression(text: str) -> ast.expr:
    """Parse one expression.

    Raises:
        NotPython: as `parse` does.
    """
    with _parsing():
        return ast.parse(text, mode="eval").body


@contextmanager
def _parsing() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SyntaxError as error:
        raise NotPython(f"syntax error on line {error.lineno or 1}") from error
    except Exception as error:
        # ValueError, RecursionError, MemoryError, and a SystemError of CPython 3.11 where a finalizer parses meanwhile.
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


def _bind(statement: ast.stmt, names: dict[str, object]) -> None:
    match statement:
        case ast.Assign(targets=targets, value=expression):
            value = literal_value(expression, names)
            for target in targets:
                _assign(target, value, names)
        case ast.AnnAssign(target=target, value=ast.expr() as expression):
            _assign(target, literal_value(expression, names), names)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=expression):
            before = names.get(name, COMPUTED)
            added = literal_value(expression, names)
            names |= dict.fromkeys(_sharing([name], names), COMPUTED)
            names[name] = joined(before, added)
        case ast.AnnAssign() | ast.Global():
            pass
        case ast.ImportFrom(module="typing", names=aliases, level=0) if aliases[0].name != "*":
            names.update({alias.asname or alias.name: _FALSE if alias.name == "TYPE_CHECKING" else COMPUTED for alias in aliases})
        case ast.If(test=ast.Name(id=name), orelse=otherwise) if names.get(name) is _FALSE:
            for inner in otherwise:
                _bind(inner, names)
        case _:
            names.update(dict.fromkeys(_bound_in(statement, names), COMPUTED))
    names.update(dict.fromkeys(_walrus_in(statement), COMPUTED))


def _assign(target: ast.expr, value: object, names: dict[str, object]) -> None:
    match target:
        case ast.Name(id=name):
            names[name] = value
        case ast.Tuple(elts=items) | ast.List(elts=items):
            is_ordered = isinstance(value, tuple) and not isinstance(value, UnorderedItems)
            parts = value if isinstance(value, tuple) and is_ordered and len(value) == len(items) else (COMPUTED,) * len(items)
            for item, part in zip(items, parts, strict=True):
                _assign(item, part, names)
        case ast.Starred(value=inner):
            _assign(inner, COMPUTED, names)


def _bound_in(statement: ast.stmt, known: Iterable[str]) -> Iterator[str]:
    """Yield the names that a compound statement, an import or a definition binds in the module; `known` are bound by now."""
    for node in walk_scope(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                yield from (*known, *IDENTIFIER_NAMES)
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


def _walrus_in(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds by `:=`, in a comprehension too."""
    for node in walk_scope(statement, _SCOPES):
        match node:
            case ast.NamedExpr(target=ast.Name(id=name)):
                yield name


def is_bare_constant(node: ast.AST) -> bool:
    """Tell whether a node is a statement of a constant alone: a docstring, or `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changeable_in(statement: ast.stmt, names: dict[str, object], module: ast.Module) -> Iterator[str]:
    """Yield the names whose list or set a statement may change: it uses them otherwise than to assign literals.

    A function may do so at any time.
    """
    changeable = {name for name, value in names.items() if any(isinstance(part, ChangeableItems) for part in parts_of(value))}
    if changeable:
        used = _names_in(node for node in ast.walk(module) if isinstance(node, (*_SCOPES, *_COMPREHENSIONS)))
        if not _assigns_literals(statement, names):
            used |= _names_in([statement])
        yield from _sharing(changeable & used, names)


def _names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _assigns_literals(statement: ast.stmt, names: dict[str, object]) -> bool:
    """Say whether a statement does nothing but to bind names to literals."""
    match statement:
        case ast.Assign(targets=targets, value=expression):
            pass
        case ast.AnnAssign(target=target, value=ast.expr() as expression):
            targets = [target]
        case _:
            return False
    plain = all(isinstance(node, ast.Name | ast.Store) for target in targets for node in ast.walk(target))
    return plain and COMPUTED not in parts_of(literal_value(expression, names))


def _sharing(changed: Iterable[str], names: dict[str, object]) -> Iterator[str]:
    """Yield the names through which a list or set is reached that some names reach: a change is seen under all of them."""
    lists = {id(part) for name in changed for part in parts_of(names.get(name)) if isinstance(part, ChangeableItems)}
    if lists:
        yield from (name for name, value in names.items() if any(id(part) in lists for part in parts_of(value)))


def _binds_unseen(module: ast.Module) -> bool:
    """Say whether a statement of the module, or a function that the module uses, could bind a name without naming it."""
    outside = [node for statement in module.body for node in walk_scope(statement, _SCOPES)]
    if any(_is_way_to_bind(node) for node in outside):
        return True
    used = {node.id for node in outside if isinstance(node, ast.Name)}
    are_used = bool(used & _defined_in(module))
    runs = (node for node in outside if isinstance(node, _SCOPES) and (are_used or _runs_by_itself(node)))
    return any(_is_way_to_bind(inner) for node in runs for inner in ast.walk(node))


def _runs_by_itself(scope: ast.AST) -> bool:
    """Say whether a body may run though nothing of the module names it: that of a class, a lambda or what is decorated."""
    return isinstance(scope, ast.ClassDef | ast.Lambda) or bool(getattr(scope, "decorator_list", ()))


def _is_way_to_bind(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name):
            return name in _NAMES_THAT_BIND
        case ast.Attribute(attr=name):
            return name in _ATTRIBUTES_THAT_BIND
        case ast.alias(name=name):
            return name in _NAMES_THAT_BIND
    return False


def _defined_in(module: ast.Module) -> set[str]:
    return {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def walk_scope(node: ast.AST, scopes: tuple[type[ast.AST], ...] = (*_SCOPES, *_COMPREHENSIONS)) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, those in the bodies of `scopes` left out.

    A loop, for a deep tree would exhaust the stack.
    """
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if not isinstance(current, scopes):
            pending.extend(ast.iter_child_nodes(current))
        elif isinstance(current, _SCOPES):
            pending.extend(_evaluated_outside(current))


def _evaluated_outside(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the decorators, defaults and bases of a definition: all but its body, which alone is a scope of its own."""
    body = getattr(scope, "body", ())
    inside = {id(each) for each in (body if isinstance(body, list) else [body])}
    yield from (child for child in ast.iter_child_nodes(scope) if id(child) not in inside)
