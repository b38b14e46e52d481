"""From findings to plans: what a merge revision cures, and what it does not."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime

from .diagnosis import Evidence
from .finding import Finding, Severity
from .graph import Divergence
from .merge_revision import is_safe_id, latest, merge_id, merge_message, parse_date
from .plan import Commit, CreateMergeRevision, Plan, Refusal
from .provenance import Provenance, describe, enumerate_names
from .revision import Revision
from .snapshot import Snapshot
from .text import printable

_BROKEN = ("MM005", "MM003", "MM004", "MM002")
"""Findings that a merge revision would only bury; they are to be cured first."""


def plan_merges(
    snapshot: Snapshot,
    findings: Sequence[Finding],
    evidence: Evidence,
    *,
    commit: bool = True,
    commit_message: str | None = None,
) -> list[Plan | Refusal]:
    """Return a plan for each divergence of an environment, or the reason why it gets none.

    `commit_message` may name {revision}, {parents} and {message}.
    """
    broken = [finding for finding in findings if finding.code in _BROKEN and finding.severity is Severity.ERROR]
    heads = snapshot.graph.heads
    if broken and (len(heads) > 1 or not heads):
        return [Refusal(f"{finding.code} {finding.name}: {finding.message}", finding.hint) for finding in broken]
    plans = [_merge(snapshot, divergence, evidence, commit, commit_message) for divergence in snapshot.graph.divergences]
    if not plans:
        return [
            Refusal(
                f"{finding.code} {finding.name}: {finding.message}; a merge revision would tie them together for good",
                finding.hint,
            )
            for finding in findings
            if finding.code == "MM010"
        ]
    return plans


def _merge(
    snapshot: Snapshot, divergence: Divergence, evidence: Evidence, commit: bool, commit_message: str | None
) -> Plan | Refusal:
    heads = [snapshot.graph[name] for name in divergence.heads]
    if unsafe := [head for head in heads if not is_safe_id(head.revision)]:
        return Refusal(
            f"the id of {unsafe[0].path} has a quote, a backslash or a control character in it",
            f"git log -p -- {shlex.quote(unsafe[0].path)}",
        )
    names = divergence.heads
    create = CreateMergeRevision(
        snapshot.environment,
        merge_id(names),
        names,
        merge_message(heads),
        _create_date(heads, evidence.provenance),
        posixpath.dirname(heads[0].path),
    )
    steps = (create, Commit(_commit_message(create, heads, evidence, commit_message))) if commit else (create,)
    undo = "git reset --soft HEAD~1 && git rm --quiet --force" if commit else "rm"
    return Plan(steps, f"a merge revision joins {enumerate_names(names)} and changes neither", undo)


def _create_date(heads: Sequence[Revision], provenance: Mapping[str, Provenance]) -> datetime | None:
    written = [date for head in heads if (date := parse_date(head.create_date))]
    known = [provenance[head.revision].date for head in heads if head.revision in provenance]
    return latest(written) or latest(date for text in known if (date := parse_date(text)))


def _commit_message(create: CreateMergeRevision, heads: Sequence[Revision], evidence: Evidence, template: str | None) -> str:
    if template is None:
        lines = [f"Merge revisions {enumerate_names(create.parents)}", ""]
        return "\n".join([*lines, *(printable(describe(head, evidence.provenance)) for head in heads)])
    facts = {"revision": create.revision, "parents": enumerate_names(create.parents), "message": create.message}
    return re.sub(r"\{(revision|parents|message)\}", lambda blank: facts[blank[1]], template)
