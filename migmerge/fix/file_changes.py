"""The changes of a plan to files: a new script, or rewritten scripts; each can be previewed, written and undone."""

from __future__ import annotations

import os
import shlex
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from ..core.errors import MigmergeError, OutcomeUnknown
from ..core.fix_plan.diff import diff_of
from ..core.fix_plan.plan import RemoveScript, RewriteScript, RunProjectCode
from ..core.journal import JournalFile
from ..environment.merge_script import MergeScriptDraft
from ..repository.commit import refuse_changed, refuse_locked, stage, staged_as_on_disk, with_kept_line_ends
from ..repository.files import replace_file
from ..repository.interrupts import interrupts_ignored
from ..repository.repository import Repository
from .script_writer import ScriptWriter


class NewScript:
    """Write one new script, the merge revision, from the template of the project."""

    def __init__(self, writer: ScriptWriter, code: Sequence[RunProjectCode], repository: Repository) -> None:
        """Take over the draft of the script, and the code of the project that the plan runs for it.

        Raises:
            MigmergeError: where Alembic would write the script to a folder from which it loads none.
        """
        self._repository = repository
        self._writer = writer
        self._code = code
        self._draft = writer.draft
        self._data = b""
        self._new = False
        self.paths = (_path(self._draft, repository),)

    @property
    def added(self) -> tuple[str, ...]:
        return self.paths

    @property
    def text(self) -> str | None:
        """Return the text of the script; None where the template runs code of its own."""
        return self._writer.render().decode(self._draft.encoding) if self._writer.is_plain else None

    @property
    def journaled(self) -> tuple[JournalFile, ...]:
        return (JournalFile(self.paths[0], None, self._data),) if self._new else ()

    def verify(self) -> None:
        """Render the script and make sure that its path is free.

        Raises:
            MigmergeError: where the path is taken, or the template does not give the planned revision, or code would run that
                the plan does not show.
        """
        if tuple(self._code) != self._writer.code:
            template = self._draft.step.environment.template
            raise MigmergeError(f"{template} or its configuration has changed meanwhile", hint="migmerge fix --dry-run")
        self._data = with_kept_line_ends(self._repository, self.paths[0], self._writer.render())
        self._new = _is_new(self._draft, self._data, self.paths[0])

    def write(self) -> None:
        if self._new:
            write_draft(self._writer, self._data)

    def undone_on_failure(self) -> AbstractContextManager[None]:
        """Remove the script, if it was new, where the body fails or is interrupted."""
        return _removed_on_failure(self._draft, new=self._new)


def _path(draft: MergeScriptDraft, repository: Repository) -> str:
    """Return the path of the script in the repository.

    Raises:
        MigmergeError: where the configuration puts the script outside of the repository, or where Alembic does not load it.
    """
    path = repository.relative(draft.path)
    environment = draft.step.environment
    folder = os.path.dirname(os.path.realpath(draft.path))
    versions = [os.path.realpath(repository.absolute(path)) for path in environment.versions]
    nested = environment.recursive and any(folder.startswith(path + os.sep) for path in versions)
    if not (nested or folder in versions):
        raise MigmergeError(
            f"file_template puts the script at {path}, where Alembic does not look for it",
            hint="recursive_version_locations = true in the same configuration, or another file_template",
        )
    return path


def _is_new(draft: MergeScriptDraft, data: bytes, path: str) -> bool:
    """Say whether the file does not exist; after a failed commit it can exist with the same bytes.

    Raises:
        MigmergeError: where the file exists with other bytes.
    """
    if not os.path.lexists(draft.path):
        return True
    with open(draft.path, "rb") as file:
        if file.read() == data:
            return False
    raise MigmergeError(f"{path} is in the way: it holds something else", hint=f"git status -- {shlex.quote(path)}")


def write_draft(writer: ScriptWriter, data: bytes) -> None:
    """Write the script and run the project's post-write hooks on it; remove the script where they fail or are interrupted."""
    draft = writer.draft
    try:
        os.makedirs(os.path.dirname(draft.path), exist_ok=True)
        # Outside of the clean-up: a file that appeared since `verify` belongs to somebody else.
        file = open(draft.path, "xb")  # noqa: SIM115
        with _removed_on_failure(draft, new=True):
            with file:
                file.write(data)
            writer.run_hooks()
    except OSError as error:
        raise MigmergeError(f"{draft.path} cannot be written: {error.strerror}") from error


@contextmanager
def _removed_on_failure(draft: MergeScriptDraft, *, new: bool) -> Iterator[None]:
    try:
        yield
    except OutcomeUnknown:
        raise
    except BaseException:
        with interrupts_ignored():
            if new and os.path.exists(draft.path):
                os.unlink(draft.path)
        raise


def _staged(repository: Repository, paths: Sequence[str]) -> list[str]:
    """Return the paths to stage again, once they are changed.

    Raises:
        MigmergeError: where there are such, and another git holds the index.
    """
    staged = staged_as_on_disk(repository, paths)
    if staged:
        refuse_locked(repository)
    return staged


class _PutBack(ABC):
    """Change files, and put the old ones back where the body that follows fails or is interrupted."""

    @abstractmethod
    def undo(self) -> None:
        """Put the old files back."""

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        try:
            yield
        except OutcomeUnknown:
            raise
        except BaseException:
            self.undo()
            raise


class RewrittenScripts(_PutBack):
    """Rewrite scripts and head files, all of them or none."""

    def __init__(self, steps: tuple[RewriteScript, ...], repository: Repository) -> None:
        self._steps = steps
        self._repository = repository
        self._staged: list[str] = []

    @property
    def paths(self) -> tuple[str, ...]:
        """Return all paths that change, old and new ones."""
        return tuple(dict.fromkeys(path for step in self._steps for path in (step.path, step.new_path)))

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(step.new_path for step in self._steps if step.new_path != step.path)

    @property
    def journaled(self) -> tuple[JournalFile, ...]:
        """Return the files before and after; of two steps with one path the last has the say."""
        found: dict[str, JournalFile] = {}
        for step in self._steps:
            shared = {"uncommitted": step.uncommitted, "staged": step.path in self._staged}
            mode = stat.S_IMODE(os.stat(self._repository.absolute(step.path)).st_mode)
            if step.new_path != step.path:
                found[step.new_path] = JournalFile(step.new_path, None, step.data, mode, **shared)
            after = step.data if step.new_path == step.path else None
            found[step.path] = JournalFile(step.path, step.expected, after, mode, **shared)
        return tuple(_with_successors(found, self._steps))

    @property
    def text(self) -> str:
        """Return the diff of the change."""
        return "".join(line for step in self._steps for line in diff_of(step.path, step.new_path, step.expected, step.data))

    def verify(self) -> None:
        """Make sure that every file is the planned one, and every new path is free.

        Raises:
            MigmergeError: for the first file of which this is not true.
        """
        for step in self._steps:
            self._verify_file(step)
        refuse_changed(self._repository, [step.path for step in self._steps if not step.uncommitted])
        self._staged = _staged(self._repository, [step.path for step in self._steps if step.uncommitted])

    def _verify_file(self, step: RewriteScript) -> None:
        file = self._repository.absolute(step.path)
        if os.path.realpath(file) != os.path.join(os.path.realpath(self._repository.top), *step.path.split("/")):
            raise MigmergeError(f"{step.path} is reached through a link", hint="migmerge fix --strategy merge")
        if not os.path.isfile(file) or self._repository.on_disk(step.path) != step.expected:
            raise MigmergeError(f"{step.path} has changed meanwhile", hint=f"git diff HEAD -- {shlex.quote(step.path)}")
        if step.new_path != step.path and os.path.lexists(self._repository.absolute(step.new_path)):
            raise MigmergeError(f"{step.new_path} is in the way", hint=f"git status -- {shlex.quote(step.new_path)}")

    def write(self) -> None:
        """Write all files, each in one step, and stage again what was staged; put all back where one fails."""
        try:
            with self.undone_on_failure():
                for step in self._steps:
                    self._put(step.path, step.new_path, step.data)
                stage(self._repository, self._staged)
        except OSError as error:
            where = error.filename or ", ".join(self.paths)
            raise MigmergeError(f"{where} cannot be written: {error.strerror}", hint="df -h . && git status") from error

    def _put(self, old: str, new: str, data: bytes) -> None:
        before = self._repository.absolute(old)
        replace_file(self._repository.absolute(new), data, stat.S_IMODE(os.stat(before).st_mode))
        if new != old:
            os.unlink(before)

    def undo(self) -> None:
        """Put the old files back, in reverse order, for one file can have taken the path of another."""
        with interrupts_ignored():
            for step in reversed(self._steps):
                if os.path.isfile(self._repository.absolute(step.new_path)):
                    self._put(step.new_path, step.path, step.expected)
            stage(self._repository, self._staged)


def _with_successors(files: Mapping[str, JournalFile], steps: Sequence[RewriteScript]) -> Iterator[JournalFile]:
    """Yield the files, with the bytes of what takes the path of a renamed one."""
    data = {step.new_path: step.data for step in steps}
    return (file._replace(after=data.get(path, file.after)) for path, file in files.items())


class RemovedScript(_PutBack):
    """Remove one script that another one repeats."""

    def __init__(self, step: RemoveScript, repository: Repository) -> None:
        self._step = step
        self._repository = repository
        self._staged: list[str] = []
        self._mode: int | None = None
        self.paths = (step.path,)
        self.added: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the diff of the change."""
        return f"--- a/{self._step.path}\n+++ /dev/null\n"

    def verify(self) -> None:
        """Make sure that the file is the planned one.

        Raises:
            MigmergeError: where it is not.
        """
        path = self._step.path
        if not os.path.isfile(self._repository.absolute(path)) or self._repository.on_disk(path) != self._step.expected:
            raise MigmergeError(f"{path} has changed meanwhile", hint=f"git diff HEAD -- {shlex.quote(path)}")
        if self._step.uncommitted:
            self._staged = _staged(self._repository, [path])
        else:
            refuse_changed(self._repository, [path])

    @property
    def journaled(self) -> tuple[JournalFile, ...]:
        step = self._step
        mode = stat.S_IMODE(os.stat(self._repository.absolute(step.path)).st_mode)
        return (JournalFile(step.path, step.expected, None, mode, step.uncommitted, bool(self._staged)),)

    def write(self) -> None:
        file = self._repository.absolute(self._step.path)
        self._mode = stat.S_IMODE(os.stat(file).st_mode)
        os.unlink(file)
        stage(self._repository, self._staged)

    def undo(self) -> None:
        with interrupts_ignored():
            replace_file(self._repository.absolute(self._step.path), self._step.expected, self._mode)
            stage(self._repository, self._staged)


class NewScriptWithHeadFiles:
    """Write one new script, and the head files that record it, all of them or none."""

    def __init__(self, script: NewScript, head_files: RewrittenScripts) -> None:
        self._script, self._head_files = script, head_files
        self.paths = (*script.paths, *head_files.paths)
        self.added = script.added

    @property
    def text(self) -> str | None:
        """Return the text of the script with the diff of the head files; None where the template runs code of its own."""
        text = self._script.text
        return None if text is None else f"{text}\n{self._head_files.text}"

    @property
    def journaled(self) -> tuple[JournalFile, ...]:
        return (*self._script.journaled, *self._head_files.journaled)

    def verify(self) -> None:
        """Verify the script and the head files; raises like both."""
        self._head_files.verify()
        self._script.verify()

    def write(self) -> None:
        self._script.write()
        with self._script.undone_on_failure():
            self._head_files.write()

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        with self._script.undone_on_failure(), self._head_files.undone_on_failure():
            yield


FileChange = NewScript | NewScriptWithHeadFiles | RewrittenScripts | RemovedScript
