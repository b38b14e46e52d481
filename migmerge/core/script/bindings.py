"""The exact way to read a script: its syntax tree, literals followed through names, nothing run."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from ..revision import Reading
from .budget import MOST_STEPS, TOO_LONG
from .identifiers import COMPUTED, IDENTIFIER_NAMES, identify
from .literals import ChangeableItems, UnorderedItems, joined, literal_value, parts_of
from .scanner import BINDS_UNSEEN
from .syntax import COMPREHENSIONS, SCOPES, TooLong, parse, walk_scope

_NAMES_THAT_BIND = frozenset(
    ("globals", "locals", "vars", "exec", "eval", "compile", "setattr", "delattr", "__import__", "__builtins__")
)
_ATTRIBUTES_THAT_BIND = _NAMES_THAT_BIND - {"compile"} | frozenset(
    ("__dict__", "__globals__", "__setattr__", "modules", "f_globals", "f_locals", "_getframe")
)
"""With these a script may bind a name of its own without naming it."""

_FALSE = object()
"""The value of typing.TYPE_CHECKING."""

_GLOBAL, _WALRUS, _UNSEEN = re.compile(rb"\bglobal\b"), re.compile(rb":="), re.compile(BINDS_UNSEEN.encode())


def read_syntax(data: bytes) -> Reading:
    """Read the identifiers that the module assigns at its top level.

    A name that is bound under an `if`, `try`, `for`, `with` or `match` counts as computed, and so does every name where the
    script could bind it unseen: by `exec`, through `globals()` and their like, or by an import of all names.

    Raises:
        NotPython: where the text does not parse.
        TooLong: where following its names would take too long.
    """
    module = parse(data)
    anytime = set[str]() if _lacks(data, _GLOBAL) else _declared_global(module)
    names = _ModuleNames(module, anytime, has_walrus=not _lacks(data, _WALRUS))
    for statement in module.body:
        names.forget(_changeable_in(statement, names))
        _bind(statement, names)
        names.forget(_changeable_in(statement, names))
    if not _lacks(data, _UNSEEN) and _binds_unseen(module):
        names.forget(IDENTIFIER_NAMES)
    return identify({name: names[name] for name in IDENTIFIER_NAMES if name in names}, ast.get_docstring(module, clean=False))


def _lacks(data: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Say whether no name or sign of a script matches; another encoding could hide one, and so could a letter beyond ASCII."""
    return data.isascii() and b"coding" not in data and pattern.search(data) is None


def _declared_global(module: ast.Module) -> set[str]:
    """Return the names that a function may bind at any time."""
    return {name for node in ast.walk(module) if isinstance(node, ast.Global) for name in node.names}


class _ModuleNames(dict[str, object]):
    """Map the names of a module to their values; `changeable` are those through which a list or a set is reached."""

    def __init__(self, module: ast.Module, anytime: Collection[str], *, has_walrus: bool) -> None:
        super().__init__()
        self.changeable: set[str] = set()
        self.has_walrus = has_walrus
        self._module = module
        self._anytime = anytime
        self._steps = 0
        self.forget(anytime)

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, COMPUTED if name in self._anytime else value)
        (self.changeable.add if self._lists_in(self[name]) else self.changeable.discard)(name)

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self[name] = COMPUTED

    def sharing(self, changed: Iterable[str]) -> list[str]:
        """Return the names through which a list or set is reached that some names reach: a change is seen under all of them."""
        lists = {each for name in changed if name in self for each in self._lists_in(self[name])}
        return [name for name in self.changeable if not lists.isdisjoint(self._lists_in(self[name]))] if lists else []

    @cached_property
    def used_anytime(self) -> set[str]:
        """Return the names that functions, classes and comprehensions use."""
        used = set[str]()
        pending: list[tuple[ast.AST, bool]] = [(self._module, False)]
        while pending:
            node, inside = pending.pop()
            inside = inside or isinstance(node, (*SCOPES, *COMPREHENSIONS))
            if inside and isinstance(node, ast.Name):
                used.add(node.id)
            pending.extend((child, inside) for child in ast.iter_child_nodes(node))
        return used

    def _lists_in(self, value: object) -> set[int]:
        parts = list(parts_of(value))
        self._steps += len(parts)
        if self._steps > MOST_STEPS:
            raise TooLong(TOO_LONG)
        return {id(part) for part in parts if isinstance(part, ChangeableItems)}


def _bind(statement: ast.stmt, names: _ModuleNames) -> None:
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
            names.forget(names.sharing([name]))
            names[name] = joined(before, added)
        case ast.AnnAssign() | ast.Global():
            pass
        case ast.ImportFrom(module="typing", names=aliases, level=0) if aliases[0].name != "*":
            for alias in aliases:
                names[alias.asname or alias.name] = _FALSE if alias.name == "TYPE_CHECKING" else COMPUTED
        case ast.If(test=ast.Name(id=name), orelse=otherwise) if names.get(name) is _FALSE:
            for inner in otherwise:
                _bind(inner, names)
        case _:
            names.forget(list(_bound_in(statement, names)))
    names.forget(_walrus_in(statement) if names.has_walrus else ())


def _assign(target: ast.expr, value: object, names: _ModuleNames) -> None:
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
    for node in walk_scope(statement, SCOPES):
        match node:
            case ast.NamedExpr(target=ast.Name(id=name)):
                yield name


def _changeable_in(statement: ast.stmt, names: _ModuleNames) -> Iterable[str]:
    """Return the names whose list or set a statement may change: it uses them otherwise than to assign literals.

    A function may do so at any time.
    """
    if not names.changeable:
        return ()
    used = names.used_anytime if _assigns_literals(statement, names) else names.used_anytime | _names_in(statement)
    return names.sharing(names.changeable & used)


def _names_in(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _assigns_literals(statement: ast.stmt, names: _ModuleNames) -> bool:
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


def _binds_unseen(module: ast.Module) -> bool:
    """Say whether a statement of the module, or a function that the module uses, could bind a name without naming it."""
    outside = [node for statement in module.body for node in walk_scope(statement, SCOPES)]
    if any(_is_way_to_bind(node) for node in outside):
        return True
    used = {node.id for node in outside if isinstance(node, ast.Name)}
    are_used = bool(used & _defined_in(module))
    runs = [node for node in outside if isinstance(node, SCOPES) and (are_used or _runs_by_itself(node))]
    return any(map(_is_way_to_bind, _walk_once(runs)))


def _walk_once(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield some nodes and those below them, each once, though one of them may be below another."""
    pending, seen = list(nodes), set[int]()
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            pending.extend(ast.iter_child_nodes(node))


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
