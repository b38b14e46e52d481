"""Temporary folders that are locked as long as their run lives, so that a later one removes what a killed one left."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PREFIX = "migmerge-"
_NAME = re.compile(rf"{PREFIX}(?:demo-)?[a-z0-9_]{{8}}", re.ASCII)
_YOUNG = 3600
"""Seconds during which a worker whose parent was killed may still read what is in a folder."""


@contextmanager
def held_folder(kind: str = "") -> Iterator[str]:
    """Make a temporary folder, hold its lock, and remove it at the end; what killed runs left goes first."""
    remove_left_folders()
    prefix = f"{PREFIX}{kind}-" if kind else PREFIX
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder, _locked(folder):
        yield folder


def remove_left_folders() -> None:
    """Remove the temporary folders of runs that are gone: of this user, old enough, and locked by nobody."""
    if fcntl is None or not hasattr(os, "getuid"):
        return
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _remove_left(entry.path)


def _remove_left(folder: str) -> None:
    """Remove one folder; raise OSError where it may be somebody's."""
    known = os.lstat(folder)
    private = stat.S_ISDIR(known.st_mode) and stat.S_IMODE(known.st_mode) == 0o700 and known.st_uid == os.getuid()
    if not private or known.st_mtime + _YOUNG > time.time():
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Hold the lock of a folder, where there are such locks."""
    descriptor = None
    with suppress(OSError):
        if fcntl is not None:
            descriptor = os.open(folder, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)
