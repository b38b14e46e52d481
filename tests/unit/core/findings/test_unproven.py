"""The words of MM108: how far the recorded revisions of a database were judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migmerge.core.database.coverage import Coverage
from migmerge.core.database.rehearsal import Failure
from migmerge.core.findings.unproven import altered_message, unproven_hint, unproven_message

LIGHT = Coverage(("a",), ("b", "c"), 4)
DEEP = replace(LIGHT, is_deep=True)
VOUCH, DEEPER = "migmerge doctor --deep --assume-applied", "migmerge doctor --deep"
READ = "; read their scripts, then vouch for them, or migmerge sync --rerun b"
FAILED = (Failure("b", None, "boom"),)


@pytest.mark.parametrize(
    ("coverage", "message", "hint"),
    [
        pytest.param(
            LIGHT, "shop: 4 revisions: 1 verified, 2 cannot be told from their text: B and C", DEEPER, id="by the texts"
        ),
        pytest.param(
            DEEP, f"shop: 4 revisions: 1 verified, 2 of which the schema tells nothing: B and C{READ}", VOUCH, id="by a replay"
        ),
        pytest.param(
            replace(DEEP, of_rows=("c",)),
            f"shop: 4 revisions: 1 verified, 2 of which the schema tells nothing (1 may change rows): B and C{READ}",
            VOUCH,
            id="rows",
        ),
        pytest.param(
            replace(DEEP, failures=FAILED),
            "shop could not be judged wholly by a replay: B fails on an empty database: boom; beside that, "
            f"4 revisions: 1 verified, 2 of which the schema tells nothing: B and C{READ}",
            VOUCH,
            id="a replay that failed",
        ),
        pytest.param(
            replace(LIGHT, reason="no scratch database"),
            "shop could not be judged by a replay: no scratch database; by their text, "
            f"4 revisions: 1 verified, 2 cannot be told from their text: B and C{READ}",
            VOUCH,
            id="no replay",
        ),
        pytest.param(
            Coverage(("a",), (), 1, reason="no scratch database"),
            "shop could not be judged by a replay: no scratch database; by their text, 1 revision: 1 verified",
            "migmerge doctor",
            id="no replay, and nothing left",
        ),
        pytest.param(
            replace(DEEP, suspected=("b", "it's")),
            f"shop: 4 revisions: 1 verified, 2 of which the schema tells nothing: B and C{READ}",
            """migmerge sync --rerun b --rerun 'it'"'"'s'""",
            id="skipped with others",
        ),
    ],
)
def test_mm108_says_how_far_a_database_was_judged(coverage: Coverage, message: str, hint: str) -> None:
    assert unproven_message("shop", coverage, str.upper) == message
    assert str(unproven_hint(coverage)) == hint


def test_what_something_else_changed_is_named() -> None:
    said = altered_message("shop", "b", ["x is y", "z is not there"])
    assert said == "shop records b as run, but x is y and z is not there: something else changed it"
