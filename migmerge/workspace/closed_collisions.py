"""The merge points of a workspace whose sides cannot both run, judged once for the bytes of the scripts.

A file under the git directory keeps the verdicts by the blob ids of both sides: no script is read twice for them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from ..core.evidence import ClosedCollision
from ..core.snapshot import Snapshot
from ..repository.json_file import load_json, store_json
from .evidence import configuration_of
from .workspace import Workspace

TYPE_CHECKING = False  # typing takes 3 ms to import
if TYPE_CHECKING:
    from typing import Any

    from ..core.operations.operation import Operations

_FILE = "closed.json"
_FORM = "closed 3"
"""To be raised whenever the same scripts are compared differently within one version of migmerge."""

_MOST_COMPARED = 400
"""Scripts on the two sides of a merge point; of 64 merge points in six real histories, the largest joins 12."""

_LONGEST_KEY = 2000
"""Characters of blob ids that name a pair of sides as they are; the few longer keys are hashed."""

_KEEP = 4
"""Verdicts of other trees are dropped once the file has this many times those that the present tree needs."""

_Sides = tuple[frozenset[str], frozenset[str]]


def closed_collisions_in(
    workspace: Workspace, snapshot: Snapshot, merge_points: Collection[str] | None = None
) -> tuple[ClosedCollision, ...]:
    """Return the collisions that merge points hide, of all of them or of those that are given."""
    graph = snapshot.graph
    asked = [name for name in graph.merge_points if merge_points is None or name in merge_points]
    if not asked or graph.cycles:
        return ()
    path = os.path.join(workspace.repository.storage, _FILE)
    verdicts = _Verdicts(workspace, snapshot, load_json(path))
    found = _without_repetition(verdicts.on(asked))
    if verdicts.are_new:
        store_json(path, verdicts.stored())
    return found


class _Verdicts:
    """Judge merge points, each pair of sides once."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot, stored: dict[str, Any]) -> None:
        self._workspace = workspace
        self._graph = snapshot.graph
        self._config_blob = workspace.tree.blobs.get(snapshot.environment.config or "", "")
        self._snapshot = snapshot
        self._pairs: dict[str, list[Any]] = stored.get(_FORM, {})
        self._used: set[str] = set()
        self.are_new = False

    def stored(self) -> dict[str, object]:
        """Return what the file is to hold."""
        pairs = self._pairs
        if len(pairs) > _KEEP * max(len(self._used), 256):
            pairs = {key: pairs[key] for key in self._used}
        return {_FORM: pairs}

    def on(self, merge_points: Iterable[str]) -> Iterator[ClosedCollision]:
        pairs = [(name, sides, self._key(sides)) for name in merge_points for sides in self._graph.sides_joined_by(name)]
        pairs = [pair for pair in pairs if sum(map(len, pair[1])) <= _MOST_COMPARED]
        self._used = {key for _, _, key in pairs}
        new = [pair for pair in pairs if pair[2] not in self._pairs]
        if new:
            self.are_new = True
            self._judge(new)
        for name, _, key in pairs:
            yield from (_unpacked(each)._replace(merge_point=name) for each in self._pairs[key])

    def _key(self, sides: _Sides) -> str:
        one, other = (sorted(map(self._blob, side)) for side in sides)
        key = "\n".join([self._config_blob, *one, "", *other])
        return key if len(key) <= _LONGEST_KEY else _digest(key)

    def _judge(self, pairs: Iterable[tuple[str, _Sides, str]]) -> None:
        names = {name for _, sides, _ in pairs for side in sides for name in side}
        # All at once: each call starts a git.
        contents = self._workspace.tree.read(self._workspace.repository.git, map(self._blob, names))
        related = _relations({name: contents[self._blob(name)] for name in names})
        likely = [pair for pair in pairs if _may_collide(pair[1], related)]
        self._pairs |= {key: [] for _, _, key in pairs}
        if not likely:
            return
        # `ast` and what compares scripts take 40 ms to import, and a script half a millisecond to read.
        from ..core.operations.closed import closed_between
        from ..core.operations.dialect import dialect_of, read_scripts

        read: dict[str | None, dict[str, Operations]] = {}
        for merge_point, sides, key in likely:
            texts = {name: contents[self._blob(name)] for side in sides for name in side}
            dialect = dialect_of(texts.values(), self._configuration)
            operations = read.setdefault(dialect, {})
            operations |= read_scripts({name: text for name, text in texts.items() if name not in operations}, dialect)
            self._pairs[key] = [_packed(each) for each in closed_between(self._graph, merge_point, sides, operations)]

    @cached_property
    def _configuration(self) -> bytes:
        return configuration_of(self._workspace, self._snapshot)

    def _blob(self, name: str) -> str:
        return self._workspace.tree.blobs[self._graph[name].path]


def _relations(texts: Mapping[str, bytes]) -> dict[str, frozenset[bytes] | None]:
    from ..core.operations.relation_names import relation_names

    return {name: relation_names(text) for name, text in texts.items()}


def _may_collide(sides: _Sides, related: Mapping[str, frozenset[bytes] | None]) -> bool:
    """Say whether both sides name a table or an index: nothing else collides for certain."""
    one, other = ([related[name] for name in side] for side in sides)
    if None in one or None in other:
        return True
    mine, theirs = (frozenset().union(*(names for names in side if names)) for side in (one, other))
    return not mine.isdisjoint(theirs)


def _without_repetition(found: Iterable[ClosedCollision]) -> tuple[ClosedCollision, ...]:
    """Return each collision once: two merge points, or three parents of one, may join the same revisions."""
    first: dict[tuple[str, frozenset[str]], ClosedCollision] = {}
    for each in found:
        first.setdefault((each.what, frozenset(each.revisions)), each)
    return tuple(first.values())


def _digest(key: str) -> str:
    import hashlib  # takes 2 ms to import

    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _packed(closed: ClosedCollision) -> list[object]:
    return [closed.merge_point, closed.what, [*closed.revisions], [*closed.lines]]


def _unpacked(packed: list[Any]) -> ClosedCollision:
    merge_point, what, revisions, lines = packed
    return ClosedCollision(merge_point, what, (revisions[0], revisions[1]), (lines[0], lines[1]))
