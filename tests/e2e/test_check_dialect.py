"""SQL is read as the database reads it that the configuration or the scripts name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import Project, needs_merge_tree

QUOTED = """op.execute('UPDATE users SET name = "phone"')"""
"""On MySQL a text, elsewhere a column."""

NO_PHONE = "op.drop_column('users', 'phone')"
MYSQL = "from sqlalchemy.dialects import mysql\n"


def project_with(tmp_path: Path, url: str, header: str = "") -> Project:
    """Return a repository whose sides, main and feature, name the column phone and drop it."""
    project = Project.empty(tmp_path / "clone")
    project.write("alembic.ini", f"[alembic]\nscript_location = migrations\n{url}\n")
    project.write("migrations/env.py", "raise SystemExit\n")
    project.revision("a1")
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("c1", "a1", upgrade=NO_PHONE)
    project.git("switch", "--quiet", "main")
    project.revision("b1", "a1", upgrade=QUOTED, header=header)
    return project


@pytest.mark.parametrize(
    ("url", "header", "collides"),
    [
        ("", "", True),
        ("sqlalchemy.url = sqlite:///shop.db", "", True),
        ("sqlalchemy.url = mysql+pymysql://localhost/shop", "", False),
        ("", MYSQL, False),
        ("sqlalchemy.url = postgresql://localhost/shop", MYSQL, True),
    ],
)
def test_mm007_reads_sql_in_the_dialect_that_is_known(tmp_path: Path, url: str, header: str, collides: bool) -> None:
    project = project_with(tmp_path, url, header)
    forecast = project.migmerge("forecast", "--days", "9999").stdout
    assert ("users.phone" in forecast) is collides
    project.git("merge", "--quiet", "--no-edit", "feature")
    assert ("MM007" in project.codes()) is collides


@needs_merge_tree
def test_another_database_in_the_configuration_is_another_verdict(tmp_path: Path) -> None:
    project = project_with(tmp_path, "sqlalchemy.url = mysql://localhost/shop")
    assert "MM007" not in project.codes("--against", "feature")
    project.write("alembic.ini", "[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///shop.db\n")
    project.commit("sqlite")
    assert "MM007" in project.codes("--against", "feature")
