"""Findings about ids and labels that Alembic, or a version table, does not take: MM014."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ..evidence import Evidence
from ..finding import Finding, Hint, Severity
from ..graph import RevisionGraph
from ..provenance import describe
from ..revision import Revision
from ..script.usable import MOST_CHARACTERS, illegal_in
from ..snapshot import Snapshot
from .registry import UNUSABLE_IDENTIFIER

FIX = Hint("migmerge fix")


def identifiers_unusable(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM014 for each id that Alembic refuses or that is long, and for each label that is taken."""
    for name, revision in snapshot.graph.revisions.items():
        if why := illegal_in(name):
            yield _finding(snapshot, revision, f"Alembic refuses the id of {describe(revision, evidence.provenance)}: {why}", FIX)
        elif len(name) > MOST_CHARACTERS:
            message = (
                f"the id of {describe(revision, evidence.provenance)} has {len(name)} characters: the version table takes "
                f"{MOST_CHARACTERS} on PostgreSQL and MariaDB, and refuses it after the revision ran; SQLite does not"
            )
            movable = bool(revision.uncommitted) or name not in (evidence.immovable.published or {name: ""})
            yield _finding(snapshot, revision, message, FIX if movable else _history_of(revision), Severity.WARNING)
    for revision, label in _taken_labels(snapshot.graph):
        message = (
            f"the branch label {label} of {describe(revision, evidence.provenance)} is the id or the label of another script"
        )
        yield _finding(snapshot, revision, message, _history_of(revision))


def _finding(snapshot: Snapshot, revision: Revision, message: str, hint: Hint, severity: Severity | None = None) -> Finding:
    names, paths = (revision.revision,), (revision.path,)
    return Finding(UNUSABLE_IDENTIFIER, snapshot.environment.path, message, hint, names, paths, own_severity=severity)


def _history_of(revision: Revision) -> Hint:
    return Hint(shlex.join(["git", "log", "-p", "--", revision.path]))


def _taken_labels(graph: RevisionGraph) -> Iterator[tuple[Revision, str]]:
    """Yield each label that an id or a script before has already, as Alembic would find it."""
    taken = set(graph.revisions)
    for revision in graph.revisions.values():
        for label in revision.branch_labels:
            if label in taken:
                yield revision, label
            taken.add(label)
