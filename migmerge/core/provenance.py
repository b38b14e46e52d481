"""Provenance: the commit, the author and the branch that a script comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .revision import Revision


class Provenance(NamedTuple):
    """Name the commit that added a script, its author, the author date (ISO 8601) and the branches that contain it."""

    commit: str
    author: str
    date: str
    branches: tuple[str, ...] = ()
    branch: str | None = None
    """The branch that says most to a reader: not the current one where there is another."""
    age: str = ""
    """The age of the commit in git's words: `3 days ago`."""
    mail: str = ""
    """The author's address, which distinguishes people of the same name."""


class LastSeen(NamedTuple):
    """Name the newest commit that holds a script which a tree lacks, with the script's path and the commit's author."""

    commit: str
    path: str
    author: str
    branch: str | None = None


def describe(revision: Revision, provenance: Mapping[str, Provenance]) -> str:
    """Name a revision with its message, author and branch where they are known: `c1 "add orders" (bea, feature)`.

    Of a script that is not committed this is said instead.
    """
    known = provenance.get(revision.revision)
    origin = revision.uncommitted or (", ".join(filter(None, (known.author, known.branch))) if known else "")
    message = f' "{revision.message}"' if revision.message else ""
    return f"{revision.revision}{message}" + (f" ({origin})" if origin else "")
