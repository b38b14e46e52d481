"""The project as its own commands load it: the Flask application or the Alembic configuration, and env.py."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ..core.database.database import Address, OtherTenants
from ..core.database.obstacle import Obstacle, ObstacleError, ServerName
from ..core.database.selection import Selection
from ..core.environment import Environment, argument_command, command, upgrade_command
from ..core.errors import MigmergeError
from ..core.redaction import without_secrets
from .asked_variables import AskedVariables, server_name
from .error_text import project_reason_of
from .guard import Guard
from .lock_watch import LockWatch
from .rehearsal.surroundings import Surroundings
from .runtime import OnProgress, ProjectRuntime

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import URL, Connection


_OLDEST_SQLALCHEMY = 2
_WITHOUT_DATABASES = "migmerge doctor --no-db"
_MISSING = re.compile(r"ModuleNotFoundError: No module named '([^']+)'")
_PLACEHOLDER = "sqlalchemy.dialects:driver"
_IMPORT_ERRORS = ("ModuleNotFoundError: ", "ImportError: ")

Work = Callable[[Any, "MigrationContext"], Any]
"""A function that Alembic calls from env.py for each database, with the recorded revisions; the result is steps."""


class Project:
    """Run an environment's env.py any number of times, in the application's context where there is an application.

    `urls` are those of the databases that are selected and were inspected, by bind, `tenants` the schemas that env.py works in
    there, and `naming_convention` is that of their models; `naming_conventions` are those of each bind whose catalogue was
    read. `surroundings` are what scripts find in each, and `inspected` is how many databases or schemas env.py upgrades.
    `bind` and `tenant` are those of the one for which env.py calls `work`.
    """

    def __init__(self, runtime: ProjectRuntime, selection: Selection, guard: Guard, on_progress: OnProgress) -> None:
        self.runtime = runtime
        self.selection = selection
        self.guard = guard
        self.on_progress = on_progress
        self.urls: dict[str, URL] = {}
        self.tenants: dict[str, str] = {}
        self.bind = self.tenant = ""
        self.inspected = 0
        self._asked: list[str] = []
        self._has_reached_one = False
        self.lock_watch = LockWatch()
        self.asked_variables = AskedVariables()
        self.naming_convention: Any = None
        self.naming_conventions: dict[str, Any] = {}
        self.surroundings: dict[str, Surroundings] = {}
        self._engines: WeakSet[Any] = WeakSet()
        self._failed: tuple[Any, Any] = (None, None)
        self._contexts = ExitStack()
        self._app: Any = None

    def watch_engines(self) -> None:
        """Remember every engine that connects, for `close_connections`, and the one of the last error."""
        from sqlalchemy import Engine, event

        event.listen(Engine, "engine_connect", lambda connection: self._engines.add(connection.engine))
        event.listen(Engine, "handle_error", self._note_failure)

    def _note_failure(self, failure: Any) -> None:
        self._failed = failure.sqlalchemy_exception, failure.engine

    def _reason_of(self, error: Exception) -> str:
        """Return the reason of an error, with the name of the database where there are several."""
        from .guard import address_of

        reason, (failed, engine) = project_reason_of(error), self._failed
        if failed is not error or engine is None:
            return reason
        names = {address_of(each.url).name for each in (*self._engines, engine)}
        own = address_of(engine.url).name
        return reason if len(names) < 2 or own in reason else f"{own}: {reason}"

    def _full_disk(self, error: Exception) -> MigmergeError | None:
        from .full_disk import full_disk

        failed, engine = self._failed
        return full_disk(error, engine.url if failed is error and engine is not None else None)

    def close_connections(self) -> None:
        """Close every pooled connection: no server drops a database that has connections."""
        for engine in list(self._engines):
            engine.dispose()

    @property
    def environment(self) -> Environment:
        return self.runtime.environment

    @property
    def folder(self) -> str:
        """Return the folder of env.py."""
        return os.path.join(self.runtime.top, self.environment.path)

    def scripts(self, config: Config, versions: Sequence[str] = ()) -> ScriptDirectory:
        """Return Alembic's view of the scripts, or of those in the folders `versions` instead."""
        from alembic.script import ScriptDirectory

        scripts = ScriptDirectory.from_config(config)
        if versions:
            scripts.version_locations = list(versions)
            scripts.recursive_version_locations = False
        return scripts

    def run(self, work: Work, *, versions: Sequence[str] = (), read_only: bool = False, **options: Any) -> None:
        """Run env.py, which connects and calls `work`; `options` are those of `EnvironmentContext.configure`.

        Raises:
            MigmergeError: where the application, env.py or a database raises an error.
        """
        from alembic.runtime.environment import EnvironmentContext

        self._run(EnvironmentContext, work, versions, dont_mutate=read_only, **options)

    def run_step_by_step(self, work: Work, *, versions: Sequence[str] = (), **options: Any) -> None:
        """Run env.py like `run`, with a transaction for each of the steps that `work` returns."""
        from .alembic_seams import StepByStepEnvironment

        self._run(StepByStepEnvironment, work, versions, dont_mutate=False, **options)

    def _run(
        self, kind: type[EnvironmentContext], work: Work, versions: Sequence[str], *, dont_mutate: bool, **options: Any
    ) -> None:
        from .alembic_seams import note_arguments

        self.guard.may_create_files = not dont_mutate
        self._asked, self._has_reached_one = [], False
        if not dont_mutate:
            self.guard.allow_changes()
        with self.errors_translated():
            config = self.config()
            scripts = self.scripts(config, versions)
            environment = kind(config, scripts, fn=work, dont_mutate=dont_mutate, **options)
            note_arguments(environment, self._asked)
            with environment, self.env_py_repeatable(), self._only_selected():
                scripts.run_env()

    def _only_selected(self) -> AbstractContextManager[None]:
        """Name each database of env.py, and keep Alembic from those that are not selected: it would make the version table."""
        from .alembic_seams import contexts_skipped
        from .guard import address_of
        from .sqlite_location import located
        from .tenant import bind_of, is_in_no_database

        seen: list[str] = []

        def is_skipped(context: MigrationContext) -> bool:
            assert context.connection is not None
            if is_in_no_database(context.connection):
                raise self._without_argument("env.py connects to a server and to no database there")
            self._has_reached_one = True
            self.tenant = self._tenant_of(context)
            self.bind = bind_of(context, self.tenant, seen)
            seen.append(self.bind)
            return not self.selection.has(address_of(located(context.connection)), self.bind)

        return contexts_skipped(is_skipped)

    def _tenant_of(self, context: MigrationContext) -> str:
        from .tenant import tenant_of

        try:
            return tenant_of(context)
        except MigmergeError as error:
            raise MigmergeError(str(error), hint=upgrade_command(self.environment, heads=1)) from error

    def require_schema(self, connection: Connection, address: Address) -> None:
        """Verify that env.py has chosen a schema that is there, as it cannot where an argument names the tenant."""
        from .tenant import has_no_schema

        if has_no_schema(connection):
            raise self._without_argument(f"env.py works in no schema of {address.name} that is there")

    def _without_argument(self, reason: str) -> MigmergeError:
        """Return the error where env.py may lack an argument, with the command that gives it one."""
        if not self._asked:
            return MigmergeError(reason, hint=command(self.environment, "current"))
        why = f"{reason}; env.py asks for -x {self._asked[0]}, which migmerge does not give"
        return MigmergeError(why, hint=argument_command(self.environment, self._asked[0]))

    @property
    def asked_argument(self) -> str:
        """Return the first argument of `alembic -x` that env.py has looked up; empty where there is none."""
        return self._asked[0] if self._asked else ""

    def other_tenants(self, context: MigrationContext, known: AbstractSet[str]) -> OtherTenants | None:
        """Return the schemas, or on MySQL databases with `known` revisions, that only `alembic -x` reaches."""
        from .tenant import schemas_with_records

        if not self._asked or context.connection is None:
            return None
        own = self.tenant or context.version_table_schema or context.connection.dialect.default_schema_name
        others = [each for each in schemas_with_records(context.connection, context.version_table, known) if each != own]
        return OtherTenants(tuple(others), self._asked[0]) if others else None

    def env_py_repeatable(self) -> AbstractContextManager[None]:
        """Remove at the end the event listeners that env.py adds, which would be added again by its next run."""
        from .alembic_seams import listeners_removed

        return listeners_removed(os.path.join(self.folder, "env.py"))

    @contextmanager
    def errors_translated(self) -> Iterator[None]:
        """Turn whatever the project's own code raises, SystemExit included, into a MigmergeError."""
        current = self.runtime.current_command
        try:
            yield
        except ObstacleError as error:
            if isinstance(error.obstacle, ServerName) and error.obstacle.host == "None":
                obstacle = self.asked_variables.missing_host
                raise ObstacleError("the database's URL names a server called None", hint=current, obstacle=obstacle) from error
            raise
        except (MigmergeError, KeyboardInterrupt):
            raise
        except SystemExit as error:
            reason = without_secrets(str(error))
            said = f"{self.environment.path}/env.py, or the application, ended with: {reason}"
            if self._asked:
                raise self._without_argument(said) from error
            raise ObstacleError(said, hint=current, obstacle=self.asked_variables.missing_of(error)) from error
        except Exception as error:
            if waited := self.lock_watch.translated(error):
                raise MigmergeError(str(waited), hint=waited.hint or current) from error
            if full := self._full_disk(error):
                raise MigmergeError(str(full), hint=full.hint or current) from error
            if self._asked and not self._has_reached_one and type(error).__name__ != "OperationalError":
                raise self._without_argument(project_reason_of(error)) from error
            raise self._error_of(error) from error

    def _error_of(self, error: Exception) -> MigmergeError:
        """Return what the project's own code raised; where an import fails, with the Python in which it did."""
        reason, command = self._reason_of(error), self.runtime.current_command
        if reason.startswith(_IMPORT_ERRORS):
            missing = _MISSING.match(reason)
            hint = _another_python(missing[1]) if missing else command
            return MigmergeError(f"{reason}; asked in {self.runtime.asked_python}", hint=hint)
        if obstacle := self._obstacle_of(error):
            is_placeholder = _PLACEHOLDER in reason and self.environment.config
            hint = f"edit {self.environment.config}: sqlalchemy.url is as alembic init wrote it" if is_placeholder else command
            return ObstacleError(reason, hint=hint, obstacle=obstacle)
        is_no_app = type(error).__name__ == "NoAppException"
        return MigmergeError(
            reason, hint="export FLASK_APP=…, or run migmerge in the application's folder" if is_no_app else command
        )

    def _obstacle_of(self, error: Exception) -> Obstacle | None:
        """Return the server that an error of a driver is about, or the variables that any other error may be about."""
        if hasattr(error, "orig") or isinstance(error, OSError):
            return server_name(self.guard.last) if self.guard.last and self.guard.last.host else None
        return self.asked_variables.missing_of(error)

    def config(self) -> Config:
        """Return the configuration that `flask db` or `alembic` uses."""
        return self._flask_config() if self.environment.kind == "flask-migrate" else self._alembic_config()

    def _alembic_config(self) -> Config:
        from argparse import Namespace

        from alembic.config import Config

        if self.environment.config is None:
            declared = "; config of [[tool.migmerge.environment]] in pyproject.toml can"
            raise MigmergeError(f"no alembic.ini names {self.environment.path or '.'}{declared}", hint="migmerge doctor --no-db")
        file = os.path.join(self.runtime.top, self.environment.config)
        options: dict[str, Any] = {"ini_section": self.environment.section, "cmd_opts": Namespace(x=None)}
        if file.endswith(".toml"):
            return Config(os.path.join(os.path.dirname(file), "alembic.ini"), toml_file=file, **options)
        return Config(file, **options)

    def _flask_config(self) -> Config:
        app = self.enter_application()
        migrate = app.extensions.get("migrate")
        if migrate is None:
            raise MigmergeError(f"the application {app.name} has no Flask-Migrate", hint="Migrate(app, db) in the application")
        config: Config = migrate.migrate.get_config(self.folder)
        return config

    def enter_application(self) -> Any:
        """Load the Flask application once, as `flask` does, enter its context and return it."""
        if self._app is None:
            from flask.cli import ScriptInfo

            _load_dotenv()
            self._app = ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()
            self._contexts.enter_context(self._app.app_context())
        return self._app


def open_project(runtime: ProjectRuntime, selection: Selection, on_progress: OnProgress) -> Project:
    """Return the project, without a connection, once a guard checks every connection of this process."""
    try:
        import alembic  # noqa: F401
    except ImportError as error:
        raise MigmergeError(f"{runtime.asked_python} has no Alembic", hint=_another_python("Alembic")) from error
    _require_sqlalchemy(runtime)
    guard = Guard(selection.trusted)
    guard.watch()
    project = Project(runtime, selection, guard, on_progress)
    project.watch_engines()
    project.asked_variables.watch()
    project.lock_watch.watch()
    return project


def _require_sqlalchemy(runtime: ProjectRuntime) -> None:
    """Refuse a SQLAlchemy whose inspector and engines are others than those that migmerge knows."""
    from sqlalchemy import __version__ as version

    if int(version.partition(".")[0]) < _OLDEST_SQLALCHEMY:
        needed = f"migmerge needs SQLAlchemy {_OLDEST_SQLALCHEMY}.0 or newer in the project to ask its databases"
        raise MigmergeError(f"{needed}; {runtime.asked_python} has {version}", hint=_WITHOUT_DATABASES)


def _another_python(missing: str) -> str:
    """Return what to do where a package is in another Python than the one that was asked."""
    return f"install {missing} into it, or name the project's environment: VIRTUAL_ENV=… migmerge doctor"


def _load_dotenv() -> None:
    """Read .env and .flaskenv as `flask` does, where python-dotenv is installed."""
    from importlib.util import find_spec

    if find_spec("dotenv"):
        from flask.cli import load_dotenv

        load_dotenv()
