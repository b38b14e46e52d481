"""One revision's script on a scratch database, without the project's env.py."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.database.rehearsal import Failure, after_dependencies, shortened
from ...core.errors import MigmergeError
from ...core.redaction import without_secrets
from ..alembic_seams import all_parents, lone_script, step_of, steps_unrecorded, unrecorded_step_of, use_version_table
from ..connection import connected
from ..error_text import is_of_schema, named_reason_of, reason_of, unqualified
from .confined import confined_to

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script, ScriptDirectory
    from sqlalchemy import URL, Connection, Table


_TIMEOUT = 60
"""Seconds to wait for a lock: a script can wait for a lock of its own second connection."""
_SETTINGS = {
    "sqlite": ("PRAGMA synchronous = OFF",),
    "postgresql": (f"SET lock_timeout = '{_TIMEOUT}s'", "SET synchronous_commit = off"),
} | dict.fromkeys(
    ("mysql", "mariadb"), (f"SET SESSION lock_wait_timeout = {_TIMEOUT}", f"SET SESSION innodb_lock_wait_timeout = {_TIMEOUT}")
)
_USED = "_migmerge_used"
_VERSION_TABLE = "migmerge_version_table"
_ROOM_FOR_IDS = 255
"""The width of the version table's column: Alembic's 32 is too little for projects that widen the column in env.py."""


@dataclass(frozen=True, slots=True)
class LoadedScripts:
    """Hold the scripts, and the naming convention of the models that env.py would give to Alembic.

    `engine_name` is what scripts for several databases are given: empty for the default one.
    """

    directory: ScriptDirectory
    naming_convention: Mapping[str, Any] | None = None
    engine_name: str = ""

    def get(self, revision: str) -> Script:
        """Return the script of one revision.

        Raises:
            MigmergeError: where there is none.
        """
        from alembic.util import CommandError

        try:
            script = self.directory.get_revision(revision)
        except CommandError as error:
            raise MigmergeError(f"Alembic: {error}", hint="migmerge check") from error
        if script is None:
            raise MigmergeError(f"no script has the revision {revision}", hint="migmerge check")
        return script

    def texts(self, revisions: Sequence[str]) -> str:
        """Return the texts of the scripts of some revisions."""
        return "\n".join(Path(self.get(revision).path).read_text("utf-8", "replace") for revision in revisions)

    def in_order(self, revisions: Sequence[str]) -> tuple[str, ...]:
        """Return the revisions in the given order, but each after those of them that it depends on."""
        return after_dependencies(revisions, lambda revision: all_parents(self.get(revision)))


def load_scripts(folders: Sequence[Path], naming_convention: Mapping[str, Any] | None) -> LoadedScripts:
    """Load the scripts in the folders, which executes all of them.

    Raises:
        MigmergeError: where a script cannot be loaded, or Alembic cannot make a graph of them.
    """
    from alembic.script import ScriptDirectory

    locations = [str(folder.absolute()) for folder in folders]
    try:
        directory = ScriptDirectory(locations[0], version_locations=locations)
        directory.get_heads()  # loads the scripts
    except (SystemExit, Exception) as error:  # a script can raise anything, or exit
        reason = f"{_location(error)}{named_reason_of(error)}"
        raise MigmergeError(f"the scripts cannot be loaded: {reason}", hint="migmerge check") from error
    return LoadedScripts(directory, naming_convention)


@contextmanager
def scratch_connection(url: URL) -> Iterator[Connection]:
    """Connect to a scratch database, with short locks, and with DDL in transactions on SQLite."""
    with connected(url, autocommit=False, settings=_SETTINGS[url.get_backend_name()]) as connection:
        if connection.dialect.name == "sqlite":
            _begin_explicitly(connection)
        yield connection


def run_script(connection: Connection, scripts: LoadedScripts, revision: str, direction: str) -> Failure | None:
    """Run `upgrade` or `downgrade` of one revision in a transaction, and record that; return the failure, if any."""

    def run() -> None:
        script = scripts.get(revision)
        _reload(script)
        _run(connection, scripts, script, direction, step_of(scripts.directory, script, direction))

    return failure_of(connection, revision, run)


def run_file(connection: Connection, scripts: LoadedScripts, path: Path, revision: str, direction: str) -> Failure | None:
    """Run `upgrade` or `downgrade` of the script in a file in a transaction, and record nothing; return the failure, if any."""

    def run() -> None:
        from alembic.util import load_python_file

        script = lone_script(load_python_file(str(path.parent), path.name), revision, str(path))
        with steps_unrecorded():
            _run(connection, scripts, script, direction, unrecorded_step_of(scripts.directory, script, direction))

    return failure_of(connection, revision, run)


def failure_of(connection: Connection, revision: str, run: Callable[[], object]) -> Failure | None:
    """Return how something that belongs to a revision fails on a scratch database; None where it does not."""
    from sqlalchemy.exc import DBAPIError

    try:
        with confined_to(connection):
            run()
    except (SystemExit, Exception) as error:  # noqa: BLE001 (a script can raise anything, or exit)
        with suppress(DBAPIError):  # after the loss of the connection
            connection.rollback()
        own = connection.engine.url.database
        statement = unqualified(str(getattr(error, "statement", None) or ""), own)
        reason = unqualified(named_reason_of(error), own)
        return Failure(revision, shortened(without_secrets(statement)) or None, reason, is_of_schema(error))
    return None


@contextmanager
def quiet() -> Iterator[None]:
    """Redirect what scripts print to standard error, and silence the log of Alembic and the warnings of the reflection."""
    logger = logging.getLogger("alembic")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


@contextmanager
def database_errors_translated(what: str) -> Iterator[None]:
    """Report what no script causes: a server that goes away, a schema that cannot be read."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise MigmergeError(
            f"the {what} broke off: {type(error).__name__}: {reason_of(error)}",
            hint="look at the database server; where it is well: pip install --upgrade alembic sqlalchemy",
        ) from error


def _run(connection: Connection, scripts: LoadedScripts, script: Script, direction: str, step: object) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from sqlalchemy import MetaData

    convention = scripts.naming_convention
    with EnvironmentContext(_config(connection), scripts.directory, fn=lambda recorded, context: [step]) as environment:
        table = _version_table(connection)
        environment.configure(
            connection=connection,
            target_metadata=MetaData(naming_convention=convention) if convention else None,
            transactional_ddl=True if connection.dialect.name == "sqlite" else None,
        )
        use_version_table(environment.get_context(), table)
        with environment.begin_transaction():
            environment.run_migrations(**_arguments(script, direction, scripts.engine_name))
    connection.commit()


def _reload(script: Script) -> None:
    """Execute the script again once it was used: a column object in it belongs to a table after one use."""
    from alembic.util import load_python_file

    if hasattr(script.module, _USED):
        path = Path(script.path)
        script.module = load_python_file(str(path.parent), path.name)
    setattr(script.module, _USED, True)


def _config(connection: Connection) -> Config:
    """Return a configuration with the scratch database as the only URL."""
    from argparse import Namespace

    from alembic.config import Config

    config = Config(cmd_opts=Namespace(x=None))
    url = connection.engine.url.render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _version_table(connection: Connection) -> Table:
    """Make the version table once for each connection of the driver: Alembic would make a narrower one."""
    from sqlalchemy import Column, MetaData, String, Table

    if _VERSION_TABLE not in connection.info:
        column = Column("version_num", String(_ROOM_FOR_IDS), primary_key=True)
        table = Table("alembic_version", MetaData(), column)
        table.create(connection, checkfirst=True)
        connection.commit()
        connection.info[_VERSION_TABLE] = table
    found: Table = connection.info[_VERSION_TABLE]
    return found


def _arguments(script: Script, direction: str, engine_name: str) -> dict[str, str]:
    """Return what the multi-database templates pass to a script; else nothing."""
    from inspect import Parameter, signature

    parameters = signature(getattr(script.module, direction)).parameters
    takes_name = "engine_name" in parameters or any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values())
    return {"engine_name": engine_name} if takes_name else {}


def _begin_explicitly(connection: Connection) -> None:
    """Keep Python's sqlite3 from beginning and committing by itself, as SQLAlchemy's documentation describes.

    Other connections of the engine stay as they are: one that a script leaves open in a transaction would lock the file.
    """
    from sqlalchemy import event

    driver: Any = connection.connection.dbapi_connection
    driver.isolation_level = None
    event.listen(connection, "begin", _begin)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":  # as in Alembic's autocommit_block
        connection.exec_driver_sql("BEGIN")


def _location(error: BaseException) -> str:
    """Return the script and the line that an error comes from; empty for an error of Alembic."""
    import traceback

    if isinstance(error, SyntaxError):
        return ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.name == "<module>"]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: " if frames else ""
