"""Carrying out a decided plan, or drafting it: from `Plan` to `Outcome`."""

from __future__ import annotations

import os

from ..core.errors import MigmergeError
from ..core.plan import Applied, Commit, CreateMergeRevision, Outcome, Plan, Refused, WouldApply
from ..environment.writer import Draft, draft_merge_revision, render, run_post_write_hooks
from ..repository.committing import commit_alone, end_merge, interrupts_ignored, refuse_unfinished
from ..repository.repository import Repository


def preview(plan: Plan, repository: Repository) -> Outcome:
    """Say what `apply` would write; a template that runs code of its own is not rendered to look at it."""
    create, _ = _steps(plan)
    try:
        draft = draft_merge_revision(create, repository.top)
        text = render(draft).decode(draft.encoding) if draft.is_plain else None
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge check")
    return WouldApply(plan, repository.relative(draft.path), text)


def apply(plan: Plan, repository: Repository, *, in_hook: bool) -> Outcome:
    """Write the merge revision and commit it; whatever stands in the way is found before the first write.

    In post-merge git has not yet removed its MERGE_HEAD, which would give our commit a second parent.
    """
    create, commit = _steps(plan)
    try:
        draft = draft_merge_revision(create, repository.top)
        data = render(draft)
        new = _is_new(draft, data, repository)
        if commit and in_hook:
            end_merge(repository)
        elif commit:
            refuse_unfinished(repository)
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge check")
    try:
        written = _write(draft, data) if new else data
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge fix --dry-run")
    path = repository.relative(draft.path)
    if commit is None:
        return Applied(plan, path, written.decode(draft.encoding, "replace"), None)
    oid = commit_alone(repository, path, commit.message, in_hook=in_hook)
    if oid is None:
        return Refused(
            plan, f"git did not commit {path}, which is written and left as it is", f"git add {path} && git commit", path
        )
    return Applied(plan, path, written.decode(draft.encoding, "replace"), oid)


def _steps(plan: Plan) -> tuple[CreateMergeRevision, Commit | None]:
    match plan.steps:
        case (CreateMergeRevision() as create, Commit() as commit):
            return create, commit
        case (CreateMergeRevision() as create,):
            return create, None
    raise AssertionError(f"no plan has the steps {plan.steps}")


def _is_new(draft: Draft, data: bytes, repository: Repository) -> bool:
    """Say whether the file is still to be written; the same bytes may lie there from a commit that failed.

    Raises:
        MigmergeError: where another file has its name.
    """
    if not os.path.lexists(draft.path):
        return True
    with open(draft.path, "rb") as file:
        if file.read() == data:
            return False
    path = repository.relative(draft.path)
    raise MigmergeError(f"{path} is in the way: it holds something else", hint=f"git status -- {path}")


def _write(draft: Draft, data: bytes) -> bytes:
    """Write the script and run the project's post-write hooks on it; where they fail, or Ctrl-C comes, it is gone again."""
    try:
        os.makedirs(os.path.dirname(draft.path), exist_ok=True)
        with open(draft.path, "xb") as file:
            file.write(data)
        return run_post_write_hooks(draft)
    except BaseException:
        with interrupts_ignored():
            if os.path.exists(draft.path):
                os.unlink(draft.path)
        raise
