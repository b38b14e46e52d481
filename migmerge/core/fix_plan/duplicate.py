"""Which of two scripts with one id gets another id, and which scripts follow that one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import NamedTuple

from ..evidence import Copy, Evidence
from ..graph import RevisionGraph
from ..revision import NEW, Revision
from ..script.usable import usable_id
from .merge_revision import ID_LENGTH, is_hex_id
from .renumber import next_free

_NOTHING = Copy()


class DuplicateCure(NamedTuple):
    """Hold the script that keeps its id, and the one that gets the id `new`, or is removed as a copy where that is None.

    `followers` are the scripts that follow the one which gets another id.
    """

    kept: Revision
    other: Revision
    new: str | None = None
    followers: tuple[Revision, ...] = ()


def cure_of_duplicate(graph: RevisionGraph, scripts: Collection[Revision], evidence: Evidence) -> DuplicateCure | None:
    """Return the cure of two scripts with one id; None where evidence does not tell which of them is the user's own."""
    if len(scripts) != 2:
        return None
    own = sorted((each for each in scripts if _is_own(each, evidence)), key=lambda each: _age(each, evidence))
    if not own or (len(own) == 2 and _age(own[0], evidence) == _age(own[1], evidence)):
        return None
    other = own[-1]
    (kept,) = (each for each in scripts if each != other)
    facts = [evidence.copies.get(each.path, _NOTHING) for each in (kept, other)]
    if facts[0].blob and facts[0].blob == facts[1].blob:
        return DuplicateCure(kept, other)
    naming = [each for each in _all(graph) if other.revision in (*each.down_revisions, *each.depends_on)]
    if naming and len(own) == 2:
        return None
    followers = tuple(each for each in naming if _is_own(each, evidence))
    return DuplicateCure(kept, other, _new_id(graph, other, facts[1]), followers)


def _all(graph: RevisionGraph) -> list[Revision]:
    return [script for scripts in graph.scripts.values() for script in scripts]


def _is_own(revision: Revision, evidence: Evidence) -> bool:
    """Say whether a script is known to be the user's, and on no remote branch."""
    known = evidence.copies.get(revision.path)
    return known is not None and (revision.uncommitted == NEW or (known.is_own and known.published == ""))


def _age(revision: Revision, evidence: Evidence) -> tuple[bool, str]:
    known = evidence.copies.get(revision.path, _NOTHING)
    return revision.uncommitted == NEW, known.provenance.date if known.provenance else ""


def _new_id(graph: RevisionGraph, revision: Revision, known: Copy) -> str:
    """Return the next free running number, or an id from the script's content, or one like the old one."""
    if number := next_free(graph, revision.revision):
        return number
    taken = {*graph.revisions, *graph.labels}
    if is_hex_id(revision.revision):
        seeds = (f"{revision.revision}\n{known.blob}\n{number}" for number in range(len(taken) + 1))
        ids = (hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH] for seed in seeds)
        return next(each for each in ids if each not in taken)
    return usable_id(re.sub(r"_\d+$", "", revision.revision), taken)
