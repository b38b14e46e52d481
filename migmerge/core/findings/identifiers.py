"""Findings about ids and labels that Alembic, or a version table, does not take, MM014, or that several scripts have, MM003."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..evidence import Evidence
from ..finding import FIX, Finding, Hint, Severity, edit
from ..provenance import describe
from ..revision import Revision
from ..script.usable import MOST_CHARACTERS, illegal_in, is_plain
from ..snapshot import Snapshot
from ..text import enumerate_names
from .registry import DUPLICATE_REVISION, UNUSABLE_IDENTIFIER

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..fix_plan.duplicate import DuplicateCure


def duplicate_revisions(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM003 for each id that several scripts have."""
    if not snapshot.graph.duplicates:
        return
    from ..fix_plan.duplicate import cures_of_duplicate  # with hashlib and dataclasses, takes 6 ms to import

    for scripts in snapshot.graph.duplicates:
        paths = tuple(script.path for script in scripts)
        cures = cures_of_duplicate(snapshot.graph, scripts, evidence)
        last = paths[-1]
        by_hand = edit(last, evidence.lines.get(last, 1), f"give it another id than {scripts[0].revision}, or remove it")
        yield Finding(
            DUPLICATE_REVISION,
            snapshot.environment.name,
            f"{len(scripts)} scripts have the id {scripts[0].revision}: "
            f"{enumerate_names(_with_origin(script, evidence) for script in scripts)}; {_in_words(cures)}",
            FIX if cures else by_hand,
            (scripts[0].revision,),
            paths,
            otherwise=by_hand,
        )


def _with_origin(script: Revision, evidence: Evidence) -> str:
    known = evidence.copies.get(script.path)
    if known is None:
        return script.path
    by = ", ".join(filter(None, (known.provenance.author, known.provenance.branch))) if known.provenance else ""
    where = script.uncommitted or (f"published on {known.published}" if known.published else "")
    origin = "; ".join(filter(None, (by, where)))
    return f"{script.path} ({origin})" if origin else script.path


def _in_words(cures: Sequence[DuplicateCure]) -> str:
    if not cures:
        return "remove the copy, or give the later one an id of its own (a merge revision is not the cure)"
    copies = [f"{each.other.path} is a copy of {each.kept.path}" for each in cures if each.new is None]
    renumbered = [f"{each.other.path} is yours and can become {each.new}" for each in cures if each.new]
    if not renumbered:
        return enumerate_names(copies)
    which = f"a database that records {cures[0].kept.revision} does not say which of them it has run"
    return f"{enumerate_names([*copies, *renumbered])} (a merge revision is not the cure); {which}"


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
            yield _finding(snapshot, revision, message, FIX, Severity.WARNING)
    if any(revision.branch_labels for revision in snapshot.graph.revisions.values()):
        yield from _labels_taken(snapshot, evidence)


def _labels_taken(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    from ..fix_plan.taken_label import taken_labels  # only where there are labels

    graph = snapshot.graph
    for taken in taken_labels(graph):
        last = graph[taken.revisions[0]]
        message = (
            f"the branch label {taken.label} of {describe(last, evidence.provenance)} is the id or the label of another script"
        )
        by_hand = edit(last.path, evidence.lines.get(last.path, 1), f"take the label {taken.label} out of its branch_labels")
        paths = tuple(graph[name].path for name in taken.revisions)
        yield Finding(UNUSABLE_IDENTIFIER, snapshot.environment.name, message, FIX, taken.revisions, paths, otherwise=by_hand)


def _finding(snapshot: Snapshot, revision: Revision, message: str, hint: Hint, severity: Severity | None = None) -> Finding:
    path = revision.path
    by_hand = edit(path, 1, "give it another id, and name that where the old one is named")
    names = (revision.revision,)
    environment = snapshot.environment.name
    return Finding(UNUSABLE_IDENTIFIER, environment, message, hint, names, (path,), own_severity=severity, otherwise=by_hand)
