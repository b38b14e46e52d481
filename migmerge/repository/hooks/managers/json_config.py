"""Our hooks in the JSON of simple-git-hooks, which has no comments: members and the beginnings of commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from ....core.hook_manager import CHECKS, HookManager, shell_in
from .marked import NotUnderstood

KEY = "simple-git-hooks"
_SPACE = re.compile(r"[ \t\r\n]*")
_OURS = r"migmerge (?:hook --report [^|]*\|\| :|check [^|]*\|\| \[ \$\? -ge 126 \])"
_MEMBER = re.compile(rf',\s*"[\w-]+":\s*"{_OURS}"')
_FIRST = re.compile(rf'(?<=\{{)\s*"[\w-]+":\s*"{_OURS}",?')
_PREFIX = re.compile(rf'(?<="){_OURS}(?: &&|;) ')
_EMPTY = re.compile(r"\{\s*\}")


class Member(NamedTuple):
    """Hold a key of a JSON object, its value, and where both are in the text."""

    key: str
    value: object
    begin: int
    value_begin: int
    end: int


def with_members(text: str, manager: HookManager, *, below_key: bool) -> str:
    """Return the text with our commands: those of the whole file, or below the key that package.json has for them."""
    _require_object(text)
    begin = text.index("{")
    if not below_key:
        return _with_commands(text, begin, manager)
    found = [member for member in members(text, begin) if member.key == KEY]
    if found and not (isinstance(found[-1].value, dict) and found[-1].value):
        raise NotUnderstood(f"`{KEY}` is no object of commands")
    if found:
        return _with_commands(text, found[-1].value_begin, manager)
    commands = {hook: shell_in(hook, manager) for hook in manager.hooks}
    return _with_member(text, begin, KEY, commands)


def without_members(text: str, *, below_key: bool) -> str:
    """Return the text without our commands, and without the key where they were all that it had."""
    _require_object(text)
    if not below_key:
        return _without_commands(text)
    for member in reversed([each for each in members(text, text.index("{")) if each.key == KEY]):
        commands = text[member.value_begin : member.end]
        left = _without_commands(commands)
        begin = text[: member.begin].rstrip().removesuffix(",") if left != commands and _EMPTY.fullmatch(left) else None
        text = (text[: member.value_begin] + left if begin is None else begin) + text[member.end :]
    return text


def command_before(there: object, hook: str, manager: HookManager) -> str:
    """Return what a hook runs: our command, and then the one that is there."""
    ours = shell_in(hook, manager)
    return f"{ours}{' && ' if hook in CHECKS else '; '}{there}" if there is not None else ours


def members(text: str, begin: int) -> Iterator[Member]:
    """Yield the members of the object that begins at a position; of those with one key the last one counts."""
    decode = json.JSONDecoder().raw_decode
    position = _skip(text, begin + 1)
    while text[position] == '"':
        key, after = decode(text, position)
        value_begin = _skip(text, _skip(text, after) + 1)
        value, end = decode(text, value_begin)
        yield Member(key, value, position, value_begin, end)
        position = _skip(text, _skip(text, end) + (text[_skip(text, end)] == ","))


def _without_commands(text: str) -> str:
    for pattern in (_PREFIX, _MEMBER, _FIRST):
        text = pattern.sub("", text)
    return text


def _with_commands(text: str, begin: int, manager: HookManager) -> str:
    for hook in manager.hooks:
        there = [member for member in members(text, begin) if member.key == hook]
        if not there:
            text = _with_member(text, begin, hook, shell_in(hook, manager))
        elif isinstance(there[-1].value, str):
            at = there[-1].value_begin + 1
            text = text[:at] + json.dumps(command_before("", hook, manager), ensure_ascii=False)[1:-1] + text[at:]
        else:
            raise NotUnderstood(f"`{hook}` is no command")
    return text


def _with_member(text: str, begin: int, key: str, value: object) -> str:
    """Put a member behind the last one of an object, indented as the first one is."""
    there = [*members(text, begin)]
    if not there:
        raise NotUnderstood("an object is empty")
    before = text[begin + 1 : there[0].begin]
    indent = before.rpartition("\n")[2] if "\n" in before else ""
    unit = indent[: len(indent) // 2] if begin != text.index("{") else indent
    written = json.dumps(value, indent=unit or None, ensure_ascii=False)
    written = written.replace("\n", before.removesuffix(indent) + indent) if "\n" in before else written
    end = there[-1].end
    return f"{text[:end]},{before or ' '}{json.dumps(key)}: {written}{text[end:]}"


def _require_object(text: str) -> None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("it is no JSON") from error
    if not isinstance(read, dict):
        raise NotUnderstood("it is no object")


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
