"""`migmerge reset` of SQLite's files, however the application names them: none goes without its backup."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.project import TEMPLATE, Project
from tests.support.shop import creating

ENV_PY = """import sqlite3
import sqlalchemy as sa
from alembic import context
engine = {engine}
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
ENGINES = {
    "a relative URI": ("sa.create_engine('sqlite:///file:app.db?mode=rwc&uri=true')", "app.db"),
    "an absolute URI": ("sa.create_engine('sqlite:///file:{top}/app.db?cache=shared&uri=true')", "app.db"),
    "an encoded URI": ("sa.create_engine('sqlite:///file:it%27s%20an%20%C3%A4pp.db?mode=rwc&uri=true')", "it's an äpp.db"),
    "a plain name": ("sa.create_engine(sa.URL.create('sqlite', database=\"it's an äpp.db\"))", "it's an äpp.db"),
    "a creator": ("sa.create_engine('sqlite://', creator=lambda: sqlite3.connect('{top}/app.db'))", "app.db"),
    "a link": ("sa.create_engine('sqlite:///link.db')", "link.db"),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.empty(tmp_path / "shop")
    project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    project.write("migrations/script.py.mako", TEMPLATE)
    project.write(".gitignore", "*.db*\n__pycache__/\n")
    return project


def connecting(project: Project, engine: str) -> None:
    project.write("migrations/env.py", ENV_PY.format(engine=engine.format(top=project.top)))
    project.revision("a", None, **creating("a"))


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file)) as connection:
        yield connection


def rows(file: Path) -> list[int]:
    with opened(file) as connection:
        return [number for (number,) in connection.execute("SELECT id FROM a")]


def backups(project: Project) -> list[Path]:
    return sorted((project.top / ".git/migmerge/backups").glob("*.sqlite3"))


def run(project: Project, *arguments: str) -> str:
    done = project.migmerge(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("how", ENGINES)
def test_a_file_is_backed_up_before_it_goes_and_comes_back(project: Project, how: str) -> None:
    engine, name = ENGINES[how]
    file = project.top / name
    if how == "a link":
        (project.top / "real").mkdir()
        file.symlink_to(project.top / "real/data.db")
    connecting(project, engine)
    run(project, "sync", "--yes")
    with opened(file) as connection, connection:
        connection.execute("INSERT INTO a VALUES (7)")
    printed = run(project, "reset", "database", "--database", name)
    assert rows(file) == []
    assert file.is_symlink() == (how == "a link")
    assert rows(backups(project)[-1]) == [7]
    (undo,) = (line.partition("undo: ")[2] for line in printed.splitlines() if "undo: " in line)
    subprocess.run(["sh", "-ec", undo], cwd=project.top, check=True)
    assert rows(file) == [7]


def test_rows_that_are_still_in_the_log_are_in_the_backup(project: Project) -> None:
    connecting(project, "sa.create_engine('sqlite:///file:app.db?uri=true')")
    run(project, "sync", "--yes")
    with opened(project.top / "app.db") as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        with writer:
            writer.execute("INSERT INTO a VALUES (7)")
        assert (project.top / "app.db-wal").stat().st_size
        refused = project.migmerge("reset", "database", "--database", "app.db")
        assert refused.returncode == 2
        assert "is in use" in refused.stderr
        (kept,) = backups(project)
        assert rows(kept) == rows(project.top / "app.db") == [7]


def test_looking_makes_no_file(project: Project) -> None:
    connecting(project, "sa.create_engine('sqlite:///file:app.db?mode=rwc&uri=true')")
    assert f"sqlite:///{project.top}/app.db" in project.migmerge("doctor").stdout
    assert "app.db will change" in run(project, "sync", "--dry-run")
    assert not list(project.top.glob("*app.db*"))
