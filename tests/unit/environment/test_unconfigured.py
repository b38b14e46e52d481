"""Environments that only their scripts show, and scripts that no environment reads."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from migmerge.core.environment import Environment
from migmerge.environment.unconfigured import (
    FoundEnvironments,
    find_unconfigured,
    looks_like_revision,
    read_candidate,
    unread_candidates,
)
from tests.support.project import script_text

KNOWN = Environment("db", "alembic", ("db/versions",), "alembic.ini")
BARE = Environment("db", "alembic", ("db/versions",))


def found(scripts: dict[str, tuple[str, str | None]], *others: str, known: Sequence[Environment] = ()) -> FoundEnvironments:
    """Find the environments among scripts, which are given as path → (revision, down_revision), and other files."""
    files = sorted([*scripts, *others])
    readings = {
        path: read_candidate(script_text(*scripts[path]).encode()) for path in unread_candidates(known, files) if path in scripts
    }
    return find_unconfigured(known, files, readings)


def bare(path: str, *versions: str) -> Environment:
    return Environment(path, "alembic", versions or (path,))


@pytest.mark.parametrize(
    ("scripts", "others", "known", "expected"),
    [
        pytest.param(
            {"migrations/a.py": ("a", None), "migrations/b.py": ("b", "a")},
            ["migrations/script.py.mako"],
            [],
            [bare("migrations")],
            id="scripts beside the template",
        ),
        pytest.param(
            {"migrations/a.py": ("a", None)},
            ["migrations/script.py.mako", "migrations/env.py"],
            [BARE._replace(path="migrations", versions=("migrations/versions",))],
            [bare("migrations")],
            id="scripts beside template and env.py",
        ),
        pytest.param(
            {"pkg/db/versions/a.py": ("a", None)},
            ["pkg/db/models.py"],
            [],
            [bare("pkg/db", "pkg/db/versions")],
            id="versions alone",
        ),
        pytest.param(
            {"db/versions/a.py": ("a", None)},
            [],
            [KNOWN._replace(versions=("other",))],
            [KNOWN._replace(versions=("other",)), bare("db/versions")],
            id="versions of an environment that reads others",
        ),
        pytest.param(
            {"db/versions/pg/a.py": ("a", None), "db/versions/lite/a.py": ("a", None)},
            ["db/script.py.mako"],
            [KNOWN],
            [
                KNOWN,
                bare("db/versions/lite"),
                bare("db/versions/pg"),
            ],
            id="nested folders with the same ids",
        ),
        pytest.param(
            {"db/versions/2024/a.py": ("a", None), "db/versions/2025/b.py": ("b", "a"), "db/versions/2026/01/c.py": ("c", "b")},
            [],
            [KNOWN],
            [KNOWN, bare("db/versions", "db/versions/2024", "db/versions/2025", "db/versions/2026/01")],
            id="nested folders that follow one another",
        ),
        pytest.param(
            {"db/versions/2024/a.py": ("a", None), "db/versions/2025/b.py": ("b", "a"), "db/versions/old/x.py": ("x", None)},
            [],
            [KNOWN],
            [KNOWN, bare("db/versions/2024", "db/versions/2024", "db/versions/2025"), bare("db/versions/old")],
            id="nested folders that follow one another, and another one",
        ),
        pytest.param(
            {"db/versions/2024/a.py": ("a", None)},
            [],
            [KNOWN._replace(recursive=True)],
            [KNOWN._replace(recursive=True)],
            id="read",
        ),
        pytest.param({"a/node_modules/x/versions/a.py": ("a", None)}, [], [], [], id="what others brought"),
    ],
)
def test_scripts_show_environments(
    scripts: dict[str, tuple[str, str | None]],
    others: Sequence[str],
    known: Sequence[Environment],
    expected: Sequence[Environment],
) -> None:
    assert found(scripts, *others, known=known) == FoundEnvironments(tuple(expected), ())


def test_scripts_that_show_no_environment_are_unread() -> None:
    scripts = {"db/alembic_x/b.py": ("b", "a"), "pkg/alembic/a.py": ("a", None)}
    assert found(scripts, known=[KNOWN]) == FoundEnvironments((KNOWN,), tuple(scripts))


@pytest.mark.parametrize(
    ("path", "is_candidate"),
    [
        ("pkg/alembic/a.py", True),
        ("pkg/alembic/env.py", False),
        ("pkg/alembic/__init__.py", False),
        ("pkg/alembic/a.txt", False),
        ("pkg/db_migrations/deep/a.py", True),
        ("pkg/revisions/a.py", True),
        ("pkg/other/0123456789ab_add_x.py", True),
        ("pkg/other/0123456789ab.py", True),
        ("pkg/other/a.py", False),
        ("a.py", False),
        ("db/versions/a.py", False),
        ("db/versions/0123456789ab_read.py", False),
        ("lib/site-packages/x/versions/a.py", False),
        ("{{name}}/versions/0123456789ab_a.py", False),
    ],
)
def test_a_path_may_be_a_revision(path: str, is_candidate: bool) -> None:
    assert unread_candidates([KNOWN], [path]) == ([path] if is_candidate else [])


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        pytest.param(script_text("a"), True, id="script"),
        pytest.param("revision: str = 'a'\ndown_revision: str | None = None\n", True, id="annotated"),
        pytest.param("revision = make()\ndown_revision = None\n", True, id="computed"),
        pytest.param("class Migration:\n    revision = 'a'\n    down_revision = None\n", False, id="in a class"),
        pytest.param("revision = 'a'\n", False, id="no parent"),
        pytest.param("class Migration(migrations.Migration):\n    dependencies = []\n", False, id="Django"),
        pytest.param("", False, id="empty"),
    ],
)
def test_a_text_looks_like_a_revision(text: str, looks: bool) -> None:
    assert looks_like_revision(read_candidate(text.encode())) is looks
