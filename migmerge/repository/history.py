"""Who added a script, when, on which branches it is, and whether anybody else has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..core.provenance import Provenance
from .git import EVIDENCE_TIMEOUT, WALK_TIMEOUT, GitFailed, GitProcess
from .reflogs import REMOTES, reflog_entries
from .refs import Branch, Branches, branches_containing
from .repository import Repository

_ENTRY = "%x01%H%x00%an%x00%aI%x00%ar%x00%ae"
FORMER = "a tag, or a remote branch as it was before"
"""Where a script was published that no remote-tracking branch has any more."""
_REMOTE_DEFAULTS = ("--refs=refs/remotes/*/HEAD", "--refs=refs/remotes/origin/main", "--refs=refs/remotes/origin/master")
_LOCAL_DEFAULTS = ("--refs=refs/heads/main", "--refs=refs/heads/master")

_ADDITIONS = (
    "-c", "core.quotePath=false", "-c", "log.showRoot=true", "--literal-pathspecs",
    "log", "-c", "--no-show-signature", "--no-renames", "--diff-filter=A", "--name-only", f"--format={_ENTRY}",
)  # fmt: skip


def current_branch(repository: Repository) -> str | None:
    """Return the branch that is checked out, None where HEAD is detached."""
    return repository.branch


def own_address(repository: Repository) -> str | None:
    """Return the address under which the user commits: `Ann <ann@example.org> 1714564800 +0000`."""
    found = re.search(r"<(.*)> \d+ \S+$", repository.git.line_if_any("var", "GIT_AUTHOR_IDENT") or "")
    return found[1] if found else None


def provenance_of(
    repository: Repository, paths: Mapping[str, str], commits: Sequence[str], branches: Branches | None = None
) -> dict[str, Provenance]:
    """Return what git knows of the scripts at `paths` (revision id → path), in one walk down from `commits`.

    A script that only the boundary of a shallow clone seems to add is left out: its author is not known. Each script gets
    the branch that it belongs to; all that contain it where the `branches` are given, which takes a second walk.
    """
    if not paths:
        return {}
    added = dict(_additions(repository, set(paths.values()), commits))
    oids = list(dict.fromkeys(known.commit for known in added.values()))
    belongs_to = _branches_of_commits(repository, oids)
    containing = branches_containing(repository, branches, oids, WALK_TIMEOUT) if branches else {}
    return {
        name: known._replace(
            branch=belongs_to.get(known.commit),
            branches=tuple(branch.name for branch in containing.get(known.commit, ())),
        )
        for name, path in paths.items()
        if (known := added.get(path))
    }


def _additions(repository: Repository, paths: set[str], commits: Sequence[str]) -> Iterator[tuple[str, Provenance]]:
    """Yield the newest addition of each path, and stop the walk when all are found."""
    wanted = set(paths)
    for path, known in _parsed(repository.git.start(*_ADDITIONS, *commits, "--", *sorted(paths))):
        if path in wanted:
            wanted.discard(path)
            if known.commit not in repository.boundary:
                yield path, known
            if not wanted:
                return


def _parsed(walk: GitProcess, *, timeout: float = WALK_TIMEOUT, given: bytes = b"") -> Iterator[tuple[str, Provenance]]:
    """Read commits, each followed by the paths that it added."""
    known = None
    for line in walk.lines(timeout, given):
        if line.startswith("\x01"):
            oid, author, date, age, mail = line[1:].split("\0")
            # git 2.55 writes Z, 2.39 does not.
            known = Provenance(oid, author, date.replace("Z", "+00:00"), age=age, mail=mail)
        elif line and known:
            yield line, known


def last_change_of(repository: Repository, path: str, before: str, after: str) -> Provenance | None:
    """Return the newest commit that `after` has and `before` lacks, and that changed the parents in the script at `path`.

    Where none changed the line itself, as in a resolved conflict or in a tuple of several lines: that changed the script.
    """
    git = repository.git
    for chosen in (("-G^down_revision",), ()):
        walk = git.start("log", "--no-show-signature", "-1", *chosen, f"--format={_ENTRY}", f"{before}..{after}", "--", path)
        if found := next((line for line in walk.lines() if line), None):
            oid, author, date, age, mail = found[1:].split("\0")
            return Provenance(oid, author, date.replace("Z", "+00:00"), age=age, mail=mail)
    return None


def _branches_of_commits(repository: Repository, commits: Sequence[str]) -> dict[str, str]:
    """Return the branch that each commit belongs to.

    A commit in the first-parent line of the default branch or of the current one was made there, whatever other branch
    contains it too. Any other commit belongs to the branch whose end is nearest, to the current one where no other has it.
    """
    current = current_branch(repository)
    local = _LOCAL_DEFAULTS if current is None else (*_LOCAL_DEFAULTS, f"--refs=refs/heads/{current}")
    found = dict[str, str]()
    for refs in (_REMOTE_DEFAULTS, local) if repository.may_have_remote_branches else (local,):
        left = [each for each in commits if each not in found]
        found |= _named_by(repository, left, refs, only_first_parents=True)
    others = () if current is None else (f"--exclude=refs/heads/{current}",)
    any_branch = ("--refs=refs/heads/*", "--refs=refs/remotes/*", "--exclude=refs/remotes/*/HEAD", *others)
    left = [each for each in commits if each not in found]
    found |= dict.fromkeys(left, current) if current else {}
    return found | _named_by(repository, left, any_branch, only_first_parents=False)


def _named_by(repository: Repository, commits: Sequence[str], refs: Sequence[str], *, only_first_parents: bool) -> dict[str, str]:
    """Return the branch from which `git name-rev` names each commit: `main~2` is in its first-parent line, `main~2^2` is not."""
    if not commits or not refs:
        return {}
    names = repository.git.text("name-rev", "--name-only", *refs, *commits).rstrip("\n").split("\n")
    named = {commit: name for commit, name in zip(commits, names, strict=True) if name != "undefined"}
    if only_first_parents:
        named = {commit: name for commit, name in named.items() if "^" not in name}
    branches = {commit: re.split(r"[~^]", name)[0].removeprefix("remotes/") for commit, name in named.items()}
    symbolic = {name for name in branches.values() if name.endswith("/HEAD")}
    heads = {name: repository.git.line_if_any("rev-parse", "--abbrev-ref", name) for name in symbolic}
    return {commit: heads.get(name) or name for commit, name in branches.items()}


def published_of(
    repository: Repository, paths: Mapping[str, Sequence[str]], branches: Branches
) -> dict[str, tuple[str, ...]] | None:
    """Return the remote-tracking branches for each revision (id → paths) whose script they contain, or ever contained.

    By the script's path in the history of those branches, not by the commit here: a squashed or rebased branch is
    published under another commit. The default branch is named first. None where git could not tell in time.
    """
    remote = Branches(tuple(branch for branch in branches.each if branch.is_remote), branches.default)
    if not remote.each:
        # A remote that nothing tracks, as in a bare clone with worktrees, may have anything.
        return None if repository.git.line("remote") else {}
    wanted = sorted({path for each in paths.values() for path in each})
    try:
        ends = _former_ends(repository, {branch.commit for branch in remote.each})
    except (OSError, GitFailed):
        return None
    # In full: what a merged branch added and deleted again was there for whoever had that branch.
    options = ("--full-history", "--remotes", "--tags", "--ignore-missing", "--stdin")
    walk = repository.git.start(*_ADDITIONS, *options, "--", *wanted)
    added_by: dict[str, list[str]] = {}
    for path, known in _parsed(walk, timeout=EVIDENCE_TIMEOUT, given="".join(f"{end}\n" for end in ends).encode()):
        added_by.setdefault(path, []).append(known.commit)
    commits = {commit for each in added_by.values() for commit in each}
    containing = branches_containing(repository, remote, commits)
    if not walk.succeeded or containing.keys() != commits:
        return None
    had = {name: [commit for path in each for commit in added_by.get(path, ())] for name, each in paths.items()}
    return {name: _foremost([branch for each in had[name] for branch in containing[each]], remote) for name in had if had[name]}


def _former_ends(repository: Repository, now: set[str]) -> list[str]:
    """Return where remote-tracking branches ended before somebody forced them elsewhere, as their reflogs say."""
    entries = reflog_entries(repository, REMOTES)
    ends = dict.fromkeys(commit for each in entries for commit in (each.before, each.commit) if commit)
    return [commit for commit in ends if commit not in now]


def _foremost(containing: Sequence[Branch], branches: Branches) -> tuple[str, ...]:
    ordered = sorted(containing, key=lambda branch: branch != branches.default)
    return tuple(dict.fromkeys(branch.name for branch in ordered)) or (FORMER,)


def branches_at(branches: Branches, commit: str) -> tuple[str, ...]:
    """Return the names of the branches that end in a commit."""
    return tuple(branch.name for branch in branches.each if branch.commit == commit)
