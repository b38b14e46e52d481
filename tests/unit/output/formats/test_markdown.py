"""Markdown for summaries and comments: what a renderer makes of it, and that a repository's words stay words."""

from __future__ import annotations

from hypothesis import example, given

from migmerge.core.branch_merge import BranchForecast
from migmerge.core.finding import Finding, Severity
from migmerge.core.text import printable
from migmerge.output.formats.markdown import findings_as_markdown, forecasts_as_markdown
from tests.support.findings import a_finding
from tests.support.rendered_markdown import ELEMENTS, calls_in, cells, elements, rendered
from tests.unit.output.formats.test_github import ANY_TEXT, DIVERGENT, FINDINGS, NO_MESSAGE

HOSTILE = "@bea #1 <b>x</b> | `y` [z](https://x.invalid) ![i](i) *s* _e_ ~~d~~ \\| &amp; www.x.invalid :+1:\n# h"


def test_findings_are_a_table_with_errors_first() -> None:
    assert findings_as_markdown([NO_MESSAGE, DIVERGENT], environments=1).splitlines() == [
        "### migmerge: 1 error, 1 note",
        "",
        "|  | finding | what | next |",
        "|---|---|---|---|",
        r"| error | MM001 divergent-heads | 2 heads diverge after a1 \"add a1\"\: b1 \"add email\" \(ann\, main\) and c1"
        r" \"add orders\" \(bea\, feature\) | `migmerge fix` |",
        r"| info | MM011 no-message | b1\.py has no message | `alembic revision -m x` |",
    ]


def test_none_is_said() -> None:
    assert findings_as_markdown([], environments=1) == "### migmerge: no findings"
    assert findings_as_markdown([], environments=0) == "### migmerge: no migrations here"


def test_a_long_table_ends() -> None:
    text = findings_as_markdown([NO_MESSAGE] * 123, environments=1)
    assert text.count("MM011") == 100
    assert text.endswith("\n\nand 23 more")


def test_a_forecast_says_who_has_to_talk_to_whom() -> None:
    finding = a_finding("MM001", Severity.ERROR, "m", "2 heads", "migmerge fix", ("a1", "b1"))
    collides = BranchForecast(("feature/b", "origin/b"), "c0", "Bea", 0, ("b1",), findings=(finding,))
    conflicts = BranchForecast(("c",), "c1", "Cid", 0, ("c1",), conflicts=("m/c.py",))
    clean, unknown = BranchForecast(("d",), "c2", "Dora", 0, ("d1",)), BranchForecast(("e",), "c3", "Eve", 0, unknown="shallow")
    text = forecasts_as_markdown([clean, unknown, conflicts, collides], 5, "main", {"c0": ("Ann", "Bea")})
    assert text.splitlines() == [
        "### Open branches",
        r"1 of 5 active branches would collide with main\, 1 would conflict\, 1 cannot be told\, 1 would not\, 1 brings no migration",
        "",
        "| branch | author | verdict | on what |",
        "|---|---|---|---|",
        "| `feature/b` | Bea | collides | divergent heads a1 and b1 |",
        r"| `c` | Cid | conflicts | both sides changed m\/c\.py |",
        "| `e` | Eve | unknown | shallow |",
        "",
        "Before the next merge, talk to each other:",
        "",
        "- Bea and Ann (`feature/b`)",
        "- Cid and whoever changed the same here (`c`)",
    ]


def test_what_a_limit_leaves_out_is_said() -> None:
    assert "\n3 older branches not compared\\, for the limit" in forecasts_as_markdown([], 5, "main", {}, 3)


@given(FINDINGS)
def test_whatever_findings_say_is_shown_and_is_nothing_else(findings: list[Finding]) -> None:
    html = rendered(findings_as_markdown(findings, environments=1))
    assert elements(html) <= ELEMENTS
    shown = cells(html)
    assert len(shown) == 4 * len(findings)
    for message in (each.message for each in findings):
        assert any(printable(message).split() == cell.split() for cell in shown)


@given(ANY_TEXT, ANY_TEXT)
@example(HOSTILE, HOSTILE)
def test_nothing_of_a_branch_is_markup_or_calls_anybody(name: str, author: str) -> None:
    text = forecasts_as_markdown([BranchForecast((name,), "c0", author, 0, conflicts=(name,))], 1, name, {"c0": (author,)})
    html = rendered(text)
    assert elements(html) <= ELEMENTS
    assert calls_in(html) == []
    assert len(cells(html)) == 4
