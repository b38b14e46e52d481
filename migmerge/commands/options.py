"""What every command is told."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """The options that all commands share; `folder` is where migmerge was called, or `-C`.

    No dataclass: importing dataclasses takes 12 ms, which a check that has nothing new to look at does not need.
    """

    folder: str = "."
    environments: tuple[str, ...] = ()
    quiet: bool = False
    color: str = "auto"
