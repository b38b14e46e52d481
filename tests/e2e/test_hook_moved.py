"""Revisions that left with a pull, and revisions that somebody re-parented: the side that receives them."""

from __future__ import annotations

import pytest

from tests.support.project import Project

UPGRADE = "to bring your database up to date:\n  flask db upgrade\n"


@pytest.fixture
def mine(diverged: Project) -> Project:
    """Return my clone, with hooks, of the project in which main and feature, both ann's and bea's, are apart."""
    mine = diverged.clone("mine", "cleo")
    mine.git("config", "pull.rebase", "false")
    mine.git("switch", "--quiet", "feature")
    mine.git("switch", "--quiet", "main")
    mine.migmerge("install")
    return mine


def theirs(mine: Project) -> Project:
    return Project(mine.top.parent / "app", "bea")


def reparented(project: Project, name: str, parent: str | None, **rest: str) -> None:
    """Commit a script with another parent on the branch that is checked out."""
    project.script(name, parent, **rest)
    project.git("add", "--all")
    project.git("commit", "--quiet", "-m", f"{name} follows {parent}", MIGMERGE="0")


def test_a_pulled_revert_names_what_left_and_the_way_back(mine: Project) -> None:
    theirs(mine).git("revert", "--no-edit", "HEAD")
    said = mine.hooked("pull", "--quiet")
    assert said == (
        "migmerge: 1 revision is gone with the merge of origin/main\n"
        "  - b1  add email  (ann, origin/main)\n"
        'a database that has run it fails with "Can\'t locate revision"; to take it back:\n'
        "  migmerge sync\n"
    )


@pytest.mark.parametrize("how", [("--no-ff",), ("--squash",)], ids=" ".join)
def test_a_merge_in_which_a_revision_left(mine: Project, how: tuple[str, ...]) -> None:
    theirs(mine).git("revert", "--no-edit", "HEAD")
    mine.git("fetch", "--quiet")
    said = mine.hooked("merge", "--quiet", "--no-edit", *how, "origin/main")
    assert "- b1  add email" in said
    way = "git commit && migmerge sync" if "--squash" in how else "migmerge sync"
    assert f"to take it back:\n  {way}\n" in said


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_onto_a_revert(mine: Project, backend: str) -> None:
    theirs(mine).git("revert", "--no-edit", "HEAD")
    mine.write("README", "x")
    mine.commit("docs")
    mine.git("fetch", "--quiet")
    said = mine.hooked("rebase", backend, "origin/main")
    assert said.count("- b1  add email") == 1
    assert said.count("migmerge sync") == 1


def test_a_merge_finished_by_hand_in_which_a_revision_left(mine: Project) -> None:
    there = theirs(mine)
    there.git("revert", "--no-commit", "HEAD")
    there.write("app.py", "x = 'theirs'\n")
    there.commit("revert, and x")
    mine.write("app.py", "x = 'mine'\n")
    mine.commit("x")
    assert mine.run_git("pull").returncode == 1
    mine.write("app.py", "x = 'both'\n")
    mine.git("add", "app.py")
    said = mine.hooked("commit", "--quiet", "--no-edit")
    assert "- b1  add email" in said
    assert "  migmerge sync\n" in said


def test_an_environment_that_is_gone_as_a_whole_has_no_way_back_here(mine: Project) -> None:
    there = theirs(mine)
    there.git("rm", "--quiet", "-r", "migrations")
    there.git("commit", "--quiet", "-m", "no more migrations")
    said = mine.hooked("pull", "--quiet")
    assert said.startswith("migmerge: 3 revisions are gone with the merge of origin/main\n")
    assert "migmerge sync" not in said


@pytest.mark.parametrize("how", ["merge", "rebase", "squash"])
def test_mm013_a_revision_that_somebody_moved(mine: Project, how: str) -> None:
    there = theirs(mine)
    there.revision("a9", "a1", message="add tax")
    reparented(there, "b1", "a9", message="add email")
    commit = there.git("rev-parse", "HEAD")
    mine.write("README", "x")
    mine.commit("docs")
    mine.git("fetch", "--quiet")
    command = {"merge": ("merge", "--no-edit"), "rebase": ("rebase",), "squash": ("merge", "--squash")}[how]
    said = mine.hooked(*command, "origin/main")
    by = "" if how == "squash" else f", by bea in {commit[:9]}"
    assert (
        "warning MM013 moved-under-you migrations\n"
        f'  b1 "add email" now follows a9 instead of a1{by}: '
        "a database that has run it skips what now comes before it, without a word\n"
        "  hint: migmerge doctor\n"
    ) in said
    assert said.count("MM013") == 1


def test_mm013_where_nothing_arrived(mine: Project) -> None:
    reparented(theirs(mine), "b1", "a0", message="add email")
    said = mine.hooked("pull", "--quiet")
    assert said.startswith("error MM001")
    assert "warning MM013 moved-under-you" in said
    assert "arrived" not in said


def test_mm013_a_root_and_a_merge_revision(mine: Project) -> None:
    there = theirs(mine)
    there.git("merge", "--quiet", "--no-edit", "feature")
    there.script("d1", ("b1", "c1"))
    there.commit("join")
    assert "MM013" not in mine.hooked("pull", "--quiet")
    there.script("d1", ("c1", "b1"))
    there.commit("the other way round")
    assert mine.hooked("pull", "--quiet") == ""
    reparented(there, "a1", None)
    assert '  a1 "add a1" now follows nothing instead of a0, by bea in' in mine.hooked("pull", "--quiet")


def test_mm013_names_who_moved_it_and_not_who_touched_it_last(mine: Project) -> None:
    there = theirs(mine)
    reparented(there, "b1", "a0", message="add email")
    moved = there.git("rev-parse", "--short=9", "HEAD")
    there.user = "dan"
    reparented(there, "b1", "a0", message="add email", upgrade="pass  # dan")
    assert f", by bea in {moved}: " in mine.hooked("pull", "--quiet")


def test_mm013_a_branch_that_was_rewritten(mine: Project) -> None:
    """Bea rebased feature onto main and put c1 behind b1; I have the old c1."""
    there = theirs(mine)
    there.git("switch", "--quiet", "feature")
    there.git("rebase", "--quiet", "main")
    there.script("c1", "b1", message="add orders")
    there.git("add", "--all")
    there.git("commit", "--quiet", "--amend", "--no-edit")
    mine.git("fetch", "--quiet")
    mine.git("switch", "--quiet", "feature", MIGMERGE="0")
    said = mine.hooked("checkout", "origin/feature")
    assert 'c1 "add orders" now follows b1 instead of a1, by bea in' in said
    assert 'c1 "add orders" now follows a1 instead of b1' in mine.hooked("checkout", "feature")


def test_mm013_is_no_news_of_ones_own_on_another_branch(mine: Project) -> None:
    mine.git("switch", "--quiet", "--create", "topic")
    reparented(mine, "b1", "a0", message="add email")
    assert "MM013" not in mine.hooked("switch", "main")
    assert "MM013" not in mine.hooked("switch", "topic")
    assert "MM013" in mine.hooked("switch", "--detach", "main", GIT_AUTHOR_NAME="x") + mine.hooked("merge", "--no-edit", "topic")


def test_mm013_is_not_said_of_ones_own_commit_nor_of_fix(mine: Project) -> None:
    mine.git("merge", "--quiet", "--no-edit", "origin/feature", MIGMERGE="0")
    mine.script("b1", "a0", message="add email")
    assert "MM013" not in mine.hooked("commit", "--quiet", "--all", "-m", "b1 follows a0")
    assert "MM013" not in mine.hooked("revert", "--no-edit", "HEAD")
    mine.revision("e1", "b1", message="mine")
    done = mine.migmerge("fix", "--yes")
    assert "MM013" not in done.stdout + done.stderr


def test_mm013_an_edit_that_moves_nothing_is_silent(mine: Project) -> None:
    reparented(theirs(mine), "b1", "a1", message="another message", upgrade="pass  # more")
    assert mine.hooked("pull", "--quiet") == ""
