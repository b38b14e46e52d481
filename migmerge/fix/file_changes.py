"""Writing a new script: the merge revision."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision, RewriteScript
from ..core.script.read import decoded
from ..environment.merge_script import MergeScriptDraft, draft_merge_revision, render, run_post_write_hooks
from ..repository.commit import refuse_changed
from ..repository.files import replace_file
from ..repository.interrupts import interrupts_ignored
from ..repository.repository import Repository


class NewScript:
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


def _path(draft: MergeScriptDraft, repository: Repository) -> str:
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


def _is_new(draft: MergeScriptDraft, data: bytes, path: str) -> bool:
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


def write_draft(draft: MergeScriptDraft, data: bytes) -> None:
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
def _gone_if_interrupted(draft: MergeScriptDraft, *, new: bool) -> Iterator[None]:
    """Remove a script of ours when what is done with it does not come to its end."""
    try:
        yield
    except BaseException:
        with interrupts_ignored():
            if new and os.path.exists(draft.path):
                os.unlink(draft.path)
        raise


class RewrittenScripts:
    """Some files and what they will hold; all of them change, or none does."""

    def __init__(self, steps: tuple[RewriteScript, ...], repository: Repository) -> None:
        self._steps = steps
        self._repository = repository

    @property
    def paths(self) -> tuple[str, ...]:
        """Return all paths that change, those that are given up included."""
        return tuple(dict.fromkeys(path for step in self._steps for path in (step.path, step.new_path)))

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(step.new_path for step in self._steps if step.new_path != step.path)

    @property
    def text(self) -> str:
        """Return the change as a diff."""
        return "".join(line for step in self._steps for line in _diff(step))

    def verify(self) -> None:
        """Make sure that every file is the one that was planned for, and in nobody's way.

        Raises:
            MigmergeError: naming the first that is not.
        """
        for step in self._steps:
            self._verify_file(step)
        refuse_changed(self._repository, [step.path for step in self._steps])

    def _verify_file(self, step: RewriteScript) -> None:
        file = self._repository.absolute(step.path)
        if os.path.realpath(file) != os.path.join(os.path.realpath(self._repository.top), *step.path.split("/")):
            raise MigmergeError(f"{step.path} is reached through a link", hint="migmerge fix --strategy merge")
        if not os.path.isfile(file) or self._repository.on_disk(step.path) != step.expected:
            raise MigmergeError(f"{step.path} has changed meanwhile", hint=f"git diff HEAD -- {shlex.quote(step.path)}")
        if step.new_path != step.path and os.path.lexists(self._repository.absolute(step.new_path)):
            raise MigmergeError(f"{step.new_path} is in the way", hint=f"git status -- {shlex.quote(step.new_path)}")

    def write(self) -> None:
        """Write all files, each in one step; where one fails those before it are as they were."""
        try:
            with self.undone_if_interrupted():
                for step in self._steps:
                    self._put(step.path, step.new_path, step.data)
        except OSError as error:
            where = error.filename or ", ".join(self.paths)
            raise MigmergeError(f"{where} cannot be written: {error.strerror}", hint="df -h . && git status") from error

    def _put(self, old: str, new: str, data: bytes) -> None:
        before = self._repository.absolute(old)
        replace_file(self._repository.absolute(new), data, stat.S_IMODE(os.stat(before).st_mode))
        if new != old:
            os.unlink(before)

    @contextmanager
    def undone_if_interrupted(self) -> Iterator[None]:
        """Put the old files back when what is done with the new ones does not come to its end."""
        try:
            yield
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Put the old files back, in the order of the steps turned round: one may have taken another's name."""
        with interrupts_ignored():
            for step in reversed(self._steps):
                if os.path.isfile(self._repository.absolute(step.new_path)):
                    self._put(step.new_path, step.path, step.expected)


def _diff(step: RewriteScript) -> Sequence[str]:
    # Only for a dry run: difflib takes 5 ms to import.
    from difflib import unified_diff

    before, after = (decoded(data)[0].splitlines(keepends=True) for data in (step.expected, step.data))
    lines = unified_diff(before, after, f"a/{step.path}", f"b/{step.new_path}", n=1)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


FileChange = NewScript | RewrittenScripts
"""What a plan does to the files: each can be looked at, and written so that it is gone again where that fails."""
