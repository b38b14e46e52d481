"""The plugin that Alembic from 1.18 on loads: what `alembic` and `flask db` run is written into the ledger of the clone.

It does nothing but watch, prints one line below an error that migmerge explains, and no upgrade fails because of it. Alembic
imports it in every process, so that it imports next to nothing until a migration has run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .core.error_line import ErrorLine
    from .database.applied import AppliedSteps

_WATCHES: list[object] = []


def watch_alembic() -> None:
    """Write down from now on what Alembic runs in this process, once."""
    if _WATCHES:
        return
    with suppress(Exception):
        from .database.applied import AppliedWatch

        watch = AppliedWatch(_record)
        watch.watch()
        _WATCHES.append(watch)
        if _is_command():
            from .database.error_watch import watch_errors

            watch_errors(_show_error_line)


def watch_flask_db() -> None:
    """Watch where this is `flask db`: an Alembic before 1.18 knows no plugins."""
    if "db" in sys.argv:
        watch_alembic()


def _is_command() -> bool:
    """Say whether this is `alembic` or `flask db`, also as `python -m`."""
    folder, name = os.path.split(sys.argv[0])
    program = os.path.basename(folder) if name == "__main__.py" else name.removesuffix(".exe")
    return program == "alembic" or (program == "flask" and "db" in sys.argv)


def _record(done: AppliedSteps) -> None:
    if os.environ.get("MIGMERGE") == "0":
        return
    from .sync.record import record_applied

    record_applied(done)


def _show_error_line(line: ErrorLine) -> None:
    if os.environ.get("MIGMERGE") == "0":
        return
    with suppress(Exception):
        from .sync.record import show_error_line

        show_error_line(line)


class _Plugin(ModuleType):
    """Be the module with a `setup` that Alembic asks for; until 1.19 it went through it as through a list of modules."""

    def __iter__(self) -> Iterator[_Plugin]:
        yield self

    def setup(self, plugin: object) -> None:
        watch_alembic()


plugin = _Plugin(__name__)
