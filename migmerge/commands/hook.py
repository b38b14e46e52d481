"""`migmerge hook`: the changes of a git event, the offer to join divergent heads, and the reminder to upgrade."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext

from ..core.environment import Environment
from ..core.finding import Finding
from ..core.git_event import INDEX, EventKind
from ..core.options import Options
from ..core.provenance import Provenance
from ..core.revision import Revision
from ..output.prompt import optional_terminal
from ..output.screen import Screen
from ..output.text.changes import report_change, report_gone, report_next, report_stopped
from ..output.text.findings import report_first
from ..repository.history import current_branch
from ..repository.hook_budget import within_budget
from ..workspace.event_report import EventReport, findings_that_stop, hooks_are_off, merged_branches, read_event
from ..workspace.evidence import diagnose_workspace, provenance_in
from ..workspace.reported_events import arguments_of, is_reported, note_reported
from ..workspace.workspace import Workspace, open_workspace, upgrade_commands

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TextIO

    from ..fix.menu import Offer


def hook(options: Options, name: str = "", *, arguments: tuple[str, ...] = ()) -> None:
    """Answer one call of a git hook; after `--report`, that of a hook manager: never asking, and once beside our own hooks."""
    if hooks_are_off():
        return
    if is_guest := name == "--report":
        name, arguments = "".join(arguments[:1]), arguments[1:]
    # Before anything else: until migmerge holds the terminal, Ctrl-C also kills the git that waits for it.
    with nullcontext() if is_guest else optional_terminal() as terminal, within_budget() as lift:
        report = read_event(options, name, arguments_of(name, arguments))
        if not report or (is_guest and is_reported(report.after.repository, name)):
            return
        if report.reported or report.listed:
            _report(report, options, terminal, lift)
        note_reported(report.after.repository, name)


def _report(report: EventReport, options: Options, terminal: TextIO | None, lift: Callable[[], None]) -> None:
    """Report an event; before a question is asked, `lift` ends the bounds of time and memory."""
    screen = Screen(sys.stderr, options.color)
    screen.commands_run_at(report.after.repository.top)
    if terminal and report.event.may_commit and report.after.settings.hooks == "prompt":
        # The menu, Alembic and the commit take 500 ms to import, which only a question pays.
        from ..fix.menu import offer_after

        if offer := offer_after(report, options, screen):
            lift()
            _offer(offer, report, terminal)
            return
    branches = merged_branches(report) if report.event.kind is EventKind.MERGE else []
    _report_changes(screen, report, branches)
    report_first(screen, report.reported)
    _remind(screen, report, findings_that_stop(report), open_findings=bool(report.reported))


def _offer(offer: Offer, report: EventReport, terminal: TextIO) -> None:
    """Report what the picture of the fork leaves out, and offer to join its heads."""
    from ..fix.menu import offer_in_hook

    screen = offer.context.screen
    branches = merged_branches(report) if report.event.kind is EventKind.MERGE else []
    _report_changes(screen, report, branches, drawn=offer.drawn)
    report_first(screen, [each for each in report.reported if not (offer.forks and each.kind.shown_before_fix)])
    arrived = [each.revision for change in report.listed for each in change.arrived] if len(branches) == 1 else []
    findings = report.reported if offer.forks else ()
    applied = offer_in_hook(offer, findings, dict.fromkeys(arrived, branches[0] if branches else ""), terminal)
    if applied and not offer.forks:
        _remind_after_repair(screen, report, offer.context.options)
    elif applied or not offer.forks:
        _remind(screen, report, findings_that_stop(report), open_findings=not applied)


def _remind_after_repair(screen: Screen, report: EventReport, options: Options) -> None:
    """Look again once scripts were repaired: what stops an upgrade may be left, or heads to join."""
    findings, _ = diagnose_workspace(open_workspace(options))
    if any(finding.is_error for finding in findings):
        report_next(screen, "to mend what is left:", ["migmerge fix"])
    else:
        _remind(screen, report, findings, open_findings=False)


def _report_changes(screen: Screen, report: EventReport, branches: Sequence[str], drawn: Collection[str] = frozenset()) -> None:
    """Print the revisions that arrived and left, without those that are `drawn` below."""
    occasion = _occasion(report, branches)
    if report.listed and report.event.kind is EventKind.REBASE:
        screen.say()  # git leaves "Rebasing (1/1)" without a line end
    for listed in report.listed:
        change = listed._replace(arrived=tuple(each for each in listed.arrived if each.revision not in drawn))
        if not change.arrived and not change.gone:
            continue
        evidence = report.evidence.get(change.environment.name)
        known = dict(evidence.provenance) if evidence else {}
        if len(branches) == 1:
            arrived = {each.revision for each in change.arrived}.intersection(known)
            known |= {name: known[name]._replace(branch=branches[0]) for name in arrived}
        report_change(screen, change, occasion, known | _provenance(report.before, change.gone))
        if change.gone and _can_sync(report, change.environment):
            report_gone(screen, change, "git commit && migmerge sync" if report.event.after == INDEX else "migmerge sync")


def _can_sync(report: EventReport, environment: Environment) -> bool:
    """Say whether `migmerge sync` works in an environment: not in one that left as a whole, nor where Alembic loads nothing."""
    broken = {finding.environment for finding in report.findings if finding.is_error and finding.kind.blocks_fix}
    here = {snapshot.environment.name for snapshot in report.after.snapshots}
    return environment.name in here - broken


def _provenance(workspace: Workspace, revisions: Sequence[Revision]) -> dict[str, Provenance]:
    names = {revision.revision for revision in revisions}
    found = [provenance_in(workspace, snapshot, names) for snapshot in workspace.snapshots if names]
    return {name: known for each in found for name, known in each.items()}


def _occasion(report: EventReport, branches: Sequence[str]) -> str:
    match report.event.kind:
        case EventKind.SQUASH:
            return "squashed into the index and not committed yet"
        case EventKind.REBASE:
            return "with the rebase"
        case EventKind.COMMIT | EventKind.PICK:
            return "with this commit"
        case EventKind.CHECKOUT:
            current = current_branch(report.after.repository)
            return f"on {current}" if current else ""
    return f"from {', '.join(branches)}" if branches else ""


def _remind(screen: Screen, report: EventReport, findings: Sequence[Finding], *, open_findings: bool) -> None:
    arrived = {change.environment.name for change in report.changes if change.arrived}
    stopped = {finding.environment for finding in findings if finding.stops_upgrade}
    if arrived & stopped:
        report_stopped(screen, [finding for finding in findings if finding.environment in arrived])
    concerned = arrived - stopped
    snapshots = [snapshot for snapshot in report.after.snapshots if snapshot.environment.name in concerned]
    if snapshots:
        why = "once that is fixed, bring your database up to date:" if open_findings else "to bring your database up to date:"
        report_next(screen, why, upgrade_commands(report.after, snapshots))
