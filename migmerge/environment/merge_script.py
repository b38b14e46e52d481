"""Writing a merge revision through Alembic, which is given its parents instead of loading the scripts.

The seams of Alembic used here, and nowhere else: `generate_revision` with its `_generate_create_date`,
`_generate_template` and `_ensure_directory`, and `write_hooks._run_hooks`. They are no promises, so `tests/test_writer.py`
runs against the oldest and the newest Alembic that `pyproject.toml` accepts.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import TYPE_CHECKING, Any

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision
from ..core.revision import Identifiers
from ..core.script.read import read_carefully
from .template import is_plain

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory


@dataclass(frozen=True, slots=True)
class MergeScriptDraft:
    """A merge revision that Alembic has named and not yet written.

    `path` is absolute. `arguments` are what Alembic would pass to the template; `hooks` its post-write hooks, run in
    `folder`, as if the user had called Alembic there.
    """

    step: CreateMergeRevision
    path: str
    template: str
    arguments: Mapping[str, Any]
    encoding: str
    hooks: Any
    folder: str

    @property
    def is_plain(self) -> bool:
        """Say whether rendering the template only fills in its blanks, so that a dry run may do it."""
        with open(self.template, encoding="utf-8", errors="replace") as file:
            return is_plain(file.read())


class _Named(Exception):
    """Carry what Alembic was about to render out of it, before it writes or imports anything."""

    def __init__(self, template: Any, path: Any, arguments: Mapping[str, Any]) -> None:
        self.template, self.path, self.arguments = str(template), str(path), arguments


def draft_merge_revision(step: CreateMergeRevision, top: str) -> MergeScriptDraft:
    """Let Alembic choose the file's name and the template's arguments; nothing is written, rendered or imported.

    Raises:
        MigmergeError: where the work tree lacks the folder or the template, or Alembic refuses the configuration.
    """
    environment = step.environment
    if step.create_date is None:
        raise MigmergeError(
            f"nothing tells when {' and '.join(step.parents)} were made, so everybody would write another date",
            hint="git fetch --unshallow",
        )
    folder = os.path.join(top, step.folder)
    template = os.path.join(top, environment.template)
    _need(folder, os.path.isdir, step.folder or ".", environment.path)
    _need(template, os.path.isfile, environment.template, environment.path)
    with _alembic_errors():
        config = _config(step, top)
        scripts = _script_directory(config, step, top)
        try:
            scripts.generate_revision(step.revision, step.message, head=step.parents, version_path=folder, config=config)
        except _Named as named:
            return MergeScriptDraft(
                step,
                named.path,
                named.template,
                named.arguments,
                scripts.output_encoding,
                getattr(scripts, "hooks", None) or getattr(scripts, "hook_config", None),  # before Alembic 1.16
                os.path.join(top, environment.project),
            )
    raise AssertionError("Alembic did not come to its template")


def render(draft: MergeScriptDraft) -> bytes:
    """Run the project's template and return the script, once it is sure that it says what the plan says.

    Raises:
        MigmergeError: where the template fails, or leaves out the identifiers.
    """
    from mako.template import Template

    try:
        data: bytes = Template(filename=draft.template).render_unicode(**draft.arguments).encode(draft.encoding)  # noqa: S702 (a script is no page)
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
    """Run the project's post-write hooks on the written file, verify it once more and return what it holds now."""
    if draft.hooks:
        from alembic.script import write_hooks

        try:
            with _alembic_errors(), _working_in(draft.folder), _output_to_stderr():
                write_hooks._run_hooks(draft.path, draft.hooks)
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


def _need(path: str, test: Any, name: str, environment: str) -> None:
    if not test(path):
        raise MigmergeError(
            f"{name} is not in the work tree", hint=f"git sparse-checkout add {environment}, or git checkout -- {name}"
        )


def _config(step: CreateMergeRevision, top: str) -> Config:
    """Read the environment's own ini or toml, as Alembic does, with the folders that we know already.

    A `package:path` would be imported to be found, and prepend_sys_path would let the repository answer our imports.
    """
    from alembic.config import Config

    environment = step.environment
    source = os.path.join(top, environment.config) if environment.config else None
    # toml_file came with Alembic 1.16.
    in_toml = source is not None and source.endswith(".toml")
    config = Config(toml_file=source) if in_toml else Config(source, ini_section=environment.section)
    location = os.path.join(top, environment.path)
    config.set_main_option("script_location", location.replace("%", "%%"))
    for option in ("prepend_sys_path", "version_locations"):
        config.remove_main_option(option)
    return config


def _script_directory(config: Config, step: CreateMergeRevision, top: str) -> ScriptDirectory:
    from alembic.script import ScriptDirectory
    from alembic.script.revision import Revision, RevisionMap

    class NamingOnly(ScriptDirectory):
        def _generate_create_date(self) -> datetime:
            assert step.create_date
            return _create_date(step.create_date, super()._generate_create_date().tzinfo)

        def _generate_template(self, src: Any, dest: Any, **arguments: Any) -> None:
            raise _Named(src, dest, arguments)

        def _ensure_directory(self, path: Any) -> None:
            pass

    before = list(sys.path)
    scripts = ScriptDirectory.from_config(config)
    sys.path[:] = before
    scripts.__class__ = NamingOnly  # from_config makes a ScriptDirectory whatever class it is called on
    scripts.version_locations = [os.path.join(top, folder) for folder in {*step.environment.versions, step.folder}]
    scripts.revision_map = RevisionMap(lambda: [Revision(parent, None) for parent in step.parents])
    return scripts


class _AnywhereDate(datetime):
    """A date without a time zone whose `%(epoch)s` in a file name does not depend on the machine's own zone."""

    def timestamp(self) -> float:
        return datetime.timestamp(self.replace(tzinfo=timezone.utc))


def _create_date(known: datetime, zone: tzinfo | None) -> datetime:
    """Return the plan's date in the project's time zone."""
    if zone:
        return known.astimezone(zone) if known.tzinfo else known.replace(tzinfo=zone)
    if known.tzinfo:
        return known
    return _AnywhereDate.combine(known.date(), known.time())


@contextmanager
def _alembic_errors() -> Iterator[None]:
    """Translate what Alembic raises, once, into our words."""
    import warnings

    from alembic.script.revision import RevisionError
    from alembic.util import CommandError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (CommandError, RevisionError, OSError, KeyError, ValueError, TypeError) as error:
        raise MigmergeError(f"Alembic: {error}") from error


@contextmanager
def _working_in(folder: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _output_to_stderr() -> Iterator[None]:
    from contextlib import redirect_stdout

    with redirect_stdout(sys.stderr):
        yield
