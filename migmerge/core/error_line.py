"""The line below an error of Alembic that migmerge explains: why it came, and the command that leads on."""

from __future__ import annotations

import re
from typing import NamedTuple


class ErrorLine(NamedTuple):
    """Hold what an error of Alembic is about, and the command of migmerge that explains and cures it."""

    about: str
    command: str


_LINES = (
    (r"Multiple head revisions are present", ErrorLine("two branches have each added a migration; to join them", "fix")),
    (r"Can't locate revision identified by", ErrorLine("which branch has it, and the way back", "doctor")),
    (r"Target database is not up to date", ErrorLine("what has not run here, and what runs it", "doctor")),
    (r"overlaps with other requested revisions", ErrorLine("the version table records too much; the cure", "doctor")),
)
MISSING_PARENT = ErrorLine("a script follows a revision that is not here; which, and the cure", "check")
"""For the KeyError that Alembic raises where a parent is missing."""


def line_for(message: str) -> ErrorLine | None:
    """Return the line for what Alembic says; None where migmerge knows nothing of it."""
    return next((line for pattern, line in _LINES if re.search(pattern, message)), None)
