"""Findings as a GitLab code quality report, which a merge request shows beside the lines."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence

from ...core.finding import Finding, Severity
from ...core.script.positions import positions_of
from ...core.shell import runnable
from ...core.text import enumerate_names, printable
from .fingerprint import fingerprints_of

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_MOST_NAMED = 3
"""Scripts that a description names besides its own."""


def findings_as_code_quality(findings: Sequence[Finding], lines: Mapping[str, int]) -> str:
    """Return the report, in ASCII: one issue for each finding, at its first script, of which GitLab shows one alone."""
    pairs = zip(findings, fingerprints_of(findings), strict=True)
    return json.dumps([_issue(finding, lines, fingerprint) for finding, fingerprint in pairs], indent=1)


def _issue(finding: Finding, lines: Mapping[str, int], fingerprint: str) -> dict[str, object]:
    # GitLab drops an issue without a location; every environment has an env.py.
    (path, line), *further = positions_of(finding, lines) or ((posixpath.join(finding.environment, "env.py"), 1),)
    return {
        "type": "issue",
        "check_name": f"{finding.code} {finding.name}",
        "description": _description(finding, [f"{path}:{line}" for path, line in further]),
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": {"path": path, "lines": {"begin": line}},
    }


def _description(finding: Finding, further: Sequence[str]) -> str:
    also = f"also {enumerate_names(further, most=_MOST_NAMED)}" if further else ""
    texts = (f"{finding.code}: {finding.message}", also, f"hint: {runnable(str(finding.hint))}" if finding.hint.command else "")
    return printable("; ".join(text for text in texts if text))
