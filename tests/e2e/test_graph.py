"""`migmerge graph`: text, JSON, Mermaid, DOT, SVG, and what it does not do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pexpect
import pytest

from tests.support.project import MIGMERGE, Project

FORMATS = ["text", "mermaid", "dot", "svg", "json"]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def merged(diverged: Project) -> Project:
    """Return the diverged project with both heads on main."""
    return diverged.merged()


def shown(project: Project, *arguments: str, **more: str) -> str:
    """Return what the command prints; it finds nothing to complain of."""
    done = project.migmerge("graph", *arguments, cwd=None, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_text_of_a_divergence(merged: Project) -> None:
    assert shown(merged) == (
        "migrations  4 revisions, 2 heads that diverge after a1\n"
        "◉    b1  add email [head]       ann, main\n"
        "│ ◉  c1  add orders [head]      bea, feature\n"
        "○─╯  a1  add a1 [branch point]  ann\n"
        "⋮    1 earlier revision\n"
    )


def test_text_of_all(merged: Project) -> None:
    assert shown(merged, "--all").splitlines()[-2:] == [
        "○─╯  a1  add a1 [branch point]  ann",
        "●    a0  add a0 [base]          ann",
    ]


def test_text_without_a_divergence(project: Project) -> None:
    assert shown(project) == (
        "migrations  2 revisions, 1 head, nothing diverges\n◉  a1  add a1 [head]  ann, main\n●  a0  add a0 [base]  ann, main\n"
    )


def test_another_commit(merged: Project) -> None:
    assert shown(merged, "--at", "feature").splitlines()[:2] == [
        "migrations  3 revisions, 1 head, nothing diverges",
        "◉  c1  add orders [head]  bea, feature",
    ]


def test_quiet_leaves_the_picture_alone(merged: Project) -> None:
    assert shown(merged, "--quiet").splitlines()[0] == "◉    b1  add email [head]       ann, main"


def test_several_environments_stand_below_each_other(merged: Project) -> None:
    for path, text in {"alembic.ini": "[alembic]\nscript_location = db\n", "db/env.py": "", "db/script.py.mako": ""}.items():
        merged.write(f"second/{path}", text)
    merged.script("x0", folder="second/db/versions")
    merged.commit("second")
    assert shown(merged).splitlines()[5:] == [
        "",
        "second/db  1 revision, 1 head, nothing diverges",
        "◉  x0  add x0 [head, base]  ann, main",
    ]
    assert [each["path"] for each in json.loads(shown(merged, "--format", "json"))["environments"]] == ["migrations", "second/db"]
    assert shown(merged, "--format", "mermaid").count("subgraph") == 2
    headings = [each.text for each in ElementTree.fromstring(shown(merged, "--format", "svg")).iter(f"{SVG}text")]
    assert {"migrations", "second/db"} <= set(headings)


def test_what_cannot_be_read_is_said(project: Project) -> None:
    project.write("migrations/versions/b1.py", "revision = 'b1'\ndown_revision = f()\n")
    project.commit("computed")
    first, *_, last = shown(project).splitlines()
    assert "; 1 script cannot be read" in first and "nothing diverges" not in first
    assert last == "note: 1 script cannot be read; migmerge check"


def test_revisions_elsewhere_are_counted(merged: Project) -> None:
    merged.revision("x0", labels=("billing",))
    assert shown(merged).splitlines()[-1] == "1 other revision not shown; migmerge graph --all"


def test_json_of_a_divergence(merged: Project) -> None:
    answer = json.loads(shown(merged, "--format", "json"))
    (environment,) = answer.pop("environments")
    first = environment["revisions"][0]
    assert answer == {"version": 1}
    assert (environment["path"], environment["kind"], environment["hidden"]) == ("migrations", "flask-migrate", 1)
    assert [each["revision"] for each in environment["revisions"]] == ["b1", "c1", "a1"]
    assert first == {
        "revision": "b1",
        "down_revisions": ["a1"],
        "depends_on": [],
        "labels": [],
        "message": "add email",
        "path": "migrations/versions/b1.py",
        "author": "ann",
        "commit": merged.git("log", "-1", "--format=%H", "--", "migrations/versions/b1.py"),
        "date": "2024-05-01T12:00:00+00:00",
        "branch": "main",
        "head": True,
        "branch_point": False,
        "merge": False,
        "base": False,
    }


def test_mermaid_of_a_divergence(merged: Project) -> None:
    lines = shown(merged, "--format", "mermaid").splitlines()
    assert lines[:8] == [
        "flowchart BT",
        '  n0_0("b1 #91;head#93;<br/>add email<br/>ann, main"):::head',
        '  n0_1("c1 #91;head#93;<br/>add orders<br/>bea, feature"):::head',
        '  n0_2("a1 #91;branch point#93;<br/>add a1<br/>ann"):::point',
        '  n0_3("1 earlier revision"):::earlier',
        "  n0_2 --> n0_0",
        "  n0_2 --> n0_1",
        "  n0_3 -.- n0_2",
    ]
    assert all(line.startswith("  classDef ") for line in lines[8:])


def test_mermaid_of_more_than_it_draws_is_the_divergent_part(merged: Project) -> None:
    for number in range(501):
        merged.script(f"x{number}", f"x{number - 1}" if number else None)
    merged.commit("many")
    done = merged.migmerge("graph", "--all", "--format", "mermaid")
    assert (done.returncode, done.stderr) == (0, "note: too many revisions for Mermaid; this is the divergent part\n")
    assert done.stdout.splitlines()[:3] == [
        "%% too many revisions for Mermaid; this is the divergent part",
        "flowchart BT",
        '  n0_0("b1 #91;head#93;<br/>add email<br/>ann, main"):::head',
    ]


def test_dot_of_a_divergence(merged: Project) -> None:
    lines = shown(merged, "--format", "dot").splitlines()
    assert (lines[0], lines[-1]) == ("digraph migmerge {", "}")
    assert [line.strip() for line in lines if "->" in line] == ["n0_2 -> n0_0", "n0_2 -> n0_1", "n0_3 -> n0_2 [style=dotted]"]
    assert '    n0_0 [label="b1 [head]\\nadd email\\nann, main" tooltip="migrations/versions/b1.py" ' in "\n".join(lines)


@pytest.mark.skipif(not shutil.which("dot"), reason="graphviz is not here")
def test_graphviz_reads_it(merged: Project) -> None:
    merged.revision('q"\\N&<b>', "b1", message='"\\l & <i> größe')
    done = subprocess.run(["dot", "-Tsvg"], input=shown(merged, "--format", "dot").encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    texts = [element.text for element in ElementTree.fromstring(done.stdout).iter(f"{SVG}text")]
    assert {'q"\\N&<b> [head]', '"\\l & <i> größe'} <= set(texts)


def test_svg_of_a_divergence(merged: Project) -> None:
    root = ElementTree.fromstring(shown(merged, "--format", "svg"))
    assert [each.text for each in root.iter(f"{SVG}desc")] == ["migrations: 4 revisions, 2 heads that diverge after a1"]
    assert [each.text for each in root.iter(f"{SVG}text") if each.get("class") in ("id", "message")] == [
        *("b1", "add email", "c1", "add orders", "a1", "add a1")
    ]
    assert len([each for each in root.iter(f"{SVG}path") if "edge" in (each.get("class") or "")]) == 3
    assert "migrations/versions/b1.py" in "".join(each.text or "" for each in root.iter(f"{SVG}title"))


def test_documents_are_utf_8_whatever_the_terminal_takes(merged: Project) -> None:
    merged.revision("d1", "b1", message="größer")
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for output in ("mermaid", "dot", "svg"):
        assert "größer" in shown(merged, "--format", output, **poor)
    assert shown(merged, **poor).splitlines()[1] == "@    d1  gr\\xf6\\xdfer [head]    ann, main"


@pytest.mark.parametrize("output", FORMATS)
def test_nothing_of_the_repository_is_obeyed_or_run(merged: Project, output: str) -> None:
    merged.revision("d1", "b1", message="\x1b]0;owned\x07\x1b[2Jred \u202e", upgrade="open('bomb', 'w')")
    printed = shown(merged, "--all", "--format", output)
    assert all(line.isprintable() for line in printed.splitlines())
    assert merged.status() == "" and not (merged.top / "bomb").exists()


def test_colours_are_as_asked(merged: Project) -> None:
    assert "\x1b[" not in shown(merged)
    assert "\x1b[36m○─\x1b[0m" not in shown(merged, "--color", "never")
    assert "\x1b[1;32m◉\x1b[0m" in shown(merged, "--color", "always")


def test_a_narrow_terminal_is_not_overrun(merged: Project) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    child = pexpect.spawn(
        MIGMERGE, ["graph", "--color", "never"], cwd=merged.top, env=environment, encoding="utf-8", dimensions=(24, 36)
    )
    printed = child.read()  # the heading takes two lines
    child.close()
    assert (child.exitstatus, printed.splitlines()[2:]) == (
        0,
        [
            "◉    b1  add email [head]  ann, main",
            "│ ◉  c1  add orde… [head]  bea, fea…",
            "○─╯  a1  … [branch point]  ann",
            "⋮    1 earlier revision",
        ],
    )


def test_an_empty_environment_has_an_empty_picture(project: Project) -> None:
    project.git("rm", "--quiet", "-r", "migrations/versions")
    project.commit("start over")
    assert shown(project) == "migrations  0 revisions, 0 heads, nothing diverges\n"
    for output in FORMATS[1:]:
        assert shown(project, "--format", output)


def test_a_shallow_clone_says_what_it_hides(merged: Project) -> None:
    shallow = Project(merged.top.parent / "shallow")
    merged.git("clone", "--quiet", "--depth=1", f"file://{merged.top}", str(shallow.top))
    done = shallow.migmerge("graph", "--format", "mermaid")
    assert done.returncode == 0
    assert done.stderr == "note: a shallow clone: authors and branches beyond it are not known; git fetch --unshallow\n"


@pytest.mark.parametrize("output", FORMATS)
def test_what_cannot_be_looked_at_is_an_error(project: Project, output: str) -> None:
    done = project.migmerge("graph", "--format", output, "--at", "nowhere")
    expected = "error: nowhere names no commit\nhint: git log --oneline --all\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)
