"""One self-contained page: the graph, the findings, the open branches and the databases; nothing is loaded from anywhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

from ...core.branch_merge import BranchForecast
from ...core.database.coverage import Coverage
from ...core.database.status import DatabaseStatus
from ...core.finding import Finding, Severity
from ...core.text import counted, enumerate_names, printable
from ..graph.labels import LaidOutGraph
from ..graph.svg import STYLE, as_svg
from ..text.doctor import Health, coverage_line
from ..text.findings import summary
from ..text.forecast import ordered_forecasts, reasons_of, summary_of_forecasts

START = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="migmerge">'
"""What shows that a file is a page of migmerge."""
_FOLDER = Path(__file__).parent
_SVG_START = re.compile(r"<\?xml[^>]*>\n<svg ")


@dataclass(frozen=True, slots=True)
class OpenBranches:
    """Hold the forecasts of the open branches that bring migrations, the number of all that were looked at, and HEAD's name."""

    forecasts: Sequence[BranchForecast]
    total: int
    head: str


@dataclass(frozen=True, slots=True)
class PageContents:
    """Hold what the page shows.

    `repository` is a name, `commit` the one that is checked out, `made` a time for a reader. `is_part` says that the graph
    shows the divergent part alone, for all of it is too much for a page. `health` is None where no database was asked for.
    """

    repository: str
    commit: str | None
    made: str
    layouts: Sequence[LaidOutGraph]
    is_part: bool
    findings: Sequence[Finding]
    branches: OpenBranches
    health: Health | None = None


def as_page(contents: PageContents) -> str:
    """Return the page; a browser runs and draws what migmerge wrote into it, and nothing that a repository brought."""
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = f"default-src 'none'; style-src {_hashed(style)} {_hashed(STYLE)}; script-src {_hashed(script)}"
    title = f"{_text(contents.repository)}: migrations"
    return "\n".join(
        (
            START,
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{style}</style></head><body>",
            *_header(contents),
            "<main>",
            *_findings(contents.findings),
            *_graph(contents),
            *_branches(contents.branches),
            *(_databases(contents.health) if contents.health else ()),
            "</main>",
            f"<script>{script}</script></body></html>",
        )
    )


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _text(text: str) -> str:
    return escape(printable(text))


def _header(contents: PageContents) -> Iterator[str]:
    commit = f" at <code>{_text(contents.commit[:10])}</code>" if contents.commit else ""
    yield f"<header><h1>{_text(contents.repository)}</h1>"
    yield f"<p>{_text(contents.branches.head)}{commit}, {_text(contents.made)}</p>"
    yield f'<p class="verdict {_worst(contents.findings)}">{_text(summary(contents.findings))}</p></header>'


def _worst(findings: Iterable[Finding]) -> str:
    found = {finding.severity for finding in findings}
    return next((severity.value for severity in Severity if severity in found), "good")


def _section(name: str, title: str, body: Iterable[str]) -> Iterator[str]:
    yield f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>'
    yield from body
    yield "</section>"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda each: list(Severity).index(each.severity))
    return _section("findings", "Findings", (_finding(each) for each in ordered) if ordered else ["<p>None.</p>"])


def _finding(finding: Finding) -> str:
    severity = finding.severity.value
    scripts = "".join(f"<li><code>{_text(path)}</code></li>" for path in finding.paths)
    return (
        f'<article class="finding {severity}"><h3><span class="severity">{severity}</span> {finding.code} {finding.name}'
        f'<span class="where">{_text(finding.environment)}</span></h3><p>{_text(finding.message)}</p>'
        + (f'<p class="symptom">You see: {_text(finding.symptom)}</p>' if finding.symptom else "")
        + (f"<p>Next: <code>{_text(str(finding.hint))}</code></p>" if str(finding.hint) else "")
        + (f"<ul>{scripts}</ul>" if scripts else "")
        + "</article>"
    )


def _graph(contents: PageContents) -> Iterator[str]:
    known = [each for _, provenance in contents.layouts for each in provenance.values()]
    authors = sorted({each.author for each in known if each.author})
    branches = sorted({each.branch for each in known if each.branch})
    part = ["<p>There are too many revisions to draw all of them: these are the divergent, or the newest ones.</p>"]
    body = [
        *(part if contents.is_part else ()),
        '<form class="tools" role="search" hidden>',
        '<label>Search <input type="search" name="q" autocomplete="off"></label>',
        _choice("author", "Author", authors),
        _choice("branch", "Branch", branches),
        '<span class="zoom"><button type="button" name="out" aria-label="smaller">&minus;</button>'
        '<button type="button" name="in" aria-label="larger">+</button></span>',
        '<output name="count" aria-live="polite"></output></form>',
        f'<div class="canvas" tabindex="0" role="region" aria-label="Revisions">{_drawing(contents.layouts)}</div>',
    ]
    return _section("graph", "Revisions", body if contents.layouts else ["<p>No migrations here.</p>"])


def _drawing(layouts: Sequence[LaidOutGraph]) -> str:
    return _SVG_START.sub("<svg ", as_svg(layouts), count=1)


def _choice(name: str, title: str, values: Sequence[str]) -> str:
    options = "".join(f'<option value="{_text(value)}">{_text(value)}</option>' for value in values)
    return f'<label>{title} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _branches(branches: OpenBranches) -> Iterator[str]:
    rows = [
        (each.names[0], each.author, each.verdict.value, "; ".join(reasons_of(each)) or "-")
        for each in ordered_forecasts(branches.forecasts)
    ]
    lead = f"<p>{_text(summary_of_forecasts(branches.forecasts, branches.total, branches.head))}</p>"
    return _section("branches", "Open branches", [lead, *_table(("branch", "author", "verdict", "on what"), rows, kind=2)])


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]], *, kind: int | None = None) -> Iterator[str]:
    """Yield a table, whose rows have the class of their cell number `kind`; on a phone each cell names its column."""
    if not rows:
        return
    titles = "".join(f'<th scope="col">{title}</th>' for title in heading)
    yield f"<table><thead><tr>{titles}</tr></thead><tbody>"
    for row in rows:
        looks = "" if kind is None else f' class="{_text(row[kind])}"'
        cells = "".join(f'<td data-title="{title}">{_text(cell)}</td>' for title, cell in zip(heading, row, strict=True))
        yield f"<tr{looks}>{cells}</tr>"
    yield "</tbody></table>"


def _databases(health: Health) -> Iterator[str]:
    return _section("databases", "Databases", _asked(health) if health.databases else ["<p>None was found.</p>"])


def _asked(health: Health) -> Iterator[str]:
    for report in health.databases:
        if report.unreachable:
            name = report.snapshot.environment.name or "."
            yield f"<p>The databases of {_text(name)} could not be asked: {_text(report.unreachable.reason)}</p>"
        yield from _table(("database", "at", "pending", "judged", "address"), [*_rows(report.statuses, report.coverages)])


def _rows(statuses: Sequence[DatabaseStatus], coverages: Mapping[str, Coverage]) -> Iterator[tuple[str, ...]]:
    for status in statuses:
        database, coverage = status.database, coverages.get(status.database.bind)
        yield (
            database.name,
            enumerate_names(database.recorded) or "no revision",
            counted(len(status.pending), "revision"),
            coverage_line(coverage) if coverage else "-",
            database.address.url,
        )
