"""What the branches would bring, as a table and for programs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ...core.branch_merge import BranchForecast, ForecastVerdict
from ...core.finding import Finding, Severity
from ...core.findings.registry import COLLIDING_OPERATIONS, DIVERGENT_HEADS
from ...core.text import enumerate_names, printable
from ..screen import Screen

_STYLES = {
    ForecastVerdict.COLLIDES: "error",
    ForecastVerdict.CONFLICTS: "warning",
    ForecastVerdict.UNKNOWN: "warning",
    ForecastVerdict.CLEAN: "good",
}
_HEADING = ("branch", "author", "age", "revisions", "verdict", "on what")
_WIDEST = 40


def report_forecasts(screen: Screen, forecasts: Sequence[BranchForecast], now: int) -> None:
    """Print a row for each branch that brings migrations, the worst first."""
    if not forecasts:
        return
    ordered = _ordered(forecasts)
    rows = [_HEADING, *(_cells(forecast, now) for forecast in ordered)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)][:-1]
    for row, verdict in zip(rows, [None, *(each.verdict for each in ordered)], strict=True):
        *cells, last = (_padded(cell, width) for cell, width in zip(row, [*widths, 0], strict=True))
        style = _STYLES[verdict] if verdict else "heading"
        screen.say((cells[0], "heading"), "  ", *(f"{cell}  " for cell in cells[1:4]), (cells[4], style), "  ", last)


def report_summary(screen: Screen, forecasts: Sequence[BranchForecast], total: int, head: str) -> None:
    """Count all active branches by verdict, and name the command that looks closer at the worst."""
    screen.say(_summary(forecasts, total, head))
    if forecasts and (worst := _ordered(forecasts)[0]).verdict in (ForecastVerdict.COLLIDES, ForecastVerdict.CONFLICTS):
        screen.say("hint: ", (f"migmerge check --against {shlex.quote(worst.names[0])}", "command"))


def _ordered(forecasts: Sequence[BranchForecast]) -> list[BranchForecast]:
    return sorted(forecasts, key=lambda each: list(ForecastVerdict).index(each.verdict))


def _cells(forecast: BranchForecast, now: int) -> tuple[str, ...]:
    return (
        _shortened(printable(forecast.names[0])),
        _shortened(printable(forecast.author)),
        age_of(now - forecast.date),
        _shortened(printable(enumerate_names(forecast.brought, most=2))) or "-",
        forecast.verdict.value,
        "; ".join(_reasons(forecast)) or "-",
    )


def _reasons(forecast: BranchForecast) -> list[str]:
    if forecast.unknown:
        return [forecast.unknown]
    told = [_reason(finding) for finding in forecast.findings if finding.severity is not Severity.INFO]
    if forecast.conflicts:
        told.append(f"both sides changed {enumerate_names(forecast.conflicts, most=2)}")
    return list(dict.fromkeys(told))


def _reason(finding: Finding) -> str:
    if finding.kind is DIVERGENT_HEADS:
        return f"divergent heads {enumerate_names(finding.revisions, most=4)}"
    if finding.kind is COLLIDING_OPERATIONS:
        return finding.message.partition(": ")[0]
    return f"{finding.code} {finding.name}: {enumerate_names(finding.revisions or finding.paths, most=3)}"


def age_of(seconds: int) -> str:
    """Say how long ago something was, in the largest unit that fits."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = seconds // length
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return "just now"


def _summary(forecasts: Sequence[BranchForecast], total: int, head: str) -> str:
    counts = {verdict: sum(each.verdict is verdict for each in forecasts) for verdict in ForecastVerdict}
    others = {
        "would conflict": counts[ForecastVerdict.CONFLICTS],
        "cannot be told": counts[ForecastVerdict.UNKNOWN],
        "would not": counts[ForecastVerdict.CLEAN],
        "bring no migration": total - len(forecasts),
    }
    told = [f"{number} {what}" for what, number in others.items() if number]
    branches = "1 active branch" if total == 1 else f"{total} active branches"
    return ", ".join([f"{counts[ForecastVerdict.COLLIDES]} of {branches} would collide with {head}", *told])


def _shortened(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
