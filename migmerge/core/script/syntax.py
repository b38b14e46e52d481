"""The syntax tree of a script, within bounds, and the ways to walk over it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from .budget import TOO_LONG, costs_too_much, is_slow_to_decode

_MOST_WORK = 5 * 10**8
"""Characters of a text with f-strings for each of its braces."""
_F_STRING = re.compile(r"\b(?:[fF][rR]?|[rR][fF])['\"]")

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class NotPython(Exception):
    """Say on which line this Python stops understanding the text, 1 where it does not tell."""

    line = 1


class TooLong(NotPython):
    """Say that parsing a text would take too long to try; Python may well load it."""


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
        found = NotPython(f"syntax error on line {error.lineno or 1}")
        found.line = max(1, error.lineno or 1)
        raise found from error
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


def is_bare_constant(node: ast.AST) -> bool:
    """Tell whether a node is a statement of a constant alone: a docstring, or `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def walk_scope(node: ast.AST, scopes: tuple[type[ast.AST], ...] = (*SCOPES, *COMPREHENSIONS)) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, those in the bodies of `scopes` left out.

    A loop, for a deep tree would exhaust the stack.
    """
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if not isinstance(current, scopes):
            pending.extend(ast.iter_child_nodes(current))
        elif isinstance(current, SCOPES):
            pending.extend(_evaluated_outside(current))


def _evaluated_outside(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the decorators, defaults and bases of a definition: all but its body, which alone is a scope of its own."""
    body = getattr(scope, "body", ())
    inside = {id(each) for each in (body if isinstance(body, list) else [body])}
    yield from (child for child in ast.iter_child_nodes(scope) if id(child) not in inside)
