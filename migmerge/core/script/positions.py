"""The lines that a finding points at."""

from __future__ import annotations

from collections.abc import Mapping

from ..finding import Finding
from .assignments import assignments_in
from .read import source_text


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


def positions_of(finding: Finding, lines: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Pair each path with a line: the finding's own, else where `lines` has the script's identifiers, else the first."""
    own = dict(enumerate(finding.lines))
    return tuple((path, max(1, own.get(index, lines.get(path, 1)))) for index, path in enumerate(finding.paths))
