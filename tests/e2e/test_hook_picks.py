"""Commits that git makes of others: cherry-pick, revert, am. What the hooks say of each, and that git goes on unharmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.terminal import MENU, Terminal

Started = Callable[[Project], tuple[str, ...]]
LOG = """\
#!/bin/sh
state=
for file in rebase-merge rebase-apply rebase-apply/applying CHERRY_PICK_HEAD REVERT_HEAD sequencer MERGE_HEAD; do
    [ ! -e .git/$file ] || state="$state $file"
done
echo "${0##*/}$state | $(git log --walk-reflogs -1 --format=%gs)" >>.git/calls
"""


@pytest.fixture
def apart(project: Project) -> Project:
    """Return the project with b1 and c1 on feature, in this order, hooks, and main checked out."""
    project.git("switch", "--quiet", "--create", "feature")
    project.user = "bea"
    project.revision("b1", "a1", message="add email")
    project.revision("c1", "b1", message="add orders")
    project.user = "ann"
    project.git("switch", "--quiet", "main")
    project.migmerge("install")
    return project


def left(revision: str, message: str, origin: str) -> str:
    return (
        "migmerge: 1 revision is gone with this commit\n"
        f"  - {revision}  {message}  ({origin})\n"
        f'a database that has run it fails with "Can\'t locate revision"; to take it back:\n'
        "  migmerge sync\n"
    )


def conflict_in(project: Project, text: str) -> None:
    """Change app.py on the branch that is checked out, with the hooks off."""
    project.write("app.py", text)
    project.git("commit", "--quiet", "--all", "-m", f"app.py is {text!r}", MIGMERGE="0")


def resolve(project: Project) -> None:
    project.write("app.py", "x = 'resolved'\n")
    project.git("add", "app.py")


def test_a_cherry_pick_without_its_parent(apart: Project) -> None:
    said = apart.hooked("cherry-pick", "feature")
    assert said.startswith("error MM002 missing-parent migrations\n")
    assert '  c1 "add orders" (bea, main) has the down_revision b1, which is in no script' in said
    assert apart.status() == ""


def test_a_cherry_pick_with_its_parent_is_silent(apart: Project) -> None:
    assert apart.hooked("cherry-pick", "feature~1") == ""
    assert apart.hooked("cherry-pick", "feature") == ""
    apart.git("reset", "--quiet", "--hard", "HEAD~2")
    assert apart.hooked("cherry-pick", "feature~1", "feature") == ""
    assert apart.heads() == ["c1"]


def test_each_of_several_picks_is_judged_and_none_asks(apart: Project) -> None:
    apart.script("d1", "a1", message="add tax")
    apart.commit("add d1")
    said = apart.hooked("cherry-pick", "feature~1", "feature")
    assert said.count("MM001") == 2  # the heads are others after each
    assert apart.status() == ""
    assert not (apart.top / ".git/sequencer").exists()


def test_a_revert_names_what_left_and_the_way_back(apart: Project) -> None:
    apart.git("merge", "--quiet", "feature", MIGMERGE="0")
    assert apart.hooked("revert", "--no-edit", "HEAD") == left("c1", "add orders", "bea, main")


def test_a_revert_of_what_others_follow_is_an_error(apart: Project) -> None:
    apart.git("merge", "--quiet", "feature", MIGMERGE="0")
    said = apart.hooked("revert", "--no-edit", "HEAD~1")
    assert said.startswith(
        "migmerge: 1 revision is gone with this commit\n  - b1  add email  (bea, main)\nerror MM002 missing-parent migrations\n"
    )
    assert "migmerge sync" not in said  # it needs what Alembic can load


def test_several_reverts_name_what_left_one_after_the_other(apart: Project) -> None:
    apart.git("merge", "--quiet", "feature", MIGMERGE="0")
    said = apart.hooked("revert", "--no-edit", "HEAD", "HEAD~1")
    assert said == left("c1", "add orders", "bea, main") + left("b1", "add email", "bea, main")
    assert apart.heads() == ["a1"]


def test_a_revert_of_a_merge_names_all_that_it_brought(apart: Project) -> None:
    apart.git("merge", "--quiet", "--no-ff", "--no-edit", "feature", MIGMERGE="0")
    said = apart.hooked("revert", "--no-edit", "-m1", "HEAD")
    assert said.startswith("migmerge: 2 revisions are gone with this commit\n  - b1  add email")


def test_a_revert_of_a_revert_is_silent(apart: Project) -> None:
    apart.git("merge", "--quiet", "feature", MIGMERGE="0")
    apart.hooked("revert", "--no-edit", "HEAD")
    assert apart.hooked("revert", "--no-edit", "HEAD") == ""


def test_a_revert_of_anything_else_is_silent(apart: Project) -> None:
    conflict_in(apart, "x = 2\n")
    assert apart.hooked("revert", "--no-edit", "HEAD") == ""


def test_ones_own_commit_that_deletes_a_script_names_it(apart: Project) -> None:
    apart.git("rm", "--quiet", "migrations/versions/a1.py")
    assert apart.hooked("commit", "--quiet", "-m", "drop a1") == left("a1", "add a1", "ann, main")
    assert apart.hooked("commit", "--quiet", "--amend", "-m", "another message") == ""


def test_an_amended_commit_is_compared_with_what_it_replaces(apart: Project) -> None:
    apart.revision("d1", "a1", message="add tax")
    apart.git("mv", "migrations/versions/d1.py", "migrations/versions/d2.py")
    apart.script("d2", "a1", message="add tax")
    apart.git("add", "--all")
    said = apart.hooked("commit", "--quiet", "--amend", "--no-edit")
    assert said.startswith("migmerge: 1 revision arrived and 1 revision is gone with this commit")
    assert "- d1  add tax" in said


def test_a_script_that_cannot_be_read_any_more_did_not_leave(apart: Project) -> None:
    apart.write("migrations/versions/a1.py", "<<<<<<< HEAD\nrevision = 'a1'\n")
    said = apart.hooked("commit", "--quiet", "--all", "-m", "broken")
    assert "MM005" in said
    assert "gone" not in said


def test_a_merge_that_brings_a_second_script_of_one_id_is_an_error(apart: Project) -> None:
    apart.git("switch", "--quiet", "feature", MIGMERGE="0")
    apart.write("migrations/versions/copy.py", (apart.top / "migrations/versions/a1.py").read_text())
    apart.git("add", "--all")
    apart.git("commit", "--quiet", "-m", "a copy", MIGMERGE="0")
    apart.git("switch", "--quiet", "main", MIGMERGE="0")
    apart.git("merge", "--quiet", "feature~1", MIGMERGE="0")
    assert "error MM003" in apart.hooked("merge", "feature")


@pytest.mark.parametrize("how", ["--continue", "commit"])
def test_a_pick_that_had_conflicts_is_judged_when_it_ends(apart: Project, how: str) -> None:
    apart.git("switch", "--quiet", "feature", MIGMERGE="0")
    apart.write("app.py", "x = 'feature'\n")
    apart.git("commit", "--quiet", "--all", "--amend", "--no-edit", MIGMERGE="0")
    apart.git("switch", "--quiet", "main", MIGMERGE="0")
    conflict_in(apart, "x = 'main'\n")
    assert apart.run_git("cherry-pick", "feature").returncode == 1
    resolve(apart)
    command = ("cherry-pick", "--continue") if how == "--continue" else ("commit", "--quiet", "--no-edit")
    assert "error MM002" in apart.hooked(*command, GIT_EDITOR="true")


def test_a_revert_that_had_conflicts_is_judged_when_it_ends(apart: Project) -> None:
    apart.script("d1", "a1", message="add tax")
    apart.write("app.py", "x = 2\n")
    apart.commit("d1 and x")
    conflict_in(apart, "x = 3\n")
    assert apart.run_git("revert", "--no-edit", "HEAD~1").returncode == 1
    resolve(apart)
    assert apart.hooked("revert", "--continue", GIT_EDITOR="true").endswith(left("d1", "add tax", "ann, main"))


def a_pick(project: Project) -> tuple[str, ...]:
    """post-commit with CHERRY_PICK_HEAD."""
    return ("cherry-pick", "feature")


def the_first_of_two_picks(project: Project) -> tuple[str, ...]:
    """post-commit with CHERRY_PICK_HEAD and the sequencer."""
    project.git("switch", "--quiet", "feature", MIGMERGE="0")
    project.write("README", "x")
    project.git("add", "README")
    project.git("commit", "--quiet", "-m", "docs", MIGMERGE="0")
    project.git("switch", "--quiet", "main", MIGMERGE="0")
    return ("cherry-pick", "feature~1", "feature")


def the_last_of_two_picks_after_a_conflict(project: Project) -> tuple[str, ...]:
    """post-commit without any state, though git goes on with its sequence afterwards and dies of a commit."""
    project.git("switch", "--quiet", "feature", MIGMERGE="0")
    project.git("reset", "--quiet", "--hard", "HEAD~1")
    project.write("README", "x")
    project.git("add", "README")
    project.git("commit", "--quiet", "-m", "docs", MIGMERGE="0")
    project.script("c1", "a1", message="add orders")
    project.git("add", "--all")
    conflict_in(project, "x = 'feature'\n")
    project.git("switch", "--quiet", "main", MIGMERGE="0")
    conflict_in(project, "x = 'main'\n")
    assert project.run_git("cherry-pick", "feature~1", "feature").returncode == 1
    resolve(project)
    return ("cherry-pick", "--continue")


def the_last_of_two_reverts_after_a_conflict(project: Project) -> tuple[str, ...]:
    project.git("rm", "--quiet", "migrations/versions/b1.py")
    conflict_in(project, "x = 2\n")  # its revert brings b1 back
    project.script("c1", "a1", message="add orders")
    project.git("add", "--all")
    conflict_in(project, "x = 3\n")
    project.write("README", "x")
    project.git("add", "README")
    project.git("commit", "--quiet", "-m", "docs", MIGMERGE="0")
    assert project.run_git("revert", "--no-edit", "HEAD", "HEAD~2").returncode == 1
    resolve(project)
    return ("revert", "--continue")


def a_patch(project: Project) -> tuple[str, ...]:
    """post-applypatch."""
    folder = project.top.parent / "patches"
    project.git("format-patch", "-1", "feature", "-o", str(folder))
    return ("am", *map(str, folder.iterdir()))


@pytest.mark.parametrize(
    "start",
    [a_pick, the_first_of_two_picks, the_last_of_two_picks_after_a_conflict, the_last_of_two_reverts_after_a_conflict, a_patch],
    ids=lambda start: start.__name__,
)
def test_heads_that_diverge_are_told_and_nothing_is_offered(diverged: Project, start: Started) -> None:
    """On a terminal, where a merge would ask; then git ends as if there were no hook."""
    command = start(diverged)
    diverged.migmerge("install")
    before = int(diverged.git("rev-list", "--count", "HEAD"))
    status, seen = Terminal(diverged, "git", *command, CI="", GIT_EDITOR="true").finish()
    assert status == 0, seen
    assert seen.count("MM001") == 1
    assert MENU not in seen
    assert int(diverged.git("rev-list", "--count", "HEAD")) - before in (1, 2)
    assert diverged.status() == ""
    assert not any((diverged.top / ".git" / state).exists() for state in ("CHERRY_PICK_HEAD", "sequencer", "rebase-apply"))
    assert len(diverged.fix()) > 0
    assert len(diverged.heads()) == 1


def test_a_revert_offers_to_join_the_heads_it_lays_bare(diverged: Project) -> None:
    """Of one commit without a conflict: git has nothing left to do after post-commit."""
    diverged.merged()
    diverged.fix()
    diverged.migmerge("install")
    terminal = Terminal(diverged, "git", "revert", "--no-edit", "HEAD", CI="").wait_for_menu().type("\r")
    status, seen = terminal.finish()
    assert status == 0, seen
    assert len(diverged.heads()) == 1
    assert diverged.status() == ""


def test_a_patch_that_breaks_or_takes_away(apart: Project) -> None:
    folder = apart.top.parent / "patches"
    apart.git("format-patch", "-1", "feature", "-o", str(folder))
    assert "error MM002" in apart.hooked("am", *map(str, folder.iterdir()))
    apart.git("rm", "--quiet", "migrations/versions/c1.py")
    apart.git("commit", "--quiet", "-m", "drop c1", MIGMERGE="0")
    apart.git("format-patch", "-1", "-o", str(apart.top.parent / "drop"))
    apart.git("reset", "--quiet", "--hard", "HEAD~1")
    assert "- c1  add orders" in apart.hooked("am", *map(str, (apart.top.parent / "drop").iterdir()))


def test_a_patch_that_is_fine_is_silent(apart: Project) -> None:
    folder = apart.top.parent / "patches"
    apart.git("format-patch", "-2", "feature", "-o", str(folder))
    assert apart.hooked("am", *sorted(map(str, folder.iterdir()))) == ""
    assert apart.heads() == ["c1"]


def test_a_rebase_with_picks_and_a_bisect_are_silent_in_their_middle(apart: Project) -> None:
    """c1 follows b1, which the rebase puts behind it: broken in its middle, whole at its end."""
    apart.git("switch", "--quiet", "feature", MIGMERGE="0")
    swap = "sed -i.bak -e '1{h;d;};2G'"
    assert "migmerge" not in apart.hooked("rebase", "--interactive", "--no-ff", "HEAD~2", GIT_SEQUENCE_EDITOR=swap)
    assert apart.git("log", "-1", "--format=%s") == "add b1"
    apart.git("bisect", "start", "HEAD", "HEAD~2")
    assert "migmerge" not in apart.hooked("bisect", "good")
    assert "migmerge" not in apart.hooked("bisect", "reset")


def test_git_calls_these_hooks_in_these_states(apart: Project, tmp_path: Path) -> None:
    """What the shell files and `core/git_event.py` rely on, as git 2.39 to 2.55 do it."""
    apart.migmerge("uninstall")
    hooks = tmp_path / "logging hooks"
    hooks.mkdir()
    for name in ("post-commit", "post-applypatch", "post-rewrite", "post-merge"):
        (hooks / name).write_text(LOG)
        (hooks / name).chmod(0o755)
    apart.git("config", "core.hooksPath", str(hooks))
    calls = apart.top / ".git/calls"

    def called(*command: str) -> list[str]:
        calls.unlink(missing_ok=True)
        apart.run_git(*command, GIT_EDITOR="true")
        return calls.read_text().splitlines() if calls.exists() else []

    pick = "post-commit CHERRY_PICK_HEAD"
    assert called("cherry-pick", "feature~1") == [f"{pick} | cherry-pick: add b1"]
    assert called("revert", "--no-edit", "HEAD") == ['post-commit | revert: Revert "add b1"']
    apart.git("reset", "--quiet", "--hard", "HEAD~2")
    assert called("cherry-pick", "feature~1", "feature") == [
        f"{pick} sequencer | cherry-pick: add b1",
        f"{pick} sequencer | cherry-pick: add c1",
    ]
    assert called("revert", "--no-edit", "HEAD", "HEAD~1") == [
        'post-commit sequencer | revert: Revert "add c1"',
        'post-commit sequencer | revert: Revert "add b1"',
    ]
    apart.git("reset", "--quiet", "--hard", "HEAD~4")
    patches = tmp_path / "patches"
    apart.git("format-patch", "-1", "feature~1", "-o", str(patches))
    assert called("am", *map(str, patches.iterdir())) == ["post-applypatch rebase-apply rebase-apply/applying | am: add b1"]
    apart.git("reset", "--quiet", "--hard", "HEAD~1")
    apart.write("migrations/versions/b1.py", "x = 1\n")
    apart.git("add", "--all")
    apart.git("-c", "core.hooksPath=/nowhere", "commit", "--quiet", "-m", "another b1")
    assert called("cherry-pick", "feature~1", "feature") == []
    apart.git("checkout", "--quiet", "--theirs", "migrations/versions/b1.py")
    apart.git("add", "--all")
    assert called("cherry-pick", "--continue") == [
        "post-commit sequencer | commit (cherry-pick): add b1",
        f"{pick} sequencer | cherry-pick: add c1",
    ]
    apart.git("reset", "--quiet", "--hard", "HEAD~2")
    assert called("cherry-pick", "feature~1") == []
    apart.git("checkout", "--quiet", "--theirs", "migrations/versions/b1.py")
    apart.git("add", "--all")
    assert called("cherry-pick", "--continue") == ["post-commit | commit (cherry-pick): add b1"]
    assert called("commit", "--amend", "--no-edit") == [
        "post-commit | commit (amend): add b1",
        "post-rewrite | commit (amend): add b1",
    ]
