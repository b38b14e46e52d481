"""Printing lines in which no control character of a repository survives."""

from __future__ import annotations

import os
import shlex
import sys

from ..core.text import printable

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TextIO


STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "cyan",
    "revision": "yellow",
    "path": "dim",
    "command": "bold",
    "good": "green",
    "gone": "red",
    "heading": "bold",
    "head": "bold green",
    "mark": "magenta",
    "lane 0": "cyan",
    "lane 1": "magenta",
    "lane 2": "green",
    "lane 3": "blue",
    "lane 4": "yellow",
    "lane 5": "bright_blue",
}

_RUN_SOMEWHERE = ("git ", "rm ", "flask ", "alembic ")
"""Commands that name files, or look for them where they are run."""

Part = str | tuple[str, str] | list[str]
"""A text, or a text with the name of its style."""


class Screen:
    """Write styled lines to a stream, when quiet only those about errors; without colour, rich is not imported (50 ms)."""

    def __init__(self, stream: TextIO, color: str = "auto", *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self.said: list[tuple[Part, ...]] = []
        self._way = ""
        self._colored = wants_color(stream, color)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

    def commands_run_at(self, folder: str) -> None:
        """Let the commands that are printed begin with the way to a folder, where the user stands elsewhere.

        In a hook git has gone to the top and says in GIT_PREFIX where it was called.
        """
        here = os.path.realpath(os.environ.get("GIT_PREFIX") or ".")
        way = os.path.relpath(os.path.realpath(folder), here)
        self._way = "" if way == "." else f"cd {shlex.quote(way)} && "

    def say(self, *parts: Part) -> None:
        """Print one line; a part with a style is a pair of text and style name."""
        self.said.append(parts)
        if self._quiet and not any(part[1] == "error" for part in parts if isinstance(part, tuple)):
            return
        pairs = [(printable(part), "") if isinstance(part, str) else self._styled(*part) for part in parts]
        if self._colored:
            self._say_in_color(pairs)
        else:
            print("".join(text for text, _ in pairs).rstrip(), file=self._stream)

    def _styled(self, text: str, style: str) -> tuple[str, str]:
        way = self._way if style == "command" and text.startswith(_RUN_SOMEWHERE) else ""
        return printable(way + text), style

    def _say_in_color(self, pairs: list[tuple[str, str]]) -> None:
        from rich.console import Console
        from rich.text import Text

        console = Console(file=self._stream, force_terminal=True, highlight=False, soft_wrap=True)
        console.print(Text.assemble(*((text, STYLES.get(style, "")) for text, style in pairs)))

    def show(self, text: str) -> None:
        """Print a text of several lines as it is, but for what a terminal would obey."""
        for line in text.splitlines():
            self.say(line)

    def flush(self) -> None:
        self._stream.flush()


def wants_color(stream: TextIO, color: str) -> bool:
    """Decide as git does: always, never, or where the stream is a terminal and NO_COLOR (no-color.org) is not set."""
    if color != "auto":
        return color == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def report_error(message: str, hint: str | None, color: str = "auto") -> None:
    """Print `error: …` and `hint: …` where errors go."""
    screen = Screen(sys.stderr, color)
    screen.say(("error:", "error"), " ", message)
    if hint:
        screen.say(("hint:", "info"), " ", (hint, "command"))
