"""A screen whose text the tests read."""

from __future__ import annotations

import io
from collections.abc import Callable

from migmerge.output.screen import Screen


def printed(report: Callable[[Screen], object]) -> list[str]:
    """Return the lines that a report prints without colour."""
    stream = io.StringIO()
    report(Screen(stream, "never"))
    return stream.getvalue().splitlines()
