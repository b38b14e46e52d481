"""A progress bar for what takes longer than a second, and nothing for what does not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


_UNTIL_SHOWN = 1.0
"""Seconds."""


def tracked(items: Iterable[T], what: str, total: int, *, shown: bool) -> Iterator[T]:
    """Yield the items; where it takes long and stderr is a terminal, a bar there counts them and is gone at the end."""
    started, bar, task = time.monotonic(), None, None
    with ExitStack() as held:
        for number, item in enumerate(items, start=1):
            yield item
            if shown and bar is None and sys.stderr.isatty() and time.monotonic() - started > _UNTIL_SHOWN:
                # rich takes 50 ms to import, which only somebody who waits pays.
                from rich.console import Console
                from rich.progress import Progress

                bar = held.enter_context(Progress(console=Console(stderr=True), transient=True))
                task = bar.add_task(what, total=total)
            if bar is not None and task is not None:
                bar.update(task, completed=number)


@contextmanager
def counted(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that is told how many of how many are done; a bar on stderr shows it where that is a terminal."""
    if not (shown and sys.stderr.isatty()):
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
