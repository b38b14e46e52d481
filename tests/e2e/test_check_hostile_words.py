"""Hostile words in names, authors and messages: what is printed stays text, and the commands in it run."""

from __future__ import annotations

import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.support.github_runner import read_as_the_runner
from tests.support.hostile import NAMES, SHELL, TEXTS
from tests.support.project import TEMPLATE, Project, needs_merge_tree, script_text
from tests.unit.output.formats.test_sarif import validator

pytestmark = pytest.mark.usefixtures("strict_resources")

SVG = "{http://www.w3.org/2000/svg}"
IN_NAMES = [name for name in NAMES if name != "a\n"]


def odd_folder(tmp_path: Path, name: str) -> Project:
    """Return a repository whose environment lies in a folder of that name."""
    project = Project.empty(tmp_path / "app")
    for path, text in {"alembic.ini": "[alembic]\n", "env.py": "", "script.py.mako": TEMPLATE}.items():
        project.write(f"{name}/{path}", text)
    project.revision("a0", folder=f"{name}/versions")
    return project


def hints(said: str) -> list[str]:
    return [line.partition("hint: ")[2] for line in said.splitlines() if line.strip().startswith("hint: ")]


def run_hint(project: Project, line: str, cwd: Path | None = None) -> None:
    """Run a printed line as a user pastes it; no editor comes up for a commit."""
    assert line.isprintable()
    environment = project.environment(GIT_EDITOR="sh -c 'echo message >\"$1\"' -")
    done = subprocess.run(
        ["sh", "-c", line], cwd=cwd or project.top, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (line, done.stderr)
    assert not list(project.top.rglob("ran"))


@pytest.mark.parametrize("name", IN_NAMES, ids=ascii)
def test_the_hint_for_an_odd_path_runs(tmp_path: Path, name: str) -> None:
    project = odd_folder(tmp_path, name)
    project.script("a1", "a0", folder=f"{name}/versions")
    done = project.migmerge("check")
    (hint,) = hints(done.stdout)
    run_hint(project, hint)
    assert (project.codes(), project.status()) == ([], "")


@pytest.mark.parametrize("name", [name for name in IN_NAMES if "\n" not in name], ids=ascii)
def test_the_way_back_is_shown_from_an_odd_folder(tmp_path: Path, name: str) -> None:
    """The command goes to the top first: it is read in another folder."""
    project = odd_folder(tmp_path / name, name)
    project.script("a1", "a0", folder=f"{name}/versions")
    below = project.write("sub/deep/file", "").parent
    (hint,) = hints(project.migmerge("check", cwd=below).stdout)
    run_hint(project, hint, below)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    project.script("a2", "a1", folder=f"{name}/versions")
    (hint,) = hints(project.migmerge("-C", str(project.top), "check", cwd=outside).stdout)
    run_hint(project, hint, outside)
    assert (project.codes("--at", "HEAD"), project.status()) == ([], "?? sub/deep/file\n")


@pytest.mark.parametrize("name", ["a 'b' \"c\" $HOME `touch ran`", "a$(touch ran);touch ran", "é & <b>"])
def test_the_hint_for_an_odd_revision_runs(project: Project, name: str) -> None:
    """The parent is in a branch: the hint brings its script."""
    project.git("switch", "--quiet", "--create", "other")
    project.revision(name, "a1") if "/" not in name else None
    project.git("switch", "--quiet", "main")
    project.script("c1", name)
    project.commit("c1")
    (hint,) = [each for each in hints(project.migmerge("check").stdout) if each.startswith("git checkout")]
    run_hint(project, hint)
    assert project.heads() == ["c1"]


@pytest.mark.parametrize("name", IN_NAMES, ids=ascii)
def test_fix_and_undo_in_an_odd_folder(tmp_path: Path, name: str) -> None:
    project = odd_folder(tmp_path, name)
    project.revision("b1", "a0", folder=f"{name}/versions")
    project.revision("c1", "a0", folder=f"{name}/versions")
    said = project.fix("--no-db")
    assert all(line.isprintable() for line in said.splitlines())
    assert len(project.heads()) == 1
    project.undo(said)
    assert project.heads() == ["b1", "c1"]


def hostile(project: Project, text: str) -> Project:
    """Let main and a branch diverge, with a text wherever git and a script take one."""
    project.git("switch", "--quiet", "--create", "feature")
    project.write("migrations/versions/c1.py", script_text("c1", "a1", message="x").replace('"""x', f'"""{ascii(text)[1:-1]}'))
    project.git("add", "--all")
    # git takes no line ends and brackets in names, but others write commits too.
    author = "".join(each for each in text if each not in "\n<>\0").strip() or "x"
    commit = project.git(
        "commit-tree", "-p", "HEAD", "-m", text.replace("\0", ""), project.git("write-tree"), GIT_AUTHOR_NAME=author
    )
    project.git("reset", "--quiet", "--hard", commit)
    project.git("switch", "--quiet", "main")
    project.revision("b1", "a1")
    return project.merged()


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_what_is_printed_is_text(project: Project, text: str) -> None:
    hostile(project, text)
    for command in (("check",), ("graph", "--all"), ("fix", "--dry-run"), ("forecast", "--days", "36500"), ("doctor", "--no-db")):
        done = project.migmerge(*command)
        for line in (done.stdout + done.stderr).splitlines():
            assert line.isprintable(), command


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_what_machines_read_is_whole(project: Project, text: str) -> None:
    hostile(project, text)
    (found,) = project.check()["findings"]
    assert found["code"] == "MM001"
    (line,) = project.migmerge("check", "--format", "github").stdout.splitlines()
    properties, said = read_as_the_runner(line)
    assert properties["title"] == "MM001 divergent-heads"
    assert "hint: migmerge fix" in said.splitlines()
    root = ElementTree.fromstring(project.migmerge("graph", "--all", "--format", "svg").stdout)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "text", "g", "path", "circle")
    }
    assert len([each for each in root.iter(f"{SVG}text") if each.get("class") == "id"]) == 4
    drawn = project.migmerge("graph", "--all", "--format", "mermaid").stdout.splitlines()
    assert len([each for each in drawn if ":::" in each]) == 4, "a node for each revision, and no more"
    assert json.loads(project.migmerge("graph", "--all", "--format", "json").stdout)


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_sarif_is_valid(project: Project, text: str) -> None:
    hostile(project, text)
    log = json.loads(project.migmerge("check", "--format", "sarif").stdout)
    assert not list(validator().iter_errors(log))
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == "MM001"


BRANCHES = ["--upload-pack=x", "-rf", "a'b\"c$(touch,ran)`x`;&", "größe\u202e", "%0A,error,x", "<b>&amp;"]


@needs_merge_tree
@pytest.mark.parametrize("branch", BRANCHES, ids=ascii)
def test_the_hint_about_an_odd_branch_runs(project: Project, branch: str) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("c1", "a1")
    project.git("update-ref", f"refs/heads/{branch}", "HEAD")
    project.git("switch", "--quiet", "main")
    project.git("branch", "--quiet", "-D", "feature")
    project.revision("b1", "a1")
    done = project.migmerge("forecast", "--days", "36500")
    assert done.returncode == 1
    (hint,) = hints(done.stdout)
    environment = project.environment(PATH=f"{Path(project.program).parent}{os.pathsep}{os.environ['PATH']}")
    checked = subprocess.run(["sh", "-c", hint], cwd=project.top, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 1, checked.stderr
    assert "MM001" in checked.stdout
    assert not (project.top / "ran").exists()


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_configured_message_of_a_commit_is_taken_as_it_is(diverged: Project, text: str) -> None:
    diverged.merged()
    diverged.git("config", "migmerge.commit-message", f"x {text} {{revision}}")
    said = diverged.fix("--no-db")
    assert all(line.isprintable() for line in said.splitlines())
    assert diverged.git("log", "-1", "--format=%B").startswith("x ")
    assert not (diverged.top / "ran").exists()


def test_a_repository_whose_path_has_a_line_end_is_an_error(tmp_path: Path) -> None:
    project = odd_folder(tmp_path / "a\nb", "migrations")
    for command in (("check",), ("fix", "--dry-run"), ("graph",)):
        done = project.migmerge(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: the path of this repository has a line end in it")
    assert project.migmerge("hook", "post-merge", "0").returncode == 0


def test_a_shell_word_stays_one_in_every_hint(tmp_path: Path) -> None:
    project = odd_folder(tmp_path, SHELL)
    text = (project.top / f"{SHELL}/versions/a0.py").read_text()
    project.write(f"{SHELL}/versions/copy.py", text)
    project.write(f"{SHELL}/versions/broken.py", "revision = ")
    for line in hints(project.migmerge("check").stdout):
        parsed = subprocess.run(["sh", "-n", "-c", line], capture_output=True, text=True, check=False)
        assert parsed.returncode == 0, (line, parsed.stderr)
    assert not list(project.top.rglob("ran"))


@pytest.mark.parametrize("way", ["not committed", "committed", "a folder"])
def test_mm005_a_link_out_of_the_repository_is_named_and_not_read(project: Project, tmp_path: Path, way: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x1.py").write_text(script_text("x1", "a1", message="a secret"))
    link = project.top / "migrations/versions/x1.py"
    if way == "a folder":
        project.git("mv", "migrations/versions", "old")
        (outside / "a0.py").write_text((project.top / "old/a0.py").read_text())
        link = project.top / "migrations/versions"
    link.symlink_to(outside if way == "a folder" else outside / "x1.py")
    if way != "not committed":
        project.commit("link")
    found = [each for each in project.check()["findings"] if each["code"] == "MM005"]
    there = next(each for each in found if each["paths"] == ["migrations/versions/x1.py"])
    assert "a link out of the repository, to ../outside/x1.py, which is not read and no clone has" in there["message"]
    for command in (("check",), ("graph", "--all"), ("doctor", "--no-db"), ("check", "--format", "sarif")):
        assert "a secret" not in project.migmerge(*command).stdout, command
    run_hint(project, there["hint"])
    assert [each for each in project.codes() if each != "MM002"] == []
    assert "x1" in project.heads()
    assert (outside / "x1.py").exists()
