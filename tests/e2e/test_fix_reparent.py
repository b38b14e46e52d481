"""`migmerge fix --strategy reparent`: what it commits, what it refuses, and what it never touches."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.test_fix import alembic_heads
from tests.e2e.test_hook_prompt import hook
from tests.support.project import MIGMERGE, Project, script_text
from tests.support.terminal import CTRL_C, DOWN, ENTER, Terminal

ASSUMED = ("--strategy", "reparent", "--assume-unapplied")
B1, C1 = "migrations/versions/b1.py", "migrations/versions/c1.py"


@pytest.fixture
def merged(project: Project, tmp_path: Path) -> Project:
    """Return the project after ann's own feature came into main: b1 is on origin/main, c1 only here, on feature too."""
    diverged = project
    diverged.diverge("ann")
    diverged.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    diverged.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    diverged.git("push", "--quiet", "origin", "main")
    return diverged.merged()


def refuse(project: Project, *arguments: str) -> str:
    """Run a fix that is refused, leaves everything as it is, and return what it said."""
    before = project.git("rev-parse", "HEAD"), project.status(), project.git("diff"), project.git("diff", "--cached")
    done = project.migmerge("fix", "--yes", *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert before == (project.git("rev-parse", "HEAD"), project.status(), project.git("diff"), project.git("diff", "--cached"))
    return done.stdout


def test_the_whole_story(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    said = merged.fix(*ASSUMED)
    commit = merged.git("rev-parse", "--short=10", "HEAD")
    assert said == (
        "migmerge: two migrations fork the history; `flask db upgrade` fails\n"
        "  ◉    b1  add email   yours, origin/main\n"
        "  │ ◉  c1  add orders  yours, not pushed\n"
        "  ○─╯  a1  add a1\n"
        "re-parenting puts c1 after b1: c1 exists only here and, as you say, no database has run it\n"
        f"committed {commit}  {C1}\n"
        "  undo: migmerge undo\n"
        "to bring your database up to date:\n"
        "  flask db upgrade\n"
    )
    assert merged.parents() == [before]
    assert merged.git("log", "-1", "--format=%B") == 'Re-parent c1 onto b1\n\nc1 "add orders" (ann, feature)'
    assert merged.git("diff", "--name-only", "HEAD~", "HEAD") == C1
    assert alembic_heads(merged) == ["c1"] == merged.heads()
    assert merged.status() == ""


def test_only_the_parent_and_what_revises_says_change(merged: Project) -> None:
    before = (merged.top / C1).read_text()
    merged.fix(*ASSUMED)
    assert (merged.top / C1).read_text() == before.replace("Revises: a1", "Revises: b1").replace(
        "down_revision = 'a1'", "down_revision = 'b1'"
    )


def test_the_printed_undo_takes_it_back_and_leaves_what_is_staged(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    merged.write("staged.py", "x = 1\n")
    merged.git("add", "staged.py")
    merged.write("app.py", "x = 2\n")
    said = merged.fix(*ASSUMED)
    assert merged.status() == " M app.py\nA  staged.py\n"
    merged.undo(said)
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, " M app.py\nA  staged.py\n")
    assert merged.heads() == ["b1", "c1"]


def test_nothing_is_assumed_without_being_told(merged: Project) -> None:
    assert refuse(merged, "--strategy", "reparent") == (
        "not fixed: feature has c1 as it is; one that has it already would skip b1 without a word\n"
        "hint: migmerge fix --strategy reparent --assume-unapplied\n"
    )
    merged.git("branch", "--quiet", "-D", "feature")
    assert refuse(merged, "--strategy", "reparent") == (
        "not fixed: it is not known whether a database has run c1; one that has would skip b1 without a word\n"
        "hint: migmerge fix --strategy reparent --assume-unapplied\n"
    )


def test_the_recommendation_stays_the_merge_revision(merged: Project) -> None:
    said = merged.fix("--assume-unapplied")
    assert "recommended: a merge revision joins b1 and c1 and changes neither; b1 is on origin/main\n" in said
    assert len(merged.heads()) == 1 and merged.heads() != ["c1"]


def test_the_configuration_changes_the_recommendation_where_it_is_safe(merged: Project) -> None:
    merged.git("config", "migmerge.strategy", "reparent")
    said = merged.fix("--assume-unapplied")
    assert "recommended: re-parenting puts c1 after b1: c1 exists only here and, as you say, no database has run it\n" in said
    assert merged.heads() == ["c1"]


def test_the_configuration_never_makes_it_unsafe(merged: Project) -> None:
    merged.git("config", "migmerge.strategy", "reparent")
    said = merged.fix()
    assert "recommended: a merge revision joins b1 and c1" in said
    assert merged.heads() != ["c1"]


def test_a_published_lineage_is_not_moved(merged: Project) -> None:
    merged.git("push", "--quiet", "origin", "feature:shared")
    assert refuse(merged, *ASSUMED) == (
        "not fixed: it would move what others may rely on: b1 is on origin/main and c1 is on origin/shared\n"
        "hint: migmerge fix --strategy merge\n"
    )


def test_what_a_remote_branch_had_and_gave_up_counts_as_published(merged: Project) -> None:
    merged.git("switch", "--quiet", "feature")
    merged.git("rm", "--quiet", C1)
    merged.commit("away with it")
    merged.git("push", "--quiet", "origin", "feature:shared")
    merged.git("switch", "--quiet", "main")
    assert "c1 is on origin/shared" in refuse(merged, *ASSUMED)


def test_a_renamed_script_is_still_the_published_one(merged: Project) -> None:
    merged.git("push", "--quiet", "origin", "feature:shared")
    merged.git("mv", C1, "migrations/versions/c1_orders.py")
    merged.commit("rename")
    assert "c1 is on origin/shared" in refuse(merged, *ASSUMED)


def test_the_rest_of_the_lineage_rides_along(merged: Project) -> None:
    merged.revision("c2", "c1")
    before = (merged.top / "migrations/versions/c2.py").read_bytes()
    merged.fix(*ASSUMED)
    assert (merged.top / "migrations/versions/c2.py").read_bytes() == before
    assert alembic_heads(merged) == ["c2"] == merged.heads()


def test_changes_of_the_user_in_the_script_are_not_touched(merged: Project) -> None:
    text = (merged.top / C1).read_text()
    merged.write(C1, text + "# mine\n")
    told = f"not fixed: {C1} has changes of yours that are in no commit\nhint: git stash, or git commit\n"
    assert refuse(merged, *ASSUMED).endswith(told)
    merged.git("add", C1)
    merged.write(C1, text)
    assert refuse(merged, *ASSUMED).endswith(told)


def test_another_script_on_disk_than_the_committed_one_is_refused(merged: Project) -> None:
    merged.write(C1, script_text("c1", "zz"))
    assert 'not fixed: MM002 missing-parent: c1 "add c1" (edited to other identifiers, not committed)' in refuse(merged, *ASSUMED)


def test_a_script_that_is_not_in_the_work_tree_is_none_to_re_parent(merged: Project) -> None:
    (merged.top / C1).unlink()
    assert merged.fix(*ASSUMED) == "nothing to fix in migrations: b1\n"


def test_a_script_behind_a_link_is_refused(merged: Project) -> None:
    merged.git("mv", C1, "c1_elsewhere.py")
    os.symlink("../../c1_elsewhere.py", merged.top / C1)
    merged.commit("link")
    assert f"{C1} is reached through a link\nhint: migmerge fix --strategy merge\n" in refuse(merged, *ASSUMED)


def test_a_dry_run_shows_the_diff(merged: Project) -> None:
    done = merged.migmerge("fix", "--dry-run", *ASSUMED)
    assert done.returncode == 0
    shown = done.stdout[done.stdout.index("re-parenting puts") :]
    assert shown == (
        "re-parenting puts c1 after b1: c1 exists only here and, as you say, no database has run it\n"
        f"  change  {C1}\n"
        "  commit  that file alone: Re-parent c1 onto b1\n"
        "\n"
        f"  | --- a/{C1}\n"
        f"  | +++ b/{C1}\n"
        "  | @@ -3,3 +3,3 @@\n"
        "  |  Revision ID: c1\n"
        "  | -Revises: a1\n"
        "  | +Revises: b1\n"
        "  |  Create Date: 2024-01-02 10:00:00\n"
        "  | @@ -12,3 +12,3 @@\n"
        "  |  revision = 'c1'\n"
        "  | -down_revision = 'a1'\n"
        "  | +down_revision = 'b1'\n"
        "  |  branch_labels = None\n"
        "\n"
    )
    assert merged.status() == ""


def test_no_commit_leaves_the_change_for_the_user(merged: Project) -> None:
    said = merged.fix("--no-commit", *ASSUMED)
    assert merged.status() == f" M {C1}\n"
    assert f"written  {C1}  not committed\n  undo: migmerge undo\n" in said


def test_side_files_that_record_the_head_are_kept_right(merged: Project) -> None:
    merged.write("migrations/.current-alembic-head", "b1\n")
    merged.write("migrations/versions/EXPAND_HEAD", "c1")
    merged.write("migrations/head.txt", "something else\n")
    merged.commit("side files")
    said = merged.fix(*ASSUMED)
    assert (merged.top / "migrations/.current-alembic-head").read_text() == "c1\n"
    assert (merged.top / "migrations/versions/EXPAND_HEAD").read_text() == "c1"
    assert merged.git("diff", "--name-only", "HEAD~", "HEAD").splitlines() == ["migrations/.current-alembic-head", C1]
    assert "note: migrations/head.txt may record the head, and holds something else: look at it\n" in said
    assert merged.status() == ""


@pytest.fixture
def numbered(tmp_path: Path) -> Project:
    """Return a project in which both sides took the number 0002, and one of them went on to 0003."""
    project = Project.create(tmp_path / "numbered")
    project.revision("0001_a", "a1")
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("0002_c", "0001_a", date="2024-02-02 10:00:00")
    project.revision("0003_d", "0002_c", date="2024-02-02 11:00:00")
    project.git("switch", "--quiet", "main")
    project.revision("0002_b", "0001_a")
    project.merged().git("branch", "--quiet", "-D", "feature")
    return project


def test_running_numbers_are_kept_and_said(numbered: Project) -> None:
    said = numbered.fix(*ASSUMED)
    assert numbered.heads() == ["0003_d"]
    assert (
        "note: migrations/versions/0002_c.py keeps its number; with --renumber it becomes migrations/versions/0003_c.py\n" in said
    )


def test_running_numbers_are_brought_in_order_on_demand(numbered: Project) -> None:
    numbered.fix("--renumber", *ASSUMED)
    assert alembic_heads(numbered) == ["0004_d"] == numbered.heads()
    assert numbered.status() == ""
    changed = numbered.git("diff", "--name-status", "--no-renames", "HEAD~", "HEAD").splitlines()
    assert changed == [
        "D\tmigrations/versions/0002_c.py",
        "A\tmigrations/versions/0003_c.py",
        "D\tmigrations/versions/0003_d.py",
        "A\tmigrations/versions/0004_d.py",
    ]
    text = (numbered.top / "migrations/versions/0004_d.py").read_text()
    assert "Revision ID: 0004_d\nRevises: 0003_c\n" in text
    assert "revision = '0004_d'\ndown_revision = '0003_c'\n" in text


def test_a_number_that_another_branch_or_a_stash_has_is_not_free(numbered: Project) -> None:
    numbered.git("switch", "--quiet", "--create", "later", "HEAD~1")
    numbered.revision("0004_mine", "0003_d" if "0003_d" in numbered.heads() else "0002_b")
    numbered.script("0005_stashed", "0004_mine")
    numbered.git("stash", "push", "--quiet", "--include-untracked")
    numbered.git("switch", "--quiet", "main")
    numbered.fix("--renumber", *ASSUMED)
    assert numbered.heads() == ["0007_d"]


def test_the_undo_of_a_renumbering_brings_the_old_names_back(numbered: Project) -> None:
    said = numbered.fix("--renumber", *ASSUMED)
    numbered.undo(said)
    assert numbered.status() == ""
    assert numbered.heads() == ["0002_b", "0003_d"]


def test_a_renumbering_without_a_commit_can_be_undone_too(numbered: Project) -> None:
    said = numbered.fix("--renumber", "--no-commit", *ASSUMED)
    numbered.undo(said)
    assert numbered.status() == ""


def test_a_name_that_is_taken_is_refused(numbered: Project) -> None:
    numbered.write("migrations/versions/0004_d.py", script_text("mine", "0001_a"))
    assert "not fixed: migrations/versions/0004_d.py is in the way\n" in refuse(numbered, "--renumber", *ASSUMED)


def test_the_users_hook_may_refuse_the_commit(merged: Project) -> None:
    hook(merged, "pre-commit", "exit 1")
    done = merged.migmerge("fix", "--yes", *ASSUMED)
    assert done.returncode == 1
    assert f"not fixed: git did not commit {C1}; everything is as it was\nhint: migmerge fix --no-commit\n" in done.stdout
    assert merged.status() == ""


def test_it_is_offered_and_asks_the_one_thing_it_cannot_know(merged: Project) -> None:
    terminal = Terminal(merged, MIGMERGE, "fix").wait_for_menu().type(DOWN, ENTER)
    terminal.wait_for("Is it certain that no database has run c1?").wait_for("yes, none has").type(DOWN, ENTER)
    status, said = terminal.finish()
    assert status == 0, said
    assert "put yours after theirs, committed  only if no database has run yours" in said
    assert merged.heads() == ["c1"]


def test_who_cannot_tell_is_asked_again_and_may_take_the_merge_revision(merged: Project) -> None:
    terminal = Terminal(merged, MIGMERGE, "fix").wait_for_menu().type(DOWN, ENTER)
    terminal.wait_for("Is it certain that no database has run c1?").wait_for("yes, none has").type(ENTER).wait_for_menu().type(
        ENTER
    )
    status, said = terminal.finish()
    assert status == 0, said
    assert len(merged.heads()) == 1 and merged.heads() != ["c1"]


def test_ctrl_c_at_that_question_changes_nothing(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    terminal = Terminal(merged, MIGMERGE, "fix").wait_for_menu().type(DOWN, ENTER)
    status, _ = terminal.wait_for("Is it certain that no database has run c1?").wait_for("yes, none has").type(CTRL_C).finish()
    assert status == 130
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "")


def test_a_merge_that_fires_the_hook_offers_it_too(diverged: Project) -> None:
    assert diverged.migmerge("install").returncode == 0
    terminal = Terminal(diverged, "git", "merge", "--no-edit", "feature").wait_for_menu().type(DOWN, ENTER)
    terminal.wait_for("Is it certain that no database has run").wait_for("yes, none has").type(DOWN, ENTER)
    status, said = terminal.finish()
    assert status == 0, said
    assert len(diverged.heads()) == 1
    assert diverged.git("log", "-1", "--format=%s").startswith("Re-parent ")
    assert diverged.status() == "" and not (diverged.top / ".git/MERGE_HEAD").exists()


def test_an_autostash_with_the_script_in_it_is_not_run_into(diverged: Project) -> None:
    assert diverged.migmerge("install").returncode == 0
    diverged.write(B1, (diverged.top / B1).read_text() + "# mine\n")
    diverged.git("branch", "--force", "late", "feature")
    diverged.write("migrations/versions/b1.py", (diverged.top / B1).read_text())
    terminal = Terminal(diverged, "git", "merge", "--autostash", "--no-edit", "feature").wait_for_menu().type(DOWN, ENTER)
    terminal.wait_for("Is it certain that no database has run").wait_for("yes, none has").type(DOWN, ENTER)
    status, said = terminal.finish()
    assert status == 0, said
    assert (diverged.top / B1).read_text().endswith("# mine\n")
    assert diverged.status() == f" M {B1}\n"


def test_a_folder_that_moved_takes_what_is_published_with_it(merged: Project) -> None:
    merged.git("switch", "--quiet", "main")
    merged.git("push", "--quiet", "origin", "main")
    merged.git("switch", "--quiet", "--create", "move")
    merged.git("mv", "migrations", "database")
    merged.commit("move the migrations")
    assert "b1 is on origin/main and c1 is on origin/main" in refuse(merged, *ASSUMED)


def test_a_bare_clone_with_worktrees_tracks_nothing_so_nothing_is_known(diverged: Project, tmp_path: Path) -> None:
    diverged.git("clone", "--quiet", "--bare", str(diverged.top), str(tmp_path / "bare"))
    diverged.git("--git-dir", str(tmp_path / "bare"), "worktree", "add", "--quiet", str(tmp_path / "linked"), "feature")
    linked = Project(tmp_path / "linked")
    linked.git("config", "user.name", "ann")
    linked.git("config", "user.email", "ann@example.invalid")
    linked.git("merge", "--quiet", "--no-edit", "main")
    said = refuse(linked, *ASSUMED)
    assert "git could not tell whether b1 is published and git could not tell whether c1 is published" in said


def test_another_folder_on_a_remote_branch_has_what_is_published_too(merged: Project) -> None:
    merged.git("switch", "--quiet", "--create", "elsewhere", "feature")
    merged.git("mv", "migrations", "database")
    merged.git("mv", "database/versions/c1.py", "database/versions/orders.py")
    merged.commit("another folder")
    merged.git("push", "--quiet", "origin", "elsewhere:shared")
    merged.git("switch", "--quiet", "main")
    merged.git("mv", C1, "migrations/versions/c1_orders.py")
    merged.commit("rename")
    assert "c1 is on origin/shared" in refuse(merged, *ASSUMED)


def test_what_was_forced_away_from_the_default_branch_was_published(merged: Project) -> None:
    merged.git("push", "--quiet", "origin", "main")
    merged.git("push", "--quiet", "--force", "origin", f"{merged.git('rev-parse', 'main~1')}:main")
    assert "c1 is on a tag, or a remote branch as it was before" in refuse(merged, *ASSUMED)


def test_what_was_forced_away_from_an_own_branch_needs_a_word(merged: Project) -> None:
    merged.git("push", "--quiet", "origin", "feature")
    merged.git("push", "--quiet", "--force", "origin", f"{merged.git('rev-parse', 'main~1')}:feature")
    assert "c1 was pushed to a remote branch, as it was before, and databases elsewhere cannot be asked" in refuse(
        merged, "--strategy", "reparent"
    )
    merged.fix(*ASSUMED)
    assert merged.heads() == ["c1"]


def test_what_a_tag_has_was_published(merged: Project) -> None:
    merged.git("tag", "v1", "feature")
    assert "c1 is on a tag, or a remote branch as it was before" in refuse(merged, *ASSUMED)


def test_what_a_root_commit_brought_is_published_whatever_log_shows(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "rooted")
    for name, parent in {"a0": None, "c1": "a0"}.items():
        project.script(name, parent)
    project.write("migrations/alembic.ini", "[alembic]\n")
    project.write("migrations/env.py", "")
    project.write("migrations/script.py.mako", "")
    project.commit("begin")
    project.git("remote", "add", "origin", str(project.top))
    project.git("update-ref", "refs/remotes/origin/main", "HEAD")
    project.revision("b1", "a0")
    project.git("config", "log.showRoot", "false")
    project.fix(*ASSUMED)
    assert project.heads() == ["b1"]


@pytest.mark.parametrize("flag", ["assume-unchanged", "skip-worktree"])
def test_what_git_is_told_not_to_look_at_is_not_committed(merged: Project, flag: str) -> None:
    merged.git("update-index", f"--{flag}", C1)
    merged.write(C1, (merged.top / C1).read_text() + "# mine\n")
    assert f"not fixed: git is told not to look at {C1} (assume-unchanged or skip-worktree)\n" in refuse(merged, *ASSUMED)
    assert (merged.top / C1).read_text().endswith("# mine\n")


@pytest.mark.parametrize("folder", ["migrations/versions", "migrations"])
def test_the_undo_works_where_it_is_printed(merged: Project, folder: str) -> None:
    before = merged.git("rev-parse", "HEAD")
    done = merged.migmerge("fix", "--yes", *ASSUMED, cwd=merged.top / folder)
    merged.undo(done.stdout, cwd=merged.top / folder)
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "")


def test_a_script_that_is_not_committed_keeps_the_number_it_names(numbered: Project) -> None:
    numbered.script("wip", "0003_d")
    said = refuse(numbered, "--renumber", *ASSUMED)
    assert "not fixed: migrations/versions/wip.py is not committed and names what would be renumbered\n" in said


def test_prose_in_the_docstring_is_left(merged: Project) -> None:
    text = (merged.top / C1).read_text().replace("add orders\n", "add orders\n\nRevises: the decision of 2024 about orders\n")
    merged.write(C1, text)
    merged.commit("say why")
    merged.fix(*ASSUMED)
    assert (merged.top / C1).read_text() == text.replace("Revises: a1", "Revises: b1").replace("= 'a1'", "= 'b1'")


@pytest.mark.parametrize("adds", ["git add -u", "git add -A"])
@pytest.mark.parametrize("strategy", ["merge", "reparent"])
def test_a_commit_to_which_the_users_hook_adds_is_taken_back(merged: Project, adds: str, strategy: str) -> None:
    for name in ("work.txt", "staged.txt"):
        merged.write(name, "v1\n")
    merged.commit("work")
    hook(merged, "pre-commit", adds)
    for name in ("work.txt", "staged.txt", "new.txt"):
        merged.write(name, "v2\n")
    merged.git("add", "staged.txt")
    before = merged.git("rev-parse", "HEAD"), merged.status(), merged.git("diff", "--cached")
    said = refuse(merged, "--strategy", strategy, "--assume-unapplied")
    assert "not fixed: a git hook of yours added " in said
    assert (merged.git("rev-parse", "HEAD"), merged.status(), merged.git("diff", "--cached")) == before
    assert not list((merged.top / ".git/migmerge/journal").glob("*.json"))
    merged.git("stash", "--include-untracked")
    merged.fix("--strategy", strategy, "--assume-unapplied")
    merged.git("stash", "pop", "--index")
    assert merged.status() == before[1]
    assert merged.codes() == []


def test_an_empty_message_is_refused_before_anything_is_written(merged: Project) -> None:
    assert "not fixed: the commit's message is empty\n" in refuse(merged, "-m", "  ", *ASSUMED)


def test_an_interrupt_of_migmerge_alone_leaves_no_lock(merged: Project, tmp_path: Path) -> None:
    hook(merged, "pre-commit", f"touch {tmp_path}/begun; sleep 3")
    process = subprocess.Popen(
        [MIGMERGE, "fix", "--yes", *ASSUMED], cwd=merged.top, env=merged.environment(), stdout=subprocess.DEVNULL
    )
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert not list((merged.top / ".git").glob("*.lock"))
    assert merged.status() == ""
    assert merged.heads() == ["b1", "c1"]


def test_a_fixup_is_folded_into_the_commit_of_the_script(merged: Project) -> None:
    merged.git("switch", "--quiet", "feature")
    merged.git("rebase", "--quiet", "origin/main")
    merged.fix("--fixup", *ASSUMED)
    assert merged.git("log", "-1", "--format=%s") == "fixup! add c1"
    merged.git("rebase", "--quiet", "--interactive", "--autosquash", "origin/main", GIT_SEQUENCE_EDITOR=":")
    assert merged.git("log", "-1", "--format=%s") == "add c1"
    assert (merged.heads(), merged.codes(), merged.status()) == (["c1"], [], "")


def test_what_was_pushed_is_not_fixed_up(merged: Project) -> None:
    merged.git("push", "--quiet", "origin", "feature")
    assert "c1 was pushed to origin/feature: a fixup would change its commit" in refuse(merged, "--fixup", *ASSUMED)


def test_a_team_that_moves_own_branches_is_told_what_was_pushed_and_amends_nothing_of_it(merged: Project) -> None:
    merged.git("push", "--quiet", "origin", "feature")
    merged.git("config", "migmerge.reparent", "own-branches")
    assert "c1 was pushed to origin/feature: a fixup would change its commit" in refuse(merged, "--fixup", *ASSUMED)
    assert "c1 is on origin/feature, which only you wrote and, as you say, no database has run it" in merged.fix(*ASSUMED)
