"""Below an error of `flask db` and `alembic` that migmerge explains stands one line: the command that leads on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.project import MIGMERGE
from tests.support.shop import Shop

JOIN = "migmerge: two branches have each added a migration; to join them: migmerge fix"
PENDING = "migmerge: what has not run here, and what runs it: migmerge doctor"
BRANCH = "migmerge: which branch has it, and the way back: migmerge doctor"
PARENT = "migmerge: a script follows a revision that is not here; which, and the cure: migmerge check"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a project whose revisions b and c follow a."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'test.db'}")
    shop.creates("b", "a")
    shop.creates("c", "a")
    return shop


def said(shop: Shop, *command: str, **more: str) -> list[str]:
    """Run a command that fails, and return the last lines that it prints."""
    path = f"{Path(MIGMERGE).parent}{os.pathsep}{os.environ['PATH']}"
    environment = shop.project.environment(**{**shop.variables, "PATH": path, **more})
    ran = subprocess.run(command, cwd=shop.project.top, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    return ran.stderr.splitlines()[-2:]


def test_each_error_names_the_command_that_leads_on(shop: Shop) -> None:
    error, line = said(shop, "flask", "db", "upgrade")
    assert "Multiple head revisions are present" in error and line == JOIN
    assert said(shop, "python", "-m", "flask", "db", "upgrade")[-1] == JOIN
    assert JOIN not in said(shop, "flask", "db", "upgrade", MIGMERGE="0")
    shop.upgrade("b")
    assert said(shop, "flask", "db", "migrate")[-1] == PENDING
    (shop.project.top / "migrations/versions/b.py").unlink()
    error, line = said(shop, "flask", "db", "current")
    assert "Can't locate revision" in error and line == BRANCH
    (shop.project.top / "migrations/versions/a.py").unlink()
    error, line = said(shop, "flask", "db", "upgrade")
    assert error == "KeyError: 'a'" and line == PARENT
    shop.project.git("config", "migmerge.error-hints", "false")
    assert PARENT not in said(shop, "flask", "db", "upgrade")


def test_alembic_itself_says_it_too(shop: Shop) -> None:
    shop.project.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    shop.project.write("migrations/env.py", "")
    assert said(shop, "alembic", "merge", "nowhere", "b")[-1] == BRANCH
