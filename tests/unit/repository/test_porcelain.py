"""GitPython runs git as our own runner does, and only where there is something to write or to investigate."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from migmerge.repository.git import HOOK_LEAKS, GitFailed
from migmerge.repository.hooks.files import command_of
from migmerge.repository.porcelain import Porcelain
from migmerge.repository.repository import open_repository
from tests.support.project import TEMPLATE, Project
from tests.support.shop import Shop

CONFIGURATION = b"""# mine
[Alias]
\tCo = checkout ; short
[user]
\tname = J\xe9r\xf4me
[x]
\tpush
[include]
\tpath = more
"""


def porcelain_of(project: Project) -> Porcelain:
    return open_repository(str(project.top)).porcelain


def imports_gitpython(project: Project, *arguments: str, status: int = 0, **more: str) -> bool:
    """Run the program, which must end with the status, and say whether it imported GitPython."""
    cold = Project(project.top)
    done = cold.migmerge(*arguments, cwd=None, PYTHONPROFILEIMPORTTIME="1", PYTHONWARNINGS="always::ResourceWarning", **more)
    assert done.returncode == status, done.stdout + done.stderr
    assert "ResourceWarning" not in done.stderr
    assert " migmerge.cli\n" in done.stderr
    return " git.cmd\n" in done.stderr


def test_check_is_plumbing(diverged: Project) -> None:
    assert not imports_gitpython(diverged, "check")
    assert not imports_gitpython(diverged, "check")  # from its cache
    diverged.merged()
    assert not imports_gitpython(diverged, "check", status=1)


def test_a_hook_with_nothing_to_ask_is_plumbing(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    project.revision("b1", "a1")
    project.git("switch", "--quiet", "main")
    project.merged()
    assert not imports_gitpython(project, "hook", "post-merge", "0")
    assert not imports_gitpython(project, "hook", "post-checkout", "HEAD", "HEAD", "1")


def test_fix_commits_through_it(diverged: Project) -> None:
    assert imports_gitpython(diverged.merged(), "fix", "--yes")
    assert diverged.status() == ""


def test_doctor_investigates_a_phantom_through_it(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'shop.db'}")
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("b", "a")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    assert imports_gitpython(shop.project, "doctor", status=1, **shop.variables)


def odd_names(project: Project) -> Project:
    """Put the work tree where GitPython would expand a variable, and its configuration into Latin-1."""
    top = project.top.with_name("$HOME ~ é")
    project.top.rename(top)
    with (top / ".git/config").open("ab") as file:
        file.write(CONFIGURATION)
    return Project(top)


def new_index(project: Project) -> Project:
    project.git("update-index", "--index-version", "4", "--split-index")
    return project


def linked_to_bare(project: Project) -> Project:
    bare, linked = project.top.with_name("bare.git"), Project(project.top.with_name("linked"))
    project.git("clone", "--quiet", "--bare", str(project.top), str(bare))
    project.git("worktree", "add", "--quiet", str(linked.top), "main", cwd=bare)
    linked.git("config", "user.name", "ann")
    linked.git("config", "user.email", "ann@example.invalid")
    return linked


def submodule(project: Project) -> Project:
    outer = Project.empty(project.top.with_name("outer"))
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(project.top), "inner")
    inner = Project(outer.top / "inner")
    inner.git("branch", "feature", "origin/feature")
    inner.git("config", "user.name", "ann")
    inner.git("config", "user.email", "ann@example.invalid")
    return inner


@pytest.mark.parametrize("prepare", [odd_names, new_index, linked_to_bare, submodule])
@pytest.mark.parametrize("in_hook", [False, True])
def test_a_fix_is_committed_in_every_kind_of_repository(
    diverged: Project, prepare: Callable[[Project], Project], *, in_hook: bool
) -> None:
    project = prepare(diverged)
    project.merged()
    # What git sets in the hooks of a linked worktree.
    more = {"GIT_DIR": project.git("rev-parse", "--absolute-git-dir")} if in_hook else {}
    project.fix(**more)
    assert len(project.heads()) == 1
    assert project.status() == ""
    assert len(project.parents()) == 1


def test_a_fix_is_committed_in_a_sha_256_repository(tmp_path: Path) -> None:
    project = Project(tmp_path / "long")
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", "--initial-branch=main", project.top], check=True)
    project.git("config", "user.name", "ann")
    project.git("config", "user.email", "ann@example.invalid")
    for path, text in (("alembic.ini", "[alembic]\n"), ("env.py", ""), ("script.py.mako", TEMPLATE)):
        project.write(f"migrations/{path}", text)
    project.revision("a1")
    project.diverge()
    project.merged().fix()
    assert len(project.heads()) == 1


def test_a_work_tree_that_has_no_dot_git_is_fixed(diverged: Project) -> None:
    diverged.merged()
    apart = diverged.top.with_name("apart.git")
    (diverged.top / ".git").rename(apart)
    diverged.fix(GIT_DIR=str(apart), GIT_WORK_TREE=str(diverged.top))
    assert diverged.git("log", "-1", "--format=%s", GIT_DIR=str(apart)) == "Merge revisions b1 and c1"


def test_the_configuration_is_edited_and_not_written_anew(project: Project) -> None:
    path = project.top / ".git/config"
    path.write_bytes(path.read_bytes() + CONFIGURATION)
    before = path.read_bytes()
    porcelain = porcelain_of(project)
    porcelain.config("--local", "hook.migmerge-post-merge.command", command_of("post-merge"))
    assert path.read_bytes().startswith(before)
    assert project.git("config", "hook.migmerge-post-merge.command") == command_of("post-merge")
    porcelain.config("--local", "--remove-section", "hook.migmerge-post-merge")
    assert path.read_bytes() == before


def test_the_index_of_the_calling_git_is_not_ours(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(project.top / "no-index"))
    porcelain = porcelain_of(project)
    assert "app.py" in porcelain.ls_files().split("\n")
    project.write("app.py", "x = 2\n")
    porcelain.add("app.py", with_stdout=False)
    assert not (project.top / "no-index").exists()
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert project.status() == "M  app.py\n"


def test_a_variable_that_is_none_is_removed(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "somebody else")
    porcelain = porcelain_of(project)
    assert porcelain.execute(["git", "var", "GIT_AUTHOR_IDENT"], with_stdout=False, env=HOOK_LEAKS) == ""
    assert capfd.readouterr().out.startswith("ann <ann@example.invalid> ")
    porcelain.execute(["git", "var", "GIT_AUTHOR_IDENT"], with_stdout=False)
    assert capfd.readouterr().out.startswith("somebody else <")


def test_a_failure_has_gits_own_words(project: Project) -> None:
    porcelain = porcelain_of(project)
    with pytest.raises(GitFailed, match=r"^git rev-parse: Needed a single revision$"):
        porcelain.rev_parse("--verify", "nowhere")
    assert porcelain.rev_parse("--verify", "--quiet", "nowhere", with_exceptions=False) == ""
    with pytest.raises(GitFailed):
        porcelain.switch("nowhere", with_stdout=False)
    assert porcelain.switch("nowhere", with_stdout=False, with_exceptions=False) == ""


def test_a_missing_executable_of_gitpython_is_not_needed(diverged: Project) -> None:
    diverged.merged().fix(GIT_PYTHON_GIT_EXECUTABLE="/nowhere/git")
    assert len(diverged.heads()) == 1
