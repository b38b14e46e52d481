"""The scripts that a checkout, merge or rebase took away: kept by a reference, which no expiry of a reflog and no `gc` loses.

One of them may have run here by a command that records nothing. The names in the tree of `refs/migmerge/left` say when a script
left, the commit that has it, and its path; no `git log --all` shows them, and no fetch or push takes them along.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from ..core.errors import MigmergeError
from .file_lock import locked
from .git import GitFailed
from .repository import Repository

REFERENCE = "refs/migmerge/left"
_MOST = 500
"""Scripts that are kept, the latest first."""
_MOST_TURNS = 5


class LeftScript(NamedTuple):
    """Say which script left, when, in seconds since 1970, and with which commit."""

    time: int
    commit: str
    path: str
    blob: str


def left_scripts(repository: Repository) -> tuple[LeftScript, ...]:
    """Return the scripts that left, the latest first."""
    with suppress(GitFailed):
        return _listed(repository, REFERENCE)
    return ()


def keep_left_scripts(repository: Repository, scripts: Mapping[str, str], commit: str, time: int) -> None:
    """Keep the scripts of a commit, blob ids by path; where git refuses, nothing is kept.

    Another process may do the same at once. Where a lock does not keep it waiting, what it has kept is read, and the change
    made again.
    """
    with suppress(MigmergeError), locked(os.path.join(repository.storage, "left.lock")):
        for _ in range(_MOST_TURNS):
            before = repository.git.line("rev-parse", "--verify", "--quiet", REFERENCE)
            known = _listed(repository, before) if before else ()
            blobs = {each.blob for each in known}
            new = [LeftScript(time, commit, path, blob) for path, blob in sorted(scripts.items()) if blob not in blobs]
            if not new or _replaced(repository, before, [*new, *known][:_MOST]):
                return


def _replaced(repository: Repository, before: str | None, scripts: list[LeftScript]) -> bool:
    """Store the scripts; False where the reference is not any more what it was before."""
    git = repository.git
    listing = "".join(f"100644 blob {each.blob}\t{_name(each)}\0" for each in scripts)
    tree = git.text("mktree", "-z", "--missing", given=listing.encode("utf-8", "surrogateescape")).strip()
    try:
        git.text("update-ref", REFERENCE, tree, before or "0" * len(tree))
    except GitFailed:
        return False
    return True


def _name(script: LeftScript) -> str:
    path = script.path.replace("%", "%25").replace("/", "%2F")
    return f"{script.time:010d} {script.commit} {path}"


def _listed(repository: Repository, tree: str) -> tuple[LeftScript, ...]:
    """Read `<mode> blob <id>TAB<time> <commit> <path>NUL`; a name that is another one is left out."""
    found = []
    for entry in repository.git.text("ls-tree", "-z", tree).split("\0"):
        facts, _, name = entry.partition("\t")
        with suppress(ValueError):
            time, commit, path = name.split(" ", 2)
            found.append(LeftScript(int(time), commit, path.replace("%2F", "/").replace("%25", "%"), facts.split(" ")[2]))
    return tuple(sorted(found, key=lambda each: -each.time))
