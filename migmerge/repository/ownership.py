"""Who made a script: every commit that added it, whether that was in this clone, and where an older copy of it stays."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from ..core.errors import MigmergeError
from .git import EVIDENCE_TIMEOUT, GitFailed
from .history import own_address
from .reflogs import HEADS, ReflogEntry, reflog_entries
from .refs import reaching, references_containing
from .repository import Repository

_MADE_HERE = re.compile(
    r"(?:commit(?: \((?:initial|amend|merge|cherry-pick)\))?|cherry-pick|revert"
    r"|(?:rebase|pull )[^:]*\((?:pick|continue|reword|squash|fixup|edit|amend|merge)\)): (?!fast-forward$)"
)
"""How the reflog tells that a commit was made, and did not come by a fetch, a pull, a merge, a reset or `git am`."""
_ARRIVED = re.compile(r"(?:pull|merge|fetch|clone|reset|checkout|am|branch|update|rebase|push)\b")
_ADDED = (
    "-c", "core.quotePath=false", "-c", "log.showRoot=true", "--literal-pathspecs",
    "log", "-c", "--no-show-signature", "--no-renames", "--diff-filter=A", "--name-only", "--full-history",
    "--format=%x01%H%x00%an%x00%ae", "--all", "--reflog", "--ignore-missing",
)  # fmt: skip

_CHANGED = (
    "-c", "log.showRoot=true", "--literal-pathspecs",
    "log", "--no-show-signature", "--full-history", "--no-patch", "--format=%H%x00%ae",
)  # fmt: skip


class Addition(NamedTuple):
    """A commit, of whatever branch, stash, reflog or fetch, that added a file."""

    path: str
    commit: str
    author: str
    mail: str


def additions(repository: Repository, paths: Iterable[str]) -> list[Addition] | None:
    """Return every commit that this clone knows and that added one of the paths; None where git does not tell in time."""
    wanted = sorted(set(paths))
    if not wanted:
        return []
    walk = repository.git.start(*_ADDED, *_fetched(repository), "--", *wanted)
    found: list[Addition] = []
    facts: list[str] = []
    for line in walk.lines(EVIDENCE_TIMEOUT):
        if line.startswith("\x01"):
            facts = line[1:].split("\0")
        elif line in wanted:
            found.append(Addition(line, *facts))
    return found if walk.succeeded else None


def _fetched(repository: Repository) -> list[str]:
    """Return the commits of the last fetch, which no reference may have."""
    try:
        with open(os.path.join(repository.git_dir, "FETCH_HEAD"), encoding="utf-8", errors="replace") as file:
            return [line.split("\t", 1)[0] for line in file if re.match(r"[0-9a-f]{40,64}\t", line)]
    except OSError:
        return []


def made_here(repository: Repository) -> frozenset[str]:
    """Return the commits that the reflogs of HEAD and of the branches show to be made in this clone."""
    with suppress(OSError, GitFailed):
        entries = set(reflog_entries(repository, HEADS))
        made = {each.commit for each in entries if _MADE_HERE.match(each.message)}
        return frozenset(made | _made_by_subject(repository, {each for each in entries if not _ARRIVED.match(each.message)}))
    return frozenset()


def _made_by_subject(repository: Repository, entries: Iterable[ReflogEntry]) -> set[str]:
    """Return the commits whose entry is their subject alone, as GitPython writes it."""
    messages = {each.commit: each.message for each in entries if not _MADE_HERE.match(each.message)}
    if not messages:
        return set()
    options = ("--no-show-signature", "--no-walk=unsorted", "--ignore-missing", "--stdin", "--format=%H%x00%s")
    lines = repository.git.text("log", *options, given="\n".join([*messages, ""]).encode()).splitlines()
    subjects = (line.split("\0", 1) for line in lines)
    return {commit for commit, subject in subjects if messages.get(commit) == subject}


def changed_by_others(repository: Repository, path: str, since: str | None) -> tuple[str, ...] | None:
    """Return the commits that changed a file, without those of `since`, and that the user did not make in this clone.

    They are those of HEAD, with all sides of its merges, and of whatever else this clone knows those that made the file what it
    is in HEAD: a squash, or `git checkout BRANCH -- FILE`, lets the user commit the work of others. None where git does not
    tell in time.
    """
    blob = repository.git.line("rev-parse", "--verify", "--quiet", f"HEAD:{path}")
    known = ("--all", "--reflog", "--ignore-missing", *_fetched(repository), f"--find-object={blob}")
    address, made = own_address(repository), made_here(repository)
    found: dict[str, str] = {}
    for commits in (("HEAD",), *((known,) if blob else ())):
        walk = repository.git.start(*_CHANGED, *commits, *((f"^{since}",) if since else ()), "--", path)
        found |= dict(line.split("\0", 1) for line in walk.lines(EVIDENCE_TIMEOUT) if line)
        if not walk.succeeded:
            return None
    return tuple(commit for commit, mail in found.items() if mail != address or commit not in made)


def stashed(repository: Repository) -> frozenset[str]:
    """Return the commits of which stashes are made: of the work tree, the index and the untracked files."""
    if not repository.git.line("rev-parse", "--verify", "--quiet", "refs/stash"):
        return frozenset()
    lines = repository.git.text("log", "--no-show-signature", "--walk-reflogs", "--format=%H %P", "refs/stash").splitlines()
    return frozenset(commit for line in lines for commit in (line.split()[:1] + line.split()[2:]))


def other_branches_with(repository: Repository, commits: Iterable[str]) -> tuple[str, ...]:
    """Return the local branches, without the one that is checked out or rebased here, that contain one of the commits."""
    names = [name.removeprefix("refs/heads/") for name in references_containing(repository.git, commits, "refs/heads")]
    return tuple(name for name in names if name not in (repository.branch, rebased_branch(repository)))


def rebased_branch(repository: Repository) -> str | None:
    """Return the branch that a rebase is about to set to its result."""
    for folder in ("rebase-merge", "rebase-apply"):
        with suppress(OSError), open(os.path.join(repository.git_dir, folder, "head-name"), encoding="utf-8") as file:
            return file.read().strip().removeprefix("refs/heads/")
    return None


def other_worktrees(repository: Repository) -> tuple[str, ...]:
    """Return the tops of the other work trees of this clone that are there."""
    separated = repository.git.version >= (2, 36)
    entries = repository.git.text("worktree", "list", "--porcelain", *(("-z",) if separated else ()))
    lines = entries.split("\0" if separated else "\n")
    tops = [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]
    here = os.path.realpath(repository.top)
    return tuple(top for top in tops if os.path.realpath(top) != here and os.path.exists(os.path.join(top, ".git")))


def pushed_by(repository: Repository, default: str | None, branch: str) -> frozenset[str] | None:
    """Return the addresses that wrote the commits of a branch since the default branch; None where that is not known."""
    if default is None:
        return None
    with suppress(GitFailed):
        return frozenset(repository.git.text("log", "--no-show-signature", "--format=%ae", branch, "--not", default).splitlines())
    return None


def pushed_from_here(repository: Repository) -> frozenset[str]:
    """Return the remote-tracking branches that a local branch pushes to: its upstream, or the branch of its name."""
    lines = repository.git.text("for-each-ref", "--format=%(refname:short)%00%(upstream:short)%00%(push:short)", "refs/heads")
    rows = [line.split("\0") for line in lines.splitlines()]
    remotes = repository.git.text("remote").splitlines()
    return frozenset(
        name for local, upstream, push in rows for name in (upstream, push, *(f"{remote}/{local}" for remote in remotes)) if name
    )


def upstreams_of(repository: Repository, commits: Iterable[str]) -> tuple[str, ...]:
    """Return the references, there or gone, that the local branches which contain one of the commits are set to follow."""
    wanted = references_containing(repository.git, commits, "refs/heads")
    if not wanted:
        return ()
    lines = repository.git.text("for-each-ref", "--format=%(refname)%00%(upstream)", "refs/heads").splitlines()
    upstreams = dict(line.split("\0") for line in lines)
    return tuple(filter(None, map(upstreams.get, wanted)))


def default_branches(repository: Repository, default: str) -> frozenset[str]:
    """Return the default branch of every remote: what its HEAD names, or the branch that is called as that of the others."""
    remotes = repository.git.text("remote").splitlines()
    local = next((default.removeprefix(f"{each}/") for each in remotes if default.startswith(f"{each}/")), default)
    heads = repository.git.text("for-each-ref", "--format=%(symref:lstrip=2)", "refs/remotes/*/HEAD").splitlines()
    return frozenset((*filter(None, heads), *(f"{remote}/{local}" for remote in remotes)))


def remote_fetched_in_part(repository: Repository) -> str | None:
    """Return a remote of which not all branches are fetched, so that what was pushed there need not be seen here."""
    remotes = repository.git.text("remote").splitlines()
    with suppress(GitFailed):
        configured = repository.git.text("config", "--null", "--get-regexp", r"^remote\..*\.fetch$")
        whole = {
            entry.partition("\n")[0].removeprefix("remote.").removesuffix(".fetch")
            for entry in configured.split("\0")
            if entry.partition("\n")[2].lstrip("+").startswith("refs/heads/*:")
        }
        return next((remote for remote in remotes if remote not in whole), None)
    return remotes[0] if remotes else None


def had(repository: Repository, branch: str, commits: Sequence[str]) -> bool:
    """Say whether a remote-tracking branch contained one of the commits before somebody forced it elsewhere."""
    if not repository.git.line("rev-parse", "--verify", "--quiet", f"refs/remotes/{branch}"):
        return False
    ends = repository.git.text("rev-list", "--walk-reflogs", "--max-count=1000", f"refs/remotes/{branch}").split()
    reached = reaching(repository.git, list(commits), list(dict.fromkeys(ends)))
    return reached is None or any(reached.get(end) for end in ends)


def has_tag(repository: Repository, commits: Iterable[str]) -> str | None:
    """Return a tag that contains one of the commits."""
    with suppress(GitFailed):
        return next(
            (name.removeprefix("refs/tags/") for name in references_containing(repository.git, commits, "refs/tags")), None
        )
    return None


def scripts_there(tops: Sequence[str], paths: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the work trees that have a file at the path of a revision (id → path)."""
    found = {name: tuple(top for top in tops if os.path.isfile(os.path.join(top, path))) for name, path in paths.items()}
    return {name: there for name, there in found.items() if there}


def names_ever_in(repository: Repository, folders: Sequence[str]) -> frozenset[str]:
    """Return the names of all files that any commit of any branch, reflog or stash added in folders.

    Raises:
        MigmergeError: where git could not tell all of them.
    """
    options = ("--no-renames", "--diff-filter=A", "--name-only", "--full-history", "--format=", "--all", "--reflog")
    walk = repository.git.start("-c", "core.quotePath=false", "--literal-pathspecs", "log", *options, "--", *(folders or ["."]))
    names = frozenset(line.rpartition("/")[2] for line in walk.lines(EVIDENCE_TIMEOUT) if line)
    if not walk.succeeded:
        raise MigmergeError(
            "git could not tell all numbers that were ever given, so that none is surely free", hint="migmerge fix"
        )
    return names
