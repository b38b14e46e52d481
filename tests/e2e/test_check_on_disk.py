"""`migmerge check` of a work tree: the scripts on disk count, whatever git tells of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import MIGMERGE, TEMPLATE, Project

ALLOWED = ("-c", "protocol.file.allow=always")


def follow(project: Project, hint: str) -> None:
    """Run a hint as a shell would, which must succeed."""
    command = hint.replace("migmerge ", f"{MIGMERGE} ")
    subprocess.run(["sh", "-c", command], cwd=project.top, env=project.environment(), check=True, capture_output=True)


def brief(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["code"], each["severity"], each["hint"]) for each in answer["findings"]]


@pytest.fixture
def scripts(tmp_path: Path) -> Project:
    """Return a repository that holds nothing but the scripts a0 and a1."""
    project = Project.empty(tmp_path / "scripts")
    project.script("a0", folder=".")
    project.script("a1", "a0", folder=".")
    project.commit("scripts")
    return project


@pytest.fixture
def outer(tmp_path: Path) -> Project:
    """Return a repository with an environment, the scripts of which are to come from another repository."""
    project = Project.empty(tmp_path / "app")
    project.write("alembic.ini", "[alembic]\nscript_location = db\n")
    project.write("db/env.py", "")
    project.write("db/script.py.mako", TEMPLATE)
    project.commit("begin")
    return project


def submodule(outer: Project, scripts: Project) -> None:
    outer.git(*ALLOWED, "submodule", "--quiet", "add", str(scripts.top), "db/versions")
    outer.commit("submodule")


def clone(outer: Project, scripts: Project) -> None:
    outer.git("clone", "--quiet", str(scripts.top), "db/versions")


Bring = Callable[[Project, Project], None]


@pytest.mark.parametrize("bring", [submodule, clone])
def test_scripts_of_another_repository_are_read(outer: Project, scripts: Project, bring: Bring) -> None:
    bring(outer, scripts)
    assert outer.heads() == ["a1"]


def assume(project: Project, path: str) -> None:
    project.git("update-index", "--assume-unchanged", path)


def skip(project: Project, path: str) -> None:
    project.git("update-index", "--skip-worktree", path)


def assume_in_version_4(project: Project, path: str) -> None:
    assume(project, path)
    project.git("update-index", "--index-version", "4")


def assume_in_split_index(project: Project, path: str) -> None:
    project.git("update-index", "--split-index")
    assume(project, path)


Mark = Callable[[Project, str], None]


@pytest.mark.parametrize("mark", [assume, skip, assume_in_version_4, assume_in_split_index])
def test_a_change_that_git_was_asked_not_to_see_is_seen(project: Project, mark: Mark) -> None:
    mark(project, "migrations/versions/a1.py")
    assert project.check()["findings"] == []
    project.script("a1", "zz")
    assert project.status() == ""
    assert project.codes() == ["MM002"]


@pytest.mark.parametrize("mark", [assume, skip])
def test_a_script_that_git_was_asked_not_to_miss_is_missing(project: Project, mark: Mark) -> None:
    mark(project, "migrations/versions/a0.py")
    (project.top / "migrations/versions/a0.py").unlink()
    assert project.status() == ""
    answer = project.check()
    assert [each["code"] for each in answer["findings"]] == ["MM002"]
    follow(project, answer["findings"][0]["hint"])
    assert project.check()["findings"] == []


def test_a_marked_script_with_other_line_ends_is_not_changed(project: Project) -> None:
    project.write(".gitattributes", "*.py text eol=crlf\n")
    project.commit("line ends")
    path = project.top / "migrations/versions/a1.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assume(project, "migrations/versions/a1.py")
    assert project.check()["findings"] == []
    assert "not committed" not in project.migmerge("check").stdout


def test_a_script_that_a_sparse_checkout_hides_is_missing(project: Project) -> None:
    project.git("sparse-checkout", "set", "--no-cone", "/*", "!/migrations/versions/a0.py")
    answer = project.check()
    assert [each["code"] for each in answer["findings"]] == ["MM002"]
    assert "a sparse checkout hides" in answer["findings"][0]["message"]
    follow(project, answer["findings"][0]["hint"])
    assert project.check()["findings"] == []


def test_the_scripts_that_a_sparse_checkout_hides_are_all_missing(project: Project) -> None:
    project.write("migrations/other/x", "")
    project.commit("other")
    project.git("sparse-checkout", "set", "--cone", "migrations/other")
    answer = project.check()
    assert [each["code"] for each in answer["findings"]] == ["MM005"]
    assert "a sparse checkout hides" in answer["findings"][0]["message"]
    follow(project, answer["findings"][0]["hint"])
    assert project.check()["findings"] == []


def test_an_environment_that_a_sparse_checkout_hides_is_judged_as_it_is_committed(diverged: Project) -> None:
    diverged.merged().write("src/x", "")
    diverged.commit("src")
    diverged.git("sparse-checkout", "set", "--cone", "src")
    answer = diverged.check()
    assert [each["code"] for each in answer["findings"]] == ["MM001"]
    assert [each["hidden"] for each in answer["environments"]] == [True]
    said = diverged.migmerge("check").stdout
    assert "  note: migrations is not in the work tree and judged as HEAD has it; git sparse-checkout add migrations\n" in said
    follow(diverged, "git sparse-checkout add migrations")
    assert "note" not in diverged.migmerge("check").stdout
    assert [each["hidden"] for each in diverged.check()["environments"]] == [False]


def fork(scripts: Project) -> None:
    scripts.script("b1", "a0", folder=".")
    scripts.commit("fork")


def test_scripts_of_a_submodule_are_committed_there(outer: Project, scripts: Project) -> None:
    submodule(outer, scripts)
    assert outer.check()["findings"] == []


def test_mm009_scripts_of_a_clone_that_is_no_submodule(outer: Project, scripts: Project) -> None:
    clone(outer, scripts)
    answer = outer.check()
    assert brief(answer) == [("MM009", "warning", f"git submodule add -- {scripts.top} db/versions && git commit")]
    assert answer["findings"][0]["message"] == (
        "2 scripts in db/versions, a repository of its own that is no submodule of this one; "
        "Alembic loads them here, a fresh clone does not have them"
    )
    follow(outer, answer["findings"][0]["hint"].replace("git commit", "git commit -m clone"))
    assert outer.check()["findings"] == []


def test_mm009_a_submodule_that_is_only_staged(outer: Project, scripts: Project) -> None:
    clone(outer, scripts)
    outer.git("add", "db/versions")
    assert brief(outer.check()) == [("MM009", "warning", "git commit")]


def refused_there(outer: Project, strategy: str) -> str:
    """Return the hint of a fix that has to be made in another repository, and leaves this one as it was."""
    before = outer.status()
    done = outer.migmerge("fix", "--yes", "--strategy", strategy)
    assert (done.returncode, outer.status()) == (1, before)
    assert " belongs to the repository db/versions, not to this one: it is fixed there\n" in done.stdout
    return done.stdout.rpartition("hint: ")[2].strip()


def as_ann(folder: Path) -> Project:
    inner = Project(folder)
    inner.git("config", "user.name", "ann")
    inner.git("config", "user.email", "ann@example.invalid")
    return inner


@pytest.mark.parametrize("strategy", ["merge", "reparent"])
@pytest.mark.parametrize("bring", [submodule, clone])
def test_what_another_repository_has_is_fixed_there(outer: Project, scripts: Project, bring: Bring, strategy: str) -> None:
    outer.write("alembic.ini", "[alembic]\nscript_location = db\nversion_locations = db/versions/versions\n")
    outer.commit("deeper")
    scripts.git("rm", "--quiet", "a0.py", "a1.py")
    scripts.script("a0", folder="versions")
    for name in ("a1", "b1"):
        scripts.script(name, "a0", folder="versions")
    scripts.commit("fork")
    bring(outer, scripts)
    assert refused_there(outer, strategy) == "migmerge -C db/versions fix"
    inner = as_ann(outer.top / "db/versions")
    follow(outer, "migmerge -C db/versions fix --yes")
    assert (len(outer.heads()), inner.status()) == (1, "")


def test_another_repository_may_have_to_declare_its_scripts_first(outer: Project, scripts: Project) -> None:
    fork(scripts)
    submodule(outer, scripts)
    inner = as_ann(outer.top / "db/versions")
    follow(outer, refused_there(outer, "merge"))
    assert refused_there(outer, "merge") == "migmerge -C db/versions fix"
    inner.fix()
    assert len(outer.heads()) == 1


def test_a_fork_across_repositories_is_joined_in_this_one(outer: Project, scripts: Project) -> None:
    outer.write(
        "alembic.ini", "[alembic]\nscript_location = db\nversion_locations = db/versions db/own\npath_separator = space\n"
    )
    outer.revision("b1", "a0", folder="db/own")
    submodule(outer, scripts)
    assert outer.heads() == ["a1", "b1"]
    outer.fix("--strategy", "merge")
    assert len(outer.heads()) == 1
    assert len(list((outer.top / "db/own").glob("*.py"))) == 2
