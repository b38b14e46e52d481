"""The revision graph: what Alembic sees, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from alembic.script.revision import RevisionError
from hypothesis import given, settings

from migmerge.core.graph import Divergence, RevisionGraph
from migmerge.core.revision import Identifiers, Revision
from tests.support.histories import alembics, histories, revision

Parents = Mapping[str, Sequence[str]]


def graph_of(parents: Parents, labels: Parents | None = None) -> RevisionGraph:
    """Build a graph of `{"b": "a"}`, where the parents are letters and labels come by revision."""
    return RevisionGraph(revision(name, *above, labels=(labels or {}).get(name, ())) for name, above in parents.items())


@settings(max_examples=150, deadline=None)
@given(revisions=histories(circles=False))
def test_heads_and_bases_are_alembics(revisions: list[Revision]) -> None:
    graph, theirs = RevisionGraph(revisions), alembics(revisions)
    assert (graph.heads, graph.bases) == (tuple(sorted(theirs.heads)), tuple(sorted(theirs.bases)))
    assert (graph.cycles, graph.missing, graph.duplicates) == ((), (), ())


@settings(max_examples=150, deadline=None)
@given(revisions=histories(circles=True))
def test_cycles_are_the_circles_and_all_that_alembic_refuses(revisions: list[Revision]) -> None:
    graph = RevisionGraph(revisions)
    circling = {name for name in graph.revisions if name in followed(graph, name)}
    assert bool(graph.cycles) == bool(circling)
    assert all(set(cycle) <= circling and list(cycle) == sorted(cycle) for cycle in graph.cycles)
    assert graph.cycles or accepts(revisions)


def followed(graph: RevisionGraph, start: str) -> set[str]:
    """Return what a revision follows by down_revision or depends_on, and itself where that leads back to it."""
    found: set[str] = set()
    pending = [start]
    while pending:
        one = graph[pending.pop()]
        named = {graph.labels.get(reference, reference) for reference in (*one.down_revisions, *one.depends_on)}
        pending += named - found
        found |= named
    return found


def accepts(revisions: Sequence[Revision]) -> bool:
    try:
        _ = alembics(revisions).heads
    except RevisionError:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(revisions=histories(circles=False))
def test_divergences_share_no_head_and_know_their_branch_point(revisions: list[Revision]) -> None:
    graph = RevisionGraph(revisions)
    heads = [head for divergence in graph.divergences for head in divergence.heads]
    assert len(heads) == len(set(heads)) and set(heads) <= set(graph.heads)
    for divergence in graph.divergences:
        shared = frozenset.intersection(*map(graph.ancestors, divergence.heads))
        if divergence.branch_point is not None:
            assert shared == graph.ancestors(divergence.branch_point)
        assert not any(shared == graph.ancestors(name) for name in shared) or divergence.branch_point in shared


@pytest.mark.parametrize(
    ("parents", "labels", "divergences"),
    [
        pytest.param({}, {}, (), id="no revision"),
        pytest.param({"a": "", "b": "a"}, {}, (), id="one head"),
        pytest.param({"a": "", "b": "a", "c": "a"}, {}, (Divergence(("b", "c"), "a"),), id="two heads"),
        pytest.param({"a": "", "b": "a", "c": "a", "d": "a"}, {}, (Divergence(("b", "c", "d"), "a"),), id="three heads"),
        pytest.param(
            {"a": "", "b": "a", "c": "b", "d": "b", "e": "a"},
            {},
            (Divergence(("c", "d", "e"), "a"),),
            id="three heads, two forks",
        ),
        pytest.param({"a": "", "b": "a", "c": "a"}, {"b": ["x"]}, (), id="label on one lineage"),
        pytest.param({"a": "", "b": "a", "c": "b", "d": "a"}, {"b": ["x"]}, (), id="label below a head"),
        pytest.param({"a": "", "b": "a", "c": "a"}, {"b": ["x"], "c": ["y"]}, (), id="labels on both lineages"),
        pytest.param({"a": "", "b": "a", "c": "a"}, {"a": ["x"]}, (Divergence(("b", "c"), "a"),), id="label on the branch point"),
        pytest.param(
            {"a": "", "b": "a", "c": "b", "d": "b"},
            {"a": ["x"]},
            (Divergence(("c", "d"), "b"),),
            id="label before the branch point",
        ),
        pytest.param(
            {"a": "", "b": "a", "c": "a", "d": "a"}, {"b": ["x"]}, (Divergence(("c", "d"), "a"),), id="one of three is labelled"
        ),
        pytest.param(
            {"a": "", "b": "a", "c": "a", "d": "b", "e": "b", "f": "c", "g": "c"},
            {"b": ["x"], "c": ["y"]},
            (Divergence(("d", "e"), "b"), Divergence(("f", "g"), "c")),
            id="a fork on each labelled lineage",
        ),
        pytest.param({"a": "", "b": ""}, {}, (), id="unrelated roots"),
        pytest.param({"a": "", "b": "", "c": "ab"}, {}, (), id="roots once joined"),
        pytest.param(
            {"a": "", "b": "", "c": "a", "d": "ab", "e": "b"},
            {},
            (Divergence(("c", "d", "e"), None),),
            id="roots joined on one head",
        ),
        pytest.param(
            {"a": "", "b": "a", "c": "a", "d": "bc", "e": "bc"}, {}, (Divergence(("d", "e"), None),), id="criss-cross merges"
        ),
        pytest.param({"a": "", "b": "a", "c": "a", "d": "bc"}, {}, (), id="merged"),
        pytest.param(
            {"a": "", "b": "a", "c": "a", "d": "bc", "e": "c"},
            {},
            (Divergence(("d", "e"), "c"),),
            id="new head on a merged lineage",
        ),
    ],
)
def test_divergent_heads_are_unlabelled_since_their_branch_point(
    parents: Parents, labels: Parents, divergences: tuple[Divergence, ...]
) -> None:
    graph = graph_of(parents, labels)
    assert graph.divergences == divergences
    assert graph.heads_once_joined == len(graph.heads) - sum(len(each.heads) - 1 for each in divergences)


@pytest.mark.parametrize(
    ("parents", "labels", "count"),
    [
        pytest.param({}, {}, 0, id="no revision"),
        pytest.param({"a": "", "b": "a", "c": "a", "d": "a"}, {}, 1, id="three heads"),
        pytest.param({"a": "", "b": "a", "c": "a", "d": "a"}, {"b": ["x"]}, 2, id="one of three is labelled"),
        pytest.param({"a": "", "b": "a", "c": "a", "d": ""}, {}, 2, id="a root beside"),
        pytest.param({"a": "a"}, {}, 0, id="no head"),
    ],
)
def test_labels_and_roots_stay_heads(parents: Parents, labels: Parents, count: int) -> None:
    assert graph_of(parents, labels).heads_once_joined == count


@pytest.mark.parametrize(
    ("parents", "double_merges"),
    [
        pytest.param({"a": "", "b": "a", "c": "a", "m": "bc", "n": "cb"}, (("m", "n"),), id="twice"),
        pytest.param({"a": "", "b": "a", "c": "a", "m": "bc", "n": "bc", "o": "bc"}, (("m", "n", "o"),), id="three times"),
        pytest.param({"a": "", "b": "a", "c": "a", "m": "bc", "n": "bc", "o": "m"}, (("m", "n"),), id="one went on"),
        pytest.param({"a": "", "b": "a", "c": "a", "m": "bc", "n": "bc", "o": "mn"}, (), id="joined later"),
        pytest.param(
            {"a": "", "b": "a", "c": "a", "m": "bc", "n": "bc", "o": "m", "p": "n", "q": "op"}, (), id="joined much later"
        ),
        pytest.param({"a": "", "b": "a", "c": "a", "d": "a", "m": "bc", "n": "bcd"}, (), id="not of the same heads"),
        pytest.param({"a": "", "b": "a", "c": "a"}, (), id="no merge revision"),
    ],
)
def test_a_double_merge_joins_the_same_heads_again(parents: Parents, double_merges: tuple[tuple[str, ...], ...]) -> None:
    assert graph_of(parents).double_merges == double_merges


@pytest.mark.parametrize(
    ("parents", "families"),
    [
        pytest.param({}, (), id="no revision"),
        pytest.param({"a": "", "b": "a", "c": ""}, ("ab", "c"), id="two roots"),
        pytest.param({"a": "", "b": "a", "c": "", "d": "bc"}, ("abcd",), id="two roots joined"),
        pytest.param({"a": "", "b": "a", "c": "", "d": "ac", "e": ""}, ("abcd", "e"), id="two of three joined"),
    ],
)
def test_a_family_is_related_by_down_revision(parents: Parents, families: tuple[str, ...]) -> None:
    assert graph_of(parents).families == tuple(map(frozenset, families))


def test_a_dependency_makes_no_family() -> None:
    graph = RevisionGraph([revision("a"), revision("b", depends_on=["a"])])
    assert (graph.families, graph.heads) == ((frozenset("a"), frozenset("b")), ("a", "b"))


def test_what_no_script_has_is_missing() -> None:
    a, b = revision("a", labels=["x"]), revision("b", "a", "gone", depends_on=["x", "lost"])
    graph = RevisionGraph([a, b])
    assert graph.missing == ((b, "gone"), (b, "lost"))
    assert (graph.parents, graph.heads) == ({"a": (), "b": ("a",)}, ("b",))


def test_a_dependency_may_name_a_label() -> None:
    revisions = [revision("a", labels=["x"]), revision("b", depends_on=["x"])]
    graph = RevisionGraph(revisions)
    assert (graph.missing, graph.resolve("x"), graph.resolve("y")) == ((), "a", None)
    assert set(graph.heads) == set(alembics(revisions).heads)


def test_a_down_revision_that_names_a_label_is_missing_as_in_alembic() -> None:
    revisions = [revision("a", labels=["x"]), revision("b", "x")]
    with pytest.raises(KeyError, match="x"):
        _ = alembics(revisions).heads
    assert RevisionGraph(revisions).missing == ((revisions[1], "x"),)


def test_every_script_of_a_shared_id_is_looked_at() -> None:
    first = Revision(Identifiers("a", ("gone",)), "versions/1.py")
    last = Revision(Identifiers("a"), "versions/2.py")
    graph = RevisionGraph([last, first, revision("b", "a")])
    assert graph.duplicates == ((first, last),)
    assert (graph["a"], graph.heads, graph.bases, len(graph)) == (last, ("b",), ("a",), 2)
    assert graph.missing == ((first, "gone"),)


def test_lineages_leave_out_what_all_heads_share() -> None:
    graph = graph_of({"a": "", "b": "a", "c": "b", "d": "b", "e": "d", "f": "a"})
    (divergence,) = graph.divergences
    assert graph.lineages_since(divergence) == {"c": frozenset("bc"), "e": frozenset("bde"), "f": frozenset("f")}


def test_lineages_of_criss_cross_merges_hold_the_merges_alone() -> None:
    graph = graph_of({"a": "", "b": "a", "c": "a", "d": "bc", "e": "bc"})
    (divergence,) = graph.divergences
    assert graph.lineages_since(divergence) == {"d": frozenset("d"), "e": frozenset("e")}


@pytest.mark.parametrize(
    ("parents", "cycles", "heads", "bases"),
    [
        pytest.param({"a": "a"}, (("a",),), (), (), id="itself"),
        pytest.param({"a": "b", "b": "a"}, (("a", "b"),), (), (), id="two"),
        pytest.param({"a": "c", "b": "a", "c": "b", "d": "c"}, (("a", "b", "c"),), ("d",), (), id="three with a head"),
        pytest.param({"a": "b", "b": "a", "c": "d", "d": "c"}, (("a", "b"), ("c", "d")), (), (), id="two circles"),
        pytest.param({"a": "", "b": "ac", "c": "b", "d": "c"}, (("b", "c"),), ("d",), ("a",), id="one that Alembic overlooks"),
    ],
)
def test_a_circle_is_found(
    parents: Parents, cycles: tuple[tuple[str, ...], ...], heads: tuple[str, ...], bases: tuple[str, ...]
) -> None:
    graph = graph_of(parents)
    assert (graph.cycles, graph.heads, graph.bases) == (cycles, heads, bases)


def test_a_circle_through_dependencies_is_found() -> None:
    graph = RevisionGraph([revision("a"), revision("b", "a", depends_on=["c"]), revision("c", "a", depends_on=["b"])])
    assert (graph.cycles, graph.heads) == ((("b", "c"),), ("b", "c"))


def test_a_long_circle_needs_no_deep_stack() -> None:
    names = [f"{number:04}" for number in range(5000)]
    line = RevisionGraph(revision(name, *names[max(index - 1, 0) : index]) for index, name in enumerate(names))
    assert (line.cycles, line.heads, line.families) == ((), ("4999",), (frozenset(names),))
    assert line.ancestors("4999") == line.descendants("0000") == frozenset(names)
    circle = RevisionGraph(revision(name, names[index - 1]) for index, name in enumerate(names))
    assert (circle.cycles, circle.heads, circle.bases, circle.divergences) == ((tuple(names),), (), (), ())


@settings(max_examples=150, deadline=None)
@given(revisions=histories(circles=False))
def test_the_sides_of_a_merge_point_are_what_only_one_parent_follows(revisions: list[Revision]) -> None:
    graph = RevisionGraph(revisions)
    for name in graph.merge_points:
        pairs = combinations(graph.parents[name], 2)
        apart = [
            (graph.ancestors(one) - graph.ancestors(other), graph.ancestors(other) - graph.ancestors(one)) for one, other in pairs
        ]
        assert list(graph.sides_joined_by(name)) == apart


def test_a_dependency_that_an_ancestor_has_as_well_adds_nothing() -> None:
    graph = RevisionGraph(
        [
            revision("other"),
            revision("third", labels=["side"]),
            revision("a", depends_on=["other"]),
            revision("b", "a", depends_on=["other", "side"]),
            revision("c", "b", depends_on=["b"]),
        ]
    )
    assert {name: graph.effective_needs(name) for name in "abc"} == {"a": ("other",), "b": ("a", "third"), "c": ("b",)}


def test_heads_that_are_related_through_others_are_joined_at_once() -> None:
    """Only a meets each of the others' roots: x leads on to w, y to z."""
    graph = graph_of({"1": "", "2": "", "3": "", "4": "", "a": "12", "w": "3", "x": "13", "y": "24", "z": "4"})
    assert graph.divergences == (Divergence(("a", "w", "x", "y", "z"), None),)


def test_computed_labels_make_a_divergence_uncertain() -> None:
    c = revision("c", "a")
    unknown = c._replace(identifiers=c.identifiers._replace(unknown=("branch_labels",)))
    graph = RevisionGraph([revision("a"), revision("b", "a"), unknown])
    assert graph.divergences == (Divergence(("b", "c"), "a", ("c",)),)
    assert graph.heads_once_joined == 2


@pytest.mark.parametrize(
    ("parents", "labels"),
    [
        pytest.param({"m": "bc", "n": "bc", "o": "mn", "p": "o", "q": "o"}, {}, id="joined, and forked again"),
        pytest.param({"m": "bc", "n": "bc", "o": "m", "p": "m"}, {"m": ["x"], "n": ["y"]}, id="labelled, and one of them forked"),
        pytest.param({"m": "bc", "n": "bc"}, {"m": ["x"], "n": ["y"]}, id="labelled"),
    ],
)
def test_merges_that_are_joined_or_labelled_are_not_double(parents: Parents, labels: Parents) -> None:
    assert graph_of({"a": "", "b": "a", "c": "a", **parents}, labels).double_merges == ()


@pytest.mark.parametrize(
    ("parents", "sides"),
    [
        pytest.param({"m": "rr"}, [("", "")], id="one parent named twice"),
        pytest.param({"p": "r", "s": "r", "o": "ps", "t": "s", "m": "ot"}, [("op", "t")], id="what is shared comes first"),
        pytest.param({"p": "r", "q": "p", "m": "pq"}, [("", "q")], id="an ancestor of the other"),
        pytest.param({"p": "r", "q": "r", "s": "r", "m": "pqs"}, [("p", "q"), ("p", "s"), ("q", "s")], id="three parents"),
    ],
)
def test_the_sides_of_a_merge_point(parents: Parents, sides: list[tuple[str, str]]) -> None:
    graph = graph_of({"r": "", **parents})
    assert [*graph.sides_joined_by("m")] == [(frozenset(one), frozenset(other)) for one, other in sides]


NEEDY = RevisionGraph(
    [
        revision("a", labels=["main"]),
        revision("b", "a"),
        revision("c", "a", depends_on=["d"]),
        revision("d", "a"),
        revision("e", "c", depends_on=["d", "main", "gone"]),
    ]
)


def test_what_a_revision_needs_and_implies() -> None:
    assert ("a" in NEEDY, "gone" in NEEDY) == (True, False)
    assert NEEDY.needs("e") == ("c", "d", "a", "gone")
    assert NEEDY.effective_needs("e") == ("c", "a")
    assert NEEDY.implied(["c", "gone"]) == frozenset("acd")
    assert NEEDY.overlapping(["b", "c", "d", "gone"]) == frozenset("d")
    assert NEEDY.overlapping(["b", "d"]) == frozenset()


def test_revisions_are_sorted_by_what_they_follow_and_those_of_one_place_by_name() -> None:
    assert NEEDY.in_order("edcba") == ("a", "b", "c", "d", "e")
    assert NEEDY.in_order_to_run("ecd") == ("d", "c", "e")
    circle = graph_of({"x": "z", "y": "x", "z": "y", "a": ""})
    assert circle.in_order("zyxa") == ("a", "x", "y", "z")
    assert circle.in_order_to_run("zya") == ("a", "y", "z")
    assert circle.in_order_to_run("zyxa") == ("a", "x", "y", "z")
    assert circle.overlapping("xa") == frozenset()
    assert circle.overlapping("xy") == frozenset("xy") and circle.redundant == {}


@pytest.mark.parametrize(
    ("merge", "redundant"),
    [
        pytest.param(revision("m", "b", "c", "a"), ("a",), id="an ancestor of both"),
        pytest.param(revision("m", "c", "a"), None, id="of two needs"),
        pytest.param(revision("m", "b", "c", depends_on=["d"]), None, id="a dependency that an ancestor has"),
        pytest.param(revision("m", "b", "c", "d"), ("d",), id="what a parent depends on"),
        pytest.param(revision("m", "b", "e", "c", "a"), ("c", "a"), id="two of four"),
        pytest.param(revision("m", "c", "a", "d"), None, id="all but one"),
    ],
)
def test_a_need_that_another_need_implies_is_redundant(merge: Revision, redundant: tuple[str, ...] | None) -> None:
    graph = RevisionGraph([*NEEDY.revisions.values(), merge])
    assert graph.redundant == ({"m": redundant} if redundant else {})


def test_a_dependency_leads_past_what_comes_earlier() -> None:
    """The revision o comes before q, on which it depends."""
    needy = [revision("o", depends_on=["q"]), revision("p", depends_on=["o"]), revision("q"), revision("r")]
    assert RevisionGraph([*needy, revision("m", "p", "q", "r")]).redundant == {"m": ("q",)}
