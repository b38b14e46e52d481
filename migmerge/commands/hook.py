"""`migmerge hook`: what a git event brought in, the offer to join divergent heads, the reminder. Never harms git."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TextIO

from ..core.changes import Change, changes_between
from ..core.diagnosis import Evidence, diagnose
from ..core.environment import command
from ..core.errors import MigmergeError
from ..core.event import INDEX, GitEvent, Kind, event_of
from ..core.finding import Finding, Severity
from ..core.provenance import Provenance
from ..core.revision import Revision
from ..core.snapshot import Snapshot
from ..repository.git import COMMITTING, GitFailed
from ..repository.history import branches_at, current_branch
from ..repository.repository import Repository, open_repository
from ..repository.tree import index_tree, start_tree, tree_of
from ..repository.watching import watch
from ..terminal.arrivals import report_change, report_next, report_way_back
from ..terminal.findings import report_finding
from ..terminal.prompt import may_prompt, own_terminal
from ..terminal.screen import Screen, report_error
from .configured import read_settings
from .options import Options
from .reminding import upgrade_commands
from .snapshots import take_snapshots
from .survey import Survey, choose, examine, keep_out_of_imports, provenance


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
    except MigmergeError as error:
        report_error(f"migmerge {name}: {error}", error.hint, options.color)
    except Exception as error:
        if os.environ.get("MIGMERGE_DEBUG") == "1":
            raise
        report_error(f"migmerge {name}: {error}", "migmerge check", options.color)
    return 0


def _answer(options: Options, name: str, arguments: tuple[str, ...], terminal: TextIO | None) -> None:
    repository = open_repository(options.folder)
    keep_out_of_imports(repository.top)
    merge_commit = name == "post-commit" and repository.git.line("rev-parse", "--verify", "--quiet", "HEAD^2") is not None
    event = event_of(name, arguments, _in_progress(repository, name, arguments), merge_commit=merge_commit)
    surveys = _look(repository, event, options) if event else None
    if event is None or surveys is None:
        return
    before, after = surveys
    changes = changes_between(before.snapshots, after.snapshots)
    if not changes or after.settings.hooks == "off":
        return
    after = replace(after, snapshots=_touched(after.snapshots, changes))
    arrived = {change.environment.path: [each.revision for each in change.arrived] for change in changes}
    findings, evidence = examine(after, with_uncommitted=False, also=arrived if event.brings_others_work else None)
    told = _worth_telling(before, findings)
    if not told and not event.brings_others_work:
        return
    screen = Screen(sys.stderr, options.color)
    if event.brings_others_work:
        _report_changes(screen, event, changes, before, evidence)
    for finding in told:
        report_finding(screen, finding)
    asking = terminal if event.may_commit and after.settings.hooks == "prompt" else None
    done = asking is not None and _offer(screen, after, findings, evidence, asking)
    _remind(screen, changes, after, open_findings=bool(told) and not done)


def _in_progress(repository: Repository, name: str, arguments: tuple[str, ...]) -> frozenset[str]:
    """Return what git is in the middle of, as far as a checkout tells: rebases begin with one.

    One that picks nothing also ends with it. `rebase --apply` has not made its folder yet: only a detached HEAD and
    ORIG_HEAD, which it sets first, give it away.
    """
    if name != "post-checkout":
        return repository.in_progress
    if repository.rebase_picks_nothing:
        return repository.in_progress - {"rebase"}
    current = current_branch(repository)
    begins = current is None and repository.git.line("rev-parse", "--verify", "--quiet", "ORIG_HEAD") in arguments[:1]
    return repository.in_progress | ({"rebase"} if begins else set())


def _look(repository: Repository, event: GitEvent, options: Options) -> tuple[Survey, Survey] | None:
    """Read both moments; None where git has no first one, as before the first commit."""
    git = repository.git
    asked = [name for name in (event.before, event.after) if name != INDEX]
    naming = git.start("rev-parse", *(f"{name}^{{commit}}" for name in asked))
    listings = [start_tree(git, name) for name in asked]
    try:
        commits: list[str | None] = [*naming.text().split()]
    except GitFailed:
        return None
    trees = [tree_of(listing) for listing in listings]
    if event.after == INDEX:
        trees.append(index_tree(git))
        commits.append(None)
    snapshots = [take_snapshots(repository, tree) for tree in trees]
    environments = list(dict.fromkeys(each.environment for of_tree in snapshots for each in of_tree))
    watch(repository, [folder for environment in environments for folder in environment.versions])
    settings = read_settings(repository, environments)
    before, after = (
        Survey(repository, settings, commit, tree, choose(repository, of_tree, options, settings, required=False))
        for commit, tree, of_tree in zip(commits, trees, snapshots, strict=True)
    )
    return before, after


def _touched(snapshots: Sequence[Snapshot], changes: Sequence[Change]) -> tuple[Snapshot, ...]:
    paths = {change.environment.path for change in changes}
    return tuple(snapshot for snapshot in snapshots if snapshot.environment.path in paths)


def _worth_telling(before: Survey, findings: Sequence[Finding]) -> list[Finding]:
    """Keep divergent heads, and what else is new: an old quarrel with an old script is not news after each pull."""
    old = {(finding.code, finding.revisions, finding.paths) for each in before.snapshots for finding in diagnose(each)}
    return [
        finding
        for finding in findings
        if finding.code == "MM001"
        or (
            (finding.severity is Severity.ERROR or finding.code == "MM010")
            and (finding.code, finding.revisions, finding.paths) not in old
        )
    ]


def _report_changes(
    screen: Screen, event: GitEvent, changes: Sequence[Change], before: Survey, evidence: Mapping[str, Evidence]
) -> None:
    occasion = _occasion(event, before.repository)
    for change in changes:
        gathered = evidence.get(change.environment.path)
        known = dict(gathered.provenance) if gathered else {}
        report_change(screen, change, occasion, known | _provenance(before, change.gone))
        if event.kind is Kind.CHECKOUT and change.gone and (downgrade := _downgrade(change, before)):
            report_way_back(screen, change, downgrade)


def _provenance(survey: Survey, revisions: Sequence[Revision]) -> dict[str, Provenance]:
    names = {revision.revision for revision in revisions}
    found = [provenance(survey, snapshot, names) for snapshot in survey.snapshots if names]
    return {name: known for each in found for name, known in each.items()}


def _occasion(event: GitEvent, repository: Repository) -> str:
    match event.kind:
        case Kind.SQUASH:
            return "squashed into the index and not committed yet"
        case Kind.REBASE:
            return "with the rebase"
        case Kind.CHECKOUT:
            current = current_branch(repository)
            return f"on {current}" if current else ""
    sources = _sources(repository)
    return f"from {', '.join(sources)}" if sources else ""


def _sources(repository: Repository) -> list[str]:
    """Return the branches that end where the merged history ends; in post-merge MERGE_HEAD still tells."""
    current = current_branch(repository)
    merged = (repository.git.line("rev-parse", "HEAD^@") or "").split()[1:]
    tips = merged or ["HEAD"]
    named = ([branch for branch in branches_at(repository, tip) if branch != current] for tip in tips)
    return [branches[0] for branches in named if branches]


def _downgrade(change: Change, before: Survey) -> str | None:
    """Return the command that takes a database back behind what is gone, where that is one place."""
    graph = next(each.graph for each in before.snapshots if each.environment.path == change.environment.path)
    gone = {revision.revision for revision in change.gone}
    below = {parent for name in gone for parent in graph.parents[name]} - gone
    return command(change.environment, "downgrade", *below) if len(below) == 1 else None


def _offer(
    screen: Screen, survey: Survey, findings: Sequence[Finding], evidence: Mapping[str, Evidence], terminal: TextIO
) -> bool:
    """Ask whether to join what diverges, and carry out what was chosen; say whether all of it was done."""
    # The menu, Alembic and the commit are needed only now: 500 ms that no other event pays.
    from ..core.plan import Applied, Plan
    from ..terminal.plans import report_outcome
    from .applying import apply
    from .fix import plans_for
    from .offering import accepted

    plans = [plan for plan in plans_for(survey, findings, evidence) if isinstance(plan, Plan)]
    try:
        if not plans or not accepted(plans, survey.repository, screen, terminal):
            return False
        outcomes = [apply(plan, survey.repository, in_hook=True) for plan in plans]
    except KeyboardInterrupt:
        screen.say("not now, then; nothing was committed")
        return False
    for outcome in outcomes:
        report_outcome(screen, outcome)
    return all(isinstance(outcome, Applied) for outcome in outcomes)


def _remind(screen: Screen, changes: Sequence[Change], after: Survey, *, open_findings: bool) -> None:
    arrived = {change.environment.path for change in changes if change.arrived}
    snapshots = [snapshot for snapshot in after.snapshots if snapshot.environment.path in arrived]
    if snapshots:
        why = "once that is mended, bring your database up to date:" if open_findings else "to bring your database up to date:"
        report_next(screen, why, upgrade_commands(after, snapshots))
