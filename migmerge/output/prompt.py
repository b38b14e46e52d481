"""Asking the user, also from inside a git hook, whose standard input is never the terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TextIO


class Choice(NamedTuple):
    """One line of a menu and what picking it means."""

    title: str
    value: str


def may_prompt() -> bool:
    """Say whether somebody is there to answer: `git merge | cat` can open /dev/tty, so opening it proves nothing.

    Not in CI, not where the user said MIGMERGE=print, and not under the pre-commit framework, which captures the
    terminal and has stashed the user's changes meanwhile.
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


_NOT_NOW = (signal.SIGTTOU, signal.SIGTSTP, signal.SIGQUIT) if hasattr(signal, "SIGTTOU") else ()
"""What would stop us, or end us without a chance to clean up, while git waits."""


@contextmanager
def own_terminal() -> Iterator[TextIO]:
    """Hold the terminal in a process group of our own, so that Ctrl-C reaches us and not the git that called us.

    Killed at this moment git would leave a stale MERGE_HEAD, an autostash not applied, or a rebase that cannot go on.
    """
    with open("/dev/tty", "r+b", buffering=0) as raw, open("/dev/tty", encoding="utf-8") as terminal:
        before = os.tcgetpgrp(raw.fileno())
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _NOT_NOW}
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


def ask(question: str, choices: Sequence[Choice], terminal: TextIO) -> str | None:
    """Show a menu on the terminal and return what was picked; None where the terminal was closed.

    Raises:
        KeyboardInterrupt: for Ctrl-C, which `Question.ask` would pass off as a "no".
    """
    import questionary

    menu = [questionary.Choice(choice.title, value=choice.value) for choice in choices]
    with _answered_on(terminal):
        try:
            answer: str | None = questionary.select(question, menu, instruction="(arrows, Enter)").unsafe_ask()
        except EOFError:
            return None
    return answer


def ask_text(question: str, terminal: TextIO) -> str | None:
    """Let the user type a line and return it; None where the terminal was closed.

    Raises:
        KeyboardInterrupt: for Ctrl-C.
    """
    import questionary

    with _answered_on(terminal):
        try:
            answer: str | None = questionary.text(question).unsafe_ask()
        except EOFError:
            return None
    return answer


@contextmanager
def _answered_on(terminal: TextIO) -> Iterator[None]:
    """Let questions be asked on stderr and answered on a terminal; what was typed before does not count as an answer."""
    import termios

    # A cursor position request would print its answer where a terminal, or a pipe behind one, does not take part.
    os.environ["PROMPT_TOOLKIT_NO_CPR"] = "1"
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_input
    from prompt_toolkit.output import create_output

    with suppress(termios.error):
        termios.tcflush(terminal.fileno(), termios.TCIFLUSH)
    with create_app_session(input=create_input(terminal), output=create_output(stdout=sys.stderr)):
        yield
