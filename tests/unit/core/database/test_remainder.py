"""What is left to do of a script, as a script: statements, and columns of a table that is there without them."""

from __future__ import annotations

import pytest

from migmerge.core.database.effects import Effect, PartialEffects
from migmerge.core.database.remainder import Remainder, missing_effects, not_run, rest_of_run
from migmerge.core.operations.operation import ObjectKind
from migmerge.core.script.functions import calls_in

SQL = 'op.execute("CREATE TABLE t (id INTEGER, a INTEGER); UPDATE t SET a = 1; CREATE INDEX ix ON t (a)")'
HEAD = """from alembic import op
import sqlalchemy as sa

revision = "r"
down_revision = None


def upgrade():
{}


def downgrade():
    op.drop_table("t")
"""
TABLE = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Integer()))'
OTHER = 'op.create_table("u", sa.Column("id", sa.Integer(), primary_key=True))'
COLUMN = 'op.add_column("t", sa.Column("b", sa.String(20)))'
INDEX = 'op.create_index("ix", "t", ["a"])'
UPDATE = 'op.execute("UPDATE t SET a = 1")'
BATCH = 'with op.batch_alter_table("t") as batch:\n    batch.add_column(sa.Column("b", sa.Integer()))\n    batch.add_column(sa.Column("c", sa.Integer()))'
REQUIRED = 'op.create_table("t", sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer(), nullable=False))'
TYPE, KEY = 'sa.Enum("x", name="e")', 'sa.ForeignKey("u.id")'
ENUM = f'op.create_table("t", sa.Column("a", sa.Integer()), sa.Column("b", {TYPE}))'
TYPED = f'{TYPE}.create(op.get_bind(), checkfirst=True)\nop.add_column("t", sa.Column("b", {TYPE}))'
KEYED = f'with op.batch_alter_table("t") as batch:\n    batch.add_column(sa.Column("b", {KEY}))'
COLUMNS = 'sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer())'
CONSTRAINTS = 'sa.UniqueConstraint("b", name="uq"), sa.CheckConstraint("a > 0", name="ck"), sa.ForeignKeyConstraint(["b"], ["u.id"], name="fk")'
CONSTRAINED = f'op.create_table("t", {COLUMNS}, {CONSTRAINTS})'
ADDED = """op.add_column("t", sa.Column("b", sa.Integer()))
with op.batch_alter_table("t") as batch:
    batch.create_unique_constraint("uq", ["b"])
with op.batch_alter_table("t") as batch:
    batch.create_foreign_key("fk", "u", ["b"], ["id"])"""
CHECKS_B = 'sa.CheckConstraint("b > 0", name="ck")'
CHECKED = """op.add_column("t", sa.Column("b", sa.Integer()))
with op.batch_alter_table("t") as batch:
    batch.create_check_constraint("ck", "b > 0")"""
BATCHES = [f"{BATCH.split(chr(10))[0]}\n{line}" for line in BATCH.split("\n")[1:]]
T, U = Effect("r", ObjectKind.TABLE, "t", None), Effect("r", ObjectKind.TABLE, "u", None)
T_ID, T_A, T_B, T_C = (Effect("r", ObjectKind.COLUMN, "t", name) for name in ("id", "a", "b", "c"))
IX = Effect("r", ObjectKind.INDEX, "t", "ix")
WHOLE_T = (T, T_ID, T_A)


def script(*statements: str) -> bytes:
    lines = (f"    {line}" for statement in statements for line in statement.split("\n"))
    return HEAD.format("\n".join(lines)).encode()


def body(left: Remainder | None) -> list[str] | None:
    return None if left is None else [line.replace("'", '"') for line in left.body]


@pytest.mark.parametrize(
    ("statements", "present", "missing", "stopped", "rest"),
    [
        pytest.param([TABLE, COLUMN, OTHER], [*WHOLE_T, T_B], [U], True, [OTHER], id="the last one"),
        pytest.param([TABLE, COLUMN, OTHER], WHOLE_T, [T_B, U], True, [COLUMN, OTHER], id="all but the first"),
        pytest.param([TABLE, COLUMN, OTHER], [*WHOLE_T, U], [T_B], True, None, id="one in the middle was never stopped at"),
        pytest.param([TABLE, UPDATE, COLUMN], WHOLE_T, [T_B], True, [UPDATE, COLUMN], id="rows before it were rolled back"),
        pytest.param([UPDATE, TABLE, COLUMN], WHOLE_T, [T_B], True, [COLUMN], id="rows that the next statement committed"),
        pytest.param([UPDATE, TABLE, COLUMN], WHOLE_T, [T_B], False, None, id="which nobody ran where DDL is taken back"),
        pytest.param([TABLE, "op.drop_table('x')", COLUMN], WHOLE_T, [T_B], True, None, id="a drop may have run"),
        pytest.param([TABLE, COLUMN], [T, T_ID], [T_A, T_B], True, None, id="another table of that name"),
        pytest.param(
            [TABLE, BATCH], [*WHOLE_T, T_B], [T_C], True, [*BATCH.split("\n")[:1], *BATCH.split("\n")[2:]], id="in a batch"
        ),
        pytest.param([TABLE, "if x():\n    " + COLUMN], WHOLE_T, [T_B], True, None, id="a condition"),
        pytest.param([TABLE, "y = f()", COLUMN], WHOLE_T, [T_B], True, None, id="a variable"),
    ],
)
def test_the_rest_of_a_run(
    statements: list[str], present: list[Effect], missing: list[Effect], stopped: bool, rest: list[str] | None
) -> None:
    partial = PartialEffects("r", tuple(missing), tuple(present))
    left = rest_of_run(script(*statements), partial) if stopped else not_run(script(*statements), partial, frozenset())
    assert body(left) == rest


@pytest.mark.parametrize(
    ("statements", "missing", "rest"),
    [
        pytest.param([TABLE], [T_A], ['op.add_column("t", sa.Column("a", sa.Integer()))'], id="a column of a table"),
        pytest.param([TABLE], [T_ID], None, id="a key"),
        pytest.param([TABLE, UPDATE, COLUMN, INDEX], [T_B, IX], [COLUMN, INDEX], id="statements, without what changes rows"),
        pytest.param([TABLE, OTHER], [U], [OTHER], id="a table"),
        pytest.param([TABLE, OTHER], [U, T_C], None, id="a column that no statement makes"),
        pytest.param([TABLE, INDEX], [T_A, IX], [INDEX, 'op.add_column("t", sa.Column("a", sa.Integer()))'], id="both"),
    ],
)
def test_what_a_later_version_brought(statements: list[str], missing: list[Effect], rest: list[str] | None) -> None:
    left = missing_effects(script(*statements), PartialEffects("r", tuple(missing), (T,)))
    assert body(left) == rest
    assert left is None or b'op.drop_table("t")' in left.text


@pytest.mark.parametrize(
    ("statements", "missing", "ran", "rest"),
    [
        pytest.param([TABLE, UPDATE, OTHER], [U], [TABLE, UPDATE], [OTHER], id="rows that another script wrote"),
        pytest.param([TABLE, UPDATE, OTHER], [U], [TABLE], [UPDATE, OTHER], id="rows that nothing wrote"),
        pytest.param([UPDATE, TABLE], [], [TABLE], [UPDATE], id="rows before what is there"),
        pytest.param([UPDATE, TABLE], [], [TABLE, UPDATE], [], id="all of it"),
        pytest.param(
            [TABLE, UPDATE], [T_A], [UPDATE], ['op.add_column("t", sa.Column("a", sa.Integer()))'], id="a table made otherwise"
        ),
        pytest.param([TABLE, UPDATE], [T_ID], [UPDATE], None, id="a key of a table made otherwise"),
        pytest.param([ENUM], [T_B], [UPDATE], [TYPED], id="a column of an enum type"),
        pytest.param([SQL], [IX], [UPDATE], ['op.execute("CREATE INDEX ix ON t (a)")'], id="one of the statements of a text"),
        pytest.param([SQL.replace("UPDATE", "BEGIN; UPDATE")], [IX], [UPDATE], None, id="a text that may be one statement"),
        pytest.param([ENUM.replace(TYPE, KEY)], [T_B], [UPDATE], [KEYED], id="a column with a foreign key"),
        pytest.param([CONSTRAINED], [T_B], [UPDATE], [ADDED], id="constraints over a column that is lacking"),
        pytest.param([CONSTRAINED.replace(', name="uq"', "")], [T_B], [UPDATE], None, id="a constraint without a name"),
        pytest.param([f'op.create_table("t", {COLUMNS}, {CHECKS_B})'], [T_B], [UPDATE], [CHECKED], id="a check of the column"),
        pytest.param([CONSTRAINED.replace('"u.id"', '"u"')], [T_B], [UPDATE], None, id="a key to a column of no table"),
        pytest.param([CONSTRAINED.replace('["u.id"]', '["u.id", x]')], [T_B], [UPDATE], None, id="a key to a computed column"),
        pytest.param([CONSTRAINED.replace('["u.id"]', '("u.id",)')], [T_B], [UPDATE], None, id="a key to a tuple of columns"),
        pytest.param([REQUIRED], [T_B], [UPDATE], None, id="a column that a row needs"),
        pytest.param([BATCH, INDEX], [IX], [BATCH.replace('"t"', '"u"')], [*BATCHES, INDEX], id="a block for another table"),
    ],
)
def test_what_other_scripts_have_not_run(
    statements: list[str], missing: list[Effect], ran: list[str], rest: list[str] | None
) -> None:
    partial = PartialEffects("r", tuple(missing), tuple(each for each in WHOLE_T if each not in missing))
    left = body(not_run(script(*statements), partial, calls_in(script(*ran), "upgrade")))
    assert left == ([line for each in rest for line in each.split("\n")] if rest is not None else None)
