"""The plan that brings databases to the checkout; it is shown before the first step runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..environment import Environment, command
from ..fix_plan.plan import Refusal
from ..graph import RevisionGraph
from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, ObjectKind, Operation, Operations, RowChange
from ..order import sorted_after
from ..revision import Revision
from ..script.functions import does_nothing, function_body, raises
from ..text import enumerate_names
from .phantom import describe_phantom
from .script_set import ScriptSet, possible_script
from .status import DatabaseStatus, PhantomChain, applied_in, ids_too_long, in_words

_RESTORE = "restore a backup from before it, or migmerge reset"


@dataclass(frozen=True, slots=True)
class Downgrade:
    """Run the downgrade of a revision that the checkout lacks, with its own script; `body` is what it does, in lines."""

    revision: str
    message: str
    origin: str
    body: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rerun:
    """Run the upgrade of a revision that is recorded and was skipped, in the databases of some binds."""

    revision: str
    message: str
    binds: tuple[str, ...] = ("",)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Run the upgrade of a pending revision; `warnings` say what it drops."""

    revision: str
    message: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """Record other revisions than before in the database of a bind, and run nothing; `left` are tables that stay behind."""

    bind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    left: tuple[str, ...] = ()


SyncStep = Downgrade | Rerun | Upgrade | Stamp


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """Hold the steps in their order, and what they leave undone."""

    steps: tuple[SyncStep, ...]
    notes: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Say whether rows, columns or tables may go: a downgrade is for that, an upgrade may do it too."""
        return any(isinstance(step, Downgrade) or (isinstance(step, Upgrade | Rerun) and step.warnings) for step in self.steps)


def plan_sync(
    environment: Environment,
    scripts: ScriptSet,
    statuses: Sequence[DatabaseStatus],
    chains: Mapping[str, PhantomChain],
    stamp: tuple[str, ...] = (),
) -> SyncPlan | Refusal:
    """Plan to downgrade phantoms, run skipped revisions and then pending ones; `stamp` is recorded in place of what is lost.

    The stamps come first: Alembic runs no step beside a recorded id that it does not know. A revision is run on every
    database of the environment that needs it.
    """
    if refusal := _broken(scripts.graph) or _unread(scripts, statuses) or _unknown(stamp, scripts) or _too_long(statuses):
        return refusal
    if refusal := _lost(statuses, stamp) or _begun(environment, statuses):
        return refusal
    renamed = {name for each in statuses for name, _ in each.renamed}
    downs = tuple(_downgrades(scripts, [chain for name, chain in chains.items() if name not in renamed]))
    if refusal := _kept(downs, [chains[name] for name in renamed]) or _irreversible(downs, scripts):
        return refusal
    graph = scripts.graph
    stamps = tuple(_stamps(_with_phantoms(graph, chains), statuses, stamp))
    stamped = graph.implied(stamp)
    pending = {name for each in statuses for name in each.pending if not (_needs_stamp(each) and name in stamped)}
    ups = (Upgrade(name, graph[name].message, _drops_of_upgrade(scripts, name)) for name in graph.in_order_to_run(pending))
    return SyncPlan((*stamps, *downs, *_reruns(scripts, statuses), *ups), tuple(_notes(statuses)))


def plan_downgrade_first(
    scripts: ScriptSet, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain], moved: Iterable[str]
) -> SyncPlan | Refusal:
    """Plan to downgrade the revisions that are about to be moved, and all that was run on top of them."""
    graph, going = scripts.graph, frozenset(moved)
    if refusal := _broken(graph) or _in_the_way(graph, statuses, chains, going):
        return refusal
    applied = frozenset().union(*(status.applied for status in statuses))
    above = (name for name in reversed(graph.in_order_to_run(applied)) if not going.isdisjoint(graph.implied([name])))
    downs = tuple(
        _downgrade(graph[name], f"{graph[name].message or '(no message)'}  (about to be re-parented)", scripts.texts[name])
        for name in above
    )
    return _irreversible(downs, scripts) or SyncPlan(downs)


def _in_the_way(
    graph: RevisionGraph, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain], going: frozenset[str]
) -> Refusal | None:
    """Refuse to downgrade below a recorded revision that the checkout lacks, or that is nowhere."""
    for status in statuses:
        for name in status.phantoms:
            below = going & applied_in(graph, [name], chains)
            if below or name in status.lost:
                on = f" and has run on top of {enumerate_names(sorted(below))}" if below else ""
                return Refusal(f"{status.database.address.name} records {name}, which is in no script here{on}", "migmerge sync")
    return None


def _with_phantoms(graph: RevisionGraph, chains: Mapping[str, PhantomChain]) -> RevisionGraph:
    phantoms = {each.revision: each for chain in chains.values() for each in chain.revisions}
    return RevisionGraph((phantoms | graph.revisions).values())


def _needs_stamp(status: DatabaseStatus) -> bool:
    return bool(status.lost) or (not status.database.recorded and bool(status.stamp_guess and status.stamp_guess.heads))


def _broken(graph: RevisionGraph) -> Refusal | None:
    """Refuse to run anything where Alembic would stop before the first step."""
    for revision, reference in graph.missing:
        return Refusal(f"{revision.revision} follows {reference}, which is in no script here", "migmerge check")
    for cycle in graph.cycles:
        return Refusal(f"{enumerate_names(cycle)} follow one another in a circle", "migmerge check")
    return None


def _unread(scripts: ScriptSet, statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to downgrade a recorded revision whose script may be an unreadable one of the checkout."""
    for status in statuses:
        for name in status.phantoms:
            if script := possible_script(name, scripts.unreadable):
                message = f"{status.database.address.name} records {name}, which may be in {script.path}: {script.reason}"
                return Refusal(message, "migmerge check")
    return None


def _unknown(stamp: tuple[str, ...], scripts: ScriptSet) -> Refusal | None:
    strange = [name for name in stamp if name not in scripts.graph]
    return Refusal(f"{strange[0]} is no revision of this checkout", "migmerge graph --all") if strange else None


def _too_long(statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to run a revision that could not be recorded afterwards."""
    for status in statuses:
        for name in ids_too_long(status):
            database = status.database
            room = f"version_num in {database.address.name} takes {database.longest_id}"
            return Refusal(
                f"the id {name} has {len(name)} characters and {room}: it would run and not be recorded", "migmerge fix"
            )
    return None


def _lost(statuses: Sequence[DatabaseStatus], stamp: tuple[str, ...]) -> Refusal | None:
    """Refuse to guess the revision of a database whose records nobody understands, and offer the nearest one."""
    for status in () if stamp else statuses:
        if not _needs_stamp(status):
            continue
        name, stamp_guess = status.database.address.name, status.stamp_guess
        why = f"{name} records {enumerate_names(status.lost)}, which is nowhere to be found"
        if not status.lost:
            why = f"{name} has the tables of revisions and records none"
        if stamp_guess is None or not stamp_guess.heads:
            return Refusal(f"{why}, and its schema fits no revision here", "git fetch --all, or migmerge reset")
        left = f"; {enumerate_names(status.unaccounted)} would stay behind" if status.unaccounted else ""
        doubt = (
            f"; {enumerate_names(stamp_guess.unproven)} leave no trace to tell whether they ran" if stamp_guess.unproven else ""
        )
        fetch = "git fetch --all first; else " if status.lost else ""
        hint = f"{fetch}migmerge sync {' '.join(f'--stamp {head}' for head in stamp_guess.heads)}"
        return Refusal(f"{why}; its schema is that of {enumerate_names(stamp_guess.heads)}{left}{doubt}", hint)
    return None


def _begun(environment: Environment, statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to run a revision that died half-way, or whose tables something else made: it would fail at the first of them."""
    for status in statuses:
        for partial in status.unrecorded_effects:
            name = status.database.address.name
            failure = f"{partial.revision} would fail in {name}: {in_words(partial.present)} there already"
            rest = f", {in_words(partial.missing)} not" if partial.missing else ", all that it makes"
            if status.done:
                return Refusal(f"{failure}{rest}", command(environment, "stamp", *status.done))
            hint = "migmerge doctor names the backup that brings back what was before; or drop what is there"
            return Refusal(f"{failure}{rest}", hint)
    return None


def _downgrades(scripts: ScriptSet, chains: Iterable[PhantomChain]) -> Iterator[Downgrade]:
    """Yield the downgrade of each revision of the chains, before those of the revisions that it needs."""
    found: dict[str, tuple[Revision, str]] = {}
    for chain in chains:
        for revision in chain.revisions:
            below = replace(chain.phantom, revision=revision.revision, path=revision.path, message=revision.message)
            found.setdefault(revision.revision, (revision, describe_phantom(below)))
    graph = RevisionGraph(revision for revision, _ in found.values())
    needed_by = {name: [other for other in found if name in graph.needs(other)] for name in found}
    # Revisions of two commits may follow one another in a circle: they come last, in any order.
    for name in dict.fromkeys((*sorted_after(needed_by, found), *found)):
        revision, origin = found[name]
        yield _downgrade(revision, origin, scripts.texts[name])


def _downgrade(revision: Revision, origin: str, text: bytes) -> Downgrade:
    warnings = tuple(_warnings(revision.revision, text))
    return Downgrade(revision.revision, revision.message, origin, function_body(text, "downgrade"), warnings)


def _warnings(name: str, text: bytes) -> Iterator[str]:
    if does_nothing(text, "downgrade"):
        if not does_nothing(text, "upgrade"):
            yield f"its downgrade() does nothing: what {name} made stays"
        return
    operations = read_operations(text, function="downgrade")
    yield from _drops(operations)
    if operations.unread:
        yield f"not read: {enumerate_names(dict.fromkeys(each.what for each in operations.unread), most=3)}"


def _drops_of_upgrade(scripts: ScriptSet, name: str) -> tuple[str, ...]:
    return tuple(_drops(scripts.operations[name])) if name in scripts.operations else ()


def _drops(operations: Operations) -> Iterator[str]:
    dropped = [
        _dropped(each)
        for each in operations.done
        if each.action is Action.DROP and each.kind in (ObjectKind.TABLE, ObjectKind.COLUMN)
    ]
    if dropped:
        yield f"it drops {enumerate_names(dict.fromkeys(dropped))} with all that is in there"
    rows = [each.table for each in operations.done if each.rows is RowChange.DELETE and each.table]
    if rows:
        yield f"it deletes rows of {enumerate_names(dict.fromkeys(rows))}"


def _dropped(operation: Operation) -> str:
    name = operation.table if operation.kind is ObjectKind.TABLE else f"{operation.table}.{operation.name}"
    return f"the {operation.kind.value} {name}"


def _irreversible(downs: Iterable[Downgrade], scripts: ScriptSet) -> Refusal | None:
    for down in downs:
        if raises(scripts.texts[down.revision], "downgrade"):
            return Refusal(
                f"the downgrade() of {down.revision} raises: it cannot be taken back ({down.origin})",
                _RESTORE,
            )
    return None


def _kept(downs: Iterable[Downgrade], renamed: Iterable[PhantomChain]) -> Refusal | None:
    """Refuse to downgrade what a renamed revision is built on: the checkout keeps its tables under another id."""
    built_on = {each.revision: chain.phantom for chain in renamed for each in chain.revisions}
    for down in downs:
        if phantom := built_on.get(down.revision):
            return Refusal(
                f"{down.revision} cannot be downgraded: {phantom.revision} is built on it, and here as {phantom.successor}",
                _RESTORE,
            )
    return None


def _stamps(graph: RevisionGraph, statuses: Sequence[DatabaseStatus], stamp: tuple[str, ...]) -> Iterator[Stamp]:
    """Yield the databases' new records: the new id of what was renamed, and the stamp in place of what is lost."""
    for status in statuses:
        gone = {*status.lost, *dict(status.renamed)}
        instead = (*dict(status.renamed).values(), *(stamp if _needs_stamp(status) else ()))
        if not instead:
            continue
        recorded = status.database.recorded
        after = dict.fromkeys((*(name for name in recorded if name not in gone), *instead))
        heads = tuple(name for name in after if not any(name in graph.implied([each]) for each in after if each != name))
        yield Stamp(status.database.bind, recorded, heads, status.unaccounted)


def _reruns(scripts: ScriptSet, statuses: Sequence[DatabaseStatus]) -> Iterator[Rerun]:
    """Yield the skipped revisions of the checkout of which nothing is there, each with the databases that lack it."""
    graph, binds = scripts.graph, defaultdict[str, list[str]](list)
    for status in statuses:
        for partial in status.skipped:
            if not partial.present and partial.revision in graph:
                binds[partial.revision].append(status.database.bind)
    for name in graph.in_order_to_run(binds):
        yield Rerun(name, graph[name].message, tuple(binds[name]), _drops_of_upgrade(scripts, name))


def _notes(statuses: Sequence[DatabaseStatus]) -> Iterator[str]:
    for status in statuses:
        for partial in status.skipped:
            if partial.present:
                name = status.database.address.name
                have, lack = in_words(partial.present), in_words(partial.missing)
                yield f"{partial.revision} is only half there in {name}: {have}, {lack} not"
