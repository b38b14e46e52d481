"""`migmerge report`: one page with the graph, the findings, the open branches and the databases."""

from __future__ import annotations

import sys
import time

from ..core.options import Options
from ..output.page.document import START, OpenBranches, PageContents, as_page
from ..output.screen import Screen, print_document
from ..repository.files import path_from, replace_file, require_replaceable
from ..repository.history import current_branch
from ..sync.health import HealthOptions, examine
from ..workspace.branches import compare_recent
from ..workspace.drawn_graph import drawn_graphs
from ..workspace.workspace import Workspace, open_or_empty, open_workspace

_MOST_ROWS = 2000
"""Revisions in all that a page draws; of more it shows the divergent ones."""
_DAY = 86400


def report(options: Options, health_options: HealthOptions, *, file: str, days: int) -> int:
    """Write the page into a file below where migmerge runs, or to stdout where it is `-`; return 0 whatever the page says."""
    workspace = open_or_empty(lambda required: open_workspace(options, required=required))
    path = path_from(options.folder, file)
    if file != "-":
        require_replaceable(path, START.encode(), (workspace.repository.git_dir, workspace.repository.common_dir))
    health, findings = examine(workspace, options, health_options)
    whole = sum(len(each.graph) for each in workspace.snapshots) <= _MOST_ROWS
    layouts = drawn_graphs(workspace, whole=whole, most_asked=_MOST_ROWS)
    contents = PageContents(
        repository=workspace.repository.name,
        commit=workspace.commit,
        made=time.strftime("%Y-%m-%d %H:%M"),
        layouts=layouts,
        is_part=any(layout.hidden for layout, _ in layouts),
        findings=findings,
        branches=_branches(workspace, options, days),
        health=health if health_options.with_databases else None,
    )
    if file == "-":
        print_document(as_page(contents))
        return 0
    replace_file(path, as_page(contents).encode())
    if not options.quiet:
        Screen(sys.stdout, options.color).say("wrote ", (path, "path"))
    return 0


def _branches(workspace: Workspace, options: Options, days: int) -> OpenBranches:
    """Forecast the branches of the last `days`; there are none before the first commit."""
    head = current_branch(workspace.repository) or "HEAD"
    if workspace.commit is None:
        return OpenBranches((), 0, head)
    at_head = open_workspace(options, "HEAD", required=False)
    compared = compare_recent(at_head, options, since=int(time.time()) - days * _DAY)
    return OpenBranches(compared.forecasts, compared.total, head)
