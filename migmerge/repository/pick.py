"""Whether a script was copied from a branch, by `git cherry-pick` or by hand."""

from __future__ import annotations

import re

from .refs import is_in
from .repository import Repository

_MOST_REFERENCES = 50
_TRAILER = re.compile(r"^\(cherry picked from commit [0-9a-f]{7,}\)", re.MULTILINE)


def names_picked(repository: Repository, commit: str) -> bool:
    """Say whether the message of a commit names the commit from which `git cherry-pick -x` copied it."""
    return bool(_TRAILER.search(repository.porcelain.log("-1", "--format=%B", commit)))


def is_picked(repository: Repository, path: str, commit: str | None, missing_in: str) -> bool:
    """Say whether the script at `path` came here as a copy from a branch that has the commit `missing_in`.

    `commit` added the script here, None where no commit holds it. A copy lies on that branch at the same path, and the commit
    that added it here is not on that branch; or the message of the commit says so.
    """
    if commit and names_picked(repository, commit):
        return True
    asked = (f"--contains={missing_in}", f"--count={_MOST_REFERENCES}", "--format=%(refname)", "refs/heads", "refs/remotes")
    names = repository.porcelain.for_each_ref(*asked, with_exceptions=False).split("\n") if missing_in else []
    for name in filter(None, names):
        if repository.git.line("rev-parse", "--verify", "--quiet", f"{name}:{path}"):
            return commit is None or not is_in(repository.git, commit, name)
    return False
