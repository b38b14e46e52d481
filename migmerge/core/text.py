"""Text for a reader: harmless, joined, counted."""

from __future__ import annotations

from collections.abc import Iterable


def printable(text: str) -> str:
    """Escape what a terminal would obey: escape sequences, line ends, directional marks, bytes that are no text."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _shown(character) for character in text)


def _shown(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode()


def enumerate_names(names: Iterable[str], most: int = 6) -> str:
    """Join names as a sentence does: `a`, `a and b`, `a, b and c`, `a, b and 7 more`."""
    listed = list(names)
    if len(listed) > most:
        listed = [*listed[: most - 1], f"{len(listed) - most + 1} more"]
    return " and ".join(filter(None, (", ".join(listed[:-1]), *listed[-1:])))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 revision`, `2 revisions`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters; the last one of a longer text becomes an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
