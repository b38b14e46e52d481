"""What `check` found, for a reader."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.finding import Finding, Severity
from ...core.snapshot import Snapshot
from ..screen import Screen


def report_findings(screen: Screen, snapshots: Sequence[Snapshot], findings: Sequence[Finding], *, quiet: bool) -> None:
    """Print each environment's heads, then the findings, then their number; when quiet only errors."""
    if not quiet:
        for snapshot in snapshots:
            report_environment(screen, snapshot)
    report_list(screen, findings, quiet=quiet)


def report_list(screen: Screen, findings: Sequence[Finding], *, quiet: bool) -> None:
    """Print the findings and their number; when quiet only errors."""
    for finding in findings:
        if not quiet or finding.severity is Severity.ERROR:
            report_finding(screen, finding)
    if not quiet:
        screen.say("", summary(findings))


def report_environment(screen: Screen, snapshot: Snapshot) -> None:
    """Print how many revisions an environment has, and its heads."""
    graph = snapshot.graph
    counts = f"{_count(len(graph), 'revision')}, {_count(len(graph.heads), 'head')}"
    screen.say((snapshot.environment.path or ".", "heading"), "  ", counts)
    for head in graph.heads:
        revision = graph[head]
        screen.say("  ", (head, "revision"), "  ", revision.message or "(no message)", "  ", (revision.path, "path"))


def report_finding(screen: Screen, finding: Finding, *, hint: bool = True) -> None:
    """Print one finding: its code and name, what is wrong, and the next command."""
    severity = finding.severity.value
    screen.say((severity, severity), f" {finding.code} {finding.name} ", (finding.environment, "path"))
    screen.say("  ", finding.message)
    if finding.symptom:
        screen.say("  you see: ", finding.symptom)
    if hint:
        screen.say("  hint: ", (str(finding.hint), "command"))


def summary(findings: Sequence[Finding]) -> str:
    """Count the findings by severity."""
    if not findings:
        return "no findings"
    counts = [(severity, sum(finding.severity is severity for finding in findings)) for severity in Severity]
    plural = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    return ", ".join(_count(number, plural[severity]) for severity, number in counts if number)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
