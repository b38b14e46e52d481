"""What a configuration has to read as once our lines are in it; anything else means that they are in the wrong place."""

from __future__ import annotations

from typing import Any

from ....core.hook_manager import HookManager, lefthook_command
from .json_config import KEY, command_before
from .marked import NotUnderstood
from .yaml_config import TYPES, hook_settings


def with_ours(read: Any, manager: HookManager, path: str) -> object:
    """Return what a manager has to read after our lines were put in, for what it `read` before; None for an empty file."""
    before = {} if read is None else read
    if manager.name == "lefthook":
        return before | {hook: _with_command(before.get(hook, {}), hook) for hook in manager.hooks}
    if path == "package.json":
        return before | {KEY: _with_commands(before.get(KEY, {}), manager)}
    if path.endswith(".json"):
        return _with_commands(before, manager)
    local = {"repo": "local", "hooks": [hook_settings(hook) for hook in manager.hooks]}
    return {TYPES: sorted(manager.hooks)} | before | {"repos": [*before.get("repos", ()), local]}


def _with_command(settings: Any, hook: str) -> object:
    commands = settings.get("commands", {})
    if "migmerge" in commands:
        raise NotUnderstood(f"`{hook}` has a command `migmerge` of somebody else")
    return settings | {"commands": commands | {"migmerge": lefthook_command(hook)}}


def _with_commands(commands: Any, manager: HookManager) -> object:
    return commands | {hook: command_before(commands.get(hook), hook, manager) for hook in manager.hooks}
