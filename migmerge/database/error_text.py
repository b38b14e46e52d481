"""An error in one line, without a secret and without a driver's decoration."""

from __future__ import annotations

import re
from typing import Any

from ..core.redaction import without_secrets

_SCHEMA_STATES = ("42", "2BP", "0A")
"""SQLSTATEs of PostgreSQL: undefined and duplicate objects, objects on which others depend, what is not supported."""
_MISSING_RIGHT = "42501"
_SCHEMA_NUMBERS = frozenset(
    (
        *("1005", "1007", "1008", "1022", "1049", "1050", "1051", "1054", "1060", "1061", "1064", "1068", "1072", "1091"),
        *("1146", "1305", "1347", "1360", "1553", "1822", "1824", "1825", "1826", "1828", "1829", "3730", "3780"),
    )
)
"""Errors of MySQL and MariaDB about tables, columns, keys and routines that are there, are missing, or are needed."""
_LENGTH_OF_NUMBERS = 4
_SCHEMA_WORDS = re.compile(
    r"no such (?:table|column|index|view|trigger)|already exists|duplicate column name|syntax error|error in \w+ "
)
"""What SQLite says, whose errors have no codes before Python 3.11."""


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without blank ones, each without the space around it."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def reason_of(error: BaseException) -> str:
    """Return the first line of an error's message; for a database's error the driver's message, without its number."""
    original = _original(error)
    match getattr(original, "args", ()):
        case (int(), message) if not isinstance(original, OSError):
            text = str(message)
        case _:
            text = str(original)
    return without_secrets(next(iter(lines_of(text)), type(original).__name__))


def named_reason_of(error: BaseException) -> str:
    """Return `reason_of`, after the name of the error's type unless the error is a database's."""
    reason, name = reason_of(error), type(error).__name__
    return reason if _original(error) is not error or reason == name else f"{name}: {reason}"


def project_reason_of(error: BaseException) -> str:
    """Return what the project's own code raised: the type's name and the first line, without a secret."""
    original = _original(error)
    lines = lines_of(str(original)) or ["no reason given"]
    # Flask puts the traceback of an application that cannot be imported into its own message.
    is_traceback = "Traceback (most recent call last):" in lines
    return without_secrets(lines[-1] if is_traceback else f"{type(original).__name__}: {lines[0]}")


def code_of(error: BaseException) -> str:
    """Return the number or SQLSTATE of a driver's error; empty where it has none."""
    original: Any = getattr(error, "orig", None)
    match getattr(original, "args", ()):
        case (int() as number, *_):
            return str(number)
        case _:
            return str(getattr(original, "sqlstate", None) or getattr(original, "pgcode", None) or "")


def is_of_schema(error: BaseException) -> bool:
    """Say whether a statement was refused for what the catalogue has or lacks, whatever rows there are."""
    if type(error).__name__ == "NoSuchTableError":  # SQLAlchemy reflects a table for a batch
        return True
    if _original(error) is error:  # what a script raises itself says nothing of the catalogue
        return False
    code = code_of(error)
    if code.isdecimal() and len(code) == _LENGTH_OF_NUMBERS:
        return code in _SCHEMA_NUMBERS
    if code:
        return code.startswith(_SCHEMA_STATES) and code != _MISSING_RIGHT
    return bool(_SCHEMA_WORDS.search(str(_original(error))))


def unqualified(text: str, database: str | None) -> str:
    """Remove the name of a scratch database, which MariaDB puts before the names of its tables."""
    return re.sub(rf"`?{re.escape(database)}`?\.", "", text) if database else text


def _original(error: BaseException) -> BaseException:
    """Return the driver's error in an error of SQLAlchemy."""
    return getattr(error, "orig", None) or error
