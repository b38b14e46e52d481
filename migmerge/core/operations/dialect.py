"""The dialect of the SQL in scripts, from what a configuration and the scripts say; nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from .interpreter.statements import read_operations
from .operation import Operations

_URL = re.compile(rb"^[ \t]*[\"']?sqlalchemy\.url[\"']?[ \t]*[=:][ \t]*[\"']?([a-z0-9_]+)(?:\+[a-z0-9_]+)?://", re.MULTILINE)
_IMPORT = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+sqlalchemy\.dialects(?:\.(\w+)|[ \t]+import[ \t]+(\([^)]*\)|[^\r\n#]+))", re.MULTILINE
)
_SAME = {"mariadb": "mysql"}
_MOST_REMEMBERED = 4096
"""Scripts."""
_DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle")


def dialect_of(texts: Iterable[bytes], configuration: bytes = b"") -> str | None:
    """Return SQLAlchemy's name of the one dialect of which an ini or toml file and scripts tell; None where of several."""
    imported = (name for text in texts for name in _imported(text))
    return agreed([*(found.decode() for found in _URL.findall(configuration)), *imported])


def agreed(dialects: Iterable[str]) -> str | None:
    """Return the dialect that all name, of those that SQLAlchemy has; None where they differ, or none is named."""
    found = {_SAME.get(name, name) for name in dialects if name in _DIALECTS}
    return found.pop() if len(found) == 1 else None


def read_scripts(texts: Mapping[str, bytes], dialect: str | None) -> dict[str, Operations]:
    """Return what each script's `upgrade()` does, by the keys of the scripts."""
    return {name: read_operations(text, dialect=dialect) for name, text in texts.items()}


@lru_cache(maxsize=_MOST_REMEMBERED)
def _imported(text: bytes) -> tuple[str, ...]:
    """Return what a script imports of `sqlalchemy.dialects`; a forecast asks for the same scripts with each branch."""
    found: list[str] = []
    for module, names in _IMPORT.findall(text):
        found += [module.decode()] if module else []
        found += (next(iter(name.decode("utf-8", "replace").split()), "") for name in names.strip(b"()").split(b","))
    return tuple(found)
