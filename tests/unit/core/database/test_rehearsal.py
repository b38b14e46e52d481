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
    failures_to_say,
    notes_on,
    rehearsals_for,
    shortened,
    with_notes_once,
)
from migmerge.core.graph import RevisionGraph
from migmerge.core.revision import Revision
from tests.support.examples import examples
from tests.support.histories import histories, revision

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


def failing(*failures: tuple[str, str] | None) -> tuple[Run, Run]:
    one, other = (None if each is None else Failure(each[0], "SQL", each[1]) for each in failures)
    return Run(("b", "c"), one), Run(("c", "b"), other)


@pytest.mark.parametrize(
    ("empty", "seeded", "said"),
    [
        ((None, None), (None, None), []),
        ((("c", "no"), ("b", "no")), (("c", "no"), ("b", "no")), ["whichever of b and c runs second: no"]),
        ((("c", "no"), ("c", "no")), (("c", "no"), ("c", "no")), ["c, in either order: no"]),
        ((("c", "no"), ("b", "other")), (("c", "no"), ("b", "other")), ["c after b: no", "b after c: other"]),
        ((("c", "no"), None), (("c", "no"), None), ["c after b: no"]),
        ((("c", "no"), None), (("c", "no"), ("b", "rows")), ["c after b: no", "b after c: rows with rows"]),
        ((None, None), (None, ("b", "rows")), ["b after c: rows with rows"]),
        ((None, None), (("b", "rows"), ("b", "rows")), []),
    ],
)
def test_each_failure_is_said_once(
    empty: tuple[tuple[str, str] | None, ...], seeded: tuple[tuple[str, str] | None, ...], said: list[str]
) -> None:
    found = failures_to_say(Rehearsal(failing(*empty), failing(*seeded)))
    assert [f"{each.who}: {each.failure.reason}{' with rows' * each.with_rows}" for each in found] == said


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


A, B, C, D = revision("a"), revision("b", "a"), revision("c", "a"), revision("d", "c")
MERGED = revision("m", "b", "d")


@pytest.mark.parametrize(
    ("revisions", "plans"),
    [
        pytest.param([], [], id="no revision"),
        pytest.param([A, B], [], id="one head, and no merge revision"),
        pytest.param([A, B, C, D], [RehearsalPlan(("a",), (("b",), ("c", "d")))], id="a divergence"),
        pytest.param([A, B, C, D, MERGED], [RehearsalPlan(("a",), (("b",), ("c", "d")), ("m",))], id="a merge revision"),
        pytest.param([A, B, C, D, MERGED, revision("n", "m")], [], id="something follows the merge revision"),
        pytest.param(
            [A, B, C, D, MERGED, revision("n", "a")], [RehearsalPlan(("a",), (("b", "c", "d", "m"), ("n",)))], id="both"
        ),
        pytest.param(
            [A, B, C, revision("e", "a")], [RehearsalPlan(("a",), (("b",), ("c",), ("e",)))], id="three sides of one divergence"
        ),
        pytest.param([A, B, revision("l", "a", labels=["long"])], [], id="a labelled branch"),
        pytest.param(
            [A, B, revision("c", "a", depends_on=["x"]), revision("x")],
            [RehearsalPlan(("a", "x"), (("b",), ("c",)))],
            id="a dependency of one side runs before the branch point",
        ),
        pytest.param(
            [A, B, C, revision("m", "b", "c", depends_on=["x"]), revision("x")],
            [RehearsalPlan(("a", "x"), (("b",), ("c",)), ("m",))],
            id="so does a dependency of the merge revision",
        ),
        pytest.param(
            [A, revision("b", "a", labels=["left"]), revision("d", "b"), revision("e", "b")],
            [RehearsalPlan(("a", "b"), (("d",), ("e",)))],
            id="a divergence on a labelled branch",
        ),
    ],
)
def test_what_is_rehearsed(revisions: list[Revision], plans: list[RehearsalPlan]) -> None:
    assert list(rehearsals_for(RevisionGraph(revisions))) == plans


@examples(200)
@given(histories())
def test_both_orders_run_everything_once_and_after_its_needs(revisions: list[Revision]) -> None:
    graph = RevisionGraph(revisions)
    plans = rehearsals_for(graph)
    ends = [divergence.heads for divergence in graph.divergences]
    assert len(plans) == (len(ends) or sum(len(graph.parents[head]) > 1 for head in graph.heads))
    for plan, heads in zip(plans, ends or [plan.merge for plan in plans], strict=True):
        for order in plan.orders:
            ran = after_dependencies((*plan.base, *order), graph.needs)
            assert sorted(ran) == sorted(graph.implied(heads))
            places = {name: place for place, name in enumerate(ran)}
            assert all(places[need] < places[name] for name in ran for need in graph.needs(name))
        assert set(plan.base).isdisjoint(plan.orders[0])
        assert after_dependencies(plan.base, graph.needs) == plan.base
        assert all(after_dependencies(side, graph.needs) == side for side in plan.sides)


@pytest.mark.parametrize(
    ("plan", "orders", "names"),
    [
        (RehearsalPlan(("a",), (("b",), ("c", "d")), ("m",)), (("b", "c", "d", "m"), ("c", "d", "b", "m")), ("b, d", "d, b")),
        (
            RehearsalPlan((), (("b",), ("c",)), names=("ours", "theirs")),
            (("b", "c"), ("c", "b")),
            ("ours, theirs", "theirs, ours"),
        ),
        (RehearsalPlan((), (("b", "x"), ("c", "x"))), (("b", "x", "c"), ("c", "x", "b")), ("x, x", "x, x")),
    ],
)
def test_the_orders_and_their_names(plan: RehearsalPlan, orders: tuple[object, object], names: tuple[str, str]) -> None:
    assert (plan.orders, plan.order_names) == (orders, names)


@pytest.mark.parametrize(
    ("statement", "line"),
    [("SELECT\n\t1  ", "SELECT 1"), ("x" * 300, "x" * 300), ("x" * 301, "x" * 299 + "…"), ("", "")],
)
def test_a_statement_in_one_line(statement: str, line: str) -> None:
    assert shortened(statement) == line


def test_a_note_on_a_database_is_said_once() -> None:
    plan = RehearsalPlan(("a",), (("b",), ("c",)))
    one = Rehearsal(BOTH, BOTH, notes=("1 of 2 tables had rows",), database="main.db")
    other = Rehearsal(BOTH, BOTH, notes=(*one.notes, "b was not run"), database="main.db")
    audit = Rehearsal(BOTH, BOTH, notes=one.notes, database="audit.db")
    notes = [each.notes for _, each in with_notes_once([(plan, one), (plan, other), (plan, audit)])]
    assert notes == [one.notes, ("b was not run",), one.notes]
