"""The branches that somebody works on, and where they left HEAD."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.errors import MigmergeError
from .git import Git
from .references import Branch
from .walking import lines_of

_PATIENCE = 60.0
"""Seconds; somebody watches the progress bar meanwhile."""


def active_branches(branches: Iterable[Branch], *, since: int, head: str) -> list[tuple[Branch, ...]]:
    """Return the branches with a commit since then (in seconds since 1970), those with the same end together, newest first."""
    ends: dict[str, list[Branch]] = {}
    for branch in branches:
        if branch.date >= since and branch.commit != head:
            ends.setdefault(branch.commit, []).append(branch)
    return sorted((tuple(group) for group in ends.values()), key=lambda group: (-group[0].date, group[0].name))


def merge_bases(git: Git, tips: Sequence[str], head: str) -> dict[str, str]:
    """Return where each commit left HEAD, in one walk over what HEAD does not have; those it has are left out.

    Of several such places the newest, which is the merge base but where two branches were merged into each other.

    Raises:
        MigmergeError: where git needs more than a minute.
    """
    walk = git.start("log", "--boundary", "--format=%m %H %ct %P", *tips, "--not", head, "--")
    parents: dict[str, list[str]] = {}
    dates: dict[str, int] = {}
    for line in lines_of(walk, _PATIENCE):
        mark, commit, date, *names = line.split(" ")
        if mark == "-":
            dates[commit] = int(date)
        else:
            parents[commit] = [name for name in names if name]
    if walk.process.returncode:
        raise MigmergeError("git did not find in time where the branches left HEAD", hint="migmerge forecast --days 30")
    places = _places(parents, dates)
    return {tip: places[tip] for tip in tips if tip in places}


def _places(parents: dict[str, list[str]], dates: dict[str, int]) -> dict[str, str]:
    """Carry the newest boundary commit up to each commit above it."""
    from graphlib import TopologicalSorter

    newest: dict[str, str] = {commit: commit for commit in dates}
    for commit in TopologicalSorter(parents).static_order():
        below = [newest[parent] for parent in parents.get(commit, ()) if parent in newest]
        if below and commit not in dates:
            newest[commit] = max(below, key=dates.__getitem__)
    return newest
