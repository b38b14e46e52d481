"""What a script sends to the database, as text or as a statement of SQLAlchemy's."""

from __future__ import annotations

import textwrap

import pytest

from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import Operations
from tests.unit.core.operations.sql.test_text import brief

T = "t = sa.table('t', sa.column('a'), sa.column('b'))\nu = sa.table('u', sa.column('id'), schema='s')\nbind = op.get_bind()\n"
HEAD = "from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy import text, update\nfrom sqlalchemy.dialects import postgresql\n"
MODEL = "class Role(Base):\n    __tablename__ = 'roles'\n    id = sa.Column(sa.Integer)\n"

SENT = [
    ("op.execute('DROP TABLE a')", "drop table a"),
    ("op.execute(sa.text('DROP TABLE a'))", "drop table a"),
    ("op.execute(text(text='DROP TABLE a'))", "drop table a"),
    ("op.execute(sqltext=sa.DDL('DROP TABLE a'))", "drop table a"),
    ("op.execute(text('DELETE FROM a WHERE b = :b').bindparams(b=1))", "delete a; refer column a.b"),
    ("with op.batch_alter_table('a') as b:\n    b.execute('DROP TABLE a')", "drop table a"),
    ("bind.execute(text('DROP TABLE a'))", "drop table a"),
    ("with op.get_context().autocommit_block():\n    op.execute('DROP TABLE a')", "drop table a"),
    ("sa.orm.Session(bind=bind).execute('DROP TABLE a')", "drop table a"),
    ("op.get_bind().exec_driver_sql('DROP TABLE a')", "drop table a"),
    ("for x in ('a', 'b'):\n    op.execute(f'DROP TABLE {x}')", "drop table a; drop table b"),
    ("if x:\n    op.execute('DROP TABLE a')", "drop table a perhaps"),
    ("bind.scalar(text('SELECT b FROM a'))", "refer table a; refer column a.b"),
    ("x = bind.execute(text('SELECT 1')).scalar()", ""),
    # SQLAlchemy's statements.
    ("op.execute(t.insert().values(a=1))", "insert t(a)"),
    ("op.execute(sa.insert(t).values({'a': 1, 'b': 2}))", "insert t(a b)"),
    ("bind.execute(sa.insert(t).values([{'a': 1}, {'b': 2}]))", "insert t(a b)"),
    ("bind.execute(t.insert(), [{'a': 1}])", "insert t(a)"),
    ("bind.execute(t.insert(), rows)", "insert t(a b)"),
    ("bind.execute(t.insert().values(**computed))", "insert t(a b)"),
    ("op.execute(t.insert().values(a=1).returning(t.c.b))", "insert t(a); refer table t; refer column t.b"),
    ("bind.execute(postgresql.insert(t).values(a=1).on_conflict_do_nothing())", "insert t(a)"),
    ("bind.execute(sa.insert(t).from_select(['a'], sa.select(u.c.id)))", "insert t(a); refer table s.u; refer column s.u.id"),
    ("d = sa.table('d', sa.column('a'), sa.Column('n', default=1))\nop.execute(d.insert().values(a=1))", "insert d(a n)"),
    ("op.execute(t.update().where(t.c.a == 1).values(b=computed))", "update t; refer column t.b; refer table t; refer column t.a"),
    ("op.execute(update(t).values({'b': t.c.a}))", "update t; refer column t.b; refer table t; refer column t.a"),
    ("op.execute(t.delete().where((t.c.a == 1) & ~t.c['b'].in_([1])))", "delete t; refer table t; refer column t.a; refer column t.b"),
    ("op.execute(sa.delete(u))", "delete s.u"),
    ("bind.execute(sa.select(t.c.a, sa.func.count(u.c.id)))", "refer table t; refer table s.u; refer column t.a; refer column s.u.id"),
    ("bind.execute(t.select())", "refer table t"),
    ("m = sa.Table('m', sa.MetaData(), autoload_with=bind)\nop.execute(m.insert().values(a=1))", "insert m(a)"),
    (f"{MODEL}bind.execute(sa.update(Role).values(id=1))", "update roles; refer column roles.id"),
    (f"{MODEL}bind.execute(Role.__table__.delete())", "delete roles"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), SENT, ids=[body for body, _ in SENT])
def test_what_is_sent(body: str, expected: str) -> None:
    found = read(T + body)
    assert ("; ".join(map(brief, found.done)), found.unread) == (expected, ())


NOT_SEEN = [
    ("op.execute(sql)", "raw SQL in op.execute", None),
    ("op.execute()", "raw SQL in op.execute", None),
    ("op.execute(t.c.a)", "raw SQL in op.execute", None),
    ("op.execute(f'UPDATE t SET a = {x}')", "raw SQL in op.execute", {"t", "a"}),
    ("op.execute(text(f\"DO $$ UPDATE t SET a = '{x}' $$\"))", "raw SQL in op.execute", {"t", "a"}),
    ("op.execute('UPDATE t SET a = %s' % x)", "raw SQL in op.execute", {"t", "a"}),
    ("op.execute('UPDATE t SET a = {}'.format(x))", "raw SQL in op.execute", {"t", "a"}),
    ("op.execute(f'UPDATE {x} SET a = 1')", "raw SQL in op.execute", None),
    ("op.execute('DROP TABLE \"{}\"'.format(x))", "raw SQL in op.execute", None),
    ("op.execute('DROP INDEX %s' % x)", "raw SQL in op.execute", None),
    ("op.execute(sa.insert(computed).values(a=1))", "raw SQL in op.execute", None),
    (f"{MODEL}s = sa.orm.Session(bind)\ns_session = s\ns_session.query(Role).delete()", "rows in s_session.query", {"roles"}),
    (f"{MODEL}session.query(Role, Other).delete()", "rows in session.query", None),
]


@pytest.mark.parametrize(("body", "what", "words"), NOT_SEEN, ids=[body for body, _, _ in NOT_SEEN])
def test_what_is_not_seen_says_what_it_may_touch(body: str, what: str, words: set[str] | None) -> None:
    (unread,) = read(T + body).unread
    assert (unread.what, unread.words) == (what, words)


def test_the_dialect_of_the_environment_counts() -> None:
    sql = script("op.execute('ALTER TABLE `t` CHANGE a b INT')")
    assert read_operations(sql).done == read_operations(sql, dialect="mysql").done != ()
    assert read_operations(sql, dialect="postgresql").unread != ()


def test_sql_without_end_is_given_up() -> None:
    rows = "INSERT INTO t (a) VALUES " + ", ".join(["(1)"] * 10_000)
    found = read(f"for x in {list(range(99))}:\n    op.execute({rows!r})")
    assert len(found.done) == 1
    assert [each.what for each in found.unread] == ["raw SQL in op.execute, of which there is too much"]


def script(body: str) -> bytes:
    return f"{HEAD}\ndef upgrade():\n{textwrap.indent(body, '    ')}\n".encode()


def read(body: str) -> Operations:
    return read_operations(script(body))


@pytest.mark.parametrize(
    ("body", "done"),
    [
        ("bind.execute(t.insert(), [{'a': 1}, row()])", "insert t(a b)"),
        ("bind.execute(sa.insert(t.alias('x')).values(a=1))", "insert t(a)"),
    ],
    ids=["a row of which nothing is known", "a table under another name"],
)
def test_a_statement_of_which_not_all_is_known(body: str, done: str) -> None:
    lines = textwrap.indent(f"{T}{body}", "    ")
    found = read_operations(f"{HEAD}def upgrade():\n{lines}\n".encode())
    assert "; ".join(map(brief, found.done)) == done
