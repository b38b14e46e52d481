"""Whether one script works on what another one makes."""

from __future__ import annotations

import textwrap

import pytest

from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.needs import needs
from migmerge.core.operations.operation import Operations

USERS = "op.create_table('users', sa.Column('id', sa.Integer()))"
EMAIL = "op.add_column('users', sa.Column('email', sa.Text()))"
MOOD = "op.create_table('t', sa.Column('mood', sa.Enum('a', name='mood')))"


def does(*lines: str) -> Operations:
    body = textwrap.indent("\n".join(lines), "    ")
    return read_operations(f"from alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n{body}\n".encode())


@pytest.mark.parametrize(
    ("one", "other", "needed"),
    [
        (EMAIL, USERS, True),
        ("op.drop_table('users')", USERS, True),
        ("op.create_foreign_key('fk', 'orders', 'users', ['user_id'], ['id'])", USERS, True),
        (USERS, USERS, False),
        ("op.drop_table('orders')", USERS, False),
        ("op.alter_column('users', 'email', nullable=False)", EMAIL, True),
        ("op.create_index('ix', 'users', ['email'])", EMAIL, True),
        ("op.create_index('ix', 'users', ['id'])", EMAIL, False),
        ("op.create_index('ix', 'orders', ['email'])", EMAIL, False),
        (EMAIL, EMAIL, False),
        ("sa.Enum(name='mood').drop(op.get_bind())", MOOD, True),
        ("sa.Enum(name='other').drop(op.get_bind())", MOOD, False),
        ("sa.Enum('a', name='mood').create(op.get_bind())", MOOD, False),
        (EMAIL, "op.drop_table('users')", False),
        (EMAIL, "pass", False),
    ],
)
def test_a_script_needs_what_it_works_on(one: str, other: str, needed: bool) -> None:
    assert needs(does(one), does(other)) is needed
