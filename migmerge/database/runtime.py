"""The Python and the folder in which the project's own code runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..core.environment import Environment, command
from .project_python import ProjectPython, project_python

OnProgress = Callable[[int, int], None]
"""A function that receives the number of steps done, and of all steps."""

_APPLICATION_FILES = ("wsgi.py", "app.py", ".flaskenv")


@dataclass(frozen=True, slots=True)
class ProjectRuntime:
    """Hold the Python, the folder that it starts in, the top of the repository, the environment, and why it is that Python."""

    python: str
    folder: str
    top: str
    environment: Environment
    why_python: str = "named"

    @property
    def asked_python(self) -> str:
        """Return the path of the Python, and why it is that one."""
        return ProjectPython(self.python, self.why_python).shown(self.top)

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
    python = project_python([project, top])
    return ProjectRuntime(python.path, folder, top, environment, python.why)


def _has_app(folder: str, variables: Mapping[str, str]) -> bool:
    """Say whether `flask` would find an application in a folder, judged by the names of files."""
    named = variables.get("FLASK_APP", "").partition(":")[0].partition("(")[0]
    if named:
        path = os.path.join(folder, named if named.endswith(".py") else named.replace(".", os.sep))
        return any(os.path.exists(each) for each in (path, f"{path}.py", os.path.join(folder, "src", named)))
    return any(os.path.exists(os.path.join(folder, name)) for name in _APPLICATION_FILES)
