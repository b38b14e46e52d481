"""The names of scratch databases on a server: where and by which process one was made, so that another run knows what is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

PREFIX = "migmerge_scratch_"
_NAME = re.compile(rf"{PREFIX}([0-9a-f]{{8}})_([0-9a-f]{{1,8}})_([0-9a-f]{{8}})_[0-9a-f]{{6}}", re.ASCII)
_YOUNG = 3600
"""Seconds during which a database may be in the making."""


class Maker(NamedTuple):
    """Say on which machine (eight hexadecimal digits) and by which process a database is made, and when (seconds since 1970)."""

    machine: str
    process: int
    time: int


def scratch_name(maker: Maker, drawn: str) -> str:
    """Return a name, 50 characters at most; `drawn` are six hexadecimal digits that no other has."""
    return f"{PREFIX}{maker.machine}_{maker.process:x}_{maker.time:08x}_{drawn}"


def left_databases(names: Iterable[str], here: Maker, lives: Callable[[int], bool]) -> list[str]:
    """Return the names of the databases that a process of this machine made, which lives no more: of others nothing is known."""
    return [name for name in names if (made := _NAME.fullmatch(name)) and _is_left(made, here, lives)]


def _is_left(made: re.Match[str], here: Maker, lives: Callable[[int], bool]) -> bool:
    process, time = int(made[2], 16), int(made[3], 16)
    return made[1] == here.machine and time + _YOUNG < here.time and process != here.process and not lives(process)
