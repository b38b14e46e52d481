"""Which ids Alembic takes, and how long they may be."""

from __future__ import annotations

from collections.abc import Collection

MOST_CHARACTERS = 32
"""Of an id that Alembic's own version table takes: `version_num VARCHAR(32)`, which SQLite does not enforce."""

_ILLEGAL = frozenset("@-+:")
_RESERVED = "base"
"""What Alembic calls the state before every revision: the upgrade of a revision of this name fails an assertion."""


def is_plain(revision: str) -> bool:
    """Say quickly of most ids that there is nothing wrong with them."""
    return len(revision) <= MOST_CHARACTERS and revision.isalnum() and revision != _RESERVED


def illegal_in(revision: str) -> str:
    """Return why Alembic refuses an id, in words; empty where Alembic takes it."""
    found = ", ".join(repr(each) for each in sorted(_ILLEGAL.intersection(revision)))
    return f"it has {found}" if found else f"{_RESERVED} means the state before every revision" if revision == _RESERVED else ""


def usable_id(revision: str, taken: Collection[str]) -> str:
    """Return an id that is like another one, that Alembic and every version table take, and that is not taken."""
    plain = "".join("_" if each in _ILLEGAL else each for each in revision)
    whole = plain if len(plain) <= MOST_CHARACTERS else plain[: MOST_CHARACTERS + 1].rpartition("_")[0] or plain[:MOST_CHARACTERS]
    whole = whole if whole != _RESERVED else f"{_RESERVED}_1"
    numbered = (f"{whole[: MOST_CHARACTERS - len(str(number)) - 1]}_{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (whole, *numbered) if each not in taken)
