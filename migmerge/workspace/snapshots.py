"""Snapshots: the environments of a tree of git, or of the work tree, with the identifiers of their scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..core.declared_environment import with_declarations
from ..core.environment import Environment
from ..core.revision import Reading, Revision
from ..core.script.read import read_carefully, read_script, script_at
from ..core.snapshot import Snapshot
from ..environment.layout import script_paths, signs_of_environments, usual_versions, with_packages_found
from ..repository.cache import ReadingCache
from ..repository.files import script_files
from ..repository.repository import Repository
from ..repository.tree import Tree, each_blob, read_blobs
from .settings import read_declared

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..environment.unconfigured import FoundEnvironments

CAREFUL = "!"
"""Stands behind a blob id in the cache where the script was parsed and not only scanned."""

_CANDIDATE = "?"
"""Stands behind the blob id of a file that no configured environment reads, and that may be a revision."""

_MOST_KEPT = 1000
"""Blobs whose texts are kept in memory, 5 MB as a rule."""

_MOST_PARSED = 50
"""New scripts that are parsed, which takes half a millisecond each; a checkout across years brings hundreds."""


def take_snapshots(repository: Repository, tree: Tree, *, since: Tree | None = None) -> tuple[Snapshot, ...]:
    """Read the environments of a tree; readings of known blobs come from the cache.

    A script that is new `since` another tree is parsed, unless there are many. An environment without a configuration
    counts only where it has scripts.
    """
    cache = ReadingCache(repository.storage)
    reader = _BlobReader(repository, cache)
    found, candidates = _environments(repository, tree, cache, reader)
    paths = {each: script_paths(each, tree.paths) for each in found.environments}
    blobs = {tree.blobs[path] for scripts in paths.values() for path in scripts}
    readings = reader.read(blobs, read_script)
    snapshots = tuple(
        Snapshot(environment, tuple(script_at(readings[tree.blobs[path]], path) for path in scripts))
        for environment, scripts in paths.items()
        if environment.has_folder and (scripts or environment.is_located)
    )
    new = blobs.difference(since.blobs.values()) if since else set[str]()
    wanted = new if len(new) <= _MOST_PARSED else set[str]()
    snapshots = tuple(_with_parsed(reader, snapshot, tree, wanted) for snapshot in snapshots)
    cache.save(blobs | candidates)
    return snapshots


def all_environments(repository: Repository, tree: Tree) -> FoundEnvironments:
    """Return all that is known of a tree's environments, selected or not, and the scripts that none of them reads."""
    cache = ReadingCache(repository.storage)
    return _environments(repository, tree, cache, _BlobReader(repository, cache))[0]


def _environments(
    repository: Repository, tree: Tree, cache: ReadingCache, reader: _BlobReader
) -> tuple[FoundEnvironments, set[str]]:
    """Find a tree's environments, configured, declared or neither; with the blobs of files that may be revisions of the last."""
    from ..environment.unconfigured import find_unconfigured, looks_like_revision, read_candidate, unread_candidates

    found = [with_packages_found(each, tree.paths) for each in _configured_environments(repository, tree, cache)]
    declared = read_declared(repository, tree.paths)
    known = with_declarations(found, declared, {each.path: usual_versions(each.path, tree.paths) for each in declared})
    # What an environment reads through a link has another path too.
    linked = {tree.blobs[path] for each in known for path in script_paths(each, tree.paths)} if tree.links else set[str]()
    candidates = {path: blob for path in unread_candidates(known, tree.paths) if (blob := tree.blobs[path]) not in linked}
    readings = reader.read(set(candidates.values()), read_candidate, _CANDIDATE) if candidates else {}
    scripts = {path: readings[blob] for path, blob in candidates.items() if looks_like_revision(readings[blob])}
    return find_unconfigured(known, tree.paths, scripts), set(candidates.values())


def _configured_environments(repository: Repository, tree: Tree, cache: ReadingCache) -> tuple[Environment, ...]:
    """Find the environments that files show; the cache knows them where none of these files changed."""
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


class _BlobReader:
    """Read blobs through the cache; the texts of a few new ones are kept, for the heads among them are parsed next."""

    def __init__(self, repository: Repository, cache: ReadingCache) -> None:
        self._repository = repository
        self._cache = cache
        self._texts: dict[str, bytes] = {}

    def read(self, blobs: set[str], read: Callable[[bytes], Reading], mark: str = "") -> dict[str, Reading]:
        known = {blob: reading for blob in blobs if (reading := self._cache.get(blob + mark))}
        if missing := blobs - known.keys():
            new = {blob: read(text) for blob, text in self._texts_of(missing)}
            self._cache.put({blob + mark: reading for blob, reading in new.items()})
            known |= new
        return known

    def _texts_of(self, blobs: set[str]) -> Iterable[tuple[str, bytes]]:
        if blobs <= self._texts.keys():
            return [(blob, self._texts[blob]) for blob in blobs]
        if len(blobs) > _MOST_KEPT:
            return each_blob(self._repository.git, blobs)
        self._texts = read_blobs(self._repository.git, blobs)
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
        script_at(parsed[blob], script.path) if (blob := tree.blobs[script.path]) in parsed else script
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
