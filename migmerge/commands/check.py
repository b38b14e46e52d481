"""`migmerge check`: the findings of a commit's revision graph, or of the merge that it would make."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..terminal.screen import Screen
from .options import Options
from .unchanged import said_before

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..core.finding import Finding
    from .against import Brought
    from .survey import Survey


def check(options: Options, *, at: str | None, against: str | None, output: str) -> int:
    """Print the findings as `output` ("text", "json", "github" or "sarif"); return 1 where one of them is an error."""
    plain = at is None and against is None and output == "text"
    usual = plain and not options.environments and not options.quiet
    if usual and (lines := said_before(options.folder)) is not None:
        screen = Screen(sys.stdout, options.color)
        for line in lines:
            screen.say(*line)
        return 0
    return _look(options, at, against, output, usual=usual)


def _look(options: Options, at: str | None, against: str | None, output: str, *, usual: bool) -> int:
    if against is None:
        # Twenty modules, 40 ms, that an unchanged repository does not need.
        from .survey import survey_commit

        return _tell(survey_commit(options, at), None, options, output, with_uncommitted=at is None, usual=usual)
    from .against import survey_merge

    with survey_merge(options, at, against) as (survey, brought):
        return _tell(survey, brought, options, output, with_uncommitted=False, usual=False)


def _tell(survey: Survey, brought: Brought | None, options: Options, output: str, *, with_uncommitted: bool, usual: bool) -> int:
    from ..core.finding import Severity
    from .examining import examine

    findings, _ = examine(survey, with_uncommitted=with_uncommitted, with_published=brought is None)
    if brought:
        from .against import as_if_merged

        findings = tuple(as_if_merged(finding, brought.names) for finding in findings)
    if output == "text":
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(survey.repository.top)
        _print_text(screen, survey, findings, brought, options)
        if usual and not findings and survey.commit:
            _remember(survey, screen)
    else:
        Screen(sys.stdout, "never").show(_for_programs(survey, findings, brought, output))
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def _print_text(screen: Screen, survey: Survey, findings: Sequence[Finding], brought: Brought | None, options: Options) -> None:
    from ..terminal.findings import report_findings

    if brought and not options.quiet:
        _print_sides(screen, survey, brought)
    report_findings(screen, survey.snapshots, findings, quiet=options.quiet)
    if findings and survey.repository.shallow and not options.quiet:
        screen.say("note: a shallow clone: authors, branches and scripts beyond it are not known; git fetch --unshallow")


def _print_sides(screen: Screen, survey: Survey, brought: Brought) -> None:
    from ..terminal.arrivals import report_sides
    from .examining import provenance

    names = {each.revision for side in (brought.by_commit, brought.by_against) for found in side.values() for each in found}
    known = {each.environment.path: provenance(survey, each, names) for each in survey.snapshots}
    report_sides(screen, brought.by_commit, brought.by_against, known, brought.names)


def _for_programs(survey: Survey, findings: Sequence[Finding], brought: Brought | None, output: str) -> str:
    if output == "json":
        return _as_json(survey, findings, brought)
    lines = _lines(survey, findings)
    if output == "github":
        from ..terminal.github import findings_as_annotations

        return "\n".join(findings_as_annotations(findings, lines))
    from ..terminal.sarif import sarif

    return sarif(findings, lines, commit=survey.commit)


def _as_json(survey: Survey, findings: Sequence[Finding], brought: Brought | None) -> str:
    """Return the documented shape; its heads with author and branches take a walk through history."""
    from ..terminal.as_json import findings_as_json
    from .examining import provenance

    heads = {each.environment.path: provenance(survey, each, each.graph.heads, with_branches=True) for each in survey.snapshots}
    sides = (brought.by_commit, brought.by_against) if brought else None
    return findings_as_json(survey.commit, survey.against, survey.snapshots, findings, heads, sides)


def _lines(survey: Survey, findings: Sequence[Finding]) -> dict[str, int]:
    """Return the line on which each script concerned has its identifiers; those that git lacks are read from the disk."""
    from ..core.script.places import line_of_identifiers
    from ..repository.tree import read_blobs

    paths = {path for finding in findings for path in finding.paths}
    blobs = {path: survey.tree.blobs[path] for path in paths if path in survey.tree.blobs}
    contents = read_blobs(survey.repository.git, blobs.values())
    new = {path for finding in findings if finding.code == "MM009" for path in finding.paths}
    lines = {path: line_of_identifiers(survey.repository.on_disk(path)) for path in new}
    return lines | {path: line_of_identifiers(contents[blob]) for path, blob in blobs.items()}


def _remember(survey: Survey, screen: Screen) -> None:
    from .configured import project_files
    from .unchanged import remember

    files = project_files([snapshot.environment for snapshot in survey.snapshots])
    # Another default branch, or more history, could tell of more, and nothing that is remembered would show it.
    if survey.settings.default_branch is None and not survey.repository.shallow:
        remember(survey.repository, survey.snapshots, files, screen.said)
