"""Progress bars on stderr, where that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from shutil import get_terminal_size

from ..core.text import printable, shortened

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TypeVar

    from rich.progress import Progress

    T = TypeVar("T")


_DELAY = 1.0
"""Seconds before the bar of `tracked` appears."""


def tracked(items: Iterable[T], what: str, total: int, *, shown: bool) -> Iterator[T]:
    """Yield the items; a bar counts them where they take longer than a second, and disappears at the end."""
    started, bar, task = time.monotonic(), None, None
    with ExitStack() as held:
        for number, item in enumerate(items, start=1):
            yield item
            if shown and bar is None and sys.stderr.isatty() and time.monotonic() - started > _DELAY:
                bar = held.enter_context(_new_bar())
                task = bar.add_task(what, total=total)
            if bar is not None and task is not None:
                bar.update(task, completed=number)


@contextmanager
def progress_bar(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield the function that moves the bar: it takes the number of finished items and the number of all items."""
    if not (shown and sys.stderr.isatty()):
        yield lambda done, total: None
        return
    with _new_bar() as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def delayed_bar(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield the function that moves a bar, which appears once a second has passed."""
    started = time.monotonic()
    with ExitStack() as held:
        moved: list[Callable[[int, int], None]] = []

        def move(done: int, total: int) -> None:
            if not moved and time.monotonic() - started > _DELAY:
                moved.append(held.enter_context(progress_bar(what, shown=shown)))
            for bar in moved:
                bar(done, total)

        yield move


@contextmanager
def status_line(text: str, *, shown: bool) -> Iterator[Callable[[str], None]]:
    """Show what is going on, and yield the function that shows another text; an empty one erases it, as the end does."""
    shown = shown and sys.stderr.isatty()

    def show(text: str) -> None:
        if shown:
            width = get_terminal_size().columns - 1  # a full line would scroll
            sys.stderr.write(f"\r{shortened(printable(text), width)}\x1b[K" if text else "\r\x1b[K")
            sys.stderr.flush()

    show(text)
    try:
        yield show
    finally:
        show("")


def _new_bar() -> Progress:
    # rich takes 50 ms to import.
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True)
