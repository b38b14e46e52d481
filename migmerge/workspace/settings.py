"""The configuration of the team, in pyproject.toml, and of the clone, in git."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence

from ..core.declared_environment import DeclaredEnvironment, folders_of, no_such_folder, read_declarations
from ..core.environment import Environment
from ..core.script.budget import MOST_BYTES
from ..core.settings import LISTS, Settings, with_values
from ..environment.layout import has_files, is_foreign
from ..repository.facts import configuration_of
from ..repository.repository import Repository

_DECLARATIONS = "environment"


def read_settings(repository: Repository, environments: Sequence[Environment], configuration: str | None = None) -> Settings:
    """Read `[tool.migmerge]` from the pyproject.toml nearest the top, and `git config migmerge.*`, which wins.

    `configuration` is git's answer where it is known already.

    Raises:
        MigmergeError: for an unknown key or value, naming the nearest known one.
    """
    asked = repository.git.start_settings() if configuration is None else None
    settings = Settings()
    for path in project_files(environments):
        table = _tool_table(repository.absolute(path), path)
        table.pop(_DECLARATIONS, None)
        if table:
            settings = with_values(settings, table, path)
            break
    return with_values(settings, _git_values(configuration_of(asked) if asked else configuration or ""), "git config")


def read_declared(repository: Repository, paths: Sequence[str]) -> tuple[DeclaredEnvironment, ...]:
    """Read `[[tool.migmerge.environment]]` of the pyproject.toml at the top and of those among `paths`, as they are on disk.

    Raises:
        MigmergeError: for a declaration that cannot be read, or one of a folder that is nowhere.
    """
    tables = ((path, _tool_table(repository.absolute(path), path)) for path in declaring_files(paths))
    declared = [
        (path, each) for path, table in tables if _DECLARATIONS in table for each in read_declarations(table[_DECLARATIONS], path)
    ]
    for path, each in declared:
        _require_folders(repository, each, path, paths)
    return tuple(each for _, each in declared)


def _require_folders(repository: Repository, declared: DeclaredEnvironment, source: str, paths: Sequence[str]) -> None:
    """Verify that declared folders are on disk, among the sorted `paths` of a tree, or hidden by a sparse checkout."""
    for key, folder in folders_of(declared):
        if os.path.isdir(repository.absolute(folder)) or has_files(folder, paths):
            continue
        tracked = repository.git.text("ls-files", "-z", "--full-name", ":(top)").split("\0")
        known = {parent for path in (*tracked, *paths) for parent in _parents(path)}
        if folder not in known:
            raise no_such_folder(key, folder, source, sorted(known))


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def declaring_files(paths: Iterable[str]) -> list[str]:
    """Return the files that may declare environments: a pyproject.toml at the top, and those among `paths`."""
    below = (path for path in paths if path.endswith("/pyproject.toml") and not is_foreign(path))
    return ["pyproject.toml", *below]


def project_files(environments: Sequence[Environment]) -> list[str]:
    """Return where a pyproject.toml may lie: at the top, then above each environment, from the top down."""
    parents = {""}
    for environment in environments:
        parts = environment.path.split("/")
        parents |= {"/".join(parts[:count]) for count in range(1, len(parts))}
    by_depth = sorted(parents, key=lambda folder: (bool(folder), folder.count("/"), folder))
    return [posixpath.join(folder, "pyproject.toml") for folder in by_depth]


def _tool_table(file: str, path: str) -> dict[str, object]:
    if not os.path.isfile(file):
        return {}
    with open(file, "rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    if b"migmerge" not in data:
        return {}
    from ..environment.config_files import tool_table

    return tool_table(data, path, "migmerge")


def _git_values(configuration: str) -> dict[str, object]:
    """Read `migmerge.<key>LF<value>NUL`, again and again; of several values of a key the last one counts."""
    values: dict[str, object] = {}
    for entry in filter(None, configuration.split("\0")):
        name, _, value = entry.partition("\n")
        key = name.removeprefix("migmerge.")
        if key in LISTS:
            value = (*values.get(key, ()), value)  # type: ignore[assignment,misc]
        values[key] = value
    return values
