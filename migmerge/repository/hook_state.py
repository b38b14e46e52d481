"""Whether our hooks are in this clone and this git will call them; nothing is written to find out."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import MigmergeError
from ..core.event import HOOKS
from ..core.provenance import enumerate_names
from ..core.settings import _SPELLINGS
from .hooks import _BLOCK, _COMMAND, _CONFIGURED_SINCE, _SOURCES, _hooks_folder, _made_file, _refuse_shared_folder, git_version
from .repository import Repository

_INSTALL = "migmerge install"
_EVENTS_CAN_BE_OFF_SINCE = (2, 55)
_FALSE = ("false", "no", "off", "0", "")
_ENDS = re.compile(rb"^[ \t]*(?:exec|exit)\b", re.MULTILINE)
_PLACEHOLDER = re.compile(r"@([A-Z]+)@")
_SHEBANG = len("#!/bin/sh\n")
_OF_ANOTHER_VERSION = "the hooks in this clone were written by another version of migmerge"


@dataclass(frozen=True, slots=True)
class HookTrouble:
    """Say why git does not call migmerge after a merge, or not as it should, and the command that helps."""

    reason: str
    hint: str = _INSTALL


@dataclass(frozen=True, slots=True)
class _Configured:
    """Hold git's configuration of our hooks by hook: the command, the events it is for, and what switches it off."""

    commands: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[tuple[str, str]] = frozenset()
    off: Mapping[str, str] = field(default_factory=dict)


def hook_trouble(repository: Repository) -> HookTrouble | None:
    """Say what keeps this git from calling our hooks; None where nothing does, or the user switched them off."""
    if _SPELLINGS.get((repository.git.line("config", "--get", "migmerge.hooks") or "").lower()) == "off":
        return None
    configured, version = _configuration(repository), git_version(repository)
    if configured.commands and version >= _CONFIGURED_SINCE:
        return _configuration_trouble(repository, configured, version) or _file_trouble(repository)
    return _block_trouble(repository, configured, version) or _file_trouble(repository)


def _configuration(repository: Repository) -> _Configured:
    """Read `<scope>NUL<key>LF<value>NUL`, again and again; the last value of a key counts."""
    told = repository.git.line("config", "--show-scope", "--null", "--get-regexp", r"^hook\.(migmerge-)?post-") or ""
    scopes_and_values = told.split("\0")
    commands: dict[str, str] = {}
    events, off = set[tuple[str, str]](), dict[str, str]()
    for scope, setting in zip(scopes_and_values[::2], scopes_and_values[1::2], strict=False):
        key, _, value = setting.partition("\n")
        _, name, variable = key.split(".")[0], key[len("hook.") : key.rindex(".")], key[key.rindex(".") + 1 :]
        hook = name.removeprefix("migmerge-")
        match variable:
            case "command" if hook != name:
                commands[hook] = value
            case "event" if hook != name:
                events.add((hook, value))
            case "enabled":
                off.pop(name, None)
                off |= {name: scope} if value.lower() in _FALSE else {}
    return _Configured(commands, frozenset(events), off)


def _configuration_trouble(repository: Repository, configured: _Configured, version: tuple[int, ...]) -> HookTrouble | None:
    lost = [hook for hook in HOOKS if hook not in configured.commands or (hook, hook) not in configured.events]
    if lost:
        return HookTrouble(f"git's configuration has lost {enumerate_names(f'hook.migmerge-{hook}' for hook in lost)}")
    events = HOOKS if version >= _EVENTS_CAN_BE_OFF_SINCE else ()
    for name in (*(f"migmerge-{hook}" for hook in HOOKS), *events):
        if scope := configured.off.get(name):
            return HookTrouble(
                f"hook.{name}.enabled is false in the {scope} configuration",
                f"git config {'' if scope == 'command' else f'--{scope} '}--unset-all hook.{name}.enabled",
            )
    folder = _hooks_folder(repository)
    if twice := [hook for hook in HOOKS if _BLOCK.search(_text(folder / hook))]:
        return HookTrouble(f"in {folder}, {enumerate_names(twice)} {_verb(twice, 'call')} migmerge a second time")
    stale = any(command != _COMMAND.replace("@HOOK@", hook) for hook, command in configured.commands.items())
    return HookTrouble(_OF_ANOTHER_VERSION) if stale else None


def _block_trouble(repository: Repository, configured: _Configured, version: tuple[int, ...]) -> HookTrouble | None:
    folder = _hooks_folder(repository)
    lost = [hook for hook in HOOKS if not _BLOCK.search(_text(_with_block(folder, hook)))]
    if len(lost) == len(HOOKS):
        return _bypassed(repository, folder, configured, version) or _lost(folder, lost)
    return _lost(folder, lost) if lost else _not_run(folder)


def _bypassed(
    repository: Repository, folder: Path, configured: _Configured, version: tuple[int, ...]
) -> HookTrouble | None:
    """Say why git looks where our hooks never were; None where they were there once."""
    own = Path(repository.common_dir, "hooks")
    if any(_BLOCK.search(_text(own / hook)) for hook in HOOKS) and (path := _hooks_path(repository)):
        told = f"core.hooksPath is {path[1]} in the {path[0]} configuration: git does not look into {own}, where the hooks are"
        return HookTrouble(told, _way_around(repository) or _INSTALL)
    hint = " && ".join(filter(None, (_way_around(repository), _INSTALL)))
    if configured.commands:
        used = ".".join(map(str, version))
        return HookTrouble(f"the hooks are in git's configuration, where git {used} does not look for hooks", hint)
    if not os.path.exists(os.path.join(repository.storage, "hooks")):
        return HookTrouble("the hooks are not installed in this clone", hint)
    return HookTrouble(_lost(folder, HOOKS).reason, hint)
