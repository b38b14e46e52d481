"""Where a text assigns its identifiers, found without parsing: also in a text that no Python parses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from .identifiers import IDENTIFIER_NAMES

# Every alternative ends at the end of the text at the latest, so none is tried twice and the time is linear in any text.
_TOKEN = re.compile(
    rf"""
      (?P<ignored> \#[^\n]* | ^(?:<{{7}}|\|{{7}}|={{7}}|>{{7}})(?:[ ][^\n]*)?$ )
    | \"{{3}}(?:[^"\\]+|\\.?|"(?!""))*(?:\"{{3}}|\Z)
    | '{{3}}(?:[^'\\]+|\\.?|'(?!''))*(?:'{{3}}|\Z)
    | "(?:[^"\\\n]+|\\.?)*"?
    | '(?:[^'\\\n]+|\\.?)*'?
    | ^(?P<indent>[ \t\f]*)(?P<name>{"|".join(IDENTIFIER_NAMES)})[ \t\f]*
      (?::(?:[^=\n;\#'"]|'[^'\\\n]*'|"[^"\\\n]*")*(?<![!<>]))?=(?!=)
    | (?P<opening>[(\[{{]) | (?P<closing>[)\]}}])
    | \bglobal\b(?P<globals>(?:[^\\\n;\#'"]+|\\\n)*)
    | (?:\\\n[ \t\f]*)?(?P<word>\w+)(?P<walrus>\s*:=)?
    | (?<![^\n\f])\S
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_DEFINITIONS = ("def", "async", "class")
_WORD = re.compile(r"\w+")


def assignments_in(text: str) -> Iterator[tuple[str, int, int | None]]:
    """Yield each identifier that the module may bind: its name, its position, and the position of the value.

    The value's position is None where the name is used in another way than `name = …` at the start of a line: what the
    name is bound to is not known then. Strings, comments and the bodies of functions and classes are passed over.
    The lines of `text` end in a line feed.
    """
    depth, inside = 0, False
    for token in _TOKEN.finditer(text):
        if token["ignored"] is not None:
            continue
        at_margin = depth == 0 and _is_at_margin(text, token)
        if at_margin:
            inside = token["word"] in _DEFINITIONS
        depth = max(0, depth + bool(token["opening"]) - bool(token["closing"]))
        if at_margin and token["name"]:
            yield token["name"], token.start("name"), token.end()
        elif not inside or token["walrus"] or token["globals"]:
            yield from ((name, token.start(), None) for name in _identifiers_in(token))


def _is_at_margin(text: str, token: re.Match[str]) -> bool:
    """Return whether a token begins a line without indentation; Python counts the blanks anew behind a form feed."""
    if token["indent"]:
        return token["indent"].endswith("\f")
    return token.start() == 0 or text[token.start() - 1] in "\n\f"


def _identifiers_in(token: re.Match[str]) -> Iterator[str]:
    """Yield the identifiers among the words of a token; Python takes letters such as a full-width r for the plain ones."""
    words = _WORD.findall(token["globals"] or token["name"] or token["word"] or "")
    yield from (name for name in (normalize("NFKC", word) for word in words) if name in IDENTIFIER_NAMES)
