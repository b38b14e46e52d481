"""MM008, what became here of published scripts; and who published what, held against git's own slow answers."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from migmerge.repository.history import published_of
from migmerge.repository.refs import branches_containing, branches_of, start_branches
from migmerge.repository.repository import Repository, open_repository
from tests.support.project import Project, script_text

A0, A1, B1, C1 = (f"migrations/versions/{name}.py" for name in ("a0", "a1", "b1", "c1"))
EDIT = "op.execute('x')"


def remote(project: Project) -> Path:
    return project.top.parent / "origin.git"


@pytest.fixture
def published(project: Project) -> Project:
    """Return a project on main with a0, a1 and b1, all of it pushed to origin, whose HEAD is not known here."""
    project.revision("b1", "a1", message="add email")
    project.git("init", "--quiet", "--bare", "--initial-branch=main", str(remote(project)))
    project.git("remote", "add", "origin", str(remote(project)))
    project.git("push", "--quiet", "origin", "main")
    return project


def changes(project: Project, *arguments: str) -> list[dict[str, Any]]:
    return [each for each in project.check(*arguments)["findings"] if each["code"] == "MM008"]


def change(project: Project, *arguments: str) -> dict[str, Any]:
    """Return the one change of a published script, which is a warning."""
    (found,) = changes(project, *arguments)
    assert (found["name"], found["severity"]) == ("published-revision-changed", "warning")
    return found


def edit(project: Project, path: str, old: str, new: str) -> None:
    """Replace something in a script and commit."""
    text = (project.top / path).read_text()
    assert old in text
    project.write(path, text.replace(old, new))
    project.commit(f"edit {path}")


def colleague(project: Project) -> Project:
    """Return another developer's clone of origin."""
    there = Project(project.top.parent / "bea", "bea")
    project.git("clone", "--quiet", str(remote(project)), str(there.top))
    there.git("config", "user.name", "bea")
    there.git("config", "user.email", "bea@example.invalid")
    return there


def cure(project: Project) -> None:
    """Do what the hint says and commit it."""
    subprocess.run(change(project)["hint"], shell=True, cwd=project.top, check=True)
    project.commit("as the hint says")


def test_text_of_an_edited_script(published: Project) -> None:
    published.script("a1", "a0", upgrade=EDIT)
    published.commit("edit")
    done = published.migmerge("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "migrations  3 revisions, 1 head\n"
        "  b1  add email  migrations/versions/b1.py\n"
        "warning MM008 published-revision-changed migrations\n"
        '  a1 "add a1" (ann, origin/main) is on origin/main and is edited here: '
        "a database that has run it does not run it again; 1 revision follows it: b1\n"
        "  hint: git checkout origin/main -- migrations/versions/a1.py\n"
        "1 warning\n"
    )


def test_json_of_a_deleted_script(published: Project) -> None:
    published.git("rm", "--quiet", B1)
    published.commit("delete")
    assert published.check()["findings"] == [
        {
            "code": "MM008",
            "name": "published-revision-changed",
            "severity": "warning",
            "environment": "migrations",
            "message": 'b1 "add email" is on origin/main and is deleted here: '
            'a database that has run it fails with "Can\'t locate revision"; nothing follows it',
            "hint": f"git checkout origin/main -- {B1}",
            "revisions": ["b1"],
            "branch_point": None,
            "paths": [B1],
            "lines": [],
            "symptom": None,
        }
    ]


def test_a_re_parented_script_says_from_where_to_where(published: Project) -> None:
    published.script("b1", "a0", message="add email")
    published.commit("re-parent")
    said = change(published)["message"]
    assert "is on origin/main and is re-parented here, from a1 to a0: a database that has run it skips what now" in said
    edit(published, B1, "down_revision = 'a0'", "down_revision = None")
    assert "re-parented here, from a1 to nothing:" in change(published)["message"]
    edit(published, B1, "down_revision = None", "down_revision = ('a0', 'a1')")
    assert "re-parented here, from a1 to a0 and a1:" in change(published)["message"]


def test_a_renamed_script_says_what_it_was_called(published: Project) -> None:
    published.git("mv", B1, "migrations/versions/email.py")
    published.commit("rename")
    found = change(published)
    assert (f"is renamed here, from {B1} to migrations/versions/email.py: git and reviewers lose its history; its id is the same; "
            "nothing follows it") in found["message"]  # fmt: skip
    assert found["paths"] == ["migrations/versions/email.py", B1]


def test_what_changes_more_than_the_name_is_told_as_that(published: Project) -> None:
    published.git("mv", B1, "migrations/versions/email.py")
    published.script("email", "a1")
    published.write("migrations/versions/email.py", script_text("b1", "a1", message="add email", upgrade=EDIT))
    published.commit("rename and edit")
    assert "is edited here" in change(published)["message"]
    published.write("migrations/versions/email.py", script_text("b1", "a0", message="add email", upgrade=EDIT))
    published.commit("rename, edit and re-parent")
    assert "is re-parented here, from a1 to a0" in change(published)["message"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    pass\n", "    # nothing to do\n    pass\n"),
        ("import sqlalchemy as sa\n", "\n\nimport sqlalchemy as sa  # noqa\n\n"),
        ("revision = 'b1'", 'revision  =  "b1"'),
        ("add email", "add e-mail to users"),
        ('"""add email', '"""add email\n\nWhy: they asked.'),
        ("down_revision = 'a1'", "down_revision = (\n    'a1'\n)"),
        ("\n", "\r\n"),
    ],
    ids=["comment", "layout", "quotes", "message", "docstring", "parentheses", "line ends"],
)
def test_what_python_would_not_notice_is_no_change(published: Project, old: str, new: str) -> None:
    edit(published, B1, old, new)
    assert published.codes() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("down_revision = 'a1'", "down_revision = ('a1',)"),
        ("    pass\n", "    'x'\n"),
        ("def downgrade():\n    pass", "def downgrade():\n    raise NotImplementedError"),
        ("import sqlalchemy as sa\n", ""),
    ],
    ids=["tuple", "upgrade", "downgrade", "import"],
)
def test_what_python_would_notice_is_an_edit(published: Project, old: str, new: str) -> None:
    edit(published, B1, old, new)
    assert "is edited here" in change(published)["message"]


def test_a_script_that_does_not_parse_is_compared_byte_by_byte(published: Project) -> None:
    broken = script_text("b1", "a1", message="add email").replace("pass", "print 'x'")
    published.write(B1, broken)
    published.commit("Python 2")
    published.git("push", "--quiet", "origin", "main")
    assert published.codes() == ["MM005"]
    edit(published, B1, "print 'x'", "print 'x'  # a comment")
    assert "is edited here" in change(published)["message"]


def test_a_script_that_cannot_be_read_here_is_not_called_deleted(published: Project) -> None:
    edit(published, B1, "down_revision = 'a1'", "down_revision = parent()")
    assert "MM005" in published.codes()
    assert all("deleted" not in each["message"] for each in changes(published))


def test_a_new_label_is_no_re_parenting(published: Project) -> None:
    edit(published, B1, "branch_labels = None", "branch_labels = ('billing',)")
    assert all("re-parented" not in each["message"] for each in changes(published))


def test_another_id_in_the_same_file_takes_the_old_one_away(published: Project) -> None:
    edit(published, B1, "revision = 'b1'", "revision = 'z1'")
    assert 'b1 "add email" is on origin/main and is deleted here' in change(published)["message"]


def test_what_follows_is_named_also_where_what_it_follows_is_gone(published: Project) -> None:
    for number in range(2, 7):
        published.revision(f"b{number}", f"b{number - 1}")
    published.revision("d1", "a0", depends_on="b1", labels=("apart",))
    published.git("rm", "--quiet", B1)
    published.commit("delete")
    assert change(published)["message"].endswith("6 revisions follow it: b2, b3, b4 and 3 more")
    assert "MM002" in published.codes()


def test_each_script_is_told_by_itself(published: Project) -> None:
    published.script("a0", None, upgrade=EDIT)
    published.git("rm", "--quiet", B1)
    published.script("a1", None)
    published.commit("all at once")
    found = {each["revisions"][0]: each["message"] for each in changes(published)}
    assert sorted(found) == ["a0", "a1", "b1"]
    assert "is edited" in found["a0"] and "is re-parented" in found["a1"] and "is deleted" in found["b1"]


@pytest.mark.parametrize("how", ["edit", "re-parent", "delete"])
def test_the_hint_cures_it(published: Project, how: str) -> None:
    match how:
        case "edit":
            edit(published, B1, "pass", EDIT)
        case "re-parent":
            edit(published, B1, "down_revision = 'a1'", "down_revision = 'a0'")
        case _:
            published.git("rm", "--quiet", B1)
            published.commit("delete")
    cure(published)
    assert (published.codes(), published.heads()) == ([], ["b1"])


def test_the_hint_cures_a_rename(published: Project) -> None:
    published.git("mv", B1, "migrations/versions/email.py")
    published.commit("rename")
    cure(published)
    assert published.codes() == []


def test_a_branch_with_a_name_for_a_shell_is_quoted(published: Project) -> None:
    published.git("push", "--quiet", "origin", "main:it's;main")
    published.git("config", "migmerge.default-branch", "it's;main")
    edit(published, B1, "pass", EDIT)
    cure(published)
    assert published.codes() == []


def test_what_is_not_published_may_change(published: Project) -> None:
    published.revision("c1", "b1")
    published.script("c1", "b1", upgrade=EDIT)
    published.commit("edit my own")
    published.git("push", "--quiet", "origin", "main:feature")
    published.git("rm", "--quiet", C1)
    published.commit("delete my own")
    assert published.codes() == []


def test_an_uncommitted_edit_does_not_count_yet(published: Project) -> None:
    published.script("a1", "a0", upgrade=EDIT)
    published.git("add", "--all")
    assert published.codes() == []
    published.commit("edit")
    assert published.codes() == ["MM008"]


def test_files_that_are_no_scripts_may_change(published: Project) -> None:
    published.write("migrations/versions/__init__.py", "")
    published.write("migrations/versions/notes.txt", "x")
    published.commit("more")
    published.git("push", "--quiet", "origin", "main")
    for path in ("migrations/versions/__init__.py", "migrations/versions/notes.txt", "migrations/env.py", "app.py"):
        published.write(path, "y = 1\n")
    published.commit("edit")
    assert published.codes() == []


def test_at_looks_at_another_commit(published: Project) -> None:
    edit(published, B1, "pass", EDIT)
    published.git("revert", "--no-edit", "HEAD")
    assert changes(published) == []
    assert "is edited here" in change(published, "--at", "HEAD~1")["message"]


def test_the_default_branch_has_moved_on(published: Project) -> None:
    there = colleague(published)
    there.revision("d1", "b1")
    there.script("a0", None, message="theirs", upgrade="op.execute('theirs')")
    there.commit("they edit a0")
    there.git("push", "--quiet", "origin", "main")
    edit(published, B1, "pass", EDIT)
    published.git("fetch", "--quiet")
    assert [each["revisions"] for each in changes(published)] == [["b1"]]


def test_what_the_default_branch_changed_meanwhile_is_not_ours(published: Project) -> None:
    there = colleague(published)
    edit(there, A1, "pass", "theirs()")
    there.git("rm", "--quiet", B1)
    there.commit("delete b1")
    there.git("push", "--quiet", "origin", "main")
    published.write("app.py", "x = 2\n")
    published.commit("ours")
    published.git("fetch", "--quiet")
    assert published.codes() == []
    published.git("merge", "--quiet", "--no-edit", "origin/main")
    assert published.codes() == []


@pytest.mark.parametrize("how", ["edit", "delete"])
def test_the_same_change_on_the_default_branch_makes_it_right(published: Project, how: str) -> None:
    there = colleague(published)
    for project in (published, there):
        if how == "edit":
            edit(project, B1, "pass", EDIT)
        else:
            project.git("rm", "--quiet", B1)
            project.commit("delete")
    assert published.codes() == ["MM008"]
    there.git("push", "--quiet", "origin", "main")
    published.git("fetch", "--quiet")
    assert published.codes() == []


def test_another_change_on_the_default_branch_does_not(published: Project) -> None:
    there = colleague(published)
    edit(there, B1, "pass", "theirs()")
    there.git("push", "--quiet", "origin", "main")
    edit(published, B1, "pass", EDIT)
    published.git("fetch", "--quiet")
    assert "is edited here" in change(published)["message"]


def test_a_branch_that_was_merged_there_is_the_default_branch(published: Project) -> None:
    edit(published, B1, "pass", EDIT)
    published.git("push", "--quiet", "origin", "main")
    assert published.codes() == []


def two_branches(published: Project) -> None:
    """Let origin have develop with c1, and main without it; edit b1 and c1 here."""
    published.revision("c1", "b1")
    published.git("push", "--quiet", "origin", "main:develop")
    edit(published, B1, "pass", EDIT)
    edit(published, C1, "pass", EDIT)


def told(project: Project) -> dict[str, str]:
    """Return for each changed revision the branch that it is said to be on."""
    return {each["revisions"][0]: each["message"].partition(" is on ")[2].split(" ")[0] for each in changes(project)}


def test_the_default_branch_is_what_the_remote_calls_its_head(published: Project) -> None:
    two_branches(published)
    published.git("remote", "set-head", "origin", "develop")
    assert told(published) == {"b1": "origin/develop", "c1": "origin/develop"}


@pytest.mark.parametrize("name", ["main", "master"])
def test_the_default_branch_is_one_with_the_usual_name(published: Project, name: str) -> None:
    published.git("push", "--quiet", "origin", f"main:{name}")
    two_branches(published)
    if name == "master":
        published.git("update-ref", "-d", "refs/remotes/origin/main")
    assert told(published) == {"b1": f"origin/{name}"}


@pytest.mark.parametrize("name", ["develop", "origin/develop"])
@pytest.mark.parametrize("where", ["clone", "team"])
def test_the_default_branch_is_the_configured_one(published: Project, name: str, where: str) -> None:
    two_branches(published)
    published.git("remote", "set-head", "origin", "main")
    if where == "clone":
        published.git("config", "migmerge.default-branch", name)
    else:
        published.write("pyproject.toml", f'[tool.migmerge]\ndefault-branch = "{name}"\n')
    assert told(published) == {"b1": "origin/develop", "c1": "origin/develop"}


def test_a_configured_branch_may_be_a_local_one(published: Project) -> None:
    published.git("branch", "release")
    published.git("config", "migmerge.default-branch", "release")
    edit(published, B1, "pass", EDIT)
    assert told(published) == {"b1": "release"}


def test_a_default_branch_with_slashes_is_found(published: Project) -> None:
    published.git("push", "--quiet", "origin", "main:team/main")
    published.git("config", "migmerge.default-branch", "team/main")
    edit(published, B1, "pass", EDIT)
    assert told(published) == {"b1": "origin/team/main"}


@pytest.mark.parametrize("missing", ["configured", "remote"])
def test_without_a_default_branch_nothing_is_said(published: Project, missing: str) -> None:
    edit(published, B1, "pass", EDIT)
    if missing == "configured":
        published.git("config", "migmerge.default-branch", "nowhere")
    else:
        published.git("remote", "remove", "origin")
    assert published.codes() == []


def test_a_default_branch_without_common_history_says_nothing(published: Project) -> None:
    published.git("checkout", "--quiet", "--orphan", "fresh")
    published.script("a0", upgrade=EDIT)
    published.commit("begin again")
    assert published.codes() == []


def test_two_environments(published: Project) -> None:
    for path, text in {"alembic.ini": "[alembic]\nscript_location = db\n", "db/env.py": ""}.items():
        published.write(f"second/{path}", text)
    published.revision("x0", folder="second/db/versions")
    published.git("push", "--quiet", "origin", "main")
    edit(published, "second/db/versions/x0.py", "pass", EDIT)
    edit(published, B1, "pass", EDIT)
    assert [(each["environment"], each["revisions"]) for each in changes(published)] == [
        ("migrations", ["b1"]),
        ("second/db", ["x0"]),
    ]
    assert [each["revisions"] for each in changes(published, "--environment", "second/db")] == [["x0"]]


def test_a_nested_script_counts_where_alembic_looks_there(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "nested", ini="recursive_version_locations = true\n")
    path = project.revision("b1", "a1", folder="migrations/versions/2026")
    project.git("update-ref", "refs/remotes/origin/main", "HEAD")
    edit(project, path, "pass", EDIT)
    assert told(project) == {"b1": "origin/main"}
    project.write("migrations/alembic.ini", "[alembic]\n")
    project.git("rm", "--quiet", "-r", "migrations/versions/2026")
    project.commit("no more folders")
    assert changes(project) == []


def test_an_edit_in_a_folder_that_moved_as_a_whole_is_found(published: Project) -> None:
    published.git("mv", "migrations", "database")
    published.write("database/versions/b1.py", script_text("b1", "a1", message="add email", upgrade=EDIT))
    published.commit("move and edit")
    assert [each["revisions"] for each in changes(published)] == [["b1"]]


def shallow_clone(published: Project) -> Project:
    """Return a shallow clone on feature, which edits b1 and then something else; main is the default branch."""
    published.git("switch", "--quiet", "--create", "feature")
    edit(published, B1, "pass", EDIT)
    published.write("app.py", "x = 2\n")
    published.commit("more")
    published.git("push", "--quiet", "origin", "feature")
    shallow = Project(published.top.parent / "shallow")
    published.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{remote(published)}", str(shallow.top))
    shallow.git("switch", "--quiet", "feature")
    return shallow


def test_a_shallow_clone_accuses_nobody(published: Project) -> None:
    shallow = shallow_clone(published)
    done = shallow.migmerge("check", "--format", "json")
    assert (done.returncode, done.stderr, changes(shallow)) == (0, "", [])
    shallow.git("fetch", "--quiet", "--unshallow")
    assert told(shallow) == {"b1": "origin/main"}


def said(project: Project) -> str:
    """Return what a plain check says, which may come from memory."""
    done = project.migmerge("check")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


HEALTHY = "migrations  4 revisions, 1 head\n  c1  add c1  migrations/versions/c1.py\nno findings\n"


@pytest.fixture
def remembered(published: Project) -> Project:
    """Return a clone that edits c1, which only origin/feature has, and whose check was asked before and found nothing."""
    published.revision("c1", "b1")
    published.git("push", "--quiet", "origin", "main:feature")
    edit(published, C1, "pass", EDIT)
    assert said(published) == said(published) == HEALTHY
    assert (published.top / ".git/migmerge/unchanged.json").exists()
    return published


def test_a_fetch_that_publishes_what_was_changed_is_noticed(remembered: Project) -> None:
    there, head = colleague(remembered), remembered.git("rev-parse", "HEAD")
    there.git("merge", "--quiet", "--ff-only", "origin/feature")
    there.git("push", "--quiet", "origin", "main")
    assert said(remembered) == HEALTHY
    remembered.git("fetch", "--quiet")
    assert "warning MM008" in said(remembered) and "is edited here" in said(remembered)
    assert remembered.git("rev-parse", "HEAD") == head


def test_another_default_branch_is_noticed(remembered: Project) -> None:
    remembered.git("remote", "set-head", "origin", "feature")
    assert 'c1 "add c1" (ann, origin/feature) is on origin/feature and is edited here' in said(remembered)
    remembered.git("remote", "set-head", "origin", "main")
    assert said(remembered) == HEALTHY
    remembered.git("config", "migmerge.default-branch", "feature")
    assert "is on origin/feature" in said(remembered)


def test_a_configured_branch_that_moves_is_noticed(remembered: Project) -> None:
    remembered.git("branch", "release", "main~2")
    remembered.git("config", "migmerge.default-branch", "release")
    assert said(remembered) == said(remembered) == HEALTHY
    remembered.git("branch", "--force", "release", "main~1")
    assert "is on release and is edited here" in said(remembered)


def test_the_first_remote_branch_is_noticed(remembered: Project) -> None:
    remembered.git("remote", "remove", "origin")
    assert said(remembered) == said(remembered) == HEALTHY
    remembered.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    assert "is on origin/main and is edited here" in said(remembered)


def test_the_head_of_another_remote_is_noticed(remembered: Project) -> None:
    remembered.git("update-ref", "-d", "refs/remotes/origin/main")
    assert said(remembered) == said(remembered) == HEALTHY
    remembered.git("update-ref", "refs/remotes/fork/trunk", "HEAD~1")
    assert said(remembered) == HEALTHY
    remembered.git("symbolic-ref", "refs/remotes/fork/HEAD", "refs/remotes/fork/trunk")
    assert "is on fork/trunk and is edited here" in said(remembered)


def test_another_commit_with_the_same_tree_is_looked_at_anew(remembered: Project) -> None:
    remembered.git("update-ref", "refs/remotes/origin/main", "origin/feature")
    assert "MM008" in said(remembered)
    remembered.git("reset", "--quiet", "--soft", "main~2")
    remembered.commit("all in one, from before c1")
    assert "MM008" not in said(remembered)
    remembered.git("reset", "--quiet", "--hard", "main@{2}")
    assert "MM008" in said(remembered)


def test_history_that_comes_later_is_noticed(published: Project) -> None:
    shallow = shallow_clone(published)
    assert "no findings" in said(shallow)
    shallow.git("fetch", "--quiet", "--unshallow")
    assert "MM008" in said(shallow)


FILES = [f"migrations/versions/{name}.py" for name in "pqrstu"]


def random_repository(project: Project, seed: int, commits: int = 24) -> Repository:
    """Fill a repository with commits that add, delete and merge files, also badly, and with branches here and there."""
    chance = random.Random(seed)
    stream, trees = [], dict[int, set[str]]()
    for number in range(1, commits + 1):
        parents = chance.sample(sorted(trees), min(len(trees), chance.choice([0, 1, 1, 1, 1, 1, 2, 2, 3]) if number > 1 else 0))
        before = trees[parents[0]] if parents else set()
        after = set().union(*(trees[parent] for parent in parents)) if chance.random() < 0.7 else set(before)
        after ^= {chance.choice(FILES)} if chance.random() < 0.6 else set()
        trees[number] = after
        stream += [f"commit refs/heads/scratch-{number}", f"mark :{number}", f"author a{number} <x> {number} +0000"]
        stream += [f"committer c <x> {1000 + chance.randrange(20)} +0000", "data 1", "x"]
        stream += [f"{word} :{parent}" for word, parent in zip(["from", *["merge"] * 9], parents, strict=False)]
        stream += [f"D {path}" for path in sorted(before - after)]
        stream += [f"M 100644 inline {path}\ndata 1\n{number % 7}" for path in sorted(after - before)]
    for name in ("heads/main", "heads/f", "remotes/origin/main", "remotes/origin/f", "remotes/origin/g", "remotes/fork/f"):
        stream += [f"reset refs/{name}", f"from :{chance.randint(1, commits)}", ""]
    given = "\n".join([*stream, "done", ""]).encode()
    subprocess.run(["git", "fast-import", "--quiet", "--done"], cwd=project.top, input=given, check=True)
    scratch = project.git("for-each-ref", "--format=delete %(refname)", "refs/heads/scratch-*")
    subprocess.run(["git", "update-ref", "--stdin"], cwd=project.top, input=f"{scratch}\n".encode(), check=True)
    project.git("symbolic-ref", "HEAD", "refs/heads/main")
    return open_repository(str(project.top))


@pytest.mark.parametrize("seed", range(12))
def test_branches_contain_what_git_says_they_contain(tmp_path: Path, seed: int) -> None:
    project = Project.empty(tmp_path / "random")
    repository = random_repository(project, seed)
    commits = project.git("rev-list", "--all").split()
    chance = random.Random(seed)
    for asked in (commits, chance.sample(commits, min(3, len(commits))), commits[-1:], commits[:1] * 2):
        found = branches_containing(repository, branches_of(start_branches(repository), None), asked)
        assert found.keys() == set(asked)
        for commit in asked:
            expected = project.git("for-each-ref", "--contains", commit, "--format=%(refname)", "refs/heads", "refs/remotes")
            assert [branch.reference for branch in found[commit]] == expected.splitlines()


def test_branches_contain_nothing_where_nothing_is_asked_or_known(published: Project) -> None:
    repository = open_repository(str(published.top))
    branches = branches_of(start_branches(repository), None)
    assert branches_containing(repository, branches, []) == {}
    assert branches_containing(repository, branches, ["0" * 40]) == {}
    loose = published.git("commit-tree", "-m", "x", "HEAD^{tree}")
    assert branches_containing(repository, branches, [loose]) == {loose: ()}


def ever_held(project: Project) -> dict[str, set[str]]:
    """Return for each remote-tracking branch the files that any commit in its history has, one commit after the other."""
    held: dict[str, set[str]] = {}
    trees: dict[str, set[str]] = {}
    for line in project.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/remotes").splitlines():
        tip, reference = line.split()
        for commit in project.git("rev-list", tip).split():
            if commit not in trees:
                trees[commit] = set(project.git("ls-tree", "-r", "--name-only", commit).splitlines())
            held.setdefault(reference.removeprefix("refs/remotes/"), set()).update(trees[commit])
    return held


def ask(repository: Repository, paths: list[str], default: str | None = "main") -> dict[str, str] | None:
    branches = branches_of(start_branches(repository), default)
    found = published_of(repository, {path: (path,) for path in paths}, branches)
    return None if found is None else {path: names[0] for path, names in found.items()}


@pytest.mark.parametrize("seed", range(12))
def test_a_named_branch_really_has_or_had_the_script(tmp_path: Path, seed: int) -> None:
    project = Project.empty(tmp_path / "random")
    repository = random_repository(project, seed)
    held = ever_held(project)
    found = ask(repository, FILES)
    assert found is not None
    assert all(path in held[branch] for path, branch in found.items())


def test_what_any_remote_branch_ever_had_is_published(tmp_path: Path) -> None:
    missed = []
    for seed in range(10, 20):
        project = Project.empty(tmp_path / f"random-{seed}")
        repository = random_repository(project, seed)
        ever = set().union(*ever_held(project).values())
        missed += [(seed, path) for path in sorted(ever) if not ask(repository, [path])]
    assert missed == []


def gone_again(project: Project) -> None:
    """Let main merge a branch that added c1 and took it away again, and forget the branch."""
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("c1", "b1")
    project.git("rm", "--quiet", C1)
    project.commit("away with it")
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    project.git("branch", "--quiet", "-D", "feature")
    project.git("push", "--quiet", "origin", "main")


def test_what_a_merged_branch_added_and_took_away_was_published(published: Project) -> None:
    gone_again(published)
    assert ask(open_repository(str(published.top)), [C1, B1]) == {C1: "origin/main", B1: "origin/main"}


def test_the_default_branch_is_named_first(published: Project) -> None:
    published.git("push", "--quiet", "origin", "main:a-branch")
    repository = open_repository(str(published.top))
    assert ask(repository, [A0, B1, "nowhere.py"], "main") == {A0: "origin/main", B1: "origin/main"}
    assert ask(repository, [A0], "a-branch") == {A0: "origin/a-branch"}
    published.revision("c1", "b1")
    published.git("push", "--quiet", "origin", "main:z-branch")
    assert ask(repository, [C1, B1], "a-branch") == {C1: "origin/z-branch", B1: "origin/a-branch"}


def test_the_default_branch_is_named_first_for_a_squashed_branch_too(published: Project) -> None:
    published.git("switch", "--quiet", "--create", "feature")
    published.revision("c1", "b1")
    published.git("push", "--quiet", "origin", "feature")
    published.git("switch", "--quiet", "main")
    published.git("merge", "--quiet", "--squash", "feature")
    published.git("commit", "--quiet", "--message", "squashed", GIT_COMMITTER_DATE="2024-05-02T12:00:00+0000")
    published.git("push", "--quiet", "origin", "main")
    assert ask(open_repository(str(published.top)), [C1]) == {C1: "origin/main"}


def test_without_a_remote_branch_nothing_is_published(project: Project) -> None:
    assert ask(open_repository(str(project.top)), [A0]) == {}


def test_a_local_branch_publishes_nothing(published: Project) -> None:
    published.revision("c1", "b1")
    published.git("branch", "copy")
    assert ask(open_repository(str(published.top)), [C1]) == {}


def test_a_shallow_clone_knows_what_it_has(published: Project) -> None:
    shallow = Project(published.top.parent / "shallow")
    published.revision("c1", "b1")
    published.git("push", "--quiet", "origin", "main")
    published.git("clone", "--quiet", "--depth=2", f"file://{remote(published)}", str(shallow.top))
    assert ask(open_repository(str(shallow.top)), [A0, C1]) == {A0: "origin/main", C1: "origin/main"}


@pytest.mark.parametrize("name", ["größe", "a b", "it's", "*", ":(top)x", "-x"])
def test_paths_are_taken_literally(published: Project, name: str) -> None:
    path = f"migrations/versions/{name}.py"
    published.write(path, script_text("c1", "b1"))
    published.commit("odd")
    published.git("push", "--quiet", "origin", "main")
    repository = open_repository(str(published.top))
    assert ask(repository, [path]) == {path: "origin/main"}
    assert ask(repository, ["migrations/versions/?1.py"]) == {}


def test_the_number_of_git_processes_does_not_grow_with_the_revisions(
    published: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [published.script(f"m{number}", "b1", labels=(f"m{number}",)) for number in range(40)]
    for path in many:
        published.git("add", path)
        published.git("commit", "--quiet", "--message", path)
    published.git("push", "--quiet", "origin", "main")
    repository = open_repository(str(published.top))
    counts = []
    for paths in (many[:2], many):
        trace = tmp_path / f"trace-{len(paths)}"
        monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
        assert ask(repository, paths) == dict.fromkeys(paths, "origin/main")
        monkeypatch.delenv("GIT_TRACE2_EVENT")
        counts.append(trace.read_text().count('"event":"start"'))
    assert counts[0] == counts[1] > 0
