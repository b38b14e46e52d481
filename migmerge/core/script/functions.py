"""The text of one function of a script."""

from __future__ import annotations

import ast

from .read import decoded


def function_body(data: bytes, function: str) -> tuple[str, ...]:
    """Return the lines of a function's body, without its indentation; none where there is no such function.

    In a script for several databases the function only calls those that bear its name with a database's behind it:
    `downgrade_log`. Each of these that does something follows under its name.
    """
    text, _ = decoded(data)
    parts = [name for name in _functions(text) if name.startswith(f"{function}_") and not does_nothing(data, name)]
    below = (line for name in parts for line in (f"{name}():", *(f"    {each}" for each in _lines(text, name))))
    return (*_lines(text, function), *below)


def _lines(text: str, function: str) -> tuple[str, ...]:
    node = _functions(text).get(function)
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
    node = _functions(decoded(data)[0]).get(function)
    return node is not None and any(isinstance(statement, ast.Raise) for statement in node.body)


def does_nothing(data: bytes, function: str) -> bool:
    """Say whether a function is missing, or only passes."""
    node = _functions(decoded(data)[0]).get(function)
    return node is None or all(_is_idle(statement) for statement in node.body)


def _is_idle(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


def _functions(text: str) -> dict[str, ast.FunctionDef]:
    """Return the functions of a script by name; of two with one name the last, as in Python."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
