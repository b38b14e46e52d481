"""What a branch does to scripts that are already on the default branch."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from .graph import RevisionGraph
from .revision import Revision


class Alteration(str, Enum):
    """What became of a script; its identifiers count most, its file's name least."""

    DELETED = "deleted"
    REPARENTED = "re-parented"
    EDITED = "edited"
    RENAMED = "renamed"


class PublishedChange(NamedTuple):
    """A script as `branch` has it in `commit`, and what it is here; `after` is None where it is gone."""

    alteration: Alteration
    branch: str
    commit: str
    before: Revision
    after: Revision | None


def published_changes(
    before: Iterable[Revision], graph: RevisionGraph, contents: Mapping[str, tuple[bytes, bytes]], branch: str, commit: str
) -> Iterator[PublishedChange]:
    """Yield what became of scripts whose files changed; `contents` has the old and the new bytes by revision id."""
    for old in before:
        new = graph.revisions.get(old.revision)
        if alteration := _alteration(old, new, contents.get(old.revision)):
            yield PublishedChange(alteration, branch, commit, old, new)


def _alteration(old: Revision, new: Revision | None, contents: tuple[bytes, bytes] | None) -> Alteration | None:
    if new is None:
        return Alteration.DELETED
    if set(old.down_revisions) != set(new.down_revisions):
        return Alteration.REPARENTED
    if contents and _essence(contents[0]) != _essence(contents[1]):
        return Alteration.EDITED
    return Alteration.RENAMED if posixpath.basename(old.path) != posixpath.basename(new.path) else None


def _essence(data: bytes) -> str | bytes:
    """Return what Python would run, without comments, layout and docstring; the bytes where it does not parse."""
    # Only for a script that was changed: `ast` takes 25 ms to import.
    import ast

    from .script.read import source_text
    from .script.syntax import NotPython, parse, without_annotations

    try:
        module = without_annotations(parse(source_text(data)[0]))
        if ast.get_docstring(module) is not None:
            del module.body[0]
        return ast.dump(module)
    except (NotPython, RecursionError):
        return data
