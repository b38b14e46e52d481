"""Findings as annotations of a GitHub Actions run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from ...core.finding import Finding, Severity
from ...core.script.positions import positions_of
from ...core.text import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST_SCRIPTS = 4
"""Scripts of one finding that get an annotation each; where there are more, the first script gets the only one."""


def findings_as_annotations(findings: Sequence[Finding], lines: Mapping[str, int]) -> list[str]:
    """Return one workflow command for each finding and script, the first of every finding before the second of any.

    GitHub shows ten annotations of each severity per step and drops the rest.
    """
    rounds = zip_longest(*(_annotations_of(finding, lines) for finding in findings))
    return [annotation for one_each in rounds for annotation in one_each if annotation is not None]


def _annotations_of(finding: Finding, lines: Mapping[str, int]) -> list[str]:
    positions = positions_of(finding, lines)
    if not positions:
        return [_annotation(finding, {})]
    if len(positions) > _MOST_SCRIPTS:
        return [_annotation(finding, _properties(*positions[0]), f"this script and {len(positions) - 1} more")]
    return [_annotation(finding, _properties(*position)) for position in positions]


def _properties(path: str, line: int) -> dict[str, str]:
    return {"file": path, "line": str(line)}


def _annotation(finding: Finding, position: Mapping[str, str], scope: str = "") -> str:
    properties = {**position, "title": f"{finding.code} {finding.name}"}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    texts = [finding.message, scope, f"hint: {finding.hint}" if finding.hint.command else ""]
    message = _data("\n".join(printable(text) for text in texts if text))
    return f"::{_COMMANDS[finding.severity]} {listed}::{message}"


def _data(text: str) -> str:
    """Escape as `escapeData` does in @actions/core; a new line would begin another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape as `escapeProperty` does in @actions/core."""
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
