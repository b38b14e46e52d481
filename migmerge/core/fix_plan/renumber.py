"""Running numbers: ids and file names that say which script comes after which, as `0042_add_orders` does."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..graph import RevisionGraph

_NUMBER = re.compile(r"(\d{1,5})(?=[_-]|$)", re.ASCII)
"""Longer ones are dates."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """New ids and new paths, by the old ones; empty where the numbers are in order."""

    revisions: Mapping[str, str]
    paths: Mapping[str, str]


def next_numbers(graph: RevisionGraph, moved: Sequence[str], elsewhere: Collection[str] = ()) -> Numbers:
    """Give moved revisions, parents first, the next free numbers, where theirs do not come after all the others.

    No number is free that an id or a file `elsewhere` has: on another branch, in a stash, in a database.
    """
    taken = [
        number for name, revision in graph.revisions.items() if name not in moved for number in _numbers(name, revision.path)
    ]
    own = [number for name in moved for number in _numbers(name, graph[name].path)]
    if not taken or not own or min(own) > max(taken) or any(not _numbers(name, graph[name].path) for name in moved):
        return Numbers({}, {})
    revisions, paths = {}, {}
    mine = {*moved, *(posixpath.basename(graph[name].path) for name in moved)}
    taken += [number for name in elsewhere if name not in mine for number in _numbers(name, name)]
    for number, name in enumerate(moved, start=max(taken) + 1):
        folder, file = posixpath.split(graph[name].path)
        revisions[name] = _renumbered(name, number)
        paths[graph[name].path] = posixpath.join(folder, _renumbered(file, number))
    return Numbers(_changed(revisions), _changed(paths))


def next_free(graph: RevisionGraph, revision: str, taken: Collection[str] = ()) -> str | None:
    """Return an id with the next running number that no script and none of `taken` has; None where the id has none."""
    if not _NUMBER.match(revision):
        return None
    known = (number for name, each in graph.revisions.items() for number in _numbers(name, each.path))
    return _renumbered(revision, max((*known, *(number for name in taken for number in _numbers(name, name))), default=0) + 1)


def _numbers(revision: str, path: str) -> set[int]:
    found = (_NUMBER.match(text) for text in (revision, posixpath.basename(path).removesuffix(".py")))
    return {int(number[1]) for number in found if number}


def _renumbered(text: str, number: int) -> str:
    return _NUMBER.sub(lambda old: f"{number:0{len(old[1])}}", text, count=1) if _NUMBER.match(text) else text


def _changed(names: Mapping[str, str]) -> dict[str, str]:
    return {old: new for old, new in names.items() if old != new}
