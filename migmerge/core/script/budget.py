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
MOST_BYTES_OF_ALL, MOST_SIGNS_OF_ALL = 256_000_000, 2_000_000
"""Of the scripts that one command reads, and of those that it parses: of ordinary ones 15,000, in ten seconds."""
LONGEST_HEADER = 64 * 1024
"""Characters in which the fast scanner looks for the identifiers."""
LONGEST_NAME, MOST_NAMES = 255, 255
"""Characters of an id or a label, and names in one list of them."""
TOO_LONG = "it is too long to read"
NOT_READ = "it is one of more scripts than a command reads"

_SIGNS = "\n,=+-.([{*:"
_LEAST_SIGNS = 30
"""What parsing an empty script costs in signs."""
_SLOW_ENCODING = re.compile(rb"[^\n]{0,999}\n?[^\n]{0,999}coding[:=][ \t]*(?:punycode|idna)\b", re.IGNORECASE)


def is_too_large(data: bytes) -> bool:
    return len(data) > MOST_BYTES


def costs_too_much(text: str) -> bool:
    """Say whether parsing a text would take more than about a second or 100 MB."""
    return len(text) > MOST_PARSED or sum(map(text.count, _SIGNS)) > MOST_SIGNS


def is_slow_to_decode(data: bytes) -> bool:
    """Say whether a script declares an encoding whose decoding takes time that is quadratic in the length of a text."""
    return _SLOW_ENCODING.match(data) is not None


class ReadingBudget:
    """Hold how much of its scripts one command may still read; counted in work, not in time: any machine reads as much."""

    def __init__(self, most_bytes: int = MOST_BYTES_OF_ALL, most_signs: int = MOST_SIGNS_OF_ALL) -> None:
        self._bytes, self._signs = most_bytes, most_signs

    @property
    def is_spent(self) -> bool:
        return self._bytes < 0 or self._signs < 0

    def covers(self, data: bytes) -> bool:
        """Take a script's length from the budget, and say whether the script may be read."""
        self._bytes -= len(data)
        return self._bytes >= 0

    def covers_parsing(self, data: bytes) -> bool:
        """Take what parsing a script costs from the budget, and say whether it may be parsed."""
        self._signs -= _LEAST_SIGNS + min(sum(map(data.count, _SIGNS.encode())), MOST_SIGNS)
        return self._signs >= 0
