"""The order in which everything comes after what it needs, and the circles that have none."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.order import circle_in, sorted_after
from tests.support.examples import examples

Letters = dict[str, str]
LETTERS = "abcdefgh"
GRAPHS = st.dictionaries(st.sampled_from(LETTERS), st.text(LETTERS, max_size=3))


@st.composite
def graphs_without_circles(draw: st.DrawFn) -> Letters:
    names = draw(st.permutations(LETTERS))
    needs = {
        name: "".join(draw(st.lists(st.sampled_from(names[:place] or [name]), max_size=3))) for place, name in enumerate(names)
    }
    needs[names[0]] = ""
    return {name: needs[name] for name in draw(st.permutations(names))}


@pytest.mark.parametrize(
    ("needs", "first", "expected"),
    [
        pytest.param({}, None, "", id="nothing"),
        pytest.param({"a": "b", "b": ""}, None, "ba", id="one after the other"),
        pytest.param({"b": "", "a": "", "c": "ab"}, None, "bac", id="as they are mentioned"),
        pytest.param({"c": "ab", "b": "", "a": ""}, None, "abc", id="as they are mentioned among the needs"),
        pytest.param({"c": "ab", "b": "", "a": ""}, "ba", "bac", id="as they are told"),
        pytest.param({"a": "", "b": "bb", "c": "a"}, None, "ac", id="without one that needs itself"),
        pytest.param({"a": "", "b": "c", "c": "b", "d": "c"}, None, "a", id="without a circle and what is above it"),
        pytest.param({"a": "", "b": "ax", "c": "b"}, None, "a", id="without what needs something unknown"),
        pytest.param({"a": "bb", "b": ""}, None, "ba", id="needed twice"),
    ],
)
def test_everything_comes_after_what_it_needs(needs: Letters, first: str | None, expected: str) -> None:
    assert "".join(sorted_after(needs, first)) == expected


@examples(200)
@given(graphs_without_circles())
def test_the_order_is_that_of_the_standard_library(needs: Letters) -> None:
    assert sorted_after(needs) == tuple(TopologicalSorter(needs).static_order())
    assert circle_in(needs) == ()


@examples(200)
@given(GRAPHS)
def test_what_is_left_out_is_a_circle_or_needs_what_is_left_out(needs: Letters) -> None:
    ordered = sorted_after(needs)
    assert len(set(ordered)) == len(ordered) and set(ordered) <= needs.keys()
    assert all(set(needs[name]) <= set(ordered[:place]) for place, name in enumerate(ordered))
    assert not any(set(needs[name]) <= set(ordered) for name in needs.keys() - set(ordered))


@examples(200)
@given(GRAPHS)
def test_a_circle_is_made_of_those_that_need_one_another(needs: Letters) -> None:
    circle = circle_in(needs)
    assert bool(circle) == (
        len(sorted_after({name: [each for each in needed if each in needs] for name, needed in needs.items()})) < len(needs)
    )
    assert all(set(needs[name]) & set(circle) for name in circle)
