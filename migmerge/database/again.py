"""A step of Alembic's that runs a revision once more and records nothing.

The seam of Alembic used here, and nowhere else: `HeadMaintainer`, which records each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.runtime import migration


class Again(migration.RevisionStep):
    """Run the `upgrade` of a revision that is recorded already."""

    def __init__(self, revision_map: Any, revision: Any) -> None:
        super().__init__(revision_map, revision, True)


class _Kept(migration.HeadMaintainer):
    def update_to_step(self, step: Any) -> None:
        if not isinstance(step, Again):
            super().update_to_step(step)


@contextmanager
def record_kept() -> Iterator[None]:
    """Let Alembic pass over the recording of `Again`."""
    usual = migration.HeadMaintainer
    setattr(migration, "HeadMaintainer", _Kept)  # noqa: B010 (mypy takes a class for a type)
    try:
        yield
    finally:
        setattr(migration, "HeadMaintainer", usual)  # noqa: B010
