"""Our git hooks: put into a clone beside the hooks that it has, and taken out without a trace."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.git_event import HOOKS
from ..files import replace_file
from ..git import GitFailed
from ..repository import Repository
from .dispatcher import remove_dispatcher, shared_folder, write_dispatcher
from .files import (
    BLOCK,
    CONFIGURED_SINCE,
    MADE,
    SHELL_FILES,
    WRITTEN,
    block_of,
    command_of,
    hooks_folder,
    hooks_path,
    is_shared,
    made_file,
    shell_folder,
    source,
)
from .watched_paths import pathspecs

_SHEBANG = re.compile(rb"#![ \t]*(?:/usr/bin/env[ \t]+)?(?:/[^ \t\n]*/)?(?:ba|da|a|k|z)?sh\b[^\r\n]*\n")
_KEPT = ".before-migmerge"
_CACHES = ("cache.json", "unchanged.json", "left.lock", "reported")


@dataclass(frozen=True, slots=True)
class Installation:
    """Say how the hooks were put in: the places, and what the user should know of them."""

    places: tuple[str, ...]
    notes: tuple[str, ...] = ()


def install_hooks(repository: Repository, command: Sequence[str], script: str, folders: Iterable[str]) -> Installation:
    """Put the hooks into a clone; a second installation brings them up to date.

    `command` starts migmerge and `script` is a file that vanishes with it; `folders` are the versions directories.
    """
    files = _shell_files(command, script, folders)
    uninstall_hooks(repository)
    _write_shell_files(repository, files)
    if repository.git.version >= CONFIGURED_SINCE:
        return _configure(repository)
    return _dispatch(repository) if is_shared(hooks_path(repository)[0]) else _write_blocks(repository)


def uninstall_hooks(repository: Repository) -> tuple[str, ...]:
    """Take the hooks out; return the places they were found in. Other hooks are byte for byte what they were."""
    removed = [*_remove_configuration(repository), *remove_dispatcher(repository), *_remove_blocks(repository)]
    folder, storage = shell_folder(repository), Path(repository.storage)
    for file in (*(folder / name for name in (*SHELL_FILES, WRITTEN)), *(storage / name for name in _CACHES)):
        file.unlink(missing_ok=True)
    for empty in (folder, storage):
        with suppress(OSError):
            empty.rmdir()
    return tuple(removed)


def _shell_files(command: Sequence[str], script: str, folders: Iterable[str]) -> dict[str, bytes]:
    """Return the shell files by name, with what is particular to this clone filled in."""
    values = {
        "@PATHSPECS@": shlex.join(pathspecs(folders)),
        "@SCRIPT@": shlex.quote(script),
        "@PYTHON@": shlex.quote(command[0]),
        "@COMMAND@": shlex.join(command),
        "@FOLDER@": shlex.quote(os.path.dirname(os.path.dirname(command[0]))),
    }
    files = {}
    for name in SHELL_FILES:
        text = source(name)
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        files[name] = text.encode("utf-8", "surrogateescape")
    return files


def _write_shell_files(repository: Repository, files: Mapping[str, bytes]) -> None:
    folder = shell_folder(repository)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        replace_file(folder / name, data, 0o644)


def _write_blocks(repository: Repository) -> Installation:
    folder = hooks_folder(repository)
    folder.mkdir(parents=True, exist_ok=True)
    for hook in HOOKS:
        _write_block(folder / hook, block_of(hook))
    _note_written(repository, _in_clone(repository, folder))
    return Installation(tuple(str(folder / hook) for hook in HOOKS), _notes(repository, folder))


def _dispatch(repository: Repository) -> Installation:
    shared = shared_folder(repository)
    folder = write_dispatcher(repository, shared)
    _note_written(repository, str(folder))  # which is how git is told of it
    scope, _ = hooks_path(repository)
    note = f"the hooks in {shared}, where core.hooksPath leads all of your repositories, run after them as before"
    return Installation((f"{folder}, as core.hooksPath of the {scope} configuration",), (note,))


def _note_written(repository: Repository, place: str) -> None:
    """Write down which files have our block, from the git directory on: `check` looks whether they still have it."""
    paths = b"\n".join(os.fsencode(os.path.join(place, hook)) for hook in HOOKS)
    replace_file(shell_folder(repository) / WRITTEN, paths, 0o644)


def _in_clone(repository: Repository, folder: Path) -> str:
    """Return a folder by its path in the git directory, where it is found in a clone that was moved; else as it is."""
    own, real = os.path.realpath(repository.common_dir), os.path.realpath(folder)
    return os.path.relpath(real, own) if real.startswith(own + os.sep) else str(folder)


def _notes(repository: Repository, folder: Path) -> tuple[str, ...]:
    inside = os.path.realpath(folder).startswith(os.path.realpath(repository.top) + os.sep)
    in_git = os.path.realpath(folder).startswith(os.path.realpath(repository.common_dir) + os.sep)
    if inside and not in_git:
        return (f"{folder} is part of the work tree: commit the hooks there or keep them out of git, as you like",)
    return ()


def _write_block(path: Path, block: str) -> None:
    """Insert the block right after the shebang, for the rest of the file may end in `exec` or `exit`.

    A hook that is no shell script, or is switched off, or is a link into the work tree, is set aside under another name
    and called from our own file, where git would have called it.
    """
    if not os.path.lexists(path):
        replace_file(path, made_file(block, last=True), 0o755)
        return
    if not path.is_symlink():
        data, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
        if mode & 0o100 and (shebang := _SHEBANG.match(data)):
            replace_file(path, data[: shebang.end()] + block.encode() + data[shebang.end() :], mode)
            return
    kept = path.with_name(path.name + _KEPT)
    executable = os.access(path, os.X_OK)
    path.rename(kept)
    call = f'exec "${{0%/*}}/{kept.name}" "$@"\n' if executable else ""
    replace_file(path, made_file(block, last=not call) + call.encode(), 0o755)


def _remove_blocks(repository: Repository) -> list[str]:
    removed = []
    for folder in {hooks_folder(repository), Path(repository.common_dir, "hooks")}:
        # `pre-commit install` moves the hook that it finds to .legacy, and goes on calling it.
        for path in (folder / f"{hook}{suffix}" for hook in HOOKS for suffix in ("", ".legacy")):
            if path.is_file() and not path.is_symlink() and BLOCK.search(data := path.read_bytes()):
                _remove_block(path, data)
                removed.append(str(path))
    return sorted(removed)


def _remove_block(path: Path, data: bytes) -> None:
    if MADE.encode() in data:
        path.unlink()
        kept = path.with_name(path.name + _KEPT)
        if os.path.lexists(kept):
            kept.rename(path)
    else:
        replace_file(path, BLOCK.sub(b"", data), stat.S_IMODE(path.stat().st_mode))


def _configure(repository: Repository) -> Installation:
    for hook in HOOKS:
        name = f"hook.migmerge-{hook}"
        repository.porcelain.config("--local", f"{name}.command", command_of(hook))
        repository.porcelain.config("--local", f"{name}.event", hook)
    return Installation(tuple(f"git config hook.migmerge-{hook}.command" for hook in HOOKS))


def _remove_configuration(repository: Repository) -> list[str]:
    removed = []
    for hook in HOOKS:
        with suppress(GitFailed):
            repository.porcelain.config("--local", "--remove-section", f"hook.migmerge-{hook}")
            removed.append(f"git config hook.migmerge-{hook}")
    return removed
