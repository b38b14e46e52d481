"""A hooks folder of this clone that also calls the hooks of a folder which all of the user's repositories share.

Where `core.hooksPath` is set in the global or system configuration, as a company does it, git looks into that folder alone. Hooks
put there would run in every repository, and a `core.hooksPath` of this clone alone would turn the company's hooks off.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from ...core.git_event import HOOKS
from ..files import replace_file
from ..repository import Repository
from .files import MADE, block_of, is_shared, made_file

_OTHERS = (
    "applypatch-msg",
    "commit-msg",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "prepare-commit-msg",
    "sendemail-validate",
)
"""What git calls on a developer's machine beside our hooks, whether the shared folder has it already or gets it later.

Others are called where the folder has them now: that there is a `push-to-checkout` changes what git does.
"""
_FORMER = "former"


def dispatcher_folder(repository: Repository) -> Path:
    """Return where the dispatcher of a clone is."""
    return Path(repository.storage, "dispatcher")


def write_dispatcher(repository: Repository, shared: str) -> Path:
    """Let git call our hooks and, behind each, that of a shared folder, with its arguments, input and exit status."""
    folder = dispatcher_folder(repository)
    folder.mkdir(parents=True, exist_ok=True)
    for hook in HOOKS:
        replace_file(folder / hook, made_file(block_of(hook), last=False) + _call(shared, hook), 0o755)
    for hook in {*_OTHERS, *_hooks_in(Path(repository.top, shared))} - {*HOOKS}:
        replace_file(folder / hook, f"#!/bin/sh\n{MADE}\n".encode() + _call(shared, hook), 0o755)
    replace_file(folder / _FORMER, os.fsencode(shared), 0o644)
    repository.porcelain.config("--local", "core.hooksPath", str(folder))
    return folder


def remove_dispatcher(repository: Repository) -> list[str]:
    """Let git look for hooks where it did before; return the dispatcher's folder where there was one."""
    folder = dispatcher_folder(repository)
    configured = repository.porcelain.config("--local", "--get", "core.hooksPath", with_exceptions=False)
    # A repository that was moved names the folder in its former place.
    if Path(configured).parts[-2:] == folder.parts[-2:]:
        repository.porcelain.config("--local", "--unset", "core.hooksPath")
    if not folder.is_dir():
        return []
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    return [str(folder)]


def shared_folder(repository: Repository) -> str:
    """Return the folder that the user's repositories share, as git's configuration says it now; empty where there is none."""
    lines = repository.git.found("config", "--show-scope", "--type=path", "--get-all", "core.hooksPath").splitlines()
    found = [line.partition("\t") for line in lines]
    return next((folder for scope, _, folder in reversed(found) if is_shared(scope)), "")


def followed_folder(repository: Repository) -> str | None:
    """Return the folder whose hooks the dispatcher calls; None where there is no dispatcher."""
    file = dispatcher_folder(repository) / _FORMER
    return os.fsdecode(file.read_bytes()) if file.is_file() else None


def _call(shared: str, hook: str) -> bytes:
    path = shlex.quote(f"{shared}/{hook}")
    return os.fsencode(f'[ ! -x {path} ] || exec {path} "$@"\n')


def _hooks_in(folder: Path) -> Iterator[str]:
    """Yield the names of the files in a folder that git may call; a hook's name has neither a dot nor an underscore."""
    if folder.is_dir():
        yield from (each.name for each in folder.iterdir() if each.is_file() and each.name.replace("-", "").isalpha())
