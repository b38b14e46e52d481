"""A picture of the revisions, for a program; keys are only ever added."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ...core.picture import Mark, Picture, Row
from ...core.provenance import Provenance
from .words import Drawn

VERSION = 1


def as_json(pictures: Sequence[Drawn]) -> str:
    """Return what is shown, in the documented shape and in ASCII, so that it passes through any terminal unharmed."""
    return json.dumps({"version": VERSION, "environments": [_environment(*each) for each in pictures]}, indent=1)


def _environment(picture: Picture, provenance: dict[str, Provenance]) -> dict[str, object]:
    environment = picture.snapshot.environment
    return {
        "path": environment.path,
        "kind": environment.kind,
        "revisions": [_revision(row, provenance.get(row.name)) for row in picture.rows if row.revision],
        "hidden": picture.hidden,
    }


def _revision(row: Row, known: Provenance | None) -> dict[str, object]:
    revision = row.revision
    assert revision
    return {
        "revision": revision.revision,
        "down_revisions": list(revision.down_revisions),
        "depends_on": list(revision.depends_on),
        "labels": list(revision.branch_labels),
        "message": revision.message,
        "path": revision.path,
        "author": known.author if known else None,
        "commit": known.commit if known else None,
        "date": known.date if known else None,
        "branch": known.branch if known else None,
        "head": Mark.HEAD in row.marks,
        "branch_point": Mark.BRANCH_POINT in row.marks,
        "merge": Mark.MERGE in row.marks,
        "base": Mark.BASE in row.marks,
    }
