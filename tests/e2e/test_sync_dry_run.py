"""A dry run asks nothing, also where a terminal is at hand, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import MIGMERGE
from tests.support.shop import Shop
from tests.support.terminal import Terminal

COMMANDS = (
    ("sync", "--dry-run"),
    ("fix", "--dry-run"),
    ("fix", "--dry-run", "--strategy", "reparent"),
    ("reset", "--dry-run"),
    ("reset", "stamp", "--dry-run"),
    ("reset", "database", "--dry-run"),
    ("reset", "migrations", "--dry-run"),
    ("undo", "--dry-run"),
    ("rehearse",),
)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a project whose heads diverge, whose database has a phantom, and in which migmerge has changed something."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'test.db'}")
    project = shop.project
    shop.creates("b", "a")
    project.git("switch", "--quiet", "--create", "feature", "HEAD~1")
    shop.creates("c", "a")
    project.git("merge", "--quiet", "--no-edit", "main", MIGMERGE="0")
    project.fix(**shop.variables)
    shop.upgrade()
    project.script("d", "a")
    return shop


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_it_asks_nothing_with_a_terminal_at_hand(shop: Shop, command: tuple[str, ...]) -> None:
    before = shop.project.status(), shop.project.git("rev-parse", "HEAD"), shop.tables, shop.recorded
    status, seen = Terminal(shop.project, MIGMERGE, *command, env=shop.variables).finish()
    assert status in (0, 1), seen
    assert "? " not in seen.replace("(no message)? ", "")
    assert (shop.project.status(), shop.project.git("rev-parse", "HEAD"), shop.tables, shop.recorded) == before
