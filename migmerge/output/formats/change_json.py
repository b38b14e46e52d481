"""The JSON documents of the commands that change something or try it: `rehearse`, `undo --list`, `install`, `uninstall`."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.database.rehearsal import Rehearsal, RehearsalPlan, failures_to_say
from ...core.journal import JournalEntry
from .json import document


def hooks_as_json(places: Sequence[str], notes: Sequence[str] = (), *, installed: bool) -> str:
    """Return the document of `install` and `uninstall`: what was written or removed."""
    return document(installed=installed, places=list(places), notes=list(notes))


def journal_as_json(entries: Sequence[JournalEntry], damaged: Sequence[str]) -> str:
    """Return the document of `undo --list`, the last change first; `damaged` are files of the journal that cannot be read."""
    return document(changes=[change_part(entry) for entry in reversed(entries)], damaged=list(damaged))


def change_part(entry: JournalEntry) -> dict[str, object]:
    """Return a change as the documents of `undo` have it."""
    return {
        "time": entry.time,
        "title": entry.title,
        "state": entry.state,
        "environment": entry.environment,
        "head": entry.head,
        "commit": entry.commit,
        "revisions": list(entry.revisions),
        "paths": [file.path for file in entry.files],
        "databases": [{"name": each.name, "bind": each.bind, "restore_script": each.restore_script} for each in entry.databases],
    }


def rehearsals_as_json(rehearsals: Sequence[tuple[str, RehearsalPlan, Rehearsal]]) -> str:
    """Return the document of `rehearse`; each rehearsal comes with the name of its environment."""
    return document(rehearsals=[_rehearsal(*each) for each in rehearsals])


def _rehearsal(environment: str, plan: RehearsalPlan, rehearsal: Rehearsal) -> dict[str, object]:
    return {
        "environment": environment,
        "database": rehearsal.database or None,
        "orders": [list(order) for order in plan.orders],
        "verdict": rehearsal.verdict.value,
        "failures": [
            {
                "revision": said.failure.revision,
                "reason": said.failure.reason,
                "statement": said.failure.statement,
                "with_rows": said.with_rows,
            }
            for said in failures_to_say(rehearsal)
        ],
        "differences": list(rehearsal.differences),
        "leftovers": list(rehearsal.leftovers),
        "notes": list(rehearsal.notes),
    }
