"""The time and the memory that a hook may take to look at a repository, whatever the repository holds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ..core.errors import MigmergeError
from .git import stop_all

_SECONDS = 5.0
_MEGABYTES = 512
_AGAIN = 0.5
"""Seconds after which a deadline that was swallowed comes again."""
_SPARE_SECONDS = 2
"""Of the processor's time beyond the deadline, after which the system ends a process that no exception reaches."""
_HINT = "migmerge check, which has no limit; MIGMERGE_HOOK_SECONDS gives the hooks another"


class _TimeIsUp(BaseException):
    """Pass through whatever catches errors."""


@contextmanager
def within_budget() -> Iterator[Callable[[], None]]:
    """Bound the time and the memory of the body, and of the git processes that it starts; yield what lifts the bounds.

    Raises:
        MigmergeError: where the body takes more.
    """
    seconds = _seconds()
    lifts = [*_deadline(seconds), *_limit("RLIMIT_DATA", _MEGABYTES << 20), *_limit("RLIMIT_CPU", _processor_seconds(seconds))]

    def lift() -> None:
        while lifts:
            lifts.pop()()

    try:
        yield lift
    except _TimeIsUp:
        lift()
        stop_all()
        raise MigmergeError(f"not done after {seconds:g} seconds", hint=_HINT) from None
    except MemoryError:
        lift()
        stop_all()
        raise MigmergeError(f"it takes more than {_MEGABYTES} MB", hint="migmerge check") from None
    finally:
        lift()


def _seconds() -> float:
    with suppress(ValueError):
        return max(float(os.environ.get("MIGMERGE_HOOK_SECONDS", _SECONDS)), 0.01)
    return _SECONDS


def _processor_seconds(seconds: float) -> int:
    """Return what the whole process may have used when the deadline is long past: the system counts from its start."""
    return int(time.process_time() + seconds) + _SPARE_SECONDS


def _deadline(seconds: float) -> Iterator[Callable[[], None]]:
    """Let an exception be raised after some seconds, and again until it arrives; yield what takes that back."""

    def end(number: int, frame: object) -> None:
        raise _TimeIsUp

    if hasattr(signal, "setitimer"):
        before = signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        yield lambda: _without_alarm(before)


def _without_alarm(before: object) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before if callable(before) else signal.SIG_DFL)


def _limit(name: str, most: int) -> Iterator[Callable[[], None]]:
    """Set a limit of this process, which its children inherit; yield what takes that back."""
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource  # Windows has none

        kind = getattr(resource, name)
        soft, hard = resource.getrlimit(kind)
        if soft == resource.RLIM_INFINITY or soft > most:
            resource.setrlimit(kind, (most, hard))
            yield lambda: resource.setrlimit(kind, (soft, hard))
