"""Which Python the project's code runs in: the activated environment's, the project's, or migmerge's own, and why."""

from __future__ import annotations

import hashlib
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from migmerge.database.project_python import ProjectPython, project_python

BESIDE = "the virtual environment beside the project"
OWN = "migmerge's own: no environment of the project with Alembic was found"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home in which no environment is activated."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "WORKON_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop"


def environment(folder: Path, *, alembic: bool = True) -> Path:
    """Make what is looked at of a virtual environment, and return its Python."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text("")
    if alembic:
        (folder / "lib/python3.11/site-packages/alembic").mkdir(parents=True)
    return folder / "bin/python"


@pytest.mark.parametrize("name", [".venv", "venv", "env", ".env", "shop-3.11"])
def test_an_environment_beside_the_project_is_found_wherever_migmerge_is_installed(project: Path, name: str) -> None:
    python = environment(project / name)
    found = project_python([str(project)])
    assert found == (str(python), BESIDE)
    assert found.shown(str(project)) == f"{name}/bin/python ({BESIDE})"


def test_one_without_alembic_is_none(project: Path) -> None:
    environment(project / ".venv", alembic=False)
    assert project_python([str(project)]) == (sys.executable, OWN)


def test_of_two_with_other_names_none_is_guessed(project: Path) -> None:
    environment(project / "shop-3.11")
    environment(project / "shop-3.12")
    assert project_python([str(project)]).path == sys.executable


def test_a_file_of_variables_is_no_environment(project: Path) -> None:
    (project / ".env").write_text("DATABASE_URL=x\n")
    assert project_python([str(project)]) == (sys.executable, OWN)


def test_the_activated_one_comes_first_also_where_it_is_migmerge_s_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(project / ".venv")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert project_python([str(project)]) == (sys.executable, "the activated environment")
    monkeypatch.delenv("VIRTUAL_ENV")
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    assert project_python([str(project)]) == (sys.executable, "the activated conda environment")


def test_migmerge_inside_the_project_comes_before_another_environment_there(project: Path) -> None:
    environment(project / "venv")
    (project / ".tox").symlink_to(Path(sys.prefix).parent)
    inside = [str(project), str(Path(sys.prefix).parent)]
    assert project_python(inside) == (sys.executable, "migmerge's own, inside the project")


def test_poetry_s_environment_has_the_hash_of_the_folder_in_its_name(project: Path, home: Path) -> None:
    known = urlsafe_b64encode(hashlib.sha256(str(project).encode()).digest()).decode()[:8]
    environments = home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "pypoetry/virtualenvs"
    python = environment(environments / f"shop-{known}-py3.11")
    environment(environments / "shop-other678-py3.11")
    assert project_python([str(project)]) == (sys.executable, OWN)
    (project / "pyproject.toml").write_text("[tool.poetry]\n")
    assert project_python([str(project)]) == (str(python), "the project's environment of poetry")


def test_pipenv_s_environment_names_the_folder(project: Path, home: Path) -> None:
    python = environment(home / ".local/share/virtualenvs/shop-1a2b3c4d")
    (python.parents[1] / ".project").write_text(f"{project}\n")
    environment(home / ".local/share/virtualenvs/other")
    (project / "Pipfile").write_text("")
    assert project_python([str(project)]) == (str(python), "the project's environment of pipenv")


def test_one_outside_of_the_repository_is_shown_with_its_whole_path() -> None:
    assert ProjectPython("/opt/shop/bin/python", "why").shown("/opt/sho") == "/opt/shop/bin/python (why)"
