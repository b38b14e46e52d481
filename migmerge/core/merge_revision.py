"""What a merge revision is, from its parents alone: the same for everyone who joins the same heads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timezone

from .revision import Revision

ID_LENGTH = 12
_LONGEST_MESSAGE = 60
_UNSAFE = str.maketrans({'"': "'", "\\": "/", "$": None})


def merge_id(parents: Iterable[str]) -> str:
    """Return the first 12 hex digits of a SHA-256 over the sorted parents."""
    return hashlib.sha256("\n".join(sorted(parents)).encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


def merge_message(parents: Iterable[Revision]) -> str:
    """Say what is joined, from the parents' messages, free of all that could end a docstring or start an escape."""
    messages = [_shortened(parent.message or parent.revision) for parent in sorted(parents, key=lambda each: each.revision)]
    return "merge " + " and ".join(filter(None, (", ".join(messages[:-1]), messages[-1])))


def _shortened(message: str) -> str:
    plain = "".join(character for character in message.translate(_UNSAFE) if character.isprintable())
    return plain if len(plain) <= _LONGEST_MESSAGE else plain[: _LONGEST_MESSAGE - 3].rstrip() + "..."


def is_safe_id(revision: str) -> bool:
    """Say whether an id may be written into a docstring."""
    return revision.isprintable() and not any(mark in revision for mark in "\"'\\")


def parse_date(text: str | None) -> datetime | None:
    """Read a "Create Date:" in any ISO form, or an author date of git; None where it is something else."""
    try:
        return datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None


def latest(dates: Iterable[datetime]) -> datetime | None:
    """Return the latest date; one without a time zone is taken as UTC, whatever the machine's own is."""
    return max(dates, key=lambda date: date if date.tzinfo else date.replace(tzinfo=timezone.utc), default=None)
