"""Where the project would connect from: the folder, and the Python that has its application and its drivers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from glob import glob

from ..core.environment import Environment

_SIGNS_OF_AN_APP = ("wsgi.py", "app.py", ".flaskenv")


@dataclass(frozen=True, slots=True)
class Place:
    """Name the Python, the folder it starts in, the top of the repository and the environment it serves."""

    python: str
    folder: str
    top: str
    environment: Environment


def place_of(environment: Environment, top: str, called_from: str) -> Place:
    """Choose the folder in which `flask` or `alembic` works for an environment, and the Python that has both."""
    project = os.path.join(top, environment.project)
    folder = project
    if environment.kind == "flask-migrate":
        folder = next((each for each in (project, os.path.abspath(called_from), top) if _has_app(each, os.environ)), project)
    return Place(_python([project, top]), folder, top, environment)


def _has_app(folder: str, variables: Mapping[str, str]) -> bool:
    """Say whether `flask` would find an application here, as far as names tell."""
    named = variables.get("FLASK_APP", "").partition(":")[0].partition("(")[0]
    if named:
        path = os.path.join(folder, named if named.endswith(".py") else named.replace(".", os.sep))
        return any(os.path.exists(each) for each in (path, f"{path}.py", os.path.join(folder, "src", named)))
    return any(os.path.exists(os.path.join(folder, sign)) for sign in _SIGNS_OF_AN_APP)


def _python(folders: Iterable[str]) -> str:
    """Return the Python of the activated environment, else our own where it lies in the project, else the project's .venv."""
    listed = list(folders)
    if any(_lies_in(sys.prefix, folder) for folder in listed):
        return sys.executable
    named = [os.environ.get(name, "") for name in ("VIRTUAL_ENV", "CONDA_PREFIX")]
    beside = [os.path.join(folder, name) for folder in listed for name in (".venv", "venv")]
    for environment in filter(None, (*named, *beside)):
        if os.path.realpath(environment) == os.path.realpath(sys.prefix):
            return sys.executable
        if (python := _python_in(environment)) and _has_alembic(environment):
            return python
    return sys.executable


def _lies_in(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


def _python_in(environment: str) -> str | None:
    places = (os.path.join(environment, "bin", "python"), os.path.join(environment, "Scripts", "python.exe"))
    return next((place for place in places if os.path.exists(place)), None)


def _has_alembic(environment: str) -> bool:
    patterns = (("lib", "python3*", "site-packages", "alembic"), ("Lib", "site-packages", "alembic"))
    return any(glob(os.path.join(glob_escaped(environment), *parts)) for parts in patterns)


def glob_escaped(path: str) -> str:
    from glob import escape

    return escape(path)
