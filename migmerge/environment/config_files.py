"""The Alembic environments that an ini or toml file describes, read as data."""

from __future__ import annotations

import os
import re
import shlex
import sys
from configparser import ConfigParser, Error
from typing import NamedTuple

from ..core.errors import MigmergeError

HERE = "//here"
"""Stands for the folder of the file, where Alembic puts `%(here)s`; no path of a repository begins with two slashes."""

_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_LEGACY_SEPARATOR = re.compile(r", *|(?: +)")


class DescribedEnvironment(NamedTuple):
    """An environment as a file describes it; paths are as written, with `HERE` for the file's folder."""

    section: str
    script_location: str | None
    version_locations: tuple[str, ...]
    recursive: bool


def read_ini(data: bytes, path: str) -> tuple[DescribedEnvironment, ...]:
    """Return the environments of the `[alembic]` section and of every other one that has a script_location.

    Raises:
        MigmergeError: where the file is no ini, or a value refers to a missing key.
    """
    parser = ConfigParser({"here": HERE})
    try:
        parser.read_string(data.decode("utf-8-sig", "replace"))
        own = [name for name in parser.sections() if name == "alembic" or "script_location" in parser[name]]
        return tuple(_section(parser, name) for name in own)
    except (Error, ValueError) as error:
        raise MigmergeError(f"{path}: {str(error).splitlines()[0]}", hint=f"git log -p -2 -- {shlex.quote(path)}") from error


def _section(parser: ConfigParser, name: str) -> DescribedEnvironment:
    section = parser[name]
    locations = section.get("version_locations", "")
    separator = section.get("path_separator", section.get("version_path_separator"))
    if separator is None:
        parts = _LEGACY_SEPARATOR.split(locations)
    elif separator in _SEPARATORS:
        parts = locations.split(_SEPARATORS[separator])
    else:
        raise ValueError(f"path_separator cannot be {separator!r}")
    return DescribedEnvironment(
        name,
        section.get("script_location"),
        tuple(part.strip() for part in parts if part.strip()),
        section.get("recursive_version_locations") == "true",
    )


def read_toml(data: bytes, path: str) -> tuple[DescribedEnvironment, ...]:
    """Return the environment that `[tool.alembic]` describes; none where the file has no such table.

    Raises:
        MigmergeError: where the file is no toml, or version_locations is no list of paths.
    """
    table = tool_table(data, path, "alembic")
    if not isinstance(table.get("script_location"), str):
        return ()
    locations = table.get("version_locations") or []
    if not isinstance(locations, list) or not all(isinstance(item, str) for item in locations):
        raise MigmergeError(f"{path}: version_locations must be a list of paths")
    return (
        DescribedEnvironment(
            "alembic",
            _with_here(str(table["script_location"])),
            tuple(map(_with_here, locations)),
            table.get("recursive_version_locations") is True,
        ),
    )


def tool_table(data: bytes, path: str, tool: str) -> dict[str, object]:
    """Return `[tool.NAME]` of a pyproject.toml, empty where it has none.

    Raises:
        MigmergeError: where the file is no toml.
    """
    # Only where the text names the table: tomllib takes 6 ms to import.
    if f"tool.{tool}".encode() not in data and b"[tool]" not in data:
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table = tomllib.loads(data.decode("utf-8-sig")).get("tool", {}).get(tool, {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise MigmergeError(f"{path}: {error}", hint=f"git log -p -2 -- {shlex.quote(path)}") from error
    return table if isinstance(table, dict) else {}


def _with_here(text: str) -> str:
    return text.replace("%(here)s", HERE).replace("%%", "%")
