"""What a repository may hold and nobody expects: it is answered, and ends no command."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.support.project import MIGMERGE, Project, needs_merge_tree, script_text

pytestmark = pytest.mark.usefixtures("strict_resources")


def test_an_authors_name_with_a_control_character(diverged: Project) -> None:
    diverged.merged()
    diverged.user = "b\x02ea"
    diverged.revision("d1", "b1")
    assert diverged.codes() == ["MM001"]


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\u2029"])
def test_a_branch_name_with_a_line_separator(diverged: Project, separator: str) -> None:
    diverged.git("branch", f"x{separator}y", "feature")
    diverged.git("branch", "--quiet", "-D", "feature")
    diverged.git("merge", "--quiet", "--no-edit", f"x{separator}y")
    assert diverged.codes() == ["MM001"]
    assert diverged.migmerge("graph").returncode == 0


def test_pipes_are_no_scripts_and_links_that_lead_nowhere_stop_alembic(project: Project) -> None:
    os.mkfifo(project.top / "migrations/versions/pipe.py")
    assert project.codes() == []
    os.symlink("nowhere.py", project.top / "migrations/versions/dangling.py")
    os.symlink("loop.py", project.top / "migrations/versions/loop.py")
    assert set(project.codes()) == {"MM005", "MM009"}


def test_an_annotated_tag_among_the_remote_branches(diverged: Project) -> None:
    diverged.merged()
    diverged.git("tag", "-a", "-m", "x", "v1", "feature")
    diverged.git("update-ref", "refs/remotes/origin/odd", diverged.git("rev-parse", "v1"))
    done = diverged.migmerge("fix", "--yes", "--strategy", "reparent", "--assume-unapplied")
    assert (done.returncode, diverged.heads()) == (0, ["b1"])


def test_a_hook_of_nowhere_ends_well(project: Project) -> None:
    done = project.migmerge("-C", "/nowhere", "hook", "post-merge", "0")
    assert (done.returncode, "error: migmerge post-merge: " in done.stderr) == (0, True)


def test_a_hook_that_can_tell_nobody_ends_well(project: Project) -> None:
    done = subprocess.run(f"{MIGMERGE} -C /nowhere hook post-merge 0 2>/dev/full", shell=True, cwd=project.top, check=False)
    assert done.returncode == 0


def test_a_closed_output_is_no_error_of_ours(project: Project) -> None:
    done = subprocess.run(f"{MIGMERGE} graph >&-", shell=True, cwd=project.top, check=False, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def forecast(project: Project) -> dict[str, tuple[str, list[str]]]:
    done = project.migmerge("forecast", "--format", "json", "--days", "36500")
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)["branches"]
    return {each["branches"][0]: (each["verdict"], [finding["code"] for finding in each["findings"]]) for each in found}


@needs_merge_tree
def test_forecast_follows_a_folder_that_head_moved(diverged: Project) -> None:
    diverged.git("mv", "migrations", "database")
    diverged.commit("move")
    assert forecast(diverged) == {"feature": ("collides", ["MM001"])}


@needs_merge_tree
def test_forecast_follows_a_folder_that_a_branch_moved(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--create", "move", "main~1")
    diverged.git("mv", "migrations", "database")
    diverged.commit("move")
    diverged.git("switch", "--quiet", "main")
    # git asks where the script goes that the other side added in the old folder.
    assert diverged.run_git("merge", "--no-commit", "move").returncode == 1
    diverged.git("merge", "--abort")
    assert forecast(diverged)["move"] == ("conflicts", [])


@needs_merge_tree
def test_forecast_sees_a_version_location_that_a_branch_adds(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--create", "location", "main~1")
    diverged.write("migrations/alembic.ini", "[alembic]\nversion_locations = %(here)s/versions %(here)s/more\n")
    diverged.script("d1", "a1", folder="migrations/more")
    diverged.commit("another location")
    diverged.git("switch", "--quiet", "main")
    assert forecast(diverged)["location"] == ("collides", ["MM001"])


@needs_merge_tree
def test_forecast_merges_edits_of_one_script_as_git_does(project: Project) -> None:
    text = "\n".join(f"x{number} = {number}" for number in range(30))
    project.write("migrations/versions/a1.py", (project.top / "migrations/versions/a1.py").read_text() + text + "\n")
    project.commit("long")
    project.git("switch", "--quiet", "--create", "below")
    project.write("migrations/versions/a1.py", (project.top / "migrations/versions/a1.py").read_text() + "# below\n")
    project.commit("below")
    project.git("switch", "--quiet", "main")
    project.write("migrations/versions/a1.py", "# above\n" + (project.top / "migrations/versions/a1.py").read_text())
    project.commit("above")
    assert forecast(project) == {"below": ("clean", [])}


@needs_merge_tree
def test_a_branch_that_broke_the_configuration_does_not_hide_the_others(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--create", "broken", "main~1")
    diverged.write("migrations/alembic.ini", "no section\n")
    diverged.commit("break it")
    diverged.git("switch", "--quiet", "main")
    done = diverged.migmerge("forecast", "--days", "36500")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()[1:3]] == ["broken", "feature"]
    assert "MM005" in done.stdout.splitlines()[1]


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_can_be_fixed_and_says_what_it_cannot_know(diverged: Project, kind: str) -> None:
    diverged.git("config", "uploadpack.allowFilter", "true")
    diverged.git("switch", "--quiet", "--create", "other", "main~1")
    diverged.revision("z9", "a1")
    diverged.git("switch", "--quiet", "main")
    partial = Project(diverged.top.parent / "partial")
    diverged.git("clone", "--quiet", f"--filter={kind}", f"file://{diverged.top}", str(partial.top))
    partial.git("config", "user.name", "ann")
    partial.git("config", "user.email", "ann@example.invalid")
    partial.git("merge", "--quiet", "--no-edit", "origin/feature")
    partial.revision("n1", "a1")
    done = partial.migmerge("forecast", "--days", "36500")
    assert "unknown" in done.stdout
    assert done.returncode == 2
    assert "not fixed: " in partial.migmerge("fix", "--yes", "--strategy", "reparent", "--assume-unapplied").stdout
    partial.fix()
    assert len(partial.heads()) == 1


def test_a_crowd_of_heads_is_compared_in_part_and_that_is_said(project: Project) -> None:
    lines = ["commit refs/heads/crowd\ncommitter e <e@e> 1714564800 +0000\ndata 1\nx\nfrom refs/heads/main^0\n"]
    for number in range(400):
        text = script_text(f"s{number:03}", "a1", upgrade=f"op.create_table('t{number}')")
        lines.append(f"M 100644 inline migrations/versions/s{number}.py\ndata {len(text)}\n{text}\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project.top, input="".join(lines).encode(), check=True)
    findings = project.check("--at", "crowd")["findings"]
    assert [each["code"] for each in findings] == ["MM001", "MM007"]
    assert findings[1]["message"].startswith("400 heads diverge, of which 40 were compared")


def test_scripts_that_are_together_too_long_to_compare_are_said_to_be(project: Project) -> None:
    lines = ["commit refs/heads/crowd\ncommitter e <e@e> 1714564800 +0000\ndata 1\nx\nfrom refs/heads/main^0\n"]
    for number in range(10):
        text = script_text(f"s{number}", "a1", upgrade=f"op.create_table('t{number}')") + "# x\n" * 220_000
        lines.append(f"M 100644 inline migrations/versions/s{number}.py\ndata {len(text)}\n{text}\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project.top, input="".join(lines).encode(), check=True)
    findings = project.check("--at", "crowd")["findings"]
    assert {each["code"] for each in findings} == {"MM001", "MM007"}
    assert "one of 10 scripts, which are together too long to compare" in findings[1]["message"]
