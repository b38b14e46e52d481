"""Long lines in the width of a terminal, broken between words; a command or a path is one word.

A command that no line holds goes on after a backslash, so that it can be copied as it stands.
"""

from __future__ import annotations

import re

from .cells import width_of

StyledLine = list[tuple[str, str]]
"""Texts with the names of their styles."""

_WHOLE = ("command", "path")
"""Styles of texts that are copied as one."""

_BY_HAND = "edit "
"""The beginning of a hint that a person follows and no shell runs: it is broken like a sentence."""

_SHELL_WORD = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+""")


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
    return [part for line in lines for part in _continued(line, width)]


def _continued(line: StyledLine, width: int) -> list[StyledLine]:
    """Break a command that is alone on its line, and longer, where a shell reads on after a backslash."""
    (before, _), (command, style) = line if len(line) == 2 else (("", ""), ("", ""))
    if style != "command" or before.strip() or width_of(before + command) <= width:
        return [line]
    lines = [before]
    words = _SHELL_WORD.findall(command)
    for number, word in enumerate(words, 1):
        room = width if number == len(words) else width - 2
        if lines[-1].strip() and width_of(f"{lines[-1]} {word}") > room:
            lines[-1] += " \\"
            lines.append(f"{before}  ")
        lines[-1] += f" {word}" if lines[-1].strip() else word
    indents = [len(each) - len(each.lstrip(" ")) for each in lines]
    return [[(" " * indent, ""), (each[indent:], style)] for each, indent in zip(lines, indents, strict=True)]


def folded(text: str, width: int) -> list[str]:
    """Return the lines of a text, broken at spaces alone: no word, id or path is."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _words(text: str, style: str) -> StyledLine:
    if style in _WHOLE and not (style == "command" and text.startswith(_BY_HAND)):
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
