"""Writing a new script: the merge revision."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.cures.plan import CreateMergeRevision
from ..core.errors import MigmergeError
from ..environment.writer import Draft, draft_merge_revision, render, run_post_write_hooks
from ..repository.committing import interrupts_ignored
from ..repository.repository import Repository


class Creation:
    """One script that is not there yet, named and not yet rendered."""

    def __init__(self, step: CreateMergeRevision, repository: Repository) -> None:
        """Draft the script.

        Raises:
            MigmergeError: where Alembic refuses, or would put it where it does not look for it.
        """
        self._draft = draft_merge_revision(step, repository.top)
        self._data = b""
        self._new = False
        self.paths = (_path(self._draft, repository),)

    @property
    def added(self) -> tuple[str, ...]:
        return self.paths

    @property
    def text(self) -> str | None:
        """Return the script; None where the template would have to run code of its own."""
        return render(self._draft).decode(self._draft.encoding) if self._draft.is_plain else None

    def verify(self) -> None:
        """Render the script and make sure that no other file is in its place.

        Raises:
            MigmergeError: where one is, or the template does not give what was planned.
        """
        self._data = render(self._draft)
        self._new = _is_new(self._draft, self._data, self.paths[0])

    def write(self) -> None:
        if self._new:
            write_draft(self._draft, self._data)

    @contextmanager
    def undone_if_interrupted(self) -> Iterator[None]:
        with _gone_if_interrupted(self._draft, new=self._new):
            yield


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


def write_draft(draft: Draft, data: bytes) -> None:
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
