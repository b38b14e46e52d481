"""Whether two readings give a script one place in the graph."""

from __future__ import annotations

import pytest

from migmerge.core.revision import Identifiers, Reading, Unreadable, is_wired_alike

ONE = Identifiers("b", ("a",), ("main",), ("c",), "add b")


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (ONE._replace(message="other", create_date="2024-01-02", defect="syntax error"), True),
        (ONE._replace(revision="x"), False),
        (ONE._replace(down_revisions=()), False),
        (ONE._replace(branch_labels=()), False),
        (ONE._replace(depends_on=()), False),
        (Unreadable("conflict markers", "b"), False),
    ],
)
def test_what_counts_is_the_id_and_what_it_names(other: Reading, alike: bool) -> None:
    assert is_wired_alike(ONE, other) is is_wired_alike(other, ONE) is alike
