"""The status of one database: its records and its schema compared with the scripts of the checkout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..graph import RevisionGraph
from ..operations.operation import Action, ObjectKind, Operations
from ..revision import Revision
from ..text import enumerate_names
from .database import Database
from .effects import Effect, PartialEffects, effects_of, skipped_effects, unexplained, unrecorded_effects
from .phantom import Fate, Phantom
from .script_set import ScriptSet
from .stamp_guess import StampGuess, guess_revision

_MOST = 5
"""Effects that are named one by one."""


@dataclass(frozen=True, slots=True)
class PhantomChain:
    """Hold a phantom with the scripts that the checkout lacks, from the phantom down, as its commit has them."""

    phantom: Phantom
    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """Say which revisions a database has run, which it has not, and where its schema contradicts its records.

    `applied` are revisions of the checkout; `phantoms` are recorded ids that the checkout lacks, `lost` those of them that
    git lacks too, `renamed` those whose script has another id here, with that id. `stamp_guess` and `unaccounted`, the
    tables that no script explains, are set for a database that records nothing or a lost id. `unrecorded_effects` are
    those of pending revisions; `done` are the highest of these that have all their effects, with all that is below them.
    """

    database: Database
    applied: frozenset[str] = frozenset()
    pending: tuple[str, ...] = ()
    phantoms: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    skipped: tuple[PartialEffects, ...] = ()
    unrecorded_effects: tuple[PartialEffects, ...] = ()
    done: tuple[str, ...] = ()
    stamp_guess: StampGuess | None = None
    unaccounted: tuple[str, ...] = ()


def status_of(database: Database, scripts: ScriptSet, chains: Mapping[str, PhantomChain]) -> DatabaseStatus:
    """Compare the records and the schema of a database with what the scripts say."""
    graph, recorded = scripts.graph, database.recorded
    phantoms = tuple(name for name in recorded if name not in graph)
    applied = applied_in(graph, recorded, chains)
    known = DatabaseStatus(
        database,
        applied,
        graph.in_order_to_run(graph.revisions.keys() - applied),
        phantoms,
        lost=tuple(name for name in phantoms if name not in chains),
        renamed=tuple(_renamed(graph, (chains[name].phantom for name in phantoms if name in chains))),
    )
    if known.lost or not recorded:
        known = _with_guess(known, scripts)
        if known.lost or (known.stamp_guess and known.stamp_guess.heads):
            return known
    return _with_contradictions(known, scripts, chains)


def ids_too_long(status: DatabaseStatus) -> tuple[str, ...]:
    """Return the pending revisions whose ids the version table does not take."""
    longest = status.database.longest_id
    return () if longest is None else tuple(name for name in status.pending if len(name) > longest)


def applied_in(graph: RevisionGraph, recorded: Iterable[str], chains: Mapping[str, PhantomChain]) -> frozenset[str]:
    """Return the revisions of a checkout that have run where these are recorded, also below phantoms and under another id.

    What is below a recorded id without a chain that the checkout lacks is not known, and left out.
    """
    phantoms = [chains[name] for name in recorded if name not in graph and name in chains]
    renamed = [successor for _, successor in _renamed(graph, (chain.phantom for chain in phantoms))]
    below = (
        graph.resolve(reference) or reference
        for chain in phantoms
        for revision in chain.revisions
        for reference in (*revision.down_revisions, *revision.depends_on)
    )
    return graph.implied([*recorded, *renamed, *below])


def _renamed(graph: RevisionGraph, phantoms: Iterable[Phantom]) -> Iterator[tuple[str, str]]:
    """Yield the phantoms that the checkout has under another id with the same parents: nothing has to run for them."""
    for phantom in phantoms:
        if phantom.fate is Fate.RENAMED and phantom.successor in graph.revisions:
            yield phantom.revision, phantom.successor


def _with_guess(status: DatabaseStatus, scripts: ScriptSet) -> DatabaseStatus:
    """Judge by the schema alone where nothing is recorded, or a revision that nobody has."""
    graph, database = scripts.graph, status.database
    stamp_guess = guess_revision(graph, scripts.operations, scripts.texts, database.schema, database.bind)
    ran = graph.in_order_to_run(graph.implied(stamp_guess.heads))
    left = unexplained(effects_of(ran, scripts.operations), database.schema, scripts.operations)
    return replace(status, stamp_guess=stamp_guess, unaccounted=left)


def _with_contradictions(status: DatabaseStatus, scripts: ScriptSet, chains: Mapping[str, PhantomChain]) -> DatabaseStatus:
    """Look for recorded revisions whose effects are missing, and for effects of revisions that are not recorded."""
    database, pending = status.database, status.pending
    taken_back = [chains[name].revisions for name in status.phantoms if name not in dict(status.renamed)]
    beyond = dict.fromkeys(revision.revision for revisions in taken_back for revision in revisions)
    ran = (*scripts.graph.in_order_to_run(status.applied), *reversed(beyond))
    skipped = skipped_effects(ran, scripts.operations, scripts.texts, database.schema, database.bind)
    begun = unrecorded_effects(pending, ran, scripts, database.schema, database.bind)
    return replace(status, skipped=skipped, unrecorded_effects=begun, done=_done(scripts, pending, begun))


def _done(scripts: ScriptSet, pending: Sequence[str], begun: Sequence[PartialEffects]) -> tuple[str, ...]:
    """Return what may be recorded without a run: no revision that writes rows, and none above a revision that has yet to run."""
    graph = scripts.graph
    whole = {each.revision for each in begun if not each.missing and _only_creates(scripts.operations[each.revision])}
    safe = [name for name in pending if graph.implied([name]).intersection(pending) <= whole]
    return tuple(name for name in safe if not any(name in graph.implied([each]) for each in safe if each != name))


def in_words(effects: Sequence[Effect]) -> str:
    """Name effects, whole tables without their parts."""
    tables = {effect.table for effect in effects if effect.kind is ObjectKind.TABLE}
    telling = [effect for effect in effects if effect.kind is ObjectKind.TABLE or effect.table not in tables]
    are = "is" if len(telling) == 1 else "are"
    return f"{enumerate_names([str(effect) for effect in telling], most=_MOST)} {are}"


def _only_creates(operations: Operations) -> bool:
    """Tell whether the catalogue shows all that a script does; the values of an enum are not looked for."""
    made = (each.action is Action.CREATE and each.kind is not ObjectKind.VALUE for each in operations.done)
    return not operations.unread and all(made)
