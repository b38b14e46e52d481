"""Whether a `script.py.mako` only fills in its blanks and runs no code, and its blanks filled in without Mako."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..core.script.syntax import NotPython, parse_expression

_CODE = re.compile(r"<[%/]|^[ \t]*%(?!%)|\A[ \t]*#.*coding[:=](?![ \t]*utf-?8\b)", re.MULTILINE)
_BLANK = re.compile(r"\$\{(.*?)\}", re.DOTALL)
_PART = re.compile(
    r"""
      ^[ \t]*\#\#(?:\\\r?\n|[^\r\n])*(?:\r?\n|\Z)
    | (?P<percent>^(?P<margin>\s*)%%(?P<more>%*))
    | \\\r?\n
    | \$\{(?P<blank>.*?)\}
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
"""What Mako does not leave as it is: a comment, an escaped percent sign, an escaped line end, a blank."""
_FILTER = re.compile(r"\|\s*(?:comma|trim|n|h|u)(?:\s*,\s*(?:comma|trim|n|h|u))*\s*$")
_ALLOWED = (ast.Name, ast.Load, ast.Constant, ast.IfExp, ast.BoolOp, ast.Or, ast.And, ast.Call)
_FUNCTIONS = ("repr", "str")


def is_plain(template: str) -> bool:
    """Say whether rendering runs no code of the template: none outside `${…}`, inside only names, `repr()` and if-else.

    Alembic's and Flask-Migrate's single-database templates are plain; the multi-database ones run loops.
    """
    is_closed = "${" not in _BLANK.sub("", template)
    return is_closed and not _CODE.search(template) and all(_is_harmless(blank) for blank in _BLANK.findall(template))


def names_in(template: str) -> frozenset[str]:
    """Return the names that the blanks of a plain template use, without functions."""
    expressions = (parse_expression(_FILTER.sub("", blank).strip()) for blank in _BLANK.findall(template))
    nodes = (node for expression in expressions for node in ast.walk(expression))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and node.id not in _FUNCTIONS)


def decoded_template(data: bytes) -> str:
    """Return the text of a template, which is UTF-8: Mako would also believe a comment that names another encoding.

    Raises:
        UnicodeDecodeError: where it is not.
    """
    return data.decode("utf-8-sig")


def fill_in(template: str, arguments: Mapping[str, Any]) -> str:
    """Fill in the blanks of a plain template as Mako does, and run nothing else, whatever the template holds.

    Raises:
        NameError: where a blank shows a name that no argument has.
        NotPython: where a blank is no expression, or one that runs code.
    """
    return _PART.sub(lambda part: _filled(part, arguments), template)


def _filled(part: re.Match[str], arguments: Mapping[str, Any]) -> str:
    if part["blank"] is not None:
        return _value_of_blank(part["blank"], arguments)
    return f"{part['margin']}%{part['more']}" if part["percent"] else ""


def _value_of_blank(blank: str, arguments: Mapping[str, Any]) -> str:
    if not _is_harmless(blank):
        raise NotPython(f"${{{blank}}} runs code")
    given = _FILTER.search(blank)
    names = re.findall(r"\w+", given[0]) if given else []
    value = _value(parse_expression(_FILTER.sub("", blank).strip()), arguments)
    value = value if "n" in names else str(value)
    for name in names:
        value = _filter(name, arguments)(value)
    return str(value)


def _value(node: ast.expr, arguments: Mapping[str, Any]) -> Any:
    """Return the value of an expression that `_is_harmless` allows."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return arguments[name] if name in arguments else _undefined()
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return _value(body if _value(test, arguments) else otherwise, arguments)
        case ast.BoolOp(op=operator, values=values):
            found: Any = None
            for each in values:
                found = _value(each, arguments)
                if bool(found) is isinstance(operator, ast.Or):
                    break
            return found
        case ast.Call(func=ast.Name(id="repr" | "str" as name), args=[argument], keywords=[]):
            return (repr if name == "repr" else str)(_value(argument, arguments))
    raise NotPython("an expression that runs code")


def _undefined() -> object:
    """Return what stands for a name that nobody gives: it is false, and has no text."""
    from mako.runtime import UNDEFINED

    return UNDEFINED


def _filter(name: str, arguments: Mapping[str, Any]) -> Callable[[Any], Any]:
    from mako import filters  # Alembic, which needs it, takes 300 ms to import

    own: dict[str, Callable[[Any], Any]] = {
        "n": lambda value: value,
        "trim": filters.trim,
        "h": filters.html_escape,
        "u": filters.url_escape,
    }
    return own[name] if name in own else arguments[name]


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
