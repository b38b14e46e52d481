"""Carrying out a decided plan, or drafting it: from `Plan` to `Outcome`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import MigmergeError
from ..core.plan import Applied, Commit, CreateMergeRevision, Outcome, Plan, Refused, WouldApply
from ..environment.writer import Draft, draft_merge_revision, render, run_post_write_hooks
from ..repository.committing import commit_alone, end_merge, interrupts_ignored, refuse_unfinished, refuse_untakable
from ..repository.repository import Repository


def preview(plan: Plan, repository: Repository) -> Outcome:
    """Say what `apply` would write; a template that runs code of its own is not rendered to look at it."""
    create, _ = _steps(plan)
    try:
        draft = draft_merge_revision(create, repository.top)
        path = _path(draft, repository)
        text = render(draft).decode(draft.encoding) if draft.is_plain else None
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge check")
    return WouldApply(plan, path, text)


def apply(plan: Plan, repository: Repository, *, in_hook: bool) -> Outcome:
    """Write the merge revision and commit it; whatever stands in the way is found before the first write."""
    create, commit = _steps(plan)
    try:
        draft = draft_merge_revision(create, repository.top)
        path = _path(draft, repository)
        data = render(draft)
        new = _is_new(draft, data, path)
        if commit:
            _make_way(repository, path, in_hook=in_hook)
        if new:
            _write(draft, data)
    except MigmergeError as error:
        return Refused(plan, str(error), error.hint or "migmerge fix --dry-run")
    if commit is None:
        return Applied(plan, path, None)
    with _gone_if_interrupted(draft, new=new):
        oid = commit_alone(repository, path, commit.message, in_hook=in_hook)
    if oid is None:
        place = shlex.quote(path)
        finish = f"git add {place} && git commit {place}"
        return Refused(plan, f"git did not commit {path}, which is written and left as it is", finish)
    return Applied(plan, path, oid)


def _path(draft: Draft, repository: Repository) -> str:
    """Return where the script goes, as git names it.

    Raises:
        MigmergeError: where the configuration leads it out of the repository, or to where Alembic does not look.
    """
    path = repository.relative(draft.path)
    environment = draft.step.environment
    folder = os.path.dirname(os.path.realpath(draft.path))
    places = [os.path.realpath(repository.absolute(place)) for place in environment.versions]
    nested = environment.recursive and any(folder.startswith(place + os.sep) for place in places)
    if not (nested or folder in places):
        raise MigmergeError(
            f"file_template puts the script at {path}, where Alembic does not look for it",
            hint="recursive_version_locations = true in the same configuration, or another file_template",
        )
    return path


def _make_way(repository: Repository, path: str, *, in_hook: bool) -> None:
    """Make sure that git will take the commit; in post-merge it has not yet removed its MERGE_HEAD, a second parent."""
    refuse_untakable(repository, path)
    if in_hook:
        end_merge(repository)
    else:
        refuse_unfinished(repository)


def _steps(plan: Plan) -> tuple[CreateMergeRevision, Commit | None]:
    match plan.steps:
        case (CreateMergeRevision() as create, Commit() as commit):
            return create, commit
        case (CreateMergeRevision() as create,):
            return create, None
    raise AssertionError(f"no plan has the steps {plan.steps}")


def _is_new(draft: Draft, data: bytes, path: str) -> bool:
    """Say whether the file is still to be written; the same bytes may lie there from a commit that failed.

    Raises:
        MigmergeError: where another file has its name.
    """
    if not os.path.lexists(draft.path):
        return True
    with open(draft.path, "rb") as file:
        if file.read() == data:
            return False
    raise MigmergeError(f"{path} is in the way: it holds something else", hint=f"git status -- {shlex.quote(path)}")


def _write(draft: Draft, data: bytes) -> None:
    """Write the script and run the project's post-write hooks on it; where they fail, or Ctrl-C comes, it is gone again."""
    try:
        os.makedirs(os.path.dirname(draft.path), exist_ok=True)
        # Outside of the clean-up: a file that appeared meanwhile is somebody else's.
        file = open(draft.path, "xb")  # noqa: SIM115
        with _gone_if_interrupted(draft, new=True):
            with file:
                file.write(data)
            run_post_write_hooks(draft)
    except OSError as error:
        raise MigmergeError(f"{draft.path} cannot be written: {error.strerror}") from error


@contextmanager
def _gone_if_interrupted(draft: Draft, *, new: bool) -> Iterator[None]:
    """Remove a script of ours when what is done with it does not come to its end."""
    try:
        yield
    except BaseException:
        with interrupts_ignored():
            if new and os.path.exists(draft.path):
                os.unlink(draft.path)
        raise
