"""Which errors of Alembic have a line; the errors are Alembic's own."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from migmerge.core.error_line import line_for
from tests.support.project import script_text
from tests.support.rewritten import ENV_PY


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return the configuration of revisions b and c that follow a."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV_PY)
    (tmp_path / "script.py.mako").write_text("")
    for name, parent in (("a", None), ("b", "a"), ("c", "a")):
        (tmp_path / f"versions/{name}.py").write_text(script_text(name, parent))
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(tmp_path))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{tmp_path / 'test.db'}")
    return config


def overlapping(config: Config) -> None:
    command.upgrade(config, "b")
    with closing(sqlite3.connect(str(config.get_main_option("sqlalchemy.url")).removeprefix("sqlite:///"))) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('a')")
        connection.commit()
    command.upgrade(config, "heads")


def behind(config: Config) -> None:
    command.upgrade(config, "a")
    command.revision(config, autogenerate=True)


@pytest.mark.parametrize(
    ("fails", "leads_on"),
    [
        pytest.param(lambda config: command.upgrade(config, "head"), "fix", id="several heads"),
        pytest.param(lambda config: command.upgrade(config, "nowhere"), "doctor", id="a revision that is nowhere"),
        pytest.param(overlapping, "doctor", id="records that overlap"),
        pytest.param(behind, "doctor", id="a database that is behind"),
    ],
)
def test_each_error_has_a_line(config: Config, fails: Callable[[Config], None], leads_on: str) -> None:
    with pytest.raises(CommandError) as raised:
        fails(config)
    assert (line := line_for(str(raised.value))) and line.command == leads_on


def test_of_another_error_nothing_is_said() -> None:
    assert line_for("No such table: users") is None
