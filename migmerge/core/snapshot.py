"""An environment's scripts at one moment of git's history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .environment import Environment
from .graph import RevisionGraph
from .revision import Revision, Script, UnreadableScript


@dataclass(frozen=True)
class Snapshot:
    """Hold what one tree says of one environment; not slotted, for the graph is made once, when it is asked for."""

    environment: Environment
    scripts: tuple[Script, ...]

    @cached_property
    def graph(self) -> RevisionGraph:
        return RevisionGraph(script for script in self.scripts if isinstance(script, Revision))

    @property
    def unreadable(self) -> tuple[UnreadableScript, ...]:
        return tuple(script for script in self.scripts if isinstance(script, UnreadableScript))
