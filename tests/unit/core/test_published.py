"""What became, on a branch, of scripts that are published."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migmerge.core.graph import RevisionGraph
from migmerge.core.published import Alteration, PublishedChange, published_changes
from migmerge.core.revision import Identifiers, Revision
from tests.support.examples import examples

OLD = b'"""add it"""\nrevision = "b"\ndown_revision = "a"\n\n\ndef upgrade():\n    op.drop_table("t")\n'
DELETED, REPARENTED, EDITED, RENAMED = Alteration


def script(parents: str = "a", path: str = "versions/b.py", name: str = "b") -> Revision:
    return Revision(Identifiers(name, tuple(parents)), path)


@pytest.mark.parametrize(
    ("here", "contents", "alteration"),
    [
        pytest.param([], (OLD, b""), DELETED, id="deleted"),
        pytest.param([script(name="c")], (OLD, OLD), DELETED, id="another id"),
        pytest.param([script("x")], (OLD, OLD), REPARENTED, id="another parent"),
        pytest.param([script("x", "versions/c.py")], (OLD, b"pass"), REPARENTED, id="the parent counts most"),
        pytest.param([script("ax")], (OLD, OLD), REPARENTED, id="one parent more"),
        pytest.param([script()], (OLD, OLD.replace(b"drop_table", b"create_table")), EDITED, id="edited"),
        pytest.param([script(path="versions/c.py")], (OLD, b"x = 1"), EDITED, id="an edit counts more than a name"),
        pytest.param([script(path="versions/c.py")], (OLD, OLD), RENAMED, id="another file name"),
        pytest.param([script(path="versions/old/b.py")], (OLD, OLD), None, id="another folder"),
        pytest.param([script()], (OLD, OLD), None, id="the same"),
        pytest.param([script()], (OLD, OLD + b"# a comment\n"), None, id="a comment"),
        pytest.param([script()], (OLD, OLD.replace(b"add it", b"add it to t")), None, id="the docstring"),
        pytest.param([script()], (OLD, OLD.replace(b"\n", b"\r\n")), None, id="line ends"),
        pytest.param([script()], (OLD, OLD.replace(b'revision = "b"', b'revision: str = "b"', 1)), None, id="an annotation"),
        pytest.param([script()], (OLD, b"<<<<<<< ours\n"), EDITED, id="no Python any more"),
        pytest.param([script()], (b"<<<<<<< ours\n", b"<<<<<<< ours\n"), None, id="no Python, and the same"),
        pytest.param([script()], None, None, id="bytes that nobody has"),
    ],
)
def test_an_alteration(here: list[Revision], contents: tuple[bytes, bytes] | None, alteration: Alteration | None) -> None:
    old, graph = script(), RevisionGraph(here)
    found = list(published_changes([old], graph, {"b": contents} if contents else {}, "origin/main", "c0ffee"))
    expected = [PublishedChange(alteration, "origin/main", "c0ffee", old, graph.revisions.get("b"))] if alteration else []
    assert found == expected


def test_the_order_of_parents_does_not_matter() -> None:
    assert list(published_changes([script("ab")], RevisionGraph([script("ba")]), {}, "origin/main", "c0ffee")) == []


@examples(200)
@example(b"\0", b"")
@example(b"x = " + b"(" * 300, b"")
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_the_bytes_a_script_is_altered_or_not(before: bytes, after: bytes) -> None:
    for one, other in ((before, after), (after, before)):
        found = [
            each.alteration for each in published_changes([script()], RevisionGraph([script()]), {"b": (one, other)}, "main", "c")
        ]
        assert found in ([], [EDITED]) and (one != other or found == [])
