"""The scripts with which databases are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..graph import RevisionGraph
from ..operations.interpreter.statements import read_operations
from ..operations.operation import Operations
from ..revision import Revision, UnreadableScript


class ScriptVersion(NamedTuple):
    """Hold a script as a commit has it; `commit` is empty for that of the work tree, and where only the `blob` is known."""

    revision: Revision
    text: bytes
    commit: str
    blob: str = ""


@dataclass(frozen=True, slots=True)
class ScriptSet:
    """Hold the scripts that Alembic would load here, with those of phantoms: their texts and what they do, by revision id.

    `unreadable` are the scripts of the checkout that the graph lacks, `older` the versions of those that ran before they
    were changed, and `moved` the parents that other scripts had before they got the present ones;
    of the `edited` ones other versions were here that do something else, whose texts these are. Of the `unsure` ids nothing
    tells whether the older version ran, or the one that is here.
    """

    graph: RevisionGraph
    texts: Mapping[str, bytes] = field(default_factory=dict)
    operations: Mapping[str, Operations] = field(default_factory=dict)
    unreadable: tuple[UnreadableScript, ...] = ()
    older: Mapping[str, ScriptVersion] = field(default_factory=dict)
    moved: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    edited: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()

    def older_operations(self, name: str) -> Operations:
        """Return what the older version of a script does."""
        return read_operations(self.older[name].text)


def possible_script(name: str, unreadable: Iterable[UnreadableScript]) -> UnreadableScript | None:
    """Return an unreadable script that is, or may be, the one of a recorded revision; None where none can be."""
    return next((script for script in unreadable if script.revision in (None, name)), None)
