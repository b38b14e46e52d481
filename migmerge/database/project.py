"""The project as its own commands see it: the Flask application or the Alembic configuration, and its env.py."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ..core.environment import Environment
from ..core.errors import MigmergeError
from .alembic_seams import listeners_removed
from .guard import Guard
from .runtime import ProjectRuntime

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import URL


Work = Callable[[Any, "MigrationContext"], Any]
"""What Alembic calls once for each database, with its recorded revisions, from inside env.py."""


class Project:
    """Run an environment's env.py, again and again, in the application's context where there is an application."""

    def __init__(self, runtime: ProjectRuntime, guard: Guard, tell: Callable[[int, int], None]) -> None:
        self.runtime = runtime
        self.tell = tell
        self.guard = guard
        self.urls: dict[str, URL] = {}
        self.naming_convention: Any = None
        self._engines: WeakSet[Any] = WeakSet()
        self._held = ExitStack()
        self._app: Any = None

    def watch(self) -> None:
        """Remember the engines that connect, so that all their connections can be closed."""
        from sqlalchemy import Engine, event

        event.listen(Engine, "engine_connect", lambda connection: self._engines.add(connection.engine))

    def let_go(self) -> None:
        """Close every connection that an engine keeps: no server drops a database that is in use."""
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

    def run(self, work: Work, *, versions: Sequence[str] = (), **options: Any) -> None:
        """Run env.py, which connects and calls `work`; `options` are those of `EnvironmentContext.configure`.

        Raises:
            MigmergeError: where the application, env.py or the database does not let us.
        """
        from alembic.runtime.environment import EnvironmentContext

        with failures_told(self.environment):
            config = self.config()
            scripts = self.scripts(config, versions)
            with (
                EnvironmentContext(config, scripts, fn=work, **options),
                listeners_removed(os.path.join(self.folder, "env.py")),
            ):
                scripts.run_env()

    def config(self) -> Config:
        """Return the configuration that `flask db` or `alembic` would use."""
        return self._flask_config() if self.environment.kind == "flask-migrate" else self._alembic_config()

    def _alembic_config(self) -> Config:
        from argparse import Namespace

        from alembic.config import Config

        if self.environment.config is None:
            raise MigmergeError(f"no alembic.ini names {self.environment.path or '.'}", hint="alembic init migrations")
        file = os.path.join(self.runtime.top, self.environment.config)
        options: dict[str, Any] = {"ini_section": self.environment.section, "cmd_opts": Namespace(x=None)}
        if file.endswith(".toml"):
            return Config(os.path.join(os.path.dirname(file), "alembic.ini"), toml_file=file, **options)
        return Config(file, **options)

    def _flask_config(self) -> Config:
        app = self._application()
        migrate = app.extensions.get("migrate")
        if migrate is None:
            raise MigmergeError(f"the application {app.name} has no Flask-Migrate", hint="Migrate(app, db) in the application")
        config: Config = migrate.migrate.get_config(self.folder)
        return config

    def _application(self) -> Any:
        """Load the application once, as `flask` does, and stay in its context."""
        if self._app is None:
            from flask.cli import ScriptInfo

            _load_dotenv()
            self._app = ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()
            self._held.enter_context(self._app.app_context())
        return self._app


def opened(runtime: ProjectRuntime, named: tuple[str, ...], tell: Callable[[int, int], None]) -> Project:
    """Make the project ready to be asked; nothing is connected yet."""
    try:
        import alembic  # noqa: F401
    except ImportError as error:
        raise MigmergeError(f"{runtime.python} has no Alembic", hint="activate the project's environment") from error
    guard = Guard(named)
    guard.watch()
    project = Project(runtime, guard, tell)
    project.watch()
    return project


def _load_dotenv() -> None:
    """Read .env and .flaskenv as `flask` does, where python-dotenv is installed."""
    from importlib.util import find_spec

    if find_spec("dotenv"):
        from flask.cli import load_dotenv

        load_dotenv()


@contextmanager
def failures_told(environment: Environment) -> Iterator[None]:
    """Turn whatever the project's own code raises into a MigmergeError; it can raise what it likes, or exit."""
    shown = "flask db current" if environment.kind == "flask-migrate" else "alembic current"
    try:
        yield
    except (MigmergeError, KeyboardInterrupt):
        raise
    except SystemExit as error:
        told = without_password(str(error))
        raise MigmergeError(f"{environment.path}/env.py, or the application, ended with: {told}", hint=shown) from error
    except Exception as error:
        raise MigmergeError(without_password(_words(error)), hint=_hint(error, shown)) from error


def without_password(text: str) -> str:
    """Hide what an application tells of a URL's password or of a `password=`."""
    return re.sub(r"(?i)(password['\"]?\s*[=:]\s*)\S+", r"\1***", re.sub(r"(://[^\s:/@]*):[^\s/@]+(?=@)", r"\1:***", text))


def _words(error: BaseException) -> str:
    """Say in one line what went wrong: the driver's own words for a database that refused, else with the error's name."""
    original = getattr(error, "orig", None) or error
    lines = [line.strip() for line in str(original).splitlines() if line.strip()] or ["no reason given"]
    # Flask packs the traceback of what failed to import into its own message.
    return lines[-1] if "Traceback (most recent call last):" in lines else f"{type(original).__name__}: {lines[0]}"


def _hint(error: BaseException, shown: str) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install {error.name} into, or activate, the project's environment; then: {shown}"
    if type(error).__name__ == "NoAppException":
        return "export FLASK_APP=…, or run migmerge in the application's folder"
    return shown
