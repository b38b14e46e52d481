"""Questions on the terminal, also from inside a git hook, whose standard input is not the terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from ..core.errors import MigmergeError

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TextIO

    from questionary import Question

_WIDTH = 80
"""Cells of a line where the terminal does not say."""


class Choice(NamedTuple):
    """One line of a menu, and the answer that it stands for.

    `reason` stands beside the title; `explanation` says what the choice does, for a user who types `?`.
    """

    title: str
    value: str
    reason: str = ""
    explanation: str = ""


def may_prompt() -> bool:
    """Say whether a user can answer on the terminal; `git merge | cat` can open /dev/tty, so opening it proves nothing.

    False in CI, with MIGMERGE=print, and under the pre-commit framework, which captures the terminal and stashes the
    user's changes while its hooks run.
    """
    if not hasattr(os, "tcgetpgrp") or not os.isatty(2):
        return False
    if (
        os.environ.get("TERM") == "dumb"
        or os.environ.get("CI")
        or os.environ.get("PRE_COMMIT")
        or os.environ.get("MIGMERGE") == "print"
    ):
        return False
    try:
        with open("/dev/tty", "rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


_IGNORED_SIGNALS = (signal.SIGTTOU, signal.SIGTSTP, signal.SIGQUIT) if hasattr(signal, "SIGTTOU") else ()
"""Signals that would stop migmerge, or end it without a clean-up, while git waits for it."""


@contextmanager
def own_terminal() -> Iterator[TextIO]:
    """Put migmerge into the foreground in a process group of its own, so that Ctrl-C does not reach the git that called it.

    A git that is killed during a hook leaves a stale MERGE_HEAD, an autostash not applied, or a rebase that cannot go on.
    """
    with open("/dev/tty", "r+b", buffering=0) as raw, open("/dev/tty", encoding="utf-8") as terminal:
        before = os.tcgetpgrp(raw.fileno())
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _IGNORED_SIGNALS}
        joined = os.getpgrp()
        try:
            with suppress(PermissionError):  # already the leader of a session
                os.setpgid(0, 0)
            os.tcsetpgrp(raw.fileno(), os.getpgrp())
            yield terminal
        finally:
            with suppress(OSError):
                os.tcsetpgrp(raw.fileno(), before)
            with suppress(OSError):
                os.setpgid(0, joined)
            for number, handler in handlers.items():
                signal.signal(number, handler)


@contextmanager
def optional_terminal() -> Iterator[TextIO | None]:
    """Hold the terminal like `own_terminal`; None where nobody can answer."""
    if not may_prompt():
        yield None
        return
    with own_terminal() as terminal:
        yield terminal


@contextmanager
def required_terminal(hint: str, output: str = "text") -> Iterator[TextIO]:
    """Hold the terminal like `own_terminal`.

    Raises:
        MigmergeError: with this hint, where nobody can answer, or the output of the command is a document.
    """
    if output != "text":
        raise MigmergeError(f"--format {output} asks no question", hint=_with_format(hint, output))
    if not may_prompt():
        raise MigmergeError("there is no terminal to ask on", hint=hint)
    with own_terminal() as terminal:
        yield terminal


def _with_format(hint: str, output: str) -> str:
    """Return a hint whose commands, of which one may go on behind a comma, have the option for the output."""
    option = f" --format {output}"
    answered = re.sub(r"--yes\b|--dry-run\b", rf"\g<0>{option}", hint)
    return answered if answered != hint else hint + option


def ask(question: str, choices: Sequence[Choice], terminal: TextIO) -> str | None:
    """Show a menu on the terminal, the first choice selected, and return the answer; None where the terminal was closed.

    `y` answers "yes" and `n`, `q`, Esc and Ctrl-D answer "no", if the menu has these; `?` prints the explanations.

    Raises:
        KeyboardInterrupt: for Ctrl-C, which `Question.ask` would turn into None.
    """
    from .menu_keys import EXPLAIN, select
    from .screen import as_called

    choices = [choice._replace(reason=as_called(choice.reason)) for choice in choices]
    while (answer := _answer(lambda: select(question, choices, _width(terminal)), terminal)) == EXPLAIN:
        _explain(choices, _width(terminal), _keys_of(choices))
    return answer if isinstance(answer, str) else None


def ask_marked(question: str, choices: Sequence[Choice], terminal: TextIO) -> tuple[str, ...] | None:
    """Show a list on the terminal of which the user marks any number, none at first, and return the values of these.

    None where the user leaves the question with `n`, `q`, Esc or Ctrl-D, or the terminal was closed.

    Raises:
        KeyboardInterrupt: for Ctrl-C.
    """
    from .menu_keys import EXPLAIN, checklist

    while (answer := _answer(lambda: checklist(question, choices, _width(terminal)), terminal)) == EXPLAIN:
        _explain(choices, _width(terminal), "space marks, a marks all, n, q or Esc leave, arrows move, Enter goes on")
    return tuple(each.value for each in choices if each.value in answer) if isinstance(answer, list) else None


def confirm(question: str, choices: Sequence[Choice], terminal: TextIO) -> bool:
    """Show two choices like `ask`, "yes" and "no", the default first; return whether the user agrees."""
    return ask(question, choices, terminal) == "yes"


def ask_text(question: str, terminal: TextIO) -> str | None:
    """Return the line that the user types; None for Esc, and where the terminal was closed.

    Raises:
        KeyboardInterrupt: for Ctrl-C.
    """
    from .menu_keys import text

    answer = _answer(lambda: text(question), terminal)
    return answer if isinstance(answer, str) else None


def _answer(make_question: Callable[[], Question], terminal: TextIO) -> str | list[str] | None:
    with _answered_on(terminal):
        try:
            answer: str | list[str] | None = make_question().unsafe_ask()
        except EOFError:
            return None
    return answer


def _explain(choices: Sequence[Choice], width: int, keys: str) -> None:
    """Print what each choice does, and what the keys do, on the stream of the questions."""
    from .screen import Screen
    from .wrap import folded

    screen = Screen(sys.stderr)
    for choice in choices:
        screen.say((choice.title, "heading"))
        for line in folded(choice.explanation or choice.reason, width - 4):
            screen.say("    ", line)
    screen.say(keys)
    screen.flush()


def _keys_of(choices: Sequence[Choice]) -> str:
    """Say what the keys of a menu do."""
    is_yes_or_no = any(choice.value == "yes" for choice in choices)
    return "y yes, n, q or Esc no, arrows and Enter choose" if is_yes_or_no else "n, q or Esc leave, arrows and Enter choose"


def _width(terminal: TextIO) -> int:
    """Return the cells of a line of the terminal."""
    try:
        return os.get_terminal_size(terminal.fileno()).columns or _WIDTH
    except OSError:
        return _WIDTH


@contextmanager
def _answered_on(terminal: TextIO) -> Iterator[None]:
    """Ask on stderr and read answers from the terminal, without the keys that were typed before the question."""
    import termios

    # A terminal, or a pipe behind one, that does not support cursor position requests prints them.
    os.environ["PROMPT_TOOLKIT_NO_CPR"] = "1"
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_input
    from prompt_toolkit.output import create_output

    with suppress(termios.error):
        termios.tcflush(terminal.fileno(), termios.TCIFLUSH)
    with create_app_session(input=create_input(terminal), output=create_output(stdout=sys.stderr)):
        yield
