"""The report of `doctor`: scripts, hooks, databases and findings, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.database.coverage import Coverage
from ...core.finding import Finding
from ...core.findings.database_report import DatabaseReport
from ...core.findings.hooks import HookProblem
from ...core.snapshot import Snapshot
from ...core.text import counted, enumerate_names
from ..screen import Screen
from .databases import position_of, report_reach
from .findings import report_environment, report_list

_MOST = 5
"""Things that no revision makes, named one by one."""


@dataclass(frozen=True, slots=True)
class Health:
    """Hold what `doctor` examined; `databases` is empty where it asked none, `hidden` names environments not in the work tree."""

    snapshots: tuple[Snapshot, ...]
    hooks: HookProblem | None
    databases: tuple[DatabaseReport, ...] = ()
    hidden: frozenset[str] = frozenset()


def report_health(screen: Screen, health: Health, findings: Sequence[Finding], *, quiet: bool) -> None:
    """Print what `doctor` examined, then the findings with their symptoms; in quiet mode only errors."""
    if not quiet:
        for snapshot in health.snapshots:
            report_environment(screen, snapshot, is_hidden=snapshot.environment.name in health.hidden)
        screen.say(("hooks", "heading"), f"  {'installed' if health.hooks is None else 'not in use'}")
        for report in health.databases:
            _report_databases(screen, report)
    report_list(screen, findings, quiet=quiet)


def _report_databases(screen: Screen, report: DatabaseReport) -> None:
    if report.unreachable:
        named = report.unreachable.python
        is_told = not named or named in report.unreachable.reason
        screen.say(("database", "heading"), "  could not be asked", "" if is_told else f", in {named}")
    for status in report.statuses:
        address, position = status.database.address, position_of(status.database, report.snapshot.graph.heads)
        screen.say(("database", "heading"), f"  {status.database.name}  ", *position, "  ", (address.url, "path"))
        report_reach(screen, status.database)
        if coverage := report.coverages.get(status.database.bind):
            _report_coverage(screen, coverage)


def _report_coverage(screen: Screen, coverage: Coverage) -> None:
    screen.say(f"  {coverage_line(coverage)}")
    if coverage.unmade:
        screen.say("  no revision makes ", enumerate_names(coverage.unmade, most=_MOST))


def coverage_line(coverage: Coverage) -> str:
    """Return how many of the recorded revisions are verified, and by what."""
    how = "by a replay of the scripts" if coverage.is_deep else "by what the scripts say"
    counts = [(len(coverage.verified), "verified"), (len(coverage.assumed), "by your word"), (len(coverage.unproven), "unproven")]
    shown = ", ".join(f"{number} {word}" for number, word in counts if number or word == "verified")
    return f"{counted(coverage.total, 'revision')} recorded, {shown}, {how}"
