"""The Alembic environments that an ini or toml file describes, read as data, each key where Alembic reads it.

The reading is that of `ScriptDirectory.from_config` in Alembic 1.20. A value that would make it raise becomes a problem of
the environment, never an error: one broken file hides no other environment.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping
from configparser import ConfigParser, Error, SectionProxy
from typing import Any, NamedTuple, TypeVar

from ..core.errors import MigmergeError
from ..core.script.budget import TOO_LONG
from .interpolation import BoundedInterpolation, filled_in

HERE = "//here"
"""Stands for the folder of the file, where Alembic puts `%(here)s`; no path of a repository begins with two slashes."""

_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_LEGACY_SEPARATOR = re.compile(r", *|(?: +)")
_OTHER_SECTIONS = re.compile(r"(loggers|handlers|formatters|post_write_hooks|(logger|handler|formatter)_.*)\Z")
MOST_BYTES = 512 * 1024
"""Of a configuration that is read."""
_MOST_WORK = 10_000_000
"""The dots of each line of a toml, squared and added up."""
_T = TypeVar("_T")
_TOOL = rb"""(?m:^|[\[\s])["']?tool["']?[ \t]*(?:\.[ \t]*["']?%s|[\]=])"""
_TEXTS = ("file_template", "output_encoding", "timezone")


class DescribedEnvironment(NamedTuple):
    """An environment as a file describes it; paths are as written, with `HERE` for the file's folder.

    `problem` is why Alembic would raise on the file or the section.
    """

    section: str
    script_location: str | None
    version_locations: tuple[str, ...] = ()
    recursive: bool = False
    problem: str | None = None


def unreadable(problem: str) -> DescribedEnvironment:
    """Return what is known of a file that cannot be parsed."""
    return DescribedEnvironment("alembic", None, problem=problem)


class _Problems:
    """Collect what Alembic would raise, the first of which is what a user meets."""

    def __init__(self) -> None:
        self.first: str | None = None

    def add(self, key: str, reason: object) -> None:
        if self.first is None:
            from ..core.redaction import without_secrets  # its patterns take 6 ms

            self.first = f"{key}: {without_secrets((str(reason).splitlines() or [type(reason).__name__])[0])}"

    def read(self, key: str, read: Callable[..., _T], *arguments: Any) -> _T | None:
        try:
            return read(*arguments)
        except (Error, ValueError, TypeError, KeyError) as error:
            self.add(key, error)
            return None


def read_ini(data: bytes) -> tuple[DescribedEnvironment, ...]:
    """Return the environments of the `[alembic]` section and of every other one that has a script_location."""
    if len(data) > MOST_BYTES:
        return (unreadable(TOO_LONG),)
    try:
        parser = _parsed(data)
    except (Error, ValueError) as error:
        return (unreadable(str(error).splitlines()[0]),)
    own = [name for name in parser.sections() if name == "alembic" or _describes_environment(parser, name)]
    return tuple(_section(parser, name) for name in own)


def _parsed(data: bytes) -> ConfigParser:
    parser = ConfigParser({"here": HERE}, interpolation=BoundedInterpolation())
    parser.read_string(data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n"))
    return parser


def _describes_environment(parser: ConfigParser, name: str) -> bool:
    """Say whether a section can be given to `alembic -n`; each of them has the keys of `[DEFAULT]`."""
    return "script_location" in parser[name] and not _OTHER_SECTIONS.match(name)


def _section(parser: ConfigParser, name: str) -> DescribedEnvironment:
    section, problems = parser[name], _Problems()
    location = problems.read("script_location", section.get, "script_location")
    _check_number(section, problems)
    if problems.read("prepend_sys_path", section.get, "prepend_sys_path"):
        _separator(section, problems, "path_separator")
    recursive = problems.read("recursive_version_locations", section.get, "recursive_version_locations") == "true"
    for key in (*_TEXTS, "sourceless"):
        problems.read(key, section.get, key)
    locations = problems.read("version_locations", section.get, "version_locations") or ""
    parts = _split(locations, section, problems) if locations else []
    if parser.has_section("post_write_hooks"):
        problems.read("post_write_hooks", lambda: str(parser.items("post_write_hooks")))
    return DescribedEnvironment(name, location, tuple(parts), recursive, problem=problems.first)


def _check_number(section: SectionProxy, problems: _Problems) -> None:
    if (text := problems.read("truncate_slug_length", section.get, "truncate_slug_length")) is not None:
        problems.read("truncate_slug_length", lambda: str(int(text)))


def _split(locations: str, section: SectionProxy, problems: _Problems) -> list[str]:
    separator = _separator(section, problems, "path_separator", "version_path_separator")
    if separator is None:  # a tab or a line end stays part of the name
        return [part for part in _LEGACY_SEPARATOR.split(locations) if part]
    return [part.strip() for part in locations.split(separator) if part.strip()]


def _separator(section: SectionProxy, problems: _Problems, *keys: str) -> str | None:
    """Return the separator that the first of the keys names; of one that Alembic refuses, that of its first word."""
    for key in keys:
        name = problems.read(key, section.get, key)
        if name is not None:
            if name not in _SEPARATORS:
                expected = ", ".join(map(repr, _SEPARATORS))
                problems.add(key, f"'{name}' is not a valid value for {key}; expected {expected}")
            return _SEPARATORS.get(name) or _SEPARATORS.get((name.split() or [""])[0])
    return None


def read_toml(data: bytes) -> tuple[DescribedEnvironment, ...]:
    """Return the environment that `[tool.alembic]` describes; none where the file has no such table, or no script_location."""
    try:
        table = tool_table(data, "pyproject.toml", "alembic")
    except MigmergeError as error:
        return (unreadable(str(error).partition(": ")[2]),)
    if "script_location" not in table:
        return ()
    problems = _Problems()
    location = problems.read("script_location", _toml_location, table)
    for key in ("truncate_slug_length", "prepend_sys_path", "post_write_hooks", *_TEXTS):
        problems.read(key, _check_toml, table, key)
    recursive = problems.read("recursive_version_locations", _toml_flag, table, "recursive_version_locations")
    problems.read("sourceless", _toml_flag, table, "sourceless")
    locations = problems.read("version_locations", _toml_locations, table) or ()
    return (DescribedEnvironment("alembic", location, locations, recursive is True, problems.first),)


_Table = Mapping[str, object]


def _toml_value(table: _Table, key: str) -> object:
    """Return a value as `Config.get_alembic_option` does, with `%(here)s` filled in.

    Raises:
        ValueError, TypeError, KeyError: where Alembic would raise.
    """
    found: Any = table.get(key)
    match found:
        case str(text):
            return _with_here(text)
        case [dict(), *_] as tables:
            return [{name: _with_here(each) for name, each in dict(inner).items()} for inner in tables]
        case list(texts):
            return [_with_here(each) for each in texts]
        case dict(texts):
            return {name: _with_here(each) for name, each in texts.items()}
        case int() | None as value:
            return value
    raise ValueError(f"unsupported TOML value type for key: {key!r}")


def _toml_location(table: _Table) -> str:
    value = _toml_value(table, "script_location")
    if not isinstance(value, str):
        raise TypeError(f"must be a text, not {value!r}")
    return value


def _toml_locations(table: _Table) -> tuple[str, ...]:
    value = table.get("version_locations") or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("must be a list of paths")
    return tuple(item for item in map(_with_here, value) if item)


def _toml_flag(table: _Table, key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise TypeError(f"boolean value expected for TOML parameter {key!r}")
    return value


def _check_toml(table: _Table, key: str) -> None:
    """Raise what Alembic would raise of a value that only a new script needs, as it reads all of them at once."""
    value: Any = _toml_value(table, key)
    if key == "truncate_slug_length" and value is not None:
        int(value)
    elif key == "prepend_sys_path":
        list(value or ())
    elif key == "post_write_hooks":
        for hook in () if value is None else value:
            dict(hook).pop("name")


def _too_much(data: bytes) -> str | None:
    """Return why a toml is not parsed; the time of a dotted key is quadratic in its parts."""
    if len(data) > MOST_BYTES:
        return TOO_LONG
    if sum(line.count(b".") ** 2 for line in data.split(b"\n")) > _MOST_WORK:
        return "its keys are nested too deeply"
    return None


def tool_table(data: bytes, path: str, tool: str) -> dict[str, object]:
    """Return `[tool.NAME]` of a pyproject.toml, empty where it has none.

    Raises:
        MigmergeError: where the file is no toml.
    """
    # Only where the text may name the table: tomllib takes 6 ms to import.
    if tool.encode() not in data or not re.search(_TOOL % tool.encode(), data):
        return {}
    if problem := _too_much(data):
        raise MigmergeError(f"{path}: {problem}", hint=f"git log -p -2 -- {shlex.quote(path)}")
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table = tomllib.loads(data.decode("utf-8-sig")).get("tool", {}).get(tool, {})
    except RecursionError as error:
        raise MigmergeError(f"{path}: it is nested too deeply", hint=f"git log -p -2 -- {shlex.quote(path)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, ValueError) as error:
        raise MigmergeError(f"{path}: {error}", hint=f"git log -p -2 -- {shlex.quote(path)}") from error
    return table if isinstance(table, dict) else {}


def declared_code(data: bytes, path: str, section: str) -> object:
    """Return what an ini or toml says of the code that runs when a script is written: the post-write hooks, and env.py.

    Raises:
        MigmergeError: where the toml cannot be read.
        configparser.Error: where the ini cannot, or ValueError.
    """
    if path.endswith(".toml"):
        table = tool_table(data, path, "alembic")
        return [table.get("post_write_hooks") or [], bool(table.get("revision_environment"))]
    parser = _parsed(data)
    hooks = sorted(parser.items("post_write_hooks")) if parser.has_section("post_write_hooks") else []
    loads = parser.get(section, "revision_environment", fallback="") if parser.has_section(section) else ""
    return [hooks, loads]


def _with_here(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text")
    return filled_in(text, {"here": HERE})
