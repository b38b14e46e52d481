"""What `check` found, as annotations of a GitHub Actions run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from ...core.finding import Finding, Severity
from ...core.script.positions import positions_of
from ...core.text import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST_PLACES = 4
"""Scripts of one finding that get an annotation each; with more of them the first speaks for all."""


def findings_as_annotations(findings: Sequence[Finding], lines: Mapping[str, int]) -> list[str]:
    """Return one workflow command per finding and script, each finding's first before any finding's second.

    GitHub shows ten annotations of each severity per step and drops the rest, so repetitions come last.
    """
    repeated = zip_longest(*(_annotations_of(finding, lines) for finding in findings))
    return [annotation for turn in repeated for annotation in turn if annotation is not None]


def _annotations_of(finding: Finding, lines: Mapping[str, int]) -> list[str]:
    places = positions_of(finding, lines)
    if not places:
        return [_annotation(finding, {})]
    if len(places) > _MOST_PLACES:
        return [_annotation(finding, _properties(*places[0]), f"this script and {len(places) - 1} more")]
    return [_annotation(finding, _properties(*place)) for place in places]


def _properties(path: str, line: int) -> dict[str, str]:
    return {"file": path, "line": str(line)}


def _annotation(finding: Finding, place: Mapping[str, str], scope: str = "") -> str:
    properties = {**place, "title": f"{finding.code} {finding.name}"}
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    texts = [finding.message, scope, f"hint: {finding.hint}" if finding.hint.command else ""]
    message = _data("\n".join(printable(text) for text in texts if text))
    return f"::{_COMMANDS[finding.severity]} {said}::{message}"


def _data(text: str) -> str:
    """Escape as `escapeData` does in @actions/core; only a new line could begin another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape as `escapeProperty` does in @actions/core."""
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
