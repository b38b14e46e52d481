"""Statements that reach beyond the database in which they run: to accounts and settings of its server, or to other databases."""

from __future__ import annotations

import re
from collections.abc import Collection

_ACCOUNTS = r"\b(?:create|alter|drop|rename)\s+(?:role|user|group)\b(?!\s+mapping)"
_SETTINGS = r"\balter\s+system\b|\bset\s+(?:global|persist)\b|\b(?:create|alter|drop)\s+tablespace\b"
_DATABASES = (
    r"\b(?:create|alter|drop)\s+database\s+(?!(?:default\s+)?(?:character|charset|collate)\b)(?:if\s+(?:not\s+)?exists\s+)?"
)
_ROLES_GRANTED = r"^\s*(?:grant|revoke)\s(?!.*\bon\b)"
_PLACES = "into|update|from|join|table|exists|on|view|trigger|procedure|function|references|truncate"
_OF_DIALECT = {"sqlite": r"^\s*(?:attach|vacuum\s+into)\b", "postgresql": _ROLES_GRANTED}
_MYSQL = r"^\s*(?:grant|revoke)\b"
"""A server keeps the rights in a database beside it, also when that is dropped."""


def reaches_outside(statement: str, dialect: str, own: str, others: Collection[str] = ()) -> bool:
    """Say whether a statement in the database `own` may change something outside of it; `others` are its neighbours on MySQL."""
    own = rf"(?![`\"]?{re.escape(own)}\b)"
    kinds = [_OF_DIALECT.get(dialect, _MYSQL)]
    if dialect != "sqlite":
        kinds += [_ACCOUNTS, _SETTINGS, _DATABASES + own]
    if others:
        kinds.append(rf"\b(?:{_PLACES})\s+`?(?:{'|'.join(map(re.escape, others))})`?\s*\.")
    return any(re.search(kind, statement, re.IGNORECASE | re.DOTALL) for kind in kinds)
