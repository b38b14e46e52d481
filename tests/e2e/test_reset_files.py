"""`migmerge reset` of SQLite's files, however the application names them: none goes without its backup."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.project import TEMPLATE, Project
from tests.support.shop import creating

ALEMBIC = str(Path(sys.executable).with_name("alembic"))
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


def test_a_database_in_use_leaves_the_scripts_where_they_were(project: Project) -> None:
    connecting(project, "sa.create_engine('sqlite:///file:app.db?uri=true')")
    run(project, "sync", "--yes")
    before = project.status()
    with opened(project.top / "app.db") as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("SELECT * FROM a")
        refused = project.migmerge("reset", "migrations", "--database", "app.db")
    assert (refused.returncode, project.status()) == (2, before)
    assert "is in use" in refused.stderr
    assert (project.top / "migrations/versions/a.py").is_file()


TWO_DATABASES = """import os
import sqlalchemy as sa
from alembic import context


def without_room(connection, record):
    connection.execute("PRAGMA page_size = 512")
    connection.execute(f"PRAGMA max_page_count = {os.environ.get('MOST_PAGES', 1000)}")


for name in ("one.db", "two.db"):
    engine = sa.create_engine(f"sqlite:///{name}")
    if name == "two.db":
        sa.event.listen(engine, "connect", without_room)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


def test_what_was_stamped_before_another_database_failed_is_said_with_the_way_back(project: Project) -> None:
    project.write("migrations/env.py", TWO_DATABASES)
    project.revision("a", None, **creating("a"))
    heads = [f"{number:032}" for number in range(20)]
    for head in heads:
        project.script(head, "a", upgrade="pass")
    project.commit("many heads")
    subprocess.run([ALEMBIC, "upgrade", "a"], cwd=project.top, env=project.environment(), check=True)
    to = [word for head in heads for word in ("--to", head)]
    ran = project.migmerge("reset", "stamp", *to, "--database", "one.db", "--database", "two.db", MOST_PAGES="1")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "stopped: no room is left for two.db: database or disk is full\n" in ran.stdout
    undo = [line.removeprefix("  undo: ") for line in ran.stdout.splitlines() if line.startswith("  undo: ")]
    for command in undo:
        subprocess.run(["bash", "-ec", command], cwd=project.top, check=True)
    for name in ("one.db", "two.db"):
        with opened(project.top / name) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("a",)]
