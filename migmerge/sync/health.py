"""What is found about a work tree, its hooks and its databases together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.database.selection import ALL, Selection
from ..core.database.trial import PendingTrial
from ..core.finding import Finding
from ..core.findings.database_report import DatabaseReport
from ..core.findings.databases import after_scripts, diagnose_databases, with_symptom
from ..core.findings.hooks import diagnose_hooks
from ..core.options import Options
from ..database.session import Session
from ..output.text.doctor import Health
from ..repository.hooks.inspect import hook_problem
from ..workspace.evidence import diagnose_unread, diagnose_workspace
from ..workspace.hints import with_hints_that_run
from ..workspace.workspace import Workspace, hidden_environments
from .inspect import Inspection, inspect_databases, open_session, selected_snapshots
from .proof import ProofOptions, prove_inspection


@dataclass(frozen=True, slots=True)
class HealthOptions:
    """Hold which databases to ask, whether to replay scripts beside them, and whether the user vouches."""

    with_databases: bool = True
    selection: Selection = ALL
    deep: bool = False
    assume_applied: bool = False


def examine(workspace: Workspace, options: Options, health_options: HealthOptions) -> tuple[Health, tuple[Finding, ...]]:
    """Return what was examined, and the findings about it, with their symptoms."""
    diagnosed, _ = diagnose_workspace(workspace, with_published=True)
    of_scripts = with_hints_that_run(workspace, diagnosed, options, None)
    problem = hook_problem(workspace.repository)
    reports = _database_reports(workspace, options, health_options) if health_options.with_databases else ()
    findings = (
        *(with_symptom(finding) for finding in of_scripts),
        *diagnose_unread(workspace, options),
        *(after_scripts(finding, of_scripts) for report in reports for finding in diagnose_databases(report)),
        *diagnose_hooks(workspace.snapshots[0].environment.name if workspace.snapshots else "", problem),
    )
    return Health(workspace.snapshots, problem, reports, hidden_environments(workspace)), findings


def _trials(
    workspace: Workspace, session: Session, inspection: Inspection, proof_options: ProofOptions
) -> dict[str, PendingTrial]:
    from .trials import pending_trials  # only a deep look needs it

    return pending_trials(workspace.repository, session, inspection, shows_progress=proof_options.shows_progress)


def _database_reports(workspace: Workspace, options: Options, health_options: HealthOptions) -> tuple[DatabaseReport, ...]:
    found = []
    selection = health_options.selection.trusting(workspace.settings.trusted_databases)
    proof_options = ProofOptions(health_options.deep, health_options.assume_applied, shows_progress=not options.quiet)
    for snapshot in selected_snapshots(workspace.repository, workspace.snapshots, options, selection):
        with open_session(workspace.repository, snapshot.environment, options, selection) as session:
            inspection = inspect_databases(workspace.repository, snapshot.environment, session)
            proven = prove_inspection(workspace.repository, session, inspection, proof_options)
            trials = _trials(workspace, session, proven, proof_options) if health_options.deep else {}
            found.append(replace(proven.report, trials=trials))
    return tuple(found)
