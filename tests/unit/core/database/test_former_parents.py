"""What ran below a recorded revision has run, though it stands above it or beside it now."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Schema, Table
from migmerge.core.database.former_parents import FormerlyBelow, formerly_below, put_below
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from tests.support.histories import database, revision
from tests.support.project import script_text

MAKES = {name: f'op.create_table("t_{name}", sa.Column("id", sa.Integer))' for name in "abc"}
RENAMES, WRITES = 'op.rename_table("t_a", "t_b")', 'op.execute("INSERT INTO t_a VALUES (1)")'


def scripts_with(b: str) -> ScriptSet:
    """Return a history in which c followed b once, and b follows c now."""
    texts = {name: script_text(name, upgrade=upgrade).encode() for name, upgrade in {**MAKES, "b": b}.items()}
    graph = RevisionGraph([revision("a"), revision("c", "a"), revision("b", "c")])
    return ScriptSet(graph, texts, {name: read_operations(each) for name, each in texts.items()}, moved={"c": (("b",),)})


@pytest.mark.parametrize(
    ("b", "tables", "expected"),
    [
        pytest.param(MAKES["b"], "abc", FormerlyBelow(frozenset("b")), id="its table is there"),
        pytest.param(MAKES["b"], "ac", FormerlyBelow(), id="its table is not there"),
        pytest.param(RENAMES, "bc", FormerlyBelow(frozenset("b")), id="it renamed a table"),
        pytest.param(RENAMES, "ac", FormerlyBelow(), id="the table has its former name"),
        pytest.param(WRITES, "ac", FormerlyBelow(frozenset("b"), frozenset("b")), id="it leaves no trace"),
    ],
)
def test_what_was_below_ran_unless_the_schema_denies_it(b: str, tables: str, expected: FormerlyBelow) -> None:
    schema = Schema({f"t_{name}": Table(frozenset(["id"])) for name in tables})
    assert formerly_below(frozenset("ac"), scripts_with(b), database(["c"], schema)) == expected


def test_what_was_put_below() -> None:
    graph = RevisionGraph([revision("a"), revision("b", "a"), revision("c", "b")])
    assert put_below(("a", "b", "c"), ScriptSet(graph, moved={"c": (("a",),)})) == {"b"}


def test_a_former_parent_that_no_script_has_tells_nothing() -> None:
    scripts = scripts_with(MAKES["b"])
    lost = ScriptSet(scripts.graph, scripts.texts, scripts.operations, moved={"c": (("gone",), ("b",))})
    schema = Schema({f"t_{name}": Table(frozenset(["id"])) for name in "abc"})
    assert formerly_below(frozenset("ac"), lost, database(["c"], schema)) == FormerlyBelow(frozenset("b"))
