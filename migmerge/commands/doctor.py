"""`migmerge doctor`: the scripts, the hooks and the databases in one report; nothing is changed."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ..core.database.selection import ALL, Selection
from ..core.findings.database_report import DatabaseReport
from ..core.findings.databases import after_scripts, diagnose_databases, with_symptom
from ..core.findings.hooks import diagnose_hooks
from ..core.options import Options
from ..output.formats.json import CheckedTree, doctor_as_json
from ..output.screen import Screen
from ..output.text.doctor import Health, report_health
from ..repository.hooks.inspect import hook_problem
from ..sync.inspect import inspect_databases, open_session, selected_snapshots
from ..sync.proof import ProofOptions, prove_inspection
from ..workspace.evidence import diagnose_unread, diagnose_workspace, provenance_of_heads
from ..workspace.hints import with_hints_that_run
from ..workspace.workspace import Workspace, hidden_environments, open_or_empty, open_workspace


@dataclass(frozen=True, slots=True)
class DoctorOptions:
    """Hold the options of `migmerge doctor`: the databases to ask, whether to replay scripts, and whether the user vouches."""

    with_databases: bool = True
    selection: Selection = ALL
    output: str = "text"
    deep: bool = False
    assume_applied: bool = False


def doctor(options: Options, doctor_options: DoctorOptions) -> int:
    """Print all that is wrong, with its cause, its error text and its cure.

    Return 1 where one finding is an error, or a database could not be asked or judged.
    """
    workspace = open_or_empty(lambda required: open_workspace(options, required=required))
    diagnosed, _ = diagnose_workspace(workspace, with_published=True)
    of_scripts = with_hints_that_run(workspace, diagnosed, options, None)
    problem = hook_problem(workspace.repository)
    reports = _database_reports(workspace, options, doctor_options) if doctor_options.with_databases else ()
    health = Health(workspace.snapshots, problem, reports, hidden_environments(workspace))
    findings = (
        *(with_symptom(finding) for finding in of_scripts),
        *diagnose_unread(workspace, options),
        *(after_scripts(finding, of_scripts) for report in reports for finding in diagnose_databases(report)),
        *diagnose_hooks(workspace.snapshots[0].environment.name if workspace.snapshots else "", problem),
    )
    if doctor_options.output == "json":
        heads = provenance_of_heads(workspace)
        tree = CheckedTree("worktree", workspace.commit, None, workspace.snapshots, heads, hidden=health.hidden)
        Screen(sys.stdout, "never").show(doctor_as_json(tree, health, findings))
    else:
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(workspace.repository.top)
        report_health(screen, health, findings, quiet=options.quiet)
    return int(any(finding.is_error for finding in findings) or not all(report.is_judged for report in reports))


def _database_reports(workspace: Workspace, options: Options, doctor_options: DoctorOptions) -> tuple[DatabaseReport, ...]:
    found = []
    selection = doctor_options.selection.trusting(workspace.settings.trusted_databases)
    proof_options = ProofOptions(doctor_options.deep, doctor_options.assume_applied, shows_progress=not options.quiet)
    for snapshot in selected_snapshots(workspace.repository, workspace.snapshots, options, selection):
        with open_session(workspace.repository, snapshot.environment, options, selection) as session:
            inspection = inspect_databases(workspace.repository, snapshot.environment, session)
            found.append(prove_inspection(workspace.repository, session, inspection, proof_options).report)
    return tuple(found)
