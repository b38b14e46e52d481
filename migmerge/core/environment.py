"""An environment: one `env.py` with its versions directories, and the commands that work on it."""

from __future__ import annotations

import posixpath
import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .shell import path_operand, quoted_path


class Environment(NamedTuple):
    """Name an environment's parts; every path is relative to the top of the repository, with slashes.

    `kind` is "flask-migrate" or "alembic". `config` is the ini or toml file that describes it, `section` the section of
    an ini. `versions` are its versions directories, read with their subfolders where `recursive`; `outside` are the version
    locations that lead out of the repository, as they are written, and `external` the packages whose revisions its scripts
    may name. `label` tells it from others of the same path. `folder` is where `alembic` is run, None for the configuration's
    own folder; `own_template` and `own_upgrade` are set where the usual ones do not hold.
    `declared` says that the team's configuration vouches for its locations, `problem` why Alembic cannot read its `config`.
    """

    path: str
    kind: str
    versions: tuple[str, ...]
    config: str | None = None
    section: str = "alembic"
    recursive: bool = False
    outside: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    label: str | None = None
    folder: str | None = None
    own_template: str | None = None
    own_upgrade: str | None = None
    declared: bool = False
    problem: str | None = None

    @property
    def name(self) -> str:
        """Return what no other environment of the repository is called; empty for the top."""
        return f"{self.path or '.'} [{self.label}]" if self.label else self.path

    @property
    def template(self) -> str:
        return self.own_template or posixpath.join(self.path, "script.py.mako")

    @property
    def project(self) -> str:
        """Return the folder that `flask db` or `alembic` is run in; empty for the top."""
        if self.folder is not None:
            return self.folder
        return posixpath.dirname(self.path if self.kind == "flask-migrate" else self.config or self.path)

    @property
    def is_located(self) -> bool:
        """Say whether a configuration names the version locations: without one there may be more of them."""
        return self.config is not None or self.declared

    @property
    def is_connected(self) -> bool:
        """Say whether an application or a configuration can name its databases."""
        return self.kind == "flask-migrate" or self.config is not None

    @property
    def has_folder(self) -> bool:
        """Say whether any folder is known of it: of a file that Alembic cannot read there may be none."""
        return bool(self.versions or self.outside or self.problem is None)

    def holds(self, path: str) -> bool:
        """Say whether a file lies where Alembic would look for this environment's scripts."""
        folder = posixpath.dirname(path)
        return folder in self.versions or (self.recursive and any(folder.startswith(f"{top}/") for top in self.versions))


def command(environment: Environment, name: str, *targets: str) -> str:
    """Return a `flask db` or `alembic` command that works from the top of the repository."""
    if environment.kind == "flask-migrate":
        folder = () if environment.path == "migrations" else ("-d", path_operand(environment.path))
        return shlex.join(["flask", "db", name, *folder, *targets])
    start = environment.folder or ""
    file = environment.config and posixpath.relpath(environment.config, start or ".")
    config = () if file in (None, "alembic.ini", "pyproject.toml") else ("-c", path_operand(file or ""))
    section = () if environment.section == "alembic" else ("-n", environment.section)
    line = shlex.join(["alembic", *config, *section, name, *targets])
    return f"(cd {quoted_path(start)} && {line})" if start else line


def argument_command(environment: Environment, name: str) -> str:
    """Return the command that upgrades a database with an argument for env.py: `alembic -x tenant=NAME upgrade head`."""
    given = f"{name}=NAME"
    if environment.kind == "flask-migrate":
        return command(environment, "upgrade", "-x", given)
    return command(environment, "-x", given, "upgrade", "head")


def upgrade_command(environment: Environment, *, heads: int) -> str:
    """Return the command that brings a database up to date; with several heads Alembic wants to be told "heads"."""
    if environment.own_upgrade:
        return environment.own_upgrade
    several = ("heads",) if heads > 1 else ()
    return command(environment, "upgrade", *(several if environment.kind == "flask-migrate" else several or ("head",)))


def told_apart(environments: Iterable[Environment]) -> tuple[Environment, ...]:
    """Sort environments, and label those that share a path: by their sections where these differ, else by their files too."""
    by_path: dict[str, list[Environment]] = defaultdict(list)
    for each in environments:
        by_path[each.path].append(each._replace(label=None))
    return tuple(labelled for path in sorted(by_path) for labelled in _labelled(by_path[path]))


def _labelled(sharing: list[Environment]) -> Sequence[Environment]:
    if len(sharing) == 1:
        return sharing
    sections = [each.section for each in sharing]
    labelled = []
    for each in sharing:
        section = each.section if sections.count(each.section) == 1 else f"{each.config or 'no file'} {each.section}"
        labelled.append(each._replace(label=section))
    return sorted(labelled, key=lambda each: each.label or "")
