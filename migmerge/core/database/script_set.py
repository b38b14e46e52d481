"""The scripts against which databases are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..graph import RevisionGraph
from ..operations.operation import Operations


@dataclass(frozen=True, slots=True)
class ScriptSet:
    """Hold the revision graph of the checkout, and the texts and operations of its scripts and those of phantoms, by id."""

    graph: RevisionGraph
    texts: Mapping[str, bytes] = field(default_factory=dict)
    operations: Mapping[str, Operations] = field(default_factory=dict)
