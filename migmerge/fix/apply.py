"""From a plan to its outcome, or to the draft of one."""

from __future__ import annotations

import shlex

from ..core.errors import MigmergeError
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
from ..repository.commit import commit_alone, end_merge, paths_in, refuse_unfinished, refuse_untakable
from ..repository.interrupts import interrupts_raised
from ..repository.repository import Repository
from .file_changes import FileChange, NewScript, RemovedScript, RewrittenScripts


def preview(plan: Plan, repository: Repository) -> Outcome:
    """Return what `apply` would write; a template that runs code of its own is not rendered."""
    try:
        change = _file_change(plan, repository)
        return WouldApply(plan, change.paths, change.text)
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge check")


def apply(plan: Plan, repository: Repository, *, in_hook: bool) -> Outcome:
    """Write the files of a plan and commit them alone; every obstacle is found before the first write."""
    with interrupts_raised():
        try:
            change = _file_change(plan, repository)
            change.verify()
            if not in_hook and any(isinstance(step, RewriteScript | RemoveScript) and step.uncommitted for step in plan.steps):
                refuse_unfinished(repository)
            if commit := _commit(plan):
                _prepare_commit(repository, change, commit, in_hook=in_hook)
            change.write()
        except MigmergeError as error:
            return Refused(plan, str(error), error.hint or "migmerge fix --dry-run")
        if commit is None:
            return Applied(plan, change.paths, None)
        with change.undone_on_failure():
            oid = commit_alone(repository, change.paths, commit.message, in_hook=in_hook)
        if oid is None:
            return _not_committed(plan, change)
        # A pre-commit hook of the user can add files to the commit; the undo takes all of them back.
        return Applied(plan, tuple(dict.fromkeys((*change.paths, *paths_in(repository, oid)))), oid)


def _not_committed(plan: Plan, change: FileChange) -> Refused:
    """Leave a new script for the user to commit; put rewritten scripts back."""
    paths = shlex.join(change.paths)
    message = f"git did not commit {', '.join(change.paths)}"
    if isinstance(change, NewScript):
        return Refused(plan, f"{message}, written and left as it is", f"git add {paths} && git commit {paths}")
    change.undo()
    return Refused(plan, f"{message}, which is as it was", "migmerge fix --strategy reparent --no-commit")


def _file_change(plan: Plan, repository: Repository) -> FileChange:
    match plan.steps:
        case (CreateMergeRevision() as create, *_):
            return NewScript(create, repository)
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
