"""Which clashes are certain: real Alembic fails in both orders on real databases; the others run in one order at least."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.util.exc import CommandError

from migmerge.core.operations.conflicts import collisions_between
from tests.support.databases import DIALECTS, database
from tests.unit.core.operations.test_conflicts import ADD_EMAIL, BATCH, DROP_EMAIL, INDEX_EMAIL, ORDERS, RENAME_EMAIL, side

ADD_BATCHED = f"{BATCH}add_column(sa.Column('email', sa.String()))"
REBUILDING = f"{ADD_BATCHED}\n    batch_op.alter_column('name', nullable=False)"
CERTAIN = [
    (ORDERS, ORDERS),
    (ORDERS, "op.execute('CREATE TABLE orders (id int)')"),
    (ORDERS, "op.rename_table('users', 'orders')"),
    (ADD_EMAIL, ADD_EMAIL),
    (ADD_EMAIL, ADD_BATCHED),
    (ADD_BATCHED, ADD_BATCHED + "\n    batch_op.create_index('ix', ['email'])"),
    (ADD_BATCHED, f"{BATCH}add_column(sa.Column('email', sa.String(), server_default=''))"),
    (ADD_EMAIL, "op.alter_column('users', 'name', new_column_name='email')"),
    (INDEX_EMAIL, INDEX_EMAIL),
    (DROP_EMAIL, DROP_EMAIL),
    (DROP_EMAIL, f"{BATCH}drop_column('email')"),
    (DROP_EMAIL, RENAME_EMAIL),
    (RENAME_EMAIL, RENAME_EMAIL.replace("'mail'", "'address'")),
    ("op.drop_table('users')", "op.drop_table('users')"),
    ("op.drop_index('ix', 'users')", "op.drop_index('ix', 'users')"),
    ("op.create_unique_constraint('uq2', 'users', ['name'])", "op.create_unique_constraint('uq2', 'users', ['name'])"),
    (f"{BATCH}drop_constraint('uq', type_='unique')", f"{BATCH}drop_constraint('uq', type_='unique')"),
    (f"{BATCH}drop_index('ix')\n    batch_op.drop_column('id')", f"{BATCH}drop_index('ix')"),
    (f"{BATCH}alter_column('email', new_column_name='mail', existing_type=sa.String(100))", f"{BATCH}drop_column('email')"),
    ("op.drop_constraint('uq', 'users')", "op.drop_constraint('uq', 'users')"),
    ("op.execute(\"ALTER TYPE e ADD VALUE 'x'\")", "op.execute(\"ALTER TYPE e ADD VALUE 'x'\")"),
    (ORDERS, f"{ORDERS}\nop.execute('CALL tidy(1)')"),
]
UNCERTAIN = [
    (ORDERS, ORDERS.replace("'orders',", "'orders', if_not_exists=True, *[").replace("name='pk_orders'))", "name='pk_orders')])")),
    (ORDERS, f"if x:\n    {ORDERS}"),
    (ORDERS, f"try:\n    {ORDERS}\nexcept Exception:\n    pass"),
    (ORDERS, f"if inspect(op.get_bind()).has_table('orders'):\n    return\n{ORDERS}"),
    (ORDERS, f"tidy(op)\n{ORDERS}"),
    (ORDERS, f"op.execute('DO $$ DROP TABLE orders $$')\n{ORDERS}"),
    (ORDERS, f"op.drop_table('orders')\n{ORDERS}"),
    (ADD_BATCHED, REBUILDING),
    (ADD_BATCHED, f"{BATCH}add_column(sa.Column('email', sa.String(), server_default=sa.text('x')))"),
    (ADD_BATCHED, f"{BATCH}add_column(sa.Column('email', sa.String(), sa.ForeignKey('a.b')))"),
    (ADD_BATCHED, f"{BATCH}add_column(sa.Column('email', sa.String(), unique=True))"),
    (ADD_BATCHED, ADD_BATCHED.replace("schema=None", "recreate='always'")),
    (f"{BATCH}create_unique_constraint('uq', ['email'])", f"{BATCH}create_unique_constraint('uq', ['email'])"),
    ("op.create_index('ix', 'a', ['x'])", "op.create_index('ix', 'b', ['x'])"),
    ("op.create_unique_constraint('uq', 'a', ['x'])", "op.create_unique_constraint('uq', 'b', ['x'])"),
    ("op.execute(\"CREATE TYPE e AS ENUM ('x')\")", "op.execute(\"CREATE TYPE e AS ENUM ('x')\")"),
    (DROP_EMAIL, INDEX_EMAIL),
    (DROP_EMAIL, "op.execute('UPDATE users SET email = 1')"),
    (DROP_EMAIL, f"{DROP_EMAIL}\n{ADD_EMAIL}"),
    (RENAME_EMAIL, INDEX_EMAIL),
    (ADD_EMAIL, DROP_EMAIL),
    ("op.drop_index('ix', 'users')", "op.drop_index('ix', 'users', if_exists=True)"),
    ("op.drop_constraint('uq', 'users')", "op.drop_constraint('uq', 'users')\nop.create_unique_constraint('uq', 'users', ['x'])"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), CERTAIN)
def test_what_cannot_both_run(one: str, other: str) -> None:
    assert any(each.certain for each in collisions_between(side(one), side(other, name="b")))
    assert any(each.certain for each in collisions_between(side(other), side(one, name="b")))


@pytest.mark.parametrize(("one", "other"), UNCERTAIN)
def test_what_may_run(one: str, other: str) -> None:
    found = (*collisions_between(side(one), side(other, name="b")), *collisions_between(side(other), side(one, name="b")))
    assert found
    assert not any(each.certain for each in found)


BASE = [
    "CREATE TABLE users (id int PRIMARY KEY, email varchar(100), name varchar(100), CONSTRAINT uq UNIQUE (email))",
    "CREATE INDEX ix ON users (name)",
]


@pytest.fixture(scope="module", params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with database(request.param, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.mark.parametrize(("one", "other"), CERTAIN)
def test_the_second_side_fails_in_both_orders(url: str, one: str, other: str) -> None:
    with_email = not any("add_column" in each or "new_column_name='email'" in each for each in (one, other))
    if not all(runs(url, each, with_email=with_email) for each in (one, other)):
        pytest.skip("not for this database")
    assert not runs(url, one, other, with_email=with_email)
    assert not runs(url, other, one, with_email=with_email)


def runs(url: str, *bodies: str, with_email: bool) -> bool:
    """Tell whether a database runs these upgrades one after the other."""
    engine = sa.create_engine(url)
    try:
        make_anew(engine, with_email=with_email)
        for body in bodies:
            with engine.begin() as connection:
                exec(body, {"op": Operations(MigrationContext.configure(connection)), "sa": sa})
    except (sa.exc.SQLAlchemyError, CommandError, NotImplementedError, KeyError, ValueError):
        return False
    finally:
        engine.dispose()
    return True


def make_anew(engine: sa.Engine, *, with_email: bool) -> None:
    with engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP TYPE IF EXISTS e")
            connection.exec_driver_sql("CREATE TYPE e AS ENUM ('a')")
        for statement in BASE:
            connection.exec_driver_sql(statement if with_email else statement.replace("email", "address"))
