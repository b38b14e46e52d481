"""What is fuzzed: how an input is drawn, and what must be true of it."""

from __future__ import annotations

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NamedTuple

from tests.support.script_execution import Expired

Counts = Counter[str]


class Target(NamedTuple):
    """Hold a reader or a writer: `judge` says what is wrong of an input that `draw` made, and counts what became of it.

    Of a thousand inputs of a run it takes `share`.
    """

    name: str
    share: int
    draw: Callable[[Random], Any]
    judge: Callable[[Any, Counts], str | None]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise Expired after seconds of processor time, and again and again where something catches it."""

    def expire(number: int, frame: FrameType | None) -> None:
        raise Expired

    former = signal.signal(signal.SIGVTALRM, expire)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


@cache
def _folder_of(process: int) -> tempfile.TemporaryDirectory[str]:
    memory = "/dev/shm"
    return tempfile.TemporaryDirectory(prefix="fuzz-", dir=memory if os.access(memory, os.W_OK) else None)


def own_folder() -> Path:
    """Return a folder of this process, which goes with it."""
    return Path(_folder_of(os.getpid()).name)
