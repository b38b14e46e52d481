"""Scripts that collide for certain name a table or an index in common, wherever the quick look is sure of itself."""

from __future__ import annotations

import pytest

from migmerge.core.operations.relation_names import relation_names
from tests.unit.core.operations.test_certainty import CERTAIN

HEADER = "from alembic import op\nimport sqlalchemy as sa\n\nrevision = 'a'\ndown_revision = None\n\n\ndef upgrade():\n    "


def names(body: str) -> frozenset[bytes] | None:
    return relation_names((HEADER + body).encode())


@pytest.mark.parametrize(("one", "other"), CERTAIN)
def test_what_collides_for_certain_is_looked_at(one: str, other: str) -> None:
    mine, theirs = names(one), names(other)
    assert mine is None or theirs is None or mine & theirs


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("op.create_table('orders', sa.Column('id', sa.Integer()))", {b"orders"}),
        ('op.create_index(op.f("ix_a"), "shop.Orders", ["id"])', {b"ix_a", b"shop.orders", b"shop", b"orders"}),
        ("op.create_foreign_key('fk', 'a', 'b', ['x'], ['y'])", {b"fk", b"a", b"b"}),
        ("op.add_column('a', sa.Column('b_id', sa.ForeignKey('b.id')))", {b"a", b"b"}),
        ("with op.batch_alter_table('a') as batch:\n        batch.drop_index(batch.f('ix'))", {b"a", b"ix"}),
        ("pass", set()),
        ("op.execute('DROP TABLE a')", None),
        ("op.drop_table(NAME)", None),
        ("op.add_column(table_name='a', column=sa.Column('x'))", None),
        ("op.get_bind().scalar(sa.text('DROP TABLE a'))", None),
    ],
)
def test_names(body: str, found: set[bytes] | None) -> None:
    assert names(body) == found


def test_another_way_to_import_op_is_not_looked_through() -> None:
    assert relation_names(b"from alembic import context, op\nop.drop_table('a')\n") is None
