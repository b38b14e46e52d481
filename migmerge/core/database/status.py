"""The status of one database: its records and its schema compared with the scripts of the checkout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..graph import RevisionGraph
from ..operations.operation import Action, ObjectKind, Operations
from ..revision import Revision
from ..text import enumerate_names
from .database import Database
from .effects import Effect, PartialEffects, effects_of, skipped_effects, unexplained, unrecorded_effects
from .former_parents import formerly_below, put_below
from .leftovers import Leftover, leftovers_in, with_clashes, with_only_copies
from .name_clashes import NameClash, clashes_in
from .phantom import Fate, Phantom
from .remade import kept_revisions, left_by
from .remainder import Remainder
from .reused_ids import OtherScript, graph_that_ran, other_scripts
from .script_set import ScriptSet
from .stamp_guess import StampGuess, guess_revision, proven_revisions, traced_revisions
from .unfinished import remainders, rest_of_edits, taking_over

_MOST = 5
"""Effects that are named one by one."""


@dataclass(frozen=True, slots=True)
class PhantomChain:
    """Hold a phantom with the scripts that the checkout lacks, from the phantom down, as its commit has them.

    `successors` are those that the checkout has under another id, with what became of each and that id. `unsure` are the
    commits whose versions of the phantom may be the one that ran, where nothing tells them apart: the first is the one here.
    """

    phantom: Phantom
    revisions: tuple[Revision, ...]
    successors: Mapping[str, tuple[Fate, str]] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """Say which revisions a database has run, which it has not, and where its schema contradicts its records.

    `applied` are revisions of the checkout, not always with all that they follow; `phantoms` are recorded ids that the
    checkout lacks, `lost` those of them that git lacks too, `renamed` revisions of phantoms that have another id here, with
    that id, and `kept` those that are not to be taken back, with what they `left`. `stamp_guess` and `unaccounted`, the
    tables that no script explains, are set for a database that records nothing or a lost id. `unrecorded_effects` are those
    of pending revisions, `made` the ones of these that have all their effects and have no others. `overlapping` are
    recorded revisions that another recorded one follows or depends on, `others` what ran under ids of the checkout's
    scripts. `unproven` are revisions that may have been skipped and leave no trace: beyond the last trace where something
    was skipped, put below a revision that had run,
    or moved from there (`unsure`), or edited in what they write; `is_emptied` says that no revision has
    left a trace. `leftovers` are what earlier runs left, `clashes` what else has the name of something that a pending revision
    makes and cannot be dropped for it, and `remainders` what is left to do of revisions that are there in
    part, where that is known. `rewritten` are the unproven ones that were edited and change rows, `edits` what was added
    to them, as far as that can be told, and `whole` the revisions into which others were squashed that leave nothing to do.
    `going` are ids of `others` that are to be taken back with the script that ran.
    """

    database: Database
    applied: frozenset[str] = frozenset()
    pending: tuple[str, ...] = ()
    phantoms: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    kept: frozenset[str] = frozenset()
    left: tuple[Effect, ...] = ()
    skipped: tuple[PartialEffects, ...] = ()
    unrecorded_effects: tuple[PartialEffects, ...] = ()
    made: tuple[str, ...] = ()
    stamp_guess: StampGuess | None = None
    unaccounted: tuple[str, ...] = ()
    overlapping: tuple[str, ...] = ()
    others: tuple[OtherScript, ...] = ()
    unproven: tuple[str, ...] = ()
    is_emptied: bool = False
    leftovers: tuple[Leftover, ...] = ()
    clashes: tuple[NameClash, ...] = ()
    remainders: Mapping[str, Remainder] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()
    unsure: frozenset[str] = frozenset()
    rewritten: tuple[str, ...] = ()
    edits: Mapping[str, Remainder] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    going: tuple[str, ...] = ()

    @property
    def under_another_id(self) -> frozenset[str]:
        """Return the revisions that ran under an id which the checkout gives to another script."""
        return frozenset(each.successor for each in self.others if each.successor)

    @property
    def unsure_ids(self) -> tuple[OtherScript, ...]:
        """Return the ids of which nothing tells whether the script of the checkout ran, or another one."""
        return tuple(each for each in self.others if not each.is_sure)


def status_of(
    database: Database, scripts: ScriptSet, chains: Mapping[str, PhantomChain], settled: frozenset[str] = frozenset()
) -> DatabaseStatus:
    """Compare the records and the schema of a database with what the scripts say.

    `settled` are revisions that are known to have run from the scripts of the checkout.
    """
    graph, recorded = scripts.graph, database.recorded
    phantoms = tuple(name for name in recorded if name not in graph)
    others = other_scripts(applied_in(graph, recorded, chains), scripts)
    applied = _applied(scripts, recorded, chains, others)
    moved = formerly_below(applied, scripts, database)
    applied |= moved.ran
    renamed = tuple(_renamed(graph, (chains[name] for name in phantoms if name in chains)))
    known = DatabaseStatus(
        database,
        applied,
        graph.in_order_to_run(graph.revisions.keys() - applied),
        phantoms,
        lost=tuple(name for name in phantoms if name not in chains),
        renamed=tuple((old, new) for old, _, new in renamed),
        overlapping=overlapping_in(graph, recorded),
        others=others,
        unsure=moved.unsure,
    )
    known = _with_kept(known, scripts, chains)
    ran = (*known.applied, *revisions_beyond(known, chains))
    leftovers = leftovers_in(database.schema, known.pending, ran, scripts)
    judged = replace(database, schema=with_only_copies(database.schema, leftovers))
    known = replace(known, database=judged, leftovers=leftovers)
    if known.lost or not recorded:
        known = _with_guess(known, scripts)
        if known.lost or (known.stamp_guess and known.stamp_guess.heads):
            return known
    settled |= known.under_another_id
    known = _with_clashes(_with_contradictions(known, scripts, chains, settled), scripts, ran)
    return _with_unproven(known, scripts, settled)


def needs_stamp(status: DatabaseStatus) -> bool:
    """Say whether only the schema tells where a database is: it records nothing, or a revision that nobody has."""
    return bool(status.lost) or (not status.database.recorded and bool(status.stamp_guess and status.stamp_guess.heads))


def ids_too_long(status: DatabaseStatus) -> tuple[str, ...]:
    """Return the pending revisions whose ids the version table does not take."""
    longest = status.database.longest_id
    return () if longest is None else tuple(name for name in status.pending if len(name) > longest)


def applied_in(graph: RevisionGraph, recorded: Iterable[str], chains: Mapping[str, PhantomChain]) -> frozenset[str]:
    """Return the revisions of a checkout that have run where these are recorded, also below phantoms and under another id.

    What is below a recorded id without a chain that the checkout lacks is not known, and left out; so is what is below a
    revision that ran on another parent.
    """
    found = [chains[name] for name in recorded if name not in graph and name in chains]
    renamed = tuple(_renamed(graph, found))
    below = (
        graph.resolve(reference) or reference
        for chain in found
        for revision in chain.revisions
        for reference in (*revision.down_revisions, *revision.depends_on)
    )
    whole = (new for _, fate, new in renamed if fate is Fate.RENAMED)
    return graph.implied([*recorded, *whole, *below]) | {new for _, _, new in renamed}


def _applied(
    scripts: ScriptSet, recorded: Sequence[str], chains: Mapping[str, PhantomChain], others: Sequence[OtherScript]
) -> frozenset[str]:
    """Return the revisions of the checkout that have run: not those whose ids are recorded for another script."""
    reused = {each.revision for each in others if not each.edited}
    successors = {each.successor for each in others if each.successor}
    return applied_in(graph_that_ran(scripts, others), recorded, chains) - reused | successors


def overlapping_in(graph: RevisionGraph, recorded: Sequence[str]) -> tuple[str, ...]:
    """Return the recorded revisions that another recorded one implies: Alembic plans no upgrade from them."""
    implied = graph.overlapping(recorded)
    return tuple(name for name in recorded if name in implied)


def _renamed(graph: RevisionGraph, chains: Iterable[PhantomChain]) -> Iterator[tuple[str, Fate, str]]:
    """Yield the revisions of phantoms that the checkout has under another id: nothing has to run for them."""
    for chain in chains:
        for old, (fate, new) in chain.successors.items():
            if new in graph:
                yield old, fate, new


def revisions_beyond(status: DatabaseStatus, chains: Mapping[str, PhantomChain]) -> dict[str, Revision]:
    """Return the revisions that a database has run and the checkout lacks, children first."""
    found = [chains[name].revisions for name in status.phantoms if name in chains]
    return {revision.revision: revision for revisions in found for revision in revisions}


def _with_kept(status: DatabaseStatus, scripts: ScriptSet, chains: Mapping[str, PhantomChain]) -> DatabaseStatus:
    beyond, renamed, bind = revisions_beyond(status, chains), dict(status.renamed), status.database.bind
    if not beyond:
        return status
    kept = kept_revisions(beyond, renamed, scripts, bind)
    return replace(status, kept=kept, left=left_by((name for name in beyond if name in kept - renamed.keys()), scripts, bind))


def _with_guess(status: DatabaseStatus, scripts: ScriptSet) -> DatabaseStatus:
    """Judge by the schema alone where nothing is recorded, or a revision that nobody has."""
    graph, database = scripts.graph, status.database
    stamp_guess = guess_revision(graph, scripts.operations, scripts.texts, database.schema, database.bind)
    ran = graph.in_order_to_run(graph.implied(stamp_guess.heads))
    left = unexplained(effects_of(ran, scripts.operations), database.schema, scripts.operations)
    return replace(status, stamp_guess=stamp_guess, unaccounted=left)


def _with_contradictions(
    status: DatabaseStatus, scripts: ScriptSet, chains: Mapping[str, PhantomChain], settled: frozenset[str]
) -> DatabaseStatus:
    """Look for recorded revisions whose effects are missing, and for effects of revisions that are not recorded."""
    database, pending = status.database, status.pending
    beyond = [name for name in revisions_beyond(status, chains) if name not in status.kept]
    ran = (*scripts.graph.in_order_to_run(status.applied), *reversed(beyond))
    skipped = skipped_effects(ran, scripts.operations, scripts.texts, database.schema, database.bind)
    # What a kept revision made is what a revision of the checkout would make.
    explaining = {name: each for name, each in scripts.operations.items() if name not in status.kept}
    begun = unrecorded_effects(pending, ran, replace(scripts, operations=explaining), database.schema, database.bind)
    found = replace(status, skipped=skipped, unrecorded_effects=begun)
    takers = taking_over(found, scripts)
    squashed, edits = rest_of_edits(found, scripts, settled)
    left = dict(remainders(found, scripts, takers)) | squashed
    made = {each.revision for each in begun if not each.missing and _only_creates(scripts.operations[each.revision])}
    made |= {name for name, each in left.items() if not each.body}
    return replace(
        found,
        made=tuple(name for name in pending if name in made),
        remainders={name: each for name, each in left.items() if each.body},
        unclear=tuple(name for name in takers if name not in left),
        edits=edits,
        whole=tuple(name for name, each in (squashed | edits).items() if not each.body),
    )


def _with_clashes(status: DatabaseStatus, scripts: ScriptSet, ran: Iterable[str]) -> DatabaseStatus:
    """Look for what is in the way of pending revisions, where no downgrade may take it away first."""
    left_out = {each.revision for each in status.unrecorded_effects} - status.remainders.keys()
    left_out |= {each.revision for each in status.unsure_ids}
    ran = (*ran, *(each.revision for each in status.others))
    found = [each for each in clashes_in(status.database, status.pending, ran, scripts) if each.revision not in left_out]
    is_changed = bool(status.phantoms or status.others)
    staying = tuple(each for each in found if not each.is_removable and (each.is_foreign or not is_changed))
    return replace(status, leftovers=with_clashes(status.leftovers, found), clashes=staying)


def _with_unproven(status: DatabaseStatus, scripts: ScriptSet, settled: frozenset[str]) -> DatabaseStatus:
    """Name the revisions that may not have run: beside skipped ones, put below one that had run, or edited in what they write."""
    names = scripts.graph.in_order_to_run(status.applied)
    moved = put_below(names, scripts) | status.unsure
    rewritten = _rewritten(status, scripts)
    if not status.skipped and not moved and not rewritten:
        return status
    database, skipped = status.database, {each.revision for each in status.skipped}
    traced = traced_revisions(names, scripts.operations, database.schema, database.bind)
    beyond = [*rewritten, *(name for name in moved if name not in traced)]
    if skipped:
        proven = proven_revisions(scripts, names, database.schema, database.bind)
        beyond += [name for name in names if name not in proven]
    sure = skipped | settled
    unproven = [name for name in names if name in beyond and name not in sure and scripts.operations[name] != Operations()]
    is_emptied = bool(skipped) and not traced and not any(each.present for each in status.skipped)
    edited = tuple(name for name in rewritten if name in unproven)
    return replace(status, unproven=tuple(unproven), rewritten=edited, is_emptied=is_emptied)


def _rewritten(status: DatabaseStatus, scripts: ScriptSet) -> tuple[str, ...]:
    """Return the recorded revisions that were edited and change rows, where it is not known that all of that ran."""
    names = scripts.graph.in_order_to_run(status.applied & scripts.edited.keys())
    known = {*status.whole, *status.remainders}
    return tuple(name for name in names if name not in known and may_write(scripts.operations[name]))


def may_write(operations: Operations) -> bool:
    """Say whether a script does something that leaves no trace in a catalogue: it changes rows, or cannot be read."""
    return bool(operations.unread) or any(each.rows for each in operations.done)


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
