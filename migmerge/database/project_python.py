"""The Python in which the project's own code runs, and why it is that one."""

from __future__ import annotations

import hashlib
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from glob import escape, glob
from typing import NamedTuple

from .error_text import lines_of

_NAMES = (".venv", "venv", "env", ".env")
_OWN = "migmerge's own: no environment of the project with Alembic was found"
_MOST_BYTES = 4096


class ProjectPython(NamedTuple):
    """Hold the path of a Python, and the reason why it is asked."""

    path: str
    why: str

    def shown(self, top: str) -> str:
        """Return both, the path from the top of the repository on where it lies below."""
        inside = self.path.startswith(top + os.sep)
        return f"{os.path.relpath(self.path, top) if inside else self.path} ({self.why})"


def project_python(folders: Sequence[str]) -> ProjectPython:
    """Return the Python of the activated environment; else of the project's, beside it or of its tool; else our own.

    `folders` are those of the project, the innermost first.
    """
    for environment, why in _environments(folders):
        if os.path.realpath(environment) == os.path.realpath(sys.prefix):
            return ProjectPython(sys.executable, why)
        if (python := _python_in(environment)) and _has_alembic(environment):
            return ProjectPython(python, why)
    return ProjectPython(sys.executable, _OWN)


def _environments(folders: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the environments that may be the project's, the likeliest first, each with the reason."""
    activated, conda = os.environ.get("VIRTUAL_ENV", ""), os.environ.get("CONDA_PREFIX", "")
    if activated:
        yield activated, "the activated environment"
    own = os.path.realpath(sys.prefix)
    if conda and own == os.path.realpath(conda):
        yield conda, "the activated conda environment"
    if any(own.startswith(os.path.realpath(folder) + os.sep) for folder in folders):
        yield sys.prefix, "migmerge's own, inside the project"
    for folder in folders:
        yield from ((each, "the virtual environment beside the project") for each in _beside(folder))
        yield from ((each, "the project's environment of poetry") for each in _of_poetry(folder))
        yield from ((each, "the project's environment of pipenv") for each in _of_pipenv(folder))
    if conda and _is_apart():
        yield conda, "the activated conda environment"


def _beside(folder: str) -> list[str]:
    """Return the virtual environments in a folder: those of the usual names, else the only one of another name."""
    usual = [os.path.join(folder, name) for name in (os.environ.get("UV_PROJECT_ENVIRONMENT", ""), *_NAMES) if name]
    if found := [each for each in usual if _python_in(each)]:
        return found
    others = [os.path.dirname(each) for each in glob(os.path.join(escape(folder), "*", "pyvenv.cfg"))]
    return others if len(others) == 1 else []


def _of_poetry(folder: str) -> list[str]:
    """Return the environments whose name has Poetry's hash of the folder's path."""
    if not os.path.exists(os.path.join(folder, "pyproject.toml")):
        return []
    digest = hashlib.sha256(os.path.normcase(os.path.realpath(folder)).encode()).digest()
    known = urlsafe_b64encode(digest).decode()[:8]
    cache = os.environ.get("POETRY_CACHE_DIR") or os.path.join(_cache_folder(), "pypoetry")
    place = os.environ.get("POETRY_VIRTUALENVS_PATH") or os.path.join(cache, "virtualenvs")
    return sorted(glob(os.path.join(escape(place), f"*-{known}-py*")), reverse=True)


def _cache_folder() -> str:
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches")
    return os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")


def _of_pipenv(folder: str) -> list[str]:
    """Return the environments whose file `.project`, which Pipenv writes, names the folder."""
    if not os.path.exists(os.path.join(folder, "Pipfile")):
        return []
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    place = os.environ.get("WORKON_HOME") or os.path.join(data, "virtualenvs")
    marks = glob(os.path.join(escape(place), "*", ".project"))
    return [os.path.dirname(each) for each in marks if os.path.realpath(_first_line(each)) == os.path.realpath(folder)]


def _first_line(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as opened:
            return next(iter(lines_of(opened.read(_MOST_BYTES))), "")
    except OSError:
        return ""


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
