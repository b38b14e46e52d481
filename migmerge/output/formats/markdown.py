"""Findings and forecasts in Markdown, for a job's summary and the comment of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...core.branch_merge import BranchForecast, ForecastVerdict
from ...core.finding import Finding, Severity
from ...core.shell import runnable
from ...core.text import enumerate_names, printable
from ..text.findings import summary
from ..text.forecast import left_out_line, ordered_forecasts, reasons_of, summary_of_forecasts

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_CALLS = "@#"
"""What makes a mention or a reference of the word behind it, whether escaped or not."""
_WORD_JOINER = "\u2060"
_MOST_ROWS = 100
"""A comment on GitHub has room for 65,536 characters."""


def findings_as_markdown(findings: Sequence[Finding], *, environments: int) -> str:
    """Return a heading with the number of findings, and a table of them, errors first."""
    if not environments:
        return "### migmerge: no migrations here"
    ordered = sorted(findings, key=lambda each: list(Severity).index(each.severity))
    rows = [
        (each.severity.value, f"{each.code} {each.name}", _escaped(each.message), _code(runnable(str(each.hint))))
        for each in ordered
    ]
    return "\n".join([f"### migmerge: {summary(findings)}", *_table(("", "finding", "what", "next"), rows)])


def forecasts_as_markdown(
    forecasts: Sequence[BranchForecast], total: int, head: str, authors: Mapping[str, Sequence[str]], left_out: int = 0
) -> str:
    """Return a heading, a table of the branches that would not merge cleanly, and who has to talk to whom.

    `total` is the number of branches that were looked at, `left_out` that of older ones; `authors` are
    those of what HEAD has, by the branch's commit.
    """
    shown = [each for each in ordered_forecasts(forecasts) if each.verdict is not ForecastVerdict.CLEAN]
    rows = [
        (_code(each.names[0]), _escaped(each.author), each.verdict.value, _escaped("; ".join(reasons_of(each)))) for each in shown
    ]
    lines = [
        "### Open branches",
        f"{_escaped(summary_of_forecasts(forecasts, total, head))}",
        *([_escaped(left_out_line(left_out))] if left_out else ()),
        *_table(("branch", "author", "verdict", "on what"), rows),
    ]
    talks = [_talk(each, authors.get(each.commit, ())) for each in shown if each.verdict is not ForecastVerdict.UNKNOWN]
    if talks:
        lines += ["", "Before the next merge, talk to each other:", "", *talks[:_MOST_ROWS]]
    return "\n".join(lines)


def _talk(forecast: BranchForecast, authors: Sequence[str]) -> str:
    others = [author for author in authors if author != forecast.author]
    people = [forecast.author, *(others or ["whoever changed the same here"])]
    return f"- {_escaped(enumerate_names(people))} ({_code(forecast.names[0])})"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows[:_MOST_ROWS]:
        yield f"| {' | '.join(row)} |"
    if rows[_MOST_ROWS:]:
        yield ""
        yield f"and {len(rows) - _MOST_ROWS} more"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is, and that calls nobody."""
    return _PUNCTUATION.sub(_escaped_character, printable(text))


def _escaped_character(found: re.Match[str]) -> str:
    joiner = _WORD_JOINER if found[0] in _CALLS else ""
    return f"\\{found[0]}{joiner}"


def _code(text: str) -> str:
    """Return a code span, which may stand in a table; empty for an empty text."""
    shown = printable(text)
    if not shown:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    space = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{space}{shown}{space}{fence}".replace("|", "\\|")
