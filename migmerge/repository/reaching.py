"""Which commits contain which, from one walk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .git import Git, GitFailed
from .walking import lines_of


def reaching(git: Git, commits: Sequence[str], ends: Iterable[str]) -> dict[str, frozenset[str]] | None:
    """Return, for each commit between `commits` and the `ends`, which of them it contains, itself included.

    The walk goes down to what all of them have in common. None where git cannot tell, or not in time.
    """
    if not commits:
        return {}
    try:
        below = _below(git, commits)
    except GitFailed:
        return None
    walk = git.start("rev-list", "--topo-order", "--reverse", "--parents", *ends, *below)
    reached: dict[str, frozenset[str]] = {}
    wanted, none = set(commits), frozenset[str]()
    for line in lines_of(walk):
        commit, *parents = line.split(" ")
        found = (
            none.union(*(reached.get(parent, none) for parent in parents)) if len(parents) != 1 else reached.get(parents[0], none)
        )
        reached[commit] = found | {commit} if commit in wanted else found
    return reached if walk.process.returncode == 0 else None


def _below(git: Git, commits: Iterable[str]) -> tuple[str, ...]:
    """Exclude what the parents of all commits have in common: none of the commits lies there; a root has no parents."""
    parents = [line.split(" ")[1:] for line in git.text("rev-list", "--no-walk", "--parents", *commits).splitlines()]
    shared = git.line("merge-base", "--octopus", *(name for each in parents for name in each)) if all(parents) else None
    return ("--not", shared) if shared else ()
