"""Snapshots: the environments of a tree of git, or of the work tree, with the identifiers of their scripts."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ..core.declared_environment import with_declarations
from ..core.environment import Environment
from ..core.revision import (
    EDITED,
    NEW,
    REWIRED,
    Reading,
    Revision,
    Script,
    UnreadableScript,
    is_wired_alike,
)
from ..core.script.names import is_script_name
from ..core.script.read import not_read, read_carefully, read_script, script_at
from ..core.snapshot import Snapshot
from ..environment.layout import is_foreign, script_paths, signs_of_environments, usual_versions, with_packages_found
from ..repository.begun import BegunFiles, untracked_and_staged
from ..repository.cache import ReadingCache
from ..repository.files import script_files
from ..repository.repository import Repository
from ..repository.tree import Tree
from ..repository.unseen import unseen_paths
from ..repository.work_tree import uncommitted_paths, with_uncommitted
from .begun_environments import configurations, uncommitted_signs
from .blob_reader import BlobReader
from .settings import read_declared

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..environment.unconfigured import FoundEnvironments

CAREFUL = "!"
"""Stands behind a blob id in the cache where the script was parsed and not only scanned."""

_CANDIDATE = "?"
"""Stands behind the blob id of a file that no configured environment reads, and that may be a revision."""

_MOST_PARSED = 50
"""New scripts that are parsed, which takes half a millisecond each; a checkout across years brings hundreds."""


def take_snapshots(
    repository: Repository, tree: Tree, *, since: Tree | None = None, committed: Tree | None = None
) -> tuple[Snapshot, ...]:
    """Read the environments of a tree; readings of known blobs come from the cache, and what is not `committed` is marked.

    A script that is new `since` another tree is parsed, unless there are many. An environment without a configuration
    counts only where it has scripts.
    """
    return _snapshots(BlobReader(repository, tree), all_environments(repository, tree).environments, since, committed)


def work_tree_snapshots(
    repository: Repository, committed: Tree, *, since: Tree | None = None, begun: BegunFiles | None = None
) -> tuple[Tree, tuple[Snapshot, ...]]:
    """Return the work tree, with what is not `committed` near its environments, and those environments.

    A script that is new `since` another tree, or not committed, is parsed, unless there are many. Environments that are not
    committed are found where the files are given that may begin one.
    """
    environments = _with_folders(all_environments(repository, committed))
    tree = _work_tree(repository, committed, environments)
    if tree is not committed:
        configured = _with_folders(all_environments(repository, tree))
        if configured and configured != environments:
            environments = configured
            tree = _work_tree(repository, committed, environments)
    # Last, for git still lists the files meanwhile.
    if begun and (signs := uncommitted_signs(repository, committed, begun)):
        return _with_begun(repository, committed, signs, since or committed)
    return tree, _snapshots(BlobReader(repository, tree), environments, since or committed, committed)


def _with_begun(repository: Repository, committed: Tree, signs: Sequence[str], since: Tree) -> tuple[Tree, tuple[Snapshot, ...]]:
    """Return the work tree and its environments where some of them may not be committed."""
    new = [
        path for path in untracked_and_staged(repository.git, committed.blobs) if path.endswith(".py") and not is_foreign(path)
    ]
    changed = uncommitted_paths(repository, configurations(committed), committed)
    seen = with_uncommitted(repository, committed, {*new, *signs, *changed})
    environments = _with_folders(all_environments(repository, seen))
    tree = with_uncommitted(repository, committed, {*paths_not_as_committed(repository, environments, committed), *signs})
    return tree, _snapshots(BlobReader(repository, tree), environments, since, committed)


def _with_folders(found: FoundEnvironments) -> tuple[Environment, ...]:
    return tuple(environment for environment in found.environments if environment.has_folder)


def _work_tree(repository: Repository, committed: Tree, environments: Iterable[Environment]) -> Tree:
    changed = paths_not_as_committed(repository, environments, committed)
    return with_uncommitted(repository, committed, changed) if changed else committed


def paths_not_as_committed(repository: Repository, environments: Iterable[Environment], committed: Tree) -> list[str]:
    """Return the scripts and configurations of these environments that are not on disk as HEAD has them.

    Where the folder of an environment is not there at all, a sparse checkout hides it, and Alembic cannot be run.
    """
    known = list(environments)
    watched = list(dict.fromkeys([*watched_paths(known), *configurations(committed)]))
    folders = {folder for each in known if os.path.isdir(repository.absolute(each.path)) for folder in each.versions}
    told = uncommitted_paths(repository, watched, committed)
    return sorted(unseen_paths(repository, folders, watched, committed).union(told))


def watched_paths(environments: Iterable[Environment]) -> list[str]:
    """Return the folders and files on which the graph of these environments depends, whether they are there or not."""
    found = dict.fromkeys(path for each in environments for path in (*each.versions, *filter(None, [each.config])))
    above = dict.fromkeys(folder for each in environments for folder in ("", posixpath.dirname(each.path), each.path))
    configurations = [posixpath.join(folder, "alembic.ini") for folder in above]
    folders = tuple(f"{path}/" for path in found)
    return [*found, *(path for path in configurations if path not in found and not path.startswith(folders))]


def _snapshots(
    reader: BlobReader, environments: Iterable[Environment], since: Tree | None, committed: Tree | None
) -> tuple[Snapshot, ...]:
    tree = reader.tree
    paths = {each: _loaded(each, tree) for each in environments}
    blobs = {tree.blobs[path] for scripts in paths.values() for path in scripts}
    scripts_here = _ScriptsHere(reader, paths, blobs, committed)
    snapshots = tuple(
        Snapshot(environment, tuple(map(scripts_here.script, scripts)))
        for environment, scripts in paths.items()
        if environment.has_folder and (scripts or environment.is_located)
    )
    new = blobs.difference(since.blobs.values()) if since else set[str]()
    wanted = new if len(new) <= _MOST_PARSED else set[str]()
    snapshots = tuple(_with_parsed(reader, snapshot, tree, wanted) for snapshot in snapshots)
    reader.cache.save()
    return snapshots


class _ScriptsHere:
    """Read the scripts of a tree, with how each differs from what is `committed`."""

    def __init__(
        self, reader: BlobReader, paths: Mapping[Environment, list[str]], blobs: set[str], committed: Tree | None
    ) -> None:
        self._tree, self._committed = reader.tree, committed
        self._edited = {
            path: old for each in paths.values() for path in each if (old := _blob_before(path, self._tree, committed))
        }
        self._readings = reader.read(blobs.union(self._edited.values()), read_script)
        self._gone = _gone(reader, paths, committed)
        self._state_elsewhere, self._link_to = cache(reader.state_in), reader.link_to

    def script(self, path: str) -> Script:
        if path in self._tree.broken:
            reason = f"it is a link to {self._tree.targets[path]}, which is not there"
            return UnreadableScript(path, reason, uncommitted=self._uncommitted(path))
        if self._tree.leads_out(path):
            return self._outside(path)
        return script_at(self._readings[self._tree.blobs[path]], path, self._uncommitted(path))

    def _outside(self, path: str) -> UnreadableScript:
        """Name a link out of the repository: Alembic may well load what is there, and a colleague does not have it."""
        link = self._link_to(path)
        uncommitted = "" if self._committed and link in self._committed.links else self._uncommitted(path)
        where = "it is" if link == path else f"{link} is"
        reason = f"{where} a link out of the repository, to {self._tree.targets[path]}, which is not read and no clone has"
        return UnreadableScript(path, reason, computed=True, uncommitted=uncommitted, link=link)

    def _uncommitted(self, path: str) -> str:
        reading = self._readings[self._tree.blobs[path]]
        if path in self._edited:
            return EDITED if is_wired_alike(self._readings[self._edited[path]], reading) else REWIRED
        if not self._committed or path in self._committed.blobs:
            return ""
        renamed = self._gone.get(reading.revision or "")
        if self._tree.contents and (owned := self._state_elsewhere(posixpath.dirname(path))):
            return owned
        return NEW if renamed is None else EDITED if is_wired_alike(renamed, reading) else REWIRED


def _loaded(environment: Environment, tree: Tree) -> list[str]:
    """Return the paths of an environment's scripts, each once: Alembic follows links to files, and none to a folder below."""
    paths = script_paths(environment, tree.paths)
    if not tree.targets:
        return paths
    within = tuple(f"{folder}/" for folder in environment.versions)
    below = tuple(f"{link}/" for link in tree.links if link.startswith(within))
    found: dict[str, str] = {}
    for path in paths:
        target = tree.targets.get(path, path)
        if is_script_name(posixpath.basename(target)) and not path.startswith(below):
            found.setdefault(target, path)
    return list(found.values())


def _gone(reader: BlobReader, paths: Mapping[Environment, list[str]], committed: Tree | None) -> dict[str, Reading]:
    """Return the scripts that HEAD has and the tree lacks, by their ids: one with such an id was only renamed."""
    if committed is None or committed is reader.tree:
        return {}
    here = reader.tree.blobs
    blobs = {committed.blobs[path] for each in paths for path in script_paths(each, committed.paths) if path not in here}
    readings = reader.read(blobs, read_script) if blobs else {}
    return {reading.revision: reading for reading in readings.values() if reading.revision}


def _blob_before(path: str, tree: Tree, committed: Tree | None) -> str | None:
    """Return the blob that HEAD has of a script which is edited; None where it is not."""
    old = committed.blobs.get(path) if committed and committed is not tree else None
    return old if old != tree.blobs[path] else None


@lru_cache(maxsize=4)  # a tree never changes
def all_environments(repository: Repository, tree: Tree) -> FoundEnvironments:
    """Find a tree's environments, configured, declared or neither, and the scripts that none of them reads."""
    from ..environment.unconfigured import find_unconfigured, looks_like_revision, read_candidate, unread_candidates

    reader = BlobReader(repository, tree)
    known = _with_declared(repository, _configured_environments(repository, tree, reader.cache), tree.paths)
    # What an environment reads through a link has another path too.
    linked = {tree.blobs[path] for each in known for path in script_paths(each, tree.paths)} if tree.links else set[str]()
    candidates = {path: blob for path in unread_candidates(known, tree.paths) if (blob := tree.blobs[path]) not in linked}
    readings = reader.read(set(candidates.values()), read_candidate, _CANDIDATE) if candidates else {}
    scripts = {path: readings[blob] for path, blob in candidates.items() if looks_like_revision(readings[blob])}
    return find_unconfigured(known, tree.paths, scripts)


def _with_declared(repository: Repository, configured: Iterable[Environment], files: Sequence[str]) -> list[Environment]:
    """Return the environments that are configured or declared; `files` are sorted."""
    declared = read_declared(repository, files)
    usual = {each.path: usual_versions(each.path, files) for each in declared}
    return with_declarations([with_packages_found(each, files) for each in configured], declared, usual)


def _configured_environments(repository: Repository, tree: Tree, cache: ReadingCache) -> tuple[Environment, ...]:
    """Find the environments that files show; the cache knows them where none of these files changed."""
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


def _with_parsed(reader: BlobReader, snapshot: Snapshot, tree: Tree, wanted: set[str]) -> Snapshot:
    """Parse the scripts that are likely to run next, and those whose blobs are `wanted`.

    The scanner does not notice a syntax error below the identifiers; parsing every old script would take half as long as
    Alembic takes to run them all.
    """
    # The heads and, where they diverge, all since the branch point.
    near = {tree.blobs[snapshot.graph[name].path] for name in {*snapshot.graph.heads, *snapshot.graph.diverging}}
    near.update(wanted.intersection(tree.blobs[script.path] for script in snapshot.scripts))
    parsed = {blob: each for blob, each in reader.read(near, read_carefully, CAREFUL).items() if each != not_read()}
    scripts = tuple(
        script_at(parsed[blob], script.path, script.uncommitted)
        if (blob := tree.blobs[script.path]) in parsed and script.path not in tree.broken and not tree.leads_out(script.path)
        else script
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
