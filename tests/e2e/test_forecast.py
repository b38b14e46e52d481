"""`migmerge forecast`: what merging each branch would do, without merging one."""

from __future__ import annotations

import io
import json
import os
import pty
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import pytest
from rich.cells import cell_len

from migmerge.core.branch_merge import BranchForecast, ForecastVerdict, MergedScripts, merge_scripts, new_findings
from migmerge.core.finding import Severity
from migmerge.output import progress
from migmerge.output.screen import Screen
from migmerge.output.text.forecast import age_of, report_summary
from migmerge.repository.git import Git
from migmerge.repository.refs import merge_bases
from tests.e2e.test_check_against import state
from tests.support.findings import a_finding
from tests.support.project import Project, needs_merge_tree, script_text

DAY = 86400
ADD_EMAIL = "op.add_column('users', sa.Column('email', sa.String()))"
A1, B1, C1 = (f"migrations/versions/{name}.py" for name in ("a1", "b1", "c1"))

Clock = Callable[[float], None]


@pytest.fixture(autouse=True)
def days_ago(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let commits be made so many days ago, and an hour; the authors wrote them years ago."""

    def turn(days: float) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{int(time.time() - days * DAY) - 3600} +0000")

    turn(1)
    return turn


def text(project: Project, *arguments: str, status: int, cwd: Path | None = None) -> str:
    """Return what forecast says, which complains about nothing."""
    done = project.migmerge("forecast", *arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (status, "")
    return done.stdout


def outlooks(project: Project, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return what is told of each branch that brings migrations, by the first of its names."""
    done = project.migmerge("forecast", "--format", "json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    found = {each["branches"][0]: each for each in json.loads(done.stdout)["branches"]}
    assert done.returncode == any(each["verdict"] != "clean" for each in found.values())
    return found


def verdicts(project: Project, *arguments: str) -> dict[str, str]:
    return {name: each["verdict"] for name, each in outlooks(project, *arguments).items()}


def codes(outlook: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in outlook["findings"]]


def on(project: Project, branch: str, user: str = "bea", start: str = "main") -> Project:
    """Stand on a branch, made where it is not there, and be somebody else."""
    known = project.run_git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}").returncode == 0
    project.git("switch", "--quiet", *((branch,) if known else ("--create", branch, start)))
    project.user = user
    return project


def back(project: Project) -> None:
    on(project, "main", "ann")


@pytest.fixture
def several(project: Project, days_ago: Clock) -> Project:
    """Return a project on main, with b1 and an edited a0 there, and a branch for each verdict and one without migrations."""
    project.git("branch", "pages")
    days_ago(40)
    on(project, "orders", "bea").revision("c1", "a1", message="add orders")
    days_ago(2)
    on(project, "better/a0", "cem").write("migrations/versions/a0.py", script_text("a0", message="first"))
    project.commit("better")
    days_ago(0)
    on(project, "after-b1", "dan", "main").script("a1", "a0", message="second")
    project.commit("edit")
    on(project, "pages", "eve").write("README", "x")
    project.commit("text")
    back(project)
    project.write("migrations/versions/a0.py", script_text("a0", message="base"))
    project.revision("b1", "a1", message="add email")
    return project


def test_text_of_all_verdicts_the_worst_first(several: Project) -> None:
    assert text(several, status=1) == (
        "branch     author  age      revisions  verdict    on what\n"
        "orders     bea     40 days  c1         collides   divergent heads b1 and c1\n"
        "better/a0  cem     2 days   -          conflicts  both sides changed migrations/versions/a0.py\n"
        "after-b1   dan     1 hour   -          clean      -\n"
        "1 of 4 active branches would collide with main, 1 would conflict, 1 would not, 1 brings no migration\n"
        "hint: migmerge check --against orders\n"
    )


def test_quiet_keeps_only_what_would_break(several: Project) -> None:
    rows = [line.split()[0] for line in text(several, "--quiet", status=1).splitlines()]
    assert rows[:3] == ["branch", "orders", "better/a0"] and "after-b1" not in rows
    several.git("branch", "--quiet", "-D", "orders", "better/a0")
    assert text(several, "--quiet", status=0) == ""


def test_json_of_all_verdicts(several: Project) -> None:
    done = several.migmerge("forecast", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    facts = {}
    for name in ("orders", "better/a0", "after-b1"):
        commit, date = several.git("log", "-1", "--format=%H %ct", name).split()
        facts[name] = {"branches": [name], "commit": commit, "date": int(date)}
    assert json.loads(done.stdout) == {
        "version": 1,
        "commit": several.git("rev-parse", "main"),
        "left_out": 0,
        "branches": [
            {**facts["after-b1"], "author": "dan", "revisions": [], "verdict": "clean", "conflicts": [], "findings": []},
            {
                **facts["better/a0"],
                "author": "cem",
                "revisions": [],
                "verdict": "conflicts",
                "conflicts": ["migrations/versions/a0.py"],
                "findings": [],
            },
            {
                **facts["orders"],
                "author": "bea",
                "revisions": ["c1"],
                "verdict": "collides",
                "conflicts": [],
                "findings": [
                    {
                        "code": "MM001",
                        "name": "divergent-heads",
                        "severity": "error",
                        "environment": "migrations",
                        "message": '2 heads diverge after a1 "add a1": b1 "add email" and c1 "add orders" (bea, orders)',
                        "revisions": ["b1", "c1"],
                        "paths": [B1, C1],
                    }
                ],
            },
        ],
    }


def test_nothing_is_checked_out_and_only_the_cache_is_written(several: Project) -> None:
    several.write("staged.py", "x = 1\n")
    several.git("add", "staged.py")
    several.write("app.py", "x = 2\n")
    several.script("u1", "b1")
    os.utime(several.top / "migrations/env.py", (1, 1))
    before, internal = state(several), git_files(several)
    text(several, status=1)
    assert state(several) == before
    assert git_files(several) == internal
    assert sorted(path.name for path in (several.top / ".git/migmerge").iterdir()) == ["cache.json"]


def git_files(project: Project) -> dict[str, bytes]:
    git = project.top / ".git"
    paths = (path for path in git.rglob("*") if path.is_file() and path.relative_to(git).parts[0] != "migmerge")
    return {str(path): path.read_bytes() for path in paths}


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(several: Project) -> None:
    first = text(several, status=1)
    cache = several.top / ".git/migmerge"
    (cache / "cache.json").unlink()
    cache.rmdir()
    cache.write_text("in the way")
    assert text(several, status=1) == first == text(several, status=1)


def test_uncommitted_scripts_do_not_count(several: Project) -> None:
    before = text(several, status=1)
    several.script("u1", "a1")
    several.write(B1, "<<<<<<< broken\n")
    several.git("add", B1)
    assert text(several, status=1) == before


def test_no_other_branch(project: Project) -> None:
    assert text(project, status=0) == "0 of 0 active branches would collide with main\n"
    assert (
        text(project, "--format", "json", status=0)
        == json.dumps({"version": 1, "commit": project.git("rev-parse", "HEAD"), "left_out": 0, "branches": []}, indent=1) + "\n"
    )


def test_days_count_from_the_last_commit_and_not_from_its_author_date(project: Project, days_ago: Clock) -> None:
    for name, age in (("new", 5), ("old", 50), ("older", 91)):
        days_ago(age)
        on(project, name).revision(f"c_{name}", "a1")
    back(project)
    assert list(outlooks(project)) == ["new", "old"]
    assert list(outlooks(project, "--days", "6")) == ["new"]
    assert list(outlooks(project, "--days", "92")) == ["new", "old", "older"]
    assert text(project, "--days", "5", status=0) == "0 of 0 active branches would collide with main\n"


def test_a_limit_leaves_out_the_older_branches_and_says_so(project: Project, days_ago: Clock) -> None:
    for age in (5, 3, 4):
        days_ago(age)
        on(project, f"{age}-days").revision(f"c{age}", "a1")
    back(project)
    assert list(outlooks(project, "--limit", "1")) == ["3-days"]
    said = text(project, "--limit", "2", status=0).splitlines()
    assert said[3:] == [
        "0 of 2 active branches would collide with main, 2 would not",
        "1 older branch not compared, for the limit",
    ]
    assert text(project, "--limit", "3", status=0).splitlines()[4:] == [
        "0 of 3 active branches would collide with main, 3 would not"
    ]


@pytest.mark.parametrize("limit", ["0", "-1", "some"])
def test_a_limit_of_no_branches_is_an_error(project: Project, limit: str) -> None:
    done = project.migmerge("forecast", f"--limit={limit}")
    assert done.returncode == 2 and "--limit" in done.stderr and "error:" in done.stderr


@pytest.mark.parametrize(("days", "active"), [("0", []), ("-3", []), ("999999999999999999", ["new"])])
def test_days_of_no_sense_are_taken_at_their_word(project: Project, days: str, active: list[str]) -> None:
    on(project, "new").revision("c1", "a1")
    back(project)
    assert list(outlooks(project, f"--days={days}")) == active


def test_a_commit_from_the_future_is_active_and_has_no_age(project: Project, days_ago: Clock) -> None:
    days_ago(-3)
    on(project, "early").revision("c1", "a1")
    back(project)
    assert text(project, status=0).splitlines()[1] == "early   bea     just now  c1         clean    -"


def test_a_branch_and_its_remote_one_share_a_row(project: Project) -> None:
    on(project, "orders").revision("c1", "a1")
    back(project)
    clone = project.clone("clone", "cem")
    clone.git("branch", "--quiet", "--no-track", "orders", "origin/orders")
    clone.git("branch", "--quiet", "--no-track", "again", "origin/orders")
    found = outlooks(clone)
    assert [each["branches"] for each in found.values()] == [["again", "orders", "origin/orders"]]
    assert text(clone, status=0).splitlines()[-1] == "0 of 1 active branch would collide with main, 1 would not"


def test_a_branch_that_went_on_has_a_row_of_its_own(project: Project) -> None:
    on(project, "orders").revision("c1", "a1")
    back(project)
    clone = project.clone("clone", "cem")
    on(clone, "orders", start="origin/orders").revision("c2", "c1")
    back(clone)
    assert {name: each["revisions"] for name, each in outlooks(clone).items()} == {
        "orders": ["c1", "c2"],
        "origin/orders": ["c1"],
    }


def test_what_a_remote_calls_its_head_and_the_current_branch_are_not_listed(diverged: Project) -> None:
    clone = diverged.clone("clone", "cem")
    assert clone.git("symbolic-ref", "refs/remotes/origin/HEAD") == "refs/remotes/origin/main"
    clone.revision("b2", "b1")
    assert verdicts(clone) == {"origin/feature": "collides"}
    diverged.revision("b3", "b1")
    clone.git("fetch", "--quiet")
    assert verdicts(clone) == {"origin/feature": "collides", "origin/main": "collides"}
    assert text(clone, status=1).splitlines()[-2] == "2 of 2 active branches would collide with main"


def test_a_tag_and_a_stash_are_no_branches(project: Project) -> None:
    on(project, "orders").revision("c1", "a1")
    project.git("tag", "v1")
    back(project)
    project.git("branch", "--quiet", "-D", "orders")
    project.script("u1", "a1")
    project.git("stash", "--include-untracked", "--quiet")
    assert text(project, status=0) == "0 of 0 active branches would collide with main\n"


def test_merged_branches_bring_nothing(diverged: Project) -> None:
    diverged.merged()
    diverged.fix()
    diverged.git("branch", "behind", "main~2")
    assert text(diverged, status=0) == "0 of 2 active branches would collide with main, 2 bring no migration\n"
    assert outlooks(diverged) == {}


def test_a_squashed_branch_brings_nothing_but_its_conflict_free_self(project: Project) -> None:
    on(project, "orders").revision("c1", "a1")
    project.revision("c2", "c1")
    back(project)
    project.git("merge", "--quiet", "--squash", "orders")
    project.commit("orders, squashed")
    assert text(project, status=0) == "0 of 1 active branch would collide with main, 1 brings no migration\n"


def test_orphan_branches_bring_nothing(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--orphan", "gh-pages")
    diverged.script("c9", "zz")
    diverged.commit("pages")
    back(diverged)
    assert verdicts(diverged) == {"feature": "collides"}
    assert text(diverged, status=1).splitlines()[-2] == "1 of 2 active branches would collide with main, 1 brings no migration"


def in_between(project: Project, late: Callable[[], None]) -> None:
    """Let feature take b1 over from main, drop it again and add c1; `late` runs before the merge."""
    on(project, "feature").write("text", "x")
    project.commit("begin")
    back(project)
    late()
    project.revision("b1", "a1")
    on(project, "feature").git("merge", "--quiet", "--no-edit", "main")
    project.git("rm", "--quiet", B1)
    project.revision("c1", "a1")
    back(project)


@needs_merge_tree
def test_the_merge_base_is_where_main_came_in_last(project: Project, days_ago: Clock) -> None:
    days_ago(0.9)
    in_between(project, lambda: days_ago(0.8))
    assert verdicts(project) == {"feature": "clean"}
    assert project.codes("--against", "feature") == []


@needs_merge_tree
def test_the_merge_base_does_not_depend_on_dates_that_tie(project: Project) -> None:
    in_between(project, lambda: None)
    assert project.codes("--against", "feature") == []
    assert verdicts(project) == {"feature": "clean"}


@needs_merge_tree
def test_the_merge_base_does_not_depend_on_clocks(project: Project, days_ago: Clock) -> None:
    in_between(project, lambda: days_ago(3))
    assert project.codes("--against", "feature") == []
    assert verdicts(project) == {"feature": "clean"}


def test_a_branch_that_joined_the_heads_itself_is_clean(project: Project, days_ago: Clock) -> None:
    on(project, "feature").revision("c1", "a1")
    back(project)
    days_ago(0.8)
    project.revision("b1", "a1")
    on(project, "feature").git("merge", "--quiet", "--no-edit", "main")
    days_ago(0.7)
    project.revision("m1", ("b1", "c1"))
    back(project)
    found = outlooks(project)["feature"]
    assert (found["verdict"], found["revisions"], found["findings"]) == ("clean", ["c1", "m1"], [])
    project.revision("b2", "b1")
    assert [each["revisions"] for each in outlooks(project)["feature"]["findings"]] == [["b2", "m1"]]


def test_a_branch_that_deletes_what_head_builds_on(project: Project) -> None:
    on(project, "feature").git("rm", "--quiet", A1)
    project.commit("delete")
    back(project)
    assert verdicts(project) == {"feature": "clean"}
    project.revision("b1", "a1")
    found = outlooks(project)["feature"]
    assert (found["verdict"], codes(found), found["revisions"]) == ("collides", ["MM002"], [])
    assert text(project, status=1).splitlines()[1].endswith("collides  MM002 missing-parent: b1 and a1")


def test_a_branch_that_deletes_what_head_edited_conflicts(project: Project) -> None:
    on(project, "feature").git("rm", "--quiet", A1)
    project.commit("delete")
    back(project)
    project.script("a1", "a0", message="edited")
    project.commit("edit")
    found = outlooks(project)["feature"]
    assert (found["verdict"], found["conflicts"], found["findings"]) == ("conflicts", [A1], [])


def test_a_branch_that_re_parents_a_script_of_head(project: Project) -> None:
    project.revision("b1", "a1")
    on(project, "feature").script("b1", "a0")
    project.commit("re-parent")
    back(project)
    found = outlooks(project)["feature"]
    assert (found["verdict"], [(each["code"], each["revisions"]) for each in found["findings"]]) == (
        "collides",
        [("MM001", ["a1", "b1"])],
    )


def test_a_branch_with_two_heads_of_its_own_collides_by_itself(project: Project) -> None:
    on(project, "feature").revision("c1", "a1")
    project.revision("c2", "a1")
    back(project)
    found = outlooks(project)["feature"]
    assert [(each["code"], each["revisions"]) for each in found["findings"]] == [("MM001", ["c1", "c2"])]


def test_labels_keep_a_branch_from_colliding(project: Project) -> None:
    on(project, "feature").revision("c1", "a1", labels=("billing",))
    back(project)
    project.revision("b1", "a1")
    assert verdicts(project) == {"feature": "clean"}


def test_one_id_in_two_files_collides(project: Project) -> None:
    on(project, "feature").write("migrations/versions/b1_theirs.py", script_text("b1", "a1"))
    project.commit("theirs")
    back(project)
    project.revision("b1", "a1")
    assert codes(outlooks(project)["feature"]) == ["MM003"]


@pytest.mark.parametrize(
    ("broken", "verdict"), [("down_revision = f()", "collides"), ("down_revision = 'a1'\nprint 'x'", "collides")]
)
def test_a_script_that_cannot_be_read(project: Project, broken: str, verdict: str) -> None:
    on(project, "feature").write(C1, script_text("c1", "a1").replace("down_revision = 'a1'", broken))
    project.commit("broken")
    back(project)
    found = outlooks(project)["feature"]
    assert (found["verdict"], codes(found)) == (verdict, ["MM005"])


@needs_merge_tree
def test_a_script_that_a_branch_renames_and_head_edits(project: Project) -> None:
    on(project, "feature").git("mv", A1, "migrations/versions/a1_users.py")
    project.commit("rename")
    back(project)
    project.script("a1", "a0", upgrade="op.execute('x')")
    project.commit("edit")
    assert project.check("--against", "feature")["findings"] == []
    assert verdicts(project) == {"feature": "clean"}


@pytest.mark.parametrize(("theirs", "expected"), [("ours", {}), ("theirs", {"feature": "conflicts"})])
def test_a_file_that_both_sides_add(project: Project, theirs: str, expected: dict[str, str]) -> None:
    on(project, "feature").revision("b1", "a1", message=theirs)
    back(project)
    project.revision("b1", "a1", message="ours")
    assert verdicts(project) == expected


def divergent(project: Project) -> None:
    """Let HEAD have two heads that add one column."""
    on(project, "side").revision("c1", "a1", upgrade=ADD_EMAIL)
    back(project)
    project.revision("b1", "a1", upgrade=ADD_EMAIL)
    project.git("merge", "--quiet", "--no-edit", "side")
    project.git("branch", "--quiet", "-D", "side")
    assert project.codes() == ["MM001", "MM007"]


def test_what_is_wrong_with_head_already_is_not_held_against_a_branch(project: Project) -> None:
    divergent(project)
    on(project, "comment").script("a0", None, header="# a comment\n")
    project.commit("comment")
    back(project)
    found = outlooks(project)["comment"]
    assert (found["verdict"], "MM001" in codes(found)) == ("clean", False)


def test_the_collisions_of_head_itself_are_not_new(project: Project) -> None:
    divergent(project)
    on(project, "comment").script("a0", None, header="# a comment\n")
    project.commit("comment")
    back(project)
    assert codes(outlooks(project)["comment"]) == []


def test_a_third_head_collides_with_the_two_that_are_there(project: Project) -> None:
    divergent(project)
    on(project, "third", start="main~2").revision("d1", "a1")
    back(project)
    found = outlooks(project)["third"]
    assert [each["revisions"] for each in found["findings"] if each["code"] == "MM001"] == [["b1", "c1", "d1"]]


def test_a_branch_that_heals_head_is_clean(project: Project) -> None:
    divergent(project)
    on(project, "join").revision("m1", ("b1", "c1"))
    back(project)
    assert verdicts(project) == {"join": "clean"}
    assert codes(outlooks(project)["join"]) == []


def test_colliding_operations_are_told_beside_the_heads(project: Project) -> None:
    on(project, "feature").revision("c1", "a1", message="add mail", upgrade=ADD_EMAIL)
    back(project)
    project.revision("b1", "a1", message="add email", upgrade=ADD_EMAIL)
    assert text(project, status=1) == (
        "branch   author  age    revisions  verdict   on what\n"
        "feature  bea     1 day  c1         collides  divergent heads b1 and c1; both sides add the column users.email\n"
        "1 of 1 active branch would collide with main\n"
        "hint: migmerge check --against feature\n"
    )
    found = outlooks(project)["feature"]["findings"]
    assert [(each["code"], each["severity"], each["paths"]) for each in found] == [
        ("MM001", "error", [B1, C1]),
        ("MM007", "warning", [B1, C1]),
    ]


def test_what_could_not_be_compared_does_not_fill_the_table(project: Project) -> None:
    on(project, "feature").revision("c1", "a1", upgrade="exec(code)")
    back(project)
    project.revision("b1", "a1")
    assert text(project, status=1).splitlines()[1].endswith("collides  divergent heads b1 and c1")
    assert [each["severity"] for each in outlooks(project)["feature"]["findings"]] == ["error", "info"]


def second(project: Project, name: str, *parents: str) -> None:
    """Add a revision to a second environment."""
    project.write("second/alembic.ini", "[alembic]\nscript_location = db\n")
    project.write("second/db/env.py", "")
    project.revision(name, *parents, folder="second/db/versions")


@needs_merge_tree
def test_two_environments(diverged: Project) -> None:
    second(diverged, "x0")
    second(on(diverged, "other", "cem"), "x1", "x0")
    back(diverged)
    second(diverged, "x2", "x0")
    found = outlooks(diverged)
    assert {name: [(each["code"], each["environment"]) for each in it["findings"]] for name, it in found.items()} == {
        "feature": [("MM001", "migrations")],
        "other": [("MM001", "second/db")],
    }
    assert verdicts(diverged, "--environment", "second/db") == {"other": "collides"}
    assert text(diverged, "--environment", "migrations", status=1).splitlines()[-2] == (
        "1 of 2 active branches would collide with main, 1 brings no migration"
    )


def test_one_branch_may_collide_in_two_environments(project: Project) -> None:
    second(project, "x0")
    second(on(project, "other"), "x1", "x0")
    project.revision("c1", "a1")
    back(project)
    second(project, "x2", "x0")
    project.revision("b1", "a1")
    found = outlooks(project)["other"]
    assert found["revisions"] == ["c1", "x1"]
    assert text(project, status=1).splitlines()[1].endswith("divergent heads b1 and c1; divergent heads x1 and x2")


@pytest.mark.parametrize(("setting", "expected"), [("true", {"feature": "collides"}), ("false", {})])
def test_recursive_version_locations(tmp_path: Path, setting: str, expected: dict[str, str]) -> None:
    project = Project.create(tmp_path / "recursive", ini=f"recursive_version_locations = {setting}\n")
    on(project, "feature").revision("c1", "a1", folder="migrations/versions/2026/05")
    back(project)
    project.revision("b1", "a1")
    assert verdicts(project) == expected


@needs_merge_tree
def test_several_version_locations(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "several", ini="version_locations = %(here)s/versions %(here)s/more\n")
    on(project, "feature").revision("c1", "a1", folder="migrations/more")
    back(project)
    project.revision("b1", "a1")
    found = outlooks(project)["feature"]
    assert (found["verdict"], found["findings"][0]["paths"]) == ("collides", [B1, "migrations/more/c1.py"])


def test_a_script_that_is_no_script_brings_nothing(project: Project) -> None:
    on(project, "feature").write("migrations/versions/__init__.py", "x")
    project.write("migrations/versions/notes.txt", "x")
    project.write("migrations/versions/deeper/c1.py", script_text("c1", "a1"))
    project.commit("no scripts")
    back(project)
    assert text(project, status=0) == "0 of 1 active branch would collide with main, 1 brings no migration\n"


def test_it_works_from_a_sub_folder_a_linked_worktree_and_a_detached_head(diverged: Project) -> None:
    said = text(diverged, status=1)
    assert text(diverged, status=1, cwd=diverged.top / "migrations") == said
    linked = Project(diverged.top.parent / "linked")
    diverged.git("worktree", "add", "--quiet", "--detach", str(linked.top), "main")
    assert text(linked, status=1) == said.replace("with main", "with HEAD")
    linked.git("checkout", "--quiet", "--detach", "feature")
    assert verdicts(linked) == {"main": "collides"}


def refuse(project: Project, *arguments: str) -> str:
    done = project.migmerge("forecast", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_what_cannot_be_looked_at_is_an_error(tmp_path: Path, project: Project) -> None:
    assert refuse(Project(tmp_path)) == f"error: {tmp_path} is not in a git repository\nhint: git init\n"
    hint = "hint: migmerge forecast --environment migrations\n"
    assert refuse(project, "--environment", "nowhere") == f"error: no environment at nowhere: there is migrations\n{hint}"
    told = "error: --days: invalid int value: 'many'\nhint: migmerge forecast --help\n"
    assert refuse(project, "--days", "many") == told
    assert "--format cannot be svg: text, json" in refuse(project, "--format", "svg")


def test_a_repository_without_an_environment_or_without_a_commit_is_an_error(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "plain")
    assert refuse(project) == "error: HEAD has no commit yet\nhint: git commit\n"
    project.write("app.py", "")
    project.commit("no environment")
    assert refuse(project).startswith("error: no Alembic or Flask-Migrate environment in this repository\nhint: ")


def test_wide_and_long_names_keep_the_columns(project: Project) -> None:
    on(project, "größe-表表", "ぴよ").revision("c1", "a1")
    on(project, f"feature/{'x' * 60}", "bea").revision("a_rather_long_revision_id_of_forty_letters", "a1")
    back(project)
    project.revision("b1", "a1")
    heading, *rows, _, _ = text(project, status=1).splitlines()
    assert [row.split()[0] for row in rows] == [f"feature/{'x' * 31}…", "größe-表表"]
    places = {cell_len(row[: row.index("collides")]) for row in rows}
    assert places == {heading.index("verdict")}


HOSTILE = "x\u009b31m\u202ey"


def hostile(project: Project) -> None:
    """Let a branch, its author and its script say what a terminal would obey."""
    on(project, HOSTILE, "be\x1b]0;own\x07\x1b[2Ja").revision("c1", "a1", message="\x1b[31mred")
    on(project, "tame", "bea").revision("d1", "a1")
    back(project)
    project.revision("b1", "a1")


def test_control_characters_are_shown_and_not_obeyed(project: Project) -> None:
    hostile(project)
    for arguments in ((), ("--format", "json"), ("--quiet",)):
        said = text(project, *arguments, status=1)
        assert all(line.isprintable() for line in said.splitlines())
    row = next(line for line in text(project, status=1).splitlines() if "own" in line)
    assert row.startswith("x\\x9b31m\\u202ey") and "be\\x1b]0;own\\x07\\x1b[2Ja" in row
    assert outlooks(project)[HOSTILE]["author"] == "be\x1b]0;own\x07\x1b[2Ja"


def test_control_characters_do_not_move_the_columns(project: Project) -> None:
    hostile(project)
    heading, *rows, _, _ = text(project, status=1).splitlines()
    assert {row.index("collides") for row in rows} == {heading.index("verdict")}


def test_a_path_cannot_become_a_row(project: Project) -> None:
    on(project, "feature").write("migrations/versions/a\rb \x1b[31m.py", script_text("c1", "zz"))
    project.commit("odd")
    back(project)
    said = text(project, status=1)
    assert len(said.splitlines()) == 4 and all(line.isprintable() for line in said.splitlines())
    assert codes(outlooks(project)["feature"]) == ["MM002"]


def started(project: Project, folder: Path, *, what: str = "") -> int:
    """Return how many git processes a forecast starts, or how many of one git command."""
    trace = folder / "trace"
    done = project.migmerge("forecast", GIT_TRACE2_EVENT=str(trace))
    assert done.returncode in (0, 1), done.stderr
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    trace.unlink()
    return sum(each["event"] == "start" and what in each["argv"] + [""] for each in events)


@needs_merge_tree
def test_only_what_touches_scripts_or_configurations_is_merged_for_a_trial(project: Project, tmp_path: Path) -> None:
    for number in range(12):
        on(project, f"app-{number}").write(f"app/pages_{number}.py", "x = 1\n")
        project.write("tox.ini", f"[tox]\nskip = {number}\n")
        project.write("pyproject.toml", f"[project]\ndependencies = ['alembic>={number}']\n")
        project.commit("pages")
    on(project, "script").revision("c1", "a1")
    on(project, "template").write("migrations/script.py.mako", "x")
    project.commit("template")
    back(project)
    project.write("migrations/alembic.ini", "[alembic]\ntimezone = UTC\n")
    project.revision("b1", "a1")
    assert started(project, tmp_path, what="merge-tree") == 1  # the template: a script is merged by its path
    assert verdicts(project) == {"script": "collides"}


def test_the_number_of_git_processes_does_not_grow_with_the_branches(project: Project, tmp_path: Path) -> None:
    project.revision("b1", "a1")
    counts = []
    for number in range(30):
        on(project, f"feature-{number}", start="main~1").revision(f"c{number}", "a1")
        if number in (2, 29):
            back(project)
            text(project, status=1)  # fills the cache
            counts.append(started(project, tmp_path))
    assert counts[0] == counts[1] > 0
    assert text(project, status=1).splitlines()[-2] == "30 of 30 active branches would collide with main"


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen makes the key")
@needs_merge_tree
def test_signed_commits_that_git_is_to_verify(diverged: Project, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    for key, value in {"gpg.format": "ssh", "user.signingKey": f"{tmp_path}/key.pub", "log.showSignature": "true"}.items():
        diverged.git("config", key, value)
    on(diverged, "feature").write("text", "x")
    diverged.git("add", "--all")
    diverged.git("commit", "--quiet", "--gpg-sign", "--message", "signed")
    back(diverged)
    assert verdicts(diverged) == {"feature": "collides"}


def test_a_shallow_clone_says_what_it_hides(diverged: Project) -> None:
    shallow = Project(diverged.top.parent / "shallow")
    diverged.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{diverged.top}", str(shallow.top))
    done = shallow.migmerge("forecast")
    assert "shallow" in done.stdout + done.stderr


def heads_of(scripts: list[Path]) -> list[str]:
    """Return which scripts no other one names as its parent."""
    named = " ".join(line for path in scripts for line in path.read_text().splitlines() if line.startswith("down_revision"))
    return [path.stem for path in scripts if f"'{path.stem}'" not in named]


def history(project: Project, seed: int, days_ago: Clock) -> None:
    """Make main and four branches that add, join, edit, delete and re-parent scripts and now and then merge each other."""
    chance, commits = random.Random(seed), iter(range(1000))
    for _ in range(14):
        branch = chance.choice(["main", "main", "one", "two", "three", "four"])
        number = next(commits)
        days_ago(0.9 - number / 100)
        on(project, branch, "bea", chance.choice(["main", "main~1"]) if number > 1 else "main")
        scripts = sorted((project.top / "migrations/versions").glob("*.py"))
        heads = heads_of(scripts)
        body = f"x = '{chance.getrandbits(6000):x}'"  # or git would take one script for another one, renamed
        match chance.choices(["add", "fork", "join", "edit", "delete", "merge"], [5, 1, 3, 1, 1, 3])[0]:
            case "join" if len(heads) > 1:
                project.script(f"r{number}", tuple(heads), upgrade=body)
            case "edit":
                edited = chance.choice(scripts)
                edited.write_text(edited.read_text() + f"# {number}\n")
            case "delete" if len(scripts) > 3:
                (project.top / f"migrations/versions/{chance.choice(heads)}.py").unlink()
            case "merge":
                other = chance.choice(["main", "one", "two", "three", "four"])
                if project.run_git("merge", "--quiet", "--no-edit", other).returncode:
                    project.run_git("merge", "--abort")
                continue
            case "fork":
                project.script(f"r{number}", "a1", upgrade=body)
            case _:
                project.script(f"r{number}", chance.choice(heads), upgrade=body)
        project.commit(f"{branch} {number}")
    back(project)


@pytest.mark.parametrize("seed", range(10))
def test_the_verdict_is_what_really_merging_gives(project: Project, days_ago: Clock, seed: int) -> None:
    history(project, seed, days_ago)
    before = {(each["code"], *each["revisions"]) for each in project.check()["findings"]}
    found = outlooks(project)
    clone = project.clone("clone", "cem")
    branches = project.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    for branch in (each for each in branches if each != "main"):
        clone.git("reset", "--quiet", "--hard", "origin/main")
        nothing: dict[str, Any] = {"verdict": "clean", "findings": []}
        outlook = next((each for each in found.values() if branch in each["branches"]), nothing)
        if clone.run_git("merge", "--no-edit", f"origin/{branch}").returncode:
            clone.git("merge", "--abort")
            assert outlook["verdict"] != "clean", branch
            continue
        after = {(each["code"], *each["revisions"]) for each in clone.check()["findings"] if each["code"] == "MM001"}
        told = {(each["code"], *each["revisions"]) for each in outlook["findings"] if each["code"] == "MM001"}
        assert told == after - before, branch
        assert outlook["verdict"] == "collides" or not told


@pytest.mark.parametrize("seed", range(5))
def test_where_branches_left_head_is_what_git_calls_the_merge_base(project: Project, days_ago: Clock, seed: int) -> None:
    history(project, seed + 100, days_ago)
    tips = project.git("for-each-ref", "--format=%(objectname)", "refs/heads").split()
    head = project.git("rev-parse", "HEAD")
    bases = merge_bases(Git(str(project.top)), tips, head)
    for tip in tips:
        assert sorted(bases.get(tip, (tip,))) == sorted(project.git("merge-base", "--all", tip, head).split())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "scripts", "conflicts"),
    [
        ({"a": "1"}, {"a": "1"}, {"a": "1"}, {"a": "1"}, ()),
        ({"a": "1"}, {"a": "2"}, {"a": "1"}, {"a": "2"}, ()),
        ({"a": "1"}, {"a": "1"}, {"a": "2"}, {"a": "2"}, ()),
        ({"a": "1"}, {"a": "2"}, {"a": "2"}, {"a": "2"}, ()),
        ({"a": "1"}, {"a": "2"}, {"a": "3"}, {"a": "2"}, ("a",)),
        ({"a": "1"}, {"a": "2"}, {}, {"a": "2"}, ("a",)),
        ({"a": "1"}, {}, {"a": "2"}, {}, ("a",)),
        ({"a": "1"}, {"a": "1"}, {}, {}, ()),
        ({"a": "1"}, {}, {"a": "1"}, {}, ()),
        ({"a": "1"}, {}, {}, {}, ()),
        ({}, {}, {"a": "1"}, {"a": "1"}, ()),
        ({}, {"a": "1"}, {"a": "1"}, {"a": "1"}, ()),
        ({}, {"b": "1", "a": "1"}, {"b": "2", "a": "2", "c": "3"}, {"a": "1", "b": "1", "c": "3"}, ("a", "b")),
    ],
)
def test_merging_by_path(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str], scripts: dict[str, str], conflicts: tuple[str, ...]
) -> None:
    given = dict(base), dict(ours), dict(theirs)
    assert merge_scripts(base, ours, theirs) == MergedScripts(scripts, conflicts)
    assert given == (base, ours, theirs)


FOUND = a_finding("MM001", Severity.ERROR, "migrations", "x", "y", ("b1", "c1"), (B1, C1))


def test_a_finding_is_new_where_its_revisions_or_paths_are() -> None:
    retold = a_finding("MM001", Severity.ERROR, "migrations", "told in other words", "z", ("b1", "c1"), (B1, C1))
    moved = a_finding("MM001", Severity.ERROR, "migrations", "x", "y", ("b1", "c1"), (B1, "c.py"))
    assert new_findings((FOUND,), (retold,)) == ()
    assert new_findings((FOUND,), (retold, moved)) == (moved,)
    assert new_findings((FOUND,), ()) == ()


@pytest.mark.parametrize(
    ("severities", "conflicts", "verdict"),
    [
        ((), (), ForecastVerdict.CLEAN),
        (("info", "warning"), (), ForecastVerdict.CLEAN),
        (("warning",), ("a",), ForecastVerdict.CONFLICTS),
        (("warning", "error"), (), ForecastVerdict.COLLIDES),
        (("error",), ("a",), ForecastVerdict.COLLIDES),
    ],
)
def test_the_worst_counts(severities: tuple[str, ...], conflicts: tuple[str, ...], verdict: ForecastVerdict) -> None:
    findings = tuple(a_finding("MM001", Severity(each), "", "", "") for each in severities)
    assert BranchForecast(("x",), "c", "a", 0, (), conflicts, findings).verdict is verdict


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (86399, "23 hours"),
        (86400, "1 day"),
        (172800, "2 days"),
    ],
)
def test_an_age_is_told_in_the_largest_unit_that_fits(seconds: int, said: str) -> None:
    assert age_of(seconds) == said


def test_the_hint_quotes_a_branch_of_any_name() -> None:
    stream = io.StringIO()
    outlook = BranchForecast(("it's;x",), "c", "a", 0, ("c1",), (), (FOUND,))
    report_summary(Screen(stream, "never"), [outlook], 1, "main")
    assert stream.getvalue().splitlines()[-1] == "hint: migmerge check --against 'it'\"'\"'s;x'"


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def track(monkeypatch: pytest.MonkeyPatch, stderr: TextIO, seconds: float, *, wanted: bool = True) -> None:
    """Look at three items, which takes so many seconds each."""
    watch = Watch()
    monkeypatch.setattr(progress, "time", watch)
    monkeypatch.setattr(sys, "stderr", stderr)
    items = []
    for item in progress.tracked(iter("abc"), "branches", 3, shown=wanted):
        watch.now += seconds
        items.append(item)
    assert items == list("abc")


def shown(monkeypatch: pytest.MonkeyPatch, seconds: float, *, wanted: bool = True) -> str:
    """Return what a terminal shows meanwhile."""
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as stderr:
        track(monkeypatch, stderr, seconds, wanted=wanted)
    with os.fdopen(leader, "rb", buffering=0) as screen:
        return b"".join(iter(lambda: read_to_end(screen), b"")).decode()


def read_to_end(screen: io.RawIOBase) -> bytes:
    """Read some of what was shown; Linux ends a terminal with an error."""
    try:
        return screen.read(65536) or b""
    except OSError:
        return b""


def test_a_bar_counts_what_takes_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = shown(monkeypatch, 0.6)
    assert "branches" in seen and "0%" in seen
    assert seen.rpartition("%")[2].endswith("\x1b[1A\x1b[2K"), "its line is cleared at the end"


def test_no_bar_for_what_is_quick_or_quiet_or_on_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, 0.3) == ""
    assert shown(monkeypatch, 5, wanted=False) == ""
    stream = io.StringIO()
    track(monkeypatch, stream, 5)
    assert stream.getvalue() == ""
