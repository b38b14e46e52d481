"""What the picture of a fork says of each head: whose it is, and where it was pushed."""

from __future__ import annotations

from migmerge.core.options import Options
from migmerge.fix.fork import forks_in
from migmerge.workspace.workspace import open_workspace
from tests.support.project import Project


def places(project: Project) -> dict[str, tuple[str, str | None]]:
    """Return author and place of the revisions that have them in the picture."""
    (fork,) = forks_in(open_workspace(Options(str(project.top))), {})
    return {name: (known.author, known.branch) for name, known in fork.provenance.items()}


def with_server(project: Project) -> Project:
    project.git("init", "--quiet", "--bare", str(project.top.parent / "origin.git"))
    project.git("remote", "add", "origin", str(project.top.parent / "origin.git"))
    return project


def test_what_all_sides_share_has_no_origin_and_what_no_server_has_is_not_pushed(diverged: Project) -> None:
    assert places(diverged.merged()) == {"b1": ("ann", "not pushed"), "c1": ("bea", "feature")}


def test_the_branch_of_others_is_named(diverged: Project) -> None:
    with_server(diverged).git("push", "--quiet", "origin", "main")
    assert places(diverged.merged()) == {"b1": ("ann", "origin/main"), "c1": ("bea", "feature")}


def test_a_branch_that_only_the_user_wrote_and_pushed_is_said(project: Project) -> None:
    with_server(project).git("push", "--quiet", "origin", "main")
    project.git("remote", "set-head", "origin", "main")
    project.diverge("ann")
    project.git("push", "--quiet", "--set-upstream", "origin", "feature")
    project.merged()
    assert places(project) == {"b1": ("ann", "not pushed"), "c1": ("ann", "pushed to origin/feature")}


def test_a_script_that_no_commit_holds_is_not_committed(project: Project) -> None:
    project.revision("b1", "a1")
    project.script("w1", "a1")
    assert places(project)["w1"] == ("", "not committed")
