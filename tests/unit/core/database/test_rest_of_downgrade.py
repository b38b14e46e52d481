"""What is left of a downgrade that was stopped, or that something else did in part."""

from __future__ import annotations

from itertools import product

import pytest

from migmerge.core.database.effects import Effect, PartialEffects
from migmerge.core.database.rest_of_downgrade import rest_of_downgrade
from migmerge.core.operations.operation import ObjectKind

T, U = (Effect("r", ObjectKind.TABLE, name, None) for name in "tu")
T_A, U_B = Effect("r", ObjectKind.COLUMN, "t", "a"), Effect("r", ObjectKind.COLUMN, "u", "b")
IX = Effect("r", ObjectKind.INDEX, "t", "ix")
DROP_T, DROP_U, DROP_A, DROP_IX = (
    "op.drop_table('t')",
    "op.drop_table('u')",
    "op.drop_column('t', 'a')",
    "op.drop_index('ix', 't')",
)
UPDATE, ADDED = "op.execute('UPDATE t SET a = 1')", "op.add_column('v', sa.Column('x', sa.Integer))"


def rest(statements: list[str], missing: list[Effect], present: list[Effect], *, commits_each: bool = True) -> list[str] | None:
    lines = "\n".join(f"    {each}" for each in statements)
    text = f"from alembic import op\nimport sqlalchemy as sa\nrevision = 'r'\ndown_revision = None\ndef upgrade():\n    pass\ndef downgrade():\n{lines}\n"
    left = rest_of_downgrade(text.encode(), PartialEffects("r", tuple(missing), tuple(present)), commits_each=commits_each)
    return None if left is None else list(left.body)


@pytest.mark.parametrize("commits_each", [True, False])
@pytest.mark.parametrize(
    ("statements", "missing", "present", "left"),
    [
        pytest.param([DROP_U, DROP_T], [U], [T], [DROP_T], id="one of two tables"),
        pytest.param([DROP_U, DROP_T], [U, U_B, T], [], ["pass"], id="all of them: only the record is left"),
        pytest.param([DROP_IX, DROP_A, DROP_U], [IX], [T_A, U], [DROP_A, DROP_U], id="an index"),
        pytest.param([DROP_IX, DROP_A, DROP_U], [IX, T_A], [U], [DROP_U], id="a column"),
        pytest.param([DROP_U, DROP_T], [T], [U], None, id="not in this order"),
        pytest.param([DROP_U, DROP_T], [], [U, T], None, id="nothing"),
        pytest.param([DROP_U], [U, T], [], None, id="something else dropped another table"),
        pytest.param([DROP_U, "for each in tables(): op.drop_table(each)"], [U], [T], None, id="what cannot be read"),
    ],
)
def test_what_is_left(
    statements: list[str], missing: list[Effect], present: list[Effect], left: list[str] | None, commits_each: bool
) -> None:
    assert rest(statements, missing, present, commits_each=commits_each) == left


@pytest.mark.parametrize(
    ("statements", "left"),
    [
        pytest.param([DROP_U, UPDATE, DROP_T], [UPDATE, DROP_T], id="rows that were rolled back"),
        pytest.param([UPDATE, DROP_U, DROP_T], [DROP_T], id="rows that the drop committed"),
        pytest.param([ADDED, DROP_U, DROP_T], [DROP_T], id="what came before the drop"),
        pytest.param([DROP_U, ADDED, DROP_T], None, id="what may have run or not"),
    ],
)
def test_what_is_no_drop_was_run_only_where_each_statement_is_committed(statements: list[str], left: list[str] | None) -> None:
    assert rest(statements, [U], [T]) == left
    assert rest(statements, [U], [T], commits_each=False) is None


def test_wherever_a_run_of_drops_stopped_the_rest_is_what_had_not_run() -> None:
    effects = {DROP_U: U, DROP_IX: IX, DROP_A: T_A, DROP_T: T}
    for count, commits_each in product(range(1, 5), (True, False)):
        ran, waiting = list(effects)[:count], list(effects)[count:]
        left = rest(
            list(effects), [effects[each] for each in ran], [effects[each] for each in waiting], commits_each=commits_each
        )
        assert left == (waiting or ["pass"])


def test_what_is_no_python_is_left_to_the_user() -> None:
    assert rest_of_downgrade(b"(", PartialEffects("r", (T,), (U,)), commits_each=True) is None


def test_an_enum_type_that_a_downgrade_drops_is_no_trace() -> None:
    assert rest(["op.drop_table('u')", "sa.Enum(name='e').drop(op.get_bind())", "op.drop_table('t')"], [U], [T]) is None
