"""What a merge revision is, from its parents alone: the same for everyone who joins the same heads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timezone

from ..revision import Revision

ID_LENGTH = 12
UNKNOWN_DATE = datetime(1970, 1, 1)
"""The date of a merge revision where no parent has one: plainly none, and the same in every clone, as no date of git's is."""
_LONGEST_MESSAGE = 60
_ISO = re.compile(r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:\.(\d{1,6})\d*)? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_UNSAFE = str.maketrans({'"': "'", "\\": "/", "$": None})


def is_hex_id(revision: str) -> bool:
    """Say whether an id is one of those that Alembic makes."""
    return re.fullmatch(r"[0-9a-f]{8,40}", revision) is not None


def merge_id(parents: Iterable[str]) -> str:
    """Return the first 12 hex digits of a SHA-256 over the sorted parents."""
    return hashlib.sha256("\n".join(sorted(parents)).encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


def merge_message(parents: Iterable[Revision]) -> str:
    """Say what is joined, from the parents' messages, free of all that could end a docstring or start an escape."""
    messages = [
        _shortened(parent.message) or _shortened(parent.revision) for parent in sorted(parents, key=lambda each: each.revision)
    ]
    return "merge " + " and ".join(filter(None, (", ".join(messages[:-1]), messages[-1])))


def _shortened(message: str) -> str:
    plain = "".join(character for character in message.translate(_UNSAFE) if character.isprintable())
    return plain if len(plain) <= _LONGEST_MESSAGE else plain[: _LONGEST_MESSAGE - 3].rstrip() + "..."


def is_safe_id(revision: str) -> bool:
    """Say whether an id may be written into a docstring."""
    return revision.isprintable() and not any(mark in revision for mark in "\"'\\")


def parse_date(text: str | None) -> datetime | None:
    """Read a "Create Date:" in its usual forms, or an author date of git; None where it is something else.

    Every Python reads the same: 3.10 knows no Z, no zone without a colon and no fraction but of 3 or 6 digits.
    """
    found = _ISO.fullmatch((text or "").strip())
    if found is None:
        return None
    moment, fraction, zone = found.groups()
    offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}" if zone else ""
    try:
        return datetime.fromisoformat(f"{moment}.{fraction:0<6}{offset}" if fraction else f"{moment}{offset}")
    except ValueError:
        return None


def latest(dates: Iterable[datetime]) -> datetime | None:
    """Return the latest date; one without a time zone is taken as UTC, whatever the machine's own is."""
    return max(dates, key=lambda date: date if date.tzinfo else date.replace(tzinfo=timezone.utc), default=None)
