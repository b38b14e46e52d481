"""The text of a merge revision: rendered in this process, or in the project's Python where that is needed."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision, RunProjectCode
from ..core.redaction import without_secrets
from ..core.text import enumerate_names
from ..database.runtime import ProjectRuntime, project_runtime
from ..database.session import Session
from ..environment.merge_script import MergeScriptDraft, draft_merge_revision, render, run_post_write_hooks, verified_script
from ..environment.post_write_hooks import command_line, files_behind, files_named
from ..output.screen import Screen
from ..repository.repository import Repository
from .context import FixOptions

_TIMEOUT = 60
"""Seconds for the application to start, or env.py to connect."""


@dataclass(frozen=True, slots=True)
class ScriptWriter:
    """Render a drafted merge revision and run its post-write hooks.

    Code of a template, and env.py, run in a process of the project's Python, as with `flask db` or `alembic`; post-write hooks
    run there where that Python is not this one. `fix_options` say whether env.py may connect, and to which databases.
    """

    draft: MergeScriptDraft
    runtime: ProjectRuntime
    fix_options: FixOptions

    @property
    def is_plain(self) -> bool:
        """Say whether rendering runs no code of the project, so that a dry run may do it."""
        return self.draft.is_plain and not self.draft.fills_from_env_py

    @property
    def code(self) -> tuple[RunProjectCode, ...]:
        """Return the code of the project that writing the script runs, in its order."""
        python = self.runtime.python if self._is_apart else None
        return tuple(self._with_files(replace(step, python=python)) for step in self._code())

    def _code(self) -> Iterator[RunProjectCode]:
        environment, hooks = self.draft.step.environment, self.draft.script.hook_options
        config = (environment.config,) if environment.config else ()
        if self._loads_env_py:
            env_py = f"{environment.path}/env.py"
            yield RunProjectCode("which connects to the database, for revision_environment", env_py, files=(env_py, *config))
        if not self.draft.is_plain:
            context = ", in the context of the application" if environment.kind == "flask-migrate" else ""
            file = os.path.relpath(self.draft.script.template, self.draft.top)
            yield RunProjectCode(f"a template with code{context}", environment.template, files=(file,))
        if hooks:
            what = f"its post-write {'hooks' if len(hooks) > 1 else 'hook'} {enumerate_names(hooks)}"
            each = hooks.values()
            named = (path for options in each for path in files_named(options, self.draft.folder, self.draft.top))
            commands = tuple(command_line(options) for options in each)
            yield RunProjectCode(what, environment.config or "", commands=commands, files=(*config, *named))

    def _with_files(self, step: RunProjectCode) -> RunProjectCode:
        """Name the links over which the files are reached, too, and how all of them are now."""
        top = self.draft.top
        files = dict.fromkeys(each for path in step.files for each in files_behind(os.path.join(top, path), top))
        return replace(step, files=tuple(files), state=_state(os.path.join(top, path) for path in files))

    def render(self) -> bytes:
        """Render the template and return the script, verified to say what the plan says.

        Raises:
            MigmergeError: where the template, env.py or the project's Python fails, or env.py may not connect.
        """
        if self._loads_env_py and not self.fix_options.databases:
            path = f"{self.draft.step.environment.path}/env.py"
            raise MigmergeError(f"{path} connects to the database to write the merge revision", hint="migmerge fix")
        if self.is_plain or self._has_application:
            return render(self.draft)
        with self._session() as session:
            env_py = self.draft.fills_from_env_py
            data: bytes = session.ask("render merge script", step=self.draft.step, env_py=env_py, timeout=_TIMEOUT)
        return data

    def run_hooks(self) -> None:
        """Run the post-write hooks on the written script, and verify what they leave.

        Raises:
            MigmergeError: where one fails, or removes the script or its identifiers.
        """
        if not self.draft.script.hooks:
            verified_script(self.draft)
        elif self._is_apart or self.draft.hooks_from_env_py:
            self._run_hooks_there()
            verified_script(self.draft)
        else:
            run_post_write_hooks(self.draft)

    def _run_hooks_there(self) -> None:
        with self._session() as session:
            if self.draft.hooks_from_env_py:
                session.ask("load env.py", timeout=_TIMEOUT)
            before = len(session.output)
            try:
                session.ask("run post-write hooks", step=self.draft.step, path=self.draft.path)
            finally:
                Screen(sys.stderr).show(without_secrets(session.output[before:]))

    def _session(self) -> Session:
        return Session(self.runtime, self.fix_options.selection)

    @property
    def _loads_env_py(self) -> bool:
        return self.draft.fills_from_env_py or self.draft.hooks_from_env_py

    @property
    def _is_apart(self) -> bool:
        return self.runtime.python != sys.executable

    @property
    def _has_application(self) -> bool:
        """Say whether this process has the application's context, as `flask migmerge` has."""
        if self.draft.fills_from_env_py or "flask" not in sys.modules:
            return False
        from flask import has_app_context

        return has_app_context()


def _state(paths: Iterable[str]) -> str:
    """Return a digest of files as they are now."""
    digest = hashlib.sha256()
    for path in paths:
        with suppress(OSError), open(path, "rb") as file:
            digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def script_writer(
    step: CreateMergeRevision, repository: Repository, fix_options: FixOptions, called_from: str | None = None
) -> ScriptWriter:
    """Draft a merge revision; nothing of it is written or executed.

    Raises:
        MigmergeError: where the work tree lacks the folder or the template, or Alembic refuses the configuration.
    """
    draft = draft_merge_revision(step, repository.top)
    runtime = project_runtime(step.environment, repository.top, called_from or repository.top)
    return ScriptWriter(draft, runtime, fix_options)
