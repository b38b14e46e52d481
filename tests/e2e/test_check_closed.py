"""MM016: two sides that cannot both run stay an error after the merge, until a script changes; real Alembic agrees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import Project

ENV_PY = """from alembic import context
from sqlalchemy import create_engine, pool
engine = create_engine("sqlite:///app.db", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
USERS = "op.create_table('users', sa.Column('id', sa.Integer()), sa.Column('name', sa.Text()))"
PHONE = "op.add_column('users', sa.Column('phone', sa.Text()))"
OTHER = "op.add_column('users', sa.Column('fax', sa.Text()))"


@pytest.fixture
def users(tmp_path: Path) -> Project:
    """Return a repository with alembic.ini and the table users, on main."""
    project = Project.empty(tmp_path / "clone")
    project.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    project.write("migrations/env.py", ENV_PY)
    project.write("migrations/script.py.mako", "")
    project.write(".gitignore", "*.db\n__pycache__/\n")
    project.revision("a1", upgrade=USERS)
    return project


def join(project: Project, ours: str, theirs: str) -> None:
    """Let main and feature diverge after a1, merge, and join the heads with m1, which b2 and c1 are below."""
    project.git("switch", "--quiet", "--create", "feature")
    project.user = "bea"
    project.revision("c1", "a1", upgrade=theirs)
    project.user = "ann"
    project.git("switch", "--quiet", "main")
    project.revision("b1", "a1", upgrade=ours)
    project.revision("b2", "b1")
    project.git("merge", "--quiet", "--no-edit", "feature")
    project.revision("m1", ("b2", "c1"))


def upgrades(project: Project) -> bool:
    """Tell whether Alembic gets to the head from nothing, with either side first."""
    results = []
    for first in ("b2", "c1"):
        (project.top / "app.db").unlink(missing_ok=True)
        for target in (first, "heads"):
            done = subprocess.run(
                [sys.executable, "-m", "alembic", "upgrade", target], cwd=project.top, capture_output=True, check=False
            )
        results.append(done.returncode == 0)
    assert len(set(results)) == 1
    return results[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "runs"),
    [
        (PHONE, PHONE, False),
        (PHONE, OTHER, True),
        (PHONE, 'op.execute("ALTER TABLE users ADD COLUMN phone text")', False),
        (USERS.replace("users", "pets"), USERS.replace("users", "pets"), False),
        ("op.drop_column('users', 'name')", "op.drop_column('users', 'name')", False),
        ("op.create_index('ix', 'users', ['name'])", "op.create_index('ix', 'users', ['name'])", False),
        ("op.create_index('ix', 'users', ['name'])", "op.create_index('ix', 'users', ['name'], if_not_exists=True)", None),
    ],
)
def test_mm016_says_what_alembic_finds(users: Project, ours: str, theirs: str, runs: bool | None) -> None:
    join(users, ours, theirs)
    if runs is not None:
        assert upgrades(users) is runs
    done = users.migmerge("check")
    assert (done.returncode, "MM016" in done.stdout) == ((0, False) if runs in (True, None) else (1, True)), done.stdout


def test_mm016_stays_until_a_script_changes(users: Project) -> None:
    join(users, PHONE, PHONE)
    users.revision("d1", "m1", upgrade=OTHER)
    for _ in range(2):
        (found,) = users.check()["findings"]
        assert (found["code"], found["severity"], found["revisions"]) == ("MM016", "error", ["b1", "c1"])
    assert users.codes("--at", "HEAD") == ["MM016"]
    assert users.codes("--at", "HEAD~2") == ["MM001", "MM007"]
    users.script("c1", "a1", upgrade="pass")
    assert "MM016" not in users.codes()
    assert upgrades(users)


def test_no_reminder_names_an_upgrade_that_cannot_run(users: Project) -> None:
    users.write(
        "migrations/script.py.mako",
        "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\ndef upgrade(): pass\n",
    )
    users.commit("template")
    users.git("switch", "--quiet", "--create", "feature")
    users.revision("c1", "a1", upgrade=PHONE.replace("Text()", "String(9)"))
    users.git("switch", "--quiet", "main")
    users.revision("b1", "a1", upgrade=PHONE)
    users.migmerge("install")
    said = users.hooked("merge", "--quiet", "--no-edit", "feature")
    assert "MM007" in said and "alembic upgrade" not in said
    refused = users.migmerge("fix", "--yes")
    assert (refused.returncode, users.heads()) == (1, ["b1", "c1"])
    assert "alembic upgrade" not in refused.stdout + refused.stderr and "recommended: a merge" not in refused.stdout
    assert "whichever side runs second fails: both sides add the column users.phone" in refused.stdout
    assert "the two differ: sa.String(9) in migrations/versions/c1.py, sa.Text() in migrations/versions/b1.py" in refused.stdout
    done = users.migmerge("fix", "--yes", "--strategy", "merge")
    assert "\n  alembic upgrade" not in done.stdout + done.stderr
    assert (
        "no database can be upgraded: whichever of these runs second fails:\n"
        "  migrations/versions/b1.py\n  migrations/versions/c1.py\n" in done.stdout
    )
    assert "MM016" in users.codes()


def test_the_hook_tells_of_a_closed_collision_that_arrives(users: Project) -> None:
    users.migmerge("install")
    clone = users.clone("theirs", "bea")
    join(clone, PHONE, PHONE)
    said = users.hooked("pull", "--quiet", str(clone.top), "main")
    assert "MM016" in said and "alembic upgrade" not in said
    clone.revision("d1", "m1")
    said = users.hooked("pull", "--quiet", str(clone.top), "main")
    assert "MM016" not in said and "alembic upgrade" not in said and "no database can be upgraded" in said


def test_fix_drops_what_is_doubled_from_the_script_that_only_the_user_has(users: Project) -> None:
    join(users, PHONE, PHONE)
    before = (users.top / "migrations/versions/b1.py").read_text()
    refused = users.migmerge("fix", "--yes", "--no-db")
    assert refused.returncode == 1 and "it is not known whether a database has run b1" in refused.stdout
    shown = users.migmerge("fix", "--dry-run", "--assume-unapplied").stdout
    assert "both sides add the column users.phone: migrations/versions/b1.py, which exists only here, leaves it to" in shown
    assert f"-    {PHONE}" in shown and (users.top / "migrations/versions/b1.py").read_text() == before
    done = users.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (users.top / "migrations/versions/b1.py").read_text() == before.replace(PHONE, "pass", 1)
    assert "MM016" not in users.codes() and upgrades(users)
    assert users.git("show", "--format=%s", "--name-only").split("\n") == [
        "Drop from migrations/versions/b1.py what migrations/versions/c1.py does too",
        "",
        "migrations/versions/b1.py",
    ]


def test_fix_says_why_no_script_may_change(users: Project) -> None:
    join(users, PHONE, PHONE)
    clone = users.clone("theirs", "cy")
    refused = clone.migmerge("fix", "--yes", "--assume-unapplied", "--no-db")
    assert refused.returncode == 1
    assert "both sides add the column users.phone; neither script may change: b1 is on origin/main" in refused.stdout
    assert "edit migrations/versions/c1.py:" in refused.stdout
