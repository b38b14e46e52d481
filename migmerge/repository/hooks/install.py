"""Our four git hooks: put into a clone beside whatever is there, and taken out without a trace.

What git calls is a guarded block in the hook file, or since git 2.54 a line of configuration. Either runs the shell files
of the top-level folder `hooks/`, copied under the git directory that all worktrees share.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import MigmergeError
from ...core.event import HOOKS
from ..files import replace_file
from ..git import GitFailed
from ..repository import Repository
from .watched_paths import pathspecs

_SOURCES = next(
    folder for folder in (Path(__file__).parents[2] / "hooks", Path(__file__).parents[3] / "hooks") if folder.is_dir()
)
"""In an installed package, or in a checkout."""

_CONFIGURED_SINCE = (2, 54)
_COMMAND = (
    "migmerge_hooks=${GIT_DIR:-.git}; "
    '[ ! -f "$migmerge_hooks/commondir" ] || migmerge_hooks=$migmerge_hooks/../..; '
    "migmerge_hooks=$migmerge_hooks/migmerge/hooks; "
    'migmerge_hook() { [ ! -f "$migmerge_hooks/@HOOK@" ] || . "$migmerge_hooks/@HOOK@"; }; migmerge_hook'
)
"""What git 2.54 and newer run, with "$@" put behind it: the lines of `hooks/block` as one."""
_BLOCK = re.compile(rb"# >>> migmerge >>>.*?# <<< migmerge <<<[^\n]*\n", re.DOTALL)
_MADE = "# <<< migmerge <<< made this file"
_KEPT = ".before-migmerge"
_SHELL = re.compile(rb"#![ \t]*(?:/usr/bin/env[ \t]+)?(?:/[^ \t\n]*/)?(?:ba|da|a|k|z)?sh\b[^\r\n]*\n")


@dataclass(frozen=True, slots=True)
class Installation:
    """Say how the hooks were put in: the places, and what the user should know of them."""

    places: tuple[str, ...]
    notes: tuple[str, ...] = ()


def install_hooks(repository: Repository, command: Sequence[str], script: str, folders: Iterable[str]) -> Installation:
    """Put the four hooks into a clone; doing it again brings them up to date.

    `command` starts migmerge and `script` is a file that vanishes with it; `folders` are the versions directories.

    Raises:
        MigmergeError: where the hooks' folder is shared by all of the user's repositories.
    """
    configured = git_version(repository) >= _CONFIGURED_SINCE
    if not configured:
        _refuse_shared_folder(repository)
    files = _shell_files(command, script, folders)
    uninstall_hooks(repository)
    _write_shell_files(repository, files)
    return _configure(repository) if configured else _write_blocks(repository)


def uninstall_hooks(repository: Repository) -> tuple[str, ...]:
    """Take the hooks out; return the places they were found in. Other hooks are byte for byte what they were."""
    removed = [*_remove_configuration(repository), *_remove_blocks(repository)]
    folder = Path(repository.storage, "hooks")
    for file in [*HOOKS, "look"]:
        (folder / file).unlink(missing_ok=True)
    for file in ("cache.json", "unchanged.json"):
        Path(repository.storage, file).unlink(missing_ok=True)
    for empty in (folder, Path(repository.storage)):
        with suppress(OSError):
            empty.rmdir()
    return tuple(removed)


def git_version(repository: Repository) -> tuple[int, ...]:
    """Return git's version, such as (2, 39, 5)."""
    return tuple(map(int, re.findall(r"\d+", repository.git.text("version"))[:3]))


def _shell_files(command: Sequence[str], script: str, folders: Iterable[str]) -> dict[str, bytes]:
    """Return the shell files by name, with what is particular to this clone filled in."""
    values = {
        "@PATHSPECS@": shlex.join(pathspecs(folders)),
        "@SCRIPT@": shlex.quote(script),
        "@PYTHON@": shlex.quote(command[0]),
        "@COMMAND@": shlex.join(command),
    }
    files = {}
    for name in [*HOOKS, "look"]:
        text = (_SOURCES / name).read_text(encoding="utf-8")
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        files[name] = text.encode("utf-8", "surrogateescape")
    return files


def _write_shell_files(repository: Repository, files: Mapping[str, bytes]) -> None:
    folder = Path(repository.storage, "hooks")
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        replace_file(folder / name, data, 0o644)


def _refuse_shared_folder(repository: Repository) -> None:
    found = repository.git.line("config", "--show-scope", "--get", "core.hooksPath")
    scope, _, folder = (found or "").partition("\t")
    if scope in ("global", "system"):
        raise MigmergeError(
            f"core.hooksPath is {folder} in the {scope} configuration: hooks put there would run in every repository",
            hint='git config core.hooksPath "$(git rev-parse --git-common-dir)/hooks"',
        )


def _hooks_folder(repository: Repository) -> Path:
    """Return where git looks for hook files: right for worktrees, submodules and core.hooksPath."""
    return Path(repository.top, repository.git.text("rev-parse", "--git-path", "hooks").rstrip("\n"))


def _write_blocks(repository: Repository) -> Installation:
    folder = _hooks_folder(repository)
    folder.mkdir(parents=True, exist_ok=True)
    block = (_SOURCES / "block").read_text(encoding="utf-8")
    for hook in HOOKS:
        _write_block(folder / hook, block.replace("@HOOK@", hook))
    return Installation(tuple(str(folder / hook) for hook in HOOKS), _notes(repository, folder))


def _notes(repository: Repository, folder: Path) -> tuple[str, ...]:
    inside = os.path.realpath(folder).startswith(os.path.realpath(repository.top) + os.sep)
    in_git = os.path.realpath(folder).startswith(os.path.realpath(repository.common_dir) + os.sep)
    if inside and not in_git:
        return (f"{folder} is part of the work tree: commit the hooks there or keep them out of git, as you like",)
    return ()


def _write_block(path: Path, block: str) -> None:
    """Insert the block right after the shebang: what is there may end in `exec` or `exit`.

    A hook that is no shell script, or is switched off, or is a link into the work tree, is set aside under another name
    and called from there, where git would have called it.
    """
    if not os.path.lexists(path):
        replace_file(path, _made_file(block, last=True), 0o755)
        return
    if not path.is_symlink():
        data, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
        if mode & 0o100 and (shebang := _SHELL.match(data)):
            replace_file(path, data[: shebang.end()] + block.encode() + data[shebang.end() :], mode)
            return
    kept = path.with_name(path.name + _KEPT)
    callable_ = os.access(path, os.X_OK)
    path.rename(kept)
    call = f'exec "${{0%/*}}/{kept.name}" "$@"\n' if callable_ else ""
    replace_file(path, _made_file(block, last=not call) + call.encode(), 0o755)


def _made_file(block: str, *, last: bool) -> bytes:
    """Return a hook file of our own; where nothing comes behind the block, it needs no subshell, a third of its cost."""
    own = block.replace("# <<< migmerge <<<", _MADE)
    return ("#!/bin/sh\n" + (re.sub(r"\((\. .*)\)", r"\1", own) if last else own)).encode()


def _remove_blocks(repository: Repository) -> list[str]:
    removed = []
    for folder in {_hooks_folder(repository), Path(repository.common_dir, "hooks")}:
        # `pre-commit install` moves the hook that it finds to .legacy, and goes on calling it.
        for path in (folder / f"{hook}{suffix}" for hook in HOOKS for suffix in ("", ".legacy")):
            if path.is_file() and not path.is_symlink() and _BLOCK.search(data := path.read_bytes()):
                _remove_block(path, data)
                removed.append(str(path))
    return sorted(removed)


def _remove_block(path: Path, data: bytes) -> None:
    if _MADE.encode() in data:
        path.unlink()
        kept = path.with_name(path.name + _KEPT)
        if os.path.lexists(kept):
            kept.rename(path)
    else:
        replace_file(path, _BLOCK.sub(b"", data), stat.S_IMODE(path.stat().st_mode))


def _configure(repository: Repository) -> Installation:
    """Configure the hooks as git 2.54 and newer can; the command must not fail where our files are gone."""
    for hook in HOOKS:
        name = f"hook.migmerge-{hook}"
        repository.git.read("config", "--local", f"{name}.command", _COMMAND.replace("@HOOK@", hook))
        repository.git.read("config", "--local", f"{name}.event", hook)
    return Installation(tuple(f"git config hook.migmerge-{hook}.command" for hook in HOOKS))


def _remove_configuration(repository: Repository) -> list[str]:
    removed = []
    for hook in HOOKS:
        try:
            repository.git.read("config", "--local", "--remove-section", f"hook.migmerge-{hook}")
            removed.append(f"git config hook.migmerge-{hook}")
        except GitFailed:
            continue
    return removed
