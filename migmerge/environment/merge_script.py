"""A merge revision's script: named, rendered from the project's template, and verified before and after its hooks."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.finding import edit
from ..core.fix_plan.plan import CreateMergeRevision
from ..core.redaction import without_secrets
from ..core.revision import Identifiers
from ..core.script.budget import MOST_BYTES
from ..core.script.read import read_carefully
from .template import decoded_template, fill_in, is_plain, names_in

_OF_AUTOGENERATE = frozenset({"imports", "upgrades", "downgrades"})
"""What Alembic gives to a template only where it compares the models, and templates can do without."""

_HOOK_TYPES = ("console_scripts", "exec", "module")
"""The types of post-write hooks that Alembic knows by itself."""

TYPE_CHECKING = False  # Alembic takes 300 ms to import
if TYPE_CHECKING:
    from .alembic_writer import NamedScript


@dataclass(frozen=True, slots=True)
class MergeScriptDraft:
    """A merge revision that Alembic has named and not yet written; `top` is the top of the work tree."""

    step: CreateMergeRevision
    script: NamedScript
    top: str

    @property
    def folder(self) -> str:
        """Return the folder in which the post-write hooks run."""
        return os.path.join(self.top, self.step.environment.project)

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
        return is_plain(self._template_text)

    @property
    def fills_from_env_py(self) -> bool:
        """Say whether the template may use what env.py gives to it, where Alembic loads env.py."""
        if not self.script.revision_environment:
            return False
        text = self._template_text
        return not is_plain(text) or not names_in(text) <= self.script.arguments.keys() | _OF_AUTOGENERATE

    @property
    def hooks_from_env_py(self) -> bool:
        """Say whether env.py may register a post-write hook, where Alembic loads env.py."""
        return self.script.revision_environment and not self._knows_hooks

    @property
    def env_py_registers_hooks(self) -> bool:
        """Say whether the text of env.py speaks of post-write hooks."""
        return "write_hooks" in _text(os.path.join(self.top, self.step.environment.path, "env.py"))

    @property
    def _knows_hooks(self) -> bool:
        return all(kind in _HOOK_TYPES for kind in self.script.hook_types.values())

    @property
    def _template_text(self) -> str:
        with open(self.script.template, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        name = self.step.environment.template
        if len(data) > MOST_BYTES:
            raise MigmergeError(f"{name} is too long to read", hint=f"git log -p -2 -- {shlex.quote(name)}")
        try:
            return decoded_template(data)
        except UnicodeDecodeError as error:
            raise MigmergeError(f"{name} is not UTF-8: {error.reason}", hint=f"git log -p -2 -- {shlex.quote(name)}") from error

    def filled_in(self) -> str | None:
        """Return the script that a plain template gives; None for one that runs code, which only Mako can render."""
        text = self._template_text
        return fill_in(text, self.script.arguments) if is_plain(text) else None

    def at(self, path: str) -> MergeScriptDraft:
        """Return the draft of a file that is written already; another Alembic may name it otherwise."""
        return replace(self, script=replace(self.script, path=path))

    def given(self, arguments: Mapping[str, Any]) -> MergeScriptDraft:
        """Return the draft with more arguments for its template, or others."""
        return replace(self, script=replace(self.script, arguments={**self.script.arguments, **arguments}))


def runs_no_code(environment: Environment, top: str) -> bool:
    """Say whether the files show, without Alembic, that a merge revision is written without any code of the project."""
    try:
        with open(os.path.join(top, environment.template), "rb") as file:
            if not is_plain(decoded_template(file.read(MOST_BYTES))):
                return False
        if environment.config is None:
            return True
        with open(os.path.join(top, environment.config), "rb") as configuration:
            data = configuration.read()
    except (OSError, UnicodeDecodeError):
        return False
    return b"post_write_hooks" not in data and b"revision_environment" not in data


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
    return MergeScriptDraft(step, name_script(step, top, template), top)


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
            f"{name} is not in the work tree",
            hint=f"git sparse-checkout add {shlex.quote(environment)}, or git checkout -- {shlex.quote(name)}",
        )


def render(draft: MergeScriptDraft) -> bytes:
    """Run the project's template and return the script, verified to say what the plan says.

    Raises:
        MigmergeError: where the template fails, or leaves out the identifiers.
    """
    script = draft.script
    try:
        text = draft.filled_in()
        if text is None:
            from mako.template import Template

            text = Template(filename=script.template).render_unicode(**script.arguments)  # noqa: S702 (a script is no page)
        data: bytes = text.encode(script.encoding)
    except MigmergeError:
        raise
    except Exception as error:  # a template can raise whatever it likes
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise MigmergeError(
            f"{draft.step.environment.template} cannot be rendered: {type(error).__name__}: {without_secrets(reason)}",
            hint=_hint_of_template(draft, error),
        ) from error
    _verify(draft, data)
    return data


def _hint_of_template(draft: MergeScriptDraft, error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install {error.name} into, or activate, the project's environment; then: migmerge fix"
    return f"git log -p -2 -- {shlex.quote(draft.step.environment.template)}"


def run_post_write_hooks(draft: MergeScriptDraft) -> bytes:
    """Run the project's post-write hooks on the written file, in this Python, and return `verified_script`.

    Raises:
        MigmergeError: where a hook fails, or removes the file or its identifiers.
    """
    from .alembic_writer import run_hooks

    try:
        run_hooks(draft.script, draft.folder)
    except MigmergeError as error:
        raise MigmergeError(
            f"a post-write hook of {draft.step.environment.config} failed in {sys.executable}: {without_secrets(str(error))}",
            hint=_hint_of_hooks(draft),
        ) from error
    return verified_script(draft)


def verified_script(draft: MergeScriptDraft) -> bytes:
    """Return the content of the written file, which still says what the plan says.

    Raises:
        MigmergeError: where a post-write hook removed the file or its identifiers.
    """
    if not os.path.isfile(draft.path):
        raise MigmergeError("a post-write hook removed the script")
    with open(draft.path, "rb") as file:
        data = file.read()
    _verify(draft, data)
    return data


def _hint_of_hooks(draft: MergeScriptDraft) -> str:
    from .alembic_writer import has_hook_type  # Alembic takes 300 ms to import

    environment, types = draft.step.environment, draft.script.hook_types
    if not all(has_hook_type(kind) for kind in types.values() if kind in _HOOK_TYPES):
        return f"{shlex.quote(sys.executable)} -m pip install --upgrade alembic"
    unknown = [(name, kind) for name, kind in types.items() if kind not in _HOOK_TYPES]
    if not unknown or draft.script.revision_environment:
        return "install the hook's tool into, or activate, the project's environment; then: migmerge fix"
    lines = _text(os.path.join(draft.top, environment.config or "")).splitlines()
    if draft.env_py_registers_hooks:
        section = "[tool.alembic]" if (environment.config or "").endswith(".toml") else f"[{environment.section}]"
        return _edit(draft, lines, section, f"revision_environment = true, with which Alembic loads {environment.path}/env.py")
    ((name, kind), *_) = unknown
    return _edit(draft, lines, kind or name, f"the type of the hook {name}: {', '.join(_HOOK_TYPES)}")


def _edit(draft: MergeScriptDraft, lines: list[str], mark: str, what: str) -> str:
    """Return the hint to edit the configuration below, or at, the first line that has a mark."""
    line = next((number for number, text in enumerate(lines, 1) if mark in text), 1)
    return str(edit(draft.step.environment.config or "", line, what))


def _text(path: str) -> str:
    """Return the text of a file; empty where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


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
