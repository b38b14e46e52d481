"""`[[tool.migmerge.environment]]`: what it may say, and what it does to an environment that is found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from migmerge.core.declared_environment import DeclaredEnvironment, declaration_command, read_declarations, with_declarations
from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.environment.config_files import tool_table

FOUND = Environment("db", "alembic", ("db/versions",), "alembic.ini", "alembic")
LITE = Environment("db", "alembic", ("db/lite",), "alembic.ini", "lite")
USUAL = {"db": "db/versions", "other": "other"}


def test_a_declaration_is_read_with_its_paths_from_the_folder_of_its_file() -> None:
    table = {
        "path": "db",
        "versions": ["db/one", "../two"],
        "recursive": True,
        "template": "db/my.mako",
        "config": "conf/alembic.ini",
        "section": "lite",
        "upgrade-command": "make upgrade",
        "external": ["accounts"],
    }
    expected = DeclaredEnvironment(
        "web/db", ("web/db/one", "two"), True, "web/db/my.mako", "web/conf/alembic.ini", "lite", "make upgrade", ("accounts",)
    )
    assert read_declarations([table, {"path": "."}], "web/pyproject.toml") == (expected, DeclaredEnvironment("web"))


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        pytest.param({"path": "db"}, "environment must be a list of tables", "[[tool.migmerge.environment]]", id="one table"),
        pytest.param([3], "environment must be a list of tables", "[[tool.migmerge.environment]]", id="a number"),
        pytest.param([{"path": "db", "version": ["x"]}], "unknown key 'version'", "did you mean versions?", id="key"),
        pytest.param([{"versions": ["x"]}], "path is missing", 'path = "migrations"', id="no path"),
        pytest.param(
            [{"path": "db", "versions": "x"}],
            "versions must be a list of texts, not 'x'",
            'versions = ["migrations/versions"]',
            id="text for a list",
        ),
        pytest.param([{"path": "db", "recursive": 1}], "recursive must be true or false, not 1", "recursive = true", id="number"),
        pytest.param([{"path": 3}], "path must be a text, not 3", 'path = "migrations"', id="path"),
        pytest.param([{"path": "../x"}], "../x leads out of the repository", None, id="outside"),
        pytest.param([{"path": "/x"}], "/x leads out of the repository", None, id="absolute"),
    ],
)
def test_a_declaration_that_is_no_such_is_refused(values: object, message: str, hint: str | None) -> None:
    with pytest.raises(MigmergeError) as raised:
        read_declarations(values, "pyproject.toml")
    assert str(raised.value).startswith("pyproject.toml: ") and str(raised.value).endswith(message)
    assert hint is None or raised.value.hint == hint


@pytest.mark.parametrize(
    ("found", "declared", "expected"),
    [
        pytest.param(
            [FOUND],
            [DeclaredEnvironment("db", external=("accounts",))],
            [FOUND._replace(external=("accounts",), declared=True)],
            id="added to one that is found",
        ),
        pytest.param(
            [FOUND, LITE],
            [DeclaredEnvironment("db", section="lite", upgrade_command="make lite")],
            [FOUND, LITE._replace(own_upgrade="make lite", declared=True)],
            id="one section of two",
        ),
        pytest.param(
            [FOUND, LITE],
            [DeclaredEnvironment("db", recursive=True)],
            [FOUND._replace(recursive=True, declared=True), LITE._replace(recursive=True, declared=True)],
            id="both sections",
        ),
        pytest.param(
            [],
            [DeclaredEnvironment("other"), DeclaredEnvironment("db", ("x", "y"))],
            [
                Environment("other", "alembic", ("other",), declared=True),
                Environment("db", "alembic", ("x", "y"), declared=True),
            ],
            id="new ones",
        ),
        pytest.param(
            [],
            [DeclaredEnvironment("db", ("x",), section="a"), DeclaredEnvironment("db", ("y",), section="b", config="b.ini")],
            [
                Environment("db", "alembic", ("x",), section="a", declared=True),
                Environment("db", "alembic", ("y",), "b.ini", "b", declared=True),
            ],
            id="two of one path",
        ),
    ],
)
def test_declarations_add_to_what_is_found(
    found: list[Environment], declared: list[DeclaredEnvironment], expected: list[Environment]
) -> None:
    assert with_declarations(found, declared, USUAL) == expected


@pytest.mark.parametrize("path", ["app/mig", "", "my dir/it's", "ünï"])
def test_the_command_that_declares_an_environment_writes_what_is_read_again(tmp_path: Path, path: str) -> None:
    subprocess.run(declaration_command(path, [f"{path}/versions", "more"]), shell=True, cwd=tmp_path, check=True)
    table = tool_table((tmp_path / "pyproject.toml").read_bytes(), "pyproject.toml", "migmerge")
    assert table == {"environment": [{"path": path or ".", "versions": [f"{path}/versions", "more"]}]}
