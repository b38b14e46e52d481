"""Carrying out a decided plan, or drafting it: from `Plan` to `Outcome`."""

from __future__ import annotations

import shlex

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import Applied, Commit, CreateMergeRevision, Outcome, Plan, Refused, RewriteScript, WouldApply
from ..repository.commit import commit_alone, end_merge, paths_in, refuse_unfinished, refuse_untakable
from ..repository.interrupts import interrupts_raised
from ..repository.repository import Repository
from .file_changes import FileChange, NewScript, RewrittenScripts


def preview(plan: Plan, repository: Repository) -> Outcome:
    """Say what `apply` would write; a template that runs code of its own is not rendered to look at it."""
    try:
        change = _change(plan, repository)
        return WouldApply(plan, change.paths, change.text)
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge check")


def apply(plan: Plan, repository: Repository, *, in_hook: bool) -> Outcome:
    """Write the files and commit them alone; whatever stands in the way is found before the first write."""
    with interrupts_raised():
        try:
            change = _change(plan, repository)
            change.verify()
            if commit := _commit(plan):
                _make_way(repository, change, commit, in_hook=in_hook)
            change.write()
        except MigmergeError as error:
            return Refused(plan, str(error), error.hint or "migmerge fix --dry-run")
        if commit is None:
            return Applied(plan, change.paths, None)
        with change.undone_if_interrupted():
            oid = commit_alone(repository, change.paths, commit.message, in_hook=in_hook)
        if oid is None:
            return _not_committed(plan, change)
        # A pre-commit hook of the user's may have added more; the undo is for all of it.
        return Applied(plan, tuple(dict.fromkeys((*change.paths, *paths_in(repository, oid)))), oid)


def _not_committed(plan: Plan, change: FileChange) -> Refused:
    """Leave a new script for the user to commit; what changed scripts that git has is taken back."""
    places = shlex.join(change.paths)
    told = f"git did not commit {', '.join(change.paths)}"
    if isinstance(change, NewScript):
        return Refused(plan, f"{told}, written and left as it is", f"git add {places} && git commit {places}")
    change.undo()
    return Refused(plan, f"{told}, which is as it was", "migmerge fix --strategy reparent --no-commit")


def _change(plan: Plan, repository: Repository) -> FileChange:
    match plan.steps:
        case (CreateMergeRevision() as create, *_):
            return NewScript(create, repository)
    return RewrittenScripts(tuple(step for step in plan.steps if isinstance(step, RewriteScript)), repository)


def _commit(plan: Plan) -> Commit | None:
    last = plan.steps[-1]
    return last if isinstance(last, Commit) else None


def _make_way(repository: Repository, change: FileChange, commit: Commit, *, in_hook: bool) -> None:
    """Make sure that git will take the commit; in post-merge it has not yet removed its MERGE_HEAD, a second parent."""
    if not commit.message.strip():
        raise MigmergeError("the commit's message is empty", hint="git config --get-all migmerge.commit-message, or -m MESSAGE")
    refuse_untakable(repository, change.added)
    if in_hook:
        end_merge(repository)
    else:
        refuse_unfinished(repository)
