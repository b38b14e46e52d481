"""What a branch changed since it left HEAD, and whether that can change what Alembic loads once the branch is merged."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto

from ..environment.layout import has_files
from ..repository.diff import BlobChange, renamed_between
from ..repository.git import Git
from ..repository.objects import Objects
from .workspace import Workspace

_CONFIGURATION = ("alembic.ini", "env.py", "script.py.mako")
_TELLING = (
    (".py", re.compile(rb"down_revision")),
    (".ini", re.compile(rb"script_location")),
    ("pyproject.toml", re.compile(rb"tool\.(?:alembic|migmerge)|\[tool\]")),
)
"""How the names of files end that concern Alembic only where such words are in them."""
_MOST_LINKS = 5

Comparison = tuple[str, Sequence[BlobChange] | None]
"""A merge base, and what a branch has otherwise; None where git cannot tell."""


class Reach(Enum):
    """Name what a branch's changes concern: nothing that Alembic loads, the scripts of HEAD alone, or where scripts are."""

    NOTHING = auto()
    SCRIPTS = auto()
    PLACES = auto()


class BranchChanges:
    """Judge the changes of branches by what HEAD has."""

    def __init__(self, workspace: Workspace, objects: Objects, head: str) -> None:
        self._git: Git = workspace.repository.git
        self._objects = objects
        self._head = head
        self._tree = workspace.tree
        self._environments = [snapshot.environment for snapshot in workspace.snapshots]
        self._below_folders = tuple(f"{folder}/" for each in self._environments for folder in each.versions if folder)
        self._configurations = {each.config for each in self._environments if each.config}
        self._places = _linked(_places(workspace), workspace.tree.targets)
        self._above = {folder for place in self._places for folder in _folders_above(place)}
        self._told: dict[str, bool] = {}

    def reach(self, commit: str, comparisons: Iterable[Comparison]) -> Reach:
        """Return what a commit's changes concern; each comparison is with another merge base."""
        found = {self._reach_since(base, commit, changes) for base, changes in comparisons}
        return next((each for each in (Reach.PLACES, Reach.SCRIPTS) if each in found), Reach.NOTHING)

    def _reach_since(self, base: str, commit: str, changes: Sequence[BlobChange] | None) -> Reach:
        if changes is None:
            return Reach.PLACES
        outside = [change for change in changes if not self._is_script_place(change.path)]
        if any(map(self._tells_places, outside)) or self._has_telling_text(outside):
            return Reach.PLACES
        if self._moves_folder(commit, changes) or self._follows_head(base, changes) or self._renames_into(base, commit, changes):
            return Reach.PLACES
        return Reach.SCRIPTS if len(outside) < len(changes) else Reach.NOTHING

    def _is_script_place(self, path: str) -> bool:
        """Say whether a file is in a folder of HEAD's scripts, where there may be an env.py too, or below one."""
        if posixpath.basename(path) in _CONFIGURATION:
            return False
        return path.startswith(self._below_folders) or any(each.holds(path) for each in self._environments)

    def _tells_places(self, change: BlobChange) -> bool:
        """Say whether a path alone shows that a configuration, a folder with scripts or a link to one may be concerned."""
        path, name = change.path, posixpath.basename(change.path)
        if change.is_link or name in _CONFIGURATION or path in self._configurations or path in self._above:
            return True
        if path.endswith(".py") and "versions" in path.split("/"):
            return True
        return path in self._places or not self._places.isdisjoint(_folders_above(path))

    def _has_telling_text(self, changes: Iterable[BlobChange]) -> bool:
        """Say whether a file, as it was or as it is, reads like a revision or a configuration."""
        by_end = {end: [each for each in changes if each.path.endswith(end)] for end, _ in _TELLING}
        return any(self._any_tells(by_end[end], pattern) for end, pattern in _TELLING)

    def _any_tells(self, changes: Iterable[BlobChange], pattern: re.Pattern[bytes]) -> bool:
        blobs = {blob for change in changes for blob in (change.before, change.after) if blob}
        self._told |= self._objects.found_in(blobs - self._told.keys(), pattern)
        return any(self._told[blob] for blob in blobs)

    def _moves_folder(self, commit: str, changes: Iterable[BlobChange]) -> bool:
        """Say whether a folder is gone below which HEAD has something: git may move that to where the folder went."""
        deleted = (change.path for change in changes if not change.after)
        emptied = {folder for path in deleted for folder in _folders_above(path)} & self._above
        return any(self._objects.get(f"{commit}:{folder}") is None for folder in emptied)

    def _follows_head(self, base: str, changes: Iterable[BlobChange]) -> bool:
        """Say whether HEAD renamed a changed file, or the folder of a new one, to where scripts or configurations are."""
        sources = {source for change in changes if (source := self._gone_from_head(base, change))}
        if not sources:
            return False
        renamed = renamed_between(self._git, base, self._head, sorted({*sources, *self._places}))
        followed = (new for old, new in renamed.items() if old in sources or not sources.isdisjoint(_folders_above(old)))
        return any(self._is_script_place(path) or self._tells_places(BlobChange(path, "", "", False)) for path in followed)

    def _renames_into(self, base: str, commit: str, changes: Sequence[BlobChange]) -> bool:
        """Say whether a file from elsewhere became a script: git does to that what HEAD did to the file since."""
        new = [change.path for change in changes if not change.before and self._is_script_place(change.path)]
        old = [change.path for change in changes if not change.after and not self._is_script_place(change.path)]
        renamed = renamed_between(self._git, base, commit, [*old, *new]) if old and new else {}
        return not set(new).isdisjoint(renamed.values())

    def _gone_from_head(self, base: str, change: BlobChange) -> str | None:
        """Return the changed file, or the highest folder around a new one, that the merge base has and HEAD does not."""
        path = change.path
        if change.before:
            return None if path in self._tree.blobs or path in self._tree.links else path
        above = [folder for folder in _folders_above(path) if not has_files(folder, self._tree.paths)]
        return next((folder for folder in above if self._objects.get(f"{base}:{folder}")), None)


def _places(workspace: Workspace) -> set[str]:
    """Return the files and folders of HEAD in which something concerns Alembic."""
    environments = [snapshot.environment for snapshot in workspace.snapshots]
    named = {path for each in environments for path in (each.config, each.template, f"{each.path}/env.py".lstrip("/"))}
    folders = {folder for each in environments for folder in each.versions}
    return {path for path in named | folders if path}


def _linked(places: set[str], targets: Mapping[str, str]) -> set[str]:
    """Add where links in or above the places lead to."""
    found = set(places)
    for _ in range(_MOST_LINKS):
        known = len(found)
        found |= {path for link, target in targets.items() for place in found for path in _through(link, target, place)}
        if len(found) == known:
            break
    return found


def _through(link: str, target: str, place: str) -> Iterator[str]:
    if f"{place}/".startswith(f"{link}/"):
        yield target + place[len(link) :]
    elif link.startswith(f"{place}/"):
        yield target


def _folders_above(path: str) -> Iterator[str]:
    """Yield the folders around a path, the highest first; not the top."""
    for place, character in enumerate(path):
        if character == "/":
            yield path[:place]
