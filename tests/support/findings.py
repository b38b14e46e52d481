"""Findings as the tests write them: by code, with the hint as the user reads it."""

from __future__ import annotations

import shlex

from migmerge.core.finding import Finding, FindingKind, Hint, Severity
from migmerge.core.findings.registry import REGISTRY

KINDS: dict[str, FindingKind] = {kind.code: kind for kind in REGISTRY}
FIX = "migmerge fix"


def a_finding(
    code: str,
    severity: Severity,
    environment: str,
    message: str,
    hint: str,
    revisions: tuple[str, ...] = (),
    paths: tuple[str, ...] = (),
    branch_point: str | None = None,
    lines: tuple[int, ...] = (),
) -> Finding:
    """Return a finding; the hint of a cure of the graph works on what is committed."""
    kind = KINDS[code]
    own = None if severity is kind.severity else severity
    return Finding(kind, environment, message, hint_of(hint), revisions, paths, branch_point, lines, own_severity=own)


def hint_of(text: str) -> Hint:
    if text.startswith("edit "):
        return Hint(text, edited=shlex.split(text.partition(": ")[0])[1].rpartition(":")[0])
    *before, command = text.split(" && ")
    return Hint(command, command.startswith((FIX, "git commit")), tuple(before))
