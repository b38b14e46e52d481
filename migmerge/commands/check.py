"""`migmerge check`: the findings of a commit's revision graph."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..terminal.screen import Screen
from .options import Options
from .unchanged import said_before

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..core.finding import Finding
    from .survey import Survey


def check(options: Options, *, at: str | None, output: str) -> int:
    """Print the findings as `output` ("text" or "json"); return 1 where one of them is an error."""
    usual = at is None and output == "text" and not options.environments and not options.quiet
    if usual and (lines := said_before(options.folder)) is not None:
        screen = Screen(sys.stdout, options.color)
        for line in lines:
            screen.say(*line)
        return 0
    return _look(options, at, output, usual=usual)


def _look(options: Options, at: str | None, output: str, *, usual: bool) -> int:
    # Twenty modules, 40 ms, that an unchanged repository does not need.
    from ..core.finding import Severity
    from .survey import examine, survey_commit

    survey = survey_commit(options, at)
    findings, _ = examine(survey, with_uncommitted=at is None)
    if output == "json":
        _print_json(survey, findings)
    else:
        screen = Screen(sys.stdout, options.color)
        _print_text(screen, survey, findings, options)
        if usual and not findings and survey.commit:
            _remember(survey, screen)
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def _print_text(screen: Screen, survey: Survey, findings: Sequence[Finding], options: Options) -> None:
    from ..terminal.findings import report_findings

    report_findings(screen, survey.snapshots, findings, quiet=options.quiet)
    if findings and survey.repository.shallow and not options.quiet:
        screen.say("note: a shallow clone: authors, branches and scripts beyond it are not known; git fetch --unshallow")


def _print_json(survey: Survey, findings: Sequence[Finding]) -> None:
    """Print the documented shape; its heads with author and branches take a walk through history."""
    from ..terminal.as_json import findings_as_json
    from .survey import provenance

    heads = {each.environment.path: provenance(survey, each, each.graph.heads, all_branches=True) for each in survey.snapshots}
    print(findings_as_json(survey.commit, survey.snapshots, findings, heads))


def _remember(survey: Survey, screen: Screen) -> None:
    from .configured import project_files
    from .unchanged import remember

    files = project_files([snapshot.environment for snapshot in survey.snapshots])
    remember(survey.repository, survey.snapshots, files, screen.said)
