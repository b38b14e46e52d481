"""A step of Alembic's that runs a revision once more and records nothing.

The seam of Alembic used here, and nowhere else: `HeadMaintainer`, which records each step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from alembic.runtime import migration


class RerunStep(migration.RevisionStep):
    """Run the `upgrade` of a revision that is recorded already."""

    def __init__(self, revision_map: Any, revision: Any) -> None:
        super().__init__(revision_map, revision, True)


class _Kept(migration.HeadMaintainer):
    def update_to_step(self, step: Any) -> None:
        if not isinstance(step, RerunStep):
            super().update_to_step(step)


@contextmanager
def records_unchanged() -> Iterator[None]:
    """Let Alembic pass over the recording of `Again`."""
    usual = migration.HeadMaintainer
    setattr(migration, "HeadMaintainer", _Kept)  # noqa: B010 (mypy takes a class for a type)
    try:
        yield
    finally:
        setattr(migration, "HeadMaintainer", usual)  # noqa: B010


@contextmanager
def listeners_removed(file: str) -> Iterator[None]:
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
