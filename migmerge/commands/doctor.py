"""`migmerge doctor`: the scripts, the hooks and the databases in one report; nothing is changed."""

from __future__ import annotations

import sys

from ..core.database.selection import Selection
from ..core.findings.databases import DatabaseReport, after_scripts, diagnose_databases, with_symptom
from ..core.findings.hooks import diagnose_hooks
from ..core.options import Options
from ..output.formats.json import CheckedTree, doctor_as_json
from ..output.screen import Screen
from ..output.text.doctor import Health, report_health
from ..repository.hooks.inspect import hook_problem
from ..sync.inspect import inspect_databases, open_session, selected_snapshots
from ..workspace.evidence import diagnose_unread, diagnose_workspace, provenance_of_heads
from ..workspace.hints import with_hints_that_run
from ..workspace.workspace import Workspace, hidden_environments, open_or_empty, open_workspace


def doctor(options: Options, *, with_databases: bool, selection: Selection, output: str) -> int:
    """Print all that is wrong, with its cause, its error text and its cure; return 1 where one finding is an error."""
    workspace = open_or_empty(lambda required: open_workspace(options, required=required))
    diagnosed, _ = diagnose_workspace(workspace, with_published=True)
    of_scripts = with_hints_that_run(workspace, diagnosed, options, None)
    problem = hook_problem(workspace.repository)
    reports = _database_reports(workspace, options, selection) if with_databases else ()
    health = Health(workspace.snapshots, problem, reports, hidden_environments(workspace))
    findings = (
        *(with_symptom(finding) for finding in of_scripts),
        *diagnose_unread(workspace, options),
        *(after_scripts(finding, of_scripts) for report in reports for finding in diagnose_databases(report)),
        *diagnose_hooks(workspace.snapshots[0].environment.name if workspace.snapshots else "", problem),
    )
    if output == "json":
        heads = provenance_of_heads(workspace)
        tree = CheckedTree("worktree", workspace.commit, None, workspace.snapshots, heads, hidden=health.hidden)
        Screen(sys.stdout, "never").show(doctor_as_json(tree, health, findings))
    else:
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(workspace.repository.top)
        report_health(screen, health, findings, quiet=options.quiet)
    return int(any(finding.is_error for finding in findings))


def _database_reports(workspace: Workspace, options: Options, selection: Selection) -> tuple[DatabaseReport, ...]:
    found = []
    selection = selection.trusting(workspace.settings.trusted_databases)
    for snapshot in selected_snapshots(workspace.repository, workspace.snapshots, options, selection):
        with open_session(workspace.repository, snapshot.environment, options, selection) as session:
            found.append(inspect_databases(workspace.repository, snapshot.environment, session).report)
    return tuple(found)
