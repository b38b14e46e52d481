"""Running the script of one revision on a scratch database, without the project's env.py."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.database.rehearsal import Failure, shortened
from ...core.errors import MigmergeError
from ..connection import reason_of, unqualified

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script, ScriptDirectory
    from sqlalchemy import URL, Connection


UP, DOWN = "upgrade", "downgrade"

_TIMEOUT = 60
"""Seconds to wait for a lock: a script that waits for its own other connection would wait for ever."""
_SETTINGS = {"postgresql": (f"SET lock_timeout = '{_TIMEOUT}s'", "SET synchronous_commit = off")} | dict.fromkeys(
    ("mysql", "mariadb"), (f"SET SESSION lock_wait_timeout = {_TIMEOUT}", f"SET SESSION innodb_lock_wait_timeout = {_TIMEOUT}")
)
_ROOM_FOR_IDS = 255
"""Alembic makes the column of its version table 32 characters wide, and projects with longer ids widen it in env.py."""


@dataclass(frozen=True, slots=True)
class LoadedScripts:
    """Hold the scripts and what env.py would have told them: the engine's name and the models' naming convention."""

    directory: ScriptDirectory
    engine_name: str = ""
    naming_convention: Mapping[str, Any] = field(default_factory=dict)

    def get(self, revision: str) -> Script:
        """Return the script of one revision, or raise MigmergeError where there is none."""
        from alembic.util import CommandError

        try:
            script = self.directory.get_revision(revision)
        except CommandError as error:
            raise MigmergeError(f"Alembic: {error}", hint="migmerge check") from error
        if script is None:
            raise MigmergeError(f"no script has the revision {revision}", hint="migmerge check")
        return script

    def in_order(self, revisions: Sequence[str]) -> tuple[str, ...]:
        """Return the revisions in the given order, but each after those of them that it depends on."""
        known, ordered = set(revisions), dict[str, None]()

        def visit(revision: str) -> None:
            if revision in known:
                known.remove(revision)
                for parent in self.get(revision)._all_down_revisions:
                    visit(parent)
                ordered[revision] = None

        for revision in revisions:
            visit(revision)
        return tuple(ordered)


def load(folders: Sequence[Path]) -> ScriptDirectory:
    """Return Alembic's view of the scripts in the folders, all of which are executed for it.

    Raises:
        MigmergeError: where a script cannot be loaded, or Alembic cannot make a graph of them.
    """
    from alembic.script import ScriptDirectory

    locations = [str(folder.absolute()) for folder in folders]
    try:
        directory = ScriptDirectory(locations[0], version_locations=locations)
        directory.get_heads()  # the scripts are loaded at the first question
    except (SystemExit, Exception) as error:  # a script can raise what it likes, or exit
        raise MigmergeError(f"the scripts cannot be loaded: {_where(error)}{_told(error)}", hint="migmerge check") from error
    return directory


@contextmanager
def connected(url: URL) -> Iterator[Connection]:
    """Connect to a scratch database, with real transactions on SQLite."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: _execute(connection, "PRAGMA synchronous = OFF"))
    else:
        event.listen(engine, "connect", lambda connection, _: _execute(connection, *_SETTINGS[url.get_backend_name()]))
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                _begin_by_ourselves(connection)
            yield connection
    finally:
        engine.dispose()


def run(connection: Connection, scripts: LoadedScripts, revision: str, direction: str) -> Failure | None:
    """Run the `upgrade` or `downgrade` of one revision in a transaction and record it; return why it failed, if it did."""
    from sqlalchemy.exc import DBAPIError

    try:
        _run(connection, scripts, scripts.get(revision), direction)
    except (SystemExit, Exception) as error:  # noqa: BLE001 (a script can raise what it likes, or exit)
        with suppress(DBAPIError):  # where the connection is lost there is nothing to roll back
            connection.rollback()
        own = connection.engine.url.database
        statement = unqualified(str(getattr(error, "statement", None) or ""), own)
        return Failure(revision, shortened(statement) or None, unqualified(_told(error), own))
    return None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep standard output clean of what scripts print, and silence what Alembic logs and the reflection warns of."""
    logger = logging.getLogger("alembic")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _run(connection: Connection, scripts: LoadedScripts, script: Script, direction: str) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationStep
    from sqlalchemy import MetaData

    _reload(script)
    step = MigrationStep.upgrade_from_script if direction == UP else MigrationStep.downgrade_from_script
    steps = [step(scripts.directory.revision_map, script)]
    convention = scripts.naming_convention
    with EnvironmentContext(_config(connection), scripts.directory, fn=lambda recorded, context: steps) as environment:
        _make_version_table(connection)
        environment.configure(
            connection=connection,
            target_metadata=MetaData(naming_convention=convention) if convention else None,
            transactional_ddl=True if connection.dialect.name == "sqlite" else None,
        )
        with environment.begin_transaction():
            environment.run_migrations(**_arguments(script, direction, scripts.engine_name))
    connection.commit()


def _reload(script: Script) -> None:
    """Execute the script anew: a column that it holds belongs to a table once it was used."""
    from alembic.util import load_python_file

    path = Path(script.path)
    script.module = load_python_file(str(path.parent), path.name)


def _config(connection: Connection) -> Config:
    """Return a configuration that leads a script to the scratch database and nowhere else."""
    from argparse import Namespace

    from alembic.config import Config

    config = Config(cmd_opts=Namespace(x=None))
    url = connection.engine.url.render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _make_version_table(connection: Connection) -> None:
    from sqlalchemy import Column, MetaData, String, Table

    column = Column("version_num", String(_ROOM_FOR_IDS), primary_key=True)
    Table("alembic_version", MetaData(), column).create(connection, checkfirst=True)
    connection.commit()


def _arguments(script: Script, direction: str, engine_name: str) -> dict[str, str]:
    """Return what the scripts of the multi-database templates are called with, and nothing for others."""
    from inspect import Parameter, signature

    parameters = signature(getattr(script.module, direction)).parameters
    takes = "engine_name" in parameters or any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values())
    return {"engine_name": engine_name} if takes else {}


def _begin_by_ourselves(connection: Connection) -> None:
    """Let Python's sqlite3 begin and commit nothing of its own accord, as SQLAlchemy's documentation tells.

    Other connections are as they ever are: one that a script leaves open would lock the rest out if it was in a transaction.
    """
    from sqlalchemy import event

    driver: Any = connection.connection.dbapi_connection
    driver.isolation_level = None
    event.listen(connection, "begin", _begin)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":  # as in Alembic's autocommit_block
        connection.exec_driver_sql("BEGIN")


def _execute(connection: Any, *statements: str) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


def _told(error: BaseException) -> str:
    """Say what a script raised: a database's own words, or those of an error with its name."""
    reason = reason_of(error)
    name = type(error).__name__
    return reason if getattr(error, "orig", None) is not None or reason == name else f"{name}: {reason}"


def _where(error: BaseException) -> str:
    """Return the script, and its line, from which an error comes; empty where it is Alembic's own."""
    import traceback

    if isinstance(error, SyntaxError):
        return ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.name == "<module>"]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: " if frames else ""
