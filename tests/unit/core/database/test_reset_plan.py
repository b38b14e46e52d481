"""Which tables are none of the migrations' own."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address, Database, Schema, Table
from migmerge.core.database.reset_plan import (
    ForeignTable,
    ResetPlan,
    fitting_heads,
    foreign_tables,
    require_whole,
    same_heads,
)
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import status_of
from migmerge.core.errors import MigmergeError
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from tests.support.histories import revision
from tests.support.worlds import world_of

SCRIPT = b"""from alembic import op
import sqlalchemy as sa

def upgrade():
    op.create_table('users', sa.Column('id', sa.Integer))
    op.create_table('log', sa.Column('id', sa.Integer), schema='audit')
    op.create_table('items', sa.Column('id', sa.Integer), schema='public')
    op.rename_table('users', 'people')
    op.drop_table('gone')
"""


@pytest.mark.parametrize(
    ("tables", "foreign"),
    [
        (("users", "people", "audit.log", "items"), ()),
        (("log",), ("log",)),
        (("billing", "gone"), ("billing", "gone")),
        (("_alembic_tmp_users",), ()),
        ((), ()),
    ],
)
def test_a_table_that_no_revision_makes_is_foreign(tables: tuple[str, ...], foreign: tuple[str, ...]) -> None:
    scripts = ScriptSet(RevisionGraph([]), operations={"a": read_operations(SCRIPT)})
    database = Database(Address("sqlite://", "sqlite", "x"), schema=Schema(dict.fromkeys(tables, Table())))
    assert foreign_tables(database, scripts) == foreign


def test_foreign_tables_stay_unless_the_user_wants_to_drop_them() -> None:
    foreign = {"": (ForeignTable("billing", 1),), "other": ()}
    assert ResetPlan("database", (), foreign).kept == {"": ("billing",)}
    assert ResetPlan("database", (), foreign, drops_foreign=True).kept == {}


def test_one_revision_is_recorded_for_all_databases_only_where_it_fits_all() -> None:
    assert same_heads({"main.db": ("a", "b"), "audit.db": ("b", "a")}) == ("a", "b")
    with pytest.raises(MigmergeError, match=r"^no revision fits all: main.db fits a and audit.db fits none$"):
        same_heads({"main.db": ("a",), "audit.db": ()})


def test_a_schema_that_has_its_database_for_itself_can_be_made_anew() -> None:
    acme, beta = (
        Database(Address("postgresql://localhost/shop", "postgresql", "shop"), each, tenant=each) for each in ("acme", "beta")
    )
    require_whole([acme], "alembic downgrade base")
    with pytest.raises(MigmergeError, match=r"shop.acme is one of several tenants in shop"):
        require_whole([acme, beta], "alembic downgrade base")


@pytest.mark.parametrize(
    ("recorded", "tables", "fits"),
    [
        pytest.param("c", "abc", ("c",), id="what is recorded"),
        pytest.param("c", "ab", ("b",), id="the last one was skipped"),
        pytest.param("a", "abc", ("c",), id="more is there than is recorded"),
        pytest.param(["gone"], "ab", ("b",), id="nobody has what is recorded"),
        pytest.param(["gone"], "", (), id="nothing is there"),
    ],
)
def test_what_a_schema_fits_is_recorded(recorded: str, tables: str, fits: tuple[str, ...]) -> None:
    world = world_of([revision("a"), revision("b", "a"), revision("c", "b")], [], recorded, tables)
    assert fitting_heads(status_of(world.databases[0], world.scripts, world.chains), world.scripts) == fits


@pytest.mark.parametrize(("recorded", "fits"), [("b", ("b",)), ("a", ("a",))])
def test_a_recorded_revision_without_a_trace_stays_recorded(recorded: str, fits: tuple[str, ...]) -> None:
    world = world_of([revision("a"), revision("b", "a")], [], recorded, "a")
    silent = read_operations(b'def upgrade():\n    op.execute("UPDATE t_a SET id = id + 1")\n')
    scripts = ScriptSet(world.scripts.graph, operations={**world.scripts.operations, "b": silent}, texts=world.scripts.texts)
    assert fitting_heads(status_of(world.databases[0], scripts, world.chains), scripts) == fits
