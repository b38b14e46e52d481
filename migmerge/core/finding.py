"""What can be wrong, with its code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """Order from what stops a team to what only deserves a look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


NAMES = {
    "MM001": "divergent-heads",
    "MM002": "missing-parent",
    "MM003": "duplicate-revision",
    "MM004": "revision-cycle",
    "MM005": "unreadable-script",
    "MM006": "double-merge",
    "MM007": "colliding-operations",
    "MM008": "published-revision-changed",
    "MM009": "uncommitted-script",
    "MM010": "unlabelled-bases",
    "MM011": "no-message",
    "MM101": "phantom-revision",
    "MM102": "pending-revisions",
    "MM103": "skipped-revision",
    "MM104": "unstamped-database",
    "MM105": "models-ahead",
    "MM106": "database-unreachable",
    "MM201": "hooks-missing",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is wrong, where, and the command to run next.

    `lines` are the 1-based lines that `paths` are about, one each, or empty where the whole script is meant. `symptom` is
    the error in which a user meets it, in Alembic's or the database's own words.
    """

    code: str
    severity: Severity
    environment: str
    message: str
    hint: str
    revisions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    branch_point: str | None = None
    lines: tuple[int, ...] = ()
    symptom: str | None = None

    @property
    def name(self) -> str:
        return NAMES[self.code]
