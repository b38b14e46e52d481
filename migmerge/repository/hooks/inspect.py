"""Whether our hooks are in this clone and this git calls them; nothing is written to find out."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.findings.hooks import INSTALL, HookProblem, python_gone
from ...core.git_event import HOOKS
from ...core.settings import SPELLINGS
from ...core.text import enumerate_names
from ..repository import Repository
from .dispatcher import dispatcher_folder, followed_folder, shared_folder
from .files import (
    BLOCK,
    CONFIGURED_SINCE,
    SHELL_FILES,
    block_of,
    command_of,
    hooks_folder,
    hooks_path,
    made_file,
    shell_folder,
    source,
)
from .managers.recognize import calling_managers, managers_of, wrote
from .recorded import programs_gone

_EVENTS_ARE_SWITCHED_SINCE = (2, 55)
_FALSE = ("false", "no", "off", "0", "")
_ENDS = re.compile(rb"^[ \t]*(?:exec|exit)\b", re.MULTILINE)
_PLACEHOLDER = re.compile(r"@([A-Z]+)@")

_OUTDATED = HookProblem("the hooks in this clone were written by another version of migmerge")


@dataclass(frozen=True, slots=True)
class _Configured:
    """Hold git's configuration of our hooks: the command of each, its events, and the scopes that switch a name off."""

    commands: Mapping[str, str]
    events: frozenset[tuple[str, str]]
    off: Mapping[str, str]


def hook_problem(repository: Repository) -> HookProblem | None:
    """Say what keeps this git from calling our hooks; None where nothing does, or the user switched them off."""
    if SPELLINGS.get((repository.git.line("config", "--get", "migmerge.hooks") or "").lower()) == "off":
        return None
    configured, version, folder = _configured(repository), repository.git.version, hooks_folder(repository)
    if configured.commands and version >= CONFIGURED_SINCE:
        return _configuration_problem(configured, version, folder) or _file_problem(repository)
    lost = [hook for hook in HOOKS if not any(_block(path) for path in _files(folder, hook))]
    if len(lost) == len(HOOKS):
        return _seen_by_manager(repository, lost, _nowhere(repository, configured, folder))
    if lost and not any(shell_folder(repository).joinpath(hook).exists() for hook in lost):
        return _OUTDATED
    if lost:
        return _seen_by_manager(repository, lost, _lost(folder, lost))
    return _dispatcher_problem(repository, folder) or _block_problem(folder) or _file_problem(repository)


def _seen_by_manager(repository: Repository, lost: Sequence[str], problem: HookProblem) -> HookProblem | None:
    """Judge what our own hooks lack by a hook manager: it may call us itself, and it writes our lines over."""
    for manager in calling_managers(repository):
        silent = [hook for hook in lost if hook in manager.hooks and not wrote(repository, manager, hook)]
        if not silent:
            return None
        types = "".join(f" -t {hook}" for hook in silent) if manager.installs_types else ""
        return HookProblem(f"{manager.name} would call migmerge, and is not set up in this clone", f"{manager.once}{types}")
    if managers := [each for each in managers_of(repository) if any(wrote(repository, each, hook) for hook in lost)]:
        return HookProblem(f"{problem.reason}; {managers[0].name} writes hook files here", f"{INSTALL} --into {managers[0].name}")
    return problem


def _configured(repository: Repository) -> _Configured:
    """Read `<scope>NUL<key>LF<value>NUL`, repeated; of several values of a key the last one counts."""
    asked = ("--show-scope", "--null", "--get-regexp", r"^hook\.(migmerge-)?post-")
    parts = repository.git.found("config", *asked).split("\0")
    commands, events, off = dict[str, str](), set[tuple[str, str]](), dict[str, str]()
    for scope, setting in zip(parts[::2], parts[1::2], strict=False):
        key, given, value = setting.partition("\n")
        name, _, variable = key.removeprefix("hook.").rpartition(".")
        hook = name.removeprefix("migmerge-")
        if variable == "command" and hook != name:
            commands[hook] = value
        elif variable == "event":
            events.add((name, value))
        elif variable == "enabled":
            off.pop(name, None)
            # A key without a value is true, one with an empty value is false.
            off |= {name: scope} if given and value.lower() in _FALSE else {}
    return _Configured(commands, frozenset(events), off)


def _configuration_problem(configured: _Configured, version: tuple[int, ...], folder: Path) -> HookProblem | None:
    names = {hook: f"migmerge-{hook}" for hook in HOOKS}
    lost = [name for hook, name in names.items() if hook not in configured.commands or (name, hook) not in configured.events]
    if lost:
        return HookProblem(f"git's configuration has lost {enumerate_names(f'hook.{name}' for name in lost)}")
    for name in (*names.values(), *(HOOKS if version >= _EVENTS_ARE_SWITCHED_SINCE else ())):
        if scope := configured.off.get(name):
            flag = "" if scope == "command" else f"--{scope} "
            reason = f"hook.{name}.enabled is false in the {scope} configuration"
            return HookProblem(reason, f"git config {flag}--unset-all hook.{name}.enabled")
    if twice := [hook for hook in HOOKS if _block(folder / hook)]:
        return HookProblem(f"in {folder}, {_agreeing(twice, 'calls', 'call')} migmerge a second time")
    stale = any(configured.commands[hook] != command_of(hook) for hook in HOOKS)
    return _OUTDATED if stale else None


def _files(folder: Path, hook: str) -> Iterator[Path]:
    """Yield the file that git calls, and the one that this file calls: pre-commit renames the hook that it finds."""
    yield folder / hook
    text = _text(folder / hook)
    if not BLOCK.search(text) and (b"hook-impl" in text or b".legacy" in text):
        yield folder / f"{hook}.legacy"


def _text(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes() if path.is_file() else b""
    return b""


def _block(path: Path) -> re.Match[bytes] | None:
    return BLOCK.search(_text(path))


def _agreeing(names: Sequence[str], one: str, many: str) -> str:
    return f"{enumerate_names(names)} {one if len(names) == 1 else many}"


def _lost(folder: Path, hooks: Sequence[str]) -> HookProblem:
    return HookProblem(f"in {folder}, {_agreeing(hooks, 'does', 'do')} not call migmerge any more")


def _nowhere(repository: Repository, configured: _Configured, folder: Path) -> HookProblem:
    """Say why none of the files that git looks for calls us."""
    own, (scope, path) = Path(repository.common_dir, "hooks"), hooks_path(repository)
    if path and any(_block(own / hook) for hook in HOOKS):
        reason = f"core.hooksPath is {path} in the {scope} configuration: git does not look into {own}, where the hooks are"
        return HookProblem(reason)
    if configured.commands:
        used = ".".join(map(str, repository.git.version))
        return HookProblem(f"the hooks are in git's configuration, where git {used} does not look for them")
    if shell_folder(repository).exists():
        return _lost(folder, HOOKS)
    return HookProblem("the hooks are not installed in this clone")


def _dispatcher_problem(repository: Repository, folder: Path) -> HookProblem | None:
    """Say where the hooks that the dispatcher calls are no longer those that git would call without it."""
    followed = followed_folder(repository)
    if followed is None or folder != dispatcher_folder(repository) or followed == (shared := shared_folder(repository)):
        return None
    return HookProblem(f"{folder} calls the hooks in {followed}, and core.hooksPath now leads to {shared or 'no folder'}")


def _block_problem(folder: Path) -> HookProblem | None:
    files = {hook: [*_files(folder, hook)] for hook in HOOKS}
    if off := [hook for hook, paths in files.items() if not all(os.access(path, os.X_OK) for path in paths)]:
        return HookProblem(f"in {folder}, {_agreeing(off, 'is', 'are')} not executable: git runs nothing that is not")
    if early := [hook for hook, paths in files.items() if _ends_early(paths[-1])]:
        return HookProblem(f"in {folder}, {_agreeing(early, 'ends', 'end')} before migmerge is called")
    return _OUTDATED if any(not _is_current(paths[-1], hook) for hook, paths in files.items()) else None


def _ends_early(path: Path) -> bool:
    block = _block(path)
    return bool(block and _ENDS.search(block.string, 0, block.start()))


def _is_current(path: Path, hook: str) -> bool:
    """Say whether a hook file has the block that `migmerge install` would write, in one of its three forms."""
    text = block_of(hook)
    made = (made_file(text, last=last).partition(b"\n")[2] for last in (True, False))
    block = _block(path)
    return bool(block and block[0] in (text.encode(), *made))


def _file_problem(repository: Repository) -> HookProblem | None:
    """Judge the shell files: without them the hooks do nothing and say nothing."""
    folder = shell_folder(repository)
    texts = {name: _text(folder / name).decode("utf-8", "surrogateescape") for name in SHELL_FILES}
    if gone := [name for name, text in texts.items() if not text]:
        return HookProblem(f"the hooks call {enumerate_names(gone)} in {folder}, which {'is' if len(gone) == 1 else 'are'} gone")
    values: dict[str, str] = {}
    for name, text in texts.items():
        found = _pattern(source(name)).fullmatch(text)
        if not found:
            return _OUTDATED
        values |= found.groupdict()
    try:
        shlex.split(" ".join(values.values()))
    except ValueError:  # edited by hand
        return _OUTDATED
    gone = programs_gone(repository.common_dir)
    return python_gone(gone) if gone else None


def _pattern(template: str) -> re.Pattern[str]:
    """Return what matches an installed shell file, whatever its placeholders were filled with."""
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+?)", re.escape(template)), re.DOTALL)
