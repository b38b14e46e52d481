"""Forecasts of merging other branches, as a table."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ...core.branch_merge import BranchForecast, ForecastVerdict
from ...core.finding import Finding, Severity
from ...core.findings.registry import DIVERGENT_HEADS
from ...core.shell import ref_operand
from ...core.text import counted, enumerate_names, printable, shortened
from ..cells import padded, width_of
from ..screen import Part, Screen

_STYLES = {
    ForecastVerdict.COLLIDES: "error",
    ForecastVerdict.CONFLICTS: "warning",
    ForecastVerdict.UNKNOWN: "warning",
    ForecastVerdict.CLEAN: "good",
}
_HEADING = ("branch", "author", "age", "revisions", "verdict", "on what")
_MOST = 40
"""Characters of a cell."""


def report_forecasts(screen: Screen, forecasts: Sequence[BranchForecast], now: int) -> None:
    """Print a row for each branch that brings migrations, the worst first."""
    if not forecasts:
        return
    ordered = ordered_forecasts(forecasts)
    rows = [_HEADING, *(_cells(forecast, now) for forecast in ordered)]
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)][:-1]
    # Where a terminal has no room for them the reasons stand below.
    below = screen.wraps and sum(widths) + 2 * len(widths) + max(width_of(row[-1]) for row in rows) > screen.width
    for row, forecast in zip(rows, [None, *ordered], strict=True):
        *cells, last = (padded(cell, width) for cell, width in zip(row, [*widths, 0], strict=True))
        style = _STYLES[forecast.verdict] if forecast else "heading"
        line: list[Part] = [(cells[0], "heading"), "  ", *(f"{cell}  " for cell in cells[1:4]), (cells[4], style)]
        screen.say(*line, *(() if below else ("  ", last)))
        for reason in reasons_of(forecast) if below and forecast else ():
            screen.say("  ", reason)


def report_summary(screen: Screen, forecasts: Sequence[BranchForecast], total: int, head: str) -> None:
    """Print the number of active branches by verdict, and the command that examines the worst one."""
    screen.say(summary_of_forecasts(forecasts, total, head))
    if forecasts and (worst := ordered_forecasts(forecasts)[0]).verdict in (ForecastVerdict.COLLIDES, ForecastVerdict.CONFLICTS):
        screen.say_hint(f"migmerge check --against {shlex.quote(ref_operand(worst.names[0]))}")


def report_left_out(screen: Screen, count: int) -> None:
    """Print how many older branches a limit kept from being compared, where there are any."""
    if count:
        screen.say(left_out_line(count))


def left_out_line(count: int) -> str:
    """Return how many older branches a limit kept from being compared."""
    return f"{count} older {'branch' if count == 1 else 'branches'} not compared, for the limit"


def ordered_forecasts(forecasts: Sequence[BranchForecast]) -> list[BranchForecast]:
    """Return the forecasts, the worst first."""
    return sorted(forecasts, key=lambda each: list(ForecastVerdict).index(each.verdict))


def _cells(forecast: BranchForecast, now: int) -> tuple[str, ...]:
    return (
        shortened(printable(forecast.names[0]), _MOST),
        shortened(printable(forecast.author), _MOST),
        age_of(now - forecast.date),
        shortened(printable(enumerate_names(forecast.brought, most=2)), _MOST) or "-",
        forecast.verdict.value,
        "; ".join(reasons_of(forecast)) or "-",
    )


def reasons_of(forecast: BranchForecast) -> list[str]:
    """Return on what a branch collides or conflicts, or why that is unknown."""
    if forecast.unknown:
        return [forecast.unknown]
    reasons = [_reason(finding) for finding in forecast.findings if finding.severity is not Severity.INFO]
    if forecast.conflicts:
        reasons.append(f"both sides changed {enumerate_names(forecast.conflicts, most=2)}")
    return list(dict.fromkeys(reasons))


def _reason(finding: Finding) -> str:
    if finding.kind is DIVERGENT_HEADS:
        return f"divergent heads {enumerate_names(finding.revisions, most=4)}"
    if finding.what:
        return finding.what
    return f"{finding.code} {finding.name}: {enumerate_names(finding.revisions or finding.paths, most=3)}"


def age_of(seconds: int) -> str:
    """Return an age in the largest unit that fits: `3 days`."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return "just now"


def summary_of_forecasts(forecasts: Sequence[BranchForecast], total: int, head: str) -> str:
    """Return the number of active branches, `total` of them, by verdict."""
    counts = {verdict: sum(each.verdict is verdict for each in forecasts) for verdict in ForecastVerdict}
    others = {
        "would conflict": counts[ForecastVerdict.CONFLICTS],
        "cannot be told": counts[ForecastVerdict.UNKNOWN],
        "would not": counts[ForecastVerdict.CLEAN],
        ("brings no migration" if total - len(forecasts) == 1 else "bring no migration"): total - len(forecasts),
    }
    counts_of_others = [f"{number} {what}" for what, number in others.items() if number]
    branches = "1 active branch" if total == 1 else f"{total} active branches"
    return ", ".join([f"{counts[ForecastVerdict.COLLIDES]} of {branches} would collide with {head}", *counts_of_others])
