"""SQL text, split into its statements where every dialect splits it alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECE = re.compile(
    r"""
      (?P<space>\s+|--(?=\s|\Z)[^\n]*|/\*(?!!)(?:(?!/\*|\*/).)*\*/)
    | (?P<quoted>'[^'\\]*'|"[^"\\]*"|`[^`\\]*`|(?<![\w$])(?P<tag>\$(?:[^\W\d]\w*)?\$)(?:(?!(?P=tag)).)*(?P=tag)
        |\[(?:[^][;\\'"`]|'[^][;\\']*')*\])
    | (?P<unsure>[\\#'"`\[]|--|/\*|(?<![\w$])\$(?!\d)|\b(?:BEGIN|DECLARE|DELIMITER)\b)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<end>;)
    | (?P<word>\w[\w$]*|.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""What a text consists of; `unsure` is what dialects read in different ways, what has no end, and what may begin a body."""


def split_sql(sql: str) -> tuple[str, ...]:
    """Return the statements of a text, without ends and without comments around them; the text where that is not sure."""
    return tuple(_statements(sql) or ()) or (sql,)


def _statements(sql: str) -> list[str] | None:
    """Return the statements of a text; None where dialects differ about them."""
    found, pieces, depth = list[str](), list[re.Match[str]](), 0
    for piece in _PIECE.finditer(sql):
        depth += (piece.lastgroup == "open") - (piece.lastgroup == "close")
        if piece["unsure"] or depth < 0 or (piece["end"] and depth):
            return None
        if piece["end"]:
            found += _text_of(sql, pieces)
            pieces = []
        elif not piece["space"]:
            pieces.append(piece)
    return None if depth else [*found, *_text_of(sql, pieces)]


def _text_of(sql: str, pieces: list[re.Match[str]]) -> Iterator[str]:
    if pieces:
        yield sql[pieces[0].start() : pieces[-1].end()]
