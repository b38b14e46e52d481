"""The table of a forecast on a terminal that has no room for its last column."""

from __future__ import annotations

from migmerge.core.branch_merge import BranchForecast
from migmerge.core.finding import FIX, Finding
from migmerge.core.findings.registry import COLLIDING_OPERATIONS, DIVERGENT_HEADS
from migmerge.output.screen import Screen
from migmerge.output.text.forecast import report_forecasts
from tests.support.screen import printed

COLLIDES = BranchForecast(
    ("origin/mail",),
    "a" * 40,
    "bea",
    1000,
    ("aa33bb44cc55",),
    (),
    (
        Finding(DIVERGENT_HEADS, "migrations", "2 heads diverge", FIX, ("6dce4b984fd1", "aa33bb44cc55")),
        Finding(COLLIDING_OPERATIONS, "migrations", "both sides add x: here and there", FIX, what="both sides add x"),
    ),
)


def table(screen: Screen, *, wraps: bool) -> None:
    screen.wraps, screen.width = wraps, 80
    report_forecasts(screen, [COLLIDES], 1000)


def test_the_reasons_stand_below_each_branch_where_a_terminal_is_narrow() -> None:
    assert printed(lambda screen: table(screen, wraps=True)) == [
        "branch       author  age       revisions     verdict",
        "origin/mail  bea     just now  aa33bb44cc55  collides",
        "  divergent heads 6dce4b984fd1 and aa33bb44cc55",
        "  both sides add x",
    ]


def test_a_pipe_gets_one_line_for_each_branch() -> None:
    assert printed(lambda screen: table(screen, wraps=False)) == [
        "branch       author  age       revisions     verdict   on what",
        "origin/mail  bea     just now  aa33bb44cc55  collides  divergent heads 6dce4b984fd1 and aa33bb44cc55; both sides add x",
    ]
