"""`migmerge forecast`: which branches would collide with HEAD, on what, and whose they are."""

from __future__ import annotations

import sys
import time

from ..core.errors import MigmergeError
from ..core.forecast import Verdict
from ..repository.history import current_branch
from ..repository.unmerged import active_branches
from ..terminal.forecasts import outlooks_as_json, report_outlooks, report_summary
from ..terminal.progress import tracked
from ..terminal.screen import Screen
from .forecasting import outlooks
from .options import Options
from .survey import survey_commit

NONE, SOME, UNKNOWN = 0, 1, 2
_DAY = 86400


def forecast(options: Options, *, days: int, output: str) -> int:
    """Compare every other branch of the last `days` with HEAD; return 1 where merging one would break the graph."""
    survey = survey_commit(options)
    if survey.commit is None:
        raise MigmergeError("HEAD has no commit yet", hint="git commit")
    now = int(time.time())
    active = active_branches(survey.read_branches().each, since=now - days * _DAY, head=survey.commit)
    looked = tracked(outlooks(survey, options, active, survey.commit), "branches", len(active), shown=not options.quiet)
    found = list(looked)
    known = [each for each in found if each]
    colliding = [each for each in known if each.verdict in (Verdict.COLLIDES, Verdict.CONFLICTS)]
    screen = Screen(sys.stdout, options.color)
    if output == "json":
        screen.show(outlooks_as_json(known, survey.commit))
    else:
        head = current_branch(survey.repository) or "HEAD"
        report_outlooks(screen, colliding if options.quiet else known, now)
        if not options.quiet:
            report_summary(screen, known, len(found), head)
    if colliding:
        return SOME
    return UNKNOWN if any(each.verdict is Verdict.UNKNOWN for each in known) else NONE
