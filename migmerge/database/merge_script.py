"""The script of a merge revision in the project's Python, for a template or a post-write hook that needs it."""

from __future__ import annotations

import sys
from typing import Any

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision
from ..environment.merge_script import draft_merge_revision, render, run_post_write_hooks
from .project import Project


def render_merge_script(project: Project, step: CreateMergeRevision, *, env_py: bool) -> bytes:
    """Render the project's template as Alembic would, with what env.py gives to it where Alembic loads env.py.

    Without `env_py` the application need not start: a template that can do without it is rendered.
    """
    draft = draft_merge_revision(step, project.runtime.top)
    if env_py:
        return render(draft.given(load_env_py(project)))
    try:
        arguments = _configuration(project)
    except MigmergeError as failure:
        return _render_without_application(project, step, failure)
    return render(draft.given(arguments))


def load_env_py(project: Project) -> dict[str, Any]:
    """Run env.py, which connects and migrates nothing, and return what it gives to the template."""
    given: dict[str, Any] = {}
    project.run(lambda recorded, context: [], read_only=True, template_args=given)
    return given | _configuration(project)


def prepare_post_write_hooks(project: Project) -> None:
    """Load env.py, which registers post-write hooks in this process."""
    load_env_py(project)


def run_merge_script_hooks(project: Project, step: CreateMergeRevision, path: str) -> None:
    """Run the post-write hooks on the written script."""
    run_post_write_hooks(draft_merge_revision(step, project.runtime.top).at(path))


def _configuration(project: Project) -> dict[str, Any]:
    """Return the configuration for the template; Alembic's `prepend_sys_path` and Flask's folder are on sys.path then."""
    with project.errors_translated():
        config = project.config()
        project.scripts(config)
    return {"config": config}


def _render_without_application(project: Project, step: CreateMergeRevision, failure: MigmergeError) -> bytes:
    sys.path.insert(0, project.runtime.folder)  # where flask imports from, too
    try:
        return render(draft_merge_revision(step, project.runtime.top))
    except MigmergeError as error:
        if "application context" not in str(error):
            raise
        raise MigmergeError(f"{error} The application does not start: {failure}", hint=failure.hint) from error
