"""`migmerge check`: which environments it looks at, and what it says of scripts and files that belong to none."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
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
    done = sections.fix("--strategy", "merge")
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


def flask_environment(project: Project, folder: str) -> None:
    project.write(f"{folder}/alembic.ini", "[alembic]\n")
    project.write(f"{folder}/env.py", "")
    project.write(f"{folder}/script.py.mako", TEMPLATE)
    for name, parent in (("x0", None), ("x1", "x0"), ("x2", "x0")):
        project.script(name, parent, folder=f"{folder}/versions")


def second_folder(project: Project) -> list[str]:
    flask_environment(project, "admin/migrations")
    return ["admin/migrations"]


def staged_folder(project: Project) -> list[str]:
    flask_environment(project, "admin/migrations")
    project.git("add", "--all")
    return ["admin/migrations"]


def second_ini(project: Project) -> list[str]:
    flask_environment(project, "db")
    (project.top / "db/alembic.ini").rename(project.top / "other.ini")
    project.write("other.ini", "[alembic]\nscript_location = db\n")
    return ["db"]


def second_section(project: Project) -> list[str]:
    flask_environment(project, "db")
    (project.top / "db/alembic.ini").unlink()
    project.write("setup.ini", "[alembic]\nscript_location = db\n")
    return ["db"]


def without_configuration(project: Project) -> list[str]:
    flask_environment(project, "pkg/db")
    (project.top / "pkg/db/alembic.ini").unlink()
    return ["pkg/db"]


def in_package(project: Project) -> list[str]:
    flask_environment(project, "pkg/db")
    project.write("pkg/db/alembic.ini", "[alembic]\nscript_location = pkg:db\nversion_locations = pkg:db/versions\n")
    return ["pkg/db"]


Begin = Callable[[Project], list[str]]
BEGINNINGS = [second_folder, staged_folder, second_ini, second_section, without_configuration, in_package]


@pytest.mark.parametrize("begin", BEGINNINGS, ids=lambda begin: begin.__name__)
def test_a_second_environment_that_is_not_committed_is_found(project: Project, begin: Begin) -> None:
    project.write("setup.ini", "[other]\n")
    project.commit("setup")
    assert project.migmerge("check").returncode == 0
    found = begin(project)
    assert project.migmerge("check").returncode == 1
    answer = project.check()
    assert [each["path"] for each in answer["environments"]] == sorted(["migrations", *found])
    assert {each["environment"] for each in answer["findings"]} == set(found)
    assert "MM012" not in {each["code"] for each in answer["findings"]}


@pytest.mark.parametrize("kind", ["submodule", "clone"])
def test_an_environment_in_another_repository_is_found_through_our_configuration(
    plain: Project, tmp_path: Path, kind: str
) -> None:
    inner = Project.empty(tmp_path / "inner")
    flask_environment(inner, "migrations")
    inner.git("rm", "--cached", "--quiet", "--ignore-unmatch", "migrations/alembic.ini")
    inner.commit("inner")
    plain.write("alembic.ini", "[alembic]\nscript_location = %(here)s/vendor/migrations\n")
    if kind == "submodule":
        plain.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.top), "vendor")
    else:
        plain.git("clone", "--quiet", str(inner.top), "vendor")
    plain.git("add", "alembic.ini")
    plain.git("commit", "--quiet", "-m", "configure")
    assert [each["path"] for each in plain.check()["environments"]] == ["vendor/migrations"]
    assert plain.heads() == ["x1", "x2"]
    assert plain.migmerge("fix", "--yes").returncode == 1


def test_other_untracked_files_do_not_keep_the_answer_from_memory(project: Project) -> None:
    project.write("local.ini", "[x]\ny = 1\n")
    project.migmerge("check")
    project.migmerge("check")
    assert (project.top / ".git/migmerge/unchanged.json").exists()


@pytest.mark.parametrize(
    ("declaration", "message", "hint"),
    [
        ('path = "bd"', "path: there is no folder bd", "did you mean db?"),
        ('path = "server/accounts"', "path: there is no folder server/accounts", "git ls-files '*env.py'"),
        (
            'path = "db"\nversions = ["db/versions", "db/verions"]',
            "versions: there is no folder db/verions",
            "did you mean db/versions?",
        ),
        (
            'path = "db"\nversions = ["db/versions/a0.py"]',
            "versions: there is no folder db/versions/a0.py",
            "did you mean db/versions?",
        ),
        ('path = "bd"\nversions = ["db/versions"]', "path: there is no folder bd", "did you mean db?"),
    ],
)
def test_a_declared_folder_that_is_not_here_stops_the_check(plain: Project, declaration: str, message: str, hint: str) -> None:
    plain.revision("a0", folder="db/versions")
    plain.write("pyproject.toml", f"[[tool.migmerge.environment]]\n{declaration}\n")
    done = plain.migmerge("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: pyproject.toml: [[tool.migmerge.environment]]: {message}\nhint: {hint}\n"


def test_a_declared_folder_is_found_below_the_folder_of_its_file(plain: Project) -> None:
    plain.revision("a0", folder="web/db/versions")
    plain.write("web/pyproject.toml", '[[tool.migmerge.environment]]\npath = "web/db"\n')
    plain.commit("declare")
    done = plain.migmerge("check")
    assert done.returncode == 2
    assert done.stderr == (
        "error: web/pyproject.toml: [[tool.migmerge.environment]]: path: there is no folder web/web/db\nhint: did you mean web/db?\n"
    )


def test_a_declared_folder_without_scripts_yet_is_as_content_as_alembic(plain: Project) -> None:
    plain.write("db/env.py", "")
    plain.write("pyproject.toml", '[[tool.migmerge.environment]]\npath = "db"\nversions = ["db/versions"]\n')
    plain.commit("begin")
    assert plain.migmerge("check").returncode == 0


def test_a_declared_folder_that_an_earlier_commit_lacks_or_a_sparse_checkout_hides_is_known(plain: Project) -> None:
    plain.write("README", "before")
    before = plain.commit("before")
    plain.revision("a0", folder="db/versions")
    plain.write("web/app.py", "")
    plain.write("pyproject.toml", '[[tool.migmerge.environment]]\npath = "db"\nversions = ["db/versions"]\n')
    plain.commit("declare")
    assert plain.migmerge("check", "--at", before).returncode == 0
    plain.git("sparse-checkout", "set", "web")
    assert not (plain.top / "db").exists()
    for arguments in ((), ("--at", before), ("--at", "HEAD"), ("--staged",)):
        done = plain.migmerge("check", *arguments)
        assert "there is no folder" not in done.stderr, arguments
