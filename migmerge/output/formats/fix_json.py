"""The JSON documents of `fix` and `undo`: the plans with their steps, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...core.finding import Finding
from ...core.fix_plan.plan import (
    Applied,
    Commit,
    CreateMergeRevision,
    Outcome,
    Plan,
    Refusal,
    Refused,
    RemoveScript,
    RewriteScript,
    RunProjectCode,
    Step,
    WouldApply,
)
from ...core.fix_plan.undo_plan import UndoPlan, UndoReport
from .change_json import change_part
from .json import document, finding_part


class FixReport(NamedTuple):
    """Hold what `fix` has found first, what it did or would do, what it refused, and the commands that come next.

    `notes` say what was finished or taken back of an earlier run that was killed.
    """

    findings: Sequence[Finding] = ()
    outcomes: Sequence[Outcome] = ()
    refusals: Sequence[Refusal] = ()
    next: Sequence[str] = ()
    notes: Sequence[str] = ()


def fix_as_json(report: FixReport, *, dry_run: bool) -> str:
    """Return the document of `fix`."""
    applied = any(isinstance(each, Applied) for each in report.outcomes)
    return document(
        dry_run=dry_run,
        findings=[finding_part(each) for each in report.findings],
        plans=[_plan(each.plan) | {"outcome": _outcome(each)} for each in report.outcomes],
        refusals=[_refusal(each) for each in report.refusals],
        undo="migmerge undo" if applied else None,
        next=list(report.next),
        notes=list(report.notes),
    )


def _refusal(refusal: Refusal | Refused) -> dict[str, object]:
    return {"message": refusal.message, "hint": refusal.hint}


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "title": plan.title,
        "reason": plan.reason,
        "revisions": list(plan.revisions),
        "notes": list(plan.notes),
        "diff": list(plan.diff),
        "steps": [_step(each) for each in plan.steps],
    }


def _step(step: Step) -> dict[str, object]:
    match step:
        case CreateMergeRevision():
            said = {"revision": step.revision, "parents": list(step.parents), "message": step.message, "folder": step.folder}
            return {"kind": "write", "environment": step.environment.name, **said}
        case RunProjectCode():
            new = {"commands": list(step.commands), "new": list(step.new), "unsure": step.unsure}
            return {"kind": "run", "path": step.path, "what": step.what, "python": step.python, **new}
        case RewriteScript():
            return {"kind": "change", "path": step.path, "new_path": step.new_path, "uncommitted": step.uncommitted}
        case RemoveScript():
            return {"kind": "remove", "path": step.path, "uncommitted": step.uncommitted}
        case Commit():
            return {"kind": "commit", "message": step.message}


def _outcome(outcome: Outcome) -> dict[str, object]:
    """Return the state, the paths that are or would be written, the commit, what a dry run would write, and a refusal."""
    parts: dict[str, object] = {"paths": [], "commit": None, "text": None, "message": None, "hint": None}
    match outcome:
        case Applied():
            return {**parts, "state": "applied", "paths": list(outcome.paths), "commit": outcome.commit}
        case WouldApply():
            return {**parts, "state": "planned", "paths": list(outcome.paths), "text": outcome.text}
        case Refused():
            return {**parts, "state": "refused", **_refusal(outcome)}


def undo_as_json(report: UndoReport, notes: Sequence[str], *, dry_run: bool) -> str:
    """Return the document of `undo`, with the keys of `undo --list`: the changes are those that are taken back."""
    return document(
        changes=[change_part(each) for each in reversed(report.entries)],
        damaged=list(report.damaged),
        dry_run=dry_run,
        state=report.state,
        plan=_undo_plan(report.plan) if report.plan else None,
        refusal=_refusal(report.refusal) if report.refusal else None,
        notes=list(notes),
    )


def _undo_plan(plan: UndoPlan) -> dict[str, object]:
    return {
        "files": [{"path": each.path, "verb": "remove" if each.before is None else "restore"} for each in plan.files],
        "databases": [
            {"environment": environment, "name": each.name, "bind": each.bind, "restore_script": each.restore_script}
            for environment, each in plan.databases
        ],
        "commit": plan.commit,
        "head": plan.head,
    }
