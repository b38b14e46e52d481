"""`migmerge check --against`: the findings of a merge that nobody made."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import Project, script_text

ADD_EMAIL = "op.add_column('users', sa.Column('email', sa.String()))"
A1, B1, C1 = (f"migrations/versions/{name}.py" for name in ("a1", "b1", "c1"))
SAID = '2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)'


def state(project: Project) -> tuple[object, ...]:
    """Return all that a look may not change: HEAD, the index to the byte, the references, every file of the work tree."""
    files = {
        str(path.relative_to(project.top)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(project.top.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(project.top).parts
    }
    git = project.top / ".git"
    references = project.git("for-each-ref", "--format=%(refname) %(objectname)"), project.git("reflog", "--all")
    return (git / "HEAD").read_bytes(), (git / "index").read_bytes(), references, files


def text(project: Project, *arguments: str, status: int, cwd: Path | None = None) -> str:
    """Return what check says, which complains about nothing."""
    done = project.migmerge("check", *arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (status, "")
    return done.stdout


def refuse(project: Project, *arguments: str, cwd: Path | None = None, **more: str) -> str:
    """Return why check could not look; it printed no finding and changed nothing."""
    done = project.migmerge("check", *arguments, cwd=cwd, **more)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def fork(project: Project) -> None:
    """Stand on the new branch feature."""
    project.git("switch", "--quiet", "--create", "feature")


def back(project: Project) -> None:
    project.git("switch", "--quiet", "main")


DIVERGENCE = (
    "migrations  HEAD brings 1 revision\n"
    "  + b1  add email  (ann, main)\n"
    "migrations  feature brings 1 revision\n"
    "  + c1  add orders  (bea, feature)\n"
    "migrations  4 revisions, 2 heads\n"
    "  b1  add email  migrations/versions/b1.py\n"
    "  c1  add orders  migrations/versions/c1.py\n"
    "error MM001 divergent-heads migrations\n"
    f"  {SAID}\n"
    "  hint: git merge feature && migmerge fix\n"
    "1 error\n"
)


def test_a_clean_merge_that_gives_two_heads_as_text(diverged: Project) -> None:
    assert text(diverged, "--against", "feature", status=1) == DIVERGENCE


def test_a_clean_merge_that_gives_two_heads_as_json(diverged: Project) -> None:
    commits = {name: diverged.git("rev-parse", name) for name in ("main", "feature")}
    head = {"labels": [], "date": "2024-05-01T12:00:00+00:00"}
    mine = {"revision": "b1", "path": B1, "message": "add email", "commit": commits["main"], "author": "ann", **head}
    theirs = {"revision": "c1", "path": C1, "message": "add orders", "commit": commits["feature"], "author": "bea", **head}
    assert diverged.check("--against", "feature") == {
        "version": 1,
        "tree": "merge",
        "commit": commits["main"],
        "against": commits["feature"],
        "environments": [
            {
                "path": "migrations",
                "name": "migrations",
                "kind": "flask-migrate",
                "versions": ["migrations/versions"],
                "problem": None,
                "hidden": False,
                "revisions": 4,
                "heads": [{**mine, "branches": ["main"]}, {**theirs, "branches": ["feature"]}],
                "brings": {"commit": ["b1"], "against": ["c1"]},
            }
        ],
        "findings": [
            {
                "code": "MM001",
                "name": "divergent-heads",
                "severity": "error",
                "environment": "migrations",
                "message": SAID,
                "hint": "git merge feature && migmerge fix",
                "revisions": ["b1", "c1"],
                "branch_point": "a1",
                "paths": [B1, C1],
                "lines": [],
                "symptom": None,
            }
        ],
    }


def test_the_hint_leads_to_one_head(diverged: Project) -> None:
    (hint,) = (finding["hint"] for finding in diverged.check("--against", "feature")["findings"])
    merge, _, then = hint.partition(" && ")
    diverged.git(*merge.split()[1:], "--no-edit", "--quiet")
    assert then == "migmerge fix"
    diverged.fix()
    assert len(diverged.heads()) == 1 and diverged.codes() == []


def test_what_it_says_is_what_the_merge_gives(diverged: Project) -> None:
    foretold = diverged.check("--against", "feature")
    diverged.merged()
    after = diverged.check()
    assert [head["revision"] for head in foretold["environments"][0]["heads"]] == diverged.heads()
    assert [each["message"] for each in foretold["findings"]] == [each["message"] for each in after["findings"]]


def test_annotations_of_a_merge(diverged: Project) -> None:
    done = diverged.migmerge("check", "--against", "feature", "--format", "github")
    said = f"{SAID}%0Athis script and {C1}:13%0Ahint: git merge feature && migmerge fix"
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"::error file=migrations/versions/b1.py,line=13,title=MM001 divergent-heads::{said}\n"


def test_sarif_of_a_merge(diverged: Project) -> None:
    done = diverged.migmerge("check", "--against", "feature", "--format", "sarif")
    assert (done.returncode, done.stderr) == (1, "")
    (run,) = json.loads(done.stdout)["runs"]
    (result,) = run["results"]
    places = [each["physicalLocation"] for each in (*result["locations"], *result["relatedLocations"])]
    assert [(each["artifactLocation"]["uri"], each["region"]["startLine"]) for each in places] == [(B1, 13), (C1, 13)]
    assert (result["ruleId"], result["level"]) == ("MM001", "error")
    assert run["properties"] == {"commit": diverged.git("rev-parse", "main")}


def test_quiet_keeps_only_errors(diverged: Project) -> None:
    assert (
        text(diverged, "--quiet", "--against", "feature", status=1) == DIVERGENCE[DIVERGENCE.index("error") : -len("1 error\n")]
    )
    assert text(diverged, "--quiet", "--against", "main", status=0) == ""


def test_no_divergence(project: Project) -> None:
    fork(project)
    project.revision("c1", "a1", message="add orders")
    back(project)
    project.write("app.py", "x = 2\n")
    project.commit("app")
    assert text(project, "--against", "feature", status=0) == (
        "migrations  feature brings 1 revision\n"
        "  + c1  add orders  (ann, feature)\n"
        "migrations  3 revisions, 1 head\n"
        "  c1  add orders  migrations/versions/c1.py\n"
        "no findings\n"
    )


def test_a_reference_that_contains_head_is_looked_at_as_it_is(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--detach", "feature~1")
    answer = diverged.check("--against", "feature")
    assert answer["environments"][0]["brings"] == {"commit": [], "against": ["c1"]}
    assert (answer["findings"], [head["revision"] for head in answer["environments"][0]["heads"]]) == ([], ["c1"])


def test_a_reference_that_head_contains_gives_head(diverged: Project) -> None:
    answer = diverged.check("--against", "main~1")
    assert answer["environments"][0]["brings"] == {"commit": ["b1"], "against": []}
    assert (answer["findings"], [head["revision"] for head in answer["environments"][0]["heads"]]) == ([], ["b1"])


def test_head_against_itself_brings_nothing(diverged: Project) -> None:
    answer = diverged.check("--against", "HEAD")
    assert answer["commit"] == answer["against"] == diverged.git("rev-parse", "HEAD")
    assert answer["environments"][0]["brings"] == {"commit": [], "against": []}


def test_a_merge_revision_on_one_side_is_enough(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--create", "joined")
    diverged.merged()
    diverged.fix()
    back(diverged)
    assert [each["revisions"] for each in diverged.check("--against", "feature")["findings"]] == [["b1", "c1"]]
    assert diverged.codes("--against", "joined") == []


def both_edit(project: Project, **edits: str) -> None:
    """Let feature and main edit a1, each in its own way; stand on main."""
    fork(project)
    project.write(A1, edits["theirs"])
    project.commit("theirs")
    back(project)
    project.write(A1, edits["ours"])
    project.commit("ours")


def test_a_script_that_both_sides_re_parented_has_conflict_markers(project: Project) -> None:
    both_edit(project, theirs=script_text("a1", None), ours=script_text("a1", ("a0",)))
    assert text(project, "--against", "feature", status=1) == (
        "migrations  1 revision, 1 head\n"
        "  a0  add a0  migrations/versions/a0.py\n"
        "error MM005 unreadable-script migrations\n"
        "  migrations/versions/a1.py: conflict markers on line 4; its place in the history cannot be known\n"
        f"  hint: git merge feature, then edit {A1}:4: resolve the conflict, then git add {A1} && git commit\n"
        "1 error\n"
    )
    assert "<<<<<<<" not in (project.top / A1).read_text()


def unmergeable(path: str, line: int, merge: str = "git merge feature") -> str:
    return (
        "error MM005 unreadable-script migrations\n"
        f"  {path}: git cannot merge it: both sides changed it\n"
        f"  hint: {merge}, then edit {path}:{line}: resolve the conflict, then git add {path} && git commit\n"
    )


def both_edit_the_body(project: Project) -> str:
    both_edit(project, theirs=script_text("a1", "a0", upgrade="theirs()"), ours=script_text("a1", "a0", upgrade="ours()"))
    return text(project, "--against", "feature", status=1)


def test_a_conflict_that_leaves_the_identifiers_readable_is_an_error_too(project: Project) -> None:
    said = both_edit_the_body(project)
    assert said.startswith("migrations  2 revisions, 1 head\n  a1  add a1  migrations/versions/a1.py\n" + unmergeable(A1, 19))


def test_a_conflict_is_told_once(project: Project) -> None:
    assert both_edit_the_body(project).endswith(unmergeable(A1, 19) + "1 error\n")


def test_edits_of_one_script_that_git_can_merge_are_no_conflict(project: Project) -> None:
    both_edit(project, theirs=script_text("a1", "a0", message="theirs"), ours=script_text("a1", "a0", upgrade="ours()"))
    answer = project.check("--against", "feature")
    assert (answer["findings"], answer["environments"][0]["heads"][0]["message"]) == ([], "theirs")


def both_add(project: Project, ours: str, theirs: str) -> None:
    """Let both sides add b1, each with its own text; stand on main."""
    fork(project)
    project.write(B1, theirs)
    project.commit("theirs")
    back(project)
    project.write(B1, ours)
    project.commit("ours")


def test_one_file_that_both_sides_add_with_different_content(project: Project) -> None:
    both_add(project, script_text("b1", "a1"), script_text("b1", "a0"))
    (found,) = project.check("--against", "feature")["findings"]
    assert (found["code"], found["severity"], found["paths"]) == ("MM005", "error", [B1])
    assert "conflict markers on line 4" in found["message"]


def test_one_file_that_both_sides_add_with_the_same_content(project: Project) -> None:
    both_add(project, script_text("b1", "a1"), script_text("b1", "a1"))
    answer = project.check("--against", "feature")
    assert answer["findings"] == []
    assert answer["environments"][0]["brings"] == {"commit": [], "against": []}


def test_one_id_in_two_files_is_found_before_the_merge(project: Project) -> None:
    fork(project)
    project.write("migrations/versions/b1_theirs.py", script_text("b1", "a1"))
    project.commit("theirs")
    back(project)
    project.revision("b1", "a1")
    assert project.codes("--against", "feature") == ["MM003"]


def modify_and_delete(project: Project) -> None:
    """Let feature delete b1, which main edits; stand on main."""
    project.revision("b1", "a1")
    fork(project)
    project.git("rm", "--quiet", B1)
    project.commit("delete")
    back(project)
    project.script("b1", "a1", message="edited")
    project.commit("edit")


@pytest.mark.parametrize(
    ("arguments", "side"),
    [(("--against", "feature"), "HEAD"), (("--at", "feature", "--against", "main"), "main")],
    ids=str,
)
def test_a_script_that_one_side_deletes_and_the_other_edits(project: Project, arguments: tuple[str, ...], side: str) -> None:
    modify_and_delete(project)
    merge = "git merge feature" if side == "HEAD" else "git checkout feature && git merge main"
    assert text(project, *arguments, status=1) == (
        f"migrations  {side} brings 1 revision\n"
        "  + b1  edited  (ann, main)\n"
        "migrations  3 revisions, 1 head\n"
        f"  b1  edited  {B1}\n{unmergeable(B1, 13, merge)}1 error\n"
    )
    assert project.run_git("merge", "feature").returncode == 1


def test_a_parent_that_the_other_side_deletes_is_missing(project: Project) -> None:
    project.revision("b1", "a1")
    fork(project)
    project.git("rm", "--quiet", B1)
    project.commit("delete")
    back(project)
    project.revision("b2", "b1")
    (found,) = project.check("--against", "feature")["findings"]
    assert (found["code"], found["revisions"]) == ("MM002", ["b2", "b1"])


def test_colliding_operations_of_the_two_sides(project: Project) -> None:
    fork(project)
    project.user = "bea"
    project.revision("c1", "a1", message="add orders", upgrade=ADD_EMAIL)
    project.user = "ann"
    back(project)
    project.revision("b1", "a1", message="add email", upgrade=ADD_EMAIL)
    assert text(project, "--against", "feature", status=1).partition("hint: git merge feature && migmerge fix\n")[2] == (
        "warning MM007 colliding-operations migrations\n"
        f'  both sides add the column users.email: b1 "add email" (ann, main) at {B1}:19 and c1 "add orders" (bea, feature) at {C1}:19\n'
        f"  hint: git merge feature && git log --all -p -- {B1} {C1} && migmerge fix\n"
        "1 error, 1 warning\n"
    )


def test_uncommitted_scripts_do_not_count(diverged: Project) -> None:
    diverged.script("d1", "b1")
    diverged.script("e1", "b1")
    diverged.git("add", "migrations/versions/e1.py")
    diverged.write(B1, "<<<<<<< broken\n")
    diverged.write("migrations/alembic.ini", "no section\n")
    assert text(diverged, "--against", "feature", status=1) == DIVERGENCE


def test_nothing_is_changed_and_nothing_is_checked_out(diverged: Project) -> None:
    diverged.write("staged.py", "x = 1\n")
    diverged.git("add", "staged.py")
    diverged.write("app.py", "x = 2\n")
    diverged.write("untracked.py", "x = 3\n")
    os.utime(diverged.top / "migrations/env.py", (1, 1))  # an index that git would like to refresh
    before = state(diverged)
    for output in ("text", "json", "github", "sarif"):
        assert diverged.migmerge("check", "--against", "feature", "--format", output).returncode == 1
    assert state(diverged) == before


def test_a_conflict_leaves_nothing_behind_either(project: Project) -> None:
    both_add(project, script_text("b1", "a1"), script_text("b1", "a0"))
    before = state(project)
    text(project, "--against", "feature", status=1)
    assert state(project) == before
    assert not (project.top / ".git/MERGE_HEAD").exists()


def test_in_the_middle_of_another_merge(diverged: Project) -> None:
    both_ini = "migrations/alembic.ini"
    diverged.git("switch", "--quiet", "--create", "ini")
    diverged.write(both_ini, "[alembic]\nx = 1\n")
    diverged.commit("ini")
    back(diverged)
    diverged.write(both_ini, "[alembic]\nx = 2\n")
    diverged.commit("ini")
    assert diverged.run_git("merge", "ini").returncode == 1
    before = state(diverged)
    assert text(diverged, "--against", "feature", status=1) == DIVERGENCE
    assert state(diverged) == before


def test_conflicts_outside_the_scripts_are_git_s_own_business(diverged: Project) -> None:
    for branch, number in (("main", 2), ("feature", 3)):
        diverged.git("switch", "--quiet", branch)
        diverged.write("app.py", f"x = {number}\n")
        diverged.commit("app")
    back(diverged)
    assert text(diverged, "--against", "feature", status=1) == DIVERGENCE


def test_a_conflict_in_the_configuration_is_an_error_that_names_it(diverged: Project) -> None:
    for branch, number in (("main", 2), ("feature", 3)):
        diverged.git("switch", "--quiet", branch)
        diverged.write("migrations/alembic.ini", f"[alembic]\nx = {number}\n")
        diverged.commit("ini")
    back(diverged)
    found = diverged.check("--against", "feature")["findings"]
    assert [(each["code"], each["paths"]) for each in found] == [("MM005", ["migrations/alembic.ini"]), ("MM001", [B1, C1])]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--against", "nowhere"), "nowhere"),
        (("--against", ""), ""),
        (("--against=--output=x",), "--output=x"),
        (("--against", "HEAD:app.py"), "HEAD:app.py"),
        (("--against", "HEAD^{tree}"), "HEAD^{tree}"),
        (("--against", "feature..main"), "feature..main"),
        (("--against", "feature", "--at", "nowhere"), "nowhere"),
    ],
    ids=str,
)
def test_what_names_no_commit_is_refused(diverged: Project, arguments: tuple[str, ...], named: str) -> None:
    before = state(diverged)
    assert refuse(diverged, *arguments) == f"error: {named} names no commit\nhint: git log --oneline --all\n"
    assert state(diverged) == before
    assert not (diverged.top / "x").exists()


def test_an_environment_that_neither_side_has_is_refused(diverged: Project) -> None:
    assert refuse(diverged, "--against", "feature", "--environment", "nowhere") == (
        "error: no environment at nowhere: there is migrations\nhint: migmerge check --against feature --environment migrations\n"
    )


def test_unrelated_histories_are_refused(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--orphan", "gh-pages")
    diverged.write("index.html", "x")
    diverged.commit("pages")
    back(diverged)
    commits = (diverged.git("rev-parse", "--short=10", name) for name in ("gh-pages", "main"))
    assert refuse(diverged, "--against", "gh-pages") == (
        "error: the two have no common history in this clone, so git would not merge them\n"
        f"hint: git log --oneline {' '.join(commits)}\n"
    )


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "new")
    assert refuse(project, "--against", "HEAD") == "error: HEAD has no commit yet\nhint: git commit\n"


def test_a_repository_without_an_environment_is_said(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "plain")
    project.write("README", "x")
    project.commit("x")
    expected = "no Alembic or Flask-Migrate environment in this repository\nno findings\n"
    assert text(project, "--against", "main", status=0) == expected


def old_git(folder: Path) -> str:
    """Put a git before the real one that does not know `merge-tree --write-tree`, as 2.37 does not; return the PATH."""
    folder.mkdir()
    wrapper = folder / "git"
    wrapper.write_text(
        "#!/bin/sh\n"
        '[ "$1" = version ] && { echo "git version 2.37.4"; exit 0; }\n'
        'case " $* " in *" --write-tree "*)\n'
        '  echo "usage: git merge-tree <base-tree> <branch1> <branch2>" >&2; exit 129;;\n'
        "esac\n"
        f'exec {shutil.which("git")} "$@"\n'
    )
    wrapper.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_a_git_that_is_too_old_is_named(diverged: Project, tmp_path: Path) -> None:
    before = state(diverged)
    assert refuse(diverged, "--against", "feature", PATH=old_git(tmp_path / "bin")) == (
        "error: looking at a merge needs git 2.38 or newer, and this is git version 2.37.4\n"
        "hint: a newer git, or git merge and then migmerge check\n"
    )
    assert state(diverged) == before


def test_a_git_that_is_too_old_still_looks_at_a_commit(diverged: Project, tmp_path: Path) -> None:
    assert diverged.migmerge("check", PATH=old_git(tmp_path / "bin")).returncode == 0


def test_at_is_the_side_that_is_merged(diverged: Project) -> None:
    back(diverged)
    diverged.revision("b2", "b1")
    answer = diverged.check("--at", "feature", "--against", "main~1")
    assert (answer["commit"], answer["against"]) == (diverged.git("rev-parse", "feature"), diverged.git("rev-parse", "main~1"))
    assert answer["environments"][0]["brings"] == {"commit": ["c1"], "against": ["b1"]}
    (found,) = answer["findings"]
    assert (found["code"], found["revisions"]) == ("MM001", ["b1", "c1"])
    assert found["hint"] == "git checkout feature && git merge 'main~1' && migmerge fix"


def test_a_tag_a_commit_and_a_remote_branch_name_the_same(diverged: Project) -> None:
    diverged.git("tag", "--annotate", "--message", "x", "v1", "feature")
    clone = diverged.clone("clone", "cem")
    commit = diverged.git("rev-parse", "feature")
    answers = [clone.check("--against", name) for name in ("v1", commit, commit[:10], "origin/feature", "v1^0")]
    assert [answer["against"] for answer in answers] == [commit] * 5
    assert all([each["revisions"] for each in answer["findings"]] == [["b1", "c1"]] for answer in answers)


def test_it_works_from_a_sub_folder(diverged: Project) -> None:
    said = text(diverged, "--against", "feature", status=1, cwd=diverged.top / "migrations/versions")
    assert said == DIVERGENCE.replace("hint: git merge", "hint: cd ../.. && git merge")
    done = diverged.migmerge("-C", str(diverged.top), "check", "--against", "feature", cwd=diverged.top.parent)
    assert done.stdout == DIVERGENCE.replace("hint: git merge", "hint: cd app && git merge")


def test_it_works_in_a_linked_worktree(diverged: Project) -> None:
    linked = Project(diverged.top.parent / "linked")
    diverged.git("worktree", "add", "--quiet", "--detach", str(linked.top), "feature")
    answer = linked.check("--against", "main")
    assert answer["commit"] == diverged.git("rev-parse", "feature")
    assert answer["environments"][0]["brings"] == {"commit": ["c1"], "against": ["b1"]}
    assert [each["code"] for each in answer["findings"]] == ["MM001"]
    assert linked.status() == diverged.status() == ""


def test_it_works_where_nothing_is_checked_out(diverged: Project) -> None:
    diverged.git("sparse-checkout", "set", "--no-cone", "/app.py")
    assert not (diverged.top / "migrations").exists()
    assert text(diverged, "--against", "feature", status=1) == DIVERGENCE


def test_an_environment_that_only_the_other_side_has(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "late")
    project.write("app.py", "x = 1\n")
    project.commit("begin")
    fork(project)
    project.write("migrations/alembic.ini", "[alembic]\n")
    project.write("migrations/env.py", "")
    project.revision("a0")
    back(project)
    (environment,) = project.check("--against", "feature")["environments"]
    assert (environment["path"], environment["brings"]) == ("migrations", {"commit": [], "against": ["a0"]})
    assert project.check("--at", "feature", "--against", "main")["environments"][0]["brings"] == {"commit": ["a0"], "against": []}


def test_each_environment_says_what_it_gets(diverged: Project) -> None:
    for branch, name in (("main", "x1"), ("feature", "y1")):
        diverged.git("switch", "--quiet", branch)
        for path, content in {"alembic.ini": "[alembic]\nscript_location = db\n", "db/env.py": ""}.items():
            diverged.write(f"second/{path}", content)
        diverged.revision(name, folder="second/db/versions", labels=(f"{name}_side",))
    back(diverged)
    answer = diverged.check("--against", "feature")
    brings: dict[str, Any] = {each["path"]: each["brings"] for each in answer["environments"]}
    assert brings == {
        "migrations": {"commit": ["b1"], "against": ["c1"]},
        "second/db": {"commit": ["x1"], "against": ["y1"]},
    }
    assert [(each["code"], each["environment"]) for each in answer["findings"]] == [("MM001", "migrations")]
    assert diverged.codes("--against", "feature", "--environment", "second/db") == []


def test_what_head_did_to_published_scripts_is_not_told_of_a_merge(diverged: Project) -> None:
    clone = diverged.clone("clone", "cem")
    clone.script("a1", "a0", upgrade="op.execute('x')")
    clone.commit("edit")
    assert clone.codes() == ["MM008"]
    assert clone.codes("--against", "origin/feature") == ["MM001"]


def test_the_answer_about_a_merge_is_not_remembered_as_the_one_about_head(project: Project) -> None:
    fork(project)
    project.revision("c1", "a1")
    back(project)
    healthy = text(project, status=0)
    assert "c1" in text(project, "--against", "feature", status=0)
    assert text(project, status=0) == healthy


def test_a_shallow_clone_says_what_it_hides(diverged: Project) -> None:
    shallow = Project(diverged.top.parent / "shallow")
    diverged.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{diverged.top}", str(shallow.top))
    assert refuse(shallow, "--against", "origin/feature") == (
        "error: the two have no common history in this shallow clone, so git would not merge them\nhint: git fetch --unshallow\n"
    )
    shallow.git("fetch", "--quiet", "--unshallow")
    assert shallow.codes("--against", "origin/feature") == ["MM001"]
