"""What the team and the clone configured."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence

from ..core.environment import Environment
from ..core.settings import Settings, with_values
from ..environment.configuration import tool_table
from ..repository.git import GitFailed, Running
from ..repository.repository import Repository


def read_settings(repository: Repository, environments: Sequence[Environment]) -> Settings:
    """Read `[tool.migmerge]` from the pyproject.toml nearest the top, then lay `git config migmerge.*` over it.

    Raises:
        MigmergeError: for an unknown key or value, naming the nearest known one.
    """
    asked = repository.git.start("config", "--null", "--get-regexp", r"^migmerge\.")
    settings = Settings()
    for folder in _project_folders(environments):
        path = posixpath.join(folder, "pyproject.toml")
        if table := _tool_table(repository.absolute(path), path):
            settings = with_values(settings, table, path)
            break
    return with_values(settings, _git_values(asked), "git config")


def _project_folders(environments: Sequence[Environment]) -> Iterator[str]:
    """Yield the top, then the folders above each environment from the top down, once each."""
    parents = {""}
    for environment in environments:
        parts = environment.path.split("/")
        parents |= {"/".join(parts[:count]) for count in range(1, len(parts))}
    yield from sorted(parents, key=lambda folder: (folder.count("/"), folder))


def _tool_table(file: str, path: str) -> dict[str, object]:
    if not os.path.isfile(file):
        return {}
    with open(file, "rb") as opened:
        return tool_table(opened.read(), path, "migmerge")


def _git_values(asked: Running) -> dict[str, object]:
    """Read `<section>.<key>LF<value>NUL`; git says nothing, and fails, where there is none."""
    try:
        entries = [entry for entry in asked.text().split("\0") if entry]
    except GitFailed:
        return {}
    values: dict[str, object] = {}
    for entry in entries:
        name, _, value = entry.partition("\n")
        key = name.removeprefix("migmerge.")
        if key == "environments":
            value = (*values.get(key, ()), value)  # type: ignore[assignment,misc]
        values[key] = value
    return values
