"""An event is known again by what it did to HEAD."""

from __future__ import annotations

from migmerge.repository.repository import open_repository
from migmerge.workspace.reported_events import is_reported, note_reported
from tests.support.project import Project


def test_the_last_event_is_known_again_and_the_next_one_is_new(diverged: Project) -> None:
    repository = open_repository(str(diverged.top))
    assert not is_reported(repository, "post-checkout")
    diverged.git("checkout", "--quiet", "feature")
    note_reported(repository, "post-checkout")
    assert is_reported(repository, "post-checkout")
    assert not is_reported(repository, "post-commit")
    diverged.git("checkout", "--quiet", "main")
    assert not is_reported(repository, "post-checkout")
    diverged.git("checkout", "--quiet", "feature")
    assert not is_reported(repository, "post-checkout")


def test_each_squash_is_an_event_of_its_own(diverged: Project) -> None:
    repository = open_repository(str(diverged.top))
    diverged.git("merge", "--quiet", "--squash", "feature")
    note_reported(repository, "post-merge")
    assert is_reported(repository, "post-merge")
    diverged.git("reset", "--quiet", "--hard")
    diverged.git("merge", "--quiet", "--squash", "feature")
    assert not is_reported(repository, "post-merge")
