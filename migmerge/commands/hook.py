"""`migmerge hook`: what a git event brought in, the offer to join divergent heads, the reminder. Never harms git."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from ..core.errors import MigmergeError
from ..core.event import Kind
from ..core.provenance import Provenance
from ..core.revision import Revision
from ..repository.git import COMMITTING
from ..repository.history import branches_at, current_branch
from ..terminal.arrivals import report_change, report_next, report_way_back
from ..terminal.findings import report_finding
from ..terminal.prompt import may_prompt, own_terminal
from ..terminal.screen import Screen, report_error
from .arriving import Arrival, arrival_of
from .examining import provenance
from .options import Options
from .reminding import upgrade_commands
from .survey import Survey

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
    arrival = arrival_of(options, name, arguments)
    if arrival is None or not (arrival.told or arrival.event.brings_others_work):
        return
    screen = Screen(sys.stderr, options.color)
    screen.commands_run_at(arrival.after.repository.top)
    if arrival.event.brings_others_work:
        _report_changes(screen, arrival)
    for finding in arrival.told:
        report_finding(screen, finding)
    may_ask = arrival.event.may_commit and arrival.after.settings.hooks == "prompt"
    done = terminal is not None and may_ask and _offer(screen, arrival, terminal)
    _remind(screen, arrival, open_findings=bool(arrival.told) and not done)


def _report_changes(screen: Screen, arrival: Arrival) -> None:
    occasion = _occasion(arrival)
    if arrival.event.kind is Kind.REBASE:
        screen.say()  # git leaves "Rebasing (1/1)" standing without a line end
    for change in arrival.changes:
        gathered = arrival.evidence.get(change.environment.path)
        known = dict(gathered.provenance) if gathered else {}
        report_change(screen, change, occasion, known | _provenance(arrival.before, change.gone))
        if arrival.event.kind is Kind.CHECKOUT and change.gone:
            report_way_back(screen, change)


def _provenance(survey: Survey, revisions: Sequence[Revision]) -> dict[str, Provenance]:
    names = {revision.revision for revision in revisions}
    found = [provenance(survey, snapshot, names) for snapshot in survey.snapshots if names]
    return {name: known for each in found for name, known in each.items()}


def _occasion(arrival: Arrival) -> str:
    repository = arrival.after.repository
    match arrival.event.kind:
        case Kind.SQUASH:
            return "squashed into the index and not committed yet"
        case Kind.REBASE:
            return "with the rebase"
        case Kind.CHECKOUT:
            current = current_branch(repository)
            return f"on {current}" if current else ""
    sources = _sources(arrival)
    return f"from {', '.join(sources)}" if sources else ""


def _sources(arrival: Arrival) -> list[str]:
    """Return the branches that end where the merged history ends: HEAD itself after a fast-forward, whatever that merged.

    In post-merge MERGE_HEAD still tells a merge from a fast-forward; post-commit only ends merges.
    """
    repository = arrival.after.repository
    current = current_branch(repository)
    merged = "merge" in repository.in_progress or arrival.event.before == "HEAD^1"
    tips = (repository.git.line("rev-parse", "HEAD^@") or "").split()[1:] if merged else ["HEAD"]
    named = ([branch for branch in branches_at(repository, tip) if branch != current] for tip in tips)
    return [branches[0] for branches in named if branches]


def _offer(screen: Screen, arrival: Arrival, terminal: TextIO) -> bool:
    """Ask whether to join what diverges, and carry out what was chosen; say whether all of it was done."""
    # The menu, Alembic and the commit are needed only now: 500 ms that no other event pays.
    from ..core.cures.plan import Applied, Proposal
    from ..terminal.plans import report_outcomes, report_proposals
    from .applying import apply
    from .offering import alternatives, chosen
    from .weighing import proposals_for
    from .wishes import Wishes

    survey, configured = arrival.after, arrival.after.settings.strategy
    wishes = Wishes().under(survey.settings)
    proposed = proposals_for(survey, arrival.findings, arrival.evidence, wishes)
    proposals = [proposal for proposal in proposed if isinstance(proposal, Proposal)]
    offered = alternatives(proposals, wishes.strategy, configured)
    if not offered:
        return False
    if wishes.strategy is None:
        report_proposals(screen, proposals, configured)
    try:
        taken = chosen(offered, proposals, survey.repository, screen, terminal)
        outcomes = [apply(plan, survey.repository, in_hook=True) for plan in taken]
    except KeyboardInterrupt:
        screen.say("not now, then; nothing was committed")
        return False
    report_outcomes(screen, outcomes)
    return bool(outcomes) and all(isinstance(outcome, Applied) for outcome in outcomes)


def _remind(screen: Screen, arrival: Arrival, *, open_findings: bool) -> None:
    brought = {change.environment.path for change in arrival.changes if change.arrived}
    snapshots = [snapshot for snapshot in arrival.after.snapshots if snapshot.environment.path in brought]
    if snapshots:
        why = "once that is mended, bring your database up to date:" if open_findings else "to bring your database up to date:"
        report_next(screen, why, upgrade_commands(arrival.after, snapshots))
