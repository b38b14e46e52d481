"""Whole projects as their own tools begin them: `check` lists the heads that `alembic heads` and `flask db heads` list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.programs import run_program
from tests.support.project import Project, script_text
from tests.support.shop import APP


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    project = Project.empty(tmp_path / "app")
    project.write(".gitignore", "__pycache__/\n*.db\n")
    return project


def ran(project: Project, folder: str, *command: str) -> str:
    environment = project.environment(DATABASE_URL="sqlite:///app.db", FLASK_APP="app.py")
    done = run_program(*command, cwd=project.top / folder, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def heads_of(project: Project, folder: str, *command: str) -> set[str]:
    """Return what the tool lists: `b2 (expand) (head)`."""
    lines = ran(project, folder, *command, "heads").splitlines()
    return {line.split()[0] for line in lines if "(head)" in line or "(effective head)" in line}


def listed(project: Project) -> dict[str, set[str]]:
    return {each["name"]: {head["revision"] for head in each["heads"]} for each in project.check()["environments"]}


def set_in(project: Project, path: str, key: str, value: str) -> None:
    """Set a key of an ini, in the place of what the template says."""
    lines = (project.top / path).read_text().splitlines()
    kept = [line for line in lines if not line.replace(" ", "").startswith(f"{key}=")]
    at = next(number for number, line in enumerate(kept) if line.startswith("script_location"))
    project.write(path, "\n".join([*kept[: at + 1], f"{key} = {value}", *kept[at + 1 :], ""]))


def test_expand_and_contract_in_locations_of_their_own(empty: Project) -> None:
    ran(empty, ".", "alembic", "init", "migrations")
    set_in(empty, "alembic.ini", "path_separator", "space")
    set_in(empty, "alembic.ini", "version_locations", "%(here)s/migrations/versions/expand %(here)s/migrations/versions/contract")
    for side in ("expand", "contract"):
        folder = f"migrations/versions/{side}"
        empty.write(f"{folder}/{side}1.py", script_text(f"{side}1", labels=(side,)))
        empty.write(
            f"{folder}/{side}2.py", script_text(f"{side}2", f"{side}1", depends_on=None if side == "expand" else "expand2")
        )
    empty.commit("two lineages")
    assert listed(empty) == {"migrations": {"expand2", "contract2"}}
    assert heads_of(empty, ".", "alembic") == {"expand2", "contract2"}
    assert empty.codes() == []


def test_four_environments_in_one_repository(empty: Project) -> None:
    for service in ("billing", "stock"):
        empty.write(f"services/{service}/pyproject.toml", "[project]\nname = 'x'\nversion = '1'\n")
        template = ("--template", "pyproject") if service == "stock" else ()
        ran(empty, f"services/{service}", "alembic", "init", *template, "alembic")
        empty.write(f"services/{service}/alembic/versions/{service}1.py", script_text(f"{service}1"))
    empty.write("web/app.py", APP)
    ran(empty, "web", "flask", "db", "init")
    empty.write("web/migrations/versions/web1.py", script_text("web1"))
    ran(empty, ".", "alembic", "init", "--template", "async", "db")
    empty.write("db/versions/db1.py", script_text("db1"))
    empty.write("db/versions/db2.py", script_text("db2", "db1"))
    empty.commit("four")
    assert listed(empty) == {
        "db": {"db2"}, "services/billing/alembic": {"billing1"}, "services/stock/alembic": {"stock1"}, "web/migrations": {"web1"},
    }  # fmt: skip
    assert heads_of(empty, ".", "alembic") == {"db2"}
    assert heads_of(empty, "services/billing", "alembic") == {"billing1"}
    assert heads_of(empty, "services/stock", "alembic") == {"stock1"}
    assert heads_of(empty, "web", "flask", "db") == {"web1"}


def test_plugins_with_locations_of_their_own(empty: Project) -> None:
    ran(empty, ".", "alembic", "init", "core/migrations")
    set_in(empty, "alembic.ini", "path_separator", "space")
    set_in(
        empty, "alembic.ini", "version_locations", "%(here)s/core/migrations/versions plugins/mail/migrations plugins/pay/migrations"
    )  # fmt: skip
    empty.write("core/migrations/versions/core1.py", script_text("core1"))
    for plugin in ("mail", "pay"):
        empty.write(f"plugins/{plugin}/migrations/{plugin}1.py", script_text(f"{plugin}1", labels=(plugin,), depends_on="core1"))
    empty.commit("plugins")
    assert listed(empty) == {"core/migrations": heads_of(empty, ".", "alembic")}
    assert "MM001" not in empty.codes()
