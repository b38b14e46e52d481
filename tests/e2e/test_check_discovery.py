"""`migmerge check`: which environments it looks at, and what it says of scripts and files that belong to none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import MIGMERGE, TEMPLATE, Project, script_text

SECTIONS = (
    "[alembic]\nscript_location = db\nversion_locations = db/pg\npath_separator = os\n"
    "[lite]\nscript_location = db\nversion_locations = db/lite\npath_separator = os\n"
)


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """Return a repository with one file."""
    project = Project.empty(tmp_path / "app")
    project.write("README", "x")
    project.commit("begin")
    return project


@pytest.fixture
def sections(plain: Project) -> Project:
    """Return two sections over one folder, with the same ids in both and a fork in the second."""
    plain.write("alembic.ini", SECTIONS)
    plain.write("db/env.py", "")
    plain.write("db/script.py.mako", TEMPLATE)
    for folder in ("db/pg", "db/lite"):
        plain.script("a0", folder=folder)
        plain.script("b1", "a0", folder=folder)
    plain.script("c1", "a0", folder="db/lite")
    plain.commit("sections")
    return plain


def brief(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["code"], each["severity"], each["environment"]) for each in answer["findings"]]


def follow(project: Project, hint: str) -> None:
    """Run a hint as a shell would, which must succeed."""
    command = hint.replace("migmerge ", f"{MIGMERGE} ")
    subprocess.run(["sh", "-c", command], cwd=project.top, env=project.environment(), check=True, capture_output=True)


def test_sections_over_one_folder_are_environments_of_their_own(sections: Project) -> None:
    answer = sections.check()
    assert [(each["path"], each["name"], each["revisions"]) for each in answer["environments"]] == [
        ("db", "db [alembic]", 2),
        ("db", "db [lite]", 3),
    ]
    assert brief(answer) == [("MM001", "error", "db [lite]")]
    assert sections.migmerge("check").stdout.startswith("db [alembic]  2 revisions, 1 head\n")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("db", ["db [alembic]", "db [lite]"]),
        ("alembic.ini", ["db [alembic]", "db [lite]"]),
        ("lite", ["db [lite]"]),
        ("db [lite]", ["db [lite]"]),
        ("db/pg", ["db [alembic]"]),
    ],
)
def test_one_section_can_be_selected(sections: Project, asked: str, names: list[str]) -> None:
    assert [each["name"] for each in sections.check("--environment", asked)["environments"]] == names


def test_a_fork_in_one_section_is_joined_there(sections: Project) -> None:
    done = sections.fix()
    assert "alembic -n lite upgrade head" in done
    assert sections.check()["findings"] == []
    assert len(list((sections.top / "db/lite").glob("*.py"))) == 4


def test_a_value_that_alembic_does_not_read_is_no_fault(plain: Project) -> None:
    plain.write("alembic.ini", "[alembic]\nscript_location = db\nversion_path_separator = os  # Use os.pathsep.\n")
    plain.write("db/env.py", "")
    plain.revision("a0", folder="db/versions")
    assert plain.codes() == []
    plain.write("alembic.ini", "[alembic]\nscript_location = db\npath_separator = comma\nprepend_sys_path = .\n")
    plain.commit("break it")
    assert brief(plain.check()) == [("MM005", "error", "db")]
    assert "problem" in plain.check()["environments"][0]


def test_scripts_of_no_environment_are_declared_by_the_hint(plain: Project) -> None:
    for name, parent in (("a0", None), ("b1", "a0"), ("c1", "a0")):
        plain.script(name, parent, folder="pkg/it's alembic")
    plain.commit("scripts")
    done = plain.migmerge("check")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "no Alembic or Flask-Migrate environment in this repository")
    answer = plain.check()
    assert brief(answer) == [("MM012", "warning", "pkg/it's alembic")]
    assert plain.migmerge("doctor", "--no-db").stdout.count("MM012") == 1
    follow(plain, answer["findings"][0]["hint"])
    assert brief(plain.check()) == [("MM001", "error", "pkg/it's alembic")]
    assert plain.migmerge("check").returncode == 1
    plain.fix()
    assert plain.check()["findings"] == []


def test_a_selection_says_nothing_of_other_scripts(sections: Project) -> None:
    sections.revision("x", folder="pkg/alembic")
    assert "MM012" in sections.codes()
    assert sections.codes("--environment", "db") == ["MM001"]


def test_nested_folders_are_environments_without_a_configuration(plain: Project) -> None:
    plain.write("alembic.ini", "[alembic]\nscript_location = db\n")
    plain.write("db/env.py", "")
    for kind in ("pg", "lite"):
        plain.script("a0", folder=f"db/versions/{kind}")
        plain.script("b1", "a0", folder=f"db/versions/{kind}")
    plain.script("c1", "gone", folder="db/versions/pg")
    plain.commit("nested")
    answer = plain.check()
    assert [(each["name"], each["revisions"]) for each in answer["environments"]] == [
        ("db", 0),
        ("db/versions/lite", 2),
        ("db/versions/pg", 3),
    ]
    assert ("MM002", "warning", "db/versions/pg") in brief(answer)
    follow(plain, next(each["hint"] for each in answer["findings"] if each["code"] == "MM002"))
    assert ("MM002", "error", "db/versions/pg") in brief(plain.check())


def test_an_external_package_may_have_what_a_script_depends_on(plain: Project) -> None:
    plain.write("alembic.ini", "[alembic]\nscript_location = db\n")
    plain.write("db/env.py", "")
    plain.revision("a0", depends_on="f5436084bf17", folder="db/versions")
    assert brief(plain.check()) == [("MM002", "error", "db")]
    plain.write("pyproject.toml", '[[tool.migmerge.environment]]\npath = "db"\nexternal = ["accounts"]\n')
    assert brief(plain.check()) == [("MM002", "info", "db")]
    assert plain.migmerge("check").returncode == 0
    plain.revision("b1", "gone", folder="db/versions")
    assert brief(plain.check()) == [("MM002", "info", "db"), ("MM002", "error", "db")]


def test_a_declaration_that_is_no_such_stops_the_check(sections: Project) -> None:
    sections.write("pyproject.toml", '[[tool.migmerge.environment]]\npath = "db"\nexternals = ["accounts"]\n')
    done = sections.migmerge("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: pyproject.toml: [[tool.migmerge.environment]]: unknown key 'externals'\nhint: did you mean external?\n"
    )


def test_a_declaration_beside_settings_of_another_folder_leaves_them_in_force(plain: Project) -> None:
    plain.write("web/alembic.ini", "[alembic]\nscript_location = %(here)s/db\n")
    plain.write("web/db/env.py", "")
    plain.write("web/pyproject.toml", "[tool.migmerge]\nupgrade-command = 'make upgrade'\n")
    plain.write("web/db/script.py.mako", TEMPLATE)
    for name, parent in (("a0", None), ("b1", "a0"), ("c1", "a0")):
        plain.script(name, parent, folder="web/db/versions")
    plain.write("pyproject.toml", '[[tool.migmerge.environment]]\npath = "web/db"\n')
    plain.commit("settings")
    assert "make upgrade" in plain.fix()


def test_a_warm_check_sees_a_declaration_that_is_new(plain: Project) -> None:
    plain.write("alembic.ini", "[alembic]\nscript_location = db\n")
    plain.write("db/env.py", "")
    plain.revision("a0", folder="db/versions")
    plain.write("db/other/b1.py", script_text("b1", "a0"))
    plain.write("db/other/c1.py", script_text("c1", "a0"))
    plain.commit("other")
    assert plain.migmerge("check").returncode == plain.migmerge("check").returncode == 0
    plain.write("pyproject.toml", '[[tool.migmerge.environment]]\npath = "db"\nversions = ["db/versions", "db/other"]\n')
    assert plain.migmerge("check").returncode == 1
