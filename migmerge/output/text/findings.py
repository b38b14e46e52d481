"""What `check` found, for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...core.database.status import DatabaseStatus
from ...core.finding import Finding, Severity
from ...core.findings.databases import DatabaseReport
from ...core.snapshot import Snapshot
from ...core.text import enumerate_names
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


class Trouble(Protocol):
    """Say why git does not call the hooks, and the command that helps."""

    @property
    def reason(self) -> str: ...

    @property
    def hint(self) -> str: ...


def report_health(
    screen: Screen,
    snapshots: Sequence[Snapshot],
    reports: Sequence[DatabaseReport],
    problem: Trouble | None,
    findings: Sequence[Finding],
    *,
    quiet: bool,
) -> None:
    """Print what there is, then the findings with the error that each shows itself by; when quiet only errors."""
    if not quiet:
        for snapshot in snapshots:
            report_environment(screen, snapshot)
        screen.say(("hooks", "heading"), f"  {'installed' if problem is None else 'not in use'}")
        for report in reports:
            _report_databases(screen, report)
    report_list(screen, findings, quiet=quiet)


def _report_databases(screen: Screen, report: DatabaseReport) -> None:
    if report.unreachable:
        screen.say(("database", "heading"), "  could not be asked")
    for status in report.statuses:
        address = status.database.address
        screen.say(("database", "heading"), f"  {address.name}", *_at(report, status), "  ", (address.url, "path"))


def _at(report: DatabaseReport, status: DatabaseStatus) -> list[str | tuple[str, str]]:
    recorded = status.database.recorded
    if not recorded:
        return ["  at no revision"]
    heads = report.snapshot.graph.heads
    return ["  at ", (enumerate_names(recorded), "revision"), " (head)" if recorded == heads else ""]
