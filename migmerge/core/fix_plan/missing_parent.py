"""Why a parent is missing, and the revisions that can stand for it, decided from evidence alone."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Collection
from enum import Enum
from typing import NamedTuple

from ..evidence import Evidence
from ..graph import RevisionGraph
from ..provenance import LastSeen
from ..revision import Revision
from ..shell import path_operand
from ..snapshot import Snapshot
from .merge_revision import merge_id

_SHORTEST = 4
"""Characters of an id; fewer can begin any."""


class Cause(Enum):
    """Say why a reference leads nowhere."""

    ON_DISK = "on disk"
    """A file has the script, and no commit."""
    GONE = "gone"
    """HEAD has the script, and the work tree lacks its file."""
    FILE_NAME = "file name"
    """The reference is the name of a script's file, with the id or the message in it."""
    LABEL = "label"
    """The reference is a branch label, which a down_revision cannot name."""
    PREFIX = "prefix"
    """The reference is the beginning of one id, or that id in other letters."""
    SUCCEEDED = "succeeded"
    """The script is here under another id."""
    LEFT_OUT = "left out"
    """A branch has the script, and the revision was copied from it without the script."""
    ELSEWHERE = "elsewhere"
    """A commit or a work tree has the script."""
    DELETED = "deleted"
    """HEAD's history has the script, which was deleted or reverted."""
    NOWHERE = "nowhere"


class MissingParent(NamedTuple):
    """Hold a reference of a revision that leads nowhere, its cause and its cure.

    `stand_ins` are the revisions to name instead, None where the script has to be brought. `skipped` are the revisions that
    would come before the revision and did not before: a database which has run it would skip them.
    """

    revision: Revision
    missing: str
    cause: Cause
    stand_ins: tuple[str, ...] | None = None
    skipped: tuple[str, ...] = ()
    last_seen: LastSeen | None = None

    @property
    def role(self) -> str:
        return "down_revision" if self.missing in self.revision.down_revisions else "depends_on"

    @property
    def never_ran(self) -> bool:
        """Say whether no Alembic can ever have loaded the revision with this reference."""
        return self.cause in (Cause.FILE_NAME, Cause.LABEL, Cause.PREFIX)

    @property
    def is_bound(self) -> bool:
        """Say whether the revision is a merge revision whose id is that of its parents: with others it is another one."""
        return _is_bound(self.revision)


def bring(seen: LastSeen, folder: str) -> str:
    """Return the command that brings a script from where it was last seen, with those below it; `folder` is for copies."""
    if seen.commit:
        return shlex.join(["git", "checkout", seen.commit[:10], "--", *(seen.paths or (seen.path,))])
    return shlex.join(["cp", *(posixpath.join(seen.work_tree or "", path) for path in seen.paths), path_operand(f"{folder}/")])


def _is_bound(revision: Revision) -> bool:
    parents = revision.down_revisions
    return len(parents) > 1 and revision.revision == merge_id(parents)


def missing_parents(snapshot: Snapshot, evidence: Evidence) -> tuple[MissingParent, ...]:
    """Return every reference that leads nowhere, with its cause and its cure, in the order in which they can be cured."""
    graph = snapshot.graph
    half_read = {script.revision for script in snapshot.unreadable}
    pairs = [(revision, missing) for revision, missing in graph.missing if missing not in half_read]
    lost = frozenset(revision.revision for revision, _ in pairs)
    on_disk = {script.revision for script in evidence.on_disk}
    found: list[MissingParent] = []
    for revision, missing in sorted(pairs, key=lambda pair: (pair[0].create_date or "", pair[0].revision)):
        if missing in on_disk or missing in evidence.gone:
            found.append(MissingParent(revision, missing, Cause.ON_DISK if missing in on_disk else Cause.GONE))
        else:
            # A script that was copied after another one follows that one.
            apart = lost - {each.revision.revision for each in found if each.stand_ins is not None}
            cured = _with_cures(graph, found)
            # Of two scripts with one id the graph has the last one.
            current = cured[revision.revision] if cured[revision.revision].path == revision.path else revision
            found.append(_decided(cured, current, missing, evidence.last_seen.get(missing), apart))
    return tuple(found)


def with_stand_ins(names: Collection[str], missing: str, stand_ins: Collection[str]) -> tuple[str, ...]:
    """Return references with the stand-ins in the place of the missing one, none twice."""
    return tuple(dict.fromkeys(each for name in names for each in (stand_ins if name == missing else (name,))))


def _with_cures(graph: RevisionGraph, cures: Collection[MissingParent]) -> RevisionGraph:
    revisions = dict(graph.revisions)
    for cure in cures:
        name = cure.revision.revision
        if cure.stand_ins is not None and revisions[name].path == cure.revision.path:
            revisions[name] = cured(revisions[name], cure)
    return RevisionGraph(revisions.values()) if cures else graph


def cured(revision: Revision, cure: MissingParent) -> Revision:
    """Return a revision that names the stand-ins instead of its missing parent."""
    stand_ins = cure.stand_ins or ()
    identifiers = revision.identifiers._replace(
        down_revisions=with_stand_ins(revision.down_revisions, cure.missing, stand_ins),
        depends_on=with_stand_ins(revision.depends_on, cure.missing, stand_ins),
    )
    return revision._replace(identifiers=identifiers)


def _decided(
    graph: RevisionGraph, revision: Revision, missing: str, seen: LastSeen | None, lost: Collection[str]
) -> MissingParent:
    if seen is None:
        meant = _meant(graph, revision, missing)
        return MissingParent(revision, missing, *(meant or (Cause.NOWHERE, None)))
    cause = _cause(graph, revision, seen)
    stand_ins = _stand_ins(graph, revision, cause, seen, lost)
    if stand_ins is None:
        kept = (Cause.DELETED, Cause.SUCCEEDED) if _is_bound(revision) else (Cause.DELETED,)
        cause = cause if cause in kept else Cause.ELSEWHERE
        return MissingParent(revision, missing, cause, last_seen=seen)
    same = [seen.successor] if seen.successor and not seen.moved else []
    before = graph.implied((revision.revision, *(seen.followed or ()), *same))
    skipped = graph.implied(stand_ins) - before - {seen.successor or ""}
    return MissingParent(revision, missing, cause, stand_ins, graph.in_order(skipped), seen)


def _cause(graph: RevisionGraph, revision: Revision, seen: LastSeen) -> Cause:
    if seen.successor and seen.successor in graph and seen.successor not in graph.descendants(revision.revision):
        return Cause.SUCCEEDED
    if seen.was_here:
        return Cause.DELETED
    return Cause.LEFT_OUT if revision.revision in seen.picked else Cause.ELSEWHERE


def _stand_ins(
    graph: RevisionGraph, revision: Revision, cause: Cause, seen: LastSeen, lost: Collection[str]
) -> tuple[str, ...] | None:
    """Return what to name instead of the missing parent; None where the revision cannot do without its script."""
    if _is_bound(revision) or (cause is Cause.LEFT_OUT and len(revision.down_revisions) > 1):
        return None
    if cause is Cause.SUCCEEDED:
        return (str(seen.successor),)
    if cause is Cause.ELSEWHERE or revision.revision in seen.needed_by or seen.followed is None:
        return None
    descendants = graph.descendants(revision.revision)
    if cause is Cause.DELETED:
        nearest = _uppermost(graph, seen.followed)
        return nearest if descendants.isdisjoint(nearest) else None
    left = graph.revisions.keys() - frozenset().union(*(graph.descendants(name) for name in lost))
    heads = [name for name in graph.in_order(left) if left.isdisjoint(graph.children.get(name, ()))]
    related = [head for head in heads if not seen.followed or not graph.ancestors(head).isdisjoint(seen.followed)]
    return tuple(related) if len(related) == 1 or not left else None


def _uppermost(graph: RevisionGraph, names: Collection[str]) -> tuple[str, ...]:
    """Leave out the revisions that another one of them follows."""
    return tuple(name for name in names if not any(name in graph.ancestors(other) for other in names if other != name))


def _meant(graph: RevisionGraph, revision: Revision, missing: str) -> tuple[Cause, tuple[str, ...]] | None:
    """Return the only revision that a reference can mean which is no id."""
    excluded = graph.descendants(revision.revision)
    for cause, means in _MEANINGS:
        found = [name for name, each in graph.revisions.items() if name not in excluded and means(each, missing)]
        if len(found) == 1:
            return cause, (found[0],)
        if found:
            return None
    return None


def _is_file_name(revision: Revision, reference: str) -> bool:
    stem = posixpath.basename(reference).removesuffix(".py")
    slug = re.sub(r"\W+", "_", revision.message.lower()).strip("_")
    names = [posixpath.basename(revision.path).removesuffix(".py"), *([f"{revision.revision}_{slug}"] if slug else [])]
    return stem.casefold() in map(str.casefold, names)


def _is_label(revision: Revision, reference: str) -> bool:
    return reference in revision.branch_labels


def _is_same(revision: Revision, reference: str) -> bool:
    return revision.revision.strip().casefold() == reference.strip().casefold()


def _is_beginning(revision: Revision, reference: str) -> bool:
    name, begun = revision.revision.casefold(), reference.strip().casefold()
    rest = name.removeprefix(begun)
    return bool(begun) and rest != name and (len(begun) >= _SHORTEST or rest[:1] in ("_", "-"))


_MEANINGS: tuple[tuple[Cause, Callable[[Revision, str], bool]], ...] = (
    (Cause.FILE_NAME, _is_file_name),
    (Cause.LABEL, _is_label),
    (Cause.PREFIX, _is_same),
    (Cause.PREFIX, _is_beginning),
)
