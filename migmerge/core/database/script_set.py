"""The scripts with which databases are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..graph import RevisionGraph
from ..operations.operation import Operations
from ..revision import UnreadableScript


@dataclass(frozen=True, slots=True)
class ScriptSet:
    """Hold the scripts that Alembic would load here, with those of phantoms: their texts and what they do, by revision id.

    `unreadable` are the scripts of the checkout that the graph lacks.
    """

    graph: RevisionGraph
    texts: Mapping[str, bytes] = field(default_factory=dict)
    operations: Mapping[str, Operations] = field(default_factory=dict)
    unreadable: tuple[UnreadableScript, ...] = ()


def possible_script(name: str, unreadable: Iterable[UnreadableScript]) -> UnreadableScript | None:
    """Return an unreadable script that is, or may be, the one of a recorded revision; None where none can be."""
    return next((script for script in unreadable if script.revision in (None, name)), None)
