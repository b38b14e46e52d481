"""The last way to read a script: assignment by assignment, for files that this Python does not parse."""

from __future__ import annotations

import ast
import re

from ..revision import Reading
from .assignments import assignments_in
from .identifiers import COMPUTED, identify
from .literals import literal_value
from .scanner import BINDS_UNSEEN
from .syntax import NotPython, parse

_DOCSTRING = re.compile(r'(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*[uUrR]?("""|\'\'\')(.*?)\1', re.DOTALL)
_CONFLICT = re.compile(r"^(?:<<<<<<<|>>>>>>>) ", re.MULTILINE)
_GLOBAL = re.compile(r"\bglobal[ \t\\\n]+([\w, \t\\\n]+)")
_LONGEST_VALUE = 20
"""Lines that a value in brackets may span."""
_LONGEST_LINE = 500
_MOST_ASSIGNMENTS = 50
"""No script assigns its identifiers oftener; the values of one that does are not worth the time."""


def read_assignments(text: str, defect: str) -> Reading:
    """Read the identifiers that are assigned at the start of a line; `defect` says why Python does not parse the text.

    A name that is assigned twice to different values is not known, and neither is one on which the sides of a conflict
    differ. The lines of `text` end in a line feed.
    """
    marker = _CONFLICT.search(text)
    if marker is None:
        return identify(_values(text), _docstring(text), defect)
    ours, theirs = _sides(text)
    one, other = _values(ours), _values(theirs)
    agreed = {
        name: one[name] if name in one and one[name] == other.get(name, COMPUTED) else COMPUTED for name in {**one, **other}
    }
    return identify(agreed, _docstring(ours), f"conflict markers on line {text.count(chr(10), 0, marker.start()) + 1}")


def _sides(text: str) -> tuple[str, str]:
    """Return the text as either side of its conflicts has it."""
    ours, theirs = list[str](), list[str]()
    keeping: tuple[list[str], ...] = (ours, theirs)
    for line in text.split("\n"):
        if line.startswith("<<<<<<< "):
            keeping = (ours,)
        elif line.startswith("||||||| ") and keeping == (ours,):
            keeping = ()
        elif line == "=======" and len(keeping) < 2:
            keeping = (theirs,)
        elif line.startswith(">>>>>>> "):
            keeping = (ours, theirs)
        else:
            for side in keeping:
                side.append(line)
    return "\n".join(ours), "\n".join(theirs)


def _values(text: str) -> dict[str, object]:
    """Return the value of each identifier that the text binds, COMPUTED where it is not the same everywhere."""
    values: dict[str, object] = {}
    for number, (name, _, start) in enumerate(assignments_in(text)):
        value = COMPUTED if start is None or number >= _MOST_ASSIGNMENTS else _literal(text, start)
        values[name] = _agreed(values.get(name, value), value)
    # A function that declares an identifier global may assign it, wherever in a line that is.
    declared = {name for names in _GLOBAL.findall(text) for name in names.replace(",", " ").split()}
    unseen = values.keys() if re.search(BINDS_UNSEEN, text) else set[str]()
    return values | dict.fromkeys(declared & values.keys() | unseen, COMPUTED)


def _agreed(one: object, other: object) -> object:
    return one if one == other else COMPUTED


def _literal(text: str, start: int) -> object:
    """Return the literal that begins at `start`, COMPUTED where none does."""
    end = start + _LONGEST_VALUE * _LONGEST_LINE
    lines = text[start:end].split("\n")
    complete = lines if end >= len(text) else lines[:-1]
    for count in range(1, min(len(complete), _LONGEST_VALUE) + 1):
        try:
            body = parse("\n".join(complete[:count]).strip()).body
        except NotPython:
            continue
        match body:
            case [ast.Expr(value=expression)]:
                return literal_value(expression, {})
        break
    return COMPUTED


def _docstring(text: str) -> str | None:
    opening = _DOCSTRING.match(text)
    return opening[2] if opening else None
