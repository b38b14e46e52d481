"""The JSON documents of `sync` and `reset`: plans for databases, with their steps and warnings, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.database.backup import Backup
from ...core.database.database import Database
from ...core.database.reset_plan import ResetPlan, ResetReport
from ...core.database.sync_outcome import SyncOutcome
from ...core.database.sync_steps import Complete, Discard, Downgrade, Rerun, Stamp, SyncStep, Upgrade
from .json import document, finding_part


def sync_as_json(outcomes: Mapping[str, SyncOutcome], notes: Sequence[str], *, dry_run: bool) -> str:
    """Return the document of `sync`, with an outcome by the name of each environment, and the notes of all of it."""
    environments = [_environment(name, each) for name, each in outcomes.items()]
    return document(dry_run=dry_run, environments=environments, notes=list(dict.fromkeys(notes)))


def _environment(name: str, outcome: SyncOutcome) -> dict[str, object]:
    plan, run, refusal = outcome.plan, outcome.run, outcome.refusal
    done = len(run.done) if run else 0
    return {
        "environment": name,
        "state": outcome.state,
        "databases": [_database(each) for each in outcome.databases],
        "steps": [_step(each) | {"done": number < done} for number, each in enumerate(plan.steps if plan else ())],
        "loses": bool(plan and plan.loses),
        "notes": list(plan.notes) if plan else [],
        "doubts": list(plan.doubts) if plan else [],
        "tried": list(plan.tried) if plan else [],
        "untried": list(plan.untried) if plan else [],
        "refusal": {"message": refusal.message, "hint": refusal.hint} if refusal else None,
        "failure": run.failure if run else None,
        "backups": [_backup(each) for each in outcome.backups],
        "undo": "migmerge undo" if run and not run.failure else None,
        "after": [_database(each) for each in outcome.after],
        "findings": [finding_part(each) for each in outcome.findings],
    }


def reset_as_json(report: ResetReport, *, dry_run: bool) -> str:
    """Return the document of `reset`; a dry run without a depth has the plans of all depths, and why one is not possible."""
    return document(
        dry_run=dry_run,
        environment=report.environment,
        state=report.state,
        databases=[_database(each) for each in report.databases],
        plans=[_reset_plan(depth, plan, report.databases) for depth, plan in report.plans.items()],
        backups=[_backup(each) for each in report.backups],
        undo=list(report.undo),
        failure=report.failure,
    )


def _reset_plan(depth: str, plan: ResetPlan | str, databases: Sequence[Database]) -> dict[str, object]:
    if isinstance(plan, str):
        return {"depth": depth, "reason": plan, "revisions": [], "databases": []}
    remade = [] if depth == "stamp" else databases
    return {
        "depth": depth,
        "reason": None,
        "revisions": list(plan.revisions),
        "databases": [
            {
                "name": each.name,
                "bind": each.bind,
                "foreign": [table._asdict() for table in plan.foreign.get(each.bind, ())],
                "kept": list(plan.kept.get(each.bind, ())),
            }
            for each in remade
        ],
    }


def _database(database: Database) -> dict[str, object]:
    return {
        "name": database.name,
        "bind": database.bind,
        "url": database.address.url,
        "recorded": list(database.recorded),
    }


def _backup(backup: Backup) -> dict[str, object]:
    return {"database": backup.database, "bind": backup.bind, "path": backup.path, "restore_script": backup.restore_script}


def _step(step: SyncStep) -> dict[str, object]:
    """Return the kind of a step, what it is about, what it loses, and the names of its databases where a plan is for several."""
    parts: dict[str, object] = {"revision": None, "message": None, "warnings": [], "body": [], "databases": list(step.where)}
    match step:
        case Stamp():
            return {**parts, "kind": "stamp", "before": list(step.before), "after": list(step.after), "left": list(step.left)}
        case Discard():
            left = {"object": str(step.leftover), "renamed_to": step.leftover.instead or None}
            return {**parts, "kind": "drop", "revision": step.leftover.revision or None, **left}
        case Complete():
            return {**parts, "kind": "rest", **_revision(step), "body": list(step.body)}
        case Downgrade():
            found = {"origin": step.origin, "body": list(step.body), "warnings": list(step.warnings)}
            return {**parts, "kind": "down", **_revision(step), **found}
        case Rerun():
            return {**parts, "kind": "again", **_revision(step), "warnings": list(step.warnings)}
        case Upgrade():
            return {**parts, "kind": "up", **_revision(step), "warnings": list(step.warnings)}


def _revision(step: Complete | Downgrade | Rerun | Upgrade) -> dict[str, object]:
    return {"revision": step.revision, "message": step.message}
