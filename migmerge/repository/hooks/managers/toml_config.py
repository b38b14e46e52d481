"""Our hooks in the TOML of prek and lefthook: tables can stand at its end."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

from ....core.hook_manager import HookManager, lefthook_command
from .marked import NotUnderstood, Piece
from .yaml_config import TYPES, hook_settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEY = re.compile(r"^(?![ \t]*(?:#|\r?$))", re.MULTILINE)


def prek_pieces(text: str, manager: HookManager) -> Iterator[Piece]:
    """Yield our lines for `prek.toml`, and the stages that a plain `install` sets up."""
    if TYPES not in _read(text):
        first = _KEY.search(text)
        yield Piece(first.start() if first else 0, [f"{TYPES} = {json.dumps(sorted(manager.hooks))}"])
    yield Piece(len(text), ["[[repos]]", 'repo = "local"', "hooks = [", *map(_inline, manager.hooks), "]"])


def lefthook_tables(text: str, manager: HookManager) -> Iterator[Piece]:
    """Yield our lines for `lefthook.toml`."""
    lines = []
    for hook in manager.hooks:
        lines += [f"[{hook}.commands.migmerge]", *(f"{key} = '{value}'" for key, value in lefthook_command(hook).items())]
    yield Piece(len(text), lines)


def read_toml(text: str) -> object:
    return _read(text)


def _read(text: str) -> dict[str, object]:
    try:
        read: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotUnderstood("it is no TOML") from error
    return read


def _inline(hook: str) -> str:
    values = (f"{key} = {json.dumps(value)}" for key, value in hook_settings(hook).items())
    return f"  {{ {', '.join(values)} }},"
