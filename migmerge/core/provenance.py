"""What git knows of where a script comes from."""

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
    """The one of the branches that says most to a reader: not the current one where there is another."""
    age: str = ""
    """How long ago that was, in git's words: `3 days ago`."""
    mail: str = ""
    """The author's address, which tells people of one name apart."""


class LastSeen(NamedTuple):
    """Say where git's history has a script that a tree lacks; `commit` is the newest one that holds it."""

    commit: str
    path: str
    author: str
    branch: str | None = None


def describe(revision: Revision, provenance: Mapping[str, Provenance]) -> str:
    """Name a revision with its message, author and branch where they are known: `c1 "add orders" (bea, feature)`."""
    known = provenance.get(revision.revision)
    origin = ", ".join(filter(None, (known.author, known.branch))) if known else ""
    message = f' "{revision.message}"' if revision.message else ""
    return f"{revision.revision}{message}" + (f" ({origin})" if origin else "")
