"""The branches of a clone, its own and those it tracks, and which commits they contain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .git import Running
from .reaching import reaching
from .repository import Repository

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


def start_branches(repository: Repository) -> Running:
    """Start listing the branches; a git of its own, so that other questions can be asked meanwhile."""
    return repository.git.start("for-each-ref", _FORMAT, "refs/heads", "refs/remotes")


def branches_of(listing: Running, default: str | None) -> Branches:
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
