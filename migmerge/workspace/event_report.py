"""A git event: the revisions that it added and removed, and the findings since."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..core.evidence import Evidence
from ..core.finding import Finding, InHook
from ..core.findings.comparisons import revisions_moved
from ..core.findings.registry import DIVERGENT_HEADS
from ..core.findings.scripts import diagnose
from ..core.git_event import INDEX, EventKind, GitEvent, HeadCommit, event_of, head_commit
from ..core.options import Options
from ..core.provenance import Provenance
from ..core.snapshot import EnvironmentChange, MovedRevision, Snapshot, changes_between
from ..repository.git import COMMITTING, GitFailed
from ..repository.history import branches_at, current_branch
from ..repository.hooks.watched_paths import watch_folders
from ..repository.isolation import keep_out_of_imports
from ..repository.repository import Repository, open_repository
from ..repository.tree import changed_tree, index_tree, start_changes, start_tree, tree_of
from .evidence import closed_findings, diagnose_workspace
from .settings import read_settings
from .snapshots import paths_not_as_committed, take_snapshots, work_tree_snapshots
from .workspace import Moment, Workspace, select_environments


class EventReport(NamedTuple):
    """Hold a git event, the workspaces before and after it, all findings since, and in `reported` those for the user.

    `after` is the work tree; the `changes` are those of commits.
    """

    event: GitEvent
    before: Workspace
    after: Workspace
    changes: tuple[EnvironmentChange, ...]
    findings: tuple[Finding, ...]
    reported: tuple[Finding, ...]
    evidence: Mapping[str, Evidence]

    @property
    def listed(self) -> tuple[EnvironmentChange, ...]:
        """Return the changes to list: of one's own commit and of a pick only those in which a revision left."""
        others = self.event.brings_others_work
        return tuple(change for change in self.changes if change.gone or (others and change.arrived))


def hooks_are_off() -> bool:
    """Say whether MIGMERGE=0 turns the hooks off, or the event is a commit that migmerge itself makes."""
    return os.environ.get("MIGMERGE") == "0" or bool(os.environ.get(COMMITTING))


def read_event(options: Options, name: str, arguments: tuple[str, ...]) -> EventReport | None:
    """Compare the repository before and after the event of a hook; None where no migration changed, or the hooks are off."""
    repository = open_repository(options.folder)
    keep_out_of_imports(repository.top)
    head = _head_commit(repository) if name == "post-commit" else HeadCommit.PLAIN
    event = event_of(name, arguments, _in_progress(repository, name, arguments), head)
    workspaces = _workspaces(repository, event, options) if event else None
    if event is None or workspaces is None:
        return None
    before, after = workspaces
    _keep_what_left(before, after)
    changes = changes_between(before.snapshots, after.snapshots)
    if not changes or after.settings.hooks == "off":
        return None
    here = _as_on_disk(event, before, after.with_snapshots(_changed_snapshots(after.snapshots, changes)))
    arrived = {change.environment.name: [each.revision for each in change.arrived] for change in changes}
    # Of the merge points only what came with the event is news, and a hook has no time for an old history.
    merge_points = {name for names in arrived.values() for name in names}
    also = arrived if event.brings_others_work else None
    findings, evidence = diagnose_workspace(here, also=also, merge_points=merge_points)
    findings = (*findings, *_moved_under_user(event, before, after, changes))
    reported = tuple(_at_event(event, finding) for finding in _to_report(before, findings))
    return EventReport(event, before, here, changes, findings, reported, evidence)


def _keep_what_left(before: Workspace, after: Workspace) -> None:
    """Keep the scripts that the event took away or rewrote: they may have run here, and soon no reference leads to them."""
    changed = {path: blob for path, blob in before.script_blobs.items() if after.tree.blobs.get(path) != blob}
    stay = set(after.tree.blobs.values()) if changed else set()
    left = {path: blob for path, blob in changed.items() if blob not in stay}
    if left and before.commit and after.settings.hooks != "off":
        # Only where something left: the time, and a few more processes of git.
        from time import time

        from ..repository.left_scripts import keep_left_scripts

        keep_left_scripts(after.repository, left, before.commit, int(time()))


def _as_on_disk(event: GitEvent, before: Workspace, after: Workspace) -> Workspace:
    """Return the workspace after the event with what is not committed, which Alembic loads too."""
    if event.after == INDEX:
        return after
    concerned = {snapshot.environment for snapshot in after.snapshots}
    if not paths_not_as_committed(after.repository, concerned, after.tree):
        moment = Moment("worktree", after.tree, after.commit, committed=after.tree)
        return Workspace(after.repository, after.settings, moment, after.snapshots)
    tree, snapshots = work_tree_snapshots(after.repository, after.tree, since=before.tree)
    moment = Moment("worktree", tree, after.commit, committed=after.tree)
    selected = tuple(snapshot for snapshot in snapshots if snapshot.environment in concerned)
    return Workspace(after.repository, after.settings, moment, selected)


def findings_that_stop(report: EventReport) -> list[Finding]:
    """Return the findings because of which no upgrade runs to its end, those about old merge points too, which are no news."""
    found = {finding.identity: finding for finding in report.findings if finding.stops_upgrade}
    for snapshot in report.after.snapshots:
        for finding in closed_findings(report.after, snapshot):
            found.setdefault(finding.identity, finding)
    return [*found.values()]


def merged_branches(report: EventReport) -> list[str]:
    """Return a branch at the end of each merged history, which after a fast-forward is HEAD.

    A merge differs from a fast-forward by MERGE_HEAD, which git still has in post-merge; post-commit only ends merges.
    """
    repository = report.after.repository
    current = current_branch(repository)
    merged = "merge" in repository.in_progress or report.event.before == "HEAD^1"
    ends = (repository.git.line_if_any("rev-parse", "HEAD^@") or "").split()[1:] if merged else [report.after.commit or ""]
    named = ([branch for branch in branches_at(report.after.branches, end) if branch != current] for end in ends)
    return [branches[0] for branches in named if branches]


def _head_commit(repository: Repository) -> HeadCommit:
    git = repository.git
    reflog = git.line_if_any("log", "--walk-reflogs", "-1", "--format=%gs") or ""
    has_second = git.line("rev-parse", "--verify", "--quiet", "HEAD^2") is not None
    return head_commit(reflog, parents=2 if has_second else 1)


def _in_progress(repository: Repository, name: str, arguments: tuple[str, ...]) -> frozenset[str]:
    """Return git's unfinished operations at the time of a hook; a rebase begins with a checkout.

    A rebase that picks nothing also ends with that checkout. `rebase --apply` has not made its folder yet: only a detached
    HEAD, and ORIG_HEAD, which it sets first, show it.
    """
    if name != "post-checkout":
        return repository.in_progress
    if repository.rebase_picks_nothing:
        return repository.in_progress - {"rebase"}
    current = current_branch(repository)
    begins = current is None and repository.git.line("rev-parse", "--verify", "--quiet", "ORIG_HEAD") in arguments[:1]
    return repository.in_progress | ({"rebase"} if begins else set())


def _workspaces(repository: Repository, event: GitEvent, options: Options) -> tuple[Workspace, Workspace] | None:
    """Open the workspaces before and after the event; None where there is no commit before it."""
    git = repository.git
    asked = [name for name in (event.before, event.after) if name != INDEX]
    naming = git.start("rev-parse", *(f"{name}^{{commit}}" for name in asked))
    listing = start_tree(git, event.before)
    changing = start_changes(git, *asked) if event.after != INDEX else None
    try:
        commits: list[str | None] = [*naming.text().split()]
    except GitFailed:
        return None
    trees = [tree_of(git, listing)]
    trees.append(changed_tree(git, trees[0], event.after, changing) if changing else index_tree(git))
    if event.after == INDEX:
        commits.append(None)
    snapshots = [take_snapshots(repository, trees[0]), take_snapshots(repository, trees[1], since=trees[0])]
    environments = list(dict.fromkeys(each.environment for of_tree in snapshots for each in of_tree))
    watch_folders(repository, [folder for environment in environments for folder in environment.versions])
    settings = read_settings(repository, environments)
    before, after = (
        Workspace(
            repository,
            settings,
            Moment("index" if commit is None else "commit", tree, commit),
            select_environments(repository, of_tree, options, settings, required=False),
        )
        for commit, tree, of_tree in zip(commits, trees, snapshots, strict=True)
    )
    return before, after


def _changed_snapshots(snapshots: Sequence[Snapshot], changes: Sequence[EnvironmentChange]) -> tuple[Snapshot, ...]:
    paths = {change.environment.name for change in changes}
    return tuple(snapshot for snapshot in snapshots if snapshot.environment.name in paths)


def _moved_under_user(
    event: GitEvent, before: Workspace, after: Workspace, changes: Sequence[EnvironmentChange]
) -> Iterator[Finding]:
    """Yield the findings about revisions that somebody moved; a commit of one's own and a pick move what they say."""
    if not event.brings_others_work or not any(change.moved for change in changes):
        return
    from ..repository.history import own_address

    address = own_address(after.repository)
    for change in changes:
        known = {moved.after.revision: _last_change(before, after, moved) for moved in change.moved}
        by = {name: provenance for name, provenance in known.items() if provenance}
        # From branch to branch, what the user moved is no news, nor what is unmoved on the branch that is returned to.
        by_others = {name for name, provenance in by.items() if provenance.mail != address}
        moved = [each for each in change.moved if event.kind is not EventKind.CHECKOUT or each.after.revision in by_others]
        yield from revisions_moved(change.environment.name, moved, by)


def _last_change(before: Workspace, after: Workspace, moved: MovedRevision) -> Provenance | None:
    from ..repository.history import last_change_of

    if before.commit is None or after.commit is None:
        return None
    return last_change_of(after.repository, moved.after.path, before.commit, after.commit)


def _to_report(before: Workspace, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Keep what is new and, where heads diverge, all that keeps them from being joined or collides.

    An old fault of an old script is no news after each pull.
    """
    diverging = any(finding.kind is DIVERGENT_HEADS for finding in findings)
    always = {
        finding for finding in findings if diverging and (finding.is_error or finding.kind.in_hook is InHook.WITH_DIVERGENCE)
    }
    if_new = {finding for finding in findings if finding.is_error or finding.kind.in_hook is InHook.WHEN_NEW} - always
    old = {finding.identity for each in before.snapshots for finding in diagnose(each)} if if_new else set[object]()
    return tuple(each for each in findings if each in always or (each in if_new and each.identity not in old))


def _at_event(event: GitEvent, finding: Finding) -> Finding:
    """Let the hint commit first what is only in the index."""
    return finding.after("git commit") if event.after == INDEX and finding.hint.commits else finding
