"""Text from a repository, made harmless."""

from __future__ import annotations


def printable(text: str) -> str:
    """Show what a terminal would obey: escape sequences, line ends, directional marks, bytes that are no text."""
    return "".join(character if character.isprintable() else _shown(character) for character in text)


def _shown(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode()
