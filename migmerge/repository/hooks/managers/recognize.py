"""Which hook managers a repository has, from their configuration and from the hook files that they wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ....core.git_event import HOOKS
from ....core.hook_manager import CHECKS, MANAGERS, HookManager
from ...repository import Repository
from ..files import hooks_folder

_CALLS = (b"migmerge hook ", b"id: migmerge-post-merge")
"""What calls migmerge, also where it was written by hand."""


def managers_of(repository: Repository) -> tuple[HookManager, ...]:
    """Return the managers of a repository; those that wrote the hook files come first."""
    writers = [*_writers(repository)]
    return (*writers, *_configured(repository, {path for each in writers for path in each.files}))


def calls_migmerge(repository: Repository, manager: HookManager) -> bool:
    """Say whether the manager's configuration in the work tree calls migmerge."""
    return any(word in _data(repository, path) for path in manager.tracked for word in _CALLS)


def calling_managers(repository: Repository) -> tuple[HookManager, ...]:
    """Return the managers whose configuration calls migmerge."""
    return tuple(manager for manager in managers_of(repository) if calls_migmerge(repository, manager))


def team_notes(repository: Repository) -> tuple[str, ...]:
    """Say what lasts longer than hooks in a clone: a line in the configuration of a manager that writes the hook files anew."""
    if calling := calling_managers(repository):
        return (f"{calling[0].name} calls migmerge for the whole team; each event is reported once",)
    return tuple(
        f"{manager.name} writes hook files anew; what lasts, for the whole team: migmerge install --into {manager.name}"
        for manager in managers_of(repository)[:1]
    )


def wrote(repository: Repository, manager: HookManager, hook: str) -> bool:
    """Say whether the file that git calls for a hook is the manager's."""
    with suppress(OSError):
        data = Path(hooks_folder(repository), hook).read_bytes()
        return any(sign in data for sign in manager.signs)
    return False


def _writers(repository: Repository) -> Iterator[HookManager]:
    for manager in MANAGERS.values():
        if any(wrote(repository, manager, hook) for hook in (*HOOKS, *CHECKS)):
            yield manager


def _configured(repository: Repository, taken: set[str]) -> Iterator[HookManager]:
    """Yield the managers that have a file of their own, which no other one has `taken`: prek reads that of pre-commit."""
    for manager in MANAGERS.values():
        for path in (*manager.files, *manager.by_hand):
            if path not in taken and _is_there(repository, path):
                taken.add(path)
                yield manager


def _is_there(repository: Repository, path: str) -> bool:
    if path == "package.json":
        return b'"simple-git-hooks"' in _data(repository, path)
    return os.path.exists(os.path.join(repository.top, path))


def _data(repository: Repository, path: str) -> bytes:
    file = repository.absolute(path)
    with suppress(OSError):
        return Path(file).read_bytes() if os.path.isfile(file) else b""
    return b""
