"""Which tables are none of the migrations' own."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address, Database, Schema, Table
from migmerge.core.database.reset_plan import ForeignTable, ResetPlan, foreign_tables, require_whole, same_heads
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.errors import MigmergeError
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations

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
