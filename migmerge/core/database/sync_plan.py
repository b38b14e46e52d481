"""The plan that brings databases to the checkout; it is shown before the first step runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..fix_plan.plan import Refusal
from ..graph import RevisionGraph
from ..operations.interpreter.statements import read_operations
from ..order import sorted_after
from ..revision import Revision
from ..script.functions import function_body
from ..text import enumerate_names
from .leftovers import enums_made_by, left_by_downgrade
from .losses import losses_of_downgrade, losses_of_upgrade
from .phantom import describe_phantom
from .remainder import Remainder
from .reused_ids import nothing_tells
from .script_set import ScriptSet
from .status import DatabaseStatus, PhantomChain, in_words, needs_stamp, revisions_beyond
from .sync_refusals import (
    begun,
    broken,
    clashing,
    in_the_way,
    irreversible,
    lost,
    recording_hint,
    renamed_away,
    too_long,
    unknown,
    unread,
)
from .sync_steps import NOTHING_SAID, Complete, Discard, Downgrade, Rerun, Stamp, SyncPlan, SyncStep, Upgrade, UsersWord


def plan_sync(
    scripts: ScriptSet,
    statuses: Sequence[DatabaseStatus],
    chains: Mapping[str, PhantomChain],
    word: UsersWord = NOTHING_SAID,
) -> SyncPlan | Refusal:
    """Plan to downgrade phantoms, run skipped revisions and then pending ones.

    A phantom that the checkout has under another id, or whose tables it makes again, is not downgraded: what it did is
    recorded as the checkout has it. At no time a database records a revision that has not run, but for one that it has
    recorded before. A revision is run on every database of the environment that needs it.
    """
    if (
        refusal := broken(scripts.graph)
        or unread(scripts, statuses)
        or unknown((*word.stamp, *word.rerun), scripts)
        or too_long(statuses)
    ):
        return refusal
    if refusal := lost(statuses, word.stamp) or renamed_away(statuses, scripts) or begun(statuses) or clashing(statuses):
        return refusal
    downs = (*_downgrades(scripts, statuses, chains), *_downgrades_of_reused(scripts, statuses))
    if refusal := irreversible(downs, scripts, lambda revision: recording_hint(revision, statuses, chains)):
        return refusal
    records = [_Records(status, scripts, chains, word.stamp) for status in statuses]
    steps = (
        *(step for each in records for step in each.before_downgrades()),
        *downs,
        *_discards(scripts, statuses, chains),
        *(step for each in records for step in each.after_downgrades()),
        *_completions(scripts, statuses, word.rerun),
        *_reruns(scripts, statuses, word.rerun),
        *_to_the_checkout(scripts, records),
    )
    ran = {each.bind: each.ran for each in records}
    beyond = {each.database.bind: (revisions_beyond(each, chains).keys() - each.kept) | {*each.going} for each in statuses}
    named = tuple(_named(steps, statuses, _Concerned(ran, beyond)))
    return SyncPlan(named, tuple(_notes(scripts, statuses, word.rerun)), tuple(_doubts(scripts, statuses, chains)))


def plan_downgrade_first(
    scripts: ScriptSet, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain], moved: Iterable[str]
) -> SyncPlan | Refusal:
    """Plan to downgrade the revisions that are about to be moved, and all that was run on top of them."""
    graph, going = scripts.graph, frozenset(moved)
    if refusal := broken(graph) or in_the_way(graph, statuses, chains, going):
        return refusal
    applied = frozenset().union(*(status.applied for status in statuses))
    above = (name for name in reversed(graph.in_order_to_run(applied)) if not going.isdisjoint(graph.implied([name])))
    downs = tuple(
        _downgrade(graph[name], f"{graph[name].message or '(no message)'}  (about to be re-parented)", scripts.texts[name])
        for name in above
    )
    applied_by = {status.database.bind: status.applied for status in statuses}
    refusal = irreversible(downs, scripts, lambda _: "migmerge fix --strategy merge")
    return refusal or SyncPlan(tuple(_named(downs, statuses, _Concerned({}, applied_by))))


class _Concerned(NamedTuple):
    """Hold by bind what has run before the upgrades, and what the downgrades take back."""

    ran: Mapping[str, Collection[str]]
    going: Mapping[str, Collection[str]]

    def by(self, step: SyncStep) -> Collection[str]:
        """Return the binds of the databases that a step changes."""
        match step:
            case Rerun():
                return step.binds
            case Upgrade():
                return [bind for bind, ran in self.ran.items() if step.revision not in ran]
            case Downgrade():
                return [bind for bind, going in self.going.items() if step.revision in going]
        return (step.bind,)


def _named(steps: Iterable[SyncStep], statuses: Sequence[DatabaseStatus], concerned: _Concerned) -> Iterator[SyncStep]:
    """Name the databases of each step, where there are several."""
    names = {status.database.bind: status.database.name for status in statuses}
    for step in steps:
        yield replace(step, where=tuple(names[bind] for bind in concerned.by(step))) if len(names) > 1 else step


class _Records:
    """Follow what one database records while the steps run, and say where that has to be replaced."""

    def __init__(
        self, status: DatabaseStatus, scripts: ScriptSet, chains: Mapping[str, PhantomChain], stamp: tuple[str, ...]
    ) -> None:
        graph = scripts.graph
        self._status, self._graph = status, graph
        self._below_going = [name for each in status.going for name in scripts.older[each].revision.down_revisions]
        self._beyond = revisions_beyond(status, chains)
        self._with_beyond = RevisionGraph((self._beyond | graph.revisions).values())
        self._rows = status.database.recorded
        self._stamp = stamp if needs_stamp(status) else ()
        self.ran = graph.implied(stamp) if self._stamp else frozenset() if status.is_emptied else status.applied | {*status.made}
        self.remainders = {name: each for name, each in status.remainders.items() if name not in status.applied}
        self.bind = status.database.bind
        self._done = {name for name in self.ran if graph.implied([name]) <= self.ran}

    def before_downgrades(self) -> Iterator[Stamp]:
        """Replace what Alembic cannot start from: ids that nobody knows, and a revision beside one that it follows."""
        known = [name for name in self._rows if name not in self._status.lost]
        yield from self._replaced(self._heads((*known, *self._stamp)))

    def after_downgrades(self) -> Iterator[Stamp]:
        """Replace what is left of phantoms that are not taken back by what the checkout has in their place."""
        going = self._beyond.keys() - self._status.kept
        if going:
            self._rows = self._heads(self._with_beyond.implied(self._rows) - going)
        if self._status.going:
            self._rows = self._heads((*(name for name in self._rows if name not in self._status.going), *self._below_going))
        yield from self._replaced(self._heads(self._done))

    def run(self, name: str) -> None:
        """Note that a revision is recorded by its own upgrade."""
        self._done.add(name)
        self._rows = self._heads(self._done)

    def know(self, name: str) -> None:
        """Note that a revision has run already, and is to be recorded."""
        self._done.add(name)

    def recorded(self) -> Iterator[Stamp]:
        """Record what has run already, where that is not recorded yet."""
        yield from self._replaced(self._heads(self._done))

    def _heads(self, names: Iterable[str]) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(names))
        implied = self._with_beyond.overlapping(found)
        return tuple(name for name in found if name not in implied)

    def _replaced(self, after: tuple[str, ...]) -> Iterator[Stamp]:
        before, self._rows = self._rows, after
        if sorted(before) != sorted(after):
            left = tuple(sorted({*self._status.unaccounted, *map(str, self._status.left)}))
            yield Stamp(self._status.database.bind, before, tuple(sorted(after)), left)


def _to_the_checkout(scripts: ScriptSet, records: Sequence[_Records]) -> Iterator[Upgrade | Complete | Stamp]:
    """Yield the upgrades that each database lacks, and between them the records of what has run already."""
    graph = scripts.graph
    for name in graph.in_order_to_run(graph.revisions):
        lacking = [each for each in records if name not in each.ran]
        for each in records:
            if each not in lacking:
                each.know(name)
        if lacking:
            for each in records:
                yield from each.recorded()
            begun = [each for each in lacking if name in each.remainders]
            if begun:
                left = begun[0].remainders[name]
                yield Complete(name, graph[name].message, begun[0].bind, left.body, left.text, is_recorded=False)
            else:
                yield Upgrade(name, graph[name].message, losses_of_upgrade(name, scripts))
            for each in lacking:
                each.run(name)
    for each in records:
        yield from each.recorded()


def _downgrades(
    scripts: ScriptSet, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain]
) -> Iterator[Downgrade]:
    """Yield the downgrade of each revision of phantoms that is not kept, before those of the revisions that it needs."""
    found: dict[str, tuple[Revision, str]] = {}
    for status in statuses:
        for chain in (chains[name] for name in status.phantoms if name in chains):
            for revision in chain.revisions:
                below = replace(chain.phantom, revision=revision.revision, path=revision.path, message=revision.message)
                if revision.revision not in status.kept:
                    found.setdefault(revision.revision, (revision, describe_phantom(below)))
    graph = RevisionGraph(revision for revision, _ in found.values())
    needed_by = {name: [other for other in found if name in graph.needs(other)] for name in found}
    # Revisions of two commits may follow one another in a circle: they come last, in any order.
    for name in dict.fromkeys((*sorted_after(needed_by, found), *found)):
        revision, origin = found[name]
        rest = statuses[0].remainders.get(name) if len(statuses) == 1 else None
        yield _rest_of_downgrade(revision, origin, rest) if rest else _downgrade(revision, origin, scripts.texts[name])


def _downgrades_of_reused(scripts: ScriptSet, statuses: Sequence[DatabaseStatus]) -> Iterator[Downgrade]:
    """Yield the downgrades of what ran under ids that the checkout has given to other scripts."""
    for name in dict.fromkeys(name for status in statuses for name in status.going):
        revision, text, commit, _ = scripts.older[name]
        origin = f"what ran under this id, as commit {commit[:10]} has it" if commit else "what ran under this id"
        yield replace(_downgrade(revision, origin, text), text=text)


def _downgrade(revision: Revision, origin: str, text: bytes) -> Downgrade:
    warnings = tuple(losses_of_downgrade(revision.revision, text))
    return Downgrade(revision.revision, revision.message, origin, function_body(text, "downgrade"), warnings)


def _rest_of_downgrade(revision: Revision, origin: str, rest: Remainder) -> Downgrade:
    step = _downgrade(revision, f"what is left of it; {origin}", rest.text)
    return replace(step, body=rest.body, text=rest.text)


def _discards(scripts: ScriptSet, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain]) -> Iterator[Discard]:
    """Yield what earlier runs left, and the enum types that the downgrades of this plan leave."""
    for status in statuses:
        found = {str(each): each for each in status.leftovers}
        if status.database.address.dialect == "postgresql":
            kept = enums_made_by((*status.applied, *status.kept), scripts)
            for name in revisions_beyond(status, chains).keys() - status.kept:
                downgrade = read_operations(scripts.texts[name], "downgrade")
                found |= {str(each): each for each in left_by_downgrade(name, scripts.operations[name], downgrade, kept)}
        yield from (Discard(status.database.bind, each) for each in found.values())


def _completions(scripts: ScriptSet, statuses: Sequence[DatabaseStatus], wanted: Sequence[str]) -> Iterator[Complete]:
    """Yield what is missing of recorded revisions that a database has in part, and what edits added to those that are wanted."""
    for status in statuses:
        rest = dict(status.remainders)
        rest |= {name: left for name, left in status.edits.items() if name in wanted and left.body}
        for name in scripts.graph.in_order_to_run(rest.keys() & status.applied):
            left, message = rest[name], scripts.graph[name].message
            yield Complete(name, message, status.database.bind, left.body, left.text, is_recorded=True, is_all=left.is_all)


def _reruns(scripts: ScriptSet, statuses: Sequence[DatabaseStatus], wanted: Sequence[str]) -> Iterator[Rerun]:
    """Yield the recorded revisions of which nothing is there, and those that are wanted, each with the databases concerned."""
    graph, binds = scripts.graph, defaultdict[str, list[str]](list)
    for status in statuses:
        edited = {each.revision for each in status.others if each.edited}
        skipped = [each.revision for each in status.skipped if not each.present and each.revision not in edited]
        for name in dict.fromkeys(() if status.is_emptied else (*skipped, *wanted)):
            if name in graph.revisions and name in status.applied and name not in status.edits:
                binds[name].append(status.database.bind)
    for name in graph.in_order_to_run(binds):
        yield Rerun(name, graph[name].message, tuple(binds[name]), losses_of_upgrade(name, scripts))


def _notes(scripts: ScriptSet, statuses: Sequence[DatabaseStatus], rerun: Sequence[str]) -> Iterator[str]:
    """Say what the steps do not put right."""
    for status in statuses:
        name = status.database.name
        for partial in status.skipped:
            if partial.revision not in status.remainders and (partial.present or partial.revision in scripts.older):
                have = f"{in_words(partial.present)}, " if partial.present else ""
                yield f"{partial.revision} is only half there in {name}: {have}{in_words(partial.missing)} not"
        for each in () if status.is_emptied else status.unproven:
            if each not in rerun:
                title = f'{each} "{scripts.graph[each].message}"' if scripts.graph[each].message else each
                yield f"nothing in {name} tells whether {_unproven(each, title, status)}"


def _unproven(revision: str, title: str, status: DatabaseStatus) -> str:
    """Say what nothing tells of a revision, and the command that settles it."""
    runs = f"migmerge sync --rerun {revision}"
    if revision not in status.rewritten:
        return f"{title} ran; {runs} runs it"
    if revision in status.edits:
        return f"what was added to {title} ran; {runs} runs that"
    return f"{title} ran as it is now, for it was edited; migmerge doctor --deep --assume-applied takes your word that it did"


def _doubts(scripts: ScriptSet, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain]) -> Iterator[str]:
    """Say between which versions of a phantom nothing decides, and under which ids another script may have run."""
    for status in statuses:
        for other in status.unsure_ids:
            yield f"{nothing_tells(other, status.database.name, scripts.graph)}; the plan takes the second"
        for name in status.phantoms:
            commits = chains[name].unsure if name in chains else ()
            if commits and name not in status.kept:
                others = enumerate_names(commit[:10] for commit in commits[1:])
                what = f"{name} ran as commit {commits[0][:10]} has it, or as {others}"
                yield f"nothing in {status.database.name} tells whether {what}; the plan takes the first"
