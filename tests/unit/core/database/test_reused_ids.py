"""Recorded ids under which another script ran than the checkout has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migmerge.core.database.reused_ids import OtherScript, graph_that_ran, other_scripts
from migmerge.core.database.script_set import ScriptSet, ScriptVersion
from migmerge.core.revision import Revision
from tests.support.histories import revision, script_of, script_set

A, B, C = revision("a"), revision("b", "a"), revision("c", "b")
T = b"op.create_table('t_b', sa.Column('other', sa.Integer))"


def scripts(text: bytes, ran: Revision = B) -> ScriptSet:
    """Return a, b and c, of which b was `text` when it ran."""
    return replace(script_set([A, B, C]), older={"b": ScriptVersion(ran, text, "f00")})


ELSEWHERE = B._replace(path="versions/other.py")


@pytest.mark.parametrize(
    ("text", "ran", "applied", "successor", "edited"),
    [
        pytest.param(script_of("z"), ELSEWHERE, "ab", None, False, id="another script"),
        pytest.param(script_of("z"), B, "ab", None, True, id="an edit of the same file"),
        pytest.param(script_of("b").replace(b"'id'", b"'no'"), ELSEWHERE, "ab", None, True, id="an edit in another file"),
        pytest.param(script_of("c"), B, "ab", "c", False, id="it has another id here"),
        pytest.param(script_of("c"), ELSEWHERE, "abc", None, False, id="it has another id here, which ran too"),
    ],
)
def test_what_ran_under_an_id_of_the_checkout(
    text: bytes, ran: Revision, applied: str, successor: str | None, edited: bool
) -> None:
    found = other_scripts(frozenset(applied), scripts(text, ran))
    assert found == (OtherScript("b", "f00", ran.message, successor, edited),)


def test_what_has_not_run_ran_under_no_other_id() -> None:
    assert other_scripts(frozenset("a"), scripts(script_of("z"))) == ()


def test_a_reused_id_has_the_parents_that_it_had_when_it_ran() -> None:
    known = scripts(script_of("z"), revision("b"))
    (other,) = other_scripts(frozenset("ab"), scripts(script_of("z"), revision("b")._replace(path="other.py")))
    assert graph_that_ran(known, [other])["b"].down_revisions == ()
    assert graph_that_ran(known, [replace(other, edited=True)])["b"].down_revisions == ("a",)


def test_ids_that_were_pushed_on_by_one() -> None:
    """What ran as b is c here, which ran as something that is d here."""
    d = revision("d", "c")
    older = {"b": ScriptVersion(B, script_of("c"), "f00"), "c": ScriptVersion(C, script_of("d"), "f00")}
    known = replace(script_set([A, B, C, d]), older=older, unsure=frozenset("c"))
    assert other_scripts(frozenset("abc"), known) == (
        OtherScript("b", "f00", "", "c"),
        OtherScript("c", "f00", "", "d", is_sure=False),
    )
