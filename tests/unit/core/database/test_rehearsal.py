"""The order of the revisions in a rehearsal, the notes on its runs, and its verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.database.rehearsal import (
    Failure,
    Rehearsal,
    RehearsalPlan,
    RehearsalVerdict,
    Run,
    after_dependencies,
    fails_with_rows,
    notes_on,
    shortened,
)

BOTH = (Run(("b", "c")), Run(("c", "b")))
FAILED_RUNS = (Run(("b", "c"), Failure("c", "ALTER TABLE a", "refused")), Run(("c",), Failure("c", "ALTER TABLE a", "refused")))
ORDERS = (("b", "c"), ("c", "b"))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], dict[str, list[str]]]:
    """Return revisions in some order, and the parents of each, some of which are outside the revisions."""
    names = [f"r{number}" for number in range(draw(st.integers(0, 8)))]
    parents = {name: draw(st.lists(st.sampled_from([*names[:at], "below"]), max_size=3)) for at, name in enumerate(names)}
    return draw(st.permutations(names)), parents


@given(graphs())
def test_every_revision_comes_once_and_after_its_parents(graph: tuple[list[str], dict[str, list[str]]]) -> None:
    revisions, parents = graph
    ordered = after_dependencies(revisions, parents.__getitem__)
    assert sorted(ordered) == sorted(revisions)
    assert all(ordered.index(parent) < ordered.index(name) for name in ordered for parent in parents[name] if parent in parents)
    assert after_dependencies(ordered, parents.__getitem__) == ordered


def test_a_free_order_is_kept() -> None:
    assert after_dependencies("cab", lambda _: ()) == ("c", "a", "b")


def test_the_expected_steps() -> None:
    plan = RehearsalPlan(("a", "b"), (("c",), ("d", "e")), ("m",))
    assert (plan.expected_steps(downgrade=False), plan.expected_steps(downgrade=True)) == (18, 22)


def test_notes_on_runs() -> None:
    assert list(notes_on(ORDERS, BOTH, BOTH, ())) == []
    assert list(notes_on(ORDERS, BOTH, FAILED_RUNS, ("a",))) == ["c fails wherever a has rows, in either order: refused"]
    assert list(notes_on(ORDERS, FAILED_RUNS, FAILED_RUNS, ("a",))) == []
    assert list(notes_on((("b", "c"),) * 2, BOTH, BOTH, ())) == [
        "the sides depend on each other, so that there is only one order"
    ]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (None, None, None),
        (Failure("b", None, "no"), None, None),
        (None, Failure("b", None, "no"), None),
        (Failure("b", None, "no"), Failure("c", None, "no"), None),
        (Failure("b", None, "no"), Failure("b", None, "other"), "b fails wherever there are rows, in either order: no"),
        (
            Failure("b", "ALTER TABLE s.users X", "no"),
            Failure("b", None, "no"),
            "b fails wherever s.users has rows, in either order: no",
        ),
        (
            Failure("b", "ALTER TABLE users_old X", "no"),
            Failure("b", None, "no"),
            "b fails wherever there are rows, in either order: no",
        ),
    ],
)
def test_rows_that_make_one_revision_fail_in_both_orders(one: Failure | None, other: Failure | None, told: str | None) -> None:
    assert fails_with_rows((Run(("b",), one), Run(("c",), other)), ("s.users",)) == told


FAILED = Failure("b", None, "no")


@pytest.mark.parametrize(
    ("rehearsal", "verdict"),
    [
        (Rehearsal(BOTH, BOTH), RehearsalVerdict.SAME),
        (Rehearsal(BOTH, BOTH, notes=("a note",)), RehearsalVerdict.SAME),
        (Rehearsal(BOTH, BOTH, ("a difference",)), RehearsalVerdict.DIFFERENT),
        (Rehearsal(BOTH, BOTH, leftovers=("a table",)), RehearsalVerdict.DIFFERENT),
        (Rehearsal((Run(("b",), FAILED), BOTH[1]), BOTH), RehearsalVerdict.DIFFERENT),
        (Rehearsal((Run(("b",), FAILED), Run(("c", "b"), FAILED)), BOTH), RehearsalVerdict.DIFFERENT),
        (Rehearsal(BOTH, (Run(("b",), FAILED), BOTH[1])), RehearsalVerdict.DIFFERENT),
        (Rehearsal(BOTH, (Run(("b",), FAILED), Run(("c",), Failure("c", None, "no")))), RehearsalVerdict.DIFFERENT),
        (Rehearsal(BOTH, (Run(("b",), FAILED), Run(("c", "b"), FAILED))), RehearsalVerdict.SAME),
    ],
)
def test_the_verdict(rehearsal: Rehearsal, verdict: RehearsalVerdict) -> None:
    assert rehearsal.verdict is verdict


@pytest.mark.parametrize(
    ("statement", "line"),
    [("SELECT\n\t1  ", "SELECT 1"), ("x" * 300, "x" * 300), ("x" * 301, "x" * 299 + "…"), ("", "")],
)
def test_a_statement_in_one_line(statement: str, line: str) -> None:
    assert shortened(statement) == line
