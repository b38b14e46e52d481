"""Which references contain a commit: one walk gives what git tells of each."""

from __future__ import annotations

import pytest

from migmerge.repository.git import Git
from migmerge.repository.refs import references_containing
from tests.support.project import Project


@pytest.fixture
def named(diverged: Project) -> Project:
    diverged.git("tag", "plain", "main")
    diverged.git("tag", "-a", "-m", "x", "annotated", "feature")
    diverged.git("tag", "blob", "HEAD:app.py")
    diverged.git("update-ref", "refs/remotes/origin/topic", "feature")
    diverged.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/topic")
    diverged.git("branch", "old", "main~1")
    return diverged


@pytest.mark.parametrize("namespace", ["refs/heads", "refs/remotes", "refs/tags"])
@pytest.mark.parametrize("commits", [("main",), ("feature",), ("main~1",), ("main", "feature"), ("main", "main~1"), ()])
def test_it_is_what_git_tells_of_each(named: Project, namespace: str, commits: tuple[str, ...]) -> None:
    oids = [named.git("rev-parse", f"{each}^{{commit}}") for each in commits]
    options = [option for oid in oids for option in ("--contains", oid)]
    expected = named.git("for-each-ref", "--format=%(refname)", *options, namespace).splitlines() if oids else []
    assert list(references_containing(Git(str(named.top)), oids, namespace)) == expected
