"""Watch the errors with which `alembic` and `flask db` end, through their loggers and Python's hook for exceptions."""

from __future__ import annotations

import atexit
import logging
import os
import sys
from collections.abc import Callable
from types import TracebackType

from ..core.error_line import MISSING_PARENT, ErrorLine, line_for

_LOGGERS = ("alembic.util.messaging", "flask_migrate")
"""Where `alembic` and Flask-Migrate log the error with which they end. A filter stays where env.py configures logging anew."""


def watch_errors(show: Callable[[ErrorLine], None]) -> None:
    """Show a line at the end of this process, where it ends with an error that migmerge explains."""
    watch = _ErrorWatch(show)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(watch)
    watch.watch_exceptions()
    atexit.register(watch.show)


class _ErrorWatch(logging.Filter):
    """Remember the last error that migmerge explains."""

    def __init__(self, show: Callable[[ErrorLine], None]) -> None:
        super().__init__()
        self._show = show
        self._line: ErrorLine | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.ERROR:
            self._line = line_for(str(record.msg))
        return True

    def watch_exceptions(self) -> None:
        """Look at what ends this process, after whoever else does."""
        former = sys.excepthook

        def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
            former(kind, error, traceback)
            if isinstance(error, KeyError) and _is_of_alembic(traceback):
                self._line = MISSING_PARENT

        sys.excepthook = hook

    def show(self) -> None:
        """Show what was remembered."""
        if self._line:
            self._show(self._line)


def _is_of_alembic(traceback: TracebackType | None) -> bool:
    """Say whether an exception came out of Alembic's reading of the scripts."""
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    file = traceback.tb_frame.f_code.co_filename if traceback else ""
    return file.endswith(os.path.join("alembic", "script", "revision.py"))
