"""Which commits contain which, from one walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import MigmergeError
from .git import Git, GitFailed, GitProcess, lines_of
from .repository import Repository


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


_REMOTE = "refs/remotes/"
_USUAL = ("main", "master")


@dataclass(frozen=True, slots=True)
class Branch:
    """A local or remote-tracking branch and the commit at its end; `date` is that commit's, in seconds since 1970."""

    reference: str
    commit: str
    date: int
    author: str

    @property
    def name(self) -> str:
        """Return the name that users know: `feature`, `origin/feature`."""
        return self.reference.removeprefix("refs/heads/").removeprefix(_REMOTE)

    @property
    def is_remote(self) -> bool:
        return self.reference.startswith(_REMOTE)


@dataclass(frozen=True, slots=True)
class Branches:
    """All branches, local ones first; `default` is the one that counts most, where git or the configuration names one."""

    each: tuple[Branch, ...]
    default: Branch | None


_FORMAT = "--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(authorname)%00%(symref)%00%(*objectname)"


def start_branches(repository: Repository) -> GitProcess:
    """Start listing the branches; a git of its own, so that other questions can be asked meanwhile."""
    return repository.git.start("for-each-ref", _FORMAT, "refs/heads", "refs/remotes")


def branches_of(listing: GitProcess, default: str | None) -> Branches:
    """Read what `start_branches` listed; `default` is the configured name of the default branch."""
    rows = [line.split("\0") for line in listing.text().split("\n") if line]
    symbolic = {name: target for name, *_, target, _ in rows if target}
    # A reference may name an annotated tag, even among the branches of a remote.
    each = tuple(
        Branch(name, peeled or commit, int(date or 0), author)
        for name, commit, date, author, target, peeled in rows
        if not target
    )
    return Branches(each, _default(each, symbolic, default))


def _default(each: Sequence[Branch], symbolic: Mapping[str, str], configured: str | None) -> Branch | None:
    """Return the configured branch, as a remote has it where one does; else what a remote calls its HEAD, or a usual name."""
    known = {branch.reference: branch for branch in each}
    if configured:
        named = [branch for branch in each if configured in (branch.name, branch.name.partition("/")[2])]
        return next((branch for branch in named if branch.is_remote), named[0] if named else None)
    usual = [f"{_REMOTE}origin/{name}" for name in _USUAL]
    heads = sorted((name for name in symbolic if name.startswith(_REMOTE)), key=lambda name: name != f"{_REMOTE}origin/HEAD")
    wanted = [*(symbolic[name] for name in heads), *usual]
    return next((known[name] for name in wanted if name in known), None)


def branches_containing(repository: Repository, branches: Branches, commits: Iterable[str]) -> dict[str, tuple[Branch, ...]]:
    """Return the branches that contain each commit, from one walk down to the oldest of them; nothing where it takes too long."""
    wanted = list(dict.fromkeys(commits))
    reached = reaching(repository.git, wanted, ("--branches", "--remotes"))
    if reached is None:
        return {}
    return {commit: tuple(branch for branch in branches.each if commit in reached.get(branch.commit, ())) for commit in wanted}


_TIMEOUT = 60.0
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
    for line in lines_of(walk, _TIMEOUT):
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
