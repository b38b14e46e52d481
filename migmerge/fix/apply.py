"""From a plan to its outcome, or to the draft of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ..core.consent import Consent
from ..core.errors import MigmergeError, OutcomeUnknown
from ..core.fix_plan.plan import (
    Applied,
    Commit,
    CreateMergeRevision,
    Outcome,
    Plan,
    Refused,
    RemoveScript,
    RewriteScript,
    WouldApply,
)
from ..core.fix_plan.project_code import refusal_of_new_code
from ..core.journal import JournalEntry
from ..repository.commit import commit_alone, end_merge, refuse_more_than_planned, refuse_unfinished, refuse_untakable
from ..repository.interrupts import interrupts_ignored, interrupts_raised
from ..repository.journal import Journal, as_on_disk
from ..repository.repository import Repository
from .context import FixContext
from .file_changes import FileChange, NewScript, NewScriptWithHeadFiles, RemovedScript, RewrittenScripts
from .script_writer import script_writer


def preview(plan: Plan, context: FixContext) -> Outcome:
    """Return what `apply` would write; a template that runs code of its own is not rendered."""
    try:
        change = _file_change(plan, context)
        return WouldApply(plan, change.paths, change.text)
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge check")


def apply(consent: Consent[Plan], context: FixContext, *, in_hook: bool) -> Outcome:
    """Write the files of a plan and commit them alone; every obstacle is found before the first write."""
    plan, repository, journal = consent.plan, context.workspace.repository, context.journal
    if refusal := refusal_of_new_code(consent):
        return Refused(plan, refusal.message, refusal.hint)
    with interrupts_raised():
        try:
            change = _file_change(plan, context)
            change.verify()
            if not in_hook and any(isinstance(step, RewriteScript | RemoveScript) and step.uncommitted for step in plan.steps):
                refuse_unfinished(repository)
            if commit := _commit(plan):
                _prepare_commit(repository, change, commit, in_hook=in_hook)
            with _journaled(plan, change, journal) as entry:
                return _written(plan, change, entry, _Scene(repository, journal, in_hook))
        except OutcomeUnknown:
            raise
        except MigmergeError as error:
            return Refused(plan, str(error), error.hint or "migmerge fix --dry-run")


class _Scene(NamedTuple):
    """Hold where a plan is carried out."""

    repository: Repository
    journal: Journal
    in_hook: bool


@contextmanager
def _journaled(plan: Plan, change: FileChange, journal: Journal) -> Iterator[JournalEntry]:
    """Write the change into the journal first; it leaves the journal where the body fails, which takes its files back."""
    entry = journal.begin(plan.title, change.journaled, plan.revisions)
    try:
        yield entry
    except OutcomeUnknown:
        journal.leave()
        raise
    except BaseException:
        with interrupts_ignored():
            journal.drop(entry)
        raise


def _written(plan: Plan, change: FileChange, entry: JournalEntry, scene: _Scene) -> Outcome:
    """Write the files and commit them.

    Raises:
        MigmergeError: where nothing of it is left.
        OutcomeUnknown: where the next run has to find out.
    """
    repository = scene.repository
    change.write()
    commit = _commit(plan)
    if commit is None:
        with interrupts_ignored():
            scene.journal.finish(entry, files=as_on_disk(repository, entry.files))
        return Applied(plan, change.paths, None)
    with change.undone_on_failure():
        oid = commit_alone(repository, change.paths, commit.message, in_hook=scene.in_hook)
        if oid is None:
            raise MigmergeError(
                f"git did not commit {', '.join(change.paths)}; everything is as it was", hint="migmerge fix --no-commit"
            )
        with interrupts_ignored():
            refuse_more_than_planned(repository, oid, change.paths, entry.head)
            scene.journal.finish(entry, files=as_on_disk(repository, entry.files), commit=oid)
    return Applied(plan, change.paths, oid)


def _file_change(plan: Plan, context: FixContext) -> FileChange:
    repository = context.workspace.repository
    match plan.steps:
        case (CreateMergeRevision() as create, *rest):
            writer = script_writer(create, repository, context.fix_options, context.options.folder)
            script = NewScript(writer, plan.code, repository)
            head_files = tuple(step for step in rest if isinstance(step, RewriteScript))
            return NewScriptWithHeadFiles(script, RewrittenScripts(head_files, repository)) if head_files else script
        case (RemoveScript() as remove, *_):
            return RemovedScript(remove, repository)
    return RewrittenScripts(tuple(step for step in plan.steps if isinstance(step, RewriteScript)), repository)


def _commit(plan: Plan) -> Commit | None:
    last = plan.steps[-1]
    return last if isinstance(last, Commit) else None


def _prepare_commit(repository: Repository, change: FileChange, commit: Commit, *, in_hook: bool) -> None:
    """Refuse what git would not commit; during post-merge, git still has MERGE_HEAD, which would become a second parent."""
    if not commit.message.strip():
        raise MigmergeError("the commit's message is empty", hint="git config --get-all migmerge.commit-message, or -m MESSAGE")
    refuse_untakable(repository, change.added)
    if in_hook:
        end_merge(repository)
    else:
        refuse_unfinished(repository)
