"""What was learnt of an environment's databases, from which the findings about them are made."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..database.coverage import Coverage
from ..database.database import Unreachable
from ..database.status import DatabaseStatus, PhantomChain
from ..database.trial import PendingTrial
from ..finding import Finding, FindingKind, Hint
from ..snapshot import Snapshot
from .registry import symptom_of

SYNC = Hint("migmerge sync")
START_OVER = Hint("migmerge reset")


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """Hold what was learnt of an environment's databases; `snapshot` is the work tree's, whose scripts Alembic loads.

    `restore_scripts` are the newest scripts that put a backup back, by bind, and `coverages` say how far the recorded revisions
    were judged, by bind too. `trials` say by bind what came of what is pending on a copy, where it was tried.
    """

    snapshot: Snapshot
    statuses: tuple[DatabaseStatus, ...] = ()
    chains: Mapping[str, PhantomChain] | None = None
    unreachable: Unreachable | None = None
    restore_scripts: Mapping[str, str] = field(default_factory=dict)
    coverages: Mapping[str, Coverage] = field(default_factory=dict)
    trials: Mapping[str, PendingTrial] = field(default_factory=dict)

    @property
    def is_judged(self) -> bool:
        """Say whether the databases could be asked, and a replay and a trial that were asked for told something."""
        is_asked = not self.unreachable and not any(each.database.others for each in self.statuses)
        is_tried = not any(each.doubt for each in self.trials.values())
        return is_asked and is_tried and all(each.is_judged for each in self.coverages.values())

    def finding(self, kind: FindingKind, message: str, hint: Hint, revisions: tuple[str, ...] = ()) -> Finding:
        """Return a finding with the scripts' paths, and with the error in which a user meets it."""
        graph = self.snapshot.graph
        paths = tuple(graph[name].path for name in revisions if name in graph)
        return Finding(kind, self.snapshot.environment.name, message, hint, revisions, paths, symptom=symptom_of(kind, revisions))

    def named(self, name: str) -> str:
        """Return a revision's id, with its message where the checkout has it."""
        graph = self.snapshot.graph
        message = graph[name].message if name in graph else ""
        return f'{name} "{message}"' if message else name

    def restore_hint(self, status: DatabaseStatus) -> Hint | None:
        """Return the command that restores the state before the step that died."""
        script = self.restore_scripts.get(status.database.bind)
        return Hint(f"sh {shlex.quote(script)}") if script else None
