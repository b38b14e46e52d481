"""`migmerge forecast`: the other branches that collide with HEAD, on what, and their authors."""

from __future__ import annotations

import sys
import time

from ..core.branch_merge import ForecastVerdict
from ..core.options import Options
from ..output.formats.json import forecasts_as_json
from ..output.formats.markdown import forecasts_as_markdown
from ..output.screen import Screen, print_document
from ..output.text.forecast import report_forecasts, report_left_out, report_summary
from ..repository.history import current_branch
from ..workspace.branches import authors_met, compare_recent
from ..workspace.workspace import open_workspace

NONE, SOME, UNKNOWN = 0, 1, 2
_DAY = 86400


def forecast(options: Options, *, days: int, limit: int | None, output: str) -> int:
    """Compare the branches of the last `days`, `limit` of them at most, with HEAD; return 1 where one would break the graph."""
    workspace = open_workspace(options, "HEAD")
    assert workspace.commit
    now = int(time.time())
    known, total, left_out = compare_recent(workspace, options, since=now - days * _DAY, limit=limit)
    colliding = [each for each in known if each.verdict in (ForecastVerdict.COLLIDES, ForecastVerdict.CONFLICTS)]
    screen = Screen(sys.stdout, options.color)
    head = current_branch(workspace.repository) or "HEAD"
    if output == "json":
        print_document(forecasts_as_json(known, workspace.commit, left_out))
    elif output == "markdown":
        print_document(forecasts_as_markdown(known, total, head, authors_met(workspace, colliding), left_out))
    else:
        report_forecasts(screen, colliding if options.quiet else known, now)
        if not options.quiet:
            report_summary(screen, known, total, head)
            report_left_out(screen, left_out)
    if colliding:
        return SOME
    return UNKNOWN if any(each.verdict is ForecastVerdict.UNKNOWN for each in known) else NONE
