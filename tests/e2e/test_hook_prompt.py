"""The prompt inside the hooks, answered on a real terminal, and the repository looked at afterwards."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.terminal import CTRL_C, DOWN, ENTER, MENU, Terminal, plain

Situation = Callable[[Project], tuple[str, ...]]


def true_merge(project: Project) -> tuple[str, ...]:
    """post-merge, with MERGE_HEAD still there."""
    project.diverge()
    return ("git", "merge", "--no-edit", "feature")


def no_ff_merge(project: Project) -> tuple[str, ...]:
    project.diverge()
    return ("git", "merge", "--no-ff", "--no-edit", "feature")


def octopus_merge(project: Project) -> tuple[str, ...]:
    project.diverge()
    project.git("switch", "--quiet", "--create", "third", "main~1")
    project.revision("d1", "a1")
    project.git("switch", "--quiet", "main")
    return ("git", "merge", "--no-edit", "feature", "third")


def fast_forward(project: Project) -> tuple[str, ...]:
    """post-merge without a merge commit: somebody merged the heads and did not notice."""
    project.diverge()
    project.git("switch", "--quiet", "--create", "both")
    project.merged()
    project.git("switch", "--quiet", "main")
    return ("git", "merge", "both")


def rebase(project: Project) -> tuple[str, ...]:
    """post-rewrite, on the branch again."""
    project.diverge()
    project.git("switch", "--quiet", "feature")
    return ("git", "rebase", "main")


def rebase_apply(project: Project) -> tuple[str, ...]:
    """post-rewrite of the old backend, still detached."""
    project.diverge()
    project.git("switch", "--quiet", "feature")
    return ("git", "rebase", "--apply", "main")


def pull_rebase(project: Project) -> tuple[str, ...]:
    project.revision("b1", "a1", message="add email")
    mine = project.clone("mine", "bea")
    mine.git("reset", "--quiet", "--hard", "HEAD~1")
    mine.revision("c1", "a1", message="add orders")
    project.top, project.user = mine.top, mine.user
    project.migmerge("install")
    return ("git", "pull", "--rebase")


def conflicted_merge(project: Project) -> tuple[str, ...]:
    """post-commit: a merge that had conflicts ends with `git commit`."""
    project.diverge()
    for branch in ("feature", "main"):
        project.git("switch", "--quiet", branch)
        project.write("app.py", f"x = {branch!r}\n")
        project.commit(f"{branch} changes x")
    assert project.run_git("merge", "feature").returncode == 1
    project.write("app.py", "x = 'both'\n")
    project.git("add", "app.py")
    return ("git", "commit", "--no-edit")


def own_commit(project: Project) -> tuple[str, ...]:
    """post-commit: a second migration on a parent that already has one."""
    project.revision("b1", "a1", message="add email")
    project.script("c1", "a1", message="add orders")
    project.git("add", "--all")
    return ("git", "commit", "-m", "add c1")


NOT_JOINED = "not joined; `flask db upgrade` fails until you run: migmerge fix"

SITUATIONS = [
    true_merge,
    no_ff_merge,
    octopus_merge,
    fast_forward,
    rebase,
    rebase_apply,
    pull_rebase,
    conflicted_merge,
    own_commit,
]


@pytest.fixture(params=SITUATIONS, ids=lambda situation: situation.__name__)
def at_the_menu(request: pytest.FixtureRequest, project: Project) -> tuple[Project, Terminal]:
    """Return the project with git waiting for its hook, which has just shown the menu."""
    command = request.param(project)
    project.migmerge("install")
    return project, Terminal(project, *command, CI="").wait_for_menu()


def assert_git_is_whole(project: Project) -> None:
    git_dir = project.top / ".git"
    left = [
        name
        for name in ("MERGE_HEAD", "MERGE_MSG", "MERGE_AUTOSTASH", "rebase-merge", "rebase-apply")
        if (git_dir / name).exists()
    ]
    assert not left
    assert not list(git_dir.glob("*.lock"))
    assert not project.status()
    assert project.git("symbolic-ref", "HEAD")
    assert not project.run_git("fsck", "--no-dangling").stderr.replace("notice: HEAD points to an unborn branch", "")


def our_last_line(seen: str) -> str:
    """Return the last line of ours; a rebase and a commit sum up what they did after their hooks."""
    after = ("Successfully rebased", "[main ", " Date:", " 1 file changed", " create mode")
    return [line for line in seen.splitlines() if line.strip() and not line.startswith(after)][-1].strip()


def test_enter_creates_and_commits_the_merge_revision(at_the_menu: tuple[Project, Terminal]) -> None:
    project, terminal = at_the_menu
    status, seen = terminal.type(ENTER).finish()
    assert status == 0, seen
    assert_git_is_whole(project)
    assert len(project.heads()) == 1
    assert len(project.parents()) == 1
    assert len(project.git("diff", "--name-only", "HEAD~", "HEAD").split()) == 1
    assert our_last_line(seen) == "flask db upgrade"


def test_re_parenting_leaves_git_as_whole_as_the_merge_revision_does(at_the_menu: tuple[Project, Terminal]) -> None:
    project, terminal = at_the_menu
    scripts = set(project.git("ls-files", "migrations/versions").split())
    terminal.type(DOWN, ENTER).wait_for("Is it certain").wait_for("yes, none has")
    status, seen = terminal.type("y").finish()
    assert status == 0, seen
    assert_git_is_whole(project)
    assert len(project.heads()) == 1
    assert len(project.parents()) == 1
    assert project.git("log", "-1", "--format=%s").startswith("Re-parent ")
    assert set(project.git("diff", "--name-only", "HEAD~", "HEAD").split()) <= scripts
    assert our_last_line(seen) == "flask db upgrade"


def test_not_now_changes_nothing_and_says_what_to_run(at_the_menu: tuple[Project, Terminal]) -> None:
    project, terminal = at_the_menu
    status, seen = terminal.type(DOWN, DOWN, DOWN, ENTER).finish()
    assert status == 0, seen
    assert_git_is_whole(project)
    assert "MM001" in project.codes()
    assert our_last_line(seen) == NOT_JOINED


def test_ctrl_c_ends_the_question_and_not_git(at_the_menu: tuple[Project, Terminal]) -> None:
    project, terminal = at_the_menu
    status, seen = terminal.type(CTRL_C).finish()
    assert status == 0, seen
    assert_git_is_whole(project)
    assert "MM001" in project.codes()
    assert our_last_line(seen) == NOT_JOINED


def test_the_plan_can_be_looked_at_first(project: Project) -> None:
    command = true_merge(project)
    project.migmerge("install")
    terminal = Terminal(project, *command).wait_for_menu().type(DOWN, DOWN, ENTER)
    terminal.wait_for("down_revision = ('b1', 'c1')").wait_for_menu()
    assert project.status() == ""
    status, _ = terminal.type(ENTER).finish()
    assert status == 0
    assert len(project.heads()) == 1


@pytest.mark.parametrize("situation", [true_merge, rebase, conflicted_merge], ids=lambda situation: situation.__name__)
def test_ctrl_c_while_the_users_own_hook_runs_leaves_the_commit_undone(project: Project, situation: Situation) -> None:
    command = situation(project)
    project.migmerge("install")
    hook(project, "pre-commit", "git diff --cached --name-only | grep -q merge_ || exit 0\necho slow hook >&2\nsleep 20\n")
    terminal = Terminal(project, *command).wait_for_menu().type(ENTER).wait_for("slow hook").type(CTRL_C)
    status, seen = terminal.finish()
    assert status == 0, seen
    assert "MM001" in project.codes()
    left = project.status().splitlines()
    assert all(line.startswith("?? migrations/versions/") for line in left), left
    project.git("clean", "--quiet", "--force")
    assert_git_is_whole(project)


@pytest.mark.parametrize("situation", [true_merge, rebase], ids=lambda situation: situation.__name__)
def test_ctrl_c_before_python_holds_the_terminal_leaves_no_half_done_state(project: Project, situation: Situation) -> None:
    """It kills git too, which cannot be helped; what git was about to end is ended for it."""
    command = situation(project)
    project.migmerge("install")
    look = project.top / ".git/migmerge/hooks/look"
    look.write_text(look.read_text().replace(' hook "$@"', " --version; echo starting >&2; sleep 20"))
    project.write("app.py", "x = 2\n")
    shell = 'trap : INT; "$@"; sleep 1; echo the shell goes on'
    terminal = Terminal(project, "sh", "-c", shell, "sh", *command, "--autostash")
    terminal.wait_for("starting").type(CTRL_C).wait_for("the shell goes on").finish()
    assert_git_is_whole(project)
    project.git("stash", "pop")
    assert project.status() == " M app.py\n"
    assert len(project.heads()) == 2


def test_an_autostash_is_applied_after_the_commit(diverged: Project) -> None:
    diverged.migmerge("install")
    diverged.write("app.py", "x = 2\n")
    status, seen = Terminal(diverged, "git", "merge", "--autostash", "--no-edit", "feature").wait_for_menu().type(ENTER).finish()
    assert status == 0, seen
    assert diverged.status() == " M app.py\n"
    assert len(diverged.heads()) == 1
    assert not diverged.git("stash", "list")


def test_reset_to_orig_head_undoes_merge_and_merge_revision(diverged: Project) -> None:
    before = diverged.git("rev-parse", "HEAD")
    diverged.migmerge("install")
    Terminal(diverged, "git", "merge", "--no-edit", "feature").wait_for_menu().type(ENTER).finish()
    diverged.git("reset", "--quiet", "--hard", "ORIG_HEAD")
    assert diverged.git("rev-parse", "HEAD") == before


def test_what_was_typed_before_the_menu_is_no_answer(diverged: Project) -> None:
    diverged.migmerge("install")
    terminal = Terminal(diverged, "git", "merge", "--no-edit", "feature").type(ENTER, ENTER).wait_for_menu()
    status, _ = terminal.type(DOWN, DOWN, DOWN, ENTER).finish()
    assert status == 0
    assert "MM001" in diverged.codes()


@pytest.mark.parametrize("why", [{"CI": "1"}, {"MIGMERGE": "print"}, {"PRE_COMMIT": "1"}], ids=str)
def test_nobody_is_asked_where_nobody_answers(diverged: Project, why: dict[str, str]) -> None:
    diverged.migmerge("install")
    status, seen = Terminal(diverged, "git", "merge", "--no-edit", "feature", env=why).finish()
    assert status == 0
    assert MENU not in seen
    assert "migmerge fix" in seen


def test_a_pipe_behind_git_is_not_asked_although_there_is_a_terminal(diverged: Project) -> None:
    diverged.migmerge("install")
    status, seen = Terminal(diverged, "sh", "-c", "git merge --no-edit feature 2>&1 | cat").finish()
    assert status == 0
    assert MENU not in seen
    assert "migmerge fix" in seen


def test_fix_asks_in_a_terminal(diverged: Project) -> None:
    diverged.merged()
    status, seen = Terminal(diverged, "migmerge", "fix", PATH=path_with_migmerge()).wait_for_menu().type(ENTER).finish()
    assert status == 0, seen
    assert len(diverged.heads()) == 1


def test_fix_ends_with_130_after_ctrl_c(diverged: Project) -> None:
    diverged.merged()
    status, _ = Terminal(diverged, "migmerge", "fix", PATH=path_with_migmerge()).wait_for_menu().type(CTRL_C).finish()
    assert status == 130
    assert not diverged.status()
    assert "MM001" in diverged.codes()


def path_with_migmerge() -> str:
    import os

    from tests.support.project import MIGMERGE

    return f"{Path(MIGMERGE).parent}{os.pathsep}{os.environ['PATH']}"


def hook(project: Project, name: str, body: str) -> None:
    """Write a hook of the user's own."""
    path = project.top / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_an_old_fault_that_forbids_a_merge_revision_is_told_and_nothing_is_offered(diverged: Project) -> None:
    diverged.write("migrations/versions/broken.py", "revision = (\n")
    diverged.commit("broken")
    diverged.migmerge("install")
    status, seen = Terminal(diverged, "git", "merge", "--no-edit", "feature").finish()
    assert status == 0
    assert MENU not in seen
    assert "MM005 unreadable-script" in seen
    assert diverged.heads() == ["b1", "c1"]


def test_the_repair_of_an_old_fault_comes_first(diverged: Project) -> None:
    diverged.write("migrations/versions/copy.py", (diverged.top / "migrations/versions/b1.py").read_bytes())
    diverged.commit("copy")
    diverged.migmerge("install")
    terminal = Terminal(diverged, "git", "merge", "--no-edit", "feature").wait_for("Change the scripts?").wait_for("not now")
    status, seen = terminal.type("n").finish()
    assert status == 0
    assert MENU not in seen
    assert "MM003 duplicate-revision" in seen
    assert diverged.heads() == ["b1", "c1"]


def test_what_both_sides_do_is_dropped_before_the_heads_are_joined(project: Project) -> None:
    phone = "op.add_column('users', sa.Column('phone', sa.Text()))"
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("c1", "a1", upgrade=phone)
    project.git("switch", "--quiet", "main")
    project.revision("b1", "a1", upgrade=phone)
    project.migmerge("install")
    terminal = Terminal(project, "git", "merge", "--no-edit", "feature").wait_for("Change the scripts?").wait_for("not now")
    terminal.type(ENTER).wait_for("Is it certain").wait_for("yes, none has")
    status, seen = terminal.type("y").finish()
    assert status == 0 and f"| -    {phone}" in plain(seen), seen
    assert "drop what both sides do from" in seen
    assert our_last_line(seen) == "migmerge fix"
    assert_git_is_whole(project)
    assert project.heads() == ["b1", "c1"] and "MM007" not in project.codes()


@pytest.mark.parametrize("situation", [true_merge, rebase], ids=lambda situation: situation.__name__)
def test_a_terminal_that_is_closed_at_the_menu_leaves_no_half_done_state(project: Project, situation: Situation) -> None:
    command = situation(project)
    project.migmerge("install")
    project.write("app.py", "x = 2\n")
    terminal = Terminal(project, "bash", "--norc", "-i", PS1="$ ")
    terminal.type(" ".join([*command, "--autostash"]), ENTER).wait_for_menu()
    terminal.child.close(force=False)
    states = [project.top / ".git" / name for name in ("MERGE_HEAD", "MERGE_AUTOSTASH", "rebase-merge")]
    for _ in range(100):
        if not any(state.exists() for state in states):
            break
        time.sleep(0.1)
    assert_git_is_whole(project)
    project.git("stash", "pop")
    assert project.status() == " M app.py\n"


def test_a_terminal_that_obeys_no_escape_sequence_is_not_asked(diverged: Project) -> None:
    diverged.migmerge("install")
    _, seen = Terminal(diverged, "git", "merge", "--no-edit", "feature", TERM="dumb").finish()
    assert MENU not in seen
    assert "hint: migmerge fix" in seen


SCREEN = """\
migmerge: a colleague's migration forks the history; `flask db upgrade` fails
  ◉    b1  add email   yours, not pushed
  │ ◉  c1  add orders  bea, feature
  ○─╯  a1  add a1
? Join them? (arrows, Enter, ? explains)
 » merge revision, committed          safe, changes neither (recommended)
   put yours after theirs, committed  only if no database has run yours
   show the changes
   not now                            later: migmerge fix
"""


def test_the_whole_screen_in_eighty_columns(diverged: Project) -> None:
    diverged.migmerge("install")
    shell = "stty cols 80; exec git merge --quiet --no-edit feature"
    terminal = Terminal(diverged, "sh", "-c", shell, PYTHONIOENCODING="utf-8").wait_for_menu().wait_for("later: migmerge fix")
    shown = plain(terminal.seen)
    _, seen = terminal.type("n").finish()
    assert shown == SCREEN.rstrip("\n")
    assert our_last_line(seen) == NOT_JOINED


def test_the_question_mark_says_what_each_cure_does(diverged: Project) -> None:
    diverged.migmerge("install")
    terminal = Terminal(diverged, "git", "merge", "--no-edit", "feature").wait_for_menu().type("?")
    terminal.wait_for("a merge revision joins b1 and c1 and changes neither").wait_for("re-parenting puts b1 after c1")
    status, _ = terminal.wait_for_menu().type("n").finish()
    assert status == 0
    assert "MM001" in diverged.codes()
