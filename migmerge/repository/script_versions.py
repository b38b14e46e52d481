"""The versions of scripts that this work tree has had checked out, by the reflog of HEAD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha1

from ..core.database.script_set import ScriptVersion
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.revision import Revision
from ..core.script.read import read_script, script_at
from .git import GitFailed
from .objects import Objects
from .repository import Repository

_MOST = 500
"""Entries of the reflog that are looked at, the latest first."""


def versions_checked_out(
    repository: Repository, environment: Environment, here: Iterable[bytes]
) -> dict[str, tuple[ScriptVersion, ...]]:
    """Return the versions of each revision's script that HEAD has had, the latest first, without the texts that are `here`.

    A script that the version table records has most likely run from one of them.
    """
    found: dict[str, dict[str, ScriptVersion]] = defaultdict(dict)
    read: dict[str, Revision | None] = dict.fromkeys(map(blob_id, here))
    with Objects(repository.git) as objects:
        for commit in _commits_of_head(repository):
            for folder in environment.versions:
                with suppress(MigmergeError):
                    for path, blob in objects.scripts(commit, folder, recursive=environment.recursive).items():
                        if blob not in read:
                            text = objects.content(blob)
                            script = script_at(read_script(text), path)
                            read[blob] = script if isinstance(script, Revision) else None
                            if isinstance(script, Revision):
                                found[script.revision][blob] = ScriptVersion(script, text, commit)
    return {name: tuple(versions.values()) for name, versions in found.items()}


def blob_id(text: bytes) -> str:
    """Return git's id of a text, in a repository with SHA-1 ids; in another one the text is read once more."""
    return sha1(b"blob %d\0" % len(text) + text, usedforsecurity=False).hexdigest()


def _commits_of_head(repository: Repository) -> list[str]:
    with suppress(GitFailed):
        lines = repository.git.text("rev-list", "--walk-reflogs", f"--max-count={_MOST}", "HEAD").split()
        return list(dict.fromkeys(lines))
    return []
