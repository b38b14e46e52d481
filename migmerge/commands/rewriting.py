"""Changing scripts that are there: the re-parented ones, and what records the head beside them."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..core.cures.plan import RewriteScript
from ..core.errors import MigmergeError
from ..core.script.reading import decoded
from ..repository.committing import interrupts_ignored, refuse_changed
from ..repository.repository import Repository
from ..repository.watching import replace_file


class Rewriting:
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
