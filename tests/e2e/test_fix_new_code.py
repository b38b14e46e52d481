"""Code of the project that came with the merge: it is named, and runs only after a yes of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import ENV_PY, TEMPLATE, Project
from tests.support.terminal import ENTER, Terminal

pytestmark = pytest.mark.usefixtures("strict_resources")

NEW = "new with this merge"
HINT = "migmerge fix --yes --run-new-hooks"
STAMP = '#!/bin/sh\necho "# stamped" >>"$1"\n'
HOOK = "[post_write_hooks]\nhooks = stamp\nstamp.type = exec\nstamp.executable = tools/stamp.sh\nstamp.options = REVISION_SCRIPT_FILENAME\n"
CODE = f"<% mark = '# marked' %>\n{TEMPLATE}"


def template(project: Project) -> None:
    project.write("migrations/script.py.mako", CODE)


def script(project: Project, text: str = STAMP) -> None:
    project.write("tools/stamp.sh", text).chmod(0o755)


def hook(project: Project) -> None:
    script(project)
    project.write("migrations/alembic.ini", f"[alembic]\n{HOOK}")


def toml(project: Project) -> None:
    script(project)
    (project.top / "migrations/alembic.ini").unlink()
    project.write(
        "pyproject.toml",
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\n[[tool.alembic.post_write_hooks]]\nname = "stamp"\ntype = "exec"\n'
        'executable = "tools/stamp.sh"\noptions = "REVISION_SCRIPT_FILENAME"\n',
    )


def env_py(project: Project) -> None:
    """Let env.py give something to the template."""
    project.write("migrations/script.py.mako", f"# ${{owner}}\n{TEMPLATE}")
    project.write("migrations/alembic.ini", "[alembic]\nrevision_environment = true\n")
    project.write("migrations/env.py", ENV_PY)


def by(project: Project, user: str, branch: str, change: Callable[[Project], object]) -> None:
    """Commit a change on a branch as somebody; stand on main afterwards."""
    project.git("switch", "--quiet", branch)
    project.user, before = user, project.user
    change(project)
    project.commit(f"by {user}")
    project.user = before
    project.git("switch", "--quiet", "main")


def before_fork(project: Project, change: Callable[[Project], object]) -> Project:
    """Return the project once bea has committed a change that both sides have, and the sides diverge."""
    by(project, "bea", "main", change)
    project.diverge()
    return project


def assert_refused(project: Project, *paths: str) -> None:
    """Let `fix --yes` refuse, name what is new and change nothing; with the word that covers it the heads are joined."""
    before = project.git("rev-parse", "HEAD"), project.status()
    done = project.migmerge("fix", "--yes", "--no-db")
    assert done.returncode == 1, done.stdout + done.stderr
    named = [line.strip() for line in done.stdout.splitlines() if NEW in line and line.startswith("    ")]
    assert [line.partition(": ")[2] for line in named] == [", ".join(paths)]
    assert f"hint: {HINT}" in done.stdout
    assert (project.git("rev-parse", "HEAD"), project.status()) == before
    assert len(project.heads()) == 2


def assert_joined(project: Project, *more: str) -> str:
    done = project.migmerge("fix", "--yes", *more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(project.heads()) == 1
    return done.stdout


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        pytest.param(template, ["migrations/script.py.mako"], id="template"),
        pytest.param(hook, ["migrations/alembic.ini", "tools/stamp.sh"], id="hook in an ini"),
        pytest.param(toml, ["pyproject.toml", "tools/stamp.sh"], id="hook in a toml"),
    ],
)
def test_what_the_merged_branch_brings_is_new(diverged: Project, change: Callable[[Project], None], paths: list[str]) -> None:
    by(diverged, "bea", "feature", change)
    diverged.merged()
    assert_refused(diverged, *paths)
    said = assert_joined(diverged, "--run-new-hooks")
    assert NEW in said


def test_env_py_of_the_merged_branch_is_new(diverged: Project) -> None:
    by(diverged, "bea", "feature", env_py)
    diverged.merged()
    done = diverged.migmerge("fix", "--yes")
    assert done.returncode == 1
    # env.py is what it was: that it runs is new.
    assert f"{NEW}: migrations/alembic.ini\n" in done.stdout
    assert HINT in done.stdout
    assert "a yes of its own" not in diverged.migmerge("fix", "--yes", "--run-new-hooks").stdout


def test_a_script_that_the_merged_branch_edits_is_new(project: Project) -> None:
    before_fork(project, hook)
    by(project, "bea", "feature", lambda there: script(there, STAMP + "true\n"))
    project.merged()
    assert_refused(project, "tools/stamp.sh")


def true_merge(project: Project) -> None:
    project.merged()


def conflicted_merge(project: Project) -> None:
    by(project, "bea", "feature", lambda there: there.write("app.py", "x = 2\n"))
    by(project, "ann", "main", lambda there: there.write("app.py", "x = 3\n"))
    assert project.run_git("merge", "feature").returncode == 1
    project.write("app.py", "x = 4\n")
    project.commit("both")


def rebase(project: Project) -> None:
    project.git("rebase", "--quiet", "feature")


def own_work_follows(project: Project) -> None:
    project.merged()
    project.write("app.py", "x = 5\n")
    project.commit("more")
    project.revision("b2", "b1")


def fast_forward(project: Project) -> None:
    """Bea has merged: both heads come with her branch."""
    project.git("switch", "--quiet", "feature")
    project.git("merge", "--quiet", "--no-edit", "main")
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--ff-only", "feature")


def amended_since(project: Project) -> None:
    """The user edits the configuration that the merge has brought: the hook in it is still not the user's."""
    project.merged()
    project.write("migrations/alembic.ini", f"[alembic]\ntimezone = UTC\n{HOOK}")
    project.commit("a zone")


def squashed(project: Project) -> None:
    """The commit is the user's own, and what is in it is not."""
    project.git("merge", "--quiet", "--squash", "feature")
    project.commit("all of feature")


def taken_over(project: Project) -> None:
    project.git("merge", "--quiet", "--no-edit", "feature~1")
    project.git("checkout", "--quiet", "feature", "--", "tools", "migrations/alembic.ini")
    project.commit("the hook of bea")


def amended_as_own(project: Project) -> None:
    project.git("merge", "--quiet", "--no-edit", "feature~1")
    project.git("cherry-pick", "feature")
    project.git("commit", "--quiet", "--amend", "--reset-author", "--message", "mine")
    project.git("branch", "--quiet", "--delete", "--force", "feature")


@pytest.mark.parametrize(
    "way",
    [
        *(true_merge, conflicted_merge, rebase, own_work_follows, fast_forward, amended_since),
        *(squashed, taken_over, amended_as_own),
    ],
)
def test_it_is_new_however_it_came(diverged: Project, way: Callable[[Project], None]) -> None:
    by(diverged, "bea", "feature", hook)
    way(diverged)
    done = diverged.migmerge("fix", "--yes", "--strategy", "merge")
    assert done.returncode == 1, done.stdout
    assert f"          {NEW}: migrations/alembic.ini, tools/stamp.sh\n" in done.stdout
    assert "          as tools/stamp.sh REVISION_SCRIPT_FILENAME\n" in done.stdout


def test_a_name_that_somebody_forged_proves_nothing(diverged: Project) -> None:
    fork = diverged.clone("fork", "ann")
    fork.git("switch", "--quiet", "--create", "feature", "origin/feature")
    hook(fork)
    fork.commit("by the name of ann")
    diverged.git("pull", "--quiet", "--no-edit", "--no-rebase", str(fork.top), "feature")
    assert_refused(diverged, "migrations/alembic.ini", "tools/stamp.sh")


@pytest.mark.parametrize("change", [template, hook, toml])
def test_what_both_sides_had_is_not_new(project: Project, change: Callable[[Project], None]) -> None:
    before_fork(project, change).merged()
    assert NEW not in assert_joined(project)


@pytest.mark.parametrize("when", ["before the merge", "after the merge", "not committed"])
def test_what_the_user_wrote_is_not_new(diverged: Project, when: str) -> None:
    if when == "before the merge":
        by(diverged, "ann", "main", hook)
        diverged.merged()
    else:
        diverged.merged()
        hook(diverged)
        if when == "after the merge":
            diverged.commit("hook")
    assert NEW not in assert_joined(diverged)


def test_other_lines_of_a_pyproject_are_no_code(project: Project) -> None:
    before_fork(project, toml)
    text = (project.top / "pyproject.toml").read_text()
    by(project, "bea", "feature", lambda there: there.write("pyproject.toml", f'[project]\nname = "shop"\n{text}'))
    project.merged()
    assert NEW not in assert_joined(project)


def test_in_a_new_clone_nobody_can_tell(diverged: Project) -> None:
    by(diverged, "bea", "feature", hook)
    diverged.merged()
    clone = diverged.clone("clone", "zoe")
    assert (
        "          perhaps new with this merge: migrations/alembic.ini, tools/stamp.sh\n" in clone.migmerge("fix", "--yes").stdout
    )
    assert len(clone.heads()) == 2
    assert_joined(clone, "--run-new-hooks")


def test_a_branch_of_somebody_else_is_not_the_users_side(diverged: Project) -> None:
    """The user looks at a fork's branch and merges main into it."""
    by(diverged, "bea", "feature", hook)
    mine = diverged.clone("mine", "zoe")
    mine.git("switch", "--quiet", "--create", "review", "origin/feature")
    mine.git("merge", "--quiet", "--no-edit", "origin/main")
    assert_refused(mine, "migrations/alembic.ini", "tools/stamp.sh")


def test_a_dry_run_says_what_is_new_and_runs_nothing(diverged: Project) -> None:
    canary = diverged.top.parent / "ran"
    by(diverged, "bea", "feature", hook)
    by(diverged, "bea", "feature", lambda there: script(there, f"#!/bin/sh\ntouch {canary}\n"))
    diverged.merged()
    done = diverged.migmerge("fix", "--dry-run")
    assert (done.returncode, canary.exists()) == (0, False)
    assert f"          {NEW}: migrations/alembic.ini, tools/stamp.sh\n" in done.stdout
    assert diverged.migmerge("fix", "--yes", "--quiet").returncode == 1
    assert not canary.exists()


QUESTION = "Run what is new with this merge?"


@pytest.fixture
def brought(diverged: Project) -> Project:
    by(diverged, "bea", "feature", hook)
    return diverged


def text_of_head(project: Project) -> str:
    (path,) = project.git("show", "--format=", "--name-only").splitlines()
    return (project.top / path).read_text()


def test_the_question_is_no_by_default_and_the_menu_comes_back(brought: Project) -> None:
    brought.merged()
    before = brought.git("rev-parse", "HEAD")
    terminal = Terminal(brought, brought.program, "fix", "--no-db", CI="").wait_for_menu()
    terminal.type(ENTER).wait_for(QUESTION).wait_for("yes, run it").type(ENTER)
    terminal.wait_for("not run, so nothing is changed").wait_for_menu().type("n")
    status, seen = terminal.finish()
    assert status == 1
    assert (brought.git("rev-parse", "HEAD"), brought.status()) == (before, "")
    assert seen.count(NEW) >= 2, "before the menu, and before the question"


def test_a_yes_of_its_own_runs_it(brought: Project) -> None:
    brought.merged()
    terminal = Terminal(brought, brought.program, "fix", "--no-db", "--color", "always", CI="").wait_for_menu()
    terminal.type(ENTER).wait_for(QUESTION).wait_for("yes, run it").type("y")
    status, _ = terminal.finish()
    assert status == 0
    assert f"\x1b[1;31m{NEW}\x1b[0m" in terminal.seen
    assert text_of_head(brought).endswith("# stamped\n")


def test_the_word_for_it_spares_the_question(brought: Project) -> None:
    brought.merged()
    terminal = Terminal(brought, brought.program, "fix", "--no-db", "--run-new-hooks", CI="").wait_for_menu()
    status, seen = terminal.type(ENTER).finish()
    assert (status, QUESTION in seen) == (0, False)
    assert text_of_head(brought).endswith("# stamped\n")


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_the_menu_of_the_hook_asks_too(brought: Project, answer: str) -> None:
    brought.migmerge("install")
    terminal = Terminal(brought, "git", "merge", "--no-edit", "feature", CI="").wait_for_menu()
    terminal.type(ENTER).wait_for(QUESTION).wait_for("yes, run it")
    if answer == "yes":
        status, _ = terminal.type("y").finish()
        assert text_of_head(brought).endswith("# stamped\n")
    else:
        status, seen = terminal.type("n").wait_for_menu().type("n").finish()
        assert "not joined; `flask db upgrade` fails until you run: migmerge fix" in seen
        assert len(brought.heads()) == 2
    assert status == 0
    assert brought.status() == ""


def test_what_changes_after_it_was_shown_does_not_run(brought: Project) -> None:
    canary = brought.top.parent / "ran"
    brought.merged()
    terminal = Terminal(brought, brought.program, "fix", "--no-db", CI="").wait_for_menu()
    terminal.type(ENTER).wait_for(QUESTION).wait_for("yes, run it")
    script(brought, f"#!/bin/sh\ntouch {canary}\n")
    status, seen = terminal.type("y").finish()
    assert (status, canary.exists()) == (1, False)
    assert "has changed meanwhile" in seen


def test_a_link_in_the_place_of_a_script_is_new(project: Project, tmp_path: Path) -> None:
    """The link is what the branch brings, wherever it leads."""
    (tmp_path / "outside.sh").write_text(STAMP)

    def link(there: Project) -> None:
        (there.top / "tools/stamp.sh").unlink()
        (there.top / "tools/stamp.sh").symlink_to(tmp_path / "outside.sh")

    before_fork(project, hook)
    by(project, "bea", "feature", link)
    project.merged()
    assert_refused(project, "tools/stamp.sh")
