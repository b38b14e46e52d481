"""What the branches would bring, as a table and for programs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from ..core.finding import Finding, Severity
from ..core.forecast import Outlook, Verdict
from ..core.provenance import enumerate_names
from ..core.text import printable
from .screen import Screen

VERSION = 1
_STYLES = {Verdict.COLLIDES: "error", Verdict.CONFLICTS: "warning", Verdict.UNKNOWN: "warning", Verdict.CLEAN: "good"}
_HEADING = ("branch", "author", "age", "revisions", "verdict", "on what")
_WIDEST = 40


def report_outlooks(screen: Screen, outlooks: Sequence[Outlook], now: int) -> None:
    """Print a row for each branch that brings migrations, the worst first."""
    if not outlooks:
        return
    ordered = _ordered(outlooks)
    rows = [_HEADING, *(_cells(outlook, now) for outlook in ordered)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)][:-1]
    for row, verdict in zip(rows, [None, *(each.verdict for each in ordered)], strict=True):
        *cells, last = (_padded(cell, width) for cell, width in zip(row, [*widths, 0], strict=True))
        style = _STYLES[verdict] if verdict else "heading"
        screen.say((cells[0], "heading"), "  ", *(f"{cell}  " for cell in cells[1:4]), (cells[4], style), "  ", last)


def report_summary(screen: Screen, outlooks: Sequence[Outlook], total: int, head: str) -> None:
    """Count all active branches by verdict, and name the command that looks closer at the worst."""
    screen.say(_summary(outlooks, total, head))
    if outlooks and (worst := _ordered(outlooks)[0]).verdict in (Verdict.COLLIDES, Verdict.CONFLICTS):
        screen.say("hint: ", (f"migmerge check --against {shlex.quote(worst.names[0])}", "command"))


def _ordered(outlooks: Sequence[Outlook]) -> list[Outlook]:
    return sorted(outlooks, key=lambda each: list(Verdict).index(each.verdict))


def _cells(outlook: Outlook, now: int) -> tuple[str, ...]:
    return (
        _shortened(printable(outlook.names[0])),
        _shortened(printable(outlook.author)),
        age_of(now - outlook.date),
        _shortened(printable(enumerate_names(outlook.brought, most=2))) or "-",
        outlook.verdict.value,
        "; ".join(_reasons(outlook)) or "-",
    )


def _reasons(outlook: Outlook) -> list[str]:
    if outlook.unknown:
        return [outlook.unknown]
    told = [_reason(finding) for finding in outlook.findings if finding.severity is not Severity.INFO]
    if outlook.conflicts:
        told.append(f"both sides changed {enumerate_names(outlook.conflicts, most=2)}")
    return list(dict.fromkeys(told))


def _reason(finding: Finding) -> str:
    match finding.code:
        case "MM001":
            return f"divergent heads {enumerate_names(finding.revisions, most=4)}"
        case "MM007":
            return finding.message.partition(": ")[0]
    return f"{finding.code} {finding.name}: {enumerate_names(finding.revisions or finding.paths, most=3)}"


def age_of(seconds: int) -> str:
    """Say how long ago something was, in the largest unit that fits."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = seconds // length
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return "just now"


def _summary(outlooks: Sequence[Outlook], total: int, head: str) -> str:
    counts = {verdict: sum(each.verdict is verdict for each in outlooks) for verdict in Verdict}
    others = {
        "would conflict": counts[Verdict.CONFLICTS],
        "cannot be told": counts[Verdict.UNKNOWN],
        "would not": counts[Verdict.CLEAN],
        "bring no migration": total - len(outlooks),
    }
    told = [f"{number} {what}" for what, number in others.items() if number]
    branches = "1 active branch" if total == 1 else f"{total} active branches"
    return ", ".join([f"{counts[Verdict.COLLIDES]} of {branches} would collide with {head}", *told])


def _shortened(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def outlooks_as_json(outlooks: Sequence[Outlook], head: str) -> str:
    """Return all that is known, in ASCII."""
    return json.dumps({"version": VERSION, "commit": head, "branches": [_branch(each) for each in outlooks]}, indent=1)


def _branch(outlook: Outlook) -> dict[str, object]:
    return {
        "branches": list(outlook.names),
        "commit": outlook.commit,
        "author": outlook.author,
        "date": outlook.date,
        "revisions": list(outlook.brought),
        "verdict": outlook.verdict.value,
        "conflicts": list(outlook.conflicts),
        "findings": [
            {
                "code": finding.code,
                "name": finding.name,
                "severity": finding.severity.value,
                "environment": finding.environment,
                "message": finding.message,
                "revisions": list(finding.revisions),
                "paths": list(finding.paths),
            }
            for finding in outlook.findings
        ],
    }
