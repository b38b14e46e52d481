"""The branches that somebody works on, and where they left HEAD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..core.errors import MigmergeError
from .git import Git
from .reaching import reaching
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
    """Return where each commit left HEAD, in one walk over what HEAD does not have; without those of another history.

    Where it left HEAD several times, having merged it between, the last one: git's merge base, but that of two which
    were merged into each other one is taken.

    Raises:
        MigmergeError: where git needs more than a minute.
    """
    walk = git.start("log", "--no-show-signature", "--boundary", "--format=%m %H %P", *tips, "--not", head, "--")
    parents: dict[str, list[str]] = {}
    places: dict[str, frozenset[str]] = {}
    for line in lines_of(walk, _PATIENCE):
        mark, commit, *names = line.split(" ")
        if mark == "-":
            places[commit] = frozenset({commit})
        else:
            parents[commit] = [name for name in names if name]
    if walk.process.returncode:
        raise MigmergeError("git did not find in time where the branches left HEAD", hint="migmerge forecast --days 30")
    _carry_up(places, parents)
    return _last(git, {tip: places[tip] for tip in tips if places.get(tip)})


def _carry_up(places: dict[str, frozenset[str]], parents: Mapping[str, Sequence[str]]) -> None:
    """Let each commit know all places at which its history leaves HEAD."""
    from graphlib import TopologicalSorter

    none = frozenset[str]()
    for commit in TopologicalSorter(parents).static_order():
        if commit not in places:
            places[commit] = none.union(*(places.get(parent, none) for parent in parents.get(commit, ())))


def _last(git: Git, places: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Choose, where there are several places, one that no other of them contains."""
    several = sorted({place for each in places.values() if len(each) > 1 for place in each})
    contained = reaching(git, several, several) or {}
    return {tip: min(each, key=lambda place: (_is_below(place, each, contained), place)) for tip, each in places.items()}


def _is_below(place: str, others: Iterable[str], contained: Mapping[str, frozenset[str]]) -> bool:
    return any(place in contained.get(other, ()) for other in others if other != place)
