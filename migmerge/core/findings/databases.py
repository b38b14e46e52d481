"""Findings about databases: MM101 to MM110 and MM014, each with the error in which a user meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..database.database import NO_ID
from ..database.effects import PartialEffects
from ..database.leftovers import Leftover
from ..database.name_clashes import noun_of
from ..database.phantom import describe_phantom
from ..database.script_set import possible_script
from ..database.status import DatabaseStatus, ids_too_long, in_words
from ..database.trial import PendingTrial
from ..environment import argument_command, command, upgrade_command
from ..finding import Finding, Hint, Severity
from ..operations.operation import ObjectKind, OtherKind
from ..text import enumerate_names
from .contradictions import altered_revisions, reused_ids, skipped_revisions, unproven_revisions
from .database_report import START_OVER, SYNC, DatabaseReport
from .registry import (
    DATABASE_UNREACHABLE,
    LEFTOVERS,
    MODELS_AHEAD,
    OVERLAPPING_RECORDS,
    PENDING_REVISIONS,
    PHANTOM_REVISION,
    UNSTAMPED_DATABASE,
    UNUSABLE_IDENTIFIER,
    symptom_of,
)

_MOST = 5
"""Differences or effects that are named one by one."""
_EXPLAIN = Hint(f"migmerge explain {PENDING_REVISIONS.code}")
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


def diagnose_databases(report: DatabaseReport) -> tuple[Finding, ...]:
    """Return the findings of an environment's databases, errors first."""
    if report.unreachable:
        return (report.finding(DATABASE_UNREACHABLE, report.unreachable.reason, Hint(report.unreachable.hint)),)
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


def _unasked(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    if others := status.database.others:
        argument, named = others.argument, enumerate_names(status.database.unasked, most=100)
        unasked = "could not be asked"
        if status.database.address.dialect != "postgresql":  # they may be another project's, or another checkout's
            record = "records" if len(others.schemas) == 1 else "record"
            unasked = f"{record} revisions of this checkout and could not be asked"
        message = f"{named} {unasked}: env.py asks for -x {argument}, which migmerge does not give"
        yield report.finding(DATABASE_UNREACHABLE, message, Hint(argument_command(report.snapshot.environment, argument)))


def _phantoms(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    chains = report.chains or {}
    for name in dict.fromkeys(status.phantoms):
        if name in NO_ID:
            message = f"{status.database.name} records {name}, which is no revision id; {_lost(status)}"
            yield report.finding(PHANTOM_REVISION, message, SYNC, (name,))._replace(symptom=None)
            continue
        message = f"{status.database.name} records {name}, which is in no script here"
        if script := possible_script(name, report.snapshot.unreadable):
            message = f"{status.database.name} records {name}, which may be in {script.path}: {script.reason}"
            unsure = report.finding(PHANTOM_REVISION, message, Hint("migmerge check"), (name,))
            yield unsure._replace(own_severity=Severity.WARNING)
            continue
        if name in chains:
            where, hint = f": {describe_phantom(chains[name].phantom)}", SYNC
        else:
            where, hint = f", nor anywhere in this clone's history; {_lost(status)}", SYNC.after("git fetch --all")
        yield report.finding(PHANTOM_REVISION, f"{message}{where}", hint, (name,))


def _overlapping(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    graph = report.snapshot.graph
    for name in status.overlapping:
        above = next(each for each in status.database.recorded if each != name and name in graph.implied([each]))
        message = (
            f"alembic_version of {status.database.name} holds {report.named(name)} and {report.named(above)}, "
            "which follows it: every upgrade fails"
        )
        yield report.finding(OVERLAPPING_RECORDS, message, SYNC, (above, name))


def _doubled(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield an MM107 for each record that is there more than once: Alembic changes one row, and stops where it finds two."""
    for each in dict.fromkeys(status.database.recorded):
        if status.database.recorded.count(each) > 1:
            what = f"alembic_version of {status.database.name} holds {report.named(each)} twice"
            finding = report.finding(
                OVERLAPPING_RECORDS, f"{what}: every upgrade from it, and every downgrade, fails", SYNC, (each,)
            )
            yield finding._replace(symptom=f"Online migration expected to match one row when updating '{each}'")


def _lost(status: DatabaseStatus) -> str:
    stamp_guess = status.stamp_guess
    if stamp_guess is None or not stamp_guess.heads:
        return "its schema fits no revision here"
    left = f", and {enumerate_names(status.unaccounted)} besides" if status.unaccounted else ""
    return f"its schema is that of {enumerate_names(stamp_guess.heads)}{left}"


def _pending(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    unsure = {each.revision for each in status.unsure_ids}
    pending = tuple(each for each in status.pending if each not in unsure)
    if not pending or status.lost or _is_unstamped(status):
        return
    graph, name = report.snapshot.graph, status.database.name
    listed = enumerate_names([report.named(each) for each in pending], most=_MOST)
    count = "1 revision has" if len(pending) == 1 else f"{len(pending)} revisions have"
    half = _half(status.unrecorded_effects)
    trial = report.trials.get(status.database.bind, PendingTrial())
    doubt = f"; nobody knows whether they run: {trial.doubt}" if trial.doubt else ""
    failures = half or _failures(status, trial)
    if half:
        hint = SYNC if _is_settled(status) else report.restore_hint(status) or START_OVER
    elif failures or status.clashes:
        hint = _EXPLAIN if failures else START_OVER
    elif ids_too_long(status):
        hint = Hint("migmerge fix")
    elif _needs_sync(status):
        hint = SYNC
    else:
        upgrade = Hint(upgrade_command(report.snapshot.environment, heads=graph.heads_once_joined))
        hint = upgrade.after("migmerge fix") if graph.divergences else upgrade
    finding = report.finding(PENDING_REVISIONS, f"{count} not run in {name}: {listed}{failures}{doubt}", hint, pending)
    yield finding._replace(own_severity=Severity.ERROR) if failures else finding


def _failures(status: DatabaseStatus, trial: PendingTrial) -> str:
    """Say which pending revisions are sure to fail, and of what."""
    clashes = [f"; {clash.revision} would fail: {clash}" for clash in status.clashes if not clash.is_foreign]
    if not (clashes or status.clashes) and trial.fails:
        return f"; {trial.fails.revision} would fail: {trial.fails}"
    return "".join(clashes)


def _needs_sync(status: DatabaseStatus) -> bool:
    """Say whether an upgrade alone would fail, or leave something skipped."""
    reused = any(not each.edited for each in status.others)
    doubled = len({*status.database.recorded}) < len(status.database.recorded)
    return bool(status.phantoms or status.skipped or status.overlapping or status.leftovers or reused or doubled)


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
        finding = report.finding(UNUSABLE_IDENTIFIER, message, Hint("migmerge fix"), (name,))
        yield finding._replace(symptom=_TOO_LONG.get(database.address.dialect))


def _half(begun: Sequence[PartialEffects]) -> str:
    """Name the effects that the database already has of pending revisions, which died half-way or were made by create_all()."""
    failures = [
        f"; {partial.revision} would fail: {in_words(partial.present)} there already"
        + (f", {in_words(partial.missing)} not" if partial.missing else "")
        for partial in begun
    ]
    return "".join(failures) + (" (it died half-way, or something else made it, as db.create_all() does)" if failures else "")


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
    named = enumerate_names(report.named(head) for head in heads)
    doubt = f" ({status.stamp_guess.doubt})" if status.stamp_guess.doubt else ""
    message = f"{database.name} {records}, but its tables are there: its schema is that of {named}{doubt}"
    # A stamp alone would leave the next upgrade to run what nobody was asked about.
    hint = SYNC if status.stamp_guess.unproven else Hint(command(report.snapshot.environment, "stamp", *heads))
    symptom = _EXISTS.get(database.address.dialect, "{table} already exists").format(table=table)
    yield report.finding(UNSTAMPED_DATABASE, message, hint, heads)._replace(symptom=symptom)


def _leftovers(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    for leftover in status.leftovers:
        name = status.database.name
        if leftover.instead:
            message = f"{name} holds {leftover}, the only copy of {leftover.instead}: a run died after it had dropped the table"
        elif leftover.revision:
            use = "which no column has" if leftover.kind is ObjectKind.ENUM else "which no revision here made and nothing uses"
            message = f"{name} holds {leftover}, {use}: {report.named(leftover.revision)} would die of it"
        else:
            message = f"{name} holds {leftover}, which a run that died has left: the next change of the table would die of it"
        revisions = (leftover.revision,) if leftover.revision else ()
        finding = report.finding(LEFTOVERS, message, SYNC, revisions)._replace(symptom=_there_already(status, leftover))
        yield finding._replace(own_severity=Severity.ERROR) if leftover.revision else finding


def _clashes(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield what no revision made, may not be dropped, and has a name that a pending revision gives."""
    for clash in status.clashes:
        if clash.is_foreign:
            there = Leftover(clash.there.kind, clash.there.name)
            owner = f" on {clash.there.table}" if clash.there.table else ""
            message = f"{status.database.name} holds {there}{owner}, which no revision here made and which has to stay"
            message += f": {report.named(clash.revision)} would fail"
            finding = report.finding(LEFTOVERS, message, START_OVER, (clash.revision,))
            yield finding._replace(symptom=_there_already(status, there), own_severity=Severity.ERROR)


def _there_already(status: DatabaseStatus, there: Leftover) -> str:
    """Return the error of a database that is to make what it has."""
    name = there.name.rpartition(".")[2]
    if status.database.address.dialect != "postgresql":
        quoted = name if there.kind in (OtherKind.VIEW, ObjectKind.INDEX) else f'"{name}"'
        return f"{noun_of(there.kind)} {quoted} already exists"
    noun = noun_of(there.kind) if there.kind in (ObjectKind.ENUM, OtherKind.FUNCTION) else "relation"
    return f'{noun} "{name}" already exists'


def _models(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    ahead = status.database.models_ahead
    if not ahead:
        return
    environment = report.snapshot.environment
    name, arguments = ("migrate", ("-m", "what it does")) if environment.kind == "flask-migrate" else _AUTOGENERATE
    message = f"the models differ from the schema of {status.database.name}: {enumerate_names(ahead, most=_MOST)}"
    if any(each.startswith("only the database has") for each in ahead):
        message += "; autogenerate would drop what only the database has: look at what it writes"
    yield report.finding(MODELS_AHEAD, message, Hint(command(environment, name, *arguments)))


DatabaseFinder = Callable[[DatabaseReport, DatabaseStatus], Iterator[Finding]]
_FINDERS: tuple[DatabaseFinder, ...] = (
    _too_long,
    _doubled,
    _overlapping,
    _phantoms,
    reused_ids,
    skipped_revisions,
    altered_revisions,
    _unstamped,
    _leftovers,
    _clashes,
    _pending,
    unproven_revisions,
    _models,
    _unasked,
)


def with_symptom(finding: Finding) -> Finding:
    """Add to a finding of the scripts the error with which Alembic stops at it."""
    return finding._replace(symptom=symptom_of(finding.kind, finding.revisions)) if finding.is_error else finding
