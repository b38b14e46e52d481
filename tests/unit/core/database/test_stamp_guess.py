"""Where a database stands by its schema alone, compared with the definition, over histories at random."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.stamp_guess import StampGuess, guess_revision
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import Revision
from tests.support.examples import examples
from tests.support.histories import histories, recorded_by, revision, script_of, script_set, tables_of

A, B, C = revision("a"), revision("b", "a"), revision("c", "b")
X, M = revision("x", "a"), revision("m", "b", "x")


def with_silent(revisions: list[Revision], silent: frozenset[str]) -> ScriptSet:
    """Return scripts of which some change rows alone, which leaves no trace in a schema."""
    scripts = script_set(revisions)
    rows = {
        name: script_of(name).replace(b"op.create_table(", b"op.execute('UPDATE t SET a = 1') if 1 else (") for name in silent
    }
    texts = {**scripts.texts, **rows}
    return replace(scripts, texts=texts, operations={name: read_operations(text) for name, text in texts.items()})


@pytest.mark.parametrize(
    ("revisions", "tables", "silent", "heads", "unproven"),
    [
        ([A, B, C], "", "", "", ""),
        ([A, B, C], "ab", "", "b", ""),
        ([A, B, C], "ac", "", "a", ""),
        ([A, B, C], "bc", "", "", ""),
        ([A, B, X], "abx", "", "bx", ""),
        ([A, B, X, M], "axm", "", "x", ""),
        ([A, B, X, M], "abxm", "", "m", ""),
        ([A, B, C], "a", "b", "a", "b"),
        ([A, B, C], "ac", "b", "c", ""),
        ([A, B, C], "bc", "a", "c", ""),
        ([A, B, C], "", "a", "", ""),
    ],
)
def test_a_guess(revisions: list[Revision], tables: str, silent: str, heads: str, unproven: str) -> None:
    scripts = with_silent(revisions, frozenset(silent))
    guess = guess_revision(scripts.graph, scripts.operations, scripts.texts, tables_of(tables))
    assert guess == StampGuess(tuple(heads), tuple(unproven))


@examples(150)
@given(revisions=histories(most=8), data=st.data())
def test_a_guess_is_the_largest_closed_set_that_the_schema_does_not_contradict(
    revisions: list[Revision], data: st.DataObject
) -> None:
    names = sorted(each.revision for each in revisions)
    there, silent = (data.draw(st.frozensets(st.sampled_from(names))) if names else frozenset[str]() for _ in "ab")
    scripts, graph = with_silent(revisions, silent), RevisionGraph(revisions)
    guess = guess_revision(graph, scripts.operations, scripts.texts, tables_of(there - silent))
    fitting = {name for name in names if graph.implied([name]) <= there | silent}
    proven = graph.implied(fitting & (there - silent))
    taken = set(proven)
    for name in graph.in_order_to_run(fitting - proven):
        if graph.needs(name) and set(graph.needs(name)) <= taken:
            taken.add(name)
    assert guess.heads == recorded_by(graph, proven)
    assert set(guess.unproven) == taken - proven
