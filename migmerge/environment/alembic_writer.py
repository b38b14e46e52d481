"""The adapter to Alembic's writer of scripts, which is given a revision's parents instead of loading the scripts.

The seams of Alembic used here, and nowhere else in this room: `generate_revision` with its `_generate_create_date`,
`_generate_template` and `_ensure_directory`, and `_run_hooks` and `_registry` of `write_hooks`. They are no promises, so
`tests/unit/environment/test_merge_script.py` runs against the oldest and the newest Alembic that `pyproject.toml` accepts.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision, RevisionError, RevisionMap
from alembic.script.write_hooks import _registry, _run_hooks
from alembic.util import CommandError, asbool

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision

_LONGEST_NAME = 255
"""Bytes, on every file system in use."""
_OTHER_TEMPLATE = "another file_template in the same configuration"
_WIDE = re.compile(r"%\([^)]*\)[^a-zA-Z%]*?[1-9][0-9]{3}")


@dataclass(frozen=True, slots=True)
class NamedScript:
    """A script that Alembic has named and not rendered.

    `path` is absolute, `template` a file; `arguments` are what Alembic would pass to the template, `hooks` its post-write
    hooks, of which `hook_options` has the options by name. With `revision_environment` Alembic loads env.py first.
    """

    path: str
    template: str
    arguments: Mapping[str, Any]
    encoding: str
    hooks: Any
    hook_options: Mapping[str, Mapping[str, str]]
    revision_environment: bool

    @property
    def hook_types(self) -> dict[str, str]:
        """Return the types of the post-write hooks by name, empty where one has none."""
        return {name: options.get("type", "") for name, options in self.hook_options.items()}


class _Named(Exception):
    """Carry the script's name and arguments out of Alembic, before it writes or imports anything."""

    def __init__(self, path: Any, arguments: Mapping[str, Any]) -> None:
        self.path, self.arguments = str(path), arguments


def name_script(step: CreateMergeRevision, top: str, template: str) -> NamedScript:
    """Let Alembic choose the file's name and the arguments of a template.

    Raises:
        MigmergeError: where Alembic refuses the configuration.
    """
    with _alembic_errors():
        config = _config(step, top)
        scripts = _script_directory(config, step, top)
        folder = os.path.join(top, step.folder)
        try:
            scripts.generate_revision(step.revision, step.message, head=step.parents, version_path=folder, config=config)
        except _Named as named:
            _check_length(named.path)
            hooks = getattr(scripts, "hooks", None) or getattr(scripts, "hook_config", None)  # before Alembic 1.16
            return NamedScript(
                named.path,
                template,
                named.arguments,
                scripts.output_encoding,
                hooks,
                dict(_hook_options(hooks or ())),
                asbool(_option(config, "revision_environment")),
            )
    raise AssertionError("Alembic did not come to its template")


def run_hooks(script: NamedScript, folder: str) -> None:
    """Run the post-write hooks on a written script, in `folder`, as if the user had called Alembic there.

    Raises:
        MigmergeError: where a hook fails.
    """
    if script.hooks:
        with _alembic_errors(), _working_in(folder), _own_programs_found(), _speaking_on_stderr():
            _run_hooks(script.path, script.hooks)


@contextmanager
def _speaking_on_stderr() -> Iterator[None]:
    """Let Alembic and the programs that it starts write to stderr: stdout may be a document."""
    sys.stdout.flush()
    before = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(before, 1)
        os.close(before)


def has_hook_type(kind: str) -> bool:
    """Say whether this Alembic has a type of post-write hooks: 1.13 lacks "module"."""
    return kind in _registry


def _hook_options(hooks: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the names of post-write hooks with their options."""
    if isinstance(hooks, Mapping):  # before Alembic 1.16
        names = filter(None, re.split(r", *|(?: +)", hooks.get("hooks", "")))
        for name in names:
            start = f"{name}."
            yield name, {key.removeprefix(start): str(value) for key, value in hooks.items() if key.startswith(start)}
    else:
        yield from ((hook["_hook_name"], {key: str(value) for key, value in hook.items()}) for hook in hooks)


def _option(config: Config, name: str) -> Any:
    # get_alembic_option came with Alembic 1.16.
    return getattr(config, "get_alembic_option", config.get_main_option)(name)


def _config(step: CreateMergeRevision, top: str) -> Config:
    """Read the environment's own ini or toml, as Alembic does, with the folders that we know already.

    A `package:path` would be imported to be found, and prepend_sys_path would let the repository answer our imports.
    """
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
    class NamingOnly(ScriptDirectory):
        def _generate_create_date(self) -> datetime:
            return _create_date(step.create_date, super()._generate_create_date().tzinfo)

        def _generate_template(self, src: Any, dest: Any, **arguments: Any) -> None:
            raise _Named(dest, arguments)

        def _ensure_directory(self, path: Any) -> None:
            pass

    before = list(sys.path)
    scripts = ScriptDirectory.from_config(config)
    sys.path[:] = before
    scripts.__class__ = NamingOnly  # from_config makes a ScriptDirectory whatever class it is called on
    _check_widths(scripts.file_template)
    scripts.version_locations = [os.path.join(top, folder) for folder in {*step.environment.versions, step.folder}]
    scripts.revision_map = RevisionMap(lambda: [Revision(parent, None) for parent in step.parents])
    return scripts


def _check_widths(file_template: str) -> None:
    """Raise where a blank of a file name is wider than any file name: Alembic would make a text of gigabytes."""
    if wide := _WIDE.search(file_template):
        raise MigmergeError(f"file_template: {wide[0]!r} is wider than any file name", hint=_OTHER_TEMPLATE)


def _check_length(path: str) -> None:
    """Raise where no file can have the name that Alembic chose."""
    length = max(len(os.fsencode(each)) for each in path.split(os.sep))
    if length > _LONGEST_NAME:
        raise MigmergeError(
            f"file_template makes a name of {length} bytes, and a file has at most {_LONGEST_NAME}", hint=_OTHER_TEMPLATE
        )


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
    """Translate what Alembic raises into our error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (CommandError, RevisionError, OSError, KeyError, ValueError, TypeError) as error:
        raise MigmergeError(f"Alembic: {error}") from error


@contextmanager
def _own_programs_found() -> Iterator[None]:
    """Find the programs of this Python's environment first, as where that is activated."""
    before = os.environ.get("PATH", os.defpath)
    is_environment = sys.prefix != sys.base_prefix or os.path.isdir(os.path.join(sys.prefix, "conda-meta"))
    own = os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin")
    os.environ["PATH"] = os.pathsep.join([own, before]) if is_environment else before
    try:
        yield
    finally:
        os.environ["PATH"] = before


@contextmanager
def _working_in(folder: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
