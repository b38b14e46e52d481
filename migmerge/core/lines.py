"""The last way to read a script: line by line, for files that this Python does not parse."""

from __future__ import annotations

import ast
import re

from .identifiers import NAMES, Value, identify
from .revision import Reading
from .syntax import NotPython, parse

_ASSIGNMENT = re.compile(rf"^({'|'.join(NAMES)})[ \t]*(?::[^=\n]*)?=(?!=)(.*)$", re.MULTILINE)
_DOCSTRING = re.compile(r'(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*[uUrR]?("""|\'\'\')(.*?)\1', re.DOTALL)
_CONFLICT = re.compile(r"^(?:<<<<<<<|>>>>>>>) ", re.MULTILINE)
_LONGEST_VALUE = 20
"""Lines that a value in brackets may span."""


def read_lines(text: str, defect: str) -> Reading:
    """Read the identifiers that are assigned at the start of a line; `defect` says why it came to this.

    A name that is assigned twice to different values, as between conflict markers, is not known.
    """
    if marker := _CONFLICT.search(text):
        defect = f"conflict markers on line {text.count(chr(10), 0, marker.start()) + 1}"
    opening = _DOCSTRING.match(text)
    found: dict[str, set[tuple[str, ...] | None]] = {}
    for assignment in _ASSIGNMENT.finditer(text, opening.end() if opening else 0):
        found.setdefault(assignment[1], set()).add(_literal(text[assignment.start(2) :]))
    values: dict[str, Value] = {name: values.pop() for name, values in found.items() if len(values) == 1 and None not in values}
    revision = values.get("revision")
    if isinstance(revision, tuple):
        values["revision"] = revision[0] if len(revision) == 1 else None
    return identify(values, opening[2] if opening else None, defect)


def _literal(text: str) -> tuple[str, ...] | None:
    """Return the strings of the literal that `text` begins with, or None where it does not begin with one."""
    lines = text.split("\n")[:_LONGEST_VALUE]
    for count in range(1, len(lines) + 1):
        try:
            (statement,) = parse("\n".join(lines[:count]).strip()).body
        except (NotPython, ValueError):
            continue
        return _strings(statement.value) if isinstance(statement, ast.Expr) else None
    return None


def _strings(expression: ast.expr) -> tuple[str, ...] | None:
    match expression:
        case ast.Constant(value=None):
            return ()
        case ast.Constant(value=str() as text):
            return (text,)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            texts = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            return tuple(texts) if len(texts) == len(items) else None
    return None
