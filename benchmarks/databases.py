"""Projects whose databases are at the first of many scripts, put back there before each run."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.histories import History, linear_and_merged, scripts_of
from benchmarks.measuring import Bench, Unmeasured

POSTGRESQL = os.environ.get("MIGMERGE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

_ENV = """from alembic import context
import sqlalchemy as sa

engine = sa.create_engine({url!r})
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_INI = "[alembic]\nscript_location = %(here)s/migrations\n"


@dataclass(frozen=True, slots=True)
class Pending:
    """Hold a project with pending revisions; `restore` puts its database back to the first one."""

    history: History
    last: str
    restore: Callable[[], object]


def _project(bench: Bench, top: Path, count: int, url: str, alembic: str) -> tuple[History, str]:
    history = linear_and_merged(bench, top, count)
    (top / "migrations/env.py").write_text(_ENV.format(url=url), encoding="utf-8")
    (top / "alembic.ini").write_text(_INI, encoding="utf-8")
    history.git("add", "--all")
    history.git("commit", "--quiet", "-m", "a database")
    first, *_, last = scripts_of(count)
    bench.output(alembic, "upgrade", first.revision, folder=top)
    return history, last.revision


@contextmanager
def on_sqlite(bench: Bench, top: Path, count: int, alembic: str) -> Iterator[Pending]:
    """Make a project on SQLite."""
    file = top.with_name(f"{top.name}.db")
    history, last = _project(bench, top, count, f"sqlite:///{file}", alembic)
    kept = shutil.copy(file, file.with_suffix(".kept"))
    yield Pending(history, last, lambda: shutil.copy(kept, file))


@contextmanager
def on_postgresql(bench: Bench, top: Path, count: int, alembic: str) -> Iterator[Pending]:
    """Make a project on a PostgreSQL server, with databases that are gone afterwards.

    Raises:
        Unmeasured: where no server answers.
    """
    import sqlalchemy as sa

    name = f"migmerge_bench_{uuid.uuid4().hex[:8]}"
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def execute(*statements: str) -> None:
        try:
            with server.connect() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
        except sa.exc.OperationalError as error:
            raise Unmeasured(f"no PostgreSQL: {error.orig}") from error

    execute(f"CREATE DATABASE {name}")
    try:
        url = sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
        history, last = _project(bench, top, count, url, alembic)
        execute(f"ALTER DATABASE {name} RENAME TO {name}_kept")
        yield Pending(
            history,
            last,
            lambda: execute(
                f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {name}_kept", "CHECKPOINT"
            ),
        )
    finally:
        with suppress(Unmeasured):
            execute(f"DROP DATABASE IF EXISTS {name}", f"DROP DATABASE IF EXISTS {name}_kept")
