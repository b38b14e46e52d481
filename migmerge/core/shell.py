"""Commands that a user copies: names are quoted so that a POSIX shell takes them as they are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from .text import printable

_WORD = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^ \t\n'"\\;&|<>()])+""")
_ESCAPED = {"\\": r"\\", "%": "%%", "'": r"\047"}
"""What `printf` or the quotes around its format would not leave as it is."""


def runnable(command: str) -> str:
    """Return a command without characters that a terminal would obey: those of its quoted words are left to `printf`.

    A shell takes the line ends off the end of what a command prints: a word that ends with one is written as POSIX has it
    since 2024.
    """
    if command.isprintable():
        return command
    return printable(_WORD.sub(lambda word: _printed(word[0]), command))


def _printed(word: str) -> str:
    if word.isprintable() or "'" not in word:
        return word
    try:
        (text,) = shlex.split(word)
    except ValueError:
        return word
    if text.endswith("\n"):
        return "$'" + "".join(map(_escaped, text)).replace("%%", "%") + "'"
    return f"\"$(printf '{''.join(map(_escaped, text))}')\""


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isprintable():
        return character
    try:
        data = character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = character.encode("utf-8", "surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in data)


def called_as(command: str, program: str) -> str:
    """Return a command, or a text with commands, in which migmerge is called as `program`; quoted words stay."""

    def called(word: re.Match[str]) -> str:
        is_prose = word[0] != "migmerge" or command[: word.start()].endswith(" run ")
        return word[0] if is_prose else program

    return _WORD.sub(called, command)


def path_operand(path: str) -> str:
    """Return a path that no program takes for an option, and git for no magic pathspec."""
    return f"./{path}" if path.startswith(("-", ":")) else path


def quoted_path(path: str) -> str:
    """Return a path as a word of a command, which is no option."""
    return shlex.quote(path_operand(path))


def quoted_paths(paths: Iterable[str]) -> str:
    """Return paths as words of a command, which are no options."""
    return " ".join(map(quoted_path, paths))


def ref_operand(branch: str) -> str:
    """Return the name of a local branch that git takes for no option."""
    return f"refs/heads/{branch}" if branch.startswith("-") else branch
