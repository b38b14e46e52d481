"""Whether a `script.py.mako` only fills in its blanks and runs no code, and with what."""

from __future__ import annotations

import ast
import re

from ..core.script.syntax import NotPython, parse_expression

_CODE = re.compile(r"<[%/]|^[ \t]*%(?!%)|\A[ \t]*#.*coding[:=](?![ \t]*utf-?8\b)", re.MULTILINE)
_BLANK = re.compile(r"\$\{(.*?)\}", re.DOTALL)
_FILTER = re.compile(r"\|\s*(?:comma|trim|n|h|u)(?:\s*,\s*(?:comma|trim|n|h|u))*\s*$")
_ALLOWED = (ast.Name, ast.Load, ast.Constant, ast.IfExp, ast.BoolOp, ast.Or, ast.And, ast.Call)
_FUNCTIONS = ("repr", "str")


def is_plain(template: str) -> bool:
    """Say whether rendering runs no code of the template: none outside `${…}`, inside only names, `repr()` and if-else.

    Alembic's and Flask-Migrate's single-database templates are plain; the multi-database ones run loops.
    """
    return not _CODE.search(template) and all(_is_harmless(blank) for blank in _BLANK.findall(template))


def names_in(template: str) -> frozenset[str]:
    """Return the names that the blanks of a plain template use, without functions."""
    expressions = (parse_expression(_FILTER.sub("", blank).strip()) for blank in _BLANK.findall(template))
    nodes = (node for expression in expressions for node in ast.walk(expression))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and node.id not in _FUNCTIONS)


def _is_harmless(blank: str) -> bool:
    # Mako reads past a brace in a comment.
    if "#" in blank:
        return False
    try:
        expression = parse_expression(_FILTER.sub("", blank).strip())
    except NotPython:
        return False
    return all(isinstance(node, _ALLOWED) and _calls_only_repr(node) for node in ast.walk(expression))


def _calls_only_repr(node: ast.AST) -> bool:
    return not isinstance(node, ast.Call) or (isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS)
