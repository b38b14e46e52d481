"""A lock of a file under the common git directory, for changes that read first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_SECONDS = 5.0
_TURN = 0.01


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold a lock; go on without it after seconds of waiting, and where the file system has none."""
    descriptor = None
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if descriptor is not None and fcntl is not None:
            _acquire(descriptor)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _acquire(descriptor: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_TURN)
        except OSError:
            return
        else:
            return
