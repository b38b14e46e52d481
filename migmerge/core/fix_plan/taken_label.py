"""Which of the scripts that share a branch label, or carry the id of another one as a label, loses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..graph import RevisionGraph
from ..immovable import Immovable
from ..revision import NEW, Identifiers, Revision


class TakenLabel(NamedTuple):
    """Hold a label that Alembic finds twice, and the scripts that carry it; `is_id` says that it is an id as well."""

    label: str
    carriers: tuple[Revision, ...]
    is_id: bool

    @property
    def revisions(self) -> tuple[str, ...]:
        """Return the ids of the carriers, the last one first: that is where Alembic stops."""
        return tuple(each.revision for each in reversed(self.carriers))


def taken_labels(graph: RevisionGraph) -> Iterator[TakenLabel]:
    """Yield each label that an id or a script before has already, or that one script names twice."""
    carriers: dict[str, tuple[Revision, ...]] = {}
    for revision in graph.revisions.values():
        for label in revision.branch_labels:
            carriers[label] = (*carriers.get(label, ()), revision)
    for label, carrying in carriers.items():
        if len(carrying) > 1 or label in graph:
            yield TakenLabel(label, tuple(dict.fromkeys(carrying)), label in graph)


def corrected(taken: TakenLabel, immovable: Immovable) -> Iterator[tuple[Revision, Identifiers]]:
    """Yield the scripts that lose the label: all where it is an id, else all but one that others have, or the first."""
    published = immovable.published or {}
    of_others = (each for each in taken.carriers if each.revision in published and each.uncommitted != NEW)
    kept = None if taken.is_id else next(of_others, taken.carriers[0])
    for revision in taken.carriers:
        once = (taken.label,) if revision is kept else ()
        others = tuple(each for each in revision.branch_labels if each != taken.label)
        if sorted((*once, *others)) != sorted(revision.branch_labels):
            yield revision, revision.identifiers._replace(branch_labels=(*once, *others))
