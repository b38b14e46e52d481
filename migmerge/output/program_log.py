"""Which programs are started, and when, on stderr."""

from __future__ import annotations

import atexit
import os
import shlex
import sys
import time
from collections.abc import Sequence

from ..core.redaction import without_secrets
from ..core.text import shortened
from .screen import Screen

_LONGEST = 200
"""Characters of a command; what runs the application is a program of some thousand."""


def log_programs(color: str) -> None:
    """Print a line for each program that is started from now on, and one at the end, with the milliseconds since now."""
    begin = time.perf_counter()

    def say(text: str) -> None:
        Screen(sys.stderr, color).say((f"{(time.perf_counter() - begin) * 1000:7.0f} ms  {text}", "path"))

    def on_event(event: str, arguments: tuple[object, ...]) -> None:
        if event == "subprocess.Popen":
            say(shortened(without_secrets(_command(arguments[1])), _LONGEST))

    sys.addaudithook(on_event)
    atexit.register(say, "end")


def _command(words: object) -> str:
    if isinstance(words, Sequence) and not isinstance(words, str | bytes):
        return shlex.join(os.fsdecode(word) for word in words)
    return str(words)
