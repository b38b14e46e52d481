"""What env.py hangs on SQLAlchemy's events: env.py runs once for each move here, and was written to run once at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def listeners_forgotten(file: str) -> Iterator[None]:
    """Take off, at the end, the listeners that a file put on engines or classes of them; a second BEGIN would fail.

    Those of modules that it imports stay, for nobody would put them on again.
    """
    from sqlalchemy import event
    from sqlalchemy.event import api

    usual, added = api.listen, list[tuple[Any, str, Any]]()

    def listen(target: Any, identifier: str, fn: Callable[..., Any], *args: Any, **kw: Any) -> None:
        usual(target, identifier, fn, *args, **kw)
        if os.path.realpath(getattr(getattr(fn, "__code__", None), "co_filename", "")) == os.path.realpath(file):
            added.append((target, identifier, fn))

    api.listen = event.listen = listen
    try:
        yield
    finally:
        api.listen = event.listen = usual
        for each in added:
            with suppress(Exception):  # gone with its target
                event.remove(*each)
