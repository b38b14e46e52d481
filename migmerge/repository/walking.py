"""Reading a git's output line by line, and giving up in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from .git import Running

_PATIENCE = 3.0
"""Seconds after which a walk through history is given up: what it found until then has to do."""


def lines_of(walk: Running, patience: float = _PATIENCE) -> Iterator[str]:
    """Yield a walk's lines until it ends, nobody wants more, or patience does; only the first leaves its exit status 0."""
    process = walk.process
    alarm = threading.Timer(patience, process.kill)
    alarm.daemon = True
    alarm.start()
    assert process.stdout and process.stderr and process.stdin
    try:
        for line in process.stdout:
            yield line.decode("utf-8", "surrogateescape").rstrip("\n")
        process.wait()
    finally:
        alarm.cancel()
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        process.wait()
