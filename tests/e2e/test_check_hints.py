"""Whoever follows the hints, typed into a shell, ends with a clean report: no command fails, no state comes twice."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from migmerge.core.findings.registry import REGISTRY
from tests.support.project import MIGMERGE, Project, script_text
from tests.support.warm_python import WarmProject, warm_environment

MOST_STEPS = 8
VERSIONS = "migrations/versions"
MAKES = "op.create_table('t', sa.Column('id', sa.Integer()))"
DROPS = "op.drop_table('t')"
Edit = Callable[[str], str]
"""What a person changes in the text of a script."""


def unedited(text: str) -> str:
    raise AssertionError(f"nothing to edit by hand in {text}")


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text, text
        return text.replace(old, new)

    return edit


class Fault(NamedTuple):
    """Hold what is wrong, as a change of the files of one environment, and what a person writes where a hint says "edit"."""

    code: str
    make: Callable[[Project, str], None]
    edit: Edit = unedited

    @property
    def name(self) -> str:
        return f"{self.code}-{self.make.__name__}"


def two_heads(project: Project, folder: str) -> None:
    project.script("b1", "a1", folder=folder)
    project.script("c1", "a1", folder=folder)


def colliding_heads(project: Project, folder: str) -> None:
    project.script("b1", "a1", folder=folder, upgrade=MAKES)
    project.script("c1", "a1", folder=folder, upgrade=MAKES)


def closed_collision(project: Project, folder: str) -> None:
    colliding_heads(project, folder)
    project.script("m1", ("b1", "c1"), folder=folder)


def no_parent_anywhere(project: Project, folder: str) -> None:
    project.script("b1", "gone", folder=folder)


def file_name_for_parent(project: Project, folder: str) -> None:
    project.write(f"{folder}/b1_add_email.py", script_text("b1", "a1"))
    project.script("c1", "b1_add_email", folder=folder)


def copied_script(project: Project, folder: str) -> None:
    project.write(f"{folder}/copy.py", script_text("a1", "a0"))


def one_id_for_two(project: Project, folder: str) -> None:
    project.write(f"{folder}/0002_one.py", script_text("0002", "a1", upgrade=MAKES))
    project.write(f"{folder}/0002_two.py", script_text("0002", "a1", upgrade=DROPS))


def one_id_for_three(project: Project, folder: str) -> None:
    one_id_for_two(project, folder)
    project.write(f"{folder}/0002_three.py", script_text("0002", "a1"))


def circle(project: Project, folder: str) -> None:
    project.script("b1", "c1", folder=folder, date="2024-01-03 10:00:00")
    project.script("c1", "b1", folder=folder, date="2024-01-04 10:00:00")


def syntax_error(project: Project, folder: str) -> None:
    project.write(f"{folder}/b1.py", script_text("b1", "a1") + "    if\n")


def no_identifiers(project: Project, folder: str) -> None:
    project.write(f"{folder}/b1.py", script_text("b1", "a1").replace("down_revision = ", "parent = "))


def computed_parent(project: Project, folder: str) -> None:
    project.write(f"{folder}/b1.py", script_text("b1", "a1").replace("down_revision = 'a1'", "down_revision = str(open)"))


def computed_label(project: Project, folder: str) -> None:
    project.write(f"{folder}/b1.py", script_text("b1", "a1").replace("branch_labels = None", "branch_labels = str(open)"))


def broken_ini(project: Project, folder: str) -> None:
    project.write(f"{Path(folder).parent}/alembic.ini", "[alembic]\nrecursive_version_locations = %(nothing)s\n")


def scripts_deleted(project: Project, folder: str) -> None:
    for path in (project.top / folder).glob("*.py"):
        path.unlink()


def joined_twice(project: Project, folder: str) -> None:
    two_heads(project, folder)
    project.script("m1", ("b1", "c1"), folder=folder)
    project.script("m2", ("b1", "c1"), folder=folder)


def edited_published(project: Project, folder: str) -> None:
    project.script("a1", "a0", folder=folder, upgrade=MAKES)


def renamed_published(project: Project, folder: str) -> None:
    (project.top / folder / "a1.py").rename(project.top / folder / "a1_add.py")


def renamed_and_edited_published(project: Project, folder: str) -> None:
    (project.top / folder / "a1.py").unlink()
    project.write(f"{folder}/a1_add.py", script_text("a1", "a0", upgrade=MAKES))


def deleted_published(project: Project, folder: str) -> None:
    (project.top / folder / "a1.py").unlink()


def one_more_script(project: Project, folder: str) -> None:
    project.script("b1", "a1", folder=folder)


def second_root(project: Project, folder: str) -> None:
    project.script("b1", None, folder=folder)


def no_message(project: Project, folder: str) -> None:
    project.script("b1", "a1", folder=folder, message="")


def scripts_that_nothing_names(project: Project, folder: str) -> None:
    for name, parent in (("x1", None), ("x2", "x1")):
        project.write(f"plugin/alembic/{name}.py", script_text(name, parent))


def refused_id(project: Project, folder: str) -> None:
    project.script("b-1", "a1", folder=folder)
    project.script("c1", "b-1", folder=folder)


def long_id(project: Project, folder: str) -> None:
    project.script("b" * 33, "a1", folder=folder)


def label_taken_twice(project: Project, folder: str) -> None:
    project.script("b1", "a1", folder=folder, labels=("shop",))
    project.script("c1", "b1", folder=folder, labels=("shop",))


def label_that_is_an_id(project: Project, folder: str) -> None:
    project.script("b1", "a1", folder=folder, labels=("a1",))


def needless_parent(project: Project, folder: str) -> None:
    two_heads(project, folder)
    project.script("m1", ("a1", "b1", "c1"), folder=folder)


FAULTS = [
    Fault("MM001", two_heads),
    Fault("MM002", no_parent_anywhere, replaced("'gone'", "'a1'")),
    Fault("MM002", file_name_for_parent),
    Fault("MM003", copied_script),
    Fault("MM003", one_id_for_two),
    Fault("MM003", one_id_for_three),
    Fault("MM004", circle, replaced("down_revision = 'c1'", "down_revision = 'a1'")),
    Fault("MM005", syntax_error, replaced("    if\n", "")),
    Fault("MM005", no_identifiers, replaced("parent = ", "down_revision = ")),
    Fault("MM005", computed_parent, replaced("str(open)", "'a1'")),
    Fault("MM005", computed_label, replaced("str(open)", "None")),
    Fault("MM005", broken_ini, replaced("recursive_version_locations = %(nothing)s", "")),
    Fault("MM005", scripts_deleted),
    Fault("MM006", joined_twice),
    Fault("MM007", colliding_heads, replaced(MAKES, "pass")),
    Fault("MM008", edited_published),
    Fault("MM008", renamed_published),
    Fault("MM008", renamed_and_edited_published),
    Fault("MM008", deleted_published),
    Fault("MM009", one_more_script),
    Fault("MM010", second_root, replaced("down_revision = None", "down_revision = 'a1'")),
    Fault("MM011", no_message, replaced('"""\n\nRevision', '"""add\n\nRevision')),
    Fault("MM012", scripts_that_nothing_names),
    Fault("MM014", refused_id),
    Fault("MM014", long_id),
    Fault("MM014", label_taken_twice),
    Fault("MM014", label_that_is_an_id),
    Fault("MM015", needless_parent),
    Fault("MM016", closed_collision, replaced(MAKES, "pass")),
]

Checked = tuple[str, ...]
"""The arguments with which `check` looks."""


def committed(project: Project, fault: Fault) -> Checked:
    fault.make(project, VERSIONS)
    project.commit("fault")
    return ()


def uncommitted(project: Project, fault: Fault) -> Checked:
    fault.make(project, VERSIONS)
    return ()


def staged(project: Project, fault: Fault) -> Checked:
    uncommitted(project, fault)
    project.git("add", "--all")
    return ()


def index(project: Project, fault: Fault) -> Checked:
    staged(project, fault)
    return ("--staged",)


def index_alone(project: Project, fault: Fault) -> Checked:
    """Put the fault into the index, and what HEAD has into the work tree."""
    staged(project, fault)
    project.git("restore", "--source=HEAD", "--worktree", ".")
    for path in project.git("diff", "--cached", "--name-only", "--diff-filter=A").splitlines():
        (project.top / path).unlink(missing_ok=True)
    return ("--staged",)


def at_head(project: Project, fault: Fault) -> Checked:
    committed(project, fault)
    return ("--at", "HEAD")


def at_branch(project: Project, fault: Fault) -> Checked:
    project.git("switch", "--quiet", "--create", "topic")
    committed(project, fault)
    project.git("switch", "--quiet", "main")
    return ("--at", "topic")


def against(project: Project, fault: Fault) -> Checked:
    project.git("switch", "--quiet", "--create", "topic")
    committed(project, fault)
    return ("--against", "main")


def detached(project: Project, fault: Fault) -> Checked:
    committed(project, fault)
    project.git("switch", "--quiet", "--detach")
    return ()


def in_a_merge(project: Project, fault: Fault) -> Checked:
    """Commit the fault, and stop in a merge that conflicts about something else."""
    project.git("switch", "--quiet", "--create", "other")
    project.write("app.py", "x = 2\n")
    project.commit("two")
    project.git("switch", "--quiet", "main")
    project.write("app.py", "x = 3\n")
    committed(project, fault)
    assert project.run_git("merge", "--quiet", "other", MIGMERGE="0").returncode
    return ()


def two_environments(project: Project, fault: Fault) -> Checked:
    project.write("other/alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    project.write("other/migrations/env.py", "")
    project.write("other/migrations/script.py.mako", (project.top / "migrations/script.py.mako").read_bytes())
    project.script("o1", folder="other/migrations/versions")
    project.commit("another")
    return committed(project, fault)


def two_sections(project: Project, fault: Fault) -> Checked:
    """Let two sections of one ini file share the folder of the migrations, and have folders of scripts of their own."""
    ini = "[alembic]\nscript_location = migrations\n\n[second]\nscript_location = migrations\nversion_locations = second\n"
    project.write("alembic.ini", ini)
    project.script("o1", folder="second")
    project.commit("another section")
    return committed(project, fault)


SITUATIONS = [
    committed, uncommitted, staged, index, index_alone, at_head, at_branch, against, detached, in_a_merge, two_environments,
    two_sections,
]  # fmt: skip
NEVER_IN_CHECK = {"MM013", "MM202"}
"""Only the hooks see the first; the second, without hooks in the clone, has a test of its own."""
NOT_HERE = {
    "one_more_script": {each.__name__ for each in SITUATIONS} - {"uncommitted", "staged"},
    "scripts_deleted": {each.__name__ for each in SITUATIONS} - {"uncommitted", "staged"},
    "scripts_that_nothing_names": {"uncommitted", "staged", "against"},
    "broken_ini": {"two_sections"},
    **dict.fromkeys(
        ("edited_published", "renamed_published", "renamed_and_edited_published", "deleted_published"),
        ("uncommitted", "staged", "index", "index_alone"),
    ),
}
"""The situations in which a fault is none, or another one: what is committed, or what is not."""
CASES = [
    pytest.param(situation, fault, id=f"{situation.__name__}-{fault.name}")
    for situation in SITUATIONS
    for fault in FAULTS
    if situation.__name__ not in NOT_HERE.get(fault.make.__name__, ())
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return WarmProject.create(tmp_path / "app")


@pytest.mark.parametrize(("situation", "fault"), CASES)
def test_following_the_hints_ends_in_a_clean_report(
    project: Project, tmp_path: Path, situation: Callable[[Project, Fault], Checked], fault: Fault
) -> None:
    project.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    project.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    project.git("push", "--quiet", "origin", "main")
    arguments = situation(project, fault)
    assert fault.code in project.codes(*arguments)
    follow_all(project, arguments, fault)


def follow_all(project: Project, arguments: Checked = (), fault: Fault | None = None) -> None:
    seen: list[object] = []
    while findings := project.check(*arguments)["findings"]:
        state = [(each["code"], each["revisions"], each["paths"], each["hint"]) for each in findings]
        assert state not in seen, seen
        assert len(seen) < MOST_STEPS, seen
        seen.append(state)
        follow(project, findings[0]["hint"], fault)


def follow(project: Project, hint: str, fault: Fault | None) -> None:
    """Type a hint, and where its command refuses the hint that it prints itself, as a person would who says yes."""
    done = typed(project, hint, fault)
    if done is not None and done.returncode:
        (better, *_) = re.findall(r"^ *hint: (.*)$", done.stdout + done.stderr, re.MULTILINE)
        again = typed(project, better, fault)
        assert again is None or again.returncode == 0, (
            f"{hint}: {done.stdout}{done.stderr}\n{better}: {again.stdout}{again.stderr}"
        )


def typed(project: Project, hint: str, fault: Fault | None) -> subprocess.CompletedProcess[str] | None:
    """Type what a hint says; where it says "edit", change that file as the person would, and go on."""
    done = None
    for part in hint.split(", then "):
        if edit := re.match(r"edit (\S+):(\d+): ", part):
            assert fault, hint
            edit_file(project, edit[1], int(edit[2]), fault)
            continue
        done = in_shell(project, part)
        if done.returncode and "CONFLICT" not in done.stdout:
            return done
    return done if done is not None and "CONFLICT" not in done.stdout else None


def edit_file(project: Project, path: str, line: int, fault: Fault) -> None:
    file = project.top / path
    text = file.read_text()
    assert 0 < line <= text.count("\n") + 1
    conflict = re.compile(r"<<<<<<< .*?\n(.*?)=======\n.*?>>>>>>> .*?\n", re.DOTALL)
    file.write_text(conflict.sub(r"\1", text) if conflict.search(text) else fault.edit(text))


def in_shell(project: Project, command: str) -> subprocess.CompletedProcess[str]:
    agreed = re.sub(r"\bmigmerge fix\b(?! --yes)", "migmerge fix --yes", command)
    path = f"{warm_environment()}/bin:{Path(MIGMERGE).parent}:{os.environ['PATH']}"
    environment = project.environment(PATH=path, GIT_EDITOR="echo as the hint says >", GIT_PAGER="cat")
    return subprocess.run(
        agreed,
        shell=True,
        cwd=project.top,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def uncommitted_parent(project: Project) -> None:
    project.script("b1", "a1")
    project.script("c1", "b1")
    project.git("add", "migrations/versions/c1.py")
    project.git("commit", "--quiet", "-m", "c1 alone")


def fork_beside_a_divergence(project: Project) -> None:
    project.diverge()
    project.merged()
    project.script("w1", "c1")


def double_merge_of_branches(project: Project) -> None:
    project.diverge()
    project.merged()
    project.git("branch", "other")
    project.revision("m1", ("b1", "c1"))
    project.git("switch", "--quiet", "other")
    project.revision("m2", ("b1", "c1"))
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-edit", "other")


STORIES = [uncommitted_parent, fork_beside_a_divergence, double_merge_of_branches]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_following_the_hints_of_a_story_ends_in_a_clean_report(project: Project, story: Callable[[Project], None]) -> None:
    story(project)
    assert project.check()["findings"]
    follow_all(project)


def test_every_code_of_check_has_a_fault() -> None:
    of_scripts = {kind.code for kind in REGISTRY if kind.code < "MM1" or kind.code == "MM202"}
    assert of_scripts - NEVER_IN_CHECK == {fault.code for fault in FAULTS}
