"""The lines that a finding points at."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..finding import Finding
from .assignments import assignments_in
from .read import source_text

_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)


def line_of_identifiers(data: bytes) -> int:
    """Return the 1-based line on which a script assigns `down_revision`, else `revision`, else 1."""
    text, _ = source_text(data)
    starts: dict[str, int] = {}
    for name, start, value in assignments_in(text):
        if value is not None:
            starts.setdefault(name, start)
        if "down_revision" in starts:
            break
    return text.count("\n", 0, starts.get("down_revision", starts.get("revision", 0))) + 1


def line_to_edit(data: bytes) -> int:
    """Return the 1-based line of what keeps Python from reading a script, else that of its identifiers."""
    # `ast` takes 25 ms to import, which only a script that somebody has to edit pays.
    from .syntax import NotPython, TooLong, parse

    text, _ = source_text(data)
    if conflict := _CONFLICT.search(text):
        return text.count("\n", 0, conflict.start()) + 1
    try:
        parse(text)
    except TooLong:
        return line_of_identifiers(data)
    except NotPython as error:
        return error.line
    return line_of_identifiers(data)


def positions_of(finding: Finding, lines: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Pair each path with a line: the finding's own, else where `lines` has the script's identifiers, else the first."""
    own = dict(enumerate(finding.lines))
    return tuple((path, max(1, own.get(index, lines.get(path, 1)))) for index, path in enumerate(finding.paths))
