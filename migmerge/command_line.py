"""The parser of the command line, and what it says of one that is wrong.

argparse takes 6 ms to import and build, which hooks do without.
"""

from __future__ import annotations

import re
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter, _ArgumentGroup
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import NoReturn

from . import __version__
from .arguments import COMMANDS, SHARED, Argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import SupportsWrite

Completed = Mapping[str, Mapping[str, object]]
"""What a shell completes an argument to, as attributes of argparse's action, by the argument's metavar."""

_WIDTH = 80
"""Cells of a line of help."""


class _UsageError(Exception):
    """Carry what argparse has to say, and the command that prints help."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class _Parser(ArgumentParser):
    """Leave the words for an error to `parse`, which knows the whole command line; its help has examples."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(message, f"{self.prog} --help")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Print help also where the encoding of stdout lacks a character of it."""
        encoding = sys.stdout.encoding or "utf-8"
        super()._print_message(message.encode(encoding, "replace").decode(encoding), file)

    def format_help(self) -> str:
        from .command_help import HELP, TOP  # texts that only help needs
        from .output.screen import as_called

        told = HELP.get(self.prog.partition(" ")[2], TOP)
        self.description = "\n".join(wrap(told.what, _WIDTH, break_on_hyphens=False))
        self.prog = as_called(self.prog)
        examples = [(as_called(f"migmerge {line}"), purpose) for line, purpose in told.examples]
        exits = [(str(status), meaning) for status, meaning in told.exits]
        self.epilog = f"examples:\n{_table(examples)}\n\nexit status:\n{_table(exits)}"
        return super().format_help()


def _table(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(first) for first, _ in rows)
    below = "\n" + " " * (width + 4)
    room = max(_WIDTH - width - 4, 20)  # longer than the 80 columns only behind a long `flask --app … migmerge`
    return "\n".join(f"  {first:{width}}  {below.join(wrap(second, room, break_on_hyphens=False))}" for first, second in rows)


class _Formatter(RawDescriptionHelpFormatter):
    """Format help for a fixed width: argparse makes a formatter for each option, and each would ask for the terminal's."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=_WIDTH)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width, break_on_hyphens=False)


def parse(typed: Sequence[str]) -> Namespace:
    """Return the arguments of a command line, or end with the exit status 2; `command` holds the name of the command."""
    try:
        given, unknown = parser().parse_known_args(typed)
    except _UsageError as error:
        _end_with(*_in_words(error, typed))
    unknown = _without_late_words(given, unknown)
    if unknown:
        _end_with(*_unknown_argument(unknown[0].partition("=")[0], given.command, typed))
    return given


def _without_late_words(given: Namespace, unknown: Sequence[str]) -> list[str]:
    """Give words to the optional arguments that argparse took for absent at an option before them, and return the rest."""
    left = list(unknown)
    for names, settings in COMMANDS[given.command][1]:
        is_word = not names[0].startswith("-") and settings.get("nargs") == "?" and "choices" not in settings
        if is_word and left and not left[0].startswith("-") and getattr(given, names[0]) is None:
            setattr(given, names[0], left.pop(0))
    return left


def _end_with(message: str, hint: str) -> NoReturn:
    from .output.screen import as_called, report_error

    report_error(as_called(message), hint)
    sys.exit(2)


def _unknown_argument(word: str, command: str, typed: Sequence[str]) -> tuple[str, str]:
    known = [name for names, _ in (*COMMANDS[command][1], *SHARED) for name in names if name.startswith("-")]
    hint = (_corrected(typed, word, known) if word.startswith("-") else None) or f"migmerge {command} --help"
    return f"{word} is no argument of migmerge {command}", hint


def _in_words(error: _UsageError, typed: Sequence[str]) -> tuple[str, str]:
    """Return argparse's message and a hint; what is no choice, without its list where a near one is the hint."""
    unknown = re.match(r"argument ([^:]*): invalid choice: '(.*?)' \(choose from (.*)\)", str(error))
    if unknown is None:
        return re.sub("^argument ([^:]*): ", r"\1: ", str(error)), error.hint
    argument, word, choices = unknown.groups()
    known = re.findall(r"[\w-]+", choices)
    hint = _corrected(typed, word, known) or error.hint
    if argument == "COMMAND":
        return f"{word} is no command of migmerge", hint
    return f"{argument} cannot be {word}: {', '.join(known)}", hint


def _corrected(typed: Sequence[str], word: str, known: Sequence[str]) -> str | None:
    from .core.suggestion import corrected, nearest  # only an error needs it

    # Without the dashes that all options have in common.
    names = {each.lstrip("-"): each for each in known}
    near = nearest(word.lstrip("-"), names)
    return corrected(typed, word, names[near]) if near else None


def parser_to_complete() -> ArgumentParser:
    """Return the parser as a shell completes its command line: where findings and folders are known by their metavar."""
    from shtab import DIRECTORY  # only completion needs these

    from .core.findings.registry import REGISTRY

    names = [each for kind in REGISTRY for each in (kind.code, kind.name)]
    return parser({"CODE": {"choices": names}, "DIR": {"complete": DIRECTORY}})


def parser(completed: Completed | None = None) -> ArgumentParser:
    """Return the parser of the whole command line; `command` holds the name of the command."""
    top = _Parser(prog="migmerge", formatter_class=_Formatter, add_help=False)
    # What is given after the command must not reset what is given before it.
    after = [(names, {**settings, "default": SUPPRESS}) for names, settings in SHARED]
    commands = top.add_subparsers(dest="command", title="commands", metavar="COMMAND", required=True, prog="migmerge")
    for name, (summary, arguments) in COMMANDS.items():
        command = commands.add_parser(name, formatter_class=_Formatter, add_help=False, help=summary)
        _add(command, arguments, completed)
        _add_shared(command, after, completed)
    _add_shared(top, SHARED, completed)
    return top


def _add_shared(parser: ArgumentParser, arguments: Iterable[Argument], completed: Completed | None) -> None:
    """Add the options of all commands, which help shows below the command's own."""
    group = parser.add_argument_group("common options")
    _add(group, arguments, completed)
    group.add_argument("--version", "-V", action="version", version=f"migmerge {__version__}", help="print the version")
    group.add_argument("--help", "-h", action="help", help="print this text")


def _add(parser: _ArgumentGroup | ArgumentParser, arguments: Iterable[Argument], completed: Completed | None) -> None:
    for names, settings in arguments:
        action = parser.add_argument(*names, **settings)
        for name, value in (completed or {}).get(settings.get("metavar", ""), {}).items():
            setattr(action, name, value)
