"""What `check` found, for a program; keys are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..core.finding import Finding
from ..core.provenance import Provenance
from ..core.revision import Revision
from ..core.snapshot import Snapshot

VERSION = 1

Provenances = Mapping[str, Mapping[str, Provenance]]
"""By the environment's path, then by revision id."""


Sides = tuple[Mapping[str, Sequence[Revision]], Mapping[str, Sequence[Revision]]]
"""What a commit, and what the branch it would be merged into, brings to each environment."""


def findings_as_json(
    commit: str | None,
    against: str | None,
    snapshots: Sequence[Snapshot],
    findings: Sequence[Finding],
    provenance: Provenances,
    sides: Sides | None = None,
) -> str:
    """Return the whole answer in the documented shape, in ASCII, so that it passes through any terminal unharmed."""
    answer = {
        "version": VERSION,
        "commit": commit,
        "against": against,
        "environments": [
            _environment(snapshot, provenance.get(snapshot.environment.path, {})) | _sides(snapshot, sides)
            for snapshot in snapshots
        ],
        "findings": [_finding(finding) for finding in findings],
    }
    return json.dumps(answer, indent=1)


def _sides(snapshot: Snapshot, sides: Sides | None) -> dict[str, object]:
    if sides is None:
        return {}
    commit, against = ([revision.revision for revision in side.get(snapshot.environment.path, ())] for side in sides)
    return {"brings": {"commit": commit, "against": against}}


def _environment(snapshot: Snapshot, provenance: Mapping[str, Provenance]) -> dict[str, object]:
    environment, graph = snapshot.environment, snapshot.graph
    return {
        "path": environment.path,
        "kind": environment.kind,
        "versions": list(environment.versions),
        "revisions": len(graph),
        "heads": [_head(graph[head], provenance.get(head)) for head in graph.heads],
    }


def _head(revision: Revision, known: Provenance | None) -> dict[str, object]:
    return {
        "revision": revision.revision,
        "path": revision.path,
        "message": revision.message,
        "labels": list(revision.branch_labels),
        "commit": known.commit if known else None,
        "author": known.author if known else None,
        "date": known.date if known else None,
        "branches": list(known.branches) if known else [],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "environment": finding.environment,
        "message": finding.message,
        "hint": finding.hint,
        "revisions": list(finding.revisions),
        "branch_point": finding.branch_point,
        "paths": list(finding.paths),
        "lines": list(finding.lines),
        "symptom": finding.symptom,
    }
