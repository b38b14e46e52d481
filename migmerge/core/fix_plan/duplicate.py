"""Which of the scripts with one id keeps it, which get another id or are removed as copies, and which scripts follow those."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ..evidence import Copy, Evidence
from ..graph import RevisionGraph
from ..revision import NEW, Revision
from ..script.usable import usable_id
from .merge_revision import ID_LENGTH, is_hex_id
from .renumber import next_free

_NOTHING = Copy()


class DuplicateCure(NamedTuple):
    """Hold the script that keeps its id, and one that gets the id `new`, or is removed as a copy where that is None.

    `followers` are the scripts that follow the one which gets another id.
    """

    kept: Revision
    other: Revision
    new: str | None = None
    followers: tuple[Revision, ...] = ()


def cures_of_duplicate(graph: RevisionGraph, scripts: Collection[Revision], evidence: Evidence) -> tuple[DuplicateCure, ...]:
    """Return the cures of scripts with one id, as far as evidence tells which of them others have."""
    kept = _kept(scripts, evidence)
    others = sorted((each for each in scripts if each is not kept), key=lambda each: _age(each, evidence))
    copies = [each for each in others if _is_copy(each, kept, evidence)]
    rest = [each for each in others if each not in copies and _is_own(each, evidence) and not _may_be_copy(each, kept, evidence)]
    removed = [DuplicateCure(kept, each) for each in copies]
    naming = [each for each in _all(graph) if kept.revision in (*each.down_revisions, *each.depends_on)]
    # Which of several own scripts is meant, nobody but the user knows.
    if naming and (len(rest) > 1 or _is_own(kept, evidence)):
        return tuple(removed)
    followers = tuple(each for each in naming if _is_own(each, evidence))
    return (*removed, *_renumbered(graph, kept, rest, followers, evidence))


def _renumbered(
    graph: RevisionGraph, kept: Revision, others: Collection[Revision], followers: tuple[Revision, ...], evidence: Evidence
) -> Iterator[DuplicateCure]:
    taken = {*graph.revisions, *graph.labels}
    for other in others:
        new = _new_id(graph, other, evidence.copies.get(other.path, _NOTHING), taken)
        taken.add(new)
        yield DuplicateCure(kept, other, new, followers)


def _kept(scripts: Collection[Revision], evidence: Evidence) -> Revision:
    """Return the script that others have, else the oldest; of those that came together the one that Alembic loads last."""
    own = [each for each in scripts if _is_own(each, evidence)]
    of_others = [each for each in scripts if each not in own]
    published = [each for each in of_others if evidence.copies.get(each.path, _NOTHING).published]
    if of_others:
        return (published or of_others)[0]
    oldest = min(_age(each, evidence) for each in own)
    return [each for each in own if _age(each, evidence) == oldest][-1]


def _all(graph: RevisionGraph) -> list[Revision]:
    return [script for scripts in graph.scripts.values() for script in scripts]


def _is_own(revision: Revision, evidence: Evidence) -> bool:
    """Say whether a script is known to be the user's, and on no remote branch."""
    known = evidence.copies.get(revision.path)
    return known is not None and (revision.uncommitted == NEW or (known.is_own and known.published == ""))


def _is_copy(revision: Revision, kept: Revision, evidence: Evidence) -> bool:
    """Say whether a script that no remote branch has repeats another one: to the byte, or picked by git and edited.

    A pick keeps the author and the date of the commit that it copies.
    """
    here, there = (evidence.copies.get(each.path, _NOTHING) for each in (revision, kept))
    if here.published != "" and revision.uncommitted != NEW:
        return False
    if here.blob and here.blob == there.blob:
        return True
    one, other = here.provenance, there.provenance
    if not (there.published and one and other and _may_be_same(revision, kept)):
        return False
    return one.commit != other.commit and (here.is_picked or (one.mail, one.date) == (other.mail, other.date))


def _may_be_copy(revision: Revision, kept: Revision, evidence: Evidence) -> bool:
    """Say whether no commit holds a script that was made as another one was: an id by chance is never made twice."""
    return revision.uncommitted == NEW and is_hex_id(revision.revision) and _may_be_same(revision, kept)


def _may_be_same(one: Revision, other: Revision) -> bool:
    return (one.message, one.create_date) == (other.message, other.create_date)


def _age(revision: Revision, evidence: Evidence) -> tuple[bool, str]:
    known = evidence.copies.get(revision.path, _NOTHING)
    return revision.uncommitted == NEW, known.provenance.date if known.provenance else ""


def _new_id(graph: RevisionGraph, revision: Revision, known: Copy, taken: Collection[str]) -> str:
    """Return the next free running number, or an id from the script's content, or one like the old one."""
    if number := next_free(graph, revision.revision, taken):
        return number
    if is_hex_id(revision.revision):
        seeds = (f"{revision.revision}\n{known.blob}\n{number}" for number in range(len(taken) + 1))
        ids = (hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH] for seed in seeds)
        return next(each for each in ids if each not in taken)
    return usable_id(re.sub(r"_\d+$", "", revision.revision), taken)
