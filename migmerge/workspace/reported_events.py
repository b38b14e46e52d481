"""Which event of git was reported last, so that hooks of our own and those of a hook manager do not both report it."""

from __future__ import annotations

import os
from contextlib import suppress

from ..repository.files import replace_file
from ..repository.repository import Repository

_FILE = "reported"


def arguments_of(hook: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return git's arguments of a hook, which pre-commit and prek hand over in the environment."""
    if arguments or not os.environ.get("PRE_COMMIT"):
        return arguments
    from ..core.hook_manager import handed_over  # our own hooks do without

    return handed_over(hook, dict(os.environ))


def is_reported(repository: Repository, hook: str) -> bool:
    """Say whether the event of a hook is the one that was reported last."""
    with suppress(OSError), open(os.path.join(repository.storage, _FILE), encoding="utf-8") as file:
        return file.read() == _event(repository, hook)
    return False


def note_reported(repository: Repository, hook: str) -> None:
    """Remember the event of a hook, with the commit that its report has led to."""
    with suppress(OSError):
        os.makedirs(repository.storage, exist_ok=True)
        replace_file(os.path.join(repository.storage, _FILE), _event(repository, hook).encode())


def _event(repository: Repository, hook: str) -> str:
    """Name the event: whatever moves HEAD adds a line to its reflog, and a squash writes its message anew."""
    return "\n".join((hook, *(_stamp(os.path.join(repository.git_dir, *name)) for name in (("logs", "HEAD"), ("SQUASH_MSG",)))))


def _stamp(path: str) -> str:
    with suppress(OSError):
        found = os.stat(path)
        return f"{path} {found.st_size} {found.st_mtime_ns}"
    return path
