"""An error in one line, without a secret and without a driver's decoration."""

from __future__ import annotations

import re
from typing import Any

from ..core.redaction import without_secrets


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


def unqualified(text: str, database: str | None) -> str:
    """Remove the name of a scratch database, which MariaDB puts before the names of its tables."""
    return re.sub(rf"`?{re.escape(database)}`?\.", "", text) if database else text


def _original(error: BaseException) -> BaseException:
    """Return the driver's error in an error of SQLAlchemy."""
    return getattr(error, "orig", None) or error
