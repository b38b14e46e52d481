"""What is left to do of revisions that a database has in part: stopped runs, edits, and scripts that took others over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .effects import PartialEffects, effects_of
from .remainder import Remainder, missing_effects, not_run, rest_of_run
from .rest_of_downgrade import rest_of_downgrade
from .script_set import ScriptSet
from .statements import calls_of

if TYPE_CHECKING:
    from .status import DatabaseStatus

COMMITS_EACH = ("mysql", "mariadb")
"""Databases that commit each statement that changes the schema by itself."""


def _calls_that_ran(status: DatabaseStatus, scripts: ScriptSet) -> frozenset[str]:
    """Return what the kept revisions have done, call by call."""
    return frozenset().union(*(calls_of(scripts.texts[name], "upgrade", status.database.bind) for name in status.kept))


def taking_over(status: DatabaseStatus, scripts: ScriptSet) -> tuple[str, ...]:
    """Return the pending revisions without an effect here that do, word for word, something that a kept revision has done."""
    ran, begun = _calls_that_ran(status, scripts), {each.revision for each in status.unrecorded_effects}
    texts = ((name, scripts.texts[name]) for name in status.pending if ran and name not in begun)
    return tuple(name for name, text in texts if not ran.isdisjoint(calls_of(text, "upgrade", status.database.bind)))


def remainders(status: DatabaseStatus, scripts: ScriptSet, names: Sequence[str]) -> Iterator[tuple[str, Remainder]]:
    """Yield what is left to do of revisions that are there in part, and of those that take others over."""
    stopped = status.database.address.dialect in COMMITS_EACH
    edited = {each.revision for each in status.others if each.edited}
    ran = _calls_that_ran(status, scripts)
    for name in names:
        if left := not_run(scripts.texts[name], PartialEffects(name, (), ()), ran):
            yield name, left
    yield from _rests_of_downgrades(status, scripts)
    for partial in (*status.skipped, *status.unrecorded_effects):
        name = partial.revision
        if name not in scripts.graph or not (partial.present or name in edited):
            continue
        text, left = scripts.texts[name], None
        if name in status.applied:
            left = missing_effects(text, partial) if partial.missing else None
        elif stopped and not ran and partial.missing:
            left = rest_of_run(text, partial)
        elif not stopped or ran:
            left = not_run(text, partial, ran)
        if left:
            yield name, left


def _rests_of_downgrades(status: DatabaseStatus, scripts: ScriptSet) -> Iterator[tuple[str, Remainder]]:
    """Yield what is left to take back of recorded phantoms that are there in part, or not at all."""
    commits_each = status.database.address.dialect in COMMITS_EACH
    for partial in status.skipped:
        name = partial.revision
        if name in status.phantoms and (left := rest_of_downgrade(scripts.texts[name], partial, commits_each=commits_each)):
            yield name, left


def rest_of_edits(
    status: DatabaseStatus, scripts: ScriptSet, settled: frozenset[str]
) -> tuple[dict[str, Remainder], dict[str, Remainder]]:
    """Return what is left of recorded scripts into which others were squashed, and what other edits added that writes rows.

    Of the second nothing tells whether it ran, for a script may have been edited before it ran.
    """
    ran, skipped = _calls_that_ran(status, scripts), {each.revision: each.missing for each in status.skipped}
    squashed, edits, bind = dict[str, Remainder](), dict[str, Remainder](), status.database.bind
    for name in sorted((status.applied & scripts.edited.keys()) - settled):
        text, missing = scripts.texts[name], skipped.get(name, ())
        before = frozenset.intersection(*(calls_of(each, "upgrade", bind) for each in scripts.edited[name]))
        present = (each for each in effects_of((name,), scripts.operations, bind) if each not in missing)
        is_squash = not ran.isdisjoint(calls_of(text, "upgrade", bind) - before)
        left = not_run(text, PartialEffects(name, tuple(missing), tuple(present)), ran | before) if ran | before else None
        if left and is_squash:
            squashed[name] = left
        elif left and not missing:
            edits[name] = left
    return squashed, edits
