"""`migmerge hook`: what a git event brought in, the offer to join divergent heads, the reminder. Never harms git."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from ..core.errors import MigmergeError
from ..core.event import EventKind
from ..core.options import Options
from ..core.provenance import Provenance
from ..core.revision import Revision
from ..output.prompt import may_prompt, own_terminal
from ..output.screen import Screen, report_error
from ..output.text.changes import report_change, report_gone, report_next
from ..output.text.findings import report_finding
from ..repository.git import COMMITTING
from ..repository.history import branches_at, current_branch
from ..workspace.evidence import provenance_in
from ..workspace.git_event import EventReport, read_event
from ..workspace.workspace import Workspace, upgrade_commands

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import TextIO


def hook(options: Options, name: str = "", *, arguments: tuple[str, ...] = ()) -> int:
    """Answer one call of a git hook; whatever happens in here, git goes on: the exit status of post-checkout is git's own."""
    if os.environ.get("MIGMERGE") == "0" or os.environ.get(COMMITTING):
        return 0
    try:
        with ExitStack() as held:
            # At once: until we hold the terminal, Ctrl-C also kills the git that waits for us.
            terminal = held.enter_context(own_terminal()) if may_prompt() else None
            _answer(options, name, arguments, terminal)
    except KeyboardInterrupt:
        pass
    except Exception as error:
        if os.environ.get("MIGMERGE_DEBUG") == "1":
            raise
        hint = error.hint if isinstance(error, MigmergeError) else "migmerge check"
        with suppress(OSError):  # nobody can be told any more
            report_error(f"migmerge {name}: {error}", hint, options.color)
    return 0


def _answer(options: Options, name: str, arguments: tuple[str, ...], terminal: TextIO | None) -> None:
    report = read_event(options, name, arguments)
    if report is None or not (report.told or report.event.brings_others_work):
        return
    screen = Screen(sys.stderr, options.color)
    screen.commands_run_at(report.after.repository.top)
    if report.event.brings_others_work:
        _report_changes(screen, report)
    for finding in report.told:
        report_finding(screen, finding)
    may_ask = report.event.may_commit and report.after.settings.hooks == "prompt"
    done = terminal is not None and may_ask and _offer(screen, report, terminal)
    _remind(screen, report, open_findings=bool(report.told) and not done)


def _report_changes(screen: Screen, report: EventReport) -> None:
    occasion = _occasion(report)
    if report.event.kind is EventKind.REBASE:
        screen.say()  # git leaves "Rebasing (1/1)" immovable without a line end
    for change in report.changes:
        gathered = report.evidence.get(change.environment.path)
        known = dict(gathered.provenance) if gathered else {}
        report_change(screen, change, occasion, known | _provenance(report.before, change.gone))
        if report.event.kind is EventKind.CHECKOUT and change.gone:
            report_gone(screen, change)


def _provenance(workspace: Workspace, revisions: Sequence[Revision]) -> dict[str, Provenance]:
    names = {revision.revision for revision in revisions}
    found = [provenance_in(workspace, snapshot, names) for snapshot in workspace.snapshots if names]
    return {name: known for each in found for name, known in each.items()}


def _occasion(report: EventReport) -> str:
    repository = report.after.repository
    match report.event.kind:
        case EventKind.SQUASH:
            return "squashed into the index and not committed yet"
        case EventKind.REBASE:
            return "with the rebase"
        case EventKind.CHECKOUT:
            current = current_branch(repository)
            return f"on {current}" if current else ""
    sources = _sources(report)
    return f"from {', '.join(sources)}" if sources else ""


def _sources(report: EventReport) -> list[str]:
    """Return the branches that end where the merged history ends: HEAD itself after a fast-forward, whatever that merged.

    In post-merge MERGE_HEAD still tells a merge from a fast-forward; post-commit only ends merges.
    """
    repository = report.after.repository
    current = current_branch(repository)
    merged = "merge" in repository.in_progress or report.event.before == "HEAD^1"
    tips = (repository.git.line("rev-parse", "HEAD^@") or "").split()[1:] if merged else ["HEAD"]
    named = ([branch for branch in branches_at(repository, tip) if branch != current] for tip in tips)
    return [branches[0] for branches in named if branches]


def _offer(screen: Screen, report: EventReport, terminal: TextIO) -> bool:
    """Ask whether to join what diverges, and carry out what was chosen; say whether all of it was done."""
    # The menu, Alembic and the commit are needed only now: 500 ms that no other event pays.
    from ..core.fix_plan.plan import Applied, Proposal
    from ..fix.apply import apply
    from ..fix.context import FixOptions
    from ..fix.menu import alternatives, choose_plans
    from ..fix.propose import proposals_for
    from ..output.text.fix_plan import report_outcomes, report_proposals

    workspace, configured = report.after, report.after.settings.strategy
    fix_options = FixOptions().under(workspace.settings)
    proposed = proposals_for(workspace, report.findings, report.evidence, fix_options)
    proposals = [proposal for proposal in proposed if isinstance(proposal, Proposal)]
    offered = alternatives(proposals, fix_options.strategy, configured)
    if not offered:
        return False
    if fix_options.strategy is None:
        report_proposals(screen, proposals, configured)
    try:
        taken = choose_plans(offered, proposals, workspace.repository, screen, terminal)
        outcomes = [apply(plan, workspace.repository, in_hook=True) for plan in taken]
    except KeyboardInterrupt:
        screen.say("not now, then; nothing was committed")
        return False
    report_outcomes(screen, outcomes)
    return bool(outcomes) and all(isinstance(outcome, Applied) for outcome in outcomes)


def _remind(screen: Screen, report: EventReport, *, open_findings: bool) -> None:
    brought = {change.environment.path for change in report.changes if change.arrived}
    snapshots = [snapshot for snapshot in report.after.snapshots if snapshot.environment.path in brought]
    if snapshots:
        why = "once that is mended, bring your database up to date:" if open_findings else "to bring your database up to date:"
        report_next(screen, why, upgrade_commands(report.after, snapshots))
