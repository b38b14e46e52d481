"""The man page, from the same texts as the help: `python -m migmerge.manual` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from . import __version__
from .arguments import COMMANDS, SHARED, Argument
from .command_help import HELP, TOP, CommandHelp


def manual() -> str:
    """Return the page in the man macros of roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH MIGMERGE 1 "" "migmerge {__version__}" "User Commands"'
    yield from (".SH NAME", f"migmerge \\- {_text(TOP.what.rstrip('.'))}")
    yield from (".SH SYNOPSIS", ".B migmerge", r"\fICOMMAND\fR [\fIOPTION\fR]... [\fIARGUMENT\fR]...")
    yield from (".SH DESCRIPTION", "Notices when a branch brings migrations that fork the history, and offers the cure.")
    yield from _around(TOP)
    yield ".SH COMMANDS"
    for name, (_, arguments) in COMMANDS.items():
        yield from (f".SS migmerge {name}", _text(HELP[name].what))
        yield from _arguments(arguments)
        yield from _around(HELP[name])
    yield ".SH COMMON OPTIONS"
    yield "All commands take these, before or after the command."
    yield from _arguments(SHARED)
    yield from _entry(r"\fB\-\-version\fR, \fB\-V\fR", "print the version")
    yield from _entry(r"\fB\-\-help\fR, \fB\-h\fR", "print the help of a command")


def _around(told: CommandHelp) -> Iterator[str]:
    """Yield the examples, and what the exit status means."""
    yield from (".PP", "Examples:")
    for line, purpose in told.examples:
        yield from _entry(f"\\fBmigmerge {_text(line)}\\fR", purpose)
    yield from (".PP", "Exit status:")
    for status, meaning in told.exits:
        yield from _entry(f"\\fB{status}\\fR", meaning)


def _arguments(arguments: Iterable[Argument]) -> Iterator[str]:
    for names, settings in arguments:
        choices = "|".join(settings.get("choices", ()))
        value = settings.get("metavar") or choices
        if names[0].startswith("-"):
            shown = ", ".join(f"\\fB{_text(name)}\\fR" for name in names)
            shown += f" \\fI{_text(value)}\\fR" if value else ""
        else:
            shown = f"\\fI{_text(value or names[0])}\\fR"
        yield from _entry(shown, settings["help"])


def _entry(shown: str, text: str) -> Iterator[str]:
    yield from (".TP", shown, _text(text))


def _text(text: str) -> str:
    """Escape what roff would obey."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("…", "...")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    print(manual(), end="")
