"""An environment: one `env.py` with its versions directories, and the commands that work on it."""

from __future__ import annotations

import posixpath
import shlex
from typing import NamedTuple


class Environment(NamedTuple):
    """Name an environment's parts; every path is relative to the top of the repository, with slashes.

    `kind` is "flask-migrate" or "alembic". `config` is the ini or toml file that describes it, `section` the section of
    an ini; both are None where no file does. `versions` are its versions directories, read with their subfolders where
    `recursive`.
    """

    path: str
    kind: str
    versions: tuple[str, ...]
    config: str | None = None
    section: str = "alembic"
    recursive: bool = False

    @property
    def template(self) -> str:
        return posixpath.join(self.path, "script.py.mako")

    @property
    def project(self) -> str:
        """Return the folder that `flask db` or `alembic` is run in; empty for the top."""
        return posixpath.dirname(self.path if self.kind == "flask-migrate" else self.config or self.path)

    def holds(self, path: str) -> bool:
        """Say whether a file lies where Alembic would look for this environment's scripts."""
        folder = posixpath.dirname(path)
        return folder in self.versions or (self.recursive and any(folder.startswith(f"{top}/") for top in self.versions))


def command(environment: Environment, name: str, *targets: str) -> str:
    """Return a `flask db` or `alembic` command that works from the top of the repository."""
    if environment.kind == "flask-migrate":
        folder = () if environment.path == "migrations" else ("-d", environment.path)
        return shlex.join(["flask", "db", name, *folder, *targets])
    usual = environment.config in (None, "alembic.ini", "pyproject.toml")
    config = () if usual else ("-c", environment.config or "")
    section = () if environment.section == "alembic" else ("-n", environment.section)
    return shlex.join(["alembic", *config, *section, name, *targets])


def upgrade_command(environment: Environment, *, heads: int) -> str:
    """Return the command that brings a database up to date; with several heads Alembic wants to be told "heads"."""
    several = ("heads",) if heads > 1 else ()
    return command(environment, "upgrade", *(several if environment.kind == "flask-migrate" else several or ("head",)))
