"""How the last command's changes are taken back, or why they are not."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ..journal import JournalDatabase, JournalEntry, JournalFile, files_of
from ..shell import path_operand
from ..text import enumerate_names
from .plan import Refusal

_NO_ROWS: Mapping[Any, Any] = MappingProxyType({})


class DatabaseNow(NamedTuple):
    """Hold what a database records and the rows of its tables, of those that were counted, at the time of an undo."""

    recorded: tuple[str, ...]
    rows: tuple[tuple[str, int], ...] = ()


class RowsSince(NamedTuple):
    """Hold what became of the rows of a database since a change: the differences of the tables that have more or fewer now.

    `compared` is the number of tables that were counted both times, `uncounted` names those that have not been.
    """

    differences: tuple[tuple[str, int], ...] = ()
    compared: int = 0
    uncounted: tuple[str, ...] = ()


class UndoFacts(NamedTuple):
    """Hold the state of a repository and its databases now.

    `published` is a remote-tracking branch that has the last commit. `on_disk` are the bytes of the files by path, and `edited`
    those of the paths that the index has otherwise than HEAD. `followers` are the scripts that name a revision which would
    go, by that revision. `applied` are the revisions that databases have run which are not restored, None where one does
    not tell. `now` are the databases that were changed too, by environment and bind. `downgrade` is the command that takes the
    revisions back in a database.
    """

    head: str | None
    in_progress: str | None
    published: str | None
    since: int
    on_disk: Mapping[str, bytes | None]
    edited: tuple[str, ...]
    followers: Mapping[str, tuple[str, ...]]
    applied: frozenset[str] | None
    now: Mapping[tuple[str, str], DatabaseNow]
    downgrade: str


class UndoPlan(NamedTuple):
    """Hold the changes to take back, oldest first, what they amount to, and where HEAD goes; None where it stays.

    `rows` goes by the environments and binds of the databases: what restoring them loses.
    """

    entries: tuple[JournalEntry, ...]
    files: tuple[JournalFile, ...]
    databases: tuple[tuple[str, JournalDatabase], ...]
    head: str | None = None
    commit: str | None = None
    rows: Mapping[tuple[str, str], RowsSince] = _NO_ROWS


class UndoReport(NamedTuple):
    """Hold the changes that an undo is about, oldest first, its plan or why there is none, and what became of it.

    `state` is "nothing to undo", "planned", "refused", "declined" or "undone".
    """

    state: str
    entries: tuple[JournalEntry, ...] = ()
    plan: UndoPlan | None = None
    refusal: Refusal | None = None
    damaged: Sequence[str] = ()


def refusal_of_damage(damaged: Sequence[str]) -> Refusal:
    """Refuse to take an older change back where the journal's entry of a later one cannot be read."""
    (path, *more) = damaged
    also = f" (and {len(more)} more)" if more else ""
    reason = f"{path}{also} cannot be read: what the last change of this clone was, and in which work tree, is not known"
    aside = (shlex.join(["mv", path_operand(each), path_operand(f"{each}.damaged")]) for each in damaged)
    return Refusal(f"{reason}; it stays done", " && ".join([*aside, "migmerge undo --dry-run"]))


def plan_undo(entries: tuple[JournalEntry, ...], facts: UndoFacts) -> UndoPlan | Refusal:
    """Plan to take back the changes of one command, oldest first, where nothing was built on them."""
    if by_hand := [command for entry in entries for command in entry.by_hand]:
        return Refusal(f"{entries[-1].title} cannot be taken back by itself", " && ".join(by_hand))
    files = files_of(entries)
    databases = _databases(entries)
    refusal = _commits(entries, facts) or _scripts(files, entries, facts) or _run_since(entries, databases, facts)
    if refusal:
        return refusal
    commits = [entry.commit for entry in entries if entry.commit]
    head = entries[0].head if commits else None
    rows = {(name, each.bind): rows_since(each, facts.now[name, each.bind]) for name, each in databases}
    return UndoPlan(entries, tuple(files.values()), databases, head, commits[-1] if commits else None, rows)


def rows_since(database: JournalDatabase, now: DatabaseNow) -> RowsSince:
    """Compare the rows of a database with those that it had after a change."""
    then, found = dict(database.rows), dict(now.rows)
    both = then.keys() & found.keys()
    differences = tuple((name, found[name] - then[name]) for name in sorted(both) if found[name] != then[name])
    return RowsSince(differences, len(both), tuple(sorted(then.keys() ^ found.keys())))


def _databases(entries: tuple[JournalEntry, ...]) -> tuple[tuple[str, JournalDatabase], ...]:
    """Return each database with its environment: the oldest backup, and what the newest change recorded."""
    found: dict[tuple[str, str], JournalDatabase] = {}
    for entry in entries:
        for each in entry.databases:
            first = found.get((entry.environment, each.bind), each)
            found[entry.environment, each.bind] = each._replace(restore_script=first.restore_script)
    return tuple((environment, database) for (environment, _), database in found.items())


def _commits(entries: tuple[JournalEntry, ...], facts: UndoFacts) -> Refusal | None:
    if facts.in_progress:
        return Refusal(f"a {facts.in_progress} is in progress; finish it first", "git status")
    commits = [entry.commit for entry in entries if entry.commit]
    revert = f"git revert {' '.join(reversed(commits))}" if commits else "git log --oneline"
    if commits and facts.published:
        return Refusal(f"{entries[-1].title} is on {facts.published}: others may have it", revert)
    last = entries[-1].commit or entries[-1].head
    if not any(entry.files for entry in entries) or facts.head == last:
        return None
    if facts.since:
        count = f"{facts.since} commit{'s were' if facts.since > 1 else ' was'} made"
        return Refusal(f"{count} on top of {entries[-1].title}", revert)
    there = last[:10] if last else "the commit before"
    return Refusal(f"{there} is not checked out: {entries[-1].title} was done there", "git reflog")


def _scripts(files: Mapping[str, JournalFile], entries: tuple[JournalEntry, ...], facts: UndoFacts) -> Refusal | None:
    if changed := [path for path, file in files.items() if facts.on_disk.get(path) != file.after]:
        return Refusal(f"{enumerate_names(changed)} was changed since", shlex.join(["git", "diff", "HEAD", "--", *changed]))
    committed = {path for path, file in files.items() if not file.uncommitted}
    if edited := sorted(committed.intersection(facts.edited)):
        return Refusal(f"{enumerate_names(edited)} has staged changes", shlex.join(["git", "diff", "--cached", "--", *edited]))
    for revision, paths in facts.followers.items():
        if others := [path for path in paths if path not in files]:
            hint = f"edit the down_revision of {enumerate_names(others)}"
            return Refusal(f"{enumerate_names(others)} follows {revision}, which would go", hint)
    return None


def _run_since(
    entries: tuple[JournalEntry, ...], databases: tuple[tuple[str, JournalDatabase], ...], facts: UndoFacts
) -> Refusal | None:
    for environment, database in databases:
        if not database.restore_script:
            return Refusal(f"{database.name} was changed without a backup", "migmerge doctor")
        now = facts.now.get((environment, database.bind))
        if now is None or sorted(now.recorded) != sorted(database.recorded):
            state = (
                "was not asked, or does not answer"
                if now is None
                else f"records {enumerate_names(now.recorded) or 'nothing'} by now"
            )
            restore = f"its backup comes back with sh {shlex.quote(database.restore_script)}"
            return Refusal(f"{database.name} {state}; {restore}", "migmerge doctor")
    revisions = frozenset(name for entry in entries for name in entry.revisions)
    if facts.applied is None and revisions:
        return Refusal(
            f"it is not known whether a database has run {enumerate_names(sorted(revisions))}; one that has would lose its place",
            "migmerge undo --no-db",
        )
    if run := sorted(revisions.intersection(facts.applied or ())):
        return Refusal(f"a database has run {enumerate_names(run)} since", facts.downgrade)
    return None
