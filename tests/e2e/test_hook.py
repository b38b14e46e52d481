"""Every way in which a branch comes in, with real git: what the hooks say, and when they are silent."""

from __future__ import annotations

import shutil

import pytest

from tests.support.project import Project

ARRIVED = """\
migmerge: 1 revision arrived from feature (bea, 3 days ago)
  + c1  add orders
"""
DIVERGED = """\
error MM001 divergent-heads migrations
  2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)
  hint: migmerge fix
"""
ONCE_MENDED = """\
once that is fixed, bring your database up to date:
  flask db upgrade
"""
UP_TO_DATE = """\
to bring your database up to date:
  flask db upgrade
"""


@pytest.fixture
def hooked(diverged: Project) -> Project:
    diverged.migmerge("install")
    return diverged


def ours(said: str) -> str:
    """Leave out what git itself says on the same stream."""
    git_says = (
        "Switched to",
        "Auto-merging",
        "Rebasing",
        "Successfully",
        "Current branch",
        "Note:",
        "Updating",
        "From ",
        "HEAD is",
        "Previous",
    )
    return "".join(
        line
        for line in said.replace("\r", "\n").replace("\x1b[K", "").splitlines(keepends=True)
        if line.strip() and not line.startswith(git_says)
    )


def test_a_true_merge_tells_what_arrived_and_that_heads_diverge(hooked: Project) -> None:
    assert hooked.hooked("merge", "--no-edit", "feature") == ARRIVED + DIVERGED + ONCE_MENDED
    assert len(hooked.parents()) == 2


def test_a_fast_forward_reminds(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    project.user = "bea"
    project.revision("c1", "a1", message="add orders")
    project.git("switch", "--quiet", "main")
    project.migmerge("install")
    assert project.hooked("merge", "feature") == ARRIVED + UP_TO_DATE


def test_a_pull_names_the_remote_branch(project: Project) -> None:
    mine = project.clone("mine", "bea")
    mine.migmerge("install")
    project.revision("b1", "a1", message="add email")
    assert ours(mine.hooked("pull")).splitlines()[-4:] == [
        "migmerge: 1 revision arrived from origin/main (ann, 3 days ago)",
        "  + b1  add email",
        *UP_TO_DATE.splitlines(),
    ]


def test_an_unrelated_merge_is_silent(hooked: Project) -> None:
    hooked.git("switch", "--quiet", "--create", "docs")
    hooked.write("README", "x")
    hooked.commit("docs")
    hooked.git("switch", "--quiet", "main")
    assert hooked.hooked("merge", "--no-ff", "--no-edit", "docs") == ""


def test_a_conflicted_merge_is_told_of_when_it_is_committed(hooked: Project) -> None:
    for branch in ("feature", "main"):
        hooked.git("switch", "--quiet", branch)
        hooked.write("app.py", f"x = {branch!r}\n")
        hooked.commit(branch)
    assert hooked.run_git("merge", "feature").returncode == 1
    hooked.write("app.py", "x = 'both'\n")
    hooked.git("add", "app.py")
    assert hooked.hooked("commit", "--quiet", "--no-edit") == ARRIVED + DIVERGED + ONCE_MENDED


def test_a_squash_is_told_of_and_never_committed(hooked: Project) -> None:
    said = ours(hooked.hooked("merge", "--squash", "feature"))
    assert "1 revision arrived squashed into the index and not committed yet" in said
    assert "MM001" in said
    assert (hooked.top / ".git/SQUASH_MSG").exists()
    assert "MM001" in hooked.hooked("commit", "--quiet", "--no-edit")


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_tells_once_at_its_end(hooked: Project, backend: str) -> None:
    hooked.git("switch", "--quiet", "feature", MIGMERGE="0")
    said = ours(hooked.hooked("rebase", backend, "main"))
    assert "gone" not in said
    assert said.count("migmerge: 1 revision arrived with the rebase (ann, 3 days ago)\n  + b1  add email  (ann, main)\n") == 1
    assert said.count("MM001") == 1
    assert said.endswith(ONCE_MENDED)


def test_a_rebase_with_nothing_to_rewrite_tells_too(project: Project) -> None:
    if project.git("version").split()[2] < "2.39":
        pytest.skip("git 2.30 calls no hook for it, 2.39 does")
    project.git("branch", "behind")
    project.revision("b1", "a1", message="add email")
    project.git("switch", "--quiet", "behind")
    project.migmerge("install")
    said = ours(project.hooked("rebase", "main"))
    assert "+ b1  add email" in said
    assert said.endswith(UP_TO_DATE)


def test_an_interactive_rebase_with_a_squash_tells_once(hooked: Project) -> None:
    hooked.git("switch", "--quiet", "feature", MIGMERGE="0")
    for text in ("y = 1\n", "y = 2\n"):
        hooked.write("app.py", text)
        hooked.commit(text)
    editor = "sed -i.bak -e '3s/^pick/fixup/'"
    said = hooked.hooked("rebase", "--interactive", "main", GIT_SEQUENCE_EDITOR=editor)
    assert said.count("MM001") == 1


def test_a_checkout_tells_what_is_new_and_what_is_gone(hooked: Project) -> None:
    assert ours(hooked.hooked("checkout", "feature")) == (
        "migmerge: 1 revision arrived and 1 revision is gone on feature (bea, 3 days ago)\n"
        "  + c1  add orders\n"
        "  - b1  add email  (ann, main)\n"
        'a database that has run it fails with "Can\'t locate revision"; to take it back:\n'
        "  migmerge sync\n" + UP_TO_DATE
    )


@pytest.mark.parametrize(
    "command",
    [
        ("checkout", "-b", "topic"),
        ("checkout", "--", "app.py"),
        ("checkout", "HEAD~1", "--", "migrations"),
        ("checkout", "--detach"),
    ],
    ids=" ".join,
)
def test_a_checkout_that_goes_nowhere_is_silent(hooked: Project, command: tuple[str, ...]) -> None:
    assert "migmerge" not in hooked.hooked(*command)


def test_a_new_worktree_is_silent(hooked: Project) -> None:
    said = hooked.hooked("worktree", "add", "-b", "linked", str(hooked.top.parent / "linked"), "feature")
    assert "migmerge" not in said


def test_a_bisect_is_silent(hooked: Project) -> None:
    hooked.git("bisect", "start", "main", "main~2")
    assert "migmerge" not in hooked.hooked("bisect", "good", MIGMERGE_DEBUG="1")
    assert "migmerge" not in hooked.hooked("bisect", "reset")


@pytest.mark.parametrize("command", ["cherry-pick", "revert"])
def test_picking_a_migration_commits_nothing_of_ours(hooked: Project, command: str) -> None:
    what = "feature" if command == "cherry-pick" else "HEAD"
    before = int(hooked.git("rev-list", "--count", "HEAD"))
    assert hooked.run_git(command, "--no-edit" if command == "revert" else "--no-commit", what).returncode == 0
    if command == "cherry-pick":
        assert "MM001" in hooked.hooked("commit", "--quiet", "-m", "picked")
    assert int(hooked.git("rev-list", "--count", "HEAD")) == before + 1


def test_a_stash_and_a_reset_are_silent(hooked: Project) -> None:
    hooked.write("app.py", "x = 2\n")
    assert hooked.hooked("stash") == ""
    assert "migmerge" not in hooked.hooked("stash", "pop")
    assert hooked.hooked("reset", "--hard", "--quiet", "HEAD~1") == ""


def test_an_own_commit_that_diverges_is_told_of(project: Project) -> None:
    project.migmerge("install")
    project.revision("b1", "a1", message="add email")
    project.script("c1", "a1", message="add orders")
    project.git("add", "--all")
    said = project.hooked("commit", "--quiet", "-m", "add c1")
    assert said.startswith("error MM001 divergent-heads migrations\n")
    assert said.endswith(ONCE_MENDED)


def test_an_own_commit_that_does_not_diverge_is_silent(project: Project) -> None:
    project.migmerge("install")
    project.script("b1", "a1")
    project.git("add", "--all")
    assert project.hooked("commit", "--quiet", "-m", "add b1") == ""


def test_an_environment_that_arrives_after_the_installation_is_noticed(project: Project) -> None:
    project.migmerge("install")
    project.git("switch", "--quiet", "--create", "second")
    ini = "[alembic]\nscript_location = %(here)s/db\nversion_locations = %(here)s/scripts\n"
    for path, text in {"other/alembic.ini": ini, "other/db/env.py": "", "other/db/script.py.mako": ""}.items():
        project.write(path, text)
    project.script("z0", None, folder="other/scripts")
    project.commit("second environment")
    project.git("switch", "--quiet", "main")
    said = project.hooked("merge", "--no-ff", "--no-edit", "second")
    assert "migmerge: 1 revision arrived in other/db from second (ann, 3 days ago)\n  + z0  add z0" in said
    assert said.endswith("(cd other && alembic upgrade head)\n")
    project.git("switch", "--quiet", "--create", "third")
    project.script("z1", "z0", folder="other/scripts")
    project.commit("z1")
    project.git("switch", "--quiet", "main")
    assert "+ z1  add z1" in project.hooked("merge", "third")


@pytest.mark.parametrize(("name", "value", "last"), [("upgrade-command", "make db", "make db"), ("hooks", "off", "")])
def test_the_configuration_has_its_say(hooked: Project, name: str, value: str, last: str) -> None:
    hooked.git("config", f"migmerge.{name}", value)
    assert hooked.hooked("merge", "--no-edit", "feature").rstrip().endswith(last)


def test_a_wrong_configuration_is_told_and_does_not_stop_git(hooked: Project) -> None:
    hooked.git("config", "migmerge.stratgy", "merge")
    said = hooked.hooked("merge", "--no-edit", "feature")
    assert said == "error: migmerge post-merge: git config: unknown key 'stratgy'\nhint: did you mean strategy?\n"


def test_the_hooks_are_silent_when_switched_off(hooked: Project) -> None:
    assert hooked.hooked("merge", "--no-edit", "feature", MIGMERGE="0") == ""


def test_a_checkout_succeeds_although_migmerge_is_gone(hooked: Project) -> None:
    look = hooked.top / ".git/migmerge/hooks/look"
    look.write_text(look.read_text().replace("/bin/migmerge", "/bin/gone"))
    done = hooked.run_git("checkout", "feature", PATH="/usr/bin:/bin", VIRTUAL_ENV="")
    assert done.returncode == 0
    assert ours(done.stderr).startswith("migmerge: the hooks are dead in this clone")


def test_a_checkout_succeeds_although_the_hooks_folder_is_gone(hooked: Project) -> None:
    shutil.rmtree(hooked.top / ".git/migmerge")
    assert "migmerge" not in hooked.hooked("checkout", "feature")


def test_the_hooks_still_work_in_a_repository_that_was_moved(hooked: Project) -> None:
    there = hooked.top.parent / "moved elsewhere"
    hooked.top.rename(there)
    hooked.top = there
    assert "MM001" in hooked.hooked("merge", "--no-edit", "feature")


def test_a_linked_worktree_has_the_hooks_too(hooked: Project) -> None:
    linked = hooked.top.parent / "linked"
    hooked.git("worktree", "add", "--quiet", "-b", "linked", str(linked))
    there = Project(linked)
    assert there.hooked("merge", "--no-edit", "feature", cwd=linked / "migrations").startswith(ARRIVED)
    there.fix()
    assert len(there.heads()) == 1
    assert hooked.heads() == ["b1"]


def test_a_submodule_has_its_own_hooks(diverged: Project) -> None:
    outer = Project.empty(diverged.top.parent / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(diverged.top), "inner")
    outer.commit("submodule")
    inner = Project(outer.top / "inner")
    inner.git("config", "user.name", "ann")
    inner.git("config", "user.email", "ann@example.invalid")
    inner.migmerge("install")
    assert "MM001" in inner.hooked("merge", "--no-edit", "origin/feature")
    inner.fix()
    assert len(inner.heads()) == 1


def test_nothing_of_a_branch_is_executed(hooked: Project) -> None:
    bomb = hooked.top.parent / "bomb"
    body = f"open({str(bomb)!r}, 'w').write('x')\n"
    hooked.git("switch", "--quiet", "feature", MIGMERGE="0")
    hooked.script("c2", "c1", header=body)
    for name in (
        "migrations/env.py",
        "conftest.py",
        "sitecustomize.py",
        "usercustomize.py",
        "alembic.py",
        "git.py",
        "argparse.py",
        "rich.py",
    ):
        hooked.write(name, body)
    hooked.write("migrations/script.py.mako", f"<%! {body.strip()} %>")
    hooked.commit("bomb")
    hooked.git("switch", "--quiet", "main", MIGMERGE="0")
    assert "MM001" in hooked.hooked("merge", "--no-edit", "feature", PYTHONPATH=".")
    assert hooked.migmerge("check", "--format", "json").returncode == 1
    assert hooked.migmerge("fix", "--dry-run").returncode == 0
    assert not bomb.exists()


@pytest.mark.parametrize(
    "arguments", [(), ("post-merge",), ("post-checkout", "x"), ("unknown", "--yes"), ("--bad",), ("post-rewrite", "\udcff")]
)
def test_a_hook_call_always_ends_with_0(project: Project, arguments: tuple[str, ...]) -> None:
    done = project.migmerge("hook", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert project.migmerge("hook", *arguments, cwd=project.top.parent).returncode == 0


def test_a_script_that_python_cannot_load_is_told_of_wherever_it_arrives(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    path = project.script("c1", "a1", upgrade="print 'Python 2'")
    project.commit("c1")
    project.revision("c2", "c1")
    project.git("switch", "--quiet", "main")
    project.migmerge("install")
    said = project.hooked("merge", "feature")
    assert f"error MM005 unreadable-script migrations\n  {path}: syntax error on line 19; Alembic cannot load it\n" in said
    assert "c2" in said


def test_a_squash_names_the_commands_in_their_order(hooked: Project) -> None:
    assert "hint: git commit && migmerge fix\n" in hooked.hooked("merge", "--squash", "feature")


def test_a_fast_forward_to_a_merge_commit_names_the_branch_it_came_from(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "integration")
    project.git("switch", "--quiet", "--create", "other")
    project.revision("c1", "a1")
    project.git("switch", "--quiet", "integration")
    project.git("merge", "--quiet", "--no-ff", "--no-edit", "other")
    project.git("switch", "--quiet", "main")
    project.migmerge("install")
    assert project.hooked("merge", "integration").startswith("migmerge: 1 revision arrived from integration (ann, 3 days ago)\n")


def test_amending_a_merge_commit_is_no_arrival(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("c1", "a1")
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    project.migmerge("install")
    assert project.hooked("commit", "--quiet", "--amend", "-m", "another message") == ""


def test_of_many_findings_the_first_are_told_and_the_rest_is_counted(hooked: Project) -> None:
    hooked.git("switch", "--quiet", "feature")
    for number in range(50):
        hooked.write(f"migrations/versions/x{number:02}.py", "revision = (\n")
    hooked.commit("break")
    hooked.git("switch", "--quiet", "main")
    said = ours(hooked.hooked("merge", "--no-edit", "feature"))
    assert said.count("error MM") == 6
    assert "and more: 45 errors\n  hint: migmerge check\n" in said
