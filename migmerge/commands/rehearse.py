"""`migmerge rehearse`: both sides of a divergence in both orders, on scratch databases."""

from __future__ import annotations

import shlex
import sys

from ..core.database.rehearsal import RehearsalVerdict, rehearsals_for, with_notes_once
from ..core.database.selection import ALL
from ..core.finding import Severity
from ..core.findings.registry import CLOSED_COLLISION, COLLIDING_OPERATIONS
from ..core.options import Options
from ..fix.context import FixOptions
from ..fix.propose import cures_of, proposals_for, reading_of_databases
from ..output.screen import Screen, print_document
from ..output.text.rehearsal import report_cures, report_rehearsal, report_way_on
from ..sync.inspect import selected_snapshots
from ..sync.rehearse import RehearseOptions, run_rehearsals
from ..workspace.evidence import diagnose_workspace
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
    as_json = rehearse_options.output == "json"
    screen = Screen(sys.stdout, options.color, quiet=options.quiet or as_json)
    found = []
    selection = rehearse_options.selection if rehearse_options.on_server else ALL
    trusting = selection.trusting(workspace.settings.trusted_databases)
    for snapshot in selected_snapshots(workspace.repository, workspace.snapshots, options, trusting):
        plans = rehearsals_for(snapshot.graph)
        if not plans:
            nothing = "  nothing to rehearse: no divergent heads, no merge revision on top"
            screen.say((snapshot.environment.name or ".", "heading"), nothing)
        rehearsals = run_rehearsals(workspace, snapshot, plans, options, rehearse_options)
        results = [(plan, each) for plan, several in zip(plans, rehearsals, strict=True) for each in several]
        for plan, rehearsal in with_notes_once(results):
            found.append((snapshot.environment.name, plan, rehearsal))
            if not as_json:
                report_rehearsal(screen, snapshot, plan, rehearsal, downgrade=rehearse_options.downgrade)
    if as_json:
        from ..output.formats.change_json import rehearsals_as_json

        print_document(rehearsals_as_json(found))
    if all(rehearsal.verdict is not RehearsalVerdict.DIFFERENT for *_, rehearsal in found):
        return SAME
    if not as_json:
        _report_cures(screen, workspace, options, rehearse_options)
    return DIFFERENT


def _report_cures(screen: Screen, workspace: Workspace, options: Options, rehearse_options: RehearseOptions) -> None:
    """End with the cures that `fix` has, where heads diverge here; before a merge, with what collides and the way there."""
    findings, evidence = diagnose_workspace(workspace)
    colliding = [each for each in findings if each.kind in (COLLIDING_OPERATIONS, CLOSED_COLLISION)]
    serious = [each for each in colliding if each.severity is not Severity.INFO]
    if rehearse_options.against is not None:
        report_way_on(screen, serious, [f"git merge {shlex.quote(rehearse_options.against)}"])
        return
    fix_options = FixOptions(databases=rehearse_options.on_server, selection=rehearse_options.selection)
    fix_options = fix_options.with_settings(workspace.settings)
    read_applied = reading_of_databases(workspace, options, fix_options)
    cures = cures_of(proposals_for(workspace, findings, evidence, fix_options, read_applied))
    if cures:
        report_cures(screen, cures)
    else:
        report_way_on(screen, serious, [])
