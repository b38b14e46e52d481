"""The last way to read a script: line by line, for files that this Python does not parse."""

from __future__ import annotations

import ast
import re
from itertools import islice

from ..revision import Reading
from .identifiers import IDENTIFIER_NAMES, Value, identify
from .syntax import NotPython, parse

_ASSIGNMENT = re.compile(rf"^({'|'.join(IDENTIFIER_NAMES)})[ \t]*(?::[^=\n]*)?=(?!=)(.*)$", re.MULTILINE)
_DOCSTRING = re.compile(r'(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*[uUrR]?("""|\'\'\')(.*?)\1', re.DOTALL)
_CONFLICT = re.compile(r"^(?:<<<<<<<|>>>>>>>) ", re.MULTILINE)
_LONGEST_VALUE = 20
"""Lines that a value in brackets may span."""
_LONGEST_LINE = 500
_MOST_ASSIGNMENTS = 50
"""No script assigns its identifiers oftener; what does is not worth the time."""


def read_assignments(text: str, defect: str) -> Reading:
    """Read the identifiers that are assigned at the start of a line; `defect` says why it came to this.

    A name that is assigned twice to different values, as between conflict markers, is not known.
    """
    if marker := _CONFLICT.search(text):
        defect = f"conflict markers on line {text.count(chr(10), 0, marker.start()) + 1}"
    opening = _DOCSTRING.match(text)
    found: dict[str, set[tuple[str, ...] | None]] = {}
    for assignment in islice(_ASSIGNMENT.finditer(text, opening.end() if opening else 0), _MOST_ASSIGNMENTS):
        found.setdefault(assignment[1], set()).add(_literal(text, assignment.start(2)))
    values: dict[str, Value] = {name: values.pop() for name, values in found.items() if len(values) == 1 and None not in values}
    revision = values.get("revision")
    if isinstance(revision, tuple):
        values["revision"] = revision[0] if len(revision) == 1 else None
    return identify(values, opening[2] if opening else None, defect)


def _literal(text: str, start: int) -> tuple[str, ...] | None:
    """Return the strings of the literal that begins at `start`, or None where none does."""
    lines = text[start : start + _LONGEST_VALUE * _LONGEST_LINE].split("\n")[:_LONGEST_VALUE]
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
