"""What is wrong with a database, with the error in which a user meets it and the command that cures it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..environment import command, upgrade_command
from ..finding import Finding, Severity
from ..provenance import enumerate_names
from ..snapshot import Snapshot
from .condition import Condition, Lineage, in_words
from .effects import Effect, Trace
from .phantom import describe_phantom
from .state import Unreachable

SYNC = "migmerge sync"
_MOST = 5
"""Differences or effects that are named one by one."""
_NOT_UP_TO_DATE = "Target database is not up to date."
_EXISTS = {
    "sqlite": "table {table} already exists",
    "postgresql": 'relation "{table}" already exists',
    "mysql": "Table '{table}' already exists",
    "mariadb": "Table '{table}' already exists",
}
_MISSING = {
    "sqlite": "no such {kind}: {name}",
    "postgresql": '{relation} "{name}" does not exist',
    "mysql": "Table '{table}' doesn't exist",
    "mariadb": "Table '{table}' doesn't exist",
}


@dataclass(frozen=True, slots=True)
class Checkup:
    """Hold what was learnt of an environment's databases; `snapshot` is the work tree's, whose scripts Alembic loads.

    `ways_back` are the newest scripts that put a backup back, by bind.
    """

    snapshot: Snapshot
    conditions: tuple[Condition, ...] = ()
    lineages: Mapping[str, Lineage] | None = None
    unreachable: Unreachable | None = None
    ways_back: Mapping[str, str] = field(default_factory=dict)


def diagnose_databases(checkup: Checkup) -> tuple[Finding, ...]:
    """Return the findings of an environment's databases, errors first."""
    if checkup.unreachable:
        return (_finding(checkup, "MM106", Severity.WARNING, checkup.unreachable.reason, checkup.unreachable.hint),)
    found = [finding for condition in checkup.conditions for look in _LOOKS for finding in look(checkup, condition)]
    return tuple(sorted(found, key=lambda finding: list(Severity).index(finding.severity)))


def _finding(
    checkup: Checkup,
    code: str,
    severity: Severity,
    message: str,
    hint: str,
    revisions: tuple[str, ...] = (),
    symptom: str | None = None,
) -> Finding:
    graph = checkup.snapshot.graph
    paths = tuple(graph[name].path for name in revisions if name in graph)
    return Finding(code, severity, checkup.snapshot.environment.path, message, hint, revisions, paths, symptom=symptom)


def _phantoms(checkup: Checkup, condition: Condition) -> Iterator[Finding]:
    lineages = checkup.lineages or {}
    for name in condition.phantoms:
        told = f"{condition.database.address.name} records {name}, which is in no script here"
        if name in lineages:
            where, hint = f": {describe_phantom(lineages[name].phantom)}", SYNC
        else:
            where, hint = f", nor anywhere in this clone's history; {_lost(condition)}", f"git fetch --all && {SYNC}"
        yield _finding(
            checkup, "MM101", Severity.ERROR, f"{told}{where}", hint, (name,), f"Can't locate revision identified by '{name}'"
        )


def _lost(condition: Condition) -> str:
    estimate = condition.estimate
    if estimate is None or not estimate.heads:
        return "its schema fits no revision here"
    left = f", and {enumerate_names(condition.unaccounted)} besides" if condition.unaccounted else ""
    return f"its schema is that of {enumerate_names(estimate.heads)}{left}"


def _pending(checkup: Checkup, condition: Condition) -> Iterator[Finding]:
    if not condition.pending or condition.lost or _is_unstamped(condition):
        return
    graph, name = checkup.snapshot.graph, condition.database.address.name
    listed = enumerate_names([_named(checkup, each) for each in condition.pending], most=_MOST)
    count = "1 revision has" if len(condition.pending) == 1 else f"{len(condition.pending)} revisions have"
    half = _half(condition.begun)
    if half:
        hint = _restore(checkup, condition) or _stamp_what_ran(checkup, condition)
    elif condition.phantoms or condition.skipped:
        hint = SYNC
    else:
        upgrade = upgrade_command(checkup.snapshot.environment, heads=graph.heads_once_joined)
        hint = f"migmerge fix && {upgrade}" if graph.divergences else upgrade
    message = f"{count} not run in {name}: {listed}{half}"
    yield _finding(checkup, "MM102", Severity.WARNING, message, hint, condition.pending, _NOT_UP_TO_DATE)


def _restore(checkup: Checkup, condition: Condition) -> str | None:
    """Return the command that brings back the state before the move that died."""
    script = checkup.ways_back.get(condition.database.bind)
    return f"sh {shlex.quote(script)}" if script else None


def _stamp_what_ran(checkup: Checkup, condition: Condition) -> str:
    return command(checkup.snapshot.environment, "stamp", *condition.done) if condition.done else f"{SYNC} --dry-run"


def _half(begun: Sequence[Trace]) -> str:
    """Say what of a pending revision is there already: it died on a database whose DDL is in no transaction, or create_all()."""
    told = [
        f"; {trace.revision} would fail: {in_words(trace.present)} there already"
        + (f", {in_words(trace.missing)} not" if trace.missing else "")
        for trace in begun
    ]
    return "".join(told) + (" (it died half-way, or something else made it, as db.create_all() does)" if told else "")


def _skipped(checkup: Checkup, condition: Condition) -> Iterator[Finding]:
    for trace in condition.skipped:
        name = condition.database.address.name
        what = f"{in_words(trace.missing)} not there"
        half = f", though {in_words(trace.present)}" if trace.present else ""
        message = f"{name} records {_named(checkup, trace.revision)} as run, but {what}{half}"
        hint = (_restore(checkup, condition) or f"{SYNC} --dry-run") if trace.present else SYNC
        symptom = _missing_symptom(condition.database.address.dialect, trace.missing[0])
        yield _finding(checkup, "MM103", Severity.ERROR, message, hint, (trace.revision,), symptom)


def _missing_symptom(dialect: str, effect: Effect) -> str | None:
    kind = effect.kind.value
    pattern = _MISSING.get(dialect)
    if pattern is None or kind == "index":
        return None
    if kind == "column" and dialect in ("mysql", "mariadb"):
        return f"Unknown column '{effect.name}'"
    name = effect.name if kind == "column" else effect.table
    return pattern.format(kind=kind, relation="column" if kind == "column" else "relation", name=name, table=effect.table)


def _is_unstamped(condition: Condition) -> bool:
    estimate = condition.estimate
    return not condition.database.recorded and estimate is not None and bool(estimate.heads)


def _unstamped(checkup: Checkup, condition: Condition) -> Iterator[Finding]:
    if not _is_unstamped(condition):
        return
    assert condition.estimate
    database, heads = condition.database, condition.estimate.heads
    table = min(database.schema.tables, default="")
    records = "has no alembic_version table" if not database.has_version_table else "has nothing in alembic_version"
    named = enumerate_names(_named(checkup, head) for head in heads)
    doubt = f" ({enumerate_names(condition.estimate.unproven)} leave no trace to tell)" if condition.estimate.unproven else ""
    yield _finding(
        checkup,
        "MM104",
        Severity.ERROR,
        f"{database.address.name} {records}, but its tables are there: its schema is that of {named}{doubt}",
        command(checkup.snapshot.environment, "stamp", *heads),
        heads,
        _EXISTS.get(database.address.dialect, "{table} already exists").format(table=table),
    )


def _models(checkup: Checkup, condition: Condition) -> Iterator[Finding]:
    ahead = condition.database.models_ahead
    if not ahead:
        return
    environment = checkup.snapshot.environment
    name, arguments = ("migrate", ("-m", "what it does")) if environment.kind == "flask-migrate" else _AUTOGENERATE
    message = f"the models differ from the schema of {condition.database.address.name}: {enumerate_names(ahead, most=_MOST)}"
    if any(each.startswith("only the database has") for each in ahead):
        message += "; autogenerate would drop what only the database has: look at what it writes"
    yield _finding(
        checkup, "MM105", Severity.WARNING, message, command(environment, name, *arguments), (), "New upgrade operations detected"
    )


_AUTOGENERATE = ("revision", ("--autogenerate", "-m", "what it does"))


def _named(checkup: Checkup, name: str) -> str:
    graph = checkup.snapshot.graph
    message = graph[name].message if name in graph else ""
    return f'{name} "{message}"' if message else name


Look = Callable[[Checkup, Condition], Iterator[Finding]]
_LOOKS: tuple[Look, ...] = (_phantoms, _skipped, _unstamped, _pending, _models)


def with_symptom(finding: Finding) -> Finding:
    """Add to a finding of the scripts the error with which Alembic stops at it."""
    names = finding.revisions
    symptoms = {
        "MM001": "Multiple head revisions are present for given argument 'head'",
        "MM002": f"KeyError: '{names[-1]}'" if names else None,
        "MM003": f"Revision {names[0]} is present more than once" if names else None,
        "MM004": f"Cycle is detected in revisions ({', '.join(names)})",
    }
    return replace(finding, symptom=symptoms.get(finding.code))
