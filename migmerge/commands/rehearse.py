"""`migmerge rehearse`: both sides of a divergence in both orders, on scratch databases."""

from __future__ import annotations

import sys

from ..core.database.rehearsal import RehearsalVerdict, rehearsals_for
from ..core.database.selection import ALL
from ..core.options import Options
from ..output.screen import Screen
from ..output.text.rehearsal import report_rehearsal
from ..sync.inspect import selected_snapshots
from ..sync.rehearse import RehearseOptions, run_rehearsals
from ..workspace.merge_preview import open_merge_preview
from ..workspace.workspace import Workspace, open_workspace

SAME, DIFFERENT = 0, 1


def rehearse(options: Options, rehearse_options: RehearseOptions) -> int:
    """Print how the schemas after both orders differ; return 1 where they differ or an order fails."""
    if rehearse_options.against is None:
        return _rehearse(open_workspace(options), options, rehearse_options)
    with open_merge_preview(options, None, rehearse_options.against) as (workspace, _):
        return _rehearse(workspace, options, rehearse_options)


def _rehearse(workspace: Workspace, options: Options, rehearse_options: RehearseOptions) -> int:
    screen = Screen(sys.stdout, options.color, quiet=options.quiet)
    verdicts = []
    selection = rehearse_options.selection if rehearse_options.on_server else ALL
    trusting = selection.trusting(workspace.settings.trusted_databases)
    for snapshot in selected_snapshots(workspace.repository, workspace.snapshots, options, trusting):
        plans = rehearsals_for(snapshot.graph)
        if not plans:
            nothing = "  nothing to rehearse: no divergent heads, no merge revision on top"
            screen.say((snapshot.environment.name or ".", "heading"), nothing)
        rehearsals = run_rehearsals(workspace, snapshot, plans, options, rehearse_options)
        for plan, rehearsal in zip(plans, rehearsals, strict=True):
            report_rehearsal(screen, snapshot, plan, rehearsal, downgrade=rehearse_options.downgrade)
            verdicts.append(rehearsal.verdict)
    return DIFFERENT if RehearsalVerdict.DIFFERENT in verdicts else SAME
