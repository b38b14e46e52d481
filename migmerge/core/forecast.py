"""What merging a branch would do to the scripts, from three lists of them: no merge is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from .finding import Finding, Severity

Scripts = Mapping[str, str]
"""Blob id by path."""


class Verdict(str, Enum):
    """What is to be expected; the worst first."""

    COLLIDES = "collides"
    CONFLICTS = "conflicts"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Merged:
    """The scripts after a merge; `conflicts` are the paths that both sides changed, each in its own way."""

    scripts: Scripts
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a branch would bring: `brought` are revision ids, `findings` what would be wrong then and is not now.

    `names` are those of the branches that end in its commit, `date` is that commit's, in seconds since 1970.
    """

    names: tuple[str, ...]
    commit: str
    author: str
    date: int
    brought: tuple[str, ...]
    conflicts: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return Verdict.COLLIDES
        return Verdict.CONFLICTS if self.conflicts else Verdict.CLEAN


def merge_scripts(base: Scripts, ours: Scripts, theirs: Scripts) -> Merged:
    """Merge by path, as git does before it looks into files; where both sides changed one, ours stands."""
    changed = {path for path, _ in theirs.items() ^ base.items()}
    if not changed:
        return Merged(ours, ())
    scripts, conflicts = dict(ours), []
    for path in sorted(changed):
        if ours.get(path) == base.get(path):
            _set(scripts, path, theirs.get(path))
        elif ours.get(path) != theirs.get(path):
            conflicts.append(path)
    return Merged(scripts, tuple(conflicts))


def _set(scripts: dict[str, str], path: str, blob: str | None) -> None:
    if blob is None:
        scripts.pop(path, None)
    else:
        scripts[path] = blob


def new_findings(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a merge would add."""
    known = {(finding.code, finding.revisions, finding.paths) for finding in before}
    return tuple(finding for finding in after if (finding.code, finding.revisions, finding.paths) not in known)
