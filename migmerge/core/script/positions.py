"""The lines that a finding points at."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..finding import Finding
from .read import encoding_of

# Every alternative ends at the end of the text at the latest, so none is tried twice and the time is linear in any text.
_TOKEN = re.compile(
    r"""
      \"{3}(?:[^"\\]+|\\.?|"(?!""))*(?:\"{3}|\Z)
    | '{3}(?:[^'\\]+|\\.?|'(?!''))*(?:'{3}|\Z)
    | "(?:[^"\\\n]+|\\.?)*"?
    | '(?:[^'\\\n]+|\\.?)*'?
    | \#[^\n]*
    | ^(down_revision|revision)[ \t]*(?::[^=\n]*)?=(?!=)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def line_of_identifiers(data: bytes) -> int:
    """Return the 1-based line on which a script assigns `down_revision`, else `revision`, else 1."""
    text = _decode(data)
    starts: dict[str, int] = {}
    for token in _TOKEN.finditer(text):
        if token[1]:
            starts.setdefault(token[1], token.start())
        if "down_revision" in starts:
            break
    return text.count("\n", 0, starts.get("down_revision", starts.get("revision", 0))) + 1


def _decode(data: bytes) -> str:
    """Decode as Python does, or byte by byte; lines end as Python has them end."""
    try:
        text = data.decode(encoding_of(data)).removeprefix("\ufeff")
    except (SyntaxError, LookupError, UnicodeError, ValueError, AssertionError):
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def positions_of(finding: Finding, lines: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Pair each path with a line: the finding's own, else where `lines` has the script's identifiers, else the first."""
    own = dict(enumerate(finding.lines))
    return tuple((path, max(1, own.get(index, lines.get(path, 1)))) for index, path in enumerate(finding.paths))
