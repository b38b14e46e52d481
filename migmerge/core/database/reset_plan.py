"""The plan of a fresh start, in one of three depths."""

from __future__ import annotations

from dataclasses import dataclass

DEPTHS = {
    "stamp": "record another revision in the database and change nothing else",
    "database": "make the database anew from the migrations; its rows are only in the backup then",
    "migrations": "start the migrations over from the models, and the database with them; the folder is set aside",
}


@dataclass(frozen=True, slots=True)
class ResetPlan:
    """Name one of the depths, and the revisions to record for the first."""

    depth: str
    revisions: tuple[str, ...] = ()
