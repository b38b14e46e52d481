"""Scripts in which each `op.execute` runs one statement of SQL, so that the statements of two scripts can be compared."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from ..script.read import encoding_of, source_text
from ..script.syntax import NotPython, parse
from .sql.split import split_sql


@lru_cache(maxsize=2048)
def with_single_statements(data: bytes) -> bytes:
    """Return a script with a call for each statement of a literal text that `op.execute` gets, where these are sure."""
    text, defect = source_text(data)
    if defect or ";" not in text:
        return data
    try:
        calls = sorted(_calls(parse(text)), key=lambda each: each[0].lineno, reverse=True)
    except NotPython:
        return data
    lines = text.split("\n")
    for statement, call in calls:
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        if (split := list(_split(call))) and _stands_alone(statement, lines):
            margin = lines[first][: statement.col_offset]
            lines[first:last] = [f"{margin}{each}" for each in split]
    return "\n".join(lines).encode(encoding_of(data)) if calls else data


def _calls(module: ast.Module) -> Iterator[tuple[ast.Expr, ast.Call]]:
    """Yield the statements that call `op.execute` with a literal text alone, or with one in `text()`."""
    for node in ast.walk(module):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="op"), attr="execute")) as call):
                if _literal(call) is not None:
                    yield node, call


def _literal(call: ast.Call) -> str | None:
    match call:
        case ast.Call(args=[ast.Constant(value=str(sql))], keywords=[]):
            return sql
        case ast.Call(args=[ast.Call(func=ast.Name(id="text") | ast.Attribute(attr="text")) as text], keywords=[]):
            return _literal(text)
    return None


def _split(call: ast.Call) -> Iterator[str]:
    """Yield a call for each statement of a text; nothing where the text is one statement already."""
    sql = _literal(call) or ""
    parts = split_sql(sql)
    for each in parts if parts != (sql,) else ():
        yield ast.unparse(_with_text(call, each))


def _with_text(call: ast.Call, sql: str) -> ast.Call:
    argument = call.args[0]
    return ast.Call(call.func, [_with_text(argument, sql) if isinstance(argument, ast.Call) else ast.Constant(sql)], [])


def _stands_alone(statement: ast.Expr, lines: list[str]) -> bool:
    """Say whether nothing else is on the lines of a statement."""
    before = lines[statement.lineno - 1].encode()[: statement.col_offset]
    after = lines[(statement.end_lineno or statement.lineno) - 1].encode()[statement.end_col_offset :]
    return not before.strip() and (not after.strip() or after.lstrip().startswith(b"#"))
