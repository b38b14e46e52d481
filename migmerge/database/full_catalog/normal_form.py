"""Spellings that mean the same in two catalogues."""

from __future__ import annotations

import re
from functools import lru_cache

from ...core.database.schema_catalog import NAME, CatalogKey

CatalogFact = tuple[CatalogKey, str]

MOST_REMEMBERED = 20_000
"""Rows whose facts are kept: a replay reads the same catalogue, a little longer, after each revision."""

_TIMES = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:[+-]\d\d(?::?\d\d)?|Z)?")
_UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_GIVEN_BY_SERVER = re.compile(
    r"CONSTRAINT_\d+|.*_(?:chk|ibfk)_\d+|.*_(?:pkey|key|fkey|check|excl|not_null)\d*|sqlite_autoindex_.*"
)


@lru_cache(maxsize=MOST_REMEMBERED)
def collapsed(text: object) -> str:
    """Return a definition in one line, without the space that nobody sees and the semicolon at its end."""
    return " ".join(str(text or "").split()).rstrip("; ")


def unquoted(text: object) -> str:
    """Return a definition without the quotes of its identifiers and without space beside brackets and commas."""
    return re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"[\"`\[\]]", "", collapsed(text)))


def folded_sql(text: object) -> str:
    """Return a definition like `unquoted`, in lower case but for its literals: SQLite ignores the case of all the rest."""
    parts = re.split(r"('(?:[^']|'')*')", collapsed(text))
    return "".join(each if number % 2 else unquoted(f"|{each}|")[1:-1].lower() for number, each in enumerate(parts))


@lru_cache(maxsize=MOST_REMEMBERED)
def shown_default(text: object) -> str:
    """Return a default without the brackets around it; a time or UUID that a script computed is another in each run."""
    shown = collapsed(text)
    while shown.startswith("(") and shown.endswith(")") and _closes_at(shown) == len(shown) - 1:
        shown = shown[1:-1].strip()
    shown = re.sub(r"^nextval\(.*\)$", "nextval", shown)
    return _UUIDS.sub("<uuid>", _TIMES.sub("<time>", shown))


def _closes_at(text: str) -> int:
    """Return the position of the bracket that closes the first one; -1 where none does."""
    depth, quoted = 0, False
    for position, character in enumerate(text):
        quoted ^= character == "'"
        if not quoted:
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return position
    return -1


@lru_cache(maxsize=MOST_REMEMBERED)
def constraint_facts(kind: str, owner: str, definition: str, name: str | None) -> tuple[CatalogFact, ...]:
    """Return a constraint or index by its definition, with its name, which is empty where the server gave it, if it has one."""
    key = CatalogKey(kind, owner, definition if definition.startswith("(") else f"({definition})")
    if name is None:
        return ((key, ""),)
    return (key, ""), (key._replace(aspect=NAME), "" if _GIVEN_BY_SERVER.fullmatch(name) else name)
