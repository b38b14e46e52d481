"""`migmerge check`: the findings of the work tree, of the index, of a commit, or of a merge that nobody has made."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.options import Options
from ..output.screen import Screen, print_document
from ..repository.facts import ask_git
from ..repository.hooks.recorded import blocks_lost, programs_gone
from ..workspace.check_cache import cached_lines

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from ..core.finding import Finding
    from ..repository.facts import GitFacts
    from ..workspace.merge_preview import MergeSides
    from ..workspace.workspace import Workspace

_SHALLOW = "note: a shallow clone: authors, branches and scripts beyond it are not known; git fetch --unshallow"


def check(options: Options, *, at: str | None, against: str | None, staged: bool, output: str) -> int:
    """Print the findings as `output`, text or the name of a format; return 1 where one of them is an error."""
    if at is None and against is None and not staged and (facts := ask_git(options.folder)):
        return _check_work_tree(options, facts, output)
    from ..workspace.judgement import judgement

    with judgement(options, at=at, against=against, staged=staged) as judged:
        return _print(*judged, options, output)


def check_in_hook(options: Options, *, at: str | None, against: str | None, staged: bool, output: str) -> int:
    """Answer the hook before a commit or a push like `check`, and stop neither where there is nothing to stop.

    A merge that had conflicts is committed first and its heads are joined then, as after one that had none. A branch without
    an upstream and a git that cannot merge for a trial are said and let through.
    """
    from ..core.errors import MigmergeError
    from ..output.screen import report_note
    from ..repository.repository import open_repository
    from ..workspace.event_report import hooks_are_off

    if hooks_are_off():
        return 0
    quiet = Options(options.folder, options.environments, quiet=True, color=options.color)
    try:
        status = check(quiet, at=at, against=against, staged=staged, output=output)
    except MigmergeError as error:
        if against is None:
            raise
        report_note(f"the migrations are pushed without a look at them: {error}", options.color)
        return 0
    return 0 if staged and "merge" in open_repository(options.folder).in_progress else status


def note_lost_hooks(options: Options) -> None:
    """Print one line where a hook manager wrote over our hooks, with the command that lasts."""
    facts = ask_git(options.folder)
    if facts is None or not blocks_lost(facts.common_dir):
        return
    from ..output.screen import report_note
    from ..repository.hooks.inspect import hook_problem
    from ..repository.repository import repository_of

    if problem := hook_problem(repository_of(facts)):
        report_note(f"{problem.reason}; {problem.hint}", options.color)


def _check_work_tree(options: Options, facts: GitFacts, output: str) -> int:
    gone, is_lost = programs_gone(facts.common_dir), blocks_lost(facts.common_dir)
    cacheable = output == "text" and not (options.environments or options.quiet or gone or is_lost)
    if cacheable and (lines := cached_lines(facts)) is not None:
        screen = Screen(sys.stdout, options.color)
        for line in lines:
            screen.say(*line)
        return 0
    # Twenty modules, 40 ms, that an unchanged repository does not need.
    from ..workspace.judgement import findings_of
    from ..workspace.workspace import open_or_empty, work_tree_of

    workspace = open_or_empty(lambda required: work_tree_of(options, facts, required=required))
    findings = findings_of(workspace, options)
    if (gone or is_lost) and workspace.settings.hooks != "off":
        findings = (*findings, *_of_hooks(workspace, gone))
    if not cacheable:
        return _print(workspace, findings, None, options, output)
    screen = _print_text(workspace, findings, None, options)
    if not findings:
        _cache(facts, workspace, screen)
    return _status(findings)


def _of_hooks(workspace: Workspace, gone: Sequence[str]) -> tuple[Finding, ...]:
    from ..core.findings.hooks import diagnose_hooks, python_gone
    from ..repository.hooks.inspect import hook_problem

    problem = python_gone(gone) if gone else hook_problem(workspace.repository)
    return diagnose_hooks(workspace.snapshots[0].environment.name if workspace.snapshots else "", problem)


def _status(findings: Sequence[Finding]) -> int:
    return int(any(finding.is_error for finding in findings))


def _print(workspace: Workspace, findings: Sequence[Finding], sides: MergeSides | None, options: Options, output: str) -> int:
    if output == "text":
        _print_text(workspace, findings, sides, options)
    elif document := _document(workspace, findings, sides, output):
        print_document(document)
    return _status(findings)


def _print_text(workspace: Workspace, findings: Sequence[Finding], sides: MergeSides | None, options: Options) -> Screen:
    from ..output.text.findings import report_findings
    from ..workspace.workspace import NO_ENVIRONMENT, hidden_environments

    screen = Screen(sys.stdout, options.color)
    screen.commands_run_at(workspace.repository.top)
    if sides and not options.quiet:
        _print_sides(screen, workspace, sides)
    if not workspace.snapshots and not options.quiet:
        screen.say(NO_ENVIRONMENT)
    report_findings(screen, workspace.snapshots, findings, hidden=hidden_environments(workspace), quiet=options.quiet)
    if findings and workspace.repository.shallow and not options.quiet:
        screen.say(_SHALLOW)
    return screen


def _print_sides(screen: Screen, workspace: Workspace, sides: MergeSides) -> None:
    from ..output.text.changes import report_sides
    from ..workspace.evidence import provenance_in

    brought = (sides.by_commit, sides.by_against)
    names = {each.revision for side in brought for revisions in side.values() for each in revisions}
    known = {each.environment.name: provenance_in(workspace, each, names) for each in workspace.snapshots}
    report_sides(screen, *brought, known, sides.names)


def _document(workspace: Workspace, findings: Sequence[Finding], sides: MergeSides | None, output: str) -> str:
    match output:
        case "json":
            return _json(workspace, findings, sides)
        case "markdown":
            from ..output.formats.markdown import findings_as_markdown

            return findings_as_markdown(findings, environments=len(workspace.snapshots))
    from ..workspace.evidence import lines_of_identifiers

    lines = lines_of_identifiers(workspace, findings)
    match output:
        case "github":
            from ..output.formats.github import findings_as_annotations

            return "\n".join(findings_as_annotations(findings, lines))
        case "gitlab":
            from ..output.formats.gitlab import findings_as_code_quality

            return findings_as_code_quality(findings, lines)
    from ..output.formats.sarif import sarif

    return sarif(findings, lines, commit=workspace.commit)


def _json(workspace: Workspace, findings: Sequence[Finding], sides: MergeSides | None) -> str:
    """Return the documented shape; its heads with author and branches take a walk through history."""
    from ..output.formats.json import CheckedTree, findings_as_json
    from ..workspace.evidence import provenance_of_heads
    from ..workspace.workspace import hidden_environments

    heads = provenance_of_heads(workspace)
    brought = (sides.by_commit, sides.by_against) if sides else None
    hidden = hidden_environments(workspace)
    return findings_as_json(
        CheckedTree(workspace.kind, workspace.commit, workspace.against, workspace.snapshots, heads, brought, hidden), findings
    )


def _cache(facts: GitFacts, workspace: Workspace, screen: Screen) -> None:
    from ..workspace.begun_environments import configurations
    from ..workspace.check_cache import Seen, cache_lines
    from ..workspace.settings import declaring_files, project_files
    from ..workspace.snapshots import watched_paths

    # Another default branch, or more history, could lead to more findings, and nothing in the cache would show it.
    if workspace.settings.default_branch is None and not facts.shallow and workspace.tree is workspace.committed:
        environments = [snapshot.environment for snapshot in workspace.snapshots]
        paths = workspace.tree.paths
        files = [*project_files(environments), *declaring_files(paths), *configurations(workspace.tree)]
        begun = workspace.begun.checksum if workspace.begun else 0
        cache_lines(facts, Seen(watched_paths(environments), list(dict.fromkeys(files)), paths, begun), screen.lines)
