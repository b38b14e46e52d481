"""`migmerge rehearse`: the command around the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import DIALECTS, database
from tests.support.shop import Shop, on_sqlite

ADD_PHONE = "op.add_column('a', sa.Column('phone', sa.{}))"
NEW_TABLE = "op.create_table({!r}, sa.Column('id', sa.Integer, primary_key=True))"


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision a, its database too."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        yield shop


def diverge(shop: Shop, ours: str, theirs: str, **down: str) -> None:
    """Let c on feature and b on main do something each."""
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.project.revision("c", "a", upgrade=theirs, **down)
    shop.project.git("switch", "--quiet", "main")
    shop.project.revision("b", "a", upgrade=ours, **down)


def merge(shop: Shop) -> None:
    shop.project.git("merge", "--quiet", "--no-edit", "feature", MIGMERGE="0")


def databases(shop: Shop) -> set[str]:
    """Return the databases of the server, of which a rehearsal leaves none behind."""
    with shop.connected() as connection:
        return set() if connection.dialect.name == "sqlite" else {
            name for name in _all(connection) if name.startswith("migmerge_scratch")
        }  # fmt: skip


def _all(connection: sa.Connection) -> list[str]:
    query = "SELECT datname FROM pg_database" if connection.dialect.name == "postgresql" else "SHOW DATABASES"
    return [row[0] for row in connection.execute(sa.text(query))]


def test_the_same_in_both_orders(shop: Shop) -> None:
    diverge(shop, NEW_TABLE.format("b"), NEW_TABLE.format("c"))
    merge(shop)
    before = shop.tables, shop.recorded, shop.project.status()
    assert shop.done("rehearse") == "migrations  the same schema after b, c and after c, b\n"
    assert (shop.tables, shop.recorded, shop.project.status()) == before
    shop.done("fix", "--yes")
    assert "the same schema" in shop.done("rehearse")


def test_the_same_column_twice(shop: Shop) -> None:
    diverge(shop, ADD_PHONE.format("String(20)"), ADD_PHONE.format("Integer"))
    merge(shop)
    ran = shop.run("rehearse")
    assert ran.returncode == 1
    lines = ran.stdout.splitlines()
    assert lines[0] == "migrations  the order matters: b, c against c, b"
    assert lines[1].startswith("  fails    whichever of b and c runs second: ") and "ADD COLUMN phone" in lines[2]
    assert ran.stdout.count("ADD COLUMN phone") == 1 and ran.stdout.count("  fails ") == 1
    assert "no cure: whichever side runs second fails: both sides add the column a.phone" in ran.stdout
    assert "the two differ: sa.Integer in migrations/versions/c.py, sa.String(20) in migrations/versions/b.py" in ran.stdout
    assert "edit migrations/versions/c.py:" in lines[-1]
    assert shop.tables == {"a"}


@on_sqlite
@pytest.mark.parametrize("joined", [False, True])
def test_it_ends_with_the_cure_of_fix(shop: Shop, joined: bool) -> None:
    phone = ADD_PHONE.format("String(20)")
    diverge(shop, phone, phone, downgrade="op.drop_column('a', 'phone')")
    merge(shop)
    if joined:
        shop.project.revision("m", ("b", "c"))
    ran = shop.run("rehearse")
    assert ran.returncode == 1 and f"  | -    {phone}" in ran.stdout and "which exists only here, leaves it to" in ran.stdout
    assert ran.stdout.splitlines()[-1].strip() == "hint: migmerge fix"
    shop.done("fix", "--yes")
    assert "the same schema" in shop.done("rehearse")


@on_sqlite
def test_before_the_merge_it_ends_with_the_way_to_the_cure(shop: Shop) -> None:
    phone = ADD_PHONE.format("String(20)")
    diverge(shop, phone, phone)
    ran = shop.run("rehearse", "--against", "feature")
    assert ran.returncode == 1 and "MM007 both sides add the column a.phone" in ran.stdout
    last = ran.stdout.splitlines()[-1].strip()
    assert last.startswith("hint: git merge feature && git log ") and last.endswith(" && migmerge fix")


@on_sqlite
def test_a_merge_that_was_not_made_yet(shop: Shop) -> None:
    diverge(shop, ADD_PHONE.format("String(20)"), ADD_PHONE.format("Integer"))
    assert shop.done("rehearse") == "migrations  nothing to rehearse: no divergent heads, no merge revision on top\n"
    assert shop.run("rehearse", "--against", "feature").returncode == 1


@on_sqlite
def test_down_again(shop: Shop) -> None:
    diverge(shop, NEW_TABLE.format("b"), NEW_TABLE.format("c"))
    merge(shop)
    ran = shop.run("rehearse", "--downgrade")
    assert ran.returncode == 1 and "left     " in ran.stdout


@on_sqlite
def test_on_sqlite_where_the_database_is_not_asked(shop: Shop) -> None:
    diverge(shop, NEW_TABLE.format("b"), NEW_TABLE.format("c"))
    merge(shop)
    assert "the same schema" in shop.done("rehearse", "--no-db", DATABASE_URL="postgresql+psycopg://ann@db.example.invalid/shop")
    refused = shop.run("rehearse", DATABASE_URL="postgresql+psycopg://ann@db.example.invalid/shop")
    assert refused.returncode == 2 and "is only touched where it is trusted" in refused.stderr


def test_scratch_databases_are_gone_afterwards(shop: Shop) -> None:
    diverge(shop, ADD_PHONE.format("String(20)"), ADD_PHONE.format("Integer"))
    merge(shop)
    shop.run("rehearse")
    shop.run("rehearse", "--downgrade")
    assert shop.tables == {"a"}
    assert sorted(path.name for path in shop.project.top.parent.glob("*.db")) in ([], ["test.db"])
