"""What has a name that a pending revision is about to give."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address, CatalogObject, Database, Schema, Table
from migmerge.core.database.name_clashes import clashes_in
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import ObjectKind, OtherKind
from tests.support.project import script_text

VIEW = "op.execute('CREATE VIEW named AS SELECT 1')"
SEQUENCE = "op.execute('CREATE SEQUENCE named')"
FUNCTION = "op.execute(\"CREATE FUNCTION named() RETURNS integer LANGUAGE sql AS 'select 1'\")"
INDEX = "op.create_index('ix', 'orders', ['no'])"
TYPE = "op.create_table('t', sa.Column('mood', sa.Enum('sad', name='mood')))"
INDEXED = Table(frozenset(["no"]), frozenset(["ix"]), frozenset(["ix"]), frozenset(["ix"]))
UNIQUE = Table(frozenset(["no"]), frozenset(["ix"]), frozenset(["ix"]))
CONSTRAINED = Table(frozenset(["no"]), frozenset(["ix"]))
OF_VIEW, OF_SEQUENCE = (Schema(others=(CatalogObject(each, "named"),)) for each in (OtherKind.VIEW, OtherKind.SEQUENCE))
OF_FUNCTION = Schema(others=(CatalogObject(OtherKind.FUNCTION, "named"),))
OF_INDEX = Schema({"old": INDEXED})
THERE = "b: the view named is there already"


def said(schema: Schema, pending: str, applied: str = "pass", dialect: str = "postgresql") -> str:
    """Return what is in the way of the revision b, `+` where it can go, `!` where a revision that ran may have made it."""
    texts = {name: script_text("r", upgrade=each).encode() for name, each in (("a", applied), ("b", pending))}
    scripts = ScriptSet(RevisionGraph([]), texts, {name: read_operations(each, dialect=dialect) for name, each in texts.items()})
    database = Database(Address("url", dialect, "db"), "", ("a",), True, schema, None)
    found = clashes_in(database, ["b"], ["a"], scripts)
    marks = (("+" if each.is_removable else "" if each.is_foreign else "!", each) for each in found)
    return "; ".join(f"{each.revision}: {each}{mark}" for mark, each in marks)


@pytest.mark.parametrize(
    ("schema", "pending", "expected"),
    [
        pytest.param(OF_VIEW, VIEW, f"{THERE}+", id="a view"),
        pytest.param(OF_SEQUENCE, SEQUENCE, "b: the sequence named is there already+", id="a sequence"),
        pytest.param(OF_FUNCTION, FUNCTION, "b: the function named is there already+", id="a function"),
        pytest.param(OF_INDEX, INDEX, "b: the index ix is there already on old+", id="an index on another table"),
        pytest.param(Schema({"old": UNIQUE}), INDEX, "b: the index ix is there already on old", id="which keeps rows out"),
        pytest.param(Schema({"orders": INDEXED}), INDEX, "", id="an index on the same table, of which others speak"),
        pytest.param(OF_SEQUENCE, VIEW, "b: the sequence named is there already+", id="another relation of that name"),
        pytest.param(OF_FUNCTION, VIEW, "", id="a function is no relation"),
        pytest.param(Schema({"named": Table()}), VIEW, "b: the table named is there already", id="a table never goes"),
        pytest.param(Schema({"t": Table()}), "op.create_table('t')", "", id="a table, of which others speak"),
        pytest.param(Schema(others=(CatalogObject(OtherKind.VIEW, "named", is_used=True),)), VIEW, THERE, id="what is used"),
        pytest.param(
            Schema(others=(CatalogObject(ObjectKind.ENUM, "mood", is_used=True),)),
            TYPE,
            "b: the type mood is there already",
            id="a type that a column has",
        ),
        pytest.param(Schema(others=(CatalogObject(OtherKind.VIEW, "audit.named"),)), VIEW, "", id="in another schema"),
        pytest.param(Schema({"audit.old": INDEXED}), INDEX, "", id="an index in another schema"),
        pytest.param(OF_VIEW, "op.execute('CREATE OR REPLACE VIEW named AS SELECT 1')", "", id="what replaces"),
        pytest.param(OF_VIEW, f"if x():\n        {VIEW}", "", id="what may not run"),
        pytest.param(OF_VIEW, f"op.execute('DROP VIEW named')\n    {VIEW}", "", id="what is dropped before"),
        pytest.param(OF_VIEW, f"op.execute('DROP VIEW IF EXISTS named')\n    {VIEW}", "", id="what may be dropped before"),
        pytest.param(OF_VIEW, f"x(op)\n    {VIEW}", "", id="what cannot be read before"),
        pytest.param(OF_VIEW, f"op.execute('INSERT INTO t SELECT id FROM named')\n    {VIEW}", "", id="what is read before"),
        pytest.param(OF_INDEX, f"op.drop_table('old')\n    {INDEX}", "", id="its table goes before"),
        pytest.param(OF_INDEX, "op.add_column('orders', sa.Column('no', sa.Integer, index=True))", "", id="a name not certain"),
    ],
)
def test_what_is_in_the_way(schema: Schema, pending: str, expected: str) -> None:
    assert said(schema, pending) == expected


@pytest.mark.parametrize(
    ("applied", "expected"),
    [
        pytest.param(VIEW, f"{THERE}!", id="it made it"),
        pytest.param("op.execute('ALTER VIEW other RENAME TO named')", f"{THERE}!", id="it renamed it"),
        pytest.param("x(op)", f"{THERE}!", id="it may have made it"),
        pytest.param("op.add_column('t', sa.Column('named', sa.Integer))", f"{THERE}+", id="a column has that name"),
    ],
)
def test_what_a_revision_that_ran_may_have_made_stays(applied: str, expected: str) -> None:
    assert said(OF_VIEW, VIEW, applied) == expected


def test_what_an_older_version_of_a_script_may_have_made_stays() -> None:
    texts = {name: script_text("r", upgrade=each).encode() for name, each in (("a", "pass"), ("b", VIEW))}
    operations = {name: read_operations(each, dialect="postgresql") for name, each in texts.items()}
    edited = {"a": (script_text("r", upgrade=VIEW).encode(),)}
    database = Database(Address("url", "postgresql", "db"), "", ("a",), True, OF_VIEW, None)
    (found,) = clashes_in(database, ["b"], ["a"], ScriptSet(RevisionGraph([]), texts, operations, edited=edited))
    assert not found.is_removable


def test_an_index_stays_with_the_table_that_a_revision_renamed() -> None:
    applied = f"op.create_table('orders')\n    {INDEX}\n    op.rename_table('orders', 'old')"
    assert said(OF_INDEX, f"op.create_table('orders')\n    {INDEX}", applied) == "b: the index ix is there already on old!"


@pytest.mark.parametrize(
    ("schema", "pending", "dialect", "expected"),
    [
        pytest.param(OF_VIEW, VIEW.replace("named", "NAMED"), "sqlite", f"{THERE}+", id="sqlite folds"),
        pytest.param(OF_VIEW, VIEW.replace("named", '"Named"'), "postgresql", "", id="postgresql does not"),
        pytest.param(Schema({"old": CONSTRAINED}), INDEX, "sqlite", "", id="a constraint of sqlite has no such name"),
        pytest.param(OF_INDEX, INDEX, "mariadb", "", id="a table of its own on mariadb"),
    ],
)
def test_what_each_database_tells_apart(schema: Schema, pending: str, dialect: str, expected: str) -> None:
    assert said(schema, pending, dialect=dialect) == expected
