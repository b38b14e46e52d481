"""What the team and the clone configured."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence

from ..core.environment import Environment
from ..core.settings import Settings, with_values
from ..repository.git import GitFailed, GitProcess
from ..repository.repository import Repository


def read_settings(repository: Repository, environments: Sequence[Environment]) -> Settings:
    """Read `[tool.migmerge]` from the pyproject.toml nearest the top, then lay `git config migmerge.*` over it.

    Raises:
        MigmergeError: for an unknown key or value, naming the nearest known one.
    """
    asked = repository.git.start_settings()
    settings = Settings()
    for path in project_files(environments):
        if table := _tool_table(repository.absolute(path), path):
            settings = with_values(settings, table, path)
            break
    return with_values(settings, _git_values(asked), "git config")


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


def _git_values(asked: GitProcess) -> dict[str, object]:
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
