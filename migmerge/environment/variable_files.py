"""The files beside a project that set variables: which names, and whether a shell reads them as they are; no value is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

FILES = (".env", ".flaskenv", ".env.local", ".env.development", ".env.dev")
EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", "env.example", ".env-example")
_MOST_CHARACTERS = 1_000_000
_SET = re.compile(r"\s*(?P<export>export\s+)?(?P<name>[A-Za-z_]\w*)(?P<space>\s*)=(?P<value>.*)$")
_SAFE = re.compile(r"""(?:[\w@%+=:,./?*~^-]|(?<=\S)#)*|'[^']*'|"[^"$`\\]*\"""")


class VariableFile(NamedTuple):
    """Hold the path of a file, the names that it sets to something, and those whose lines or whose file a shell misreads."""

    path: str
    names: frozenset[str]
    is_shell: bool
    is_example: bool = False


def text_of(path: str) -> str:
    """Return the text of a file of the project, up to a size that a person writes; empty where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_MOST_CHARACTERS)
    except OSError:
        return ""


def find_variable_files(folders: Sequence[str]) -> list[VariableFile]:
    """Read the files of the folders: those that are in use, then the examples."""
    named = [(name, os.path.join(folder, name)) for name in (*FILES, *EXAMPLES) for folder in dict.fromkeys(folders)]
    return [_read(path, text_of(path), is_example=name in EXAMPLES) for name, path in named if os.path.isfile(path)]


def port_values(folders: Sequence[str]) -> dict[str, str]:
    """Return what the `.env` files set to a number, which Compose puts into the ports of its services."""
    paths = (os.path.join(folder, ".env") for folder in reversed(folders))
    numbers: dict[str, str] = {}
    for path in filter(os.path.isfile, paths):
        set_here = filter(None, map(_SET.match, text_of(path).splitlines()))
        numbers |= {each["name"]: value for each in set_here if (value := each["value"].strip().strip("\"'")).isdigit()}
    return numbers


def _read(path: str, text: str, *, is_example: bool) -> VariableFile:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [_SET.match(line) for line in lines]
    names = frozenset(each["name"] for each in found if each and each["value"].strip().strip("\"'"))
    is_shell = all(each and not each["space"] and _SAFE.fullmatch(each["value"].rstrip()) for each in found)
    return VariableFile(path, names, is_shell, is_example)
