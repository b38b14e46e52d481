"""Snapshots: the environments of a tree of git, or of the work tree, with the identifiers of their scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from ..core.environment import Environment
from ..core.revision import EDITED, NEW, REWIRED, Reading, Revision, is_wired_alike
from ..core.script.read import read_carefully, read_script, script_at
from ..core.snapshot import Snapshot
from ..environment.layout import script_paths, signs_of_environments
from ..repository.cache import ReadingCache
from ..repository.files import script_files
from ..repository.repository import Repository
from ..repository.tree import Tree, each_blob, work_tree_paths
from ..repository.work_tree import uncommitted_paths, with_uncommitted

CAREFUL = "!"
"""Stands behind a blob id in the cache where the script was parsed and not only scanned."""

_MOST_KEPT = 1000
"""Blobs whose texts are kept in memory, 5 MB as a rule."""

_MOST_PARSED = 50
"""New scripts that are parsed, which takes half a millisecond each; a checkout across years brings hundreds."""


def take_snapshots(
    repository: Repository, tree: Tree, *, since: Tree | None = None, committed: Tree | None = None
) -> tuple[Snapshot, ...]:
    """Read the environments of a tree; readings of known blobs come from the cache, and what is not `committed` is marked.

    A script that is new `since` another tree is parsed, unless there are many. An environment without a configuration
    counts only where it has scripts.
    """
    cache = ReadingCache(repository.storage)
    return _snapshots(_BlobReader(repository, tree, cache), _environments(repository, tree, cache), since, committed)


def work_tree_snapshots(
    repository: Repository, committed: Tree, *, since: Tree | None = None
) -> tuple[Tree, tuple[Snapshot, ...]]:
    """Return the work tree, with what is not `committed` near its environments, and those environments.

    A script that is new `since` another tree, or not committed, is parsed, unless there are many.
    """
    cache = ReadingCache(repository.storage)
    environments = _environments(repository, committed, cache) or _uncommitted_environments(repository)
    tree = _work_tree(repository, committed, environments)
    if tree is not committed and (configured := _environments(repository, tree, cache)) != environments and configured:
        environments = configured
        tree = _work_tree(repository, committed, environments)
    return tree, _snapshots(_BlobReader(repository, tree, cache), environments, since or committed, committed)


def _work_tree(repository: Repository, committed: Tree, environments: Iterable[Environment]) -> Tree:
    changed = uncommitted_paths(repository, watched_paths(environments))
    return with_uncommitted(repository, committed, changed) if changed else committed


def watched_paths(environments: Iterable[Environment]) -> list[str]:
    """Return the folders and files on which the graph of these environments depends."""
    found = (path for each in environments for path in (*each.versions, *filter(None, [each.config])))
    return list(dict.fromkeys(found))


def _uncommitted_environments(repository: Repository) -> tuple[Environment, ...]:
    """Find the environments of a project that was begun and never committed."""
    from ..environment.discovery import find_environments

    signs = [path for path in signs_of_environments(work_tree_paths(repository.git)) if os.path.isfile(repository.absolute(path))]
    return find_environments(signs, lambda paths: {path: repository.on_disk(path) for path in paths}) if signs else ()


def _snapshots(
    reader: _BlobReader, environments: Iterable[Environment], since: Tree | None, committed: Tree | None
) -> tuple[Snapshot, ...]:
    tree = reader.tree
    paths = {each: script_paths(each, tree.paths) for each in environments}
    blobs = {tree.blobs[path] for scripts in paths.values() for path in scripts}
    edited = {path: old for each in paths.values() for path in each if (old := _blob_before(path, tree, committed))}
    readings = reader.read(blobs.union(edited.values()), read_script)

    def uncommitted(path: str) -> str:
        if path in edited:
            return EDITED if is_wired_alike(readings[edited[path]], readings[tree.blobs[path]]) else REWIRED
        return NEW if committed and path not in committed.blobs else ""

    snapshots = tuple(
        Snapshot(
            environment,
            tuple(script_at(readings[tree.blobs[path]], path, uncommitted(path)) for path in scripts),
        )
        for environment, scripts in paths.items()
        if scripts or environment.config
    )
    new = blobs.difference(since.blobs.values()) if since else set[str]()
    wanted = new if len(new) <= _MOST_PARSED else set[str]()
    snapshots = tuple(_with_parsed(reader, snapshot, tree, wanted) for snapshot in snapshots)
    reader.cache.save(blobs)
    return snapshots


def _blob_before(path: str, tree: Tree, committed: Tree | None) -> str | None:
    """Return the blob that HEAD has of a script which is edited; None where it is not."""
    old = committed.blobs.get(path) if committed and committed is not tree else None
    return old if old != tree.blobs[path] else None


def _environments(repository: Repository, tree: Tree, cache: ReadingCache) -> tuple[Environment, ...]:
    """Find a tree's environments; the cache knows them where no file changed on which they depend."""
    signs = signs_of_environments(tree.paths)
    facts = [[path, tree.blobs[path]] for path in signs]
    if environments := cache.environments(facts):
        return environments

    def read(paths: Sequence[str]) -> Mapping[str, bytes]:
        contents = tree.read(repository.git, (tree.blobs[path] for path in paths))
        return {path: contents[tree.blobs[path]] for path in paths}

    # Only where a configuration changed: configparser and what reads it take 8 ms to import.
    from ..environment.discovery import find_environments

    environments = find_environments(signs, read) if signs else ()
    cache.put_environments(facts, environments)
    return environments


class _BlobReader:
    """Read blobs through the cache; the texts of a few new ones are kept, for the heads among them are parsed next."""

    def __init__(self, repository: Repository, tree: Tree, cache: ReadingCache) -> None:
        self._repository = repository
        self.tree = tree
        self.cache = cache
        self._texts: dict[str, bytes] = {}

    def read(self, blobs: set[str], read: Callable[[bytes], Reading], mark: str = "") -> dict[str, Reading]:
        known = {blob: reading for blob in blobs if (reading := self.cache.get(blob + mark))}
        if missing := blobs - known.keys():
            new = {blob: read(text) for blob, text in self._texts_of(missing)}
            self.cache.put({blob + mark: reading for blob, reading in new.items()})
            known |= new
        return known

    def _texts_of(self, blobs: set[str]) -> Iterable[tuple[str, bytes]]:
        if blobs <= self._texts.keys():
            return [(blob, self._texts[blob]) for blob in blobs]
        if len(blobs) > _MOST_KEPT:
            return chain(self.tree.contents.items(), each_blob(self._repository.git, blobs - self.tree.contents.keys()))
        self._texts = self.tree.read(self._repository.git, blobs)
        return self._texts.items()


def _with_parsed(reader: _BlobReader, snapshot: Snapshot, tree: Tree, wanted: set[str]) -> Snapshot:
    """Parse the scripts that are likely to run next, and those whose blobs are `wanted`.

    The scanner does not notice a syntax error below the identifiers; parsing every old script would take half as long as
    Alembic takes to run them all.
    """
    # The heads and, where they diverge, all since the branch point.
    near = {tree.blobs[snapshot.graph[name].path] for name in {*snapshot.graph.heads, *snapshot.graph.diverging}}
    near.update(wanted.intersection(tree.blobs[script.path] for script in snapshot.scripts))
    parsed = reader.read(near, read_carefully, CAREFUL)
    scripts = tuple(
        script_at(parsed[blob], script.path, script.uncommitted) if (blob := tree.blobs[script.path]) in parsed else script
        for script in snapshot.scripts
    )
    return snapshot if scripts == snapshot.scripts else Snapshot(snapshot.environment, scripts)


class WorkTreeScripts(NamedTuple):
    """Hold an environment's scripts as the work tree has them, with their texts by path."""

    snapshot: Snapshot
    texts: Mapping[str, bytes]

    @property
    def by_revision(self) -> dict[str, tuple[Revision, bytes]]:
        return {name: (revision, self.texts[revision.path]) for name, revision in self.snapshot.graph.revisions.items()}


def read_work_tree_scripts(repository: Repository, environment: Environment) -> WorkTreeScripts:
    """Read the scripts of an environment from the disk, committed or not, without broken links and pipes."""
    recursive = environment.recursive
    found = {path for folder in environment.versions for path in script_files(repository.top, folder, recursive=recursive)}
    texts = {path: repository.on_disk(path) for path in sorted(found) if os.path.isfile(repository.absolute(path))}
    return WorkTreeScripts(
        Snapshot(environment, tuple(script_at(read_script(text), path) for path, text in texts.items())), texts
    )
