"""A revision that a database has in part: what is left of it runs, and nothing of it twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.shop import Shop

TABLE = "op.create_table('b', sa.Column('id', sa.Integer, primary_key=True), sa.Column('x', sa.Integer){})"


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        yield shop


def test_what_an_edit_added_after_the_run(shop: Shop) -> None:
    shop.project.revision("b", "a", upgrade=TABLE.format(""), downgrade="op.drop_table('b')")
    shop.upgrade()
    shop.execute("INSERT INTO b (id, x) VALUES (1, 7)")
    shop.project.revision("b", "a", upgrade=TABLE.format(", sa.Column('y', sa.Integer)"), downgrade="op.drop_table('b')")
    printed = shop.run("doctor").stdout
    assert "MM109" in printed and "it was edited since then: the column b.y is not there" in " ".join(printed.split())
    printed = shop.done("sync", "--yes")
    assert "         | op.add_column('b', sa.Column('y', sa.Integer))" in printed.splitlines()
    assert (shop.rows("b", "x"), shop.rows("b", "y"), shop.recorded) == ([7], [None], {"b"})
    assert shop.run("doctor").returncode == 0


@pytest.mark.parametrize("shop", ["mariadb"], indirect=True)
def test_a_run_that_died_half_way_is_finished(shop: Shop) -> None:
    body = (TABLE.format(""), "op.execute('UPDATE a SET id = id + 1')", "op.add_column('a', sa.Column('z', sa.Integer))")
    shop.project.revision("b", "a", upgrade="\n    ".join((*body, "raise SystemExit('killed')")))
    shop.execute("INSERT INTO a VALUES (1)")
    shop.execute("CREATE TABLE b (id INTEGER PRIMARY KEY AUTO_INCREMENT, x INTEGER)")
    shop.project.revision("b", "a", upgrade="\n    ".join(body), downgrade="op.drop_table('b')")
    assert "already exists" in shop.fails("upgrade")
    steps = [line for line in shop.done("sync", "--yes").splitlines() if line.startswith("  done")]
    assert steps == ["  done  rest b"]
    assert (shop.rows("a"), shop.rows("a", "z"), shop.recorded) == ([2], [None], {"b"})
    assert shop.run("doctor").returncode == 0


@pytest.mark.parametrize("shop", ["postgresql"], indirect=True)
def test_of_a_squash_into_one_text_of_sql_the_new_statements_run(shop: Shop) -> None:
    """A text with several statements is one that only a driver of PostgreSQL takes."""
    shop.project.revision("b", "a", upgrade=TABLE.format(""), downgrade="op.drop_table('b')")
    shop.project.revision("c", "b", upgrade="op.execute('INSERT INTO b (id, x) VALUES (1, 7)')")
    shop.upgrade()
    for name in "abc":
        shop.project.git("rm", "--quiet", "--force", f"migrations/versions/{name}.py")
    made = "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id SERIAL PRIMARY KEY, x INTEGER)"
    text = f"{made}; INSERT INTO b (id, x) VALUES (1, 7); CREATE INDEX ix ON b (x);"
    shop.project.revision("d", None, upgrade=f"op.execute({text!r})", downgrade="op.execute('DROP TABLE a; DROP TABLE b')")
    printed = shop.done("sync", "--yes")
    assert [line.strip() for line in printed.splitlines() if line.startswith("         |")] == [
        "| op.execute('CREATE INDEX ix ON b (x)')"
    ]
    assert (shop.recorded, shop.rows("b", "x")) == ({"d"}, [7])
    assert shop.run("doctor").returncode == 0
