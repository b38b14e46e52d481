"""Findings about ids and labels that Alembic, or a version table, does not take, MM014, or that several scripts have, MM003."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ..evidence import Evidence
from ..finding import Finding, Hint, Severity
from ..graph import RevisionGraph
from ..provenance import describe
from ..revision import NEW, Revision
from ..script.usable import MOST_CHARACTERS, illegal_in, is_plain
from ..snapshot import Snapshot
from ..text import enumerate_names
from .registry import DUPLICATE_REVISION, UNUSABLE_IDENTIFIER

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..fix_plan.duplicate import DuplicateCure

FIX = Hint("migmerge fix")


def duplicate_revisions(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM003 for each id that several scripts have."""
    if not snapshot.graph.duplicates:
        return
    from ..fix_plan.duplicate import cure_of_duplicate  # with hashlib and dataclasses, takes 6 ms to import

    for scripts in snapshot.graph.duplicates:
        paths = tuple(script.path for script in scripts)
        cure = cure_of_duplicate(snapshot.graph, scripts, evidence)
        look = Hint(f"git log --format='%h %an %ar %s' -- {shlex.join(paths)}")
        yield Finding(
            DUPLICATE_REVISION,
            snapshot.environment.name,
            f"{len(scripts)} scripts have the id {scripts[0].revision}: "
            f"{enumerate_names(_with_origin(script, evidence) for script in scripts)}; {_in_words(cure)}",
            FIX if cure else look,
            (scripts[0].revision,),
            paths,
        )


def _with_origin(script: Revision, evidence: Evidence) -> str:
    known = evidence.copies.get(script.path)
    if known is None:
        return script.path
    by = ", ".join(filter(None, (known.provenance.author, known.provenance.branch))) if known.provenance else ""
    where = script.uncommitted or (f"published on {known.published}" if known.published else "")
    origin = "; ".join(filter(None, (by, where)))
    return f"{script.path} ({origin})" if origin else script.path


def _in_words(cure: DuplicateCure | None) -> str:
    if cure is None:
        return "remove the copy, or give the later one an id of its own (a merge revision is not the cure)"
    if cure.new is None:
        return f"{cure.other.path} is a copy of {cure.kept.path}"
    which = f"a database that records {cure.other.revision} does not say which of them it has run"
    return f"{cure.other.path} is yours and can become {cure.new} (a merge revision is not the cure); {which}"


def identifiers_unusable(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM014 for each id that Alembic refuses or that is long, and for each label that is taken."""
    for name, revision in snapshot.graph.revisions.items():
        if is_plain(name):
            continue
        if why := illegal_in(name):
            yield _finding(snapshot, revision, f"Alembic refuses the id of {describe(revision, evidence.provenance)}: {why}", FIX)
        elif len(name) > MOST_CHARACTERS:
            message = (
                f"the id of {describe(revision, evidence.provenance)} has {len(name)} characters: the version table takes "
                f"{MOST_CHARACTERS} on PostgreSQL and MariaDB, and refuses it after the revision ran; SQLite does not"
            )
            published = evidence.immovable.published
            movable = revision.uncommitted == NEW or (published is not None and name not in published)
            yield _finding(snapshot, revision, message, FIX if movable else _history_of(revision), Severity.WARNING)
    for revision, label in _taken_labels(snapshot.graph):
        message = (
            f"the branch label {label} of {describe(revision, evidence.provenance)} is the id or the label of another script"
        )
        yield _finding(snapshot, revision, message, _history_of(revision))


def _finding(snapshot: Snapshot, revision: Revision, message: str, hint: Hint, severity: Severity | None = None) -> Finding:
    names, paths = (revision.revision,), (revision.path,)
    return Finding(UNUSABLE_IDENTIFIER, snapshot.environment.name, message, hint, names, paths, own_severity=severity)


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
