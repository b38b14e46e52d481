"""What every command is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The options that all commands share; `folder` is where migmerge was called, or `-C`."""

    folder: str = "."
    environments: tuple[str, ...] = ()
    quiet: bool = False
    color: str = "auto"
