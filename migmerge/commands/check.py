"""`migmerge check`: the findings of a commit's revision graph."""

from __future__ import annotations

import sys

from ..core.finding import Severity
from ..terminal.findings import report_findings
from ..terminal.screen import Screen
from .options import Options
from .survey import examine, provenance, survey_commit


def check(options: Options, *, at: str | None, output: str) -> int:
    """Print the findings as `output` ("text" or "json"); return 1 where one of them is an error."""
    survey = survey_commit(options, at)
    findings, _ = examine(survey, with_uncommitted=at is None)
    if output == "json":
        # Only asked for: `heads` with author and branches takes a walk through history.
        from ..terminal.as_json import findings_as_json

        heads = {each.environment.path: provenance(survey, each, each.graph.heads) for each in survey.snapshots}
        print(findings_as_json(survey.commit, survey.snapshots, findings, heads))
    else:
        screen = Screen(sys.stdout, options.color)
        report_findings(screen, survey.snapshots, findings, quiet=options.quiet)
        if findings and survey.repository.shallow and not options.quiet:
            screen.say("note: a shallow clone: authors, branches and scripts beyond it are not known; git fetch --unshallow")
    return int(any(finding.severity is Severity.ERROR for finding in findings))
