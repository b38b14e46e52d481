"""From git's trees to snapshots: which environments there are, and what their scripts say."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.environment import Environment
from ..core.revision import Reading, Revision
from ..core.script.read import read_carefully, read_script, script_at
from ..core.snapshot import Snapshot
from ..environment.layout import script_paths, signs_of_environments
from ..repository.cache import ReadingCache
from ..repository.files import script_files
from ..repository.repository import Repository
from ..repository.tree import Tree, each_blob, read_blobs

CAREFUL = "!"
"""Marks, behind a blob id in the cache, a script that was parsed and not only scanned."""

_MOST_PARSED = 50
"""New scripts that are parsed, half a millisecond each; a checkout across years brings hundreds."""


def take_snapshots(repository: Repository, tree: Tree, *, since: Tree | None = None) -> tuple[Snapshot, ...]:
    """Read the environments of a tree; what was read before comes from the cache.

    What is new `since` another tree is parsed, not only scanned, unless it is very much. An environment that only its
    folder shows, and no configuration, is one only where it has scripts.
    """
    cache = ReadingCache(repository.storage)
    places = {each: script_paths(each, tree.paths) for each in _environments(repository, tree, cache)}
    blobs = {tree.blobs[path] for paths in places.values() for path in paths}
    readings = _readings(repository, cache, blobs, read_script)
    snapshots = tuple(
        Snapshot(environment, tuple(script_at(readings[tree.blobs[path]], path) for path in paths))
        for environment, paths in places.items()
        if paths or environment.config
    )
    new = blobs.difference(since.blobs.values()) if since else set[str]()
    also = new if len(new) <= _MOST_PARSED else set[str]()
    snapshots = tuple(_look_closer(repository, snapshot, tree, cache, also) for snapshot in snapshots)
    cache.save(blobs)
    return snapshots


def _environments(repository: Repository, tree: Tree, cache: ReadingCache) -> tuple[Environment, ...]:
    """Find a tree's environments; where no file changed that tells of them, the cache knows them."""
    signs = signs_of_environments(tree.paths)
    facts = [[path, tree.blobs[path]] for path in signs]
    if environments := cache.environments(facts):
        return environments

    def read(paths: Sequence[str]) -> Mapping[str, bytes]:
        contents = read_blobs(repository.git, (tree.blobs[path] for path in paths))
        return {path: contents[tree.blobs[path]] for path in paths}

    # Only where a configuration changed: configparser and what reads it take 8 ms to import.
    from ..environment.discovery import find_environments

    environments = find_environments(signs, read) if signs else ()
    cache.put_environments(facts, environments)
    return environments


def _readings(
    repository: Repository, cache: ReadingCache, blobs: set[str], read: Callable[[bytes], Reading], mark: str = ""
) -> dict[str, Reading]:
    known = {blob: reading for blob in blobs if (reading := cache.get(blob + mark))}
    if missing := blobs - known.keys():
        new = {blob: read(data) for blob, data in each_blob(repository.git, missing)}
        cache.put({blob + mark: reading for blob, reading in new.items()})
        known |= new
    return known


def _look_closer(repository: Repository, snapshot: Snapshot, tree: Tree, cache: ReadingCache, also: set[str]) -> Snapshot:
    """Parse the scripts that are likely to run next, and those whose blobs are named in `also`.

    The scanner does not notice a syntax error below the identifiers; parsing every old script would take half as long as
    Alembic takes to run them all.
    """
    # The heads and, where they diverge, all since the branch point.
    near = {tree.blobs[snapshot.graph[name].path] for name in {*snapshot.graph.heads, *snapshot.graph.diverging}}
    near.update(also.intersection(tree.blobs[script.path] for script in snapshot.scripts))
    parsed = _readings(repository, cache, near, read_carefully, CAREFUL)
    scripts = tuple(
        script_at(parsed[blob], script.path) if (blob := tree.blobs[script.path]) in parsed else script
        for script in snapshot.scripts
    )
    return snapshot if scripts == snapshot.scripts else replace(snapshot, scripts=scripts)


@dataclass(frozen=True, slots=True)
class WorkTreeScripts:
    """Hold an environment's scripts as they lie on disk, with their texts by path."""

    snapshot: Snapshot
    texts: Mapping[str, bytes]

    @property
    def by_revision(self) -> dict[str, tuple[Revision, bytes]]:
        return {name: (revision, self.texts[revision.path]) for name, revision in self.snapshot.graph.revisions.items()}


def read_work_tree_scripts(repository: Repository, environment: Environment) -> WorkTreeScripts:
    """Read the scripts of an environment from the disk; links that lead nowhere and pipes are passed over."""
    recursive = environment.recursive
    found = {path for folder in environment.versions for path in script_files(repository.top, folder, recursive=recursive)}
    texts = {path: repository.on_disk(path) for path in sorted(found) if os.path.isfile(repository.absolute(path))}
    return WorkTreeScripts(
        Snapshot(environment, tuple(script_at(read_script(text), path) for path, text in texts.items())), texts
    )
