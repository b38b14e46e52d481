"""Which revisions came and went between two trees."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.revision import Identifiers, Revision, Script, UnreadableScript
from migmerge.core.snapshot import EnvironmentChange, MovedRevision, Snapshot, changes_between

MIGRATIONS = Environment("migrations", "flask-migrate", ("migrations/versions",))
MOVED = Environment("migrations", "flask-migrate", ("migrations/scripts",), recursive=True)
OTHER = Environment("other", "alembic", ("other/versions",))


def script(name: str, *parents: str, path: str | None = None) -> Revision:
    return Revision(Identifiers(name, parents), path or f"migrations/versions/{name}.py")


def snapshot(*scripts: Script, environment: Environment = MIGRATIONS) -> Snapshot:
    return Snapshot(environment, scripts)


A, B, C, D = script("a"), script("b", "a"), script("c", "b"), script("d", "c", "b")
X, Y = script("x", "y"), script("y", "x")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param([], [], (), id="nothing"),
        pytest.param([snapshot(A)], [snapshot(A)], (), id="the same"),
        pytest.param([snapshot(A)], [snapshot(script("a", path="migrations/versions/new.py"))], (), id="renamed"),
        pytest.param(
            [snapshot(A, B)],
            [snapshot(A, script("b"))],
            (EnvironmentChange(MIGRATIONS, (), (), (MovedRevision(B, script("b")),)),),
            id="re-parented",
        ),
        pytest.param(
            [snapshot(A, B, C, D)],
            [snapshot(A, B, C, script("d", "b", "c"))],
            (EnvironmentChange(MIGRATIONS, (), ()),),
            id="the same parents in another order",
        ),
        pytest.param(
            [snapshot(A, B)],
            [snapshot(A, B, script("b", path="migrations/versions/copy.py"))],
            (EnvironmentChange(MIGRATIONS, (), ()),),
            id="a copy arrived, which moves nothing",
        ),
        pytest.param(
            [snapshot(A, B)],
            [snapshot(A, UnreadableScript(B.path, "conflict"))],
            (EnvironmentChange(MIGRATIONS, (), ()),),
            id="a script cannot be read any more, and is not gone",
        ),
        pytest.param(
            [snapshot(A, B)],
            [snapshot(A, UnreadableScript("migrations/versions/new.py", "computes its parents", "b"))],
            (EnvironmentChange(MIGRATIONS, (), ()),),
            id="nor is one whose parents are computed now, in another file",
        ),
        pytest.param([snapshot(A)], [snapshot(A, B)], (EnvironmentChange(MIGRATIONS, (B,), ()),), id="arrived"),
        pytest.param([snapshot(A, B)], [snapshot(A)], (EnvironmentChange(MIGRATIONS, (), (B,)),), id="gone"),
        pytest.param([snapshot(A, B)], [snapshot(A, X)], (EnvironmentChange(MIGRATIONS, (X,), (B,)),), id="both"),
        pytest.param(
            [snapshot(A)],
            [snapshot(D, C, B, A)],
            (EnvironmentChange(MIGRATIONS, (B, C, D), ()),),
            id="each after those it follows",
        ),
        pytest.param(
            [snapshot(D, C, B, A)], [snapshot(A)], (EnvironmentChange(MIGRATIONS, (), (B, C, D)),), id="gone in the same order"
        ),
        pytest.param(
            [snapshot(A, B)],
            [snapshot(A, B, D, script("c"))],
            (EnvironmentChange(MIGRATIONS, (script("c"), D), ()),),
            id="a new root",
        ),
        pytest.param([], [snapshot(Y, X, A)], (EnvironmentChange(MIGRATIONS, (A, X, Y), ()),), id="in a circle, by id"),
        pytest.param([], [snapshot(B, A)], (EnvironmentChange(MIGRATIONS, (A, B), ()),), id="an environment arrived"),
        pytest.param([snapshot(B, A)], [], (EnvironmentChange(MIGRATIONS, (), (A, B)),), id="an environment gone"),
        pytest.param([], [snapshot()], (), id="an empty environment arrived"),
        pytest.param(
            [snapshot(A)],
            [snapshot(A, B, environment=MOVED)],
            (EnvironmentChange(MOVED, (B,), ()),),
            id="the environment as it is now",
        ),
        pytest.param(
            [snapshot(A), snapshot(X, environment=OTHER)],
            [snapshot(A, B), snapshot(X, environment=OTHER)],
            (EnvironmentChange(MIGRATIONS, (B,), ()),),
            id="one of two environments",
        ),
        pytest.param(
            [snapshot(A)],
            [snapshot(A, environment=OTHER)],
            (EnvironmentChange(OTHER, (A,), ()), EnvironmentChange(MIGRATIONS, (), (A,))),
            id="moved from one environment to another",
        ),
        pytest.param(
            [snapshot(A)],
            [snapshot(A, UnreadableScript("b.py", "why", "b"))],
            (EnvironmentChange(MIGRATIONS, (), ()),),
            id="an unreadable script is no revision",
        ),
    ],
)
def test_changes_are_told_by_revision_id(
    before: list[Snapshot], after: list[Snapshot], changes: tuple[EnvironmentChange, ...]
) -> None:
    assert changes_between(before, after) == changes


def test_what_head_lacks_or_has_otherwise_is_uncommitted() -> None:
    drafts = (B._replace(uncommitted="new"), UnreadableScript("x.py", "why", uncommitted="edited"))
    assert snapshot(A, *drafts).uncommitted == drafts


def test_an_environment_with_another_label_is_the_one_of_its_folders() -> None:
    labelled = MIGRATIONS._replace(label="alembic")
    assert changes_between([snapshot(A)], [snapshot(A, B, environment=labelled)]) == (EnvironmentChange(labelled, (B,), ()),)
