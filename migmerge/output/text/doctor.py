"""What `doctor` found: the scripts, the hooks and the databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.database.status import DatabaseStatus
from ...core.finding import Finding
from ...core.findings.databases import DatabaseReport
from ...core.findings.hooks import HookProblem
from ...core.snapshot import Snapshot
from ...core.text import enumerate_names
from ..screen import Part, Screen
from .findings import report_environment, report_list


@dataclass(frozen=True, slots=True)
class Health:
    """Hold what `doctor` looked at; `databases` is empty where they were not asked."""

    snapshots: tuple[Snapshot, ...]
    hooks: HookProblem | None
    databases: tuple[DatabaseReport, ...] = ()


def report_health(screen: Screen, health: Health, findings: Sequence[Finding], *, quiet: bool) -> None:
    """Print what there is, then the findings with the error in which a user meets each; when quiet only errors."""
    if not quiet:
        for snapshot in health.snapshots:
            report_environment(screen, snapshot)
        screen.say(("hooks", "heading"), f"  {'installed' if health.hooks is None else 'not in use'}")
        for report in health.databases:
            _report_databases(screen, report)
    report_list(screen, findings, quiet=quiet)


def _report_databases(screen: Screen, report: DatabaseReport) -> None:
    if report.unreachable:
        screen.say(("database", "heading"), "  could not be asked")
    for status in report.statuses:
        address = status.database.address
        screen.say(("database", "heading"), f"  {address.name}", *_at(report, status), "  ", (address.url, "path"))


def _at(report: DatabaseReport, status: DatabaseStatus) -> list[Part]:
    recorded = status.database.recorded
    if not recorded:
        return ["  at no revision"]
    at_head = " (head)" if recorded == report.snapshot.graph.heads else ""
    return ["  at ", (enumerate_names(recorded), "revision"), at_head]
