"""The way from what a database has run to what the checkout has: planned, shown and only then gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..cures.plan import Refusal
from ..environment import Environment, command
from ..graph import RevisionGraph
from ..operations.operation import Action, Kind, Operation
from ..operations.upgrade import read_operations
from ..provenance import enumerate_names
from ..revision import Revision
from ..script.bodies import body_of, does_nothing, raises
from .condition import Condition, Lineage, Scripts, in_words
from .phantom import describe_phantom


@dataclass(frozen=True, slots=True)
class Down:
    """Run the downgrade of a revision that the checkout lacks, with its own script; `body` is what it does, in lines."""

    revision: str
    message: str
    origin: str
    body: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """Run the upgrade of a revision that is recorded and was skipped."""

    revision: str
    message: str


@dataclass(frozen=True, slots=True)
class Up:
    """Run the upgrade of a pending revision."""

    revision: str
    message: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """Record other revisions than before in the database of a bind, and run nothing; `left` are tables that stay behind."""

    bind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    left: tuple[str, ...] = ()


Move = Down | Again | Up | Stamp


@dataclass(frozen=True, slots=True)
class Journey:
    """Hold the moves in their order, and what they leave undone."""

    moves: tuple[Move, ...]
    notes: tuple[str, ...] = ()


def plan_journey(
    environment: Environment,
    scripts: Scripts,
    conditions: Sequence[Condition],
    lineages: Mapping[str, Lineage],
    stamp: tuple[str, ...] = (),
) -> Journey | Refusal:
    """Plan to take phantoms back, run what was skipped and then what is pending; `stamp` stands for what is lost.

    A revision is run on every database of the environment that needs it.
    """
    if refusal := _unknown(stamp, scripts) or _lost(conditions, stamp) or _begun(environment, conditions):
        return refusal
    renamed = {name for each in conditions for name, _ in each.renamed}
    downs = tuple(_downs(scripts, [lineage for name, lineage in lineages.items() if name not in renamed]))
    if refusal := _irreversible(downs, scripts):
        return refusal
    graph = scripts.graph
    stamps = tuple(_stamps(graph, conditions, stamp))
    stamped = graph.implied(stamp)
    skipped = {trace.revision for each in conditions for trace in each.skipped if not trace.present}
    pending = {name for each in conditions for name in each.pending if not (_needs_stamp(each) and name in stamped)}
    again = (Again(name, graph[name].message) for name in graph.in_order_to_run(skipped & graph.revisions.keys()))
    ups = (Up(name, graph[name].message) for name in graph.in_order_to_run(pending))
    return Journey((*downs, *stamps, *again, *ups), tuple(_notes(conditions)))


def plan_taking_back(scripts: Scripts, applied: Iterable[str], moved: Iterable[str]) -> Journey | Refusal:
    """Plan to downgrade what is about to be moved, and all that was run on top of it."""
    graph, going = scripts.graph, frozenset(moved)
    above = [name for name in reversed(graph.in_order_to_run(applied)) if not going.isdisjoint(graph.ancestors(name))]
    downs = tuple(
        _down(graph[name], f"{graph[name].message or '(no message)'}  (about to be re-parented)", scripts.texts[name])
        for name in above
    )
    return _irreversible(downs, scripts) or Journey(downs)


def _needs_stamp(condition: Condition) -> bool:
    return bool(condition.lost) or (not condition.database.recorded and bool(condition.estimate and condition.estimate.heads))


def _unknown(stamp: tuple[str, ...], scripts: Scripts) -> Refusal | None:
    strange = [name for name in stamp if name not in scripts.graph]
    return Refusal(f"{strange[0]} is no revision of this checkout", "migmerge graph --all") if strange else None


def _lost(conditions: Sequence[Condition], stamp: tuple[str, ...]) -> Refusal | None:
    """Refuse to guess where a database is whose records nobody understands, and offer the nearest place."""
    for condition in () if stamp else conditions:
        if not _needs_stamp(condition):
            continue
        name, estimate = condition.database.address.name, condition.estimate
        why = f"{name} records {enumerate_names(condition.lost)}, which is nowhere to be found"
        if not condition.lost:
            why = f"{name} has the tables of revisions and records none"
        if estimate is None or not estimate.heads:
            return Refusal(f"{why}, and its schema fits no revision here", "git fetch --all, or migmerge reset")
        left = f"; {enumerate_names(condition.unaccounted)} would stay behind" if condition.unaccounted else ""
        doubt = f"; {enumerate_names(estimate.unproven)} leave no trace to tell whether they ran" if estimate.unproven else ""
        fetch = "git fetch --all first; else " if condition.lost else ""
        hint = f"{fetch}migmerge sync {' '.join(f'--stamp {head}' for head in estimate.heads)}"
        return Refusal(f"{why}; its schema is that of {enumerate_names(estimate.heads)}{left}{doubt}", hint)
    return None


def _begun(environment: Environment, conditions: Sequence[Condition]) -> Refusal | None:
    """Refuse to run a migration that died half-way, or whose work was done by other means: it would stop at what is there."""
    for condition in conditions:
        for trace in condition.begun:
            name = condition.database.address.name
            told = f"{trace.revision} would fail in {name}: {in_words(trace.present)} there already"
            rest = f", {in_words(trace.missing)} not" if trace.missing else ", all that it makes"
            if condition.done:
                return Refusal(f"{told}{rest}", command(environment, "stamp", *condition.done))
            hint = "migmerge doctor names the backup that brings back what was before; or drop what is there"
            return Refusal(f"{told}{rest}", hint)
    return None


def _downs(scripts: Scripts, lineages: Iterable[Lineage]) -> Iterator[Down]:
    """Yield the phantoms and what the checkout lacks below them, each before what it stands on."""
    waiting: dict[str, tuple[Revision, str]] = {}
    for lineage in lineages:
        phantom = lineage.phantom
        for revision in lineage.revisions:
            below = replace(phantom, revision=revision.revision, path=revision.path, message=revision.message)
            waiting.setdefault(revision.revision, (revision, describe_phantom(below)))
    while waiting:
        needed = {parent for each, _ in waiting.values() for parent in (*each.down_revisions, *each.depends_on)}
        free = [name for name in waiting if name not in needed] or list(waiting)
        for name in free:
            revision, origin = waiting.pop(name)
            yield _down(revision, origin, scripts.texts[name])


def _down(revision: Revision, origin: str, text: bytes) -> Down:
    warnings = tuple(_warnings(revision.revision, text))
    return Down(revision.revision, revision.message, origin, body_of(text, "downgrade"), warnings)


def _warnings(name: str, text: bytes) -> Iterator[str]:
    if does_nothing(text, "downgrade"):
        if not does_nothing(text, "upgrade"):
            yield f"its downgrade() does nothing: what {name} made stays"
        return
    operations = read_operations(text, function="downgrade")
    dropped = [
        _dropped(each) for each in operations.done if each.action is Action.DROP and each.kind in (Kind.TABLE, Kind.COLUMN)
    ]
    if dropped:
        yield f"it drops {enumerate_names(dict.fromkeys(dropped))} with all that is in there"
    if operations.unread:
        yield f"not read: {enumerate_names(dict.fromkeys(each.what for each in operations.unread), most=3)}"


def _dropped(operation: Operation) -> str:
    name = operation.table if operation.kind is Kind.TABLE else f"{operation.table}.{operation.name}"
    return f"the {operation.kind.value} {name}"


def _irreversible(downs: Iterable[Down], scripts: Scripts) -> Refusal | None:
    for down in downs:
        if raises(scripts.texts[down.revision], "downgrade"):
            return Refusal(
                f"the downgrade() of {down.revision} raises: it cannot be taken back ({down.origin})",
                "restore a backup from before it, or migmerge reset",
            )
    return None


def _stamps(graph: RevisionGraph, conditions: Sequence[Condition], stamp: tuple[str, ...]) -> Iterator[Stamp]:
    """Yield what is recorded anew: another id for what was renamed, and the place that stands for what is lost."""
    for condition in conditions:
        gone = {*condition.lost, *dict(condition.renamed)}
        instead = (*dict(condition.renamed).values(), *(stamp if _needs_stamp(condition) else ()))
        if not instead:
            continue
        recorded = condition.database.recorded
        after = dict.fromkeys((*(name for name in recorded if name not in gone), *instead))
        heads = tuple(
            name for name in after if not any(name in graph.ancestors(each) for each in after if each in graph and each != name)
        )
        yield Stamp(condition.database.bind, recorded, heads, condition.unaccounted)


def _notes(conditions: Sequence[Condition]) -> Iterator[str]:
    for condition in conditions:
        for trace in condition.skipped:
            if trace.present:
                name = condition.database.address.name
                yield f"{trace.revision} is only half there in {name}: {in_words(trace.present)}, {in_words(trace.missing)} not"
