"""A Flask application with a database of its own, whose migrations really run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa

from tests.support.databases import tables
from tests.support.programs import run_program
from tests.support.project import TEMPLATE, Project
from tests.support.warm_python import WarmProject

TEMPLATES = Path(flask_migrate.__file__).parent / "templates"
APP = """import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

print("the application starts")
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
Migrate(app, db, include_object=lambda item, name, kind, reflected, other: other is not None or not reflected)
"""
"""Its models are few: what only the database has is no difference."""

on_sqlite = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
"""For what is the same whatever the database."""


@dataclass
class Shop:
    """A clone, and the database that its developer works with."""

    project: Project
    url: str

    @classmethod
    def create(cls, top: Path, url: str) -> Shop:
        """Make a repository with the revision a, which creates the table a."""
        project = WarmProject.empty(top)
        project.write("app.py", APP)
        project.write(".gitignore", "instance/\n__pycache__/\n*.db\n")
        for name in ("env.py", "alembic.ini.mako"):
            project.write(f"migrations/{name.removesuffix('.mako')}", (TEMPLATES / "flask" / name).read_bytes())
        project.write("migrations/script.py.mako", TEMPLATE)
        shop = cls(project, url)
        shop.creates("a", None)
        return shop

    @property
    def variables(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url, "FLASK_APP": "app.py"}

    def creates(self, table: str, parent: object, **more: Any) -> str:
        """Commit a revision of the table's name, which creates it and whose downgrade drops it."""
        return self.project.revision(table, parent, **{**creating(table), **more})

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = self.project.environment(**self.variables)
        return run_program("flask", "db", *arguments, cwd=self.project.top, env=environment)

    def upgrade(self, *targets: str) -> None:
        done = self.flask("upgrade", *targets)
        assert done.returncode == 0, done.stderr

    def fails(self, *arguments: str) -> str:
        """Run a `flask db` that must fail and return what it says."""
        done = self.flask(*arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.project.migmerge(*arguments, cwd=None, **{**self.variables, **more})

    def done(self, *arguments: str, **more: str) -> str:
        """Run a migmerge that must succeed and return what it printed."""
        ran = self.run(*arguments, **more)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    @property
    def tables(self) -> set[str]:
        return tables(self.url)

    @property
    def recorded(self) -> set[str]:
        """Return the revisions in alembic_version."""
        with self.connected() as connection:
            return set(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())

    def execute(self, statement: str) -> None:
        with self.connected() as connection:
            connection.execute(sa.text(statement))

    def rows(self, table: str, column: str = "id") -> list[Any]:
        """Return the values of a column, sorted."""
        with self.connected() as connection:
            return sorted(connection.execute(sa.text(f"SELECT {column} FROM {table}")).scalars())

    @contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def creating(table: str) -> dict[str, str]:
    """Return the bodies of a revision that creates a table."""
    return {
        "upgrade": f"op.create_table({table!r}, sa.Column('id', sa.Integer, primary_key=True))",
        "downgrade": f"op.drop_table({table!r})",
    }
