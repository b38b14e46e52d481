"""Findings of recorded revisions that a database contradicts, or does not confirm: MM103, MM108, MM109, and reused ids."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ..database.coverage import Coverage
from ..database.effects import Effect
from ..database.reused_ids import OtherScript, nothing_tells
from ..database.status import DatabaseStatus, in_words
from ..environment import upgrade_command
from ..finding import Finding, Hint, Severity
from ..text import enumerate_names
from .database_report import START_OVER, SYNC, DatabaseReport
from .registry import EDITED_SINCE_RUN, SKIPPED_REVISION, UNPROVEN_REVISION
from .unproven import altered_message, unproven_hint, unproven_message

_MISSING = {
    "sqlite": "no such {kind}: {name}",
    "postgresql": '{relation} "{name}" does not exist',
    "mysql": "Table '{table}' doesn't exist",
    "mariadb": "Table '{table}' doesn't exist",
}


def skipped_revisions(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    coverage = report.coverages.get(status.database.bind)
    edited = {name: _other_text(name, blob) for name, blob in (coverage.edited if coverage else {}).items()}
    edited |= {each.revision: each for each in status.others if each.edited}
    for partial in status.skipped:
        if partial.revision in edited:
            finding = _edited(report, status, edited[partial.revision], f"{in_words(partial.missing)} not there")
            yield finding._replace(symptom=_missing_symptom(status.database.address.dialect, partial.missing[0]))
            continue
        name = status.database.name
        what = f"{in_words(partial.missing)} not there"
        half = f", though {in_words(partial.present)}" if partial.present else ""
        message = f"{name} records {report.named(partial.revision)} as run, but {what}{half}"
        is_cured = partial.revision in status.remainders or not (partial.present or partial.revision in status.phantoms)
        hint = SYNC if is_cured else report.restore_hint(status) or START_OVER
        finding = report.finding(SKIPPED_REVISION, message, hint, (partial.revision,))
        yield finding._replace(symptom=_missing_symptom(status.database.address.dialect, partial.missing[0]))


def _edited(report: DatabaseReport, status: DatabaseStatus, other: OtherScript, difference: str) -> Finding:
    """Return the finding of a script that was edited after it had run: its additions run alone, or the edit is taken back."""
    revision = other.revision
    message = f"{status.database.name} ran {report.named(revision)} {_as_it_was(other)}; it was edited since then: {difference}"
    take_back = Hint(_command_back(other, report.snapshot.graph[revision].path))
    return report.finding(EDITED_SINCE_RUN, message, SYNC if revision in status.remainders else take_back, (revision,))


def _other_text(revision: str, blob: str) -> OtherScript:
    return OtherScript(revision, "", "", edited=True, blob=blob)


def _as_it_was(other: OtherScript) -> str:
    return f"as commit {other.commit[:10]} has it" if other.commit else f"in another version (git show {other.blob[:10]})"


def _command_back(other: OtherScript, path: str) -> str:
    if other.commit:
        return shlex.join(["git", "checkout", other.commit[:10], "--", path])
    return f"git cat-file blob {other.blob[:10]} > {shlex.quote(path)}"


def reused_ids(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield the recorded ids under which another script ran, or may have run."""
    for other in status.others:
        name, graph = status.database.name, report.snapshot.graph
        if other.edited:
            continue
        if not other.is_sure:
            yield _unsure_id(report, status, other)
            continue
        here = f", here {report.named(other.successor)}" if other.successor else ""
        message = (
            f"{name} records {other.revision} for {other.described}{here}: "
            f"{report.named(other.revision) if other.revision in graph else other.revision} of this checkout has not run"
        )
        yield report.finding(SKIPPED_REVISION, message, SYNC, (other.revision,))


def _unsure_id(report: DatabaseReport, status: DatabaseStatus, other: OtherScript) -> Finding:
    """Return the finding of an id of which nothing tells what ran under it: an upgrade is right after one of the two alone."""
    assert other.successor
    graph = report.snapshot.graph
    upgrade = upgrade_command(report.snapshot.environment, heads=graph.heads_once_joined)
    twice = "" if other.successor in {each.revision for each in status.others} else f" and runs {other.successor} a second time"
    message = (
        f"{nothing_tells(other, status.database.name, graph)}: in the second case {upgrade} leaves {other.revision} out{twice}, "
        "in the first it is right"
    )
    return report.finding(UNPROVEN_REVISION, message, SYNC, (other.revision, other.successor))


def _missing_symptom(dialect: str, effect: Effect) -> str | None:
    kind = effect.kind.value
    pattern = _MISSING.get(dialect)
    if pattern is None or kind not in ("table", "column"):
        return None
    if kind == "column" and dialect in ("mysql", "mariadb"):
        return f"Unknown column '{effect.name}'"
    name = effect.name if kind == "column" else effect.table
    return pattern.format(kind=kind, relation="column" if kind == "column" else "relation", name=name, table=effect.table)


def altered_revisions(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    """Yield a warning for each revision whose work something else has changed since, and MM109 where its script was."""
    coverage = report.coverages.get(status.database.bind)
    if coverage is None:
        return
    for name, facts in (coverage.altered or {}).items():
        if name in coverage.edited:
            yield _edited(report, status, _other_text(name, coverage.edited[name]), enumerate_names(facts, most=4))
            continue
        message = altered_message(status.database.name, report.named(name), facts)
        hint = unproven_hint(Coverage((), (name,), is_deep=True))
        yield report.finding(SKIPPED_REVISION, message, hint, (name,))._replace(own_severity=Severity.WARNING)


def unproven_revisions(report: DatabaseReport, status: DatabaseStatus) -> Iterator[Finding]:
    coverage = report.coverages.get(status.database.bind)
    if coverage and (coverage.unproven or not coverage.is_judged):
        message = unproven_message(status.database.name, coverage, lambda name: report.named(name))
        yield report.finding(UNPROVEN_REVISION, message, unproven_hint(coverage), coverage.unproven)
