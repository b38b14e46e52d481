"""What an `upgrade()` is read to do, and what of it is said not to be known."""

from __future__ import annotations

import ast
import gc
import signal
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmerge.core.operations.directives import rebuilds_table
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.interpreter.values import Arguments, CallResult
from migmerge.core.operations.operation import Action, ObjectKind, Operation, Operations, Unread

CREATE, DROP, ALTER, RENAME, REFER = Action
TABLE, COLUMN, INDEX, CONSTRAINT, ENUM, VALUE = ObjectKind
HEAD = "from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import mysql, postgresql\n"


def script(body: str, above: str = "") -> bytes:
    """Return a script; the body starts on line 6, or behind what is `above`."""
    return f"{HEAD}\n{textwrap.dedent(above)}def upgrade():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n".encode()


def at(line: int, action: Action, kind: ObjectKind, table: str | None, name: str | None = None, **more: object) -> Operation:
    return Operation(action, kind, table, name, line, **more)  # type: ignore[arg-type]


DIRECTIVES = [
    pytest.param("pass", [], id="nothing"),
    pytest.param('"""Upgrade schema."""', [], id="docstring alone"),
    pytest.param(
        "op.create_table('orders', sa.Column('id', sa.Integer(), nullable=False), sa.PrimaryKeyConstraint('id'))",
        [at(6, CREATE, TABLE, "orders", columns=("id",))],
        id="create_table",
    ),
    pytest.param(
        "op.create_table('orders',\n"
        "sa.Column('id', sa.Integer(), nullable=False),\n"
        "sa.Column('user_id', sa.Integer(), nullable=True),\n"
        "sa.Column('status', sa.Enum('new', 'paid', name='order_status'), nullable=True),\n"
        "sa.CheckConstraint('id > 0', name=op.f('ck_orders_positive')),\n"
        "sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_orders_user_id_users'), ondelete='CASCADE'),\n"
        "sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),\n"
        "sa.UniqueConstraint('user_id'),\n"
        "schema='audit'\n"
        ")",
        [
            at(6, CREATE, TABLE, "audit.orders", columns=("id", "user_id", "status")),
            at(9, CREATE, ENUM, "audit.orders", "order_status"),
            at(10, CREATE, CONSTRAINT, "audit.orders", "ck_orders_positive", columns=("id",)),
            at(11, CREATE, CONSTRAINT, "audit.orders", "fk_orders_user_id_users", columns=("user_id",)),
            at(11, REFER, COLUMN, "users", "id"),
            at(12, CREATE, CONSTRAINT, "audit.orders", "pk_orders", columns=("id",), indexed=True),
        ],
        id="create_table as autogenerate writes it",
    ),
    pytest.param(
        "op.create_table('a', sa.Column('b', sa.Integer, sa.ForeignKey('s.users.id', name='fk')), sa.Index('ix', 'b'))",
        [
            at(6, CREATE, TABLE, "a", columns=("b",)),
            at(6, CREATE, CONSTRAINT, "a", "fk", columns=("b",)),
            at(6, REFER, COLUMN, "s.users", "id"),
            at(6, CREATE, INDEX, "a", "ix", columns=("b",)),
        ],
        id="foreign key and index inside",
    ),
    pytest.param("op.drop_table('orders')", [at(6, DROP, TABLE, "orders")], id="drop_table"),
    pytest.param("op.drop_table(table_name='o', schema='s')", [at(6, DROP, TABLE, "s.o")], id="drop_table by keyword"),
    pytest.param("op.rename_table('a', 'b')", [at(6, RENAME, TABLE, "a", new_name="b")], id="rename_table"),
    pytest.param(
        "op.rename_table('a', 'b', schema='s')", [at(6, RENAME, TABLE, "s.a", new_name="s.b")], id="rename_table in a schema"
    ),
    pytest.param(
        "op.create_table_comment('a', 'c', existing_comment=None)", [at(6, ALTER, TABLE, "a")], id="create_table_comment"
    ),
    pytest.param("op.drop_table_comment('a', existing_comment='c')", [at(6, ALTER, TABLE, "a")], id="drop_table_comment"),
    pytest.param(
        "op.add_column('users', sa.Column('email', sa.String(length=9), nullable=True))",
        [at(6, CREATE, COLUMN, "users", "email")],
        id="add_column",
    ),
    pytest.param(
        "op.add_column(column=sa.Column(name='email', type_=sa.Text()), table_name='users', schema='s')",
        [at(6, CREATE, COLUMN, "s.users", "email")],
        id="add_column by keyword",
    ),
    pytest.param(
        "op.add_column('users', sa.Column('status', sa.Enum('a', name='status')))",
        [at(6, CREATE, COLUMN, "users", "status"), at(6, REFER, ENUM, "users", "status")],
        id="add_column does not create the enum",
    ),
    pytest.param(
        "op.add_column('users', sa.Column('org_id', sa.Integer(), sa.ForeignKey('orgs.id')))",
        [at(6, CREATE, COLUMN, "users", "org_id"), at(6, REFER, COLUMN, "orgs", "id")],
        id="add_column with a foreign key",
    ),
    pytest.param("op.drop_column('users', 'email')", [at(6, DROP, COLUMN, "users", "email")], id="drop_column"),
    pytest.param(
        "op.alter_column('users', 'email', existing_type=sa.VARCHAR(length=100), nullable=False)",
        [at(6, ALTER, COLUMN, "users", "email")],
        id="alter_column",
    ),
    pytest.param(
        "op.alter_column('users', 'email', new_column_name='mail', existing_type=sa.Text())",
        [at(6, RENAME, COLUMN, "users", "email", new_name="mail")],
        id="alter_column that renames",
    ),
    pytest.param(
        "op.alter_column('users', 'email', new_column_name='mail', type_=sa.Text())",
        [at(6, ALTER, COLUMN, "users", "email"), at(6, RENAME, COLUMN, "users", "email", new_name="mail")],
        id="alter_column that does both",
    ),
    pytest.param(
        "op.create_index(op.f('ix_users_email'), 'users', ['email'], unique=True)",
        [at(6, CREATE, INDEX, "users", "ix_users_email", columns=("email",))],
        id="create_index",
    ),
    pytest.param(
        "op.create_index('ix', 'users', [sa.literal_column('lower(email)'), sa.text(\"name DESC\"), 'id'], schema='s')",
        [at(6, CREATE, INDEX, "s.users", "ix", columns=("email", "name", "id"))],
        id="create_index over expressions",
    ),
    pytest.param("op.drop_index(op.f('ix'), table_name='users')", [at(6, DROP, INDEX, "users", "ix")], id="drop_index"),
    pytest.param("op.drop_index('ix', schema='s')", [at(6, DROP, INDEX, None, "s.ix")], id="drop_index without the table"),
    pytest.param(
        "op.create_unique_constraint(None, 'users', ['email', 'name'])",
        [at(6, CREATE, CONSTRAINT, "users", None, columns=("email", "name"), indexed=True)],
        id="create_unique_constraint without a name",
    ),
    pytest.param(
        "op.create_primary_key('pk', 'users', ['id'])",
        [at(6, CREATE, CONSTRAINT, "users", "pk", columns=("id",), indexed=True)],
        id="create_primary_key",
    ),
    pytest.param(
        "op.create_check_constraint('ck', 'items', \"price > 0 AND kind IN ('price', 'x')\")",
        [at(6, CREATE, CONSTRAINT, "items", "ck", columns=("price", "kind"))],
        id="create_check_constraint",
    ),
    pytest.param(
        "op.create_exclude_constraint('ex', 'stays', ('room', '='), ('during', '&&'), using='gist')",
        [at(6, CREATE, CONSTRAINT, "stays", "ex", columns=("room", "during"), indexed=True)],
        id="create_exclude_constraint",
    ),
    pytest.param(
        "op.create_foreign_key('fk', 'a', 'b', ['b_id'], ['id'], source_schema='s', referent_schema='t')",
        [at(6, CREATE, CONSTRAINT, "s.a", "fk", columns=("b_id",)), at(6, REFER, COLUMN, "t.b", "id")],
        id="create_foreign_key",
    ),
    pytest.param(
        "op.drop_constraint('uq', 'users', type_='unique')", [at(6, DROP, CONSTRAINT, "users", "uq")], id="drop_constraint"
    ),
    pytest.param(
        "op.drop_constraint(None, 'users', type_='foreignkey')",
        [at(6, DROP, CONSTRAINT, "users")],
        id="drop_constraint without a name",
    ),
    pytest.param(
        "roles = sa.table('roles', sa.column('id'), sa.column('name'))\nop.bulk_insert(roles, [{'id': 1, 'name': 'x'}])",
        [at(7, REFER, TABLE, "roles", columns=("id", "name"))],
        id="bulk_insert",
    ),
    pytest.param(
        "roles = op.create_table('roles', sa.Column('id', sa.Integer))\nop.bulk_insert(roles, rows())\ndef rows(): return 1",
        [at(6, CREATE, TABLE, "roles", columns=("id",)), at(7, REFER, TABLE, "roles", columns=("id",))],
        id="bulk_insert into what create_table returns",
    ),
    pytest.param(
        "with op.batch_alter_table('users', schema='s') as batch_op:\n"
        "    batch_op.add_column(sa.Column('a', sa.Integer()))\n"
        "    batch_op.alter_column('b', nullable=True)\n"
        "    batch_op.drop_column('c')\n"
        "    batch_op.create_index(batch_op.f('ix'), ['a'], unique=False)\n"
        "    batch_op.drop_index('iy')\n"
        "    batch_op.create_unique_constraint('uq', ['a'])\n"
        "    batch_op.create_foreign_key('fk', 'orgs', ['a'], ['id'], referent_schema='t')\n"
        "    batch_op.drop_constraint('ck', type_='check')\n"
        "    batch_op.create_table_comment('x')\n",
        [
            at(7, CREATE, COLUMN, "s.users", "a"),
            at(8, ALTER, COLUMN, "s.users", "b"),
            at(9, DROP, COLUMN, "s.users", "c"),
            at(10, CREATE, INDEX, "s.users", "ix", columns=("a",)),
            at(11, DROP, INDEX, "s.users", "iy"),
            at(12, CREATE, CONSTRAINT, "s.users", "uq", columns=("a",), indexed=True),
            at(13, CREATE, CONSTRAINT, "s.users", "fk", columns=("a",)),
            at(13, REFER, COLUMN, "t.orgs", "id"),
            at(14, DROP, CONSTRAINT, "s.users", "ck"),
            at(15, ALTER, TABLE, "s.users"),
        ],
        id="batch",
    ),
    pytest.param(
        "with op.batch_alter_table('a', table_args=(sa.UniqueConstraint('b', name='uq'),)) as x, op.batch_alter_table('c') as y:\n"
        "    x.drop_column('d')\n    y.drop_column('d')",
        [
            at(6, CREATE, CONSTRAINT, "a", "uq", columns=("b",), indexed=True),
            at(7, DROP, COLUMN, "a", "d"),
            at(8, DROP, COLUMN, "c", "d"),
        ],
        id="two batches and table_args",
    ),
    pytest.param(
        "status = sa.Enum('a', 'b', name='status')\nstatus.create(op.get_bind(), checkfirst=True)\nstatus.drop(op.get_bind())",
        [at(7, CREATE, ENUM, None, "status", guarded=True), at(8, DROP, ENUM, None, "status")],
        id="enum created and dropped through a variable",
    ),
    pytest.param(
        "postgresql.ENUM(name='status', schema='s').create(op.get_bind())",
        [at(6, CREATE, ENUM, None, "s.status", guarded=True)],
        id="enum created at once, which PostgreSQL's own type looks for first",
    ),
    pytest.param(
        "sa.Enum(name='e').create(op.get_bind())\npostgresql.ENUM(name='f').create(op.get_bind(), False)",
        [at(6, CREATE, ENUM, None, "e"), at(7, CREATE, ENUM, None, "f")],
        id="enum created without a look",
    ),
    pytest.param(
        "op.create_table('t', sa.Column('a', postgresql.ENUM('x', name='e', create_type=False)),"
        " sa.Column('b', sa.Enum('x', name='f', native_enum=False)), sa.Column('c', mysql.ENUM('x', name='g')),"
        " sa.Column('d', postgresql.ARRAY(sa.Enum('x', name='h'))))",
        [at(6, CREATE, TABLE, "t", columns=("a", "b", "c", "d")), at(6, REFER, ENUM, "t", "e"), at(6, CREATE, ENUM, "t", "h")],
        id="enums that a table creates or does not",
    ),
    pytest.param(
        "class Status(enum.Enum):\n    on = 1\nop.create_table('t', sa.Column('a', sa.Enum(Status)))",
        [at(8, CREATE, TABLE, "t", columns=("a",)), at(8, CREATE, ENUM, "t", "status")],
        id="enum named after its class",
    ),
    pytest.param(
        "t = sa.Table('t', sa.MetaData(), sa.Column('a', sa.Integer), schema='s')\nt.create(op.get_bind())\nt.drop(op.get_bind())",
        [at(7, CREATE, TABLE, "s.t", columns=("a",)), at(8, DROP, TABLE, "s.t")],
        id="a table that creates and drops itself",
    ),
    pytest.param(
        "op.create_table('a', sa.Column('b', sa.Integer, index=True), sa.Column('c', sa.Text, unique=True, index=True),"
        " sa.Column('d', sa.Text, unique=True), sa.Column('e', sa.Text, index=False))",
        [
            at(6, CREATE, TABLE, "a", columns=("b", "c", "d", "e")),
            at(6, CREATE, INDEX, "a", "ix_a_b", columns=("b",)),
            at(6, CREATE, INDEX, "a", "ix_a_c", columns=("c",)),
        ],
        id="columns with an index",
    ),
    pytest.param(
        "op.add_column('a', sa.Column('b', sa.Text(), index=True), schema='s.t')",
        [at(6, CREATE, COLUMN, "s.t.a", "b"), at(6, CREATE, INDEX, "s.t.a", "ix_s_t_a_b", columns=("b",))],
        id="add_column with an index",
    ),
    pytest.param(
        "with op.batch_alter_table('a') as b:\n    b.add_column(sa.Column('c', sa.Text(), index=True), if_not_exists=True)",
        [at(7, CREATE, COLUMN, "a", "c", guarded=True), at(7, CREATE, INDEX, "a", "ix_a_c", columns=("c",))],
        id="an index is not guarded as its column is",
    ),
    pytest.param(
        "op.create_table('a', sa.Column('b', sa.Enum('x', name='e'), index=True), sa.UniqueConstraint('b', name='uq'),"
        " sa.Index('ix', 'b'), if_not_exists=True)",
        [
            at(6, CREATE, TABLE, "a", columns=("b",), guarded=True),
            at(6, CREATE, ENUM, "a", "e"),
            at(6, CREATE, INDEX, "a", "ix_a_b", columns=("b",)),
            at(6, CREATE, CONSTRAINT, "a", "uq", columns=("b",), guarded=True, indexed=True),
            at(6, CREATE, INDEX, "a", "ix", columns=("b",)),
        ],
        id="a guarded table guards its constraints alone",
    ),
    pytest.param(
        "op.create_index('ix', 'a', ['b'], if_not_exists=True)\n"
        "op.drop_index('ix', 'a', if_exists=True)\n"
        "op.drop_index('ix', if_exists=True)\n"
        "op.drop_constraint('uq', 'a', if_exists=True)\n"
        "op.drop_column('a', 'b', if_exists=True)\n"
        "op.drop_table('a', if_exists=True)\n"
        "op.drop_table('a', if_exists=False)\n"
        "op.drop_table('a', if_exists=computed)",
        [
            at(6, CREATE, INDEX, "a", "ix", columns=("b",), guarded=True),
            at(7, DROP, INDEX, "a", "ix", guarded=True),
            at(8, DROP, INDEX, None, "ix", guarded=True),
            at(9, DROP, CONSTRAINT, "a", "uq", guarded=True),
            at(10, DROP, COLUMN, "a", "b", guarded=True),
            at(11, DROP, TABLE, "a", guarded=True),
            at(12, DROP, TABLE, "a"),
            at(13, DROP, TABLE, "a"),
        ],
        id="guards",
    ),
    pytest.param(
        "op.create_table('a', sa.Column('b', sa.Integer, sa.ForeignKey('public.c.id'), index=True), schema='public')\n"
        "op.rename_table('a', 'd', schema='public')\n"
        "op.drop_index('ix', schema='public')\n"
        "sa.Enum(name='e', schema='public').drop(op.get_bind())",
        [
            at(6, CREATE, TABLE, "a", columns=("b",)),
            at(6, REFER, COLUMN, "c", "id"),
            at(6, CREATE, INDEX, "a", "ix_public_a_b", columns=("b",)),
            at(7, RENAME, TABLE, "a", new_name="d"),
            at(8, DROP, INDEX, None, "ix"),
            at(9, DROP, ENUM, None, "e"),
        ],
        id="the schema public is left out",
    ),
    pytest.param(
        "sorted([('a', 1)], key=lambda x: x[1])\nsa.Column('a', default=lambda: 1)", [], id="functions that nobody hands on"
    ),
    pytest.param("import logging\nlog = logging.getLogger('x')\nlog.info('x')\nlogging.info('x')\nop.f('x')", [], id="logging"),
    pytest.param(
        "from app import table_exists, log\nif table_exists(op.get_bind(), 'x'):\n    log.info('x')",
        [],
        id="imported and looking",
    ),
    pytest.param("bind = op.get_bind()\ninsp = sa.inspect(bind)\nprint('x')\nbind.dialect.name", [], id="only looking"),
]


@pytest.mark.parametrize(("body", "done"), DIRECTIVES)
def test_directives(body: str, done: list[Operation]) -> None:
    assert read_operations(script(body)) == Operations(tuple(done))


A_AND_B = [at(0, DROP, TABLE, "a"), at(0, DROP, TABLE, "b")]
FOLLOWED = [
    pytest.param("from alembic import op as o\ndef upgrade(): o.drop_table('a'), o.drop_table('b')", id="op by another name"),
    pytest.param("import alembic\ndef upgrade(): alembic.op.drop_table('a'); alembic.op.drop_table('b')", id="through alembic"),
    pytest.param("import alembic.op as x\ndef upgrade(): x.drop_table('a'); x.drop_table('b')", id="import as"),
    pytest.param("from alembic.op import drop_table as d\ndef upgrade(): d('a'); d('b')", id="directive imported"),
    pytest.param("A = 'a'\ndef upgrade():\n B = 'b'\n op.drop_table(A); op.drop_table(B)", id="constant and variable"),
    pytest.param("P = ''\ndef upgrade(): op.drop_table(f'{P}a'); op.drop_table(P + 'b')", id="f-string and concatenation"),
    pytest.param("def upgrade(): op.drop_table('%s' % 'a'); op.drop_table('{}'.format('b'))", id="percent and format"),
    pytest.param("def upgrade(): op.drop_table('%(x)s' % {'x': 'a'}); op.drop_table('{x}'.format(x='b'))", id="named places"),
    pytest.param("def upgrade(): op.drop_table('A'.lower()); op.drop_table('_'.join(['b']))", id="text methods"),
    pytest.param("T = ['a', 'b']\ndef upgrade():\n for t in T: op.drop_table(t)", id="loop over a list"),
    pytest.param("def upgrade():\n for i, (t, _) in enumerate((('a', 1), ('b', 2))): op.drop_table(t)", id="loop that unpacks"),
    pytest.param("D = {'a': 1, 'b': 2}\ndef upgrade():\n for t, n in D.items(): op.drop_table(t)", id="loop over items"),
    pytest.param("D = {'x': 'a', 'y': 'b'}\ndef upgrade(): op.drop_table(D['x']); op.drop_table(D.get('y'))", id="dictionary"),
    pytest.param("def upgrade():\n t = ['a']\n t.append('b')\n for x in t: op.drop_table(x)", id="list that grows"),
    pytest.param("def upgrade():\n t = ['a']\n t += ['b']\n for x in sorted(t): op.drop_table(x)", id="list augmented"),
    pytest.param("def upgrade(): [op.drop_table(t) for t in ('a', 'b')]", id="comprehension"),
    pytest.param("def drop(t, s=''): op.drop_table(s + t)\ndef upgrade(): drop('a'); drop(t='b')", id="helper"),
    pytest.param(
        "def both(*ts, **k):\n for t in ts: op.drop_table(t)\ndef upgrade(): both('a', *['b'], x=1)", id="helper with a star"
    ),
    pytest.param("def drop(o, t): o.drop_table(t)\ndef upgrade(): drop(op, 'a'); drop(o=op, t='b')", id="helper given op"),
    pytest.param("d = lambda t: op.drop_table(t)\ndef upgrade(): d('a'); d('b')", id="lambda"),
    pytest.param("def names(): return ['a', 'b']\ndef upgrade():\n for t in names(): op.drop_table(t)", id="helper that returns"),
    pytest.param(
        "def f(): op.drop_table('a')\ndef g(): op.drop_table('b')\ndef upgrade():\n for x in (f, g): x()",
        id="functions in a tuple",
    ),
    pytest.param(
        "class N:\n A = 'a'\n B = 'b'\ndef upgrade(): op.drop_table(N.A); op.drop_table(N.B)", id="constants in a class"
    ),
    pytest.param(
        "def upgrade():\n if op.get_bind().dialect.name == 'x': op.drop_table('a')\n else: op.drop_table('b')", id="if and else"
    ),
    pytest.param("def upgrade():\n try: op.drop_table('a')\n except Exception: op.drop_table('b')", id="try"),
    pytest.param(
        "def upgrade():\n while x: op.drop_table('a')\n with op.get_context().autocommit_block(): op.drop_table('b')",
        id="while and with",
    ),
    pytest.param("def upgrade():\n op.drop_table('a')\n return\n op.drop_table('b')", id="behind a return"),
    pytest.param("def upgrade():\n match x:\n  case 1: op.drop_table('a')\n  case _: op.drop_table('b')", id="match"),
    pytest.param("async def upgrade():\n await f()\nasync def f(): op.drop_table('a'); op.drop_table('b')", id="async"),
    pytest.param("def _up(): op.drop_table('a'); op.drop_table('b')\nupgrade = _up", id="upgrade is another function's name"),
    pytest.param(
        "def upgrade():\n getattr(op, 'drop_table')('a')\n (lambda: op.drop_table('b'))()", id="getattr and a lambda called"
    ),
    pytest.param("def upgrade():\r\n op.drop_table('a')\r\n op.drop_table('b')\r\n", id="windows line ends"),
    pytest.param("# -*- coding: latin-1 -*-\ndef upgrade(): op.drop_table('a'); op.drop_table('b')", id="encoding cookie"),
    pytest.param(
        "op.drop_table('x')\ndef upgrade(): op.drop_table('a'); op.drop_table('b')\ndef downgrade(): op.drop_table('c')",
        id="only upgrade",
    ),
]


@pytest.mark.parametrize("text", FOLLOWED)
def test_literals_are_followed(text: str) -> None:
    found = read_operations(text.encode())
    assert [Operation(each.action, each.kind, each.table, each.name, 0) for each in found.done] == A_AND_B
    assert not found.unread


UNREAD = [
    pytest.param("op.execute('DO $$ BEGIN DROP TABLE a; END $$')", "raw SQL in op.execute", id="execute"),
    pytest.param("op.get_bind().execute(sa.text('CALL x()'))", "raw SQL in op.get_bind().execute", id="execute on the bind"),
    pytest.param("bind = op.get_bind()\nx = bind.execute('x').scalar()", "raw SQL in bind.execute", id="execute on a variable"),
    pytest.param("s = sa.orm.Session(bind=op.get_bind())\ns.execute('x')", "raw SQL in s.execute", id="execute on a session"),
    pytest.param(
        "session = sa.orm.Session(bind=op.get_bind())\nsession.add_all(x)", "rows in session.add_all", id="rows in a session"
    ),
    pytest.param(
        "with op.batch_alter_table('a') as b:\n    b.execute('x')", "raw SQL in batch_op.execute", id="execute in a batch"
    ),
    pytest.param("op.run_async(work)", "op.run_async", id="run_async"),
    pytest.param("op.invoke(ops.DropTableOp('x'))", "op.invoke", id="invoke"),
    pytest.param("op.create_view('v', 'x')", "op.create_view, which is not known", id="a directive of somebody's own"),
    pytest.param("getattr(op, computed)('t')", "op.getattr(), which is not known", id="a computed directive"),
    pytest.param("op.drop_table(unknown)", "op.drop_table with a computed table name", id="computed table"),
    pytest.param("op.drop_table('a' * 2)", "op.drop_table with a computed table name", id="an operator not followed"),
    pytest.param("op.drop_table(f'{x!r}')", "op.drop_table with a computed table name", id="a conversion not followed"),
    pytest.param("op.drop_column('t', names[0])", "op.drop_column with a computed column name", id="computed column"),
    pytest.param("op.add_column('t', column)", "op.add_column with a computed column", id="computed column object"),
    pytest.param("op.add_column(*x)", "op.add_column with a computed column", id="computed arguments"),
    pytest.param("op.drop_index(f'ix_{n}', 't')", "op.drop_index with a computed index name", id="computed index"),
    pytest.param(
        "op.drop_constraint(find(), 't')", "op.drop_constraint with a computed constraint name", id="computed constraint"
    ),
    pytest.param("op.rename_table('a', new)", "op.rename_table with a computed new name", id="computed new name"),
    pytest.param("op.bulk_insert(Role.__table__, [])", "op.bulk_insert with a computed table", id="computed table object"),
    pytest.param(
        "with op.batch_alter_table(t) as b:\n    b.drop_column('x')",
        "op.batch_alter_table with a computed table name",
        id="computed batch",
    ),
    pytest.param(
        "for t in sa.inspect(op.get_bind()).get_table_names():\n    op.drop_table(t)",
        "op.drop_table with a computed table name",
        id="loop over what the database has",
    ),
    pytest.param("t = 'a' if x else 'b'\nop.drop_table(t)", "op.drop_table with a computed table name", id="either of two"),
    pytest.param(
        "if x:\n    t = 'a'\nelse:\n    t = 'b'\nop.drop_table(t)",
        "op.drop_table with a computed table name",
        id="assigned in two branches",
    ),
    pytest.param(
        "t = 'a'\nwhile t:\n    op.drop_table(t)\n    t = more()",
        "op.drop_table with a computed table name",
        id="changed in a loop",
    ),
    pytest.param(
        "t = ['a']\nt.remove('a')\nfor x in t[:]:\n    op.drop_table(x)",
        "op.drop_table with a computed table name",
        id="list that shrinks",
    ),
    pytest.param(
        "Base.metadata.create_all(op.get_bind())", "Base.metadata.create_all(), which may change the schema", id="create_all"
    ),
    pytest.param(
        "import functools\nadd = functools.partial(op.add_column, 'a')", "functools.partial(), which is imported", id="partial"
    ),
    pytest.param("exec('x')", "exec(), which is given code", id="exec"),
    pytest.param("list(map(op.drop_table, x))", "map(), which is given what changes the schema", id="map"),
    pytest.param(
        "def f(o): o.drop_column('a', 'b')\nf(computed)",
        "o.drop_column(), which cannot be followed",
        id="helper given something computed",
    ),
    pytest.param("missing()", "missing(), which is not defined here", id="not defined"),
    pytest.param("def f(): f()\nf()", "f(), which calls itself", id="recursion"),
    pytest.param("x = sa.pick(\n  1) or 2\nx()", "x(), which is computed", id="a computed function"),
    pytest.param("Thing().run(op)\nclass Thing: pass", "Thing().run(), which cannot be followed", id="op handed on"),
    pytest.param(
        "sa.Enum(name=n).create(op.get_bind())", "sa.Enum().create() of an enum with a computed name", id="computed enum"
    ),
]


@pytest.mark.parametrize(("body", "what"), UNREAD)
def test_what_cannot_be_read_is_said(body: str, what: str) -> None:
    found = read_operations(script(body))
    assert [each.what for each in found.unread] == [what]
    assert not found.done


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        pytest.param("revision = 'a'\n", Unread(1, "no upgrade function"), id="no upgrade"),
        pytest.param("x = 1\nupgrade = make()\n", Unread(2, "upgrade, which is computed"), id="assigned"),
        pytest.param("\nfrom app import upgrade\n", Unread(2, "upgrade, which is imported"), id="imported"),
        pytest.param("def upgrade():\n  x = (\n", Unread(2, "syntax error on line 2"), id="syntax error"),
        pytest.param("<<<<<<< HEAD\ndef upgrade(): pass\n", Unread(1, "syntax error on line 1"), id="conflict markers"),
        pytest.param(
            "from app import seed\ndef upgrade():\n  seed()\n", Unread(3, "seed(), which is imported"), id="imported helper"
        ),
        pytest.param(
            "from app import seed\ndef upgrade():\n  x = seed(op)\n",
            Unread(3, "seed(), which is imported"),
            id="imported helper given op",
        ),
        pytest.param(
            "import app\nfrom alembic import op\ndef upgrade():\n  x = app.fill(op.get_bind())\n",
            Unread(4, "app.fill(), which is imported"),
            id="imported helper given the bind",
        ),
        pytest.param(
            "def upgrade(e):\n  globals()['x_%s' % e]()\n",
            Unread(2, "a call of a function whose name is computed"),
            id="no such functions",
        ),
        pytest.param(
            "def upgrade():\n  " + "x = 1\n  " * 9 + "for a in b:\n  " * 0 + "f(" * 80 + ")" * 80,
            None,
            id="deep, but not too deep",
        ),
    ],
)
def test_scripts_that_are_not_read(text: str, unread: Unread | None) -> None:
    found = read_operations(text.encode())
    assert not found.done
    assert not unread or found.unread == (unread,)
    assert found.unread


def test_known_columns_are_kept_where_others_are_computed() -> None:
    found = read_operations(
        script("op.create_table('a', sa.Column('b', sa.Integer()), *common())\nop.create_index('ix', 'a', cols)")
    )
    assert found == Operations(
        (at(6, CREATE, TABLE, "a", columns=("b",)), at(7, CREATE, INDEX, "a", "ix")),
        (Unread(6, "op.create_table with computed columns"), Unread(7, "op.create_index with computed columns")),
    )


@pytest.mark.parametrize(
    "call",
    ['globals()["upgrade_%s" % engine_name]()', 'eval("upgrade_%s" % engine_name)()', "globals()[f'upgrade_{engine_name}']()"],
)
def test_scripts_for_several_databases(call: str) -> None:
    text = f"""
from alembic import op
def upgrade(engine_name):
    {call}
def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()
def upgrade_():
    op.drop_table('a')
def downgrade_():
    op.drop_table('x')
def upgrade_users():
    op.drop_table('b')
"""
    assert read_operations(text.encode()) == Operations(
        (at(8, DROP, TABLE, "a", database=""), at(12, DROP, TABLE, "b", database="users"))
    )


def test_a_column_that_is_made_elsewhere() -> None:
    above = "def stamp(name): return sa.Column(name, sa.DateTime())\nEMAIL = sa.Column('email', sa.Text())\n"
    body = "op.add_column('a', stamp('at'))\nop.add_column('a', EMAIL)\nop.create_table('b', *[stamp(n) for n in ('c', 'd')], EMAIL.copy())"
    assert read_operations(script(body, above)) == Operations(
        (
            at(8, CREATE, COLUMN, "a", "at"),
            at(9, CREATE, COLUMN, "a", "email"),
            at(10, CREATE, TABLE, "b", columns=("c", "d", "email")),
        )
    )


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


LOOPS = "".join(f"{' ' * n} for x{n} in range_:\n" for n in range(1, 18))
CALLS = "".join(f"def f{n}(): f{n + 1}(); f{n + 1}()\n" for n in range(60)) + "def f60(): op.drop_table('a')\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"range_ = [{'1,' * 99}]\ndef upgrade():\n{LOOPS}{' ' * 19}op.drop_table('a')", id="loops in loops"),
        pytest.param(f"{CALLS}def upgrade(): f0()", id="calls that double"),
        pytest.param("def upgrade():\n x = 'a'\n" + " x = x + x\n" * 999 + " op.drop_table(x)", id="text that doubles"),
        pytest.param("def upgrade():\n x = ('a',)\n" + " x = (*x, *x)\n" * 99 + " op.drop_table(*x)", id="tuple that doubles"),
        pytest.param(
            "def upgrade():\n x = ['a']\n x.append(x)\n" + " for a in x: x.append(a), x.extend(x)\n" * 99 + " op.drop_table(x)",
            id="list in itself",
        ),
        pytest.param(
            "def upgrade():\n x = sa.f('a')\n"
            + " x = sa.f(x, x, x, x, x, x, x, x, x)\n" * 99
            + " op.create_index('a', 'b', [x])\n op.drop_table()",
            id="expression that doubles",
        ),
        pytest.param("def upgrade():\n op.drop_table('%999999999d' % 1)\n op.drop_table('{:999999999}'.format(1))", id="widths"),
        pytest.param("def upgrade():\n op.drop_table(f'{0x" + "f" * 9000 + "}')", id="a huge number"),
        pytest.param("def upgrade():\n op.drop_table(" + "'a' + " * 3000 + "'b')", id="a long sum"),
        pytest.param("def upgrade():\n if a: pass\n" + " elif b: pass\n" * 800 + " else: op.drop_table(x)", id="a long elif"),
        pytest.param("def upgrade():\n op.drop_table(" + "(" * 150 + "a" + ")" * 150 + ")", id="parentheses"),
        pytest.param("def upgrade():\n op" + ".a()" * 2000, id="a long chain"),
        pytest.param("".join(f"def f{n}(): f{n + 1}()\n" for n in range(3000)) + "def upgrade(): f0()", id="a long way down"),
    ],
)
def test_hostile_input_is_given_up_and_said(text: str) -> None:
    with at_most(20):
        assert read_operations(text.encode()).unread


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert isinstance(read_operations(data), Operations)


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    found = read_operations(f"def upgrade():\n    {text}\n".encode("utf-8", "surrogatepass"))
    assert all(each.line >= 1 for each in found.unread)


WORDS = st.sampled_from(
    [
        "op",
        "sa",
        "b",
        "f",
        "x",
        "'a'",
        "'users'",
        "1",
        "None",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        "=",
        ":",
        "+",
        "%",
        "*",
        "**",
        "\n",
        "\n",
        "",
        "\n",
        "",
        "",
        "for",
        "in",
        "if",
        "else",
        "def",
        "lambda",
        "with",
        "as",
        "return",
        "try",
        "except",
        "class",
        "op.drop_table",
        "op.add_column",
        "op.batch_alter_table",
        "op.create_table",
        "op.alter_column",
        "sa.Column",
        "sa.Enum",
        ".create",
        ".append",
        ".items()",
        ".format",
        "globals()",
        "yield",
        "await",
        "import",
        "from",
    ]
)


@settings(max_examples=400)
@given(st.lists(WORDS, max_size=40))
def test_any_heap_of_words_is_answered(words: list[str]) -> None:
    text = f"{HEAD}def upgrade():\n {' '.join(words)}\n"
    found = read_operations(text.encode())
    lines = [each.line for each in found.done] + [each.line for each in found.unread]
    assert all(1 <= line <= text.count("\n") for line in lines)


NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
LINES = st.one_of(
    st.builds(lambda t: (f"op.drop_table({t!r})", (DROP, TABLE, t, None)), NAMES),
    st.builds(lambda t, c: (f"op.drop_column({t!r}, column_name={c!r})", (DROP, COLUMN, t, c)), NAMES, NAMES),
    st.builds(lambda t, c: (f"op.add_column({t!r}, sa.Column({c!r}, sa.Integer()))", (CREATE, COLUMN, t, c)), NAMES, NAMES),
    st.builds(lambda t, c: (f"op.drop_index(op.f({c!r}), {t!r})", (DROP, INDEX, t, c)), NAMES, NAMES),
    st.builds(
        lambda t, c: (f"with op.batch_alter_table({t!r}) as b: b.drop_constraint({c!r})", (DROP, CONSTRAINT, t, c)), NAMES, NAMES
    ),
)
WRAPPERS = st.sampled_from(
    ["{}", "if x:\n {}", "try:\n {}\nfinally: pass", "for _ in [1]:\n {}", "while x:\n {}", "def g():\n {}\ng()"]
)


@given(st.lists(st.tuples(LINES, WRAPPERS), max_size=12))
def test_random_scripts_are_read_whole_and_in_order(
    parts: list[tuple[tuple[str, tuple[Action, ObjectKind, str, str | None]], str]],
) -> None:
    found = read_operations(script("\n".join(wrapper.format(line) for (line, _), wrapper in parts) + "\npass"))
    assert [(each.action, each.kind, each.table, each.name) for each in found.done] == [expected for (_, expected), _ in parts]
    assert not found.unread


def done(body: str, above: str = "") -> list[str]:
    """Return what is dropped, each with a question mark where that may not happen."""
    found = read_operations(script(body, above))
    return [f"{each.table}{'?' if each.conditional else ''}" for each in found.done]


CONDITIONAL = [
    pytest.param("op.drop_table('a')", ["a"], id="plain"),
    pytest.param("if x:\n    op.drop_table('a')\nelse:\n    op.drop_table('b')\nop.drop_table('c')", ["a?", "b?", "c"], id="if"),
    pytest.param("if context.is_offline_mode():\n    op.drop_table('a')", ["a?"], id="offline"),
    pytest.param(
        "try:\n    op.drop_table('a')\nexcept E:\n    op.drop_table('b')\nop.drop_table('c')", ["a?", "b?", "c"], id="try"
    ),
    pytest.param("try:\n    op.drop_table('a')\nfinally:\n    op.drop_table('b')", ["a", "b"], id="try that lets errors through"),
    pytest.param(
        "try:\n    pass\nexcept E:\n    pass\nelse:\n    op.drop_table('a')\nfinally:\n    op.drop_table('b')",
        ["a?", "b"],
        id="finally",
    ),
    pytest.param("while x:\n    op.drop_table('a')\nop.drop_table('b')", ["a?", "b"], id="while"),
    pytest.param("match x:\n    case 1:\n        op.drop_table('a')\nop.drop_table('b')", ["a?", "b"], id="match"),
    pytest.param("for x in y:\n    op.drop_table('a')\nop.drop_table('b')", ["a?", "b"], id="loop of unknown length"),
    pytest.param("for t in ('a', 'b'):\n    op.drop_table(t)", ["a", "b"], id="loop over literals"),
    pytest.param("for t in ['a', computed]:\n    op.drop_table('a')", ["a?", "a?"], id="loop over something unknown"),
    pytest.param(
        "for t in ('a', 'b'):\n    if x:\n        continue\n    op.drop_table(t)\nop.drop_table('c')",
        ["a?", "b?", "c"],
        id="continue",
    ),
    pytest.param(
        "for t in ('a', 'b'):\n    op.drop_table(t)\n    if x:\n        break\nelse:\n    op.drop_table('c')\nop.drop_table('d')",
        ["a", "b?", "c?", "d"],
        id="break",
    ),
    pytest.param("while x:\n    break\nop.drop_table('a')", ["a"], id="break in a loop before"),
    pytest.param("if x:\n    return\nop.drop_table('a')", ["a?"], id="early return"),
    pytest.param("for t in ('a',):\n    if x:\n        return\nop.drop_table('b')", ["b?"], id="return in a loop"),
    pytest.param("return\nop.drop_table('a')", ["a?"], id="behind a return"),
    pytest.param("return op.drop_table('a')", ["a"], id="returned"),
    pytest.param("op.drop_table('a') if x else op.drop_table('b')", ["a?", "b?"], id="conditional expression"),
    pytest.param("op.drop_table('a') or op.drop_table('b')", ["a", "b?"], id="or"),
    pytest.param("x and op.drop_table('a')", ["a?"], id="and"),
    pytest.param("[op.drop_table(t) for t in ('a', 'b')]", ["a", "b"], id="comprehension"),
    pytest.param("[op.drop_table(t) for t in ('a', 'b') if x]", ["a?", "b?"], id="comprehension with a condition"),
    pytest.param("[op.drop_table('a') for t in x]", ["a?"], id="comprehension of unknown length"),
    pytest.param("with contextlib.suppress(Exception):\n    op.drop_table('a')\nop.drop_table('b')", ["a?", "b"], id="suppress"),
    pytest.param("with op.get_context().autocommit_block():\n    op.drop_table('a')", ["a"], id="with"),
    pytest.param("t = ['a']\nt.remove('a')\nfor x in t:\n    op.drop_table('b')", ["b?", "b?"], id="a list that shrinks"),
    pytest.param(
        "t = ['a']\nif x:\n    t.append('b')\nfor x in t:\n    op.drop_table('c')", ["c?", "c?", "c?"], id="one that may grow"
    ),
    pytest.param(
        "t = ['a']\nif x:\n    t += ['b']\nfor x in t:\n    op.drop_table('c')", ["c?", "c?", "c?"], id="or be added to"
    ),
    pytest.param("d = {'a': 1}\nif x:\n    d['b'] = 1\nfor x in d:\n    op.drop_table('c')", ["c?", "c?", "c?"], id="a dict too"),
]


@pytest.mark.parametrize(("body", "expected"), CONDITIONAL)
def test_what_may_not_happen(body: str, expected: list[str]) -> None:
    assert done(body, "import contextlib\nfrom alembic import context\n") == expected


HELPERS = """
def drop(name):
    op.drop_table(name)
def perhaps(name):
    if x:
        return
    op.drop_table(name)
@wrapped
def decorated():
    op.drop_table('c')
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("drop('a')\nif x:\n    drop('b')\ndrop('c')", ["a", "b?", "c"], id="called from a branch"),
        pytest.param("perhaps('a')\nop.drop_table('b')", ["a?", "b"], id="its own way out"),
        pytest.param("decorated()\nop.drop_table('d')", ["c?", "d"], id="decorated"),
        pytest.param("f = drop if x else None\nx and drop('a')", ["a?"], id="in an expression"),
    ],
)
def test_what_a_helper_may_not_do(body: str, expected: list[str]) -> None:
    assert done(body, HELPERS) == expected


def test_columns_that_a_branch_adds_to_a_list_are_not_certain() -> None:
    found = read_operations(
        script("cols = [sa.Column('a')]\nif x:\n    cols.append(sa.Column('b'))\nop.create_table('t', *cols)")
    )
    assert found.done == (at(9, CREATE, TABLE, "t", columns=("a", "b")),)
    assert found.unread == (Unread(9, "op.create_table with computed columns"),)


def test_a_temporary_table_does_not_stay() -> None:
    found = read_operations(script("op.create_table('t', sa.Column('a'), prefixes=['TEMPORARY'])"))
    assert found.done == (at(6, CREATE, TABLE, "t", columns=("a",), conditional=True),)


def test_a_table_that_looks_before_it_creates_or_drops_itself_is_guarded() -> None:
    table = "t = sa.Table('t', sa.MetaData(), sa.Column('a'))\n"
    body = "t.create(op.get_bind(), checkfirst=True)\nt.drop(op.get_bind(), True)\nt.create(op.get_bind(), checkfirst=False)"
    assert [each.guarded for each in read_operations(script(table + body)).done] == [True, True, False]


def test_what_a_copied_table_leaves_out_is_not_read() -> None:
    found = read_operations(script("with op.batch_alter_table('t', copy_from=T) as b:\n    b.drop_column('a')"))
    assert found.done == (at(7, DROP, COLUMN, "t", "a"),)
    assert found.unread == (Unread(6, "op.batch_alter_table with copy_from, which leaves only what that table has"),)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("op.create_index('i', 't', ['a'])", True, id="index"),
        pytest.param("op.create_index('i', 't', [sa.text('lower(a)')])", False, id="index over an expression"),
        pytest.param("op.create_index('i', 't', computed)", False, id="index over who knows what"),
        pytest.param("op.create_unique_constraint('u', 't', ['a'])", True, id="unique constraint"),
        pytest.param("op.create_primary_key('p', 't', ['a'])", False, id="primary key"),
        pytest.param("op.create_check_constraint('c', 't', 'a > 0')", False, id="check constraint"),
        pytest.param("op.create_exclude_constraint('e', 't', ('a', '='))", False, id="exclude constraint"),
        pytest.param("op.create_foreign_key('f', 't', 'u', ['a'], ['b'])", False, id="foreign key"),
        pytest.param("with op.batch_alter_table('t') as b:\n    b.create_unique_constraint('u', ['a'])", True, id="in a batch"),
    ],
)
def test_what_every_catalogue_lists(body: str, expected: bool) -> None:
    assert read_operations(script(body)).done[0].listed is expected


BOTH_WAYS = b"""
from alembic import op
def upgrade(engine_name=None):
    op.drop_table('a')
def downgrade(engine_name=None):
    op.drop_table('b')
    globals()["downgrade_%s" % engine_name]()
def downgrade_():
    op.drop_table('c')
def downgrade_users():
    op.drop_table('d')
def upgrade_users():
    op.drop_table('e')
"""


def test_the_downgrade_is_read_too() -> None:
    assert read_operations(BOTH_WAYS, function="downgrade") == Operations(
        (
            at(6, DROP, TABLE, "b"),
            at(9, DROP, TABLE, "c", database=""),
            at(11, DROP, TABLE, "d", database="users"),
        )
    )
    assert read_operations(BOTH_WAYS, function="downgrade_users") == Operations((at(11, DROP, TABLE, "d"),))


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        pytest.param(b"def upgrade(): pass\n", Unread(1, "no downgrade function"), id="none"),
        pytest.param(b"x = 1\ndowngrade = make()\n", Unread(2, "downgrade, which is computed"), id="computed"),
        pytest.param(b"\n\nfrom x import downgrade\n", Unread(3, "downgrade, which is imported"), id="imported"),
        pytest.param(b"\nfrom x import y as downgrade\n", Unread(2, "downgrade, which is imported"), id="imported as"),
    ],
)
def test_a_downgrade_that_is_not_read(text: bytes, unread: Unread) -> None:
    assert read_operations(text, function="downgrade") == Operations(unread=(unread,))


def test_what_was_read_is_let_go_of_without_the_garbage_collector() -> None:
    text = SCRIPT_WITH_SCOPES.encode()
    gc.collect()
    gc.disable()
    try:
        before = _nodes_held()
        read_operations.__wrapped__(text)
        assert _nodes_held() == before
    finally:
        gc.enable()


def _nodes_held() -> int:
    return sum(isinstance(each, ast.stmt) for each in gc.get_objects())


SCRIPT_WITH_SCOPES = """
from alembic import op

class Names:
    def table(self):
        return lambda: "t"

def upgrade():
    def drop(name):
        def again():
            op.drop_table(name)
        return again
    drop("t")()
    op.drop_table("u")
"""


FOLLOWED = [
    pytest.param("def upgrade():\n A: str = 'a'\n B: str\n op.drop_table(A); op.drop_table('b')", id="annotated"),
    pytest.param("def upgrade(): op.drop_table(op.f(name='a')); op.drop_table('b')", id="a name that is marked by keyword"),
    pytest.param("def upgrade(): [op.drop_table(t) for t in tuple(['a', 'b'])]", id="tuple"),
    pytest.param("def upgrade():\n for t in reversed(['b', 'a']): op.drop_table(t)", id="reversed"),
    pytest.param("def upgrade():\n for t, _ in zip(['a', 'b'], [1, 2]): op.drop_table(t)", id="zip"),
    pytest.param("def upgrade():\n for t in dict(a=1, b=2).keys(): op.drop_table(t)", id="dict by keywords, its keys"),
    pytest.param("def upgrade():\n for t in {1: 'a', 2: 'b'}.values(): op.drop_table(t)", id="values of a dict"),
    pytest.param("def upgrade():\n for t in ['a', 'b'].copy(): op.drop_table(t)", id="copy of a list"),
    pytest.param("def upgrade(): op.drop_table(str('a')); op.drop_table('b')", id="str"),
    pytest.param("T = ['b', 'a']\ndef upgrade(): op.drop_table(T[-1]); op.drop_table(T[0])", id="from the end of a list"),
    pytest.param("def upgrade():\n x = ['c', 'b']\n x[0] = 'a'\n for t in x: op.drop_table(t)", id="an item that is replaced"),
    pytest.param(
        "def upgrade():\n x = dict(a=1, c=2, b=3)\n del x['c'], x.y\n for t in x: op.drop_table(t)", id="an item that is deleted"
    ),
    pytest.param("def upgrade(): op.drop_table(x := 'a'); op.drop_table('b')", id="named expression"),
    pytest.param("def upgrade():\n x = 'q'\n del x\n op.drop_table('a'); op.drop_table('b')", id="another name is deleted"),
    pytest.param("def upgrade():\n x = 1\n x *= 2\n op.drop_table('a'); op.drop_table('b')", id="another name is multiplied"),
]


@pytest.mark.parametrize("text", FOLLOWED)
def test_values_are_followed(text: str) -> None:
    test_literals_are_followed(f"from alembic import op\n{text}\n")


COMPUTED = [
    "def upgrade():\n x = 'a'\n del x\n op.drop_table(x)",
    "def upgrade():\n x = ['a', 'b']\n del x[0]\n op.drop_table(x[0])",
    "def upgrade():\n x = {'a': 'b'}\n del x['a']\n op.drop_table(x['a'])",
    "def upgrade():\n x = {'a': 'b'}\n del x[f()]\n op.drop_table(x['a'])",
    "def upgrade():\n x = {'a': 'b'}\n x['a'] = f()\n op.drop_table(x['a'])",
    "def upgrade():\n x = {'a': 'b'}\n x[f()] = 'c'\n op.drop_table(x['a'])",
    "def upgrade():\n x = {'a': 'b'}\n if f(): x['a'] = 'c'\n op.drop_table(x['a'])",
    "def upgrade():\n x = {'a': 'b'}\n if f(): del x['a']\n op.drop_table(x['a'])",
    "def upgrade():\n x = ['a', 'b']\n x[f()] = 'c'\n op.drop_table(x[0])",
    "def upgrade():\n x = ['a', 'b']\n x[0:1] = ['c']\n op.drop_table(x[0])",
    "def upgrade():\n x = ['a', 'b']\n if f(): x[0] = 'c'\n op.drop_table(x[0])",
    "def upgrade():\n x = 'a'\n x *= 2\n op.drop_table(x)",
    "def upgrade():\n *x, y = f()\n op.drop_table(x)",
    "X = 'a'\ndef change():\n global X\n X = 'b'\ndef upgrade():\n change()\n op.drop_table(X)",
    "def upgrade():\n match f():\n  case [x, *_]: pass\n op.drop_table(x)",
    "def upgrade():\n for r in f():\n  match r:\n   case {'a': x}: op.drop_table(x)",
    "def upgrade():\n op.drop_table({n: n for n in ['a']}['a'])",
    "def upgrade(): op.drop_table('%d' % 'a')",
    "def upgrade(): op.drop_table('{1}'.format('a'))",
    "def upgrade(): op.drop_table('a'.replace('a', 1))",
    "def upgrade(): op.drop_table('a'.upper('b'))",
    f"A = {'a' * 90_000!r}\ndef upgrade(): op.drop_table((A + A).upper())",
    "def upgrade(): op.drop_table(['a'].index('a'))",
    "def upgrade(): op.drop_table(dict(**f())['a'])",
    "def upgrade(): op.drop_table(1 < 2)",
    "def upgrade(): op.drop_table(-1)",
]


@pytest.mark.parametrize("text", COMPUTED)
def test_what_cannot_be_followed_is_computed(text: str) -> None:
    found = read_operations(f"from alembic import op\n{text}\n".encode())
    assert found.done == () and [each.what for each in found.unread] == ["op.drop_table with a computed table name"]


@pytest.mark.parametrize(
    ("body", "done"),
    [
        pytest.param(
            "op.create_table('t', sa.Column('a', sa.Enum(native_enum=True)))",
            [at(6, CREATE, TABLE, "t", columns=("a",))],
            id="an enum without a name",
        ),
        pytest.param(
            "from app import Mood\nop.create_table('t', sa.Column('a', sa.Enum(Mood)))",
            [at(7, CREATE, TABLE, "t", columns=("a",)), at(7, CREATE, ENUM, "t", "mood")],
            id="an enum that is imported",
        ),
        pytest.param(
            "op.create_index('ix', 't', [sa.Column('a').desc(), t.c.b, t.c.d.key, sa.func.lower(sa.column('e')), sa.text('f').desc()])",
            [at(6, CREATE, INDEX, "t", "ix", columns=("a", "b", "d", "e", "f"))],
            id="an index over expressions",
        ),
        pytest.param(
            "op.create_table('t', sa.Column('a', sa.Integer), postgresql.ExcludeConstraint((sa.column('a'), '='), 'x', name='ex'))",
            [at(6, CREATE, TABLE, "t", columns=("a",)), at(6, CREATE, CONSTRAINT, "t", "ex", columns=("a",), indexed=True)],
            id="an exclusion",
        ),
        pytest.param(
            "op.create_check_constraint('ck', 't', sa.text('a > 1'))",
            [at(6, CREATE, CONSTRAINT, "t", "ck", columns=("a",))],
            id="a check as text",
        ),
        pytest.param(
            "op.create_check_constraint('ck', 't', sa.column('a') > 1)",
            [at(6, CREATE, CONSTRAINT, "t", "ck")],
            id="a check as an expression",
        ),
        pytest.param("op.bulk_insert(t, [f()])", [], id="rows of a table that nobody knows"),
    ],
)
def test_what_a_directive_is_over(body: str, done: list[Operation]) -> None:
    assert [*read_operations(script(body)).done] == done


@pytest.mark.parametrize("change", ["x[f()] = 1", "del x[f()]", "if f(): del x['a']"])
def test_keys_that_may_still_be_there_are_visited_perhaps(change: str) -> None:
    found = read_operations(script(f"x = {{'a': 1}}\n{change}\nfor t in x: op.drop_table(t)"))
    assert found.done == (at(8, DROP, TABLE, "a", conditional=True),) and found.unread


@pytest.mark.parametrize(
    ("body", "done", "unread"),
    [
        pytest.param(
            "op.drop_table('a', **f())", [at(6, DROP, TABLE, "a")], ["op.drop_table with computed arguments"], id="keywords"
        ),
        pytest.param(
            "op.create_table('t', sa.Column(f()), sa.Foo())",
            [at(6, CREATE, TABLE, "t")],
            ["op.create_table with computed columns"],
            id="a column and something else",
        ),
        pytest.param(
            "op.add_column('t', f())",
            [],
            ["op.add_column with a computed column"],
            id="a column that is made elsewhere",
        ),
        pytest.param("x = Mood()\nx.y = 1", [], [], id="an instance of a class of the script"),
        pytest.param(
            "sa.MetaData().create(f)", [], ["sa.MetaData().create(), which may change the schema"], id="what is no table"
        ),
        pytest.param(
            "from app import execute\nx = execute('DROP TABLE a')",
            [at(7, DROP, TABLE, "a")],
            [],
            id="an imported function that sends",
        ),
    ],
)
def test_what_is_read_beside_what_is_not(body: str, done: list[Operation], unread: list[str]) -> None:
    found = read_operations(script(body) + b"\n\nclass Mood:\n    pass\n")
    assert ([*found.done], [each.what for each in found.unread]) == (done, unread)


def test_a_batch_that_adds_an_unknown_column_makes_the_table_anew() -> None:
    assert rebuilds_table("add_column", Arguments((object(),), {}))
    assert (
        rebuilds_table(
            "add_column", Arguments((CallResult("sqlalchemy.Column", ("a", CallResult("sqlalchemy.ForeignKey"))),), {})
        )
        is False
    )
