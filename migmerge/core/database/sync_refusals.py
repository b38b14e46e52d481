"""What keeps databases from being brought to a checkout, with the command that comes first."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..fix_plan.plan import Refusal
from ..graph import RevisionGraph
from ..operations.operation import Action, ObjectKind
from ..script.functions import raises
from ..suggestion import nearest
from ..text import enumerate_names
from .database import NO_ID
from .effects import effects_of
from .expected_table import folded
from .script_set import ScriptSet, possible_script
from .status import DatabaseStatus, PhantomChain, applied_in, ids_too_long, in_words, needs_stamp, revisions_beyond
from .sync_steps import Downgrade

_FETCH = "git fetch --all && "
_STAMP = "migmerge reset stamp"
_START_OVER = "migmerge reset"
_EXPLAIN = "migmerge doctor"


def broken(graph: RevisionGraph) -> Refusal | None:
    """Refuse to run anything where Alembic would stop before the first step."""
    for revision, reference in graph.missing:
        return Refusal(f"{revision.revision} follows {reference}, which is in no script here", "migmerge check")
    for cycle in graph.cycles:
        return Refusal(f"{enumerate_names(cycle)} follow one another in a circle", "migmerge check")
    return None


def unread(scripts: ScriptSet, statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to downgrade a recorded revision whose script may be an unreadable one of the checkout."""
    for status in statuses:
        for name in status.phantoms:
            if script := possible_script(name, scripts.unreadable):
                message = f"{status.database.name} records {name}, which may be in {script.path}: {script.reason}"
                return Refusal(message, "migmerge check")
    return None


def unknown(named: Iterable[str], scripts: ScriptSet) -> Refusal | None:
    """Refuse the ids of an option that no script has."""
    for name in named:
        if name not in scripts.graph:
            near = nearest(name, scripts.graph.revisions)
            what = f"{name} is no revision of this checkout"
            return Refusal(f"{what}; the nearest is {near}" if near else what, "migmerge graph --all")
    return None


def too_long(statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to run a revision that could not be recorded afterwards."""
    for status in statuses:
        for name in ids_too_long(status):
            database = status.database
            room = f"version_num in {database.name} takes {database.longest_id}"
            return Refusal(
                f"the id {name} has {len(name)} characters and {room}: it would run and not be recorded", "migmerge fix"
            )
    return None


def lost(statuses: Sequence[DatabaseStatus], stamp: tuple[str, ...]) -> Refusal | None:
    """Refuse to guess the revision of a database whose records nobody understands, and offer the nearest one."""
    for status in () if stamp else statuses:
        if not needs_stamp(status):
            continue
        name, stamp_guess = status.database.name, status.stamp_guess
        why = f"{name} records {enumerate_names(status.lost)}, which is nowhere to be found"
        if not status.lost:
            why = f"{name} has the tables of revisions and records none"
        fetch = _FETCH if not {*status.lost}.issubset(NO_ID) else ""
        if stamp_guess is None or not stamp_guess.heads:
            stamp_base = f"{_STAMP} --to base --database {shlex.quote(name)}"
            return Refusal(f"{why}, and its schema fits no revision here", f"{fetch}{stamp_base}")
        left = f"; {enumerate_names(status.unaccounted)} would stay behind" if status.unaccounted else ""
        doubt = f"; {stamp_guess.doubt}" if stamp_guess.doubt else ""
        hint = f"{fetch}migmerge sync {' '.join(f'--stamp {head}' for head in stamp_guess.heads)}"
        return Refusal(f"{why}; its schema is that of {enumerate_names(stamp_guess.heads)}{left}{doubt}", hint)
    return None


def begun(statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to run a revision that died half-way, or whose tables something else made: it would fail at the first of them."""
    for status in statuses:
        for unclear in status.unclear:
            message = f"{unclear} does in part what has run in {status.database.name} under another id"
            return Refusal(f"{message}; what is left of it cannot be told from its text", "migmerge graph")
        for partial in status.unrecorded_effects:
            if partial.revision in status.made or (partial.revision in status.remainders and len(statuses) == 1):
                continue
            name = status.database.name
            failure = f"{partial.revision} would fail in {name}: {in_words(partial.present)} there already"
            rest = f", {in_words(partial.missing)} not" if partial.missing else ", all that it makes"
            return Refusal(f"{failure}{rest}", _START_OVER)
    return None


def clashing(statuses: Sequence[DatabaseStatus]) -> Refusal | None:
    """Refuse to run a revision that makes what is there already and may not be dropped for it."""
    for status in statuses:
        for clash in status.clashes:
            why = f"{clash.revision} would fail in {status.database.name}: {clash}"
            return Refusal(f"{why}; nothing was changed", _START_OVER if clash.is_foreign else _EXPLAIN)
    return None


def renamed_away(statuses: Sequence[DatabaseStatus], scripts: ScriptSet) -> Refusal | None:
    """Refuse to keep a phantom that renamed a table of the checkout: it would be made anew, empty, beside the renamed one."""
    names = scripts.graph.in_order_to_run(scripts.graph.revisions)
    for status in statuses:
        made = (
            {folded(each.table) for each in effects_of(names, scripts.operations, status.database.bind)} if status.kept else set()
        )
        there = {folded(each) for each in status.database.schema.tables}
        for name in sorted(status.kept - dict(status.renamed).keys()):
            for each in scripts.operations[name].done:
                table = folded(each.table or "")
                if each.action is Action.RENAME and each.kind is ObjectKind.TABLE and table in made - there:
                    why = f"{name} renamed {each.table} in {status.database.name} and made what this checkout makes as well"
                    return Refusal(f"{why}: to keep it loses {each.table}, to take it back loses the rest", _START_OVER)
    return None


def irreversible(downs: Iterable[Downgrade], scripts: ScriptSet, hint: Callable[[str], str]) -> Refusal | None:
    """Refuse to downgrade a revision whose script says that nothing takes it back; `hint` returns what leads on from it."""
    for down in downs:
        if raises(down.text or scripts.texts[down.revision], "downgrade"):
            message = f"the downgrade() of {down.revision} raises: it cannot be taken back ({down.origin})"
            return Refusal(message, hint(down.revision))
    return None


def recording_hint(revision: str, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain]) -> str:
    """Return the command that records what the schema of a database fits, of the first one that has run a revision."""
    concerned = next((each for each in statuses if revision in revisions_beyond(each, chains)), statuses[0])
    return f"{_STAMP} --database {shlex.quote(concerned.database.name)}"


def in_the_way(
    graph: RevisionGraph, statuses: Sequence[DatabaseStatus], chains: Mapping[str, PhantomChain], going: frozenset[str]
) -> Refusal | None:
    """Refuse to downgrade below a recorded revision that the checkout lacks, or that is nowhere."""
    for status in statuses:
        for name in status.phantoms:
            below = going & applied_in(graph, [name], chains)
            if below or name in status.lost:
                on = f" and has run on top of {enumerate_names(sorted(below))}" if below else ""
                return Refusal(f"{status.database.name} records {name}, which is in no script here{on}", "migmerge sync")
    return None
