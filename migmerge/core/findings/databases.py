"""Findings about databases: MM101 to MM110 and MM014, each with the error in which a user meets it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..database.coverage import Coverage
from ..database.database import Unreachable
from ..database.effects import Effect, PartialEffects
from ..database.phantom import describe_phantom
from ..database.reused_ids import OtherScript
from ..database.script_set import possible_script
from ..database.status import DatabaseStatus, PhantomChain, ids_too_long, in_words
from ..environment import argument_command, command, upgrade_command
from ..finding import Finding, FindingKind, Hint, Severity
from ..snapshot import Snapshot
from ..text import enumerate_names
from .registry import (
    DATABASE_UNREACHABLE,
    EDITED_SINCE_RUN,
    LEFTOVERS,
    MODELS_AHEAD,
    OVERLAPPING_RECORDS,
    PENDING_REVISIONS,
    PHANTOM_REVISION,
    SKIPPED_REVISION,
    UNPROVEN_REVISION,
    UNSTAMPED_DATABASE,
    UNUSABLE_IDENTIFIER,
    symptom_of,
)
from .unproven import altered_message, unproven_hint, unproven_message

_SYNC = Hint("migmerge sync")
_START_OVER = Hint("migmerge reset")
_MOST = 5
"""Differences or effects that are named one by one."""
_AUTOGENERATE = ("revision", ("--autogenerate", "-m", "what it does"))
_EXISTS = {
    "sqlite": "table {table} already exists",
    "postgresql": 'relation "{table}" already exists',
    "mysql": "Table '{table}' already exists",
    "mariadb": "Table '{table}' already exists",
}
_TOO_LONG = {
    "postgresql": "value too long for type character varying(32)",
    "mysql": "Data too long for column 'version_num'",
    "mariadb": "Data too long for column 'version_num'",
}
_MISSING = {
    "sqlite": "no such {kind}: {name}",
    "postgresql": '{relation} "{name}" does not exist',
    "mysql": "Table '{table}' doesn't exist",
    "mariadb": "Table '{table}' doesn't exist",
}


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """Hold what was learnt of an environment's databases; `snapshot` is the work tree's, whose scripts Alembic loads.

    `restore_scripts` are the newest scripts that put a backup back, by bind, and `coverages` say how far the recorded revisions
    were judged, by bind too.
    """

    snapshot: Snapshot
    statuses: tuple[DatabaseStatus, ...] = ()
    chains: Mapping[str, PhantomChain] | None = None
    unreachable: Unreachable | None = None
    restore_scripts: Mapping[str, str] = field(default_factory=dict)
    coverages: Mapping[str, Coverage] = field(default_factory=dict)

    @property
    def is_judged(self) -> bool:
        """Say whether the databases could be asked, and a replay that was asked for told something."""
        is_asked = not self.unreachable and not any(each.database.others for each in self.statuses)
        return is_asked and all(each.is_judged for each in self.coverages.values())


def diagnose_databases(report: DatabaseReport) -> tuple[Finding, ...]:
    """Return the findings of an environment's databases, errors first."""
    if report.unreachable:
        return (_finding(report, DATABASE_UNREACHABLE, report.unreachable.reason, Hint(report.unreachable.hint)),)
    found = [finding for status in report.statuses for find in _FINDERS for finding in find(report, status)]
    return tuple(sorted(found, key=lambda finding: list(Severity).index(finding.severity)))


def after_scripts(finding: Finding, of_scripts: Iterable[Finding]) -> Finding:
    """Return a finding about a database with the hint that cures the scripts first, where Alembic cannot run them."""
    concerned = [each for each in of_scripts if each.environment == finding.environment]
    first = [each for each in concerned if (each.is_error and each.kind.blocks_fix) or stops(each, finding.revisions)]
    if finding.kind is not PENDING_REVISIONS or not first:
        return finding
    return finding._replace(message=f"{finding.message}; {first[0].code} comes first", hint=first[0].hint)


def stops(of_scripts: Finding, pending: Iterable[str]) -> bool:
    """Say whether no database gets past the scripts of a finding, of which it has one still to run."""
    return of_scripts.stops_upgrade and not set(of_scripts.revisions).isdisjoint(pending)


def _finding(report: DatabaseReport, kind: FindingKind, message: str, hint: Hint, revisions: tuple[str, ...] = ()) -> Finding:
    snapshot = report.snapshot
    paths = tuple(snapshot.graph[name].path for name in revisions if name in snapshot.graph)
    symptom = symptom_of(kind, revisions)
    return Finding(kind, snapshot.environment.name, message, hint, revisions, paths, symptom=symptom)


def _unasked(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    if others := status.database.others:
        address, argument = status.database.address, others.argument
        schemas = enumerate_names((f"{address.name}.{schema}" for schema in others.schemas), most=100)
        message = f"{schemas} could not be asked: env.py asks for -x {argument}, which migmerge does not give"
        yield _finding(report, DATABASE_UNREACHABLE, message, Hint(argument_command(report.snapshot.environment, argument)))


def _phantoms(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    chains = report.chains or {}
    for name in status.phantoms:
        message = f"{status.database.name} records {name}, which is in no script here"
        if script := possible_script(name, report.snapshot.unreadable):
            message = f"{status.database.name} records {name}, which may be in {script.path}: {script.reason}"
            unsure = _finding(report, PHANTOM_REVISION, message, Hint("migmerge check"), (name,))
            yield unsure._replace(own_severity=Severity.WARNING)
            continue
        if name in chains:
            where, hint = f": {describe_phantom(chains[name].phantom)}", _SYNC
        else:
            where, hint = f", nor anywhere in this clone's history; {_lost(status)}", _SYNC.after("git fetch --all")
        yield _finding(report, PHANTOM_REVISION, f"{message}{where}", hint, (name,))


def _overlapping(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    graph = report.snapshot.graph
    for name in status.overlapping:
        above = next(each for each in status.database.recorded if each != name and name in graph.implied([each]))
        message = (
            f"alembic_version of {status.database.name} holds {_named(report, name)} and {_named(report, above)}, "
            "which follows it: every upgrade fails"
        )
        yield _finding(report, OVERLAPPING_RECORDS, message, _SYNC, (above, name))


def _lost(status: DatabaseStatus) -> str:
    stamp_guess = status.stamp_guess
    if stamp_guess is None or not stamp_guess.heads:
        return "its schema fits no revision here"
    left = f", and {enumerate_names(status.unaccounted)} besides" if status.unaccounted else ""
    return f"its schema is that of {enumerate_names(stamp_guess.heads)}{left}"


def _pending(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    if not status.pending or status.lost or _is_unstamped(status):
        return
    graph, name = report.snapshot.graph, status.database.name
    listed = enumerate_names([_named(report, each) for each in status.pending], most=_MOST)
    count = "1 revision has" if len(status.pending) == 1 else f"{len(status.pending)} revisions have"
    half = _half(status.unrecorded_effects)
    if half:
        hint = _SYNC if _is_settled(status) else _restore(report, status) or _START_OVER
    elif ids_too_long(status):
        hint = Hint("migmerge fix")
    elif _needs_sync(status):
        hint = _SYNC
    else:
        upgrade = Hint(upgrade_command(report.snapshot.environment, heads=graph.heads_once_joined))
        hint = upgrade.after("migmerge fix") if graph.divergences else upgrade
    yield _finding(report, PENDING_REVISIONS, f"{count} not run in {name}: {listed}{half}", hint, status.pending)


def _needs_sync(status: DatabaseStatus) -> bool:
    """Say whether an upgrade alone would fail, or leave something skipped."""
    reused = any(not each.edited for each in status.others)
    return bool(status.phantoms or status.skipped or status.overlapping or status.leftovers or reused)


def _restore(report: DatabaseReport, status: DatabaseStatus) -> Hint | None:
    """Return the command that restores the state before the step that died."""
    script = report.restore_scripts.get(status.database.bind)
    return Hint(f"sh {shlex.quote(script)}") if script else None


def _is_settled(status: DatabaseStatus) -> bool:
    """Say whether it is known of each revision with effects, and no record, what is left to do of it."""
    return all(each.revision in status.made or each.revision in status.remainders for each in status.unrecorded_effects)


def _too_long(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield an MM014 for each pending revision whose id the version table of the database does not take."""
    for name in ids_too_long(status):
        database = status.database
        message = (
            f"the id {name} has {len(name)} characters and version_num in {database.name} takes {database.longest_id}: "
            "the upgrade dies after the revision ran"
        )
        finding = _finding(report, UNUSABLE_IDENTIFIER, message, Hint("migmerge fix"), (name,))
        yield finding._replace(symptom=_TOO_LONG.get(database.address.dialect))


def _half(begun: Sequence[PartialEffects]) -> str:
    """Name the effects that the database already has of pending revisions, which died half-way or were made by create_all()."""
    failures = [
        f"; {partial.revision} would fail: {in_words(partial.present)} there already"
        + (f", {in_words(partial.missing)} not" if partial.missing else "")
        for partial in begun
    ]
    return "".join(failures) + (" (it died half-way, or something else made it, as db.create_all() does)" if failures else "")


def _skipped(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    edited = {each.revision: each for each in status.others if each.edited}
    for partial in status.skipped:
        if partial.revision in edited:
            yield _edited(report, status, partial, edited[partial.revision])
            continue
        name = status.database.name
        what = f"{in_words(partial.missing)} not there"
        half = f", though {in_words(partial.present)}" if partial.present else ""
        message = f"{name} records {_named(report, partial.revision)} as run, but {what}{half}"
        is_cured = partial.revision in status.remainders or not (partial.present or partial.revision in status.phantoms)
        hint = _SYNC if is_cured else _restore(report, status) or _START_OVER
        finding = _finding(report, SKIPPED_REVISION, message, hint, (partial.revision,))
        yield finding._replace(symptom=_missing_symptom(status.database.address.dialect, partial.missing[0]))


def _edited(report: DatabaseReport, status: DatabaseStatus, partial: PartialEffects, other: OtherScript) -> Finding:
    """Return the finding of a script that was edited after it had run: its additions run alone, or the edit is taken back."""
    name, path = status.database.name, report.snapshot.graph[partial.revision].path
    message = (
        f"{name} ran {_named(report, partial.revision)} {_as_it_was(other)}; it was edited since then: "
        f"{in_words(partial.missing)} not there"
    )
    take_back = Hint(_command_back(other, path))
    hint = _SYNC if partial.revision in status.remainders else take_back
    finding = _finding(report, EDITED_SINCE_RUN, message, hint, (partial.revision,))
    return finding._replace(symptom=_missing_symptom(status.database.address.dialect, partial.missing[0]))


def _as_it_was(other: OtherScript) -> str:
    return (
        f"as commit {other.commit[:10]} has it" if other.commit else f"in a version that no commit has (blob {other.blob[:10]})"
    )


def _command_back(other: OtherScript, path: str) -> str:
    if other.commit:
        return shlex.join(["git", "checkout", other.commit[:10], "--", path])
    return f"git cat-file blob {other.blob[:10]} > {shlex.quote(path)}"


def _reused(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield the recorded ids under which another script ran."""
    for other in status.others:
        if other.edited:
            continue
        name, graph = status.database.name, report.snapshot.graph
        what = f'"{other.message}"' if other.message else "another script"
        here = f", here {_named(report, other.successor)}" if other.successor else ""
        message = (
            f"{name} records {other.revision} for {what}{f' of commit {other.commit[:10]}' if other.commit else ''}{here}: "
            f"{_named(report, other.revision) if other.revision in graph else other.revision} of this checkout has not run"
        )
        yield _finding(report, SKIPPED_REVISION, message, _SYNC, (other.revision,))


def _missing_symptom(dialect: str, effect: Effect) -> str | None:
    kind = effect.kind.value
    pattern = _MISSING.get(dialect)
    if pattern is None or kind not in ("table", "column"):
        return None
    if kind == "column" and dialect in ("mysql", "mariadb"):
        return f"Unknown column '{effect.name}'"
    name = effect.name if kind == "column" else effect.table
    return pattern.format(kind=kind, relation="column" if kind == "column" else "relation", name=name, table=effect.table)


def _altered(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield a warning for each revision whose work something else has changed since: no revision was skipped."""
    coverage = report.coverages.get(status.database.bind)
    for name, facts in (coverage.altered or {}).items() if coverage else ():
        message = altered_message(status.database.name, _named(report, name), facts)
        hint = unproven_hint(Coverage((), (name,), is_deep=True))
        yield _finding(report, SKIPPED_REVISION, message, hint, (name,))._replace(own_severity=Severity.WARNING)


def _unproven(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    coverage = report.coverages.get(status.database.bind)
    if coverage and (coverage.unproven or not coverage.is_judged):
        message = unproven_message(status.database.name, coverage, lambda name: _named(report, name))
        yield _finding(report, UNPROVEN_REVISION, message, unproven_hint(coverage), coverage.unproven)


def _is_unstamped(status: DatabaseStatus) -> bool:
    stamp_guess = status.stamp_guess
    return not status.database.recorded and stamp_guess is not None and bool(stamp_guess.heads)


def _unstamped(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    if not _is_unstamped(status):
        return
    assert status.stamp_guess
    database, heads = status.database, status.stamp_guess.heads
    table = min(database.schema.tables, default="")
    records = "has no alembic_version table" if not database.has_version_table else "has nothing in alembic_version"
    named = enumerate_names(_named(report, head) for head in heads)
    doubt = f" ({enumerate_names(status.stamp_guess.unproven)} leave no trace to tell)" if status.stamp_guess.unproven else ""
    message = f"{database.name} {records}, but its tables are there: its schema is that of {named}{doubt}"
    hint = Hint(command(report.snapshot.environment, "stamp", *heads))
    symptom = _EXISTS.get(database.address.dialect, "{table} already exists").format(table=table)
    yield _finding(report, UNSTAMPED_DATABASE, message, hint, heads)._replace(symptom=symptom)


def _leftovers(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    for leftover in status.leftovers:
        name = status.database.name
        if leftover.instead:
            message = f"{name} holds {leftover}, the only copy of {leftover.instead}: a run died after it had dropped the table"
        elif leftover.revision:
            message = f"{name} holds {leftover}, which no column has: {_named(report, leftover.revision)} would die of it"
        else:
            message = f"{name} holds {leftover}, which a run that died has left: the next change of the table would die of it"
        revisions = (leftover.revision,) if leftover.revision else ()
        symptom = f"{str(leftover).removeprefix('the ').replace(leftover.name, repr(leftover.name))} already exists"
        yield _finding(report, LEFTOVERS, message, _SYNC, revisions)._replace(symptom=symptom.replace("'", '"'))


def _models(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    ahead = status.database.models_ahead
    if not ahead:
        return
    environment = report.snapshot.environment
    name, arguments = ("migrate", ("-m", "what it does")) if environment.kind == "flask-migrate" else _AUTOGENERATE
    message = f"the models differ from the schema of {status.database.name}: {enumerate_names(ahead, most=_MOST)}"
    if any(each.startswith("only the database has") for each in ahead):
        message += "; autogenerate would drop what only the database has: look at what it writes"
    yield _finding(report, MODELS_AHEAD, message, Hint(command(environment, name, *arguments)))


def _named(report: DatabaseReport, name: str) -> str:
    graph = report.snapshot.graph
    message = graph[name].message if name in graph else ""
    return f'{name} "{message}"' if message else name


DatabaseFinder = Callable[[DatabaseReport, DatabaseStatus], Iterator[Finding]]
_FINDERS: tuple[DatabaseFinder, ...] = (
    _too_long,
    _overlapping,
    _phantoms,
    _reused,
    _skipped,
    _altered,
    _unstamped,
    _leftovers,
    _pending,
    _unproven,
    _models,
    _unasked,
)


def with_symptom(finding: Finding) -> Finding:
    """Add to a finding of the scripts the error with which Alembic stops at it."""
    return finding._replace(symptom=symptom_of(finding.kind, finding.revisions)) if finding.is_error else finding
