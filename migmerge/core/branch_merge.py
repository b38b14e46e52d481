"""The merge of a branch, computed from three lists of scripts, and the forecast of what it would break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from .finding import Finding

BlobByPath = Mapping[str, str]
"""Blob id by path."""


class ForecastVerdict(str, Enum):
    """Name what merging a branch would lead to; the worst comes first."""

    COLLIDES = "collides"
    CONFLICTS = "conflicts"
    UNKNOWN = "unknown"
    CLEAN = "clean"


class MergedScripts(NamedTuple):
    """Hold the scripts after a merge; `conflicts` are the paths that both sides changed in different ways."""

    scripts: BlobByPath
    conflicts: tuple[str, ...]


class BranchForecast(NamedTuple):
    """Hold what merging a branch would bring: revision ids, conflicts, and the findings that HEAD does not have.

    `names` are those of the branches that end in the commit, whose date is in seconds since 1970. `unknown` is the reason
    where there is no forecast.
    """

    names: tuple[str, ...]
    commit: str
    author: str
    date: int
    brought: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unknown: str = ""

    @property
    def verdict(self) -> ForecastVerdict:
        if self.unknown:
            return ForecastVerdict.UNKNOWN
        if any(finding.is_error for finding in self.findings):
            return ForecastVerdict.COLLIDES
        return ForecastVerdict.CONFLICTS if self.conflicts else ForecastVerdict.CLEAN


def merge_scripts(base: BlobByPath, ours: BlobByPath, theirs: BlobByPath) -> MergedScripts:
    """Merge by path, as git does before it looks into files; where both sides changed a file, ours is kept.

    A file that one side only renamed is followed there; one that it also edited is taken for another.
    """
    changed = {path for path, _ in theirs.items() ^ base.items()}
    if not changed:
        return MergedScripts(ours, ())
    if renamed := _renamed(base, theirs) | _renamed(base, ours):
        base, ours, theirs = (_under_new_names(each, renamed) for each in (base, ours, theirs))
        changed = {path for path, _ in theirs.items() ^ base.items()}
    scripts, conflicts = dict(ours), []
    for path in sorted(changed):
        if ours.get(path) == base.get(path):
            _set(scripts, path, theirs.get(path))
        elif ours.get(path) != theirs.get(path):
            conflicts.append(path)
    return MergedScripts(scripts, tuple(conflicts))


def _renamed(base: BlobByPath, side: BlobByPath) -> dict[str, str]:
    gone, new = base.keys() - side.keys(), side.keys() - base.keys()
    places = {side[path]: path for path in new} if gone else {}
    return {path: places[base[path]] for path in gone if base[path] in places}


def _under_new_names(scripts: BlobByPath, renamed: Mapping[str, str]) -> BlobByPath:
    return {renamed.get(path, path): blob for path, blob in scripts.items()}


def _set(scripts: dict[str, str], path: str, blob: str | None) -> None:
    if blob is None:
        scripts.pop(path, None)
    else:
        scripts[path] = blob


def new_findings(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings after a merge that are not there before it."""
    known = {finding.identity for finding in before}
    return tuple(finding for finding in after if finding.identity not in known)
