"""Styled lines on a stream, in which the control characters of a repository are escaped."""

from __future__ import annotations

import os
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

_FOLDER_COMMANDS = ("git ", "rm ", "flask ", "alembic ", "(cd ", "printf ")
"""Beginnings of the commands whose meaning depends on the folder in which they run."""

_PIPE_WIDTH = 120
"""Cells of a line where stdout is no terminal."""

_TERMINAL_WIDTH = 80
"""Cells of a line where a terminal does not say."""

Part = str | tuple[str, str] | list[str]
"""A text, or a text with the name of its style; a list where JSON held the pair."""


class Screen:
    """Print styled lines on a stream, in quiet mode only lines with the style "error".

    `lines` holds all lines, printed or not. rich, which takes 50 ms to import, is imported only for colour.
    """

    def __init__(self, stream: TextIO, color: str = "auto", *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self.lines: list[tuple[Part, ...]] = []
        self.notes: list[str] = []
        self._change_folder = ""
        self.is_quiet = quiet
        self._colored = wants_color(stream, color)
        self.width = width_of_stream(stream)
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.wraps = stream.isatty()
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

    def commands_run_at(self, folder: str) -> None:
        """Put `cd FOLDER &&` before the printed commands that have to run in a folder, where the user is in another one.

        Git runs a hook at the top of the work tree and names the user's folder in GIT_PREFIX.
        """
        here = os.path.realpath(os.environ.get("GIT_PREFIX") or ".")
        path = os.path.relpath(os.path.realpath(folder), here)
        if path != ".":
            from ..core.shell import quoted_path  # not in the shortest `check`

            self._change_folder = f"cd {quoted_path(path)} && "

    def say(self, *parts: Part) -> None:
        """Print one line; a part with a style is a pair of text and style name."""
        self.lines.append(parts)
        if self._quiet and not any(part[1] == "error" for part in parts if isinstance(part, tuple)):
            return
        pairs = [(printable(part), "") if isinstance(part, str) else self._styled(*part) for part in parts]
        for line in self._lines(pairs):
            if self._colored:
                self._say_in_color(line)
            else:
                print("".join(text for text, _ in line).rstrip(), file=self._stream)

    def note(self, *parts: Part) -> None:
        """Print one line that says something beside what happens, and keep its text in `notes`."""
        self.notes.append("".join(part if isinstance(part, str) else part[0] for part in parts))
        self.say("note: ", *parts)

    def _lines(self, pairs: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
        """Wrap a line at its words where a terminal would break them; what a pipe gets stays in one line."""
        text = "".join(text for text, _ in pairs)
        if not self.wraps or len(text) * (1 if text.isascii() else 2) <= self.width:
            return [pairs]
        from .wrap import wrapped  # a short line does without

        return wrapped(pairs, self.width)

    def _styled(self, text: str, style: str) -> tuple[str, str]:
        prefix = self._change_folder if style == "command" and text.startswith(_FOLDER_COMMANDS) else ""
        shown = prefix + (as_called(text) if style == "command" else text)
        if style == "command" and not shown.isprintable():
            from ..core.shell import runnable  # not in the shortest `check`

            return runnable(shown), style
        return printable(shown), style

    def _say_in_color(self, pairs: list[tuple[str, str]]) -> None:
        from rich.console import Console
        from rich.text import Text

        console = Console(file=self._stream, force_terminal=True, highlight=False, soft_wrap=True)
        console.print(Text.assemble(*((text, STYLES.get(style, "")) for text, style in pairs)))

    def show(self, text: str) -> None:
        """Print the lines of a text."""
        for line in text.splitlines():
            self.say(line)

    def say_hint(self, command: str, indent: str = "") -> None:
        """Print the command to run next, as `hint: …`."""
        self.say(f"{indent}hint: ", (command, "command"))

    def say_undo(self, command: str) -> None:
        """Print the command that takes a change back, as `undo: …`."""
        self.say("  undo: ", (command, "command"))

    @property
    def texts(self) -> list[str]:
        """Return all lines as they are without style."""
        return ["".join(part if isinstance(part, str) else part[0] for part in line) for line in self.lines]

    def flush(self) -> None:
        self._stream.flush()


def as_called(command: str) -> str:
    """Return a command of migmerge, or a text with some, as the user calls migmerge: `flask migmerge …` too.

    The name of the program is the first argument, which `flask migmerge` sets.
    """
    program = sys.argv[0] if sys.argv else ""
    if not program.endswith(" migmerge"):
        return command
    from ..core.shell import called_as  # not in the shortest `check`

    return called_as(command, program)


def silent_screen() -> Screen:
    """Return a screen that prints nothing, for a command whose stdout is a document; its `lines` are kept."""
    from io import StringIO

    return Screen(StringIO(), "never")


def screen_for(output: str, color: str, *, quiet: bool = False) -> Screen:
    """Return the screen of stdout, where the output of a command is text, or one that prints nothing."""
    return Screen(sys.stdout, color, quiet=quiet) if output == "text" else silent_screen()


def wants_color(stream: TextIO, color: str) -> bool:
    """Decide as git does; "auto" means a terminal, unless NO_COLOR (no-color.org) is set or TERM is "dumb"."""
    if color != "auto":
        return color == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def report_error(message: str, hint: str | None, color: str = "auto") -> None:
    """Print `error: …` and `hint: …` on stderr, without a secret that git, a hook or the application has put into its message."""
    from ..core.redaction import without_secrets  # its patterns take 6 ms

    screen = Screen(sys.stderr, color)
    screen.say(("error:", "error"), " ", without_secrets(message))
    if hint:
        screen.say(("hint:", "info"), " ", (hint, "command"))


def report_note(text: str, color: str = "auto") -> None:
    """Print `note: …` on stderr."""
    Screen(sys.stderr, color).say(("note:", "info"), " ", text)


def shortest(path: str) -> str:
    """Return a path as it is, or from the current folder, whichever is shorter."""
    try:
        return min(path, os.path.relpath(path), key=len) if os.path.isabs(path) else path
    except (OSError, ValueError):  # the current folder is gone, or on another drive
        return path


def print_document(document: str) -> None:
    """Print a text on stdout as it is, in UTF-8 whatever the locale: the encoding that an SVG declares and dot expects."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    print(document)


def stdout_width() -> int:
    """Return the cells of a line on stdout."""
    return width_of_stream(sys.stdout)


def width_of_stream(stream: TextIO) -> int:
    """Return the cells of a line: the terminal's, or that of a pipe."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _TERMINAL_WIDTH if stream.isatty() else _PIPE_WIDTH
    except (OSError, ValueError):
        return _PIPE_WIDTH
