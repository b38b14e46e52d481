"""A merge revision's script: named, rendered from the project's template, and verified before and after its hooks."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision
from ..core.revision import Identifiers
from ..core.script.read import read_carefully
from .template import is_plain

TYPE_CHECKING = False  # Alembic takes 300 ms to import
if TYPE_CHECKING:
    from .alembic_writer import NamedScript


@dataclass(frozen=True, slots=True)
class MergeScriptDraft:
    """A merge revision that Alembic has named and not yet written; its hooks run in `folder`."""

    step: CreateMergeRevision
    script: NamedScript
    folder: str

    @property
    def path(self) -> str:
        """Return the absolute path that the file will have."""
        return self.script.path

    @property
    def encoding(self) -> str:
        return self.script.encoding

    @property
    def is_plain(self) -> bool:
        """Say whether rendering the template only fills in its blanks, so that a dry run may do it."""
        with open(self.script.template, encoding="utf-8", errors="replace") as file:
            return is_plain(file.read())


def draft_merge_revision(step: CreateMergeRevision, top: str) -> MergeScriptDraft:
    """Let Alembic choose the file's name and the template's arguments; nothing is written, rendered or imported.

    Raises:
        MigmergeError: where the work tree lacks the folder or the template, or Alembic refuses the configuration.
    """
    from .alembic_writer import name_script

    environment = step.environment
    _need(os.path.join(top, step.folder), os.path.isdir, step.folder or ".", environment.path)
    template = _template(environment, top)
    _need(template, os.path.isfile, environment.template, environment.path)
    return MergeScriptDraft(step, name_script(step, top, template), os.path.join(top, environment.project))


def _template(environment: Environment, top: str) -> str:
    """Return the environment's template; without a configuration the nearest above its scripts, or the one of `alembic init`."""
    own = os.path.join(top, environment.template)
    if environment.config or environment.own_template or os.path.isfile(own):
        return own
    above = environment.path
    while above:
        above = os.path.dirname(above)
        if os.path.isfile(found := os.path.join(top, above, "script.py.mako")):
            return found
    # Alembic takes 300 ms to import, and is imported next.
    import alembic

    return os.path.join(os.path.dirname(alembic.__file__), "templates", "generic", "script.py.mako")


def _need(path: str, exists: Callable[[str], bool], name: str, environment: str) -> None:
    if not exists(path):
        raise MigmergeError(
            f"{name} is not in the work tree", hint=f"git sparse-checkout add {environment}, or git checkout -- {name}"
        )


def render(draft: MergeScriptDraft) -> bytes:
    """Run the project's template and return the script, verified to say what the plan says.

    Raises:
        MigmergeError: where the template fails, or leaves out the identifiers.
    """
    from mako.template import Template

    script = draft.script
    try:
        data: bytes = Template(filename=script.template).render_unicode(**script.arguments).encode(script.encoding)  # noqa: S702 (a script is no page)
    except Exception as error:  # a template can raise whatever it likes
        reason = (str(error).splitlines() or ["no reason given"])[0]
        needs_app = "application context" in reason
        raise MigmergeError(
            f"{draft.step.environment.template} cannot be rendered: {type(error).__name__}: {reason}",
            hint="flask migmerge fix" if needs_app else f"git log -p -2 -- {shlex.quote(draft.step.environment.template)}",
        ) from error
    _verify(draft, data)
    return data


def run_post_write_hooks(draft: MergeScriptDraft) -> bytes:
    """Run the project's post-write hooks on the written file, verify it once more and return its content.

    Raises:
        MigmergeError: where a hook fails, or removes the file or its identifiers.
    """
    from .alembic_writer import run_hooks

    try:
        run_hooks(draft.script, draft.folder)
    except MigmergeError as error:
        raise MigmergeError(
            f"a post-write hook of {draft.step.environment.config} failed: {error}",
            hint="run migmerge from the environment that has the hook's tool: pip install migmerge there",
        ) from error
    if not os.path.isfile(draft.path):
        raise MigmergeError("a post-write hook removed the script")
    with open(draft.path, "rb") as file:
        data = file.read()
    _verify(draft, data)
    return data


def _verify(draft: MergeScriptDraft, data: bytes) -> None:
    reading = read_carefully(data)
    step = draft.step
    planned = (step.revision, set(step.parents), None)
    if isinstance(reading, Identifiers) and (reading.revision, set(reading.down_revisions), reading.defect) == planned:
        return
    raise MigmergeError(
        f"{step.environment.template} does not give a script with the revision {step.revision} and its parents",
        hint="alembic init writes a template that does; compare the two",
    )
