"""The last command's changes, taken back: the databases first, then the files, the index and HEAD."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from ..core.consent import Consent
from ..core.database.kept_backup import Occasion
from ..core.database.selection import ALL, Selection
from ..core.environment import command
from ..core.errors import OutcomeUnknown
from ..core.fix_plan.plan import Refusal
from ..core.fix_plan.undo_plan import DatabaseNow, UndoFacts, UndoPlan, plan_undo
from ..core.journal import UNDOING, UNDONE, JournalEntry, JournalFile, files_of
from ..core.options import Options
from ..core.revision import Revision
from ..core.snapshot import Snapshot
from ..output.screen import Screen
from ..repository.commit import head_of, paths_in, stage, uncommit, unstage
from ..repository.files import half_written, replace_file
from ..repository.git import GitFailed
from ..repository.interrupts import interrupts_ignored
from ..repository.journal import Journal, bytes_on_disk, unfinished
from ..repository.refs import commits_since, remote_branch_with
from ..repository.repository import Repository
from ..workspace.workspace import Workspace


class UndoOptions(NamedTuple):
    """Hold the options of `migmerge undo`; `with_databases` allows to ask databases, `selection` says which are trusted."""

    yes: bool = False
    dry_run: bool = False
    listed: bool = False
    with_databases: bool = True
    selection: Selection = ALL
    backup: bool = True
    output: str = "text"


class Connecting(NamedTuple):
    """Hold with what a session is opened."""

    options: Options
    selection: Selection


def propose_undo(
    workspace: Workspace, entries: tuple[JournalEntry, ...], connecting: Connecting, *, with_databases: bool
) -> UndoPlan | Refusal:
    """Plan to take changes back by what the repository and the databases are now."""
    repository, files = workspace.repository, files_of(entries)
    commits = [entry.commit for entry in entries if entry.commit]
    last = entries[-1].commit or entries[-1].head
    concerned = [each for each in workspace.snapshots if _has_any(each, entries)]
    restored = {entry.environment for entry in entries if entry.databases}
    to_ask = [each for each in concerned if each.environment.name not in restored]
    facts = UndoFacts(
        head=head_of(repository),
        in_progress=next(iter(sorted(repository.in_progress)), None),
        published=remote_branch_with(repository.git, commits[0]) if commits else None,
        since=commits_since(repository.git, last) if last else 0,
        on_disk={path: bytes_on_disk(repository, path) for path in files},
        edited=_edited(repository, [path for path, file in files.items() if not file.uncommitted]),
        followers=dict(_followers(workspace, files)),
        applied=_applied(repository, to_ask, connecting) if with_databases else frozenset(),
        now=_now(repository, workspace, entries, connecting) if with_databases else {},
        downgrade=_downgrade(concerned, entries),
    )
    return plan_undo(entries, facts)


def _has_any(snapshot: Snapshot, entries: Sequence[JournalEntry]) -> bool:
    return any(name in snapshot.graph for entry in entries for name in entry.revisions)


def _edited(repository: Repository, paths: Sequence[str]) -> tuple[str, ...]:
    if not paths:
        return ()
    found = repository.porcelain.diff("--name-only", "-z", "--cached", "HEAD", "--", *(f":(top,literal){path}" for path in paths))
    return tuple(path for path in found.split("\0") if path)


def _followers(workspace: Workspace, files: Mapping[str, JournalFile]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each revision that would go with the scripts that name it."""
    going = {path for path, file in files.items() if file.before is None}
    for snapshot in workspace.snapshots:
        scripts = [script for script in snapshot.scripts if isinstance(script, Revision)]
        for gone in (script.revision for script in scripts if script.path in going):
            yield gone, tuple(each.path for each in scripts if gone in (*each.down_revisions, *each.depends_on))


def _applied(repository: Repository, snapshots: Sequence[Snapshot], connecting: Connecting) -> frozenset[str] | None:
    """Return what the databases have run; None where one does not tell."""
    if not snapshots:
        return frozenset()
    from ..sync.inspect import applied_revisions  # the rooms that use databases take 60 ms to import

    found = [applied_revisions(repository, snapshot, *connecting) for snapshot in snapshots]
    known = [each for each in found if each is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def _now(
    repository: Repository, workspace: Workspace, entries: Sequence[JournalEntry], connecting: Connecting
) -> dict[tuple[str, str], DatabaseNow]:
    """Return the databases that were changed too, by environment and bind, without those that do not answer."""
    changed = {entry.environment for entry in entries if entry.databases}
    snapshots = [each for each in workspace.snapshots if each.environment.name in changed]
    found = {}
    for snapshot in snapshots:
        from ..sync.inspect import inspect_databases, open_session
        from ..sync.row_counts import row_counts

        with open_session(repository, snapshot.environment, *connecting) as session:
            statuses = inspect_databases(repository, snapshot.environment, session).report.statuses
            databases = [status.database for status in statuses]
            rows = row_counts(session, databases)
            for each in databases:
                found[snapshot.environment.name, each.bind] = DatabaseNow(each.recorded, rows.get(each.bind, ()))
    return found


def _downgrade(snapshots: Sequence[Snapshot], entries: Sequence[JournalEntry]) -> str:
    """Return the command that takes the revisions back in a database, to the first one's parent."""
    names = {name for entry in entries for name in entry.revisions}
    for snapshot in snapshots:
        graph = snapshot.graph
        for name in graph.in_order(names & graph.revisions.keys()):
            parents = graph.parents[name]
            return command(snapshot.environment, "downgrade", parents[0] if parents else "base")
    return "migmerge doctor"


def take_back(
    consent: Consent[UndoPlan], workspace: Workspace, connecting: Connecting, undo_options: UndoOptions, screen: Screen
) -> bool:
    """Carry out an undo that was shown and agreed to; return False where the user stops, as there is no backup.

    Raises:
        MigmergeError: where a database could not be restored: then the files are as they were.
        OutcomeUnknown: where git fails in the middle, for the next run to end.
    """
    plan, repository, journal = consent.plan, workspace.repository, Journal(workspace.repository)
    if plan.databases and not _restore_databases(plan, workspace, connecting, undo_options, screen):
        return False
    for entry in plan.entries:
        journal.mark(entry, UNDOING)
    try:
        _put_back(repository, plan)
    except GitFailed as error:
        raise OutcomeUnknown(f"{error}; the undo is not finished", hint="migmerge undo") from error
    for entry in plan.entries:
        journal.mark(entry, UNDONE)
    return True


def _restore_databases(
    plan: UndoPlan, workspace: Workspace, connecting: Connecting, undo_options: UndoOptions, screen: Screen
) -> bool:
    """Back up the databases as they are now, and run the scripts that restore them."""
    from ..sync.restore import Restore, RestoreOptions, restore_databases  # the rooms that use databases take 60 ms

    names = dict.fromkeys(environment for environment, _ in plan.databases)
    restores = []
    for snapshot in (each for each in workspace.snapshots if each.environment.name in names):
        scripts = {each.bind: each.restore_script for name, each in plan.databases if name == snapshot.environment.name}
        restores.append(Restore(snapshot.environment, scripts))
    occasion = Occasion("undo", plan.entries[-1].title)
    how = RestoreOptions(occasion, connecting.options, connecting.selection, undo_options.backup, may_ask=not undo_options.yes)
    return restore_databases(workspace.repository, restores, how, screen) is not None


def _put_back(repository: Repository, plan: UndoPlan) -> None:
    """Put back the files, then HEAD and the index, so that a killed undo can be finished."""
    with interrupts_ignored():
        for file in plan.files:
            _write(repository, file.path, file.before, file.mode)
        committed = [file.path for file in plan.files if not file.uncommitted]
        if plan.commit:
            uncommit(repository, plan.commit, plan.head, committed)
        stage(repository, [file.path for file in plan.files if file.staged])


def _write(repository: Repository, path: str, data: bytes | None, mode: int | None) -> None:
    target = repository.absolute(path)
    if data is None:
        if os.path.lexists(target):
            os.unlink(target)
    elif bytes_on_disk(repository, path) != data:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        replace_file(target, data, mode)


def recover(repository: Repository, screen: Screen) -> None:
    """Finish or take back what a killed migmerge left behind in this work tree, and say so."""
    journal = Journal(repository)
    for entry in unfinished(journal, repository.top) if journal.is_idle else ():
        head = head_of(repository)
        _remove_half_written(repository, entry)
        if entry.state == UNDOING:
            _finish_undo(repository, journal, entry, head)
            screen.note(f"an undo that was cut short is finished: {entry.title}")
        elif not entry.files:  # the change of a database is written down once it is made
            journal.drop(entry)
            said = f"{entry.title} was done and could not be written down; what takes it back is its backup: "
            screen.note(said, ("migmerge backups", "command"))
        elif _is_committed(repository, entry, head):
            journal.finish(entry, commit=head)
            screen.note(f"migmerge was ended right after its commit of {entry.title}")
        else:
            _go_back(repository, journal, entry, head)
            screen.note(f"migmerge was ended in the middle of {entry.title}, which is taken back")


def _remove_half_written(repository: Repository, entry: JournalEntry) -> None:
    """Remove what the killed process had begun to write beside its files."""
    process = entry.run.rpartition(" ")[2]
    for file in entry.files if process.isdecimal() else ():
        with suppress(OSError):
            os.unlink(half_written(repository.absolute(file.path), int(process)))


def _is_committed(repository: Repository, entry: JournalEntry, head: str | None) -> bool:
    """Say whether the commit of an entry was made: on the commit before, of the planned files alone."""
    if head is None or head == entry.head or repository.git.line("rev-parse", "--verify", "--quiet", "HEAD^") != entry.head:
        return False
    planned = {file.path for file in entry.files if not file.uncommitted}
    return bool(planned) and set(paths_in(repository, head)) == planned


def _finish_undo(repository: Repository, journal: Journal, entry: JournalEntry, head: str | None) -> None:
    commit = entry.commit if head == entry.commit else None
    _put_back(repository, UndoPlan((entry,), entry.files, (), entry.head, commit))
    if head == entry.head:  # it was killed before the index followed
        unstage(repository, [file.path for file in entry.files if not file.uncommitted], required=True)
    journal.mark(entry, UNDONE)


def _go_back(repository: Repository, journal: Journal, entry: JournalEntry, head: str | None) -> None:
    """Put back each file that is as the change wrote it; what was edited since belongs to the user."""
    if head == entry.head:
        ours = [file for file in entry.files if bytes_on_disk(repository, file.path) in (file.before, file.after)]
        _put_back(repository, UndoPlan((entry,), tuple(ours), ()))
        unstage(repository, [file.path for file in ours if not file.uncommitted])
    journal.drop(entry)
