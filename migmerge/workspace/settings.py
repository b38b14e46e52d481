"""The configuration of the team, in pyproject.toml, and of the clone, in git."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence

from ..core.environment import Environment
from ..core.settings import Settings, with_values
from ..repository.facts import configuration_of
from ..repository.repository import Repository


def read_settings(repository: Repository, environments: Sequence[Environment], configuration: str | None = None) -> Settings:
    """Read `[tool.migmerge]` from the pyproject.toml nearest the top, and `git config migmerge.*`, which wins.

    `configuration` is git's answer where it is known already.

    Raises:
        MigmergeError: for an unknown key or value, naming the nearest known one.
    """
    asked = repository.git.start_settings() if configuration is None else None
    settings = Settings()
    for path in project_files(environments):
        if table := _tool_table(repository.absolute(path), path):
            settings = with_values(settings, table, path)
            break
    return with_values(settings, _git_values(configuration_of(asked) if asked else configuration or ""), "git config")


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
        data = opened.read()
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
        if key == "environments":
            value = (*values.get(key, ()), value)  # type: ignore[assignment,misc]
        values[key] = value
    return values
