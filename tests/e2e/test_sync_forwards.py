"""A database behind a forward: said, looked at, and changed only with the user's word, which can be remembered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database
from tests.support.forwarder import forwarded
from tests.support.project import MIGMERGE
from tests.support.shop import Shop
from tests.support.terminal import ENTER, Terminal

SAID = "reached through a forward: the server there calls itself "


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Return a project whose database is reached through a forward, and has b to run."""
    with database("postgresql", tmp_path) as url, forwarded(url) as other:
        shop = Shop.create(tmp_path / "shop", other)
        shop.upgrade()
        shop.creates("b", "a")
        yield shop


def trusted_as(shop: Shop) -> str:
    url = sa.make_url(shop.url)
    return f"{url.host}:{url.port}/{url.database}"


def test_it_is_said_and_changed_only_where_it_is_trusted(shop: Shop) -> None:
    assert f"\n  {SAID}" in shop.run("doctor").stdout
    assert f"\n  {SAID}" in shop.done("sync", "--dry-run")
    name = sa.make_url(shop.url).database or ""
    for command in (("sync", "--yes"), ("reset", "database", "--database", name)):
        refused = shop.run(*command)
        assert (refused.returncode, shop.tables) == (2, {"a"})
        assert f"error: {name} is {SAID}" in refused.stderr
        assert refused.stderr.endswith(f"hint: git config --add migmerge.trusted-databases {trusted_as(shop)}\n")
    shop.project.git("config", "--add", "migmerge.trusted-databases", trusted_as(shop))
    shop.done("sync", "--yes")
    assert shop.tables == {"a", "b"}


def test_the_user_is_asked_and_the_word_is_remembered(shop: Shop) -> None:
    def sync() -> Terminal:
        terminal = Terminal(shop.project, MIGMERGE, "sync", env={**os.environ, **shop.variables})
        return terminal.wait_for("to this checkout").type("y").wait_for("your own development database?").wait_for("yes, always")

    status, seen = sync().type(ENTER).finish()
    assert (status, shop.tables) == (1, {"a"})
    assert "nothing was changed" in seen
    down = "\x1b[B"
    status, _ = sync().type(down, down, ENTER).finish()
    assert (status, shop.tables) == (0, {"a", "b"})
    assert shop.project.git("config", "migmerge.trusted-databases") == trusted_as(shop)
    shop.creates("c", "b")
    shop.done("sync", "--yes")
