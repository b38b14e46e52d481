"""What an earlier run left, and what a downgrade leaves: told before the next run dies of it, and removed."""

from __future__ import annotations

import re
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
    """Return the codes of the findings about databases."""
    return [code for code in re.findall(r"^(?:error|warning) (MM\d+)", shop.run("doctor").stdout, re.M) if code.startswith("MM1")]


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
    ran = shop.run("doctor")
    assert ran.returncode == 1
    assert "holds the type status, which no revision here made and which has to stay: b" in " ".join(ran.stdout.split())
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1 and "would fail in" in ran.stdout + ran.stderr and "backed up" not in ran.stdout
    assert enums(shop) == ["status"]


OTHERS = {
    "sqlite": ["op.execute('CREATE VIEW named AS SELECT id FROM a')"],
    "postgresql": [
        "op.execute('CREATE VIEW named AS SELECT id FROM a')",
        "op.execute('CREATE MATERIALIZED VIEW kept AS SELECT id FROM a')",
        "op.execute('CREATE SEQUENCE order_no')",
        "op.execute(\"CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'select 1'\")",
    ],
}


@pytest.mark.parametrize("shop", OTHERS, indirect=True)
def test_what_a_downgrade_leaves_beside_tables_is_foreseen_and_dropped(shop: Shop) -> None:
    made = OTHERS[shop.url.partition(":")[0].partition("+")[0]]
    shop.execute("INSERT INTO a (id) VALUES (1)")
    shop.project.revision("b", "a", upgrade="\n    ".join(made))
    shop.upgrade()
    assert shop.flask("downgrade").returncode == 0
    assert "already exists" in shop.fails("upgrade")
    ran = shop.run("doctor")
    assert (ran.returncode, codes(shop)) == (1, ["MM110"] * len(made) + ["MM102"])
    shop.done("sync", "--yes")
    assert (shop.recorded, shop.rows("a"), shop.rows("named")) == ({"b"}, [1], [1])
    assert shop.run("doctor").returncode == 0


@pytest.mark.parametrize("shop", OTHERS, indirect=True)
def test_an_index_that_another_table_has_is_dropped_where_no_revision_made_it(shop: Shop) -> None:
    shop.execute("CREATE TABLE other (id INTEGER)")
    shop.execute("CREATE INDEX ix ON other (id)")
    shop.project.revision("b", "a", upgrade="op.create_index('ix', 'a', ['id'])")
    assert "already exists" in shop.fails("upgrade")
    assert (shop.run("doctor").returncode, codes(shop)) == (1, ["MM110", "MM102"])
    shop.done("sync", "--yes")
    assert shop.recorded == {"b"} and shop.run("doctor").returncode == 0


@pytest.mark.parametrize("shop", OTHERS, indirect=True)
def test_what_something_else_uses_stays(shop: Shop) -> None:
    shop.execute("CREATE VIEW named AS SELECT id FROM a")
    shop.execute("CREATE VIEW above AS SELECT id FROM named")
    shop.project.revision("b", "a", upgrade=OTHERS["sqlite"][0])
    ran = shop.run("doctor")
    assert ran.returncode == 1 and "which has to stay" in " ".join(ran.stdout.split())
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1 and "the view named is there already" in ran.stdout + ran.stderr
    assert (shop.recorded, shop.rows("above")) == ({"a"}, [])


@pytest.mark.parametrize("shop", OTHERS, indirect=True)
def test_an_index_that_went_along_with_a_renamed_table_is_in_the_way(shop: Shop) -> None:
    indexed = "op.create_table('b', sa.Column('no', sa.Integer))\n    op.create_index('ix', 'b', ['no'])"
    shop.project.revision("b", "a", upgrade=indexed)
    shop.project.revision("c", "b", upgrade="op.rename_table('b', 'old')")
    shop.upgrade()
    shop.project.revision("d", "c", upgrade=indexed)
    assert "already exists" in shop.fails("upgrade")
    ran = shop.run("doctor")
    assert ran.returncode == 1 and "d would fail: the index ix is there already on old" in " ".join(ran.stdout.split())
    assert shop.run("sync", "--yes").returncode == 1
    assert shop.recorded == {"c"}


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


@on_sqlite
def test_the_only_copy_of_a_table_that_a_pending_revision_was_about_to_replace(shop: Shop) -> None:
    batch = "with op.batch_alter_table('a') as batch:\n        "
    body = "batch.alter_column('id', type_=sa.BigInteger)\n        batch.add_column(sa.Column('city', sa.String(20)))"
    shop.project.revision("b", "a", upgrade=batch + body)
    shop.execute("CREATE TABLE _alembic_tmp_a (id BIGINT NOT NULL, city VARCHAR(20), PRIMARY KEY (id))")
    shop.execute("INSERT INTO _alembic_tmp_a (id) VALUES (1)")
    shop.execute("DROP TABLE a")
    assert "a" in shop.fails("upgrade")
    printed = shop.done("sync", "--yes")
    steps = [line for line in printed.splitlines() if line.startswith("  done")]
    assert steps == ["  done  rename the table _alembic_tmp_a", "  done  stamp b"]
    assert (shop.tables, shop.rows("a"), shop.recorded) == ({"a"}, [1], {"b"})
    assert shop.run("doctor", "--deep").returncode == 0
