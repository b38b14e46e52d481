"""Long lines in the width of a terminal, broken between words; a command or a path is one word."""

from __future__ import annotations

import re

from .cells import width_of

StyledLine = list[tuple[str, str]]
"""Texts with the names of their styles."""

_WHOLE = ("command", "path")
"""Styles of texts that are copied as one."""


def wrapped(line: StyledLine, width: int) -> list[StyledLine]:
    """Break a line between words; the lines that go on are indented by two cells more."""
    words = [word for text, style in line for word in _words(text, style)]
    text = "".join(text for text, _ in line)
    indent = " " * (len(text) - len(text.lstrip(" ")) + 2)
    lines: list[StyledLine] = [[]]
    for group in _joined(words):
        taken = sum(width_of(text) for text, _ in lines[-1])
        needed = sum(width_of(text) for text, _ in group)
        if taken + needed > width and any(text.strip() for text, _ in lines[-1]):
            while not lines[-1][-1][0].strip():
                lines[-1].pop()
            lines.append([(indent, "")])
        starts = len(lines) > 1 and len(lines[-1]) == 1
        if not (starts and not group[0][0].strip()):
            lines[-1] += group
    return lines


def _words(text: str, style: str) -> StyledLine:
    if style in _WHOLE:
        return [(text, style)]
    return [(word, style) for word in re.findall(r"\s+|\S+", text)]


def _joined(words: StyledLine) -> list[StyledLine]:
    """Keep together what no space separates, whatever its styles."""
    groups: list[StyledLine] = []
    for word in words:
        if groups and word[0].strip() and groups[-1][-1][0].strip():
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups
