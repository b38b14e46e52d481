"""Who may be moved, who may not, and that nobody is ever skipped."""

from __future__ import annotations

import pytest
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from hypothesis import given, settings
from hypothesis import strategies as st

from migmerge.core.fix_plan.renumber import Numbers, next_numbers
from migmerge.core.fix_plan.reparent import Reparenting, reparent
from migmerge.core.graph import RevisionGraph
from migmerge.core.immovable import Immovable
from migmerge.core.revision import Identifiers, Revision

FREE = Immovable({}, frozenset())


def revision(name: str, *parents: str, date: str = "2024-01-02", depends_on: tuple[str, ...] = ()) -> Revision:
    return Revision(Identifiers(name, parents, (), depends_on, name, date), f"versions/{name}.py")


def decide(*revisions: Revision, immovable: Immovable = FREE) -> Reparenting | str:
    graph = RevisionGraph(revisions)
    (divergence,) = graph.divergences
    return reparent(graph, divergence, immovable)


A, B, C = revision("a"), revision("b", "a", date="2024-01-03"), revision("c", "a", date="2024-01-02")


def test_the_younger_lineage_goes_on_top_where_both_are_free() -> None:
    assert decide(A, B, C) == Reparenting({"b": "c"}, ("b",), "b")


def test_what_somebody_else_wrote_stays_below() -> None:
    assert decide(A, B, C, immovable=Immovable({}, frozenset(), frozenset("b"))) == Reparenting({"c": "b"}, ("c",), "c")
    assert decide(A, B, C, immovable=Immovable({}, frozenset(), frozenset("c"))) == Reparenting({"b": "c"}, ("b",), "b")


def test_without_dates_the_ids_decide() -> None:
    undated = [each._replace(identifiers=each.identifiers._replace(create_date=None)) for each in (A, B, C)]
    assert decide(*undated) == Reparenting({"c": "b"}, ("c",), "c")


@pytest.mark.parametrize(
    "immovable",
    [Immovable({"b": "origin/main"}, frozenset()), Immovable({}, frozenset({"a", "b"})), Immovable({"b": "x"}, frozenset("ab"))],
)
def test_what_others_rely_on_stays_below(immovable: Immovable) -> None:
    assert decide(A, B, C, immovable=immovable) == Reparenting({"c": "b"}, ("c",), "c")


def test_only_the_lowest_is_re_pointed_and_the_rest_rides_along() -> None:
    lineage = (revision("c", "a"), revision("d", "c"), revision("e", "d"))
    assert decide(A, B, *lineage, immovable=Immovable({"b": "origin/main"}, frozenset())) == Reparenting(
        {"c": "b"}, ("c", "d", "e"), "e"
    )


def test_a_lineage_that_forks_and_joins_is_re_pointed_at_each_of_its_roots() -> None:
    diamond = (revision("c", "a"), revision("d", "a"), revision("m", "c", "d"))
    assert decide(A, B, *diamond, immovable=Immovable({"b": "origin/main"}, frozenset())) == Reparenting(
        {"c": "b", "d": "b"}, ("c", "d", "m"), "m"
    )


def test_three_heads_are_lined_up() -> None:
    heads = (revision("b", "a", date="2024-01-02"), revision("c", "a", date="2024-01-04"), revision("d", "a", date="2024-01-03"))
    assert decide(A, *heads) == Reparenting({"d": "b", "c": "d"}, ("d", "c"), "c")


def test_heads_that_share_a_part_of_their_lineage_share_its_move() -> None:
    shared = (revision("b", "a"), revision("c", "b"), revision("d", "b"), revision("e", "a", date="2023-01-01"))
    assert decide(A, *shared) == Reparenting({"b": "e", "d": "c"}, ("b", "c", "d"), "d")


@pytest.mark.parametrize(
    ("immovable", "reason"),
    [
        (Immovable({"b": "origin/main", "c": "origin/main"}, frozenset()), "b is on origin/main and c is on origin/main"),
        (Immovable({"b": "origin/main", "c": "origin/c"}, frozenset()), "b is on origin/main and c is on origin/c"),
        (Immovable({}, frozenset({"a", "b", "c"})), "a database has run b and a database has run c"),
        (Immovable({"b": "origin/main"}, frozenset({"a", "c"})), "b is on origin/main and a database has run c"),
        (Immovable({"b": "origin/main"}, None), "b is on origin/main and it is not known whether a database has run c"),
        (Immovable({}, None), "it is not known whether a database has run b and it is not known whether a database has run c"),
        (Immovable(None, frozenset()), "git could not tell whether b is published and git could not tell whether c is published"),
        (Immovable(), "git could not tell whether b is published and git could not tell whether c is published"),
    ],
)
def test_nothing_that_others_rely_on_is_moved(immovable: Immovable, reason: str) -> None:
    assert decide(A, B, C, immovable=immovable) == f"it would move what others may rely on: {reason}"


def test_of_many_reasons_to_stay_some_are_named() -> None:
    heads = [revision(f"h{number}", "a") for number in range(6)]
    published = {each.revision: "origin/main" for each in heads}
    reason = "it would move what others may rely on: h0 is on origin/main, h1 is on origin/main, h2 is on origin/main and 3 more"
    assert decide(A, *heads, immovable=Immovable(published, frozenset())) == reason


def test_what_shares_an_immovable_part_comes_before_an_older_lineage() -> None:
    shared = (B, revision("c", "b", date="2024-01-05"), revision("d", "b", date="2024-01-05"))
    older = revision("e", "a", date="2023-01-01")
    assert decide(A, *shared, older, immovable=Immovable({"b": "origin/main"}, frozenset())) == Reparenting(
        {"d": "c", "e": "d"}, ("d", "e"), "e"
    )


def test_what_the_user_had_to_vouch_for_stays_below_where_it_can() -> None:
    kept = Immovable({}, frozenset(), kept={"b": ("the branch x",)}, vouched=True)
    assert decide(A, B, C, immovable=kept) == Reparenting({"c": "b"}, ("c",), "c")


def test_a_lineage_without_dates_is_taken_for_older() -> None:
    undated = B._replace(identifiers=B.identifiers._replace(create_date=None))
    assert decide(A, undated, C) == Reparenting({"c": "b"}, ("c",), "c")


def test_what_rides_along_must_be_free_too() -> None:
    immovable = Immovable({"b": "origin/main", "d": "origin/d"}, frozenset())
    assert (
        decide(A, B, revision("c", "a"), revision("d", "c"), immovable=immovable)
        == "it would move what others may rely on: b is on origin/main and d is on origin/d"
    )


def test_where_one_order_closes_a_circle_the_other_is_taken() -> None:
    assert decide(A, revision("b", "a", depends_on=("c",), date="2023-01-01"), C) == Reparenting({"b": "c"}, ("b",), "b")


def test_a_circle_through_depends_on_is_refused() -> None:
    needing = revision("b", "a", depends_on=("c",))
    immovable = Immovable({"b": "origin/main"}, frozenset())
    assert decide(A, needing, C, immovable=immovable) == "b and c would follow one another in a circle"


def names(graph: RevisionGraph, chosen: st.DataObject) -> frozenset[str]:
    """Draw a set of revisions that a database may have run: none without all that it follows or needs."""
    tops = chosen.draw(st.lists(st.sampled_from(sorted(graph.revisions)), max_size=4)) if graph.revisions else []
    found, pending = set[str](), list(tops)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += needs(graph, name)
    return frozenset(found)


def needs(graph: RevisionGraph, name: str) -> list[str]:
    return [*graph.parents[name], *filter(None, map(graph.resolve, graph[name].depends_on))]


def with_parents(graph: RevisionGraph, decided: Reparenting) -> list[Revision]:
    return [
        each._replace(identifiers=each.identifiers._replace(down_revisions=(decided.parents[each.revision],)))
        if each.revision in decided.parents
        else each
        for each in graph.revisions.values()
    ]


def alembics(revisions: list[Revision]) -> RevisionMap:
    return RevisionMap(
        lambda: [
            AlembicRevision(each.revision, each.down_revisions or None, each.depends_on or None, each.branch_labels or None)
            for each in revisions
        ]
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Revision]:
    """Draw revisions from one root that fork and join, with a dependency now and then."""
    revisions = [revision("r0")]
    for number in range(1, draw(st.integers(3, 9))):
        known = [each.revision for each in revisions]
        parents = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        needs_ = draw(st.lists(st.sampled_from(known), max_size=1)) if draw(st.integers(0, 5)) == 0 else []
        date = f"2024-01-{draw(st.integers(1, 5)):02}"
        revisions.append(revision(f"r{number}", *parents, date=date, depends_on=tuple(needs_)))
    return draw(st.permutations(revisions))


@settings(max_examples=600)
@given(revisions=histories(), chosen=st.data())
def test_no_accepted_plan_lets_alembic_skip_a_revision(revisions: list[Revision], chosen: st.DataObject) -> None:
    """A database records the tops of what it has run; `upgrade heads` then runs what those do not follow."""
    graph = RevisionGraph(revisions)
    applied = names(graph, chosen)
    published = dict.fromkeys(names(graph, chosen), "origin/main")
    for divergence in graph.divergences:
        decided = reparent(graph, divergence, Immovable(published, applied))
        if isinstance(decided, str):
            continue
        assert not set(decided.moved) & (applied | published.keys())
        lined = with_parents(graph, decided)
        theirs = alembics(lined)
        assert len(theirs.heads) == len(graph.heads) - len(divergence.heads) + 1
        recorded = tops(RevisionGraph(lined), applied)
        run = {each.revision for each in theirs.iterate_revisions("heads", recorded or None, implicit_base=True)}
        assert run >= graph.revisions.keys() - applied
        assert run.isdisjoint(set(recorded))


def tops(graph: RevisionGraph, applied: frozenset[str]) -> tuple[str, ...]:
    """Return what alembic_version records: what has run and nothing that has run follows."""
    followed = {parent for name in applied for parent in needs(graph, name)}
    return tuple(sorted(applied - followed))


def test_running_numbers_go_on_where_the_others_end() -> None:
    graph = RevisionGraph(
        [numbered("0041_a"), numbered("0042_b", "0041_a"), numbered("0042_c", "0041_a"), numbered("0043_d", "0042_c")]
    )
    assert next_numbers(graph, ("0042_c", "0043_d")) == Numbers(
        {"0042_c": "0043_c", "0043_d": "0044_d"},
        {"versions/0042_c.py": "versions/0043_c.py", "versions/0043_d.py": "versions/0044_d.py"},
    )


def numbered(name: str, *parents: str, path: str | None = None) -> Revision:
    return revision(name, *parents)._replace(path=path or f"versions/{name}.py")


def test_a_number_in_the_file_name_alone_leaves_the_id() -> None:
    graph = RevisionGraph(
        [numbered("a", path="v/001_a.py"), numbered("b", "a", path="v/002_b.py"), numbered("c", "a", path="v/002_c.py")]
    )
    assert next_numbers(graph, ("c",)) == Numbers({}, {"v/002_c.py": "v/003_c.py"})


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param("0043_c", id="in order already"),
        pytest.param("c", id="no number"),
        pytest.param("20260608_1407", id="a date"),
        pytest.param("3f2a1c9d4e7b", id="hex"),
    ],
)
def test_numbers_that_are_in_order_or_none_are_left(moved: str) -> None:
    graph = RevisionGraph([numbered("0041_a"), numbered("0042_b", "0041_a"), numbered(moved, "0041_a")])
    assert next_numbers(graph, (moved,)) == Numbers({}, {})
