"""What differs between pairs of commits, from one git."""

from __future__ import annotations

from migmerge.repository.diff import BlobChange, changes_between, renamed_between
from migmerge.repository.git import Git
from tests.support.project import Project

MISSING = "1" * 40


def blob(project: Project, name: str) -> str:
    return project.git("rev-parse", name)


def test_each_pair_has_its_changes_or_none(project: Project) -> None:
    project.write("app.py", "x = 2\n")
    project.write("new é\n.py", "n\n")
    project.write("link", "x")
    (project.top / "link").unlink()
    (project.top / "link").symlink_to("app.py")
    project.commit("change")
    old, new = project.git("rev-parse", "HEAD~1", "HEAD").split()
    found = list(changes_between(Git(str(project.top)), [(old, new), (new, new), (new, old)]))
    changed = BlobChange("app.py", blob(project, "HEAD~1:app.py"), blob(project, "HEAD:app.py"), is_link=False)
    link = BlobChange("link", "", blob(project, "HEAD:link"), is_link=True)
    assert found[0] == [changed, link, BlobChange("new é\n.py", "", blob(project, "HEAD:new é\n.py"), is_link=False)]
    assert found[1] == []
    assert found[2] == [each._replace(before=each.after, after=each.before) for each in found[0] or ()]


def test_nothing_is_told_from_the_pair_before_a_commit_that_is_not_here(project: Project) -> None:
    old, new = project.git("rev-parse", "HEAD~1", "HEAD").split()
    pairs = [(old, new), (old, new), (MISSING, new), (old, new)]
    first, *others = changes_between(Git(str(project.top)), pairs)
    assert [each.path for each in first or ()] == ["migrations/versions/a1.py"] and others == [None, None, None]


def test_more_pairs_than_one_git_compares(project: Project) -> None:
    old, new = project.git("rev-parse", "HEAD~1", "HEAD").split()
    found = list(changes_between(Git(str(project.top)), [(old, new), (new, new)] * 1000))
    assert [len(each or ()) for each in found] == [1, 0] * 1000


def test_a_rename_is_found_among_the_given_paths(project: Project) -> None:
    project.git("mv", "migrations/versions/a1.py", "migrations/moved.py")
    project.commit("move")
    git = Git(str(project.top))
    assert renamed_between(git, "HEAD~1", "HEAD", ["migrations"]) == {"migrations/versions/a1.py": "migrations/moved.py"}
    assert renamed_between(git, "HEAD~1", "HEAD", ["migrations/versions"]) == {}
