"""`migmerge check`: text, JSON, exit status, and where it can be run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import MIGMERGE, TEMPLATE, Project, script_text


def finding(project: Project, code: str) -> dict[str, Any]:
    """Return the one finding of a code."""
    (found,) = [each for each in project.check()["findings"] if each["code"] == code]
    assert isinstance(found, dict)
    return found


def test_text_of_a_healthy_repository(project: Project) -> None:
    done = project.migmerge("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("migrations  2 revisions, 1 head\n  a1  add a1  migrations/versions/a1.py\nno findings\n")


def test_text_of_a_divergence(diverged: Project) -> None:
    diverged.merged()
    done = diverged.migmerge("check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "migrations  4 revisions, 2 heads\n"
        "  b1  add email  migrations/versions/b1.py\n"
        "  c1  add orders  migrations/versions/c1.py\n"
        "error MM001 divergent-heads migrations\n"
        '  2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)\n'
        "  hint: migmerge fix\n"
        "1 error\n"
    )


def test_json_of_a_divergence(diverged: Project) -> None:
    diverged.merged()
    answer = diverged.check()
    commits = {
        name: diverged.git("log", "-1", "--format=%H", "--diff-filter=A", "--", f"migrations/versions/{name}.py")
        for name in ("b1", "c1")
    }
    head = {"labels": [], "date": "2024-05-01T12:00:00+00:00"}
    assert answer == {
        "version": 1,
        "tree": "worktree",
        "commit": diverged.git("rev-parse", "HEAD"),
        "against": None,
        "environments": [
            {
                "path": "migrations",
                "name": "migrations",
                "kind": "flask-migrate",
                "versions": ["migrations/versions"],
                "problem": None,
                "hidden": False,
                "revisions": 4,
                "heads": [
                    {
                        "revision": "b1",
                        "path": "migrations/versions/b1.py",
                        "message": "add email",
                        "commit": commits["b1"],
                        "author": "ann",
                        "branches": ["main"],
                        **head,
                    },
                    {
                        "revision": "c1",
                        "path": "migrations/versions/c1.py",
                        "message": "add orders",
                        "commit": commits["c1"],
                        "author": "bea",
                        "branches": ["feature", "main"],
                        **head,
                    },
                ],
            }
        ],
        "findings": [
            {
                "code": "MM001",
                "name": "divergent-heads",
                "severity": "error",
                "environment": "migrations",
                "message": '2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)',
                "hint": "migmerge fix",
                "revisions": ["b1", "c1"],
                "branch_point": "a1",
                "paths": ["migrations/versions/b1.py", "migrations/versions/c1.py"],
                "lines": [],
                "symptom": None,
            }
        ],
    }


def test_mm002_names_where_the_missing_script_was_deleted(project: Project) -> None:
    project.revision("b1", "a1", message="add email")
    held = project.git("rev-parse", "HEAD")
    project.git("rm", "--quiet", "migrations/versions/b1.py")
    project.script("c1", "b1")
    project.commit("delete b1")
    found = finding(project, "MM002")
    assert "ann deleted migrations/versions/b1.py in commit" in found["message"]
    assert "c1 can follow a1, which b1 followed" in found["message"]
    assert found["hint"] == "migmerge fix"
    command = f"git checkout {held[:10]} -- migrations/versions/b1.py"
    assert found["message"].endswith(command)
    project.git(*command.split()[1:])
    project.commit("b1 is back")
    assert project.codes() == []


def test_mm002_finds_a_script_on_another_branch_and_after_that_branch_is_gone(diverged: Project) -> None:
    diverged.revision("d1", "c1")
    assert "(bea on feature)" in finding(diverged, "MM002")["message"]
    diverged.git("branch", "--quiet", "-D", "feature")
    found = finding(diverged, "MM002")
    assert "migrations/versions/c1.py had it in commit" in found["message"]


def test_mm002_names_an_uncommitted_parent(project: Project) -> None:
    project.script("b1", "a1")
    project.script("c1", "b1")
    project.git("add", "migrations/versions/c1.py")
    project.git("commit", "--quiet", "-m", "c1 alone")
    assert finding(project, "MM009")["message"].endswith("and cannot load c1, which follows it and is committed")
    hints = {"--at": "git add migrations/versions/b1.py && git commit", "--staged": "git add -- migrations/versions/b1.py"}
    for tree, hint in hints.items():
        arguments = [tree, "HEAD"] if tree == "--at" else [tree]
        (missing,) = [each for each in project.check(*arguments)["findings"] if each["code"] == "MM002"]
        assert missing["hint"] == hint


def test_mm005_is_an_error_where_only_the_body_is_broken(project: Project) -> None:
    project.write("migrations/versions/b1.py", script_text("b1", "a1").replace("pass", "print 'x'", 1))
    project.commit("Python 2")
    found = finding(project, "MM005")
    assert (found["severity"], project.migmerge("check").returncode) == ("error", 1)
    assert project.heads() == ["b1"]


def test_mm005_names_the_line_of_conflict_markers(project: Project) -> None:
    text = script_text("b1", "a1").replace(
        "down_revision = 'a1'", "<<<<<<< HEAD\ndown_revision = 'a1'\n=======\ndown_revision = 'a0'\n>>>>>>> x"
    )
    project.write("migrations/versions/b1.py", text)
    project.commit("conflict")
    found = finding(project, "MM005")
    assert found["severity"] == "error"
    assert "conflict markers on line 13" in found["message"]


def test_mm009_tells_of_scripts_that_only_this_folder_has(project: Project) -> None:
    project.write(".gitignore", "ignored.py\n")
    project.commit("ignore")
    project.write("migrations/versions/ignored.py", script_text("i1", "a1"))
    project.script("b1", "a1")
    found = [each for each in project.check()["findings"] if each["code"] == "MM009"]
    assert [each["paths"] for each in found] == [["migrations/versions/b1.py"], ["migrations/versions/ignored.py"]]
    assert project.heads() == ["b1", "i1"]
    assert project.codes("--at", "HEAD") == []


def test_a_project_that_was_never_committed_is_told_so(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "new")
    project.write("migrations/alembic.ini", "[alembic]\n")
    project.write("migrations/env.py", "")
    project.write("migrations/script.py.mako", TEMPLATE)
    project.script("a0")
    answer = project.check()
    assert answer["commit"] is None
    assert [each["code"] for each in answer["findings"]] == ["MM009"]


def test_at_looks_at_another_commit(diverged: Project) -> None:
    diverged.merged()
    assert diverged.codes("--at", "HEAD~1") == []
    assert diverged.check("--at", "feature")["commit"] == diverged.git("rev-parse", "feature")


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (("--at", "nowhere"), "nowhere names no commit", "git log --oneline --all"),
        (("--at=--output=x",), "--output=x names no commit", "git log --oneline --all"),
        (("--at", "mian"), "mian names no commit", "migmerge check --at main"),
        (
            ("--environment=migrtions",),
            "no environment at migrtions: there is migrations",
            "migmerge check --environment=migrations",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_looked_at_is_an_error(project: Project, arguments: tuple[str, ...], error: str, hint: str) -> None:
    done = project.migmerge("check", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {error}\nhint: {hint}\n")


def test_outside_a_repository_is_an_error(tmp_path: Path) -> None:
    done = Project(tmp_path).migmerge("check")
    assert (done.returncode, done.stderr) == (2, f"error: {tmp_path} is not in a git repository\nhint: git init\n")


def test_a_folder_that_is_not_there_is_an_error(project: Project) -> None:
    done = project.migmerge("-C", "nowhere", "check")
    assert (done.returncode, done.stderr) == (2, "error: nowhere is not a folder\n")


def test_a_repository_without_an_environment_is_said(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "plain")
    project.write("README", "x")
    project.commit("x")
    done = project.migmerge("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "no Alembic or Flask-Migrate environment in this repository\nno findings\n"
    assert project.migmerge("check", "--against", "HEAD").stdout == done.stdout
    assert project.check()["environments"] == project.check("--against", "HEAD")["environments"] == []
    asked = project.migmerge("check", "--environment", "migrations")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr == "error: no environment at migrations: there is none\nhint: flask db init, or alembic init migrations\n"


def test_a_broken_ini_is_a_finding_on_it(project: Project) -> None:
    project.write("migrations/alembic.ini", "<<<<<<< HEAD\n[alembic]\n")
    project.commit("conflict")
    found = finding(project, "MM005")
    assert (found["severity"], found["environment"], found["paths"]) == ("error", "migrations", ["migrations/alembic.ini"])
    assert found["message"] == "migrations/alembic.ini: Alembic cannot read it: File contains no section headers."
    assert project.migmerge("fix", "--yes").returncode == 1


def test_quiet_keeps_only_errors(diverged: Project) -> None:
    assert diverged.migmerge("check", "--quiet").stdout == ""
    diverged.merged()
    assert diverged.migmerge("check", "-q").stdout.splitlines()[0] == "error MM001 divergent-heads migrations"


def test_environments_are_chosen_by_option_and_by_configuration(project: Project) -> None:
    for path, text in {"alembic.ini": "[alembic]\nscript_location = db\n", "db/env.py": "", "db/script.py.mako": ""}.items():
        project.write(f"second/{path}", text)
    project.script("x0", folder="second/db/versions")
    project.commit("second")
    assert project.heads() == ["a1", "x0"]
    assert [each["path"] for each in project.check("--environment", "second/db")["environments"]] == ["second/db"]
    inside = project.migmerge("check", "--format", "json", "--environment", "db", cwd=project.top / "second")
    assert [each["path"] for each in json.loads(inside.stdout)["environments"]] == ["second/db"]
    project.write("pyproject.toml", '[tool.migmerge]\nenvironments = ["migrations"]\n')
    assert project.heads() == ["a1"]
    project.git("config", "migmerge.environments", "second/db")
    assert project.heads() == ["x0"]


def test_an_unknown_key_names_the_nearest(project: Project) -> None:
    project.write("pyproject.toml", '[tool.migmerge]\nupgrade_command = "make"\n')
    done = project.migmerge("check")
    assert done.returncode == 2
    assert done.stderr == "error: pyproject.toml: unknown key 'upgrade_command'\nhint: did you mean upgrade-command?\n"


def test_control_characters_are_shown_and_not_obeyed(project: Project) -> None:
    project.revision("b1", "a1", message="\x1b]0;owned\x07\x1b[2Jred \u202e")
    done = project.migmerge("check", "--color", "always")
    assert "\\x1b]0;owned\\x07\\x1b[2Jred \\u202e" in done.stdout
    assert "\x07" not in done.stdout
    assert "\x1b]" not in done.stdout


@pytest.mark.parametrize(("color", "no_color", "colored"), [("always", "1", True), ("never", "", False), ("auto", "", False)])
def test_color_is_as_asked(project: Project, color: str, no_color: str, colored: bool) -> None:
    assert ("\x1b[" in project.migmerge("check", "--color", color, NO_COLOR=no_color).stdout) is colored


def test_a_reader_that_goes_away_is_no_error(diverged: Project) -> None:
    import subprocess

    from tests.support.project import MIGMERGE

    diverged.merged()
    done = subprocess.run(f"{MIGMERGE} check | true", shell=True, cwd=diverged.top, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_terminal_without_unicode_gets_escapes(project: Project) -> None:
    project.revision("b1", "a1", message="größer")
    done = project.migmerge("check", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert "gr\\xf6\\xdfer" in done.stdout


def test_a_path_with_odd_characters_is_read(project: Project) -> None:
    project.write('migrations/versions/b1 "größe":x.py', script_text("b1", "a1"))
    project.commit("odd")
    assert project.heads() == ["b1"]
    assert project.check()["environments"][0]["heads"][0]["author"] is None


def test_a_shallow_clone_names_no_author_that_it_cannot_know(diverged: Project) -> None:
    diverged.merged()
    shallow = Project(diverged.top.parent / "shallow")
    diverged.git("clone", "--quiet", "--depth=1", f"file://{diverged.top}", str(shallow.top))
    assert [head["author"] for head in shallow.check()["environments"][0]["heads"]] == [None, None]
    assert shallow.codes() == ["MM001"]
    assert shallow.migmerge("check").stdout.splitlines()[-1].startswith("note: a shallow clone")


def test_a_partial_clone_is_read_without_fetching(diverged: Project) -> None:
    diverged.merged()
    diverged.git("config", "uploadpack.allowFilter", "true")
    partial = Project(diverged.top.parent / "partial")
    diverged.git("clone", "--quiet", "--filter=blob:none", f"file://{diverged.top}", str(partial.top))
    assert partial.codes() == ["MM001"]
    diverged.script("b1", "a1", message="add email, better")
    diverged.commit("edit")
    partial.git("pull", "--quiet")
    assert partial.codes() == ["MM001"]
    fresh = Project(diverged.top.parent / "fresh")
    diverged.git("clone", "--quiet", "--filter=blob:none", f"file://{diverged.top}", str(fresh.top))
    done = fresh.migmerge("check", "--at", "HEAD~1")
    assert done.returncode == 2
    assert done.stderr.startswith("error: this clone does not have blob ")


def test_flask_migmerge_is_the_same_program(diverged: Project) -> None:
    import subprocess
    import sys

    diverged.merged()
    diverged.write("app.py", "from flask import Flask\napp = Flask(__name__)\n")
    command = [sys.executable, "-m", "flask", "--app", "app", "migmerge", "check", "--format", "json"]
    done = subprocess.run(command, cwd=diverged.top, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["findings"][0]["code"] == "MM001"


def test_a_broken_configuration_of_a_fixture_does_not_hide_the_real_one(diverged: Project) -> None:
    diverged.merged()
    diverged.write("tests/fixture/alembic.ini", "script_location = x\n")
    diverged.write("tests/fixture/pyproject.toml", "[tool.alembic\n")
    diverged.commit("fixtures")
    answer = diverged.check()
    found = [(each["code"], each["severity"], each["environment"]) for each in answer["findings"]]
    assert found == [
        ("MM001", "error", "migrations"),
        ("MM005", "warning", "tests/fixture/alembic.ini"),
        ("MM005", "warning", "tests/fixture/pyproject.toml"),
    ]
    assert [each["path"] for each in answer["environments"]] == ["migrations"]
    assert "MM005" not in diverged.migmerge("fix", "--dry-run").stdout


@pytest.mark.parametrize("name", ["json", "subprocess", "argparse", "dataclasses", "git"])
def test_a_module_of_the_repository_does_not_answer_our_imports(diverged: Project, name: str) -> None:
    diverged.merged()
    diverged.write(f"{name}.py", "open('bomb', 'w')\n")
    done = diverged.migmerge("check", "--format", "json", PYTHONPATH=".")
    assert done.returncode == 1, done.stderr
    assert not (diverged.top / "bomb").exists()


def test_at_nothing_is_no_commit(project: Project) -> None:
    assert project.migmerge("check", "--at", "").returncode == 2


def test_staged_looks_at_the_index_that_git_gives_its_hook(diverged: Project) -> None:
    """`git commit -a` makes an index of its own."""
    diverged.git("merge", "--quiet", "--no-edit", "feature")
    diverged.fix()
    diverged.revision("d1", diverged.heads()[0])
    hook = diverged.write(".git/hooks/pre-commit", f'#!/bin/sh\n"{MIGMERGE}" check --staged\n')
    hook.chmod(0o755)
    diverged.write("migrations/versions/d1.py", script_text("d1", "a0"))
    done = diverged.run_git("commit", "--all", "--message", "fork")
    assert done.returncode == 1
    assert "MM001" in done.stdout + done.stderr


def test_staged_does_not_say_that_the_staged_is_not_committed(project: Project) -> None:
    project.script("b1", "a1")
    project.git("add", "--all")
    assert project.codes("--staged") == []


def test_a_pipe_among_the_scripts_is_passed_over(project: Project) -> None:
    os.mkfifo(project.top / "migrations/versions/pipe.py")
    assert project.heads() == ["a1"]
    assert project.migmerge("check").returncode == 0
    assert project.migmerge("check").returncode == 0


def test_a_name_that_alembic_does_not_load_is_no_script(project: Project) -> None:
    project.write("migrations/versions/two\nlines.py", script_text("b1", "a1"))
    assert project.heads() == ["a1"]


def test_a_configuration_that_comes_back_is_read(project: Project) -> None:
    ini = project.top / "migrations/alembic.ini"
    ini.unlink()
    project.migmerge("check")
    project.migmerge("check")
    ini.write_text("[alembic]\nversion_locations = %(here)s/versions %(here)s/more\n")
    project.write("migrations/more/b1.py", script_text("b1", "a0"))
    assert project.heads() == ["a1", "b1"]
    assert "2 heads" in project.migmerge("check").stdout


def test_scripts_behind_a_link_are_those_on_disk(project: Project) -> None:
    project.revision("b1", "a1")
    project.git("mv", "migrations/versions", "elsewhere")
    (project.top / "migrations/versions").symlink_to("../elsewhere")
    project.commit("link")
    assert project.heads() == ["b1"]
    (project.top / "elsewhere/b1.py").unlink()
    assert project.heads() == ["a1"]


def test_mm005_scripts_that_are_all_deleted_here(project: Project) -> None:
    shutil.rmtree(project.top / "migrations/versions")
    (gone,) = project.check()["findings"]
    assert (gone["code"], gone["severity"]) == ("MM005", "error")
    assert gone["message"] == "the 2 scripts that HEAD has in migrations/versions are deleted here: Alembic finds no revision"
    assert subprocess.run(gone["hint"], shell=True, cwd=project.top, check=True)
    assert project.heads() == ["a1"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", [(), ("--format", "json")])
def test_a_disk_that_is_full_is_said_in_plain_words(project: Project, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [project.program, "check", *arguments], cwd=project.top, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "error: No space left on device\nhint: df -h .\n")


def test_verbose_says_on_stderr_which_programs_are_started(project: Project) -> None:
    plain, verbose = project.migmerge("check", "--format", "json"), project.migmerge("check", "--format", "json", "-v")
    assert (verbose.returncode, verbose.stdout, plain.stderr) == (0, plain.stdout, "")
    *started, end = verbose.stderr.splitlines()
    assert all(re.fullmatch(r" +\d+ ms  git \S.*", line) for line in started) and len(started) > 1
    assert re.fullmatch(r" +\d+ ms  end", end)
