"""The Python and the folder in which the project's own code runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from glob import escape, glob

from ..core.environment import Environment, command

OnProgress = Callable[[int, int], None]
"""A function that receives the number of steps done, and of all steps."""

_APPLICATION_FILES = ("wsgi.py", "app.py", ".flaskenv")


@dataclass(frozen=True, slots=True)
class ProjectRuntime:
    """Hold the Python, the folder that it starts in, the top of the repository and the environment."""

    python: str
    folder: str
    top: str
    environment: Environment

    @property
    def current_command(self) -> str:
        """Return the project's own command that connects to its databases and changes none."""
        return command(self.environment, "current")


def project_runtime(environment: Environment, top: str, called_from: str) -> ProjectRuntime:
    """Choose the folder in which `flask` or `alembic` works for an environment, and a Python that has Alembic."""
    project = os.path.join(top, environment.project)
    folder = project
    if environment.kind == "flask-migrate":
        folder = next((each for each in (project, os.path.abspath(called_from), top) if _has_app(each, os.environ)), project)
    return ProjectRuntime(_python([project, top]), folder, top, environment)


def _has_app(folder: str, variables: Mapping[str, str]) -> bool:
    """Say whether `flask` would find an application in a folder, judged by the names of files."""
    named = variables.get("FLASK_APP", "").partition(":")[0].partition("(")[0]
    if named:
        path = os.path.join(folder, named if named.endswith(".py") else named.replace(".", os.sep))
        return any(os.path.exists(each) for each in (path, f"{path}.py", os.path.join(folder, "src", named)))
    return any(os.path.exists(os.path.join(folder, name)) for name in _APPLICATION_FILES)


def _python(folders: Iterable[str]) -> str:
    """Return the Python of the activated environment; else the project's, where ours is a tool's or the system's; else ours."""
    activated = os.environ.get("VIRTUAL_ENV", "")
    own = [os.path.join(folder, name) for folder in folders for name in (".venv", "venv")]
    for environment in filter(None, (activated, *([*own, os.environ.get("CONDA_PREFIX", "")] if _is_apart() else []))):
        if os.path.realpath(environment) == os.path.realpath(sys.prefix):
            return sys.executable
        if (python := _python_in(environment)) and _has_alembic(environment):
            return python
    return sys.executable


def _is_apart() -> bool:
    """Say whether migmerge is installed by pipx or uv, or for the system's Python, apart from every project."""
    receipts = ("pipx_metadata.json", "uv-receipt.toml")
    return sys.prefix == sys.base_prefix or any(os.path.exists(os.path.join(sys.prefix, each)) for each in receipts)


def _python_in(environment: str) -> str | None:
    paths = (os.path.join(environment, "bin", "python"), os.path.join(environment, "Scripts", "python.exe"))
    return next((path for path in paths if os.path.exists(path)), None)


def _has_alembic(environment: str) -> bool:
    patterns = (("lib", "python3*", "site-packages", "alembic"), ("Lib", "site-packages", "alembic"))
    return any(glob(os.path.join(escape(environment), *parts)) for parts in patterns)
