"""Our lines in a file of somebody else: put in at positions between two marks, and taken out to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_BEGIN, _END = r"# >>> migmerge in [\w-]+ >>>", r"# <<< migmerge in [\w-]+ <<<"
_LINES = rf"[ \t]*{_BEGIN}(?:(?!{_BEGIN})[\s\S])*?{_END}"
_MARKED = re.compile(rf"^{_LINES}\r?\n", re.MULTILINE)
_AT_THE_END = re.compile(rf"\r?\n{_LINES}\Z")
"""Where the text ended without a line end."""
_LEFT = re.compile(rf"^[ \t]*(?:{_BEGIN}|{_END})", re.MULTILINE)


class NotUnderstood(Exception):
    """Say that a configuration has another shape than its manager's documentation shows."""


class Piece(NamedTuple):
    """Hold lines to put in before a position of a text, with their indentation."""

    position: int
    lines: Sequence[str]
    indent: str = ""


def marked(manager: str, lines: Iterable[str]) -> list[str]:
    begin = f"# >>> migmerge in {manager} >>> (migmerge uninstall --from {manager} removes these lines)"
    return [begin, *lines, f"# <<< migmerge in {manager} <<<"]


def with_pieces(text: str, manager: str, pieces: Iterable[Piece]) -> str:
    """Return the text with each piece between marks; its line ends are those of the text."""
    newline = "\r\n" if "\r\n" in text else "\n"
    last_first = sorted(pieces, key=lambda piece: piece.position)[::-1]
    for piece in last_first:
        lines = newline.join(f"{piece.indent}{line}" if line else "" for line in marked(manager, piece.lines))
        before, after = text[: piece.position], text[piece.position :]
        unended = bool(before) and not before.endswith("\n")
        text = before + (newline + lines if unended else lines + newline) + after
    return text


def without_pieces(text: str) -> str:
    """Return the text without our lines.

    Raises:
        NotUnderstood: where a mark lacks the other one, so that nobody knows which lines are ours.
    """
    left = _AT_THE_END.sub("", _MARKED.sub("", text))
    if lonely := _LEFT.search(left):
        raise NotUnderstood(f"the other end of `{lonely[0].strip()}` is gone; remove what is left of our lines")
    return left


def line_end(text: str, position: int) -> int:
    """Return where the line of a position ends, its line end included."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1
