"""`migmerge check`: the findings of a commit's revision graph, or of the merge that it would make."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.options import Options
from ..output.screen import Screen
from ..workspace.check_cache import cached_lines

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..core.finding import Finding
    from ..workspace.merge_preview import MergeSides
    from ..workspace.workspace import Workspace


def check(options: Options, *, at: str | None, against: str | None, output: str) -> int:
    """Print the findings as `output` ("text", "json", "github" or "sarif"); return 1 where one of them is an error."""
    plain = at is None and against is None and output == "text"
    usual = plain and not options.environments and not options.quiet
    if usual and (lines := cached_lines(options.folder)) is not None:
        screen = Screen(sys.stdout, options.color)
        for line in lines:
            screen.say(*line)
        return 0
    return _look(options, at, against, output, usual=usual)


def _look(options: Options, at: str | None, against: str | None, output: str, *, usual: bool) -> int:
    if against is None:
        # Twenty modules, 40 ms, that an unchanged repository does not need.
        from ..workspace.workspace import open_workspace

        return _tell(open_workspace(options, at), None, options, output, with_uncommitted=at is None, usual=usual)
    from ..workspace.merge_preview import open_merge_preview

    with open_merge_preview(options, at, against) as (workspace, brought):
        return _tell(workspace, brought, options, output, with_uncommitted=False, usual=False)


def _tell(
    workspace: Workspace, brought: MergeSides | None, options: Options, output: str, *, with_uncommitted: bool, usual: bool
) -> int:
    from ..workspace.evidence import diagnose_workspace

    findings, _ = diagnose_workspace(workspace, with_uncommitted=with_uncommitted, with_published=brought is None)
    if brought:
        from ..workspace.merge_preview import as_if_merged

        findings = tuple(as_if_merged(finding, brought.names) for finding in findings)
    if output == "text":
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(workspace.repository.top)
        _print_text(screen, workspace, findings, brought, options)
        if usual and not findings and workspace.commit:
            _remember(workspace, screen)
    else:
        Screen(sys.stdout, "never").show(_for_programs(workspace, findings, brought, output))
    return int(any(finding.is_error for finding in findings))


def _print_text(
    screen: Screen, workspace: Workspace, findings: Sequence[Finding], brought: MergeSides | None, options: Options
) -> None:
    from ..output.text.findings import report_findings

    if brought and not options.quiet:
        _print_sides(screen, workspace, brought)
    report_findings(screen, workspace.snapshots, findings, quiet=options.quiet)
    if findings and workspace.repository.shallow and not options.quiet:
        screen.say("note: a shallow clone: authors, branches and scripts beyond it are not known; git fetch --unshallow")


def _print_sides(screen: Screen, workspace: Workspace, brought: MergeSides) -> None:
    from ..output.text.changes import report_sides
    from ..workspace.evidence import provenance_in

    names = {each.revision for side in (brought.by_commit, brought.by_against) for found in side.values() for each in found}
    known = {each.environment.path: provenance_in(workspace, each, names) for each in workspace.snapshots}
    report_sides(screen, brought.by_commit, brought.by_against, known, brought.names)


def _for_programs(workspace: Workspace, findings: Sequence[Finding], brought: MergeSides | None, output: str) -> str:
    if output == "json":
        return _as_json(workspace, findings, brought)
    lines = _lines(workspace, findings)
    if output == "github":
        from ..output.formats.github import findings_as_annotations

        return "\n".join(findings_as_annotations(findings, lines))
    from ..output.formats.sarif import sarif

    return sarif(findings, lines, commit=workspace.commit)


def _as_json(workspace: Workspace, findings: Sequence[Finding], brought: MergeSides | None) -> str:
    """Return the documented shape; its heads with author and branches take a walk through history."""
    from ..output.formats.json import findings_as_json
    from ..workspace.evidence import provenance_in

    heads = {
        each.environment.path: provenance_in(workspace, each, each.graph.heads, with_branches=True)
        for each in workspace.snapshots
    }
    sides = (brought.by_commit, brought.by_against) if brought else None
    return findings_as_json(workspace.commit, workspace.against, workspace.snapshots, findings, heads, sides)


def _lines(workspace: Workspace, findings: Sequence[Finding]) -> dict[str, int]:
    """Return the line on which each script concerned has its identifiers; those that git lacks are read from the disk."""
    from ..core.findings.registry import UNCOMMITTED_SCRIPT
    from ..core.script.positions import line_of_identifiers
    from ..repository.tree import read_blobs

    paths = {path for finding in findings for path in finding.paths}
    blobs = {path: workspace.tree.blobs[path] for path in paths if path in workspace.tree.blobs}
    contents = read_blobs(workspace.repository.git, blobs.values())
    new = {path for finding in findings if finding.kind is UNCOMMITTED_SCRIPT for path in finding.paths}
    lines = {path: line_of_identifiers(workspace.repository.on_disk(path)) for path in new}
    return lines | {path: line_of_identifiers(contents[blob]) for path, blob in blobs.items()}


def _remember(workspace: Workspace, screen: Screen) -> None:
    from ..workspace.check_cache import cache_lines
    from ..workspace.settings import project_files

    files = project_files([snapshot.environment for snapshot in workspace.snapshots])
    # Another default branch, or more history, could tell of more, and nothing that is remembered would show it.
    if workspace.settings.default_branch is None and not workspace.repository.shallow:
        cache_lines(workspace.repository, workspace.snapshots, files, screen.said)
