"""What an earlier run left, and what a downgrade leaves: told before the next run dies of it, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import database
from tests.support.shop import Shop, on_sqlite

on_postgresql = pytest.mark.parametrize("shop", ["postgresql"], indirect=True)
STATUS = "sa.Column('id', sa.Integer, primary_key=True), sa.Column('status', sa.Enum('new', 'paid', name='status'))"
ORDERS = {"upgrade": f"op.create_table('orders', {STATUS})", "downgrade": "op.drop_table('orders')"}


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        yield shop


def codes(shop: Shop) -> list[str]:
    return [line.split()[0] for line in shop.run("doctor").stdout.splitlines() if line.startswith("MM")]


def enums(shop: Shop) -> list[str]:
    return [str(each) for each in shop.rows("pg_type WHERE typtype = 'e'", "typname")]


@on_postgresql
def test_a_downgrade_takes_the_enum_type_along_that_its_script_forgets(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.project.revision("b", "a", **ORDERS)
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    printed = shop.done("sync", "--yes")
    assert "  drop  the type status  no column has it; b made or makes it" in printed.splitlines()
    assert (enums(shop), shop.recorded) == ([], {"a"})
    shop.project.git("switch", "--quiet", "feature")
    shop.upgrade()


@on_postgresql
def test_an_enum_type_that_is_left_is_foreseen(shop: Shop) -> None:
    shop.project.revision("b", "a", **ORDERS)
    shop.upgrade()
    assert shop.flask("downgrade").returncode == 0
    assert 'type "status" already exists' in shop.fails("upgrade")
    printed = shop.run("doctor").stdout
    assert "MM110" in printed and "holds the type status, which no column has" in printed
    shop.done("sync", "--yes")
    assert (shop.recorded, enums(shop)) == ({"b"}, ["status"])
    assert shop.run("doctor").returncode == 0


@on_postgresql
def test_a_value_that_no_downgrade_takes_out_of_an_enum_type_is_not_added_again(shop: Shop) -> None:
    shop.project.revision("b", "a", **ORDERS)
    add = "with op.get_context().autocommit_block():\n        op.execute(\"ALTER TYPE status ADD VALUE 'refunded'\")"
    shop.project.revision("c", "b", upgrade=add)
    shop.upgrade()
    shop.execute("INSERT INTO orders VALUES (1, 'refunded')")
    assert shop.flask("downgrade").returncode == 0
    assert 'enum label "refunded" already exists' in shop.fails("upgrade")
    printed = shop.run("doctor").stdout
    assert "c would fail: the value refunded of the type status is there already" in printed
    assert "  hint: migmerge sync" in printed.splitlines()
    shop.done("sync", "--yes")
    assert (shop.recorded, [str(each) for each in shop.rows("orders", "status")]) == ({"c"}, ["refunded"])
    assert shop.run("doctor").returncode == 0


@on_postgresql
def test_a_type_that_a_column_has_or_another_revision_made_stays(shop: Shop) -> None:
    shop.execute("CREATE TYPE status AS ENUM ('new', 'paid')")
    shop.execute("CREATE TABLE other (status status)")
    shop.project.revision("b", "a", **ORDERS)
    assert "MM110" not in shop.run("doctor").stdout
    assert shop.run("sync", "--yes").returncode == 1
    assert enums(shop) == ["status"]


@on_sqlite
def test_a_temporary_table_is_dropped_beside_its_table_and_renamed_without_it(shop: Shop) -> None:
    batch = "with op.batch_alter_table('a') as batch:\n        batch.alter_column('id', type_=sa.BigInteger)"
    shop.project.revision("b", "a", upgrade=batch)
    shop.execute("INSERT INTO a VALUES (1)")
    shop.execute("CREATE TABLE _alembic_tmp_a (id INTEGER PRIMARY KEY)")
    assert "already exists" in shop.fails("upgrade")
    assert "MM110" in shop.run("doctor").stdout
    shop.done("sync", "--yes")
    assert (shop.tables, shop.rows("a"), shop.recorded) == ({"a"}, [1], {"b"})
    shop.execute("ALTER TABLE a RENAME TO _alembic_tmp_a")
    assert "the only copy of a" in shop.run("doctor").stdout
    assert "MM103" not in shop.run("doctor", "--deep").stdout
    printed = shop.done("sync", "--yes")
    assert [line for line in printed.splitlines() if line.startswith("  done")] == ["  done  rename the table _alembic_tmp_a"]
    assert (shop.tables, shop.rows("a"), shop.recorded) == ({"a"}, [1], {"b"})
    assert shop.run("doctor").returncode == 0
