"""The text of one function of a script."""

from __future__ import annotations

import ast

from .reading import decoded


def body_of(data: bytes, function: str) -> tuple[str, ...]:
    """Return the lines of a function's body, without its indentation; none where there is no such function."""
    text, _ = decoded(data)
    node = _function(text, function)
    if node is None:
        return ()
    first = node.body[0]
    start = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))])
    lines = text.splitlines()[start - 1 : node.end_lineno]
    if start == node.lineno:  # def downgrade(): pass
        return (ast.get_source_segment(text, first) or "",)
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return tuple(line[margin:].rstrip() for line in lines)


def raises(data: bytes, function: str) -> bool:
    """Say whether a function ends by raising, whatever the database holds: a migration that cannot be taken back."""
    node = _function(decoded(data)[0], function)
    return node is not None and any(isinstance(statement, ast.Raise) for statement in node.body)


def does_nothing(data: bytes, function: str) -> bool:
    """Say whether a function is missing, or only passes."""
    node = _function(decoded(data)[0], function)
    return node is None or all(_is_idle(statement) for statement in node.body)


def _is_idle(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def _function(text: str, name: str) -> ast.FunctionDef | None:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None
