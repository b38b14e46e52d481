"""`migmerge doctor`: the scripts, the hooks and the databases in one report; nothing is changed."""

from __future__ import annotations

import sys

from ..core.options import Options
from ..output.formats.json import CheckedTree, doctor_as_json
from ..output.screen import Screen, print_document
from ..output.text.doctor import report_health
from ..sync.health import HealthOptions, examine
from ..workspace.evidence import provenance_of_heads
from ..workspace.workspace import open_or_empty, open_workspace


def doctor(options: Options, health_options: HealthOptions, *, output: str) -> int:
    """Print all that is wrong, with its cause, its error text and its cure.

    Return 1 where one finding is an error, or a database could not be asked or judged.
    """
    workspace = open_or_empty(lambda required: open_workspace(options, required=required))
    health, findings = examine(workspace, options, health_options)
    if output == "json":
        heads = provenance_of_heads(workspace)
        tree = CheckedTree("worktree", workspace.commit, None, workspace.snapshots, heads, hidden=health.hidden)
        print_document(doctor_as_json(tree, health, findings))
    else:
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(workspace.repository.top)
        report_health(screen, health, findings, quiet=options.quiet)
    return int(any(finding.is_error for finding in findings) or not all(report.is_judged for report in health.databases))
