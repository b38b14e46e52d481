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
    """The branch that the commit belongs to: the default or the current one where the commit was made there."""
    age: str = ""
    """The age of the commit in git's words: `3 days ago`."""
    mail: str = ""
    """The author's address, which distinguishes people of the same name."""


class LastSeen(NamedTuple):
    """Name the newest commit that holds a script which a tree lacks, with the script's path and its author.

    `commit` is empty where only the files of `work_tree` have the script. `paths` are those of the script and of the scripts
    below it that the tree lacks, too; `followed` are the nearest revisions of the tree below them, None where a script on the
    way is unknown. `successor` is the revision of the tree that does the same, `moved` says that it has other parents.
    `was_here` says that HEAD's history has the script, which `deleted_by` deleted. `picked` are the revisions that were copied
    from a branch with the script and came without it, `needed_by` those that change what the script makes.
    """

    commit: str
    path: str
    author: str
    branch: str | None = None
    paths: tuple[str, ...] = ()
    followed: tuple[str, ...] | None = None
    successor: str | None = None
    moved: bool = False
    was_here: bool = False
    deleted_in: str = ""
    deleted_by: str = ""
    picked: frozenset[str] = frozenset()
    needed_by: frozenset[str] = frozenset()
    work_tree: str | None = None


def describe(revision: Revision, provenance: Mapping[str, Provenance]) -> str:
    """Name a revision with its message, author and branch where they are known: `c1 "add orders" (bea, feature)`.

    Of a script that is not committed this is said instead.
    """
    known = provenance.get(revision.revision)
    origin = revision.uncommitted or (", ".join(filter(None, (known.author, known.branch))) if known else "")
    message = f' "{revision.message}"' if revision.message else ""
    return f"{revision.revision}{message}" + (f" ({origin})" if origin else "")
