"""The branches, and which commits contain which: each from one walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..core.errors import MigmergeError
from ..core.order import sorted_after
from .git import EVIDENCE_TIMEOUT, Git, GitFailed, GitProcess
from .repository import Repository

_REMOTE = "refs/remotes/"
_USUAL = ("main", "master")
_FORMAT = "--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(authorname)%00%(symref)%00%(*objectname)"
_ENDS = {"refs/heads": "--branches", "refs/remotes": "--remotes", "refs/tags": "--tags"}
_FORECAST_TIMEOUT = 60.0
"""Seconds; a progress bar is on the screen meanwhile."""


class Branch(NamedTuple):
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


class Branches(NamedTuple):
    """All branches, local ones first, and the default branch where git or the configuration names one."""

    each: tuple[Branch, ...]
    default: Branch | None


def start_branches(repository: Repository) -> GitProcess:
    """Start listing the branches; a git of its own, so that others can run meanwhile."""
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
    """Return the configured branch, as a remote has it where one does; else a remote's HEAD, or a usual name."""
    known = {branch.reference: branch for branch in each}
    if configured:
        named = [branch for branch in each if configured in (branch.name, branch.name.partition("/")[2])]
        return next((branch for branch in named if branch.is_remote), named[0] if named else None)
    usual = [f"{_REMOTE}origin/{name}" for name in _USUAL]
    heads = sorted((name for name in symbolic if name.startswith(_REMOTE)), key=lambda name: name != f"{_REMOTE}origin/HEAD")
    wanted = [*(symbolic[name] for name in heads), *usual]
    return next((known[name] for name in wanted if name in known), None)


def active_branches(branches: Iterable[Branch], *, since: int, head: str) -> list[tuple[Branch, ...]]:
    """Return the branches with a commit since then (in seconds since 1970), those with the same end together, newest first."""
    ends: dict[str, list[Branch]] = {}
    for branch in branches:
        if branch.date >= since and branch.commit != head:
            ends.setdefault(branch.commit, []).append(branch)
    return sorted((tuple(group) for group in ends.values()), key=lambda group: (-group[0].date, group[0].name))


def is_in(git: Git, commit: str, end: str) -> bool:
    return git.line_if_any("merge-base", commit, end) == commit


def is_in_head(git: Git, commit: str) -> bool:
    return is_in(git, commit, "HEAD")


def commits_since(git: Git, commit: str) -> int:
    """Return how many commits HEAD has on top of a commit; 0 where it does not have that commit."""
    return int(git.line("rev-list", "--count", f"{commit}..HEAD") or 0) if is_in_head(git, commit) else 0


def remote_branch_with(git: Git, commit: str) -> str | None:
    """Return a remote-tracking branch that has a commit."""
    return next((name.removeprefix(_REMOTE) for name in references_containing(git, [commit], "refs/remotes")), None)


def references_containing(git: Git, commits: Iterable[str], namespace: str) -> tuple[str, ...]:
    """Return the references below `refs/heads`, `refs/remotes` or `refs/tags` that contain one of the commits.

    `for-each-ref --contains` walks once for each reference; this walks once.
    """
    wanted = list(dict.fromkeys(commits))
    reached = reaching(git, wanted, [_ENDS[namespace]])
    if not reached:
        known = [option for commit in wanted for option in ("--contains", commit)] if reached is None else []
        return tuple(git.text("for-each-ref", "--format=%(refname)", *known, namespace).splitlines()) if known else ()
    rows = git.text("for-each-ref", "--format=%(refname)%00%(objectname)%00%(*objectname)", namespace).splitlines()
    ends = ((name, peeled or commit) for name, commit, peeled in (row.split("\0") for row in rows))
    return tuple(name for name, end in ends if reached.get(end))


def branches_containing(
    repository: Repository, branches: Branches, commits: Iterable[str], timeout: float = EVIDENCE_TIMEOUT
) -> dict[str, tuple[Branch, ...]]:
    """Return the branches that contain each commit, from one walk down to the oldest; nothing where the walk takes too long."""
    wanted = list(dict.fromkeys(commits))
    reached = reaching(repository.git, wanted, ("--branches", "--remotes"), timeout)
    if reached is None:
        return {}
    return {commit: tuple(branch for branch in branches.each if commit in reached.get(branch.commit, ())) for commit in wanted}


def reaching(
    git: Git, commits: Sequence[str], ends: Iterable[str], timeout: float = EVIDENCE_TIMEOUT
) -> dict[str, frozenset[str]] | None:
    """Return, for each commit between `commits` and the `ends`, which of `commits` it contains, itself included.

    The walk goes down to what all of `commits` have in common. None where git cannot tell, or not in time.
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
    for line in walk.lines(timeout):
        commit, *parents = line.split(" ")
        # Most commits have one parent, whose set is shared and not copied.
        inherited = (reached.get(parent, none) for parent in parents)
        found = next(inherited) if len(parents) == 1 else none.union(*inherited)
        reached[commit] = found | {commit} if commit in wanted else found
    return reached if walk.succeeded else None


def _below(git: Git, commits: Iterable[str]) -> tuple[str, ...]:
    """Exclude what the parents of all commits have in common: none of the commits lies there; a root has no parents."""
    parents = [line.split(" ")[1:] for line in git.text("rev-list", "--no-walk", "--parents", *commits).splitlines()]
    shared = git.line("merge-base", "--octopus", *(name for each in parents for name in each)) if all(parents) else None
    return ("--not", shared) if shared else ()


def merge_bases(git: Git, tips: Sequence[str], head: str) -> dict[str, tuple[str, ...]]:
    """Return where each commit left HEAD, in one walk over what HEAD lacks; without those of another history.

    The last such commit where a branch merged HEAD and left it again: git's merge base. After a criss-cross merge there are
    several.

    Raises:
        MigmergeError: where git needs more than a minute.
    """
    walk = git.start("rev-list", "--boundary", "--parents", "--stdin")
    parents: dict[str, list[str]] = {}
    boundary: dict[str, frozenset[str]] = {}
    for line in walk.lines(_FORECAST_TIMEOUT, given="\n".join([*tips, f"^{head}", ""]).encode()):
        commit, *names = line.split(" ")
        if commit.startswith("-"):
            boundary[commit[1:]] = frozenset({commit[1:]})
        else:
            parents[commit] = names
    if not walk.succeeded:
        raise MigmergeError("git did not find in time where the branches left HEAD", hint="migmerge forecast --days 30")
    reached = _carried_up(boundary, parents)
    return _last(git, {tip: reached[tip] for tip in tips if reached.get(tip)})


def _carried_up(boundary: Mapping[str, frozenset[str]], parents: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Return, for each commit, all boundary commits at which its history leaves HEAD."""
    reached, none = dict(boundary), frozenset[str]()
    for commit in sorted_after({name: [each for each in above if each in parents] for name, above in parents.items()}):
        if commit not in reached:
            reached[commit] = none.union(*(reached.get(parent, none) for parent in parents[commit]))
    return reached


def _last(git: Git, candidates: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """Keep, where there are several candidates, those that no other of them contains."""
    several = sorted({commit for each in candidates.values() if len(each) > 1 for commit in each})
    contained = reaching(git, several, several) or {}
    return {tip: tuple(sorted(_outermost(each, contained))) for tip, each in candidates.items()}


def _outermost(commits: frozenset[str], contained: Mapping[str, frozenset[str]]) -> list[str]:
    return [commit for commit in commits if not _is_below(commit, commits, contained)]


def _is_below(commit: str, others: Iterable[str], contained: Mapping[str, frozenset[str]]) -> bool:
    return any(commit in contained.get(other, ()) for other in others if other != commit)
