"""How much of a script is read: what is larger than any script that a person wrote is unknown, and costs nothing."""

from __future__ import annotations

import re

MOST_BYTES = 1_000_000
"""Of a file that is read at all; readers of files cut a longer one behind the first byte too many."""
MOST_BYTES_COMPARED = 8_000_000
"""Of all scripts of a divergence together, of which each is read as to what it does."""
MOST_PARSED = 256 * 1024
"""Characters of a text that is parsed, which takes up to 2 MB of memory and 4 ms for each 1,000 of them."""
MOST_SIGNS = 60_000
"""Of the signs between which the words of a parsed text stand: each makes nodes of the syntax tree, a letter makes none."""
MOST_STEPS = 500_000
"""Values that are looked at while the names of a text are followed, a third of a second; a text of 200 KB has 60 a name."""
LONGEST_HEADER = 64 * 1024
"""Characters in which the fast scanner looks for the identifiers."""
LONGEST_NAME, MOST_NAMES = 255, 255
"""Characters of an id or a label, and names in one list of them."""
TOO_LONG = "it is too long to read"

_SIGNS = "\n,=+-.([{*:"
_SLOW_ENCODING = re.compile(rb"[^\n]{0,999}\n?[^\n]{0,999}coding[:=][ \t]*(?:punycode|idna)\b", re.IGNORECASE)


def is_too_large(data: bytes) -> bool:
    return len(data) > MOST_BYTES


def costs_too_much(text: str) -> bool:
    """Say whether parsing a text would take more than about a second or 100 MB."""
    return len(text) > MOST_PARSED or sum(map(text.count, _SIGNS)) > MOST_SIGNS


def is_slow_to_decode(data: bytes) -> bool:
    """Say whether a script declares an encoding whose decoding takes time that is quadratic in the length of a text."""
    return _SLOW_ENCODING.match(data) is not None
