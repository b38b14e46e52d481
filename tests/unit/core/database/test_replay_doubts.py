"""What a failed script leaves in doubt: all that its text names."""

from __future__ import annotations

from migmerge.core.database.replay_doubts import NO_DOUBTS, replay_doubts
from migmerge.core.database.schema_catalog import CatalogKey
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from tests.support.project import script_text


def scripts(**upgrades: str) -> ScriptSet:
    texts = {name: script_text(name, upgrade=body).encode() for name, body in upgrades.items()}
    return ScriptSet(RevisionGraph([]), texts, {name: read_operations(each) for name, each in texts.items()})


KNOWN = scripts(a="op.create_table('Users', sa.Column('id', sa.Integer))", b="op.execute(open('all.sql').read())")


def test_what_a_failed_script_names_is_in_doubt() -> None:
    doubts = replay_doubts(["a"], KNOWN)
    assert doubts.cover(CatalogKey("table", "users")) and doubts.cover(CatalogKey("column", "users", "id"))
    assert not doubts.cover(CatalogKey("table", "orders")) and not doubts.sweeping


def test_a_failed_script_that_may_touch_anything_sweeps() -> None:
    assert replay_doubts(["a", "b"], KNOWN).sweeping
    assert replay_doubts([], KNOWN) == NO_DOUBTS
