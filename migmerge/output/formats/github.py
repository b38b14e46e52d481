"""Findings as annotations of a GitHub Actions run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.finding import Finding, Severity
from ...core.script.positions import positions_of
from ...core.shell import runnable
from ...core.text import enumerate_names, printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST_NAMED = 3
"""Scripts that an annotation names besides its own."""


def findings_as_annotations(findings: Sequence[Finding], lines: Mapping[str, int]) -> list[str]:
    """Return one workflow command for each finding, at its first script.

    GitHub shows ten annotations of each severity per step and drops the rest.
    """
    return [_annotation_of(finding, lines) for finding in findings]


def _annotation_of(finding: Finding, lines: Mapping[str, int]) -> str:
    positions = list(positions_of(finding, lines))
    if not positions:
        return _annotation(finding, {})
    others = [f"{path}:{line}" for path, line in positions[1:]]
    scope = f"this script and {enumerate_names(others, most=_MOST_NAMED)}" if others else ""
    return _annotation(finding, _properties(*positions[0]), scope)


def _properties(path: str, line: int) -> dict[str, str]:
    return {"file": path, "line": str(line)}


def _annotation(finding: Finding, position: Mapping[str, str], scope: str = "") -> str:
    properties = {**position, "title": f"{finding.code} {finding.name}"}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    hint = f"hint: {runnable(str(finding.hint))}" if finding.hint.command else ""
    message = _data("\n".join(filter(None, (printable(finding.message), printable(scope), hint))))
    return f"::{_COMMANDS[finding.severity]} {listed}::{message}"


def _data(text: str) -> str:
    """Escape as `escapeData` does in @actions/core; a new line would begin another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape as `escapeProperty` does in @actions/core."""
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
