"""Environments and findings, as text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from shlex import quote

from ...core.finding import Finding, Severity
from ...core.snapshot import Snapshot
from ...core.text import counted
from ..screen import Screen

_MOST_AT_ONCE = 6
"""Findings that a hook tells in full."""


def report_findings(
    screen: Screen, snapshots: Sequence[Snapshot], findings: Sequence[Finding], *, hidden: Collection[str] = (), quiet: bool
) -> None:
    """Print each environment with its heads, the findings, and their number; in quiet mode only errors.

    `hidden` are the names of the environments of which the work tree has nothing.
    """
    if not quiet:
        for snapshot in snapshots:
            report_environment(screen, snapshot, is_hidden=snapshot.environment.name in hidden)
    report_list(screen, findings, quiet=quiet)


def report_list(screen: Screen, findings: Sequence[Finding], *, quiet: bool) -> None:
    """Print the findings and their number; in quiet mode only errors."""
    for finding in findings:
        if not quiet or finding.severity is Severity.ERROR:
            report_finding(screen, finding)
    if not quiet:
        screen.say("", summary(findings))


def report_first(screen: Screen, findings: Sequence[Finding]) -> None:
    """Print the first findings, and how many more there are: a screen that scrolls away says nothing."""
    for finding in findings[:_MOST_AT_ONCE]:
        report_finding(screen, finding)
    if more := findings[_MOST_AT_ONCE:]:
        screen.say("and more: ", summary(more))
        screen.say_hint("migmerge check", indent="  ")


def report_environment(screen: Screen, snapshot: Snapshot, *, is_hidden: bool = False) -> None:
    """Print the number of an environment's revisions, and its heads, and where they are read if the work tree hides them."""
    graph = snapshot.graph
    counts = f"{counted(len(graph), 'revision')}, {counted(len(graph.heads), 'head')}"
    screen.say((snapshot.environment.name or ".", "heading"), "  ", counts)
    for head in graph.heads:
        revision = graph[head]
        screen.say("  ", (head, "revision"), "  ", revision.message or "(no message)", "  ", (revision.path, "path"))
    if is_hidden:
        path = snapshot.environment.path
        hint = f"git sparse-checkout add {quote(path)}"
        screen.say("  note: ", path, " is not in the work tree and judged as HEAD has it; ", hint)


def report_finding(screen: Screen, finding: Finding, *, hint: bool = True) -> None:
    """Print one finding: its code and name, its message, its symptom, and the command of its hint."""
    severity = finding.severity.value
    screen.say((severity, severity), f" {finding.code} {finding.name} ", (finding.environment, "path"))
    screen.say("  ", finding.message)
    if finding.symptom:
        screen.say("  you see: ", finding.symptom)
    if hint:
        screen.say_hint(str(finding.hint), indent="  ")


def summary(findings: Sequence[Finding]) -> str:
    """Return the number of findings by severity."""
    if not findings:
        return "no findings"
    counts = [(severity, sum(finding.severity is severity for finding in findings)) for severity in Severity]
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    return ", ".join(counted(number, nouns[severity]) for severity, number in counts if number)
