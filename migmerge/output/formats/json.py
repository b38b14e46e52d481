"""The JSON documents of `check`, `doctor`, `explain`, `forecast`, `graph` and `backups`; keys are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...core.finding import Finding
from ...core.provenance import Provenance
from ...core.revision import Revision
from ...core.snapshot import Snapshot

TYPE_CHECKING = False  # each document imports only its own: those of doctor take 20 ms, which check does not need
if TYPE_CHECKING:
    from ...core.branch_merge import BranchForecast
    from ...core.database.coverage import Coverage
    from ...core.database.kept_backup import KeptBackup
    from ...core.findings.database_report import DatabaseReport
    from ...core.findings.explanation import Explanation
    from ...core.graph_layout import GraphLayout, Row
    from ..graph.labels import LaidOutGraph
    from ..text.doctor import Health

VERSION = 1
MOST_BRANCHES = 20
"""Of those that contain a head: in a repository of hundreds of branches nearly all contain an old one."""
_FORECAST_KEYS = {"code", "name", "severity", "environment", "message", "revisions", "paths"}
"""What `forecast` shows of a finding."""

Provenances = Mapping[str, Mapping[str, Provenance]]
"""Provenance by the environment's path, then by revision id."""

Sides = tuple[Mapping[str, Sequence[Revision]], Mapping[str, Sequence[Revision]]]
"""The revisions that a commit, and those that the branch it is merged into, adds, by the environment's path."""


@dataclass(frozen=True, slots=True)
class CheckedTree:
    """Hold the checked tree: its kind and commits, its environments, the provenance of its heads, and the sides of a merge.

    `hidden` are the names of the environments that are judged as HEAD has them, for the work tree has nothing of them.
    """

    kind: str
    commit: str | None
    against: str | None
    snapshots: Sequence[Snapshot]
    provenance: Provenances = field(default_factory=dict)
    sides: Sides | None = None
    hidden: frozenset[str] = frozenset()


def findings_as_json(tree: CheckedTree, findings: Sequence[Finding]) -> str:
    """Return the document of `check`, like all documents here in ASCII, which no terminal's encoding alters."""
    return document(**_check_parts(tree, findings))


def document(**parts: object) -> str:
    """Return a document with the version that all of them have."""
    return json.dumps({"version": VERSION, **parts}, indent=1)


def _check_parts(tree: CheckedTree, findings: Sequence[Finding]) -> dict[str, object]:
    return {
        "tree": tree.kind,
        "commit": tree.commit,
        "against": tree.against,
        "environments": [
            _environment(snapshot, tree.provenance.get(snapshot.environment.name, {}))
            | {"hidden": snapshot.environment.name in tree.hidden}
            | _sides(snapshot, tree.sides)
            for snapshot in tree.snapshots
        ],
        "findings": [finding_part(finding) for finding in findings],
    }


def _sides(snapshot: Snapshot, sides: Sides | None) -> dict[str, object]:
    if sides is None:
        return {}
    commit, against = ([revision.revision for revision in side.get(snapshot.environment.name, ())] for side in sides)
    return {"brings": {"commit": commit, "against": against}}


def _environment(snapshot: Snapshot, provenance: Mapping[str, Provenance]) -> dict[str, object]:
    environment, graph = snapshot.environment, snapshot.graph
    return {
        "path": environment.path,
        "name": environment.name,
        "kind": environment.kind,
        "versions": list(environment.versions),
        "problem": environment.problem,
        "revisions": len(graph),
        "heads": [_head(graph[head], provenance.get(head)) for head in graph.heads],
    }


def _head(revision: Revision, known: Provenance | None) -> dict[str, object]:
    return {
        "revision": revision.revision,
        "path": revision.path,
        "message": revision.message,
        "labels": list(revision.branch_labels),
        **_origin(known, "commit", "author", "date"),
        "branches": list(known.branches[:MOST_BRANCHES]) if known else [],
    }


def _origin(known: Provenance | None, *keys: str) -> dict[str, object]:
    return {key: getattr(known, key, None) for key in keys}


def finding_part(finding: Finding) -> dict[str, object]:
    """Return a finding as all documents have it."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "environment": finding.environment,
        "message": finding.message,
        "hint": str(finding.hint),
        "revisions": list(finding.revisions),
        "branch_point": finding.branch_point,
        "paths": list(finding.paths),
        "lines": list(finding.lines),
        "symptom": finding.symptom,
    }


def graph_as_json(layouts: Sequence[LaidOutGraph]) -> str:
    """Return the document of `graph`."""
    return document(environments=[_graph_environment(*each) for each in layouts])


def _graph_environment(layout: GraphLayout, provenance: dict[str, Provenance]) -> dict[str, object]:
    environment = layout.snapshot.environment
    return {
        "path": environment.path,
        "name": environment.name,
        "kind": environment.kind,
        "revisions": [_graph_revision(row, provenance.get(row.name)) for row in layout.rows if row.revision],
        "hidden": layout.hidden,
    }


def _graph_revision(row: Row, known: Provenance | None) -> dict[str, object]:
    from ...core.graph_layout import Mark

    revision = row.revision
    assert revision
    return {
        "revision": revision.revision,
        "down_revisions": list(revision.down_revisions),
        "depends_on": list(revision.depends_on),
        "labels": list(revision.branch_labels),
        "message": revision.message,
        "path": revision.path,
        **_origin(known, "author", "commit", "date", "branch"),
        "head": Mark.HEAD in row.marks,
        "branch_point": Mark.BRANCH_POINT in row.marks,
        "merge": Mark.MERGE in row.marks,
        "base": Mark.BASE in row.marks,
    }


def doctor_as_json(tree: CheckedTree, health: Health, findings: Sequence[Finding]) -> str:
    """Return the document of `doctor`: that of `check` with the hooks and the databases."""
    return document(
        **_check_parts(tree, findings),
        hooks={"installed": health.hooks is None, "reason": health.hooks.reason if health.hooks else None},
        databases=[each for report in health.databases for each in _databases(report)],
    )


def _databases(report: DatabaseReport) -> list[dict[str, object]]:
    environment = report.snapshot.environment.name
    if report.unreachable:
        return [{"environment": environment, "reachable": False, "reason": report.unreachable.reason}]
    return [
        {
            "environment": environment,
            "reachable": True,
            "name": status.database.name,
            "bind": status.database.bind,
            "schema": status.database.tenant or None,
            "dialect": status.database.address.dialect,
            "url": status.database.address.url,
            "forward": status.database.forward.server if status.database.forward else None,
            "recorded": list(status.database.recorded),
            "pending": list(status.pending),
            "phantoms": list(status.phantoms),
            "skipped": [trace.revision for trace in status.skipped],
            "coverage": _coverage(report.coverages.get(status.database.bind)),
        }
        for status in report.statuses
    ]


def _coverage(coverage: Coverage | None) -> dict[str, object] | None:
    """Return how far the recorded revisions were judged; nothing where other findings say that nothing is known of them."""
    if coverage is None:
        return None
    return {
        "deep": coverage.is_deep,
        "judged": coverage.is_judged,
        "reason": coverage.reason_of_failure() or None,
        "revisions": coverage.total,
        "verified": list(coverage.verified),
        "unproven": list(coverage.unproven),
        "assumed": list(coverage.assumed),
        "foreign_tables": list(coverage.foreign),
        "foreign_parts": list(coverage.foreign_parts),
    }


def backups_as_json(backups: Sequence[KeptBackup]) -> str:
    """Return the backups, the newest first."""
    return document(backups=[_backup(each) for each in backups])


def _backup(backup: KeptBackup) -> dict[str, object]:
    return {
        "name": backup.name,
        "path": backup.path,
        "time": backup.time.astimezone().isoformat(timespec="seconds"),
        "size": backup.size,
        "database": backup.database or None,
        "bind": backup.bind,
        "url": backup.url or None,
        "before": backup.occasion._asdict() if backup.occasion.command else None,
        "finished": backup.finished,
        "restore_script": backup.restore_script or None,
    }


def forecasts_as_json(forecasts: Sequence[BranchForecast], head: str, left_out: int) -> str:
    """Return the document of `forecast`; `left_out` is the number of branches that were not compared."""
    return document(commit=head, left_out=left_out, branches=[_branch(each) for each in forecasts])


def _branch(forecast: BranchForecast) -> dict[str, object]:
    return {
        "branches": list(forecast.names),
        "commit": forecast.commit,
        "author": forecast.author,
        "date": forecast.date,
        "revisions": list(forecast.brought),
        "verdict": forecast.verdict.value,
        "conflicts": list(forecast.conflicts),
        "findings": [
            {key: value for key, value in finding_part(each).items() if key in _FORECAST_KEYS} for each in forecast.findings
        ],
    }


def explanations_as_json(explanations: Sequence[Explanation]) -> str:
    """Return the document of `explain`."""
    return document(findings=[_explanation(each) for each in explanations])


def _explanation(explanation: Explanation) -> dict[str, object]:
    kind = explanation.kind
    return {
        "code": kind.code,
        "name": kind.name,
        "severity": kind.severity.value,
        "title": kind.title,
        "symptom": explanation.symptom or None,
        "cause": kind.cause,
        "cure": kind.cure,
        "example": {"before": list(explanation.happened), "command": explanation.command, "said": list(explanation.said)},
        "page": explanation.page,
    }
