"""`migmerge doctor`: the scripts, the hooks and the databases in one report; nothing is changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.findings.databases import DatabaseReport, diagnose_databases, with_symptom
from ..core.findings.hooks import hooks_missing
from ..core.options import Options
from ..output.formats.json import doctor_as_json
from ..output.screen import Screen
from ..output.text.findings import report_health
from ..repository.hooks.inspect import hook_problem
from ..sync.inspect import inspect_databases, open_session
from ..workspace.evidence import diagnose_workspace
from ..workspace.workspace import Workspace, open_workspace


def doctor(options: Options, *, with_databases: bool, named: tuple[str, ...], output: str) -> int:
    """Print all that is wrong, with its cause, its error text and its cure; return 1 where one finding is an error."""
    workspace = open_workspace(options)
    found, _ = diagnose_workspace(workspace, with_uncommitted=True, with_published=True)
    problem = hook_problem(workspace.repository)
    reports = _database_reports(workspace, options, named) if with_databases else ()
    findings = (
        *(with_symptom(finding) for finding in found),
        *(finding for report in reports for finding in diagnose_databases(report)),
        *hooks_missing(workspace.snapshots[0].environment.path, problem),
    )
    if output == "json":
        Screen(sys.stdout, "never").show(doctor_as_json(workspace.commit, workspace.snapshots, reports, problem, findings))
    else:
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(workspace.repository.top)
        report_health(screen, workspace.snapshots, reports, problem, findings, quiet=options.quiet)
    return int(any(finding.is_error for finding in findings))


def _database_reports(workspace: Workspace, options: Options, named: tuple[str, ...]) -> Sequence[DatabaseReport]:
    found = []
    for snapshot in workspace.snapshots:
        with open_session(workspace.repository, snapshot.environment, options, named) as session:
            found.append(inspect_databases(workspace.repository, snapshot.environment, session).report)
    return found
