"""What the sides of a merge point are, and what keeps both of them from running."""

from __future__ import annotations

import pytest

from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.closed import closed_between
from migmerge.core.operations.operation import Operations
from migmerge.core.revision import Identifiers, Revision
from tests.unit.core.operations.test_conflicts import ADD_EMAIL, DROP_EMAIL, INDEX_EMAIL, ORDERS, side

CLOSED = [
    ({"b": ADD_EMAIL, "c": ADD_EMAIL}, ["m: both sides add the column users.email: b and c"]),
    ({"b": ADD_EMAIL, "c": ORDERS}, []),
    ({"b": DROP_EMAIL, "c": INDEX_EMAIL}, []),
    ({"a": ADD_EMAIL, "c": ADD_EMAIL}, []),
    ({"b": ADD_EMAIL, "m": ADD_EMAIL}, []),
    # Indirectly: the collision is between what the sides have followed since their branch point.
    ({"b": ADD_EMAIL, "e": ADD_EMAIL}, ["n: both sides add the column users.email: b and e"]),
    ({"d": ORDERS, "e": ORDERS}, ["n: both sides create the table orders: d and e"]),
    ({"b": f"{ADD_EMAIL}\n{DROP_EMAIL}", "e": ADD_EMAIL}, []),
]


@pytest.mark.parametrize(("bodies", "expected"), CLOSED)
def test_what_a_merge_point_hides(bodies: dict[str, str], expected: list[str]) -> None:
    parents = {"a": (), "b": ("a",), "c": ("a",), "m": ("b", "c"), "d": ("m",), "e": ("a",), "n": ("d", "e"), "o": ("n",)}
    graph = RevisionGraph(Revision(Identifiers(name, names), f"{name}.py") for name, names in parents.items())
    operations = {name: side(bodies[name])[0][1] if name in bodies else Operations() for name in parents}
    found = [
        closed
        for name in graph.merge_points
        for sides in graph.sides_joined_by(name)
        for closed in closed_between(graph, name, sides, operations)
    ]
    assert [f"{each.merge_point}: {each.what}: {' and '.join(each.revisions)}" for each in found] == expected
    assert graph.merge_points == ("m", "n")
