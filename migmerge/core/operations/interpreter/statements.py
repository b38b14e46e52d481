"""Read what a script's `upgrade()` or `downgrade()` does to the schema, statement by statement, without running the script."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from ...script.identifiers import COMPUTED
from ...script.literals import joined
from ...script.read import source_text
from ...script.syntax import NotPython, parse
from ..operation import Operation, Operations, Unread
from .calls import Calls
from .expressions import OP, Exhausted, ScriptFunction
from .values import Arguments, CallResult, DottedName, ScriptClass, are_all_known, delete_item, items_of, merge_branches, set_item

_MOST_REMEMBERED = 4096
"""Scripts whose operations are kept: `sync` compares a database with them before and after."""
_EXTRA_STEPS = 20_000
"""What loops and helpers may cost; no node is shorter than a character, so that the text's length pays for the rest."""


@lru_cache(maxsize=_MOST_REMEMBERED)
def read_operations(data: bytes, function: str = "upgrade", dialect: str | None = None) -> Operations:
    """Read the operations of `upgrade()`, or of another function; any bytes are answered, none is executed.

    The operations in a branch of an `if`, `try` or loop are conditional. `unread` holds the code that may change the
    database and cannot be read. `dialect` is SQLAlchemy's name of the database, None where nobody knows it.
    """
    text, defect = source_text(data)
    if defect:
        return Operations(unread=(Unread(1, defect),))
    try:
        module = parse(text)
    except NotPython as error:
        return Operations(unread=(Unread(getattr(error.__cause__, "lineno", 1) or 1, str(error)),))
    return _Statements(_EXTRA_STEPS + len(text), dialect).read(module, function)


class _Statements(Calls):
    """Read statements, and keep the values of names."""

    def __init__(self, steps: int, dialect: str | None) -> None:
        super().__init__(steps, dialect)
        self.active: list[ScriptFunction] = []
        self.returned: list[object] = []

    def read(self, module: ast.Module, function: str) -> Operations:
        try:
            self._read_top_level(module)
            self._read_function(module, function)
        except Exhausted:
            self.unread[Unread(self.line, "what follows, for it takes too many steps")] = None
        finally:
            self.forget_scopes()
        return Operations(tuple(self._marked()), tuple(self.unread))

    def _marked(self) -> Iterator[Operation]:
        """Yield the operations, those marked that rebuild a table of SQLite's."""
        rebuilt = {place for batch in self.rebuilding for place in self.batched.get(batch, ())}
        for place, operation in enumerate(self.done):
            yield replace(operation, rebuilt=True) if place in rebuilt else operation

    def _read_top_level(self, module: ast.Module) -> None:
        """Read the top level, which only defines: Alembic has no connection yet while it imports a script."""
        try:
            self.block(module.body)
        finally:
            self.done.clear()
            self.unread.clear()
            self.batched.clear()

    def _read_function(self, module: ast.Module, function: str) -> None:
        found = self.names.get(function)
        if isinstance(found, ScriptFunction):
            # What runs the scripts may hand `op` over.
            given = Arguments(keywords={"op": DottedName(OP)}, computed=True)
            self.call_function(found, found.body[0], given)
            return
        self.line = _line_of(module, function)
        match found:
            case None:
                self.note_unread(module, f"no {function} function")
            case DottedName():
                self.note_unread(module, f"{function}, which is imported")
            case _:
                self.note_unread(module, f"{function}, which is computed")

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.spend()
            self.line = statement.lineno
            try:
                self._statement(statement)
            except RecursionError:
                self.note_unread(statement, "code that is nested too deeply")

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Expr(value=expression):
                self.discarded = expression.value if isinstance(expression, ast.Await) else expression
                self.evaluate(expression)
            case ast.Assign(targets=targets, value=expression):
                value = self.evaluate(expression)
                for target in targets:
                    self.bind(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as expression):
                self.bind(target, self.evaluate(expression))
            case ast.AugAssign(target=target, op=operator, value=expression):
                self._augment(target, operator, self.evaluate(expression))
            case ast.Return(value=value):
                self.returned.append(self.evaluate(value) if value else None)
                self.depth += 1
            case ast.Break() | ast.Continue():
                self.breaks += 1
            case ast.With() | ast.AsyncWith():
                self._with(statement)
            case _:
                self._definition(statement)

    def _definition(self, statement: ast.stmt) -> None:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                decorated = bool(statement.decorator_list)
                self.names[statement.name] = self.define(statement.name, statement.args, statement.body, decorated=decorated)
            case ast.ClassDef():
                self._class(statement)
            case ast.Import(names=aliases):
                for alias in aliases:
                    self.names[alias.asname or alias.name.split(".")[0]] = DottedName(
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            case ast.ImportFrom(module=module, level=level, names=aliases):
                for alias in aliases:
                    self.names[alias.asname or alias.name] = DottedName(f"{'.' * level}{module or ''}.{alias.name}")
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for mapping in self.names.maps[:-1]:
                    mapping.update(dict.fromkeys(names, COMPUTED))
            case _:
                self._compound(statement)

    def _compound(self, statement: ast.stmt) -> None:
        match statement:
            case ast.If(test=test, body=body, orelse=otherwise):
                self.evaluate(test)
                self._branches([body, otherwise])
            case ast.For() | ast.AsyncFor():
                self._for(statement)
            case ast.While(test=test, body=body, orelse=otherwise):
                self._forget_names(statement)
                self.evaluate(test)
                breaks = self.breaks
                self._branches([[*body, *otherwise], []])
                self.breaks = breaks
            case ast.Match(subject=subject, cases=cases):
                self.evaluate(subject)
                self._forget_names(statement)
                self._branches([*(case.body for case in cases), []])
            case ast.Delete(targets=targets):
                self._delete(targets)
            case _:
                self._try_or_check(statement)

    def _try_or_check(self, statement: ast.stmt) -> None:
        body = getattr(statement, "body", None)
        if isinstance(body, list):  # Try and, from Python 3.11 on, TryStar
            handlers: Sequence[ast.ExceptHandler] = getattr(statement, "handlers", ())
            self._branches([[*body, *getattr(statement, "orelse", ())], *(handler.body for handler in handlers)])
            self.block(getattr(statement, "finalbody", ()))
            return
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):  # pragma: no branch (before Python 3.12, whose `type X[T]` has other parts, all are)
                self.evaluate(child)

    def _branches(self, branches: list[list[ast.stmt]]) -> None:
        """Read every branch with the same values of names; a name that the branches leave with different values is COMPUTED."""
        scope = self.names.maps[0]
        before = dict(scope)
        after = []
        for branch in branches:
            self.spend(1 + len(before))
            scope.clear()
            scope.update(before)
            with self.conditionally(when=len(branches) > 1):
                self.block(branch)
            after.append(dict(scope))
        scope.update(merge_branches(after))

    def _for(self, loop: ast.For | ast.AsyncFor) -> None:
        items, breaks = items_of(self.evaluate(loop.iter)), self.breaks
        if items is None:
            self._forget_names(loop)
            self.bind(loop.target, COMPUTED)
            self._branches([loop.body, []])
        for item in items or ():
            self.spend()
            self.bind(loop.target, item)
            with self.conditionally(when=not are_all_known(items)):
                self.block(loop.body)
        self.block(loop.orelse)
        self.breaks = breaks

    def _forget_names(self, statement: ast.stmt) -> None:
        """Forget the values of names that a loop of unknown length binds: in its second round, they are others."""
        for node in ast.walk(statement):
            self.spend()
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.names[node.id] = COMPUTED
            elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                self.names[node.name] = COMPUTED

    def _with(self, statement: ast.With | ast.AsyncWith) -> None:
        suppresses = False
        for item in statement.items:
            self.discarded = item.context_expr
            value = self.evaluate(item.context_expr)
            suppresses |= isinstance(value, CallResult) and value.tail == "suppress"
            if item.optional_vars:
                self.bind(item.optional_vars, value)
        with self.conditionally(when=suppresses):
            self.block(statement.body)

    def _class(self, statement: ast.ClassDef) -> None:
        self.names = self.names.new_child()
        try:
            self.block(statement.body)
        finally:
            scope, self.names = self.names.maps[0], self.names.parents
        self.names[statement.name] = ScriptClass(statement.name, dict(scope))

    def _delete(self, targets: list[ast.expr]) -> None:
        for target in targets:
            if isinstance(target, ast.Name):
                self.names.maps[0].pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                delete_item(self.evaluate(target.value), self.evaluate(target.slice), conditional=self.conditional)

    def bind(self, target: ast.expr, value: object) -> None:
        """Assign a value to the target of an assignment."""
        match target:
            case ast.Name(id=name):
                self.names[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                parts = items_of(value)
                known = parts is not None and len(parts) == len(targets)
                for inner_target, part in zip(targets, parts if known and parts else [COMPUTED] * len(targets), strict=True):
                    self.bind(inner_target, part)
            case ast.Starred(value=inner):
                self.bind(inner, COMPUTED)
            case ast.Subscript(value=owner, slice=key):
                set_item(self.evaluate(owner), self.evaluate(key), value, conditional=self.conditional)

    def _augment(self, target: ast.expr, operator: ast.operator, value: object) -> None:
        match target, operator:
            case ast.Name(id=name), ast.Add():
                before = self.names.get(name, COMPUTED)
                items = items_of(value) if isinstance(before, list) else None
                result = joined(before, value if items is None else items)
                if isinstance(before, list) and isinstance(result, list):
                    before[:] = [*result, *([COMPUTED] if self.conditional else [])]
                    result = before
                self.names[name] = result
            case _:
                self.bind(target, COMPUTED)

    def call_function(self, function: ScriptFunction, node: ast.AST, given: Arguments) -> object:
        """Read the body of a function with its parameters bound to `given`; return its value, COMPUTED after several returns."""
        if function in self.active:
            self.note_unread(node, f"{function.name}(), which calls itself")
            return COMPUTED
        names, returned, depth = self.names, self.returned, self.depth
        self.names, self.returned = function.names.new_child(_parameter_values(function, given)), []
        self.depth += function.decorated
        self.active.append(function)
        try:
            self.block(function.body)
            return self.returned[0] if len(self.returned) == 1 else COMPUTED
        finally:
            self.active.pop()
            self.names, self.returned, self.depth = names, returned, depth


def _parameter_values(function: ScriptFunction, given: Arguments) -> dict[str, object]:
    """Return the values of a function's parameters in a call; COMPUTED where the call does not say."""
    arguments = function.arguments
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    known = {*positional, *(argument.arg for argument in arguments.kwonlyargs)}
    names: dict[str, object] = dict.fromkeys(known, COMPUTED)
    if arguments.vararg:
        names[arguments.vararg.arg] = COMPUTED if given.computed else given.args[len(positional) :]
    if arguments.kwarg:
        others = {key: value for key, value in given.keywords.items() if key not in known}
        names[arguments.kwarg.arg] = COMPUTED if given.computed else others
    if not given.computed:
        names.update(function.defaults)
        names.update(zip(positional, given.args, strict=False))
    names.update((key, value) for key, value in given.keywords.items() if key in known)
    return names


def _line_of(module: ast.Module, function: str) -> int:
    """Return the last line that binds a function's name by an assignment or an import; 1 where there is none."""
    return max((line for statement in module.body for line in _binding_lines(statement, function)), default=1)


def _binding_lines(statement: ast.stmt, function: str) -> Iterator[int]:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.alias(name=name, asname=None) | ast.alias(asname=name):
                if name == function:
                    yield node.lineno
