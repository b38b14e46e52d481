"""Whether our hooks are in this clone and this git will call them; nothing is written to find out."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import MigmergeError
from ...core.event import HOOKS
from ...core.findings.hooks import _INSTALL, HookProblem
from ...core.settings import _SPELLINGS
from ...core.text import enumerate_names
from ..repository import Repository
from .install import _BLOCK, _COMMAND, _CONFIGURED_SINCE, _SOURCES, _hooks_folder, _made_file, _refuse_shared_folder, git_version

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
    if _SPELLINGS.get((repository.git.line("config", "--get", "migmerge.hooks") or "").lower()) == "off":
        return None
    configured, version = _configured(repository), git_version(repository)
    if configured.commands and version >= _CONFIGURED_SINCE:
        return _configuration_problem(repository, configured, version) or _file_problem(repository)
    lost = _not_calling(repository)
    if len(lost) == len(HOOKS):
        return _nowhere(repository, configured, version)
    return _lost(repository, lost) if lost else _block_problem(repository) or _file_problem(repository)


def _configured(repository: Repository) -> _Configured:
    """Read `<scope>NUL<key>LF<value>NUL`, again and again; of several values of a key the last one counts."""
    told = repository.git.line("config", "--show-scope", "--null", "--get-regexp", r"^hook\.(migmerge-)?post-") or ""
    parts = told.split("\0")
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


def _configuration_problem(repository: Repository, configured: _Configured, version: tuple[int, ...]) -> HookProblem | None:
    names = {hook: f"migmerge-{hook}" for hook in HOOKS}
    lost = [name for hook, name in names.items() if hook not in configured.commands or (name, hook) not in configured.events]
    if lost:
        return HookProblem(f"git's configuration has lost {enumerate_names(f'hook.{name}' for name in lost)}")
    for name in (*names.values(), *(HOOKS if version >= _EVENTS_ARE_SWITCHED_SINCE else ())):
        if scope := configured.off.get(name):
            flag = "" if scope == "command" else f"--{scope} "
            told = f"hook.{name}.enabled is false in the {scope} configuration"
            return HookProblem(told, f"git config {flag}--unset-all hook.{name}.enabled")
    folder = _hooks_folder(repository)
    if twice := [hook for hook in HOOKS if _block(folder / hook)]:
        return HookProblem(f"in {folder}, {_told(twice, 'calls', 'call')} migmerge a second time")
    stale = any(configured.commands[hook] != _COMMAND.replace("@HOOK@", hook) for hook in HOOKS)
    return _OUTDATED if stale else None


def _not_calling(repository: Repository) -> list[str]:
    folder = _hooks_folder(repository)
    return [hook for hook in HOOKS if not any(_block(path) for path in _files(folder, hook))]


def _files(folder: Path, hook: str) -> Iterator[Path]:
    """Yield the file that git calls, and the one that it passes on to: pre-commit sets aside what it finds."""
    yield folder / hook
    text = _text(folder / hook)
    if not _BLOCK.search(text) and (b"hook-impl" in text or b".legacy" in text):
        yield folder / f"{hook}.legacy"


def _text(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes() if path.is_file() else b""
    return b""


def _block(path: Path) -> re.Match[bytes] | None:
    return _BLOCK.search(_text(path))


def _told(names: Sequence[str], one: str, many: str) -> str:
    return f"{enumerate_names(names)} {one if len(names) == 1 else many}"


def _lost(repository: Repository, hooks: Sequence[str]) -> HookProblem:
    return HookProblem(f"in {_hooks_folder(repository)}, {_told(hooks, 'does', 'do')} not call migmerge any more")


def _nowhere(repository: Repository, configured: _Configured, version: tuple[int, ...]) -> HookProblem:
    """Say why none of the files that git looks for calls us."""
    own, path = Path(repository.common_dir, "hooks"), _hooks_path(repository)
    around = _way_around(repository) if version < _CONFIGURED_SINCE else None
    if path and any(_block(own / hook) for hook in HOOKS):
        told = f"core.hooksPath is {path[1]} in the {path[0]} configuration"
        return HookProblem(f"{told}: git does not look into {own}, where the hooks are", around or _INSTALL)
    hint = f"{around} && {_INSTALL}" if around else _INSTALL
    if configured.commands:
        used = ".".join(map(str, version))
        return HookProblem(f"the hooks are in git's configuration, where git {used} does not look for them", hint)
    if os.path.exists(os.path.join(repository.storage, "hooks")):
        return HookProblem(_lost(repository, HOOKS).reason, hint)
    return HookProblem("the hooks are not installed in this clone", hint)


def _hooks_path(repository: Repository) -> tuple[str, str] | None:
    """Return the scope and the value of core.hooksPath."""
    scope, _, value = (repository.git.line("config", "--show-scope", "--get", "core.hooksPath") or "").partition("\t")
    return (scope, value) if scope else None


def _way_around(repository: Repository) -> str | None:
    """Return the command without which the hooks cannot be installed here."""
    try:
        _refuse_shared_folder(repository)
    except MigmergeError as refusal:
        return refusal.hint
    return None


def _block_problem(repository: Repository) -> HookProblem | None:
    folder = _hooks_folder(repository)
    files = {hook: [*_files(folder, hook)] for hook in HOOKS}
    if off := [hook for hook, paths in files.items() if not all(os.access(path, os.X_OK) for path in paths)]:
        return HookProblem(f"in {folder}, {_told(off, 'is', 'are')} not executable: git runs nothing that is not")
    if early := [hook for hook, paths in files.items() if _ends_early(paths[-1])]:
        return HookProblem(f"in {folder}, {_told(early, 'ends', 'end')} before migmerge is called")
    return _OUTDATED if any(not _is_current(paths[-1], hook) for hook, paths in files.items()) else None


def _ends_early(path: Path) -> bool:
    block = _block(path)
    return bool(block and _ENDS.search(block.string, 0, block.start()))


def _is_current(path: Path, hook: str) -> bool:
    """Say whether a hook file has the block that `migmerge install` would write, in one of its three forms."""
    text = (_SOURCES / "block").read_text(encoding="utf-8").replace("@HOOK@", hook)
    made = (_made_file(text, last=last).partition(b"\n")[2] for last in (True, False))
    block = _block(path)
    return bool(block and block[0] in (text.encode(), *made))


def _file_problem(repository: Repository) -> HookProblem | None:
    """Look at the files that the hooks call: without them nothing is done, and nothing said."""
    folder = Path(repository.storage, "hooks")
    texts = {name: _text(folder / name).decode("utf-8", "surrogateescape") for name in (*HOOKS, "look")}
    if gone := [name for name, text in texts.items() if not text]:
        return HookProblem(f"the hooks call {enumerate_names(gone)} in {folder}, which {'is' if len(gone) == 1 else 'are'} gone")
    values: dict[str, str] = {}
    for name, text in texts.items():
        found = _pattern((_SOURCES / name).read_text(encoding="utf-8")).fullmatch(text)
        if not found:
            return _OUTDATED
        values |= found.groupdict()
    try:
        (python,), (script,) = shlex.split(values["PYTHON"]), shlex.split(values["SCRIPT"])
    except ValueError:  # Somebody edited it.
        return _OUTDATED
    gone = [path for path in dict.fromkeys((python, script)) if not os.access(path, os.X_OK)]
    return HookProblem(f"the hooks call {enumerate_names(gone)}, which cannot be run") if gone else None


def _pattern(source: str) -> re.Pattern[str]:
    """Return what matches a shell file as it was installed, whatever stands in the places of its placeholders."""
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+?)", re.escape(source)), re.DOTALL)
