"""Signals that would end the process: ignored during a clean-up, raised as Ctrl-C otherwise."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

TYPE_CHECKING = False  # typing takes 3 ms to import
if TYPE_CHECKING:
    from typing import Any


_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGTERM") if hasattr(signal, name))
"""Ctrl-C, a terminal that closes, and a supervisor's request."""


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Ignore the signals that would cut a clean-up short."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def interrupts_raised() -> Iterator[None]:
    """Raise KeyboardInterrupt for those of the signals that are not ignored, as under nohup, so that clean-ups run."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    with _handled(interrupt, [number for number in _ENDING if signal.getsignal(number) != signal.SIG_IGN]):
        yield


@contextmanager
def _handled(handler: Any, numbers: Iterable[int] = _ENDING) -> Iterator[None]:
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)
