"""Hooks go in beside whatever is there, and come out without a trace."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.usefixtures("strict_resources")

OTHERS = {
    "ends in exit": b"#!/bin/sh\ntouch other-ran\nexit 0\n",
    "ends in exec": b"#!/usr/bin/env bash\ntouch other-ran\nexec true\n",
    "sets -eu": b'#!/bin/bash -eu\ntouch other-ran\n[ -n "$0" ]\n',
    "dash": b"#!/bin/dash\ntouch other-ran",
    "no shebang": b"touch other-ran\n",
    "python": b"#!/usr/bin/env python3\nopen('other-ran', 'w')\n",
    "no final line end": b"#!/bin/sh\ntouch other-ran; exit 0",
    "not UTF-8": b"#!/bin/sh\n# \xff\xfe\ntouch other-ran\n",
}
FILES = ("post-merge", "post-checkout", "post-commit", "post-rewrite", "post-applypatch")


@pytest.fixture
def only_files(project: Project) -> Project:
    """Leave out git 2.54 and newer, where no hook file of ours is made."""
    if configured(project):
        pytest.skip("git >= 2.54 has hooks in its configuration")
    return project


def configured(project: Project) -> bool:
    version = project.git("version").split()[2].split(".")
    return (int(version[0]), int(version[1])) >= (2, 54)


def everything_in_git_dir(project: Project) -> dict[str, tuple[bytes, int]]:
    """Return the hooks' folder, the configuration and what is ours, to the byte and the permission."""
    git_dir = project.top / ".git"
    files = [path for path in (git_dir / "hooks").rglob("*") if path.is_file() and path.suffix != ".sample"]
    files += [path for path in (git_dir / "migmerge").rglob("*") if path.is_file()]
    files.append(git_dir / "config")
    return {str(path.relative_to(git_dir)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in files}


def put_hook(project: Project, data: bytes, *, mode: int = 0o755, folder: str = ".git/hooks") -> Path:
    path = project.write(f"{folder}/post-merge", data)
    path.chmod(mode)
    return path


def test_a_fresh_clone_is_as_before_after_uninstall(project: Project) -> None:
    before = everything_in_git_dir(project)
    assert project.migmerge("install").returncode == 0
    assert everything_in_git_dir(project) != before
    assert project.migmerge("uninstall").returncode == 0
    assert everything_in_git_dir(project) == before
    assert not (project.top / ".git/migmerge").exists()


def test_installing_twice_is_installing_once(project: Project) -> None:
    project.migmerge("install")
    once = everything_in_git_dir(project)
    project.migmerge("install")
    assert everything_in_git_dir(project) == once


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_another_hook_runs_and_stays_as_it_was(diverged: Project, other: bytes) -> None:
    hook = put_hook(diverged, other)
    before = everything_in_git_dir(diverged)
    diverged.migmerge("install")
    diverged.migmerge("install")
    said = diverged.hooked("merge", "--no-edit", "feature")
    assert (diverged.top / "other-ran").exists()
    assert said.count("MM001") == 1
    diverged.migmerge("uninstall")
    assert everything_in_git_dir(diverged) == before
    assert hook.read_bytes() == other


def test_another_hook_still_gets_its_input_and_arguments(diverged: Project) -> None:
    hook = put_hook(diverged, b'#!/bin/sh\necho "$@" >rewritten\ncat >>rewritten\n')
    hook.rename(hook.with_name("post-rewrite"))
    diverged.migmerge("install")
    diverged.git("switch", "--quiet", "feature")
    diverged.git("rebase", "--quiet", "main")
    lines = (diverged.top / "rewritten").read_text().splitlines()
    assert lines[0] == "rebase"
    assert len(lines[1].split()) == 2


def test_a_hook_that_was_switched_off_stays_off(diverged: Project) -> None:
    put_hook(diverged, OTHERS["ends in exit"], mode=0o644)
    before = everything_in_git_dir(diverged)
    diverged.migmerge("install")
    assert "MM001" in diverged.hooked("merge", "--no-edit", "feature")
    assert not (diverged.top / "other-ran").exists()
    diverged.migmerge("uninstall")
    assert everything_in_git_dir(diverged) == before


def test_a_hook_that_links_into_the_work_tree_is_not_written_through(only_files: Project) -> None:
    script = only_files.write("tools/hook.sh", OTHERS["ends in exit"])
    script.chmod(0o755)
    link = only_files.top / ".git/hooks/post-merge"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to("../../tools/hook.sh")
    only_files.migmerge("install")
    assert script.read_bytes() == OTHERS["ends in exit"]
    only_files.migmerge("uninstall")
    assert link.is_symlink()
    assert link.read_bytes() == OTHERS["ends in exit"]


def test_the_block_stands_right_after_the_shebang(only_files: Project) -> None:
    hook = put_hook(only_files, OTHERS["ends in exec"])
    only_files.migmerge("install")
    lines = hook.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1].startswith("# >>> migmerge >>>")


def test_a_hooks_path_of_the_repository_is_used_and_said(only_files: Project) -> None:
    only_files.git("config", "core.hooksPath", ".githooks")
    done = only_files.migmerge("install", cwd=only_files.top / "migrations")
    assert "is part of the work tree" in done.stdout
    assert {path.name for path in (only_files.top / ".githooks").iterdir()} == set(FILES)
    only_files.migmerge("uninstall")
    assert not list((only_files.top / ".githooks").iterdir())


@pytest.fixture
def shared(only_files: Project, tmp_path: Path) -> Path:
    """Return a folder of hooks that all of the user's repositories share; each says its name, arguments and input."""
    folder = tmp_path / "the company's hooks"
    folder.mkdir()
    for name in ("pre-commit", "commit-msg", "post-merge", "post-rewrite", "reference-transaction"):
        (folder / name).write_text(
            f'#!/bin/sh\necho "{name} $*" >> "$HOME/said"\ncat >> "$HOME/said"\n[ ! -e "$HOME/refuse-{name}" ]\n'
        )
        (folder / name).chmod(0o755)
    only_files.git("config", "--global", "core.hooksPath", str(folder))
    return folder


def test_hooks_that_all_repositories_share_still_run(only_files: Project, shared: Path) -> None:
    before, home, settings = (
        everything_in_git_dir(only_files),
        Path(os.environ["HOME"]),
        only_files.git("config", "--list", "--local"),
    )
    printed = only_files.migmerge("install").stdout
    assert (
        f"note: the hooks in {shared}, where core.hooksPath leads all of your repositories, run after them as before" in printed
    )
    assert sorted(each.name for each in shared.iterdir()) == [
        "commit-msg",
        "post-merge",
        "post-rewrite",
        "pre-commit",
        "reference-transaction",
    ]
    only_files.git("switch", "--quiet", "--create", "topic")
    only_files.revision("x", "a1")
    only_files.git("commit", "--quiet", "--amend", "--message", "again")
    said = (home / "said").read_text()
    assert "pre-commit \n" in said and "commit-msg .git/COMMIT_EDITMSG" in said and "reference-transaction committed" in said
    assert f"post-rewrite amend\n{only_files.git('rev-parse', 'HEAD@{1}')} {only_files.git('rev-parse', 'HEAD')}" in said
    (home / "refuse-pre-commit").touch()
    assert only_files.run_git("commit", "--quiet", "--allow-empty", "--message", "no").returncode == 1
    only_files.git("switch", "--quiet", "main")
    assert "migmerge: " in only_files.hooked("merge", "--quiet", "topic")
    assert "post-merge 0" in (home / "said").read_text()
    assert only_files.migmerge("uninstall").returncode == 0
    assert everything_in_git_dir(only_files).keys() == before.keys()
    assert only_files.git("config", "--list", "--local") == settings


def test_a_hook_that_the_shared_folder_gets_later_runs_too(only_files: Project, shared: Path) -> None:
    (shared / "pre-commit").unlink()
    only_files.migmerge("install")
    (shared / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (shared / "pre-commit").chmod(0o755)
    assert only_files.run_git("commit", "--quiet", "--allow-empty", "--message", "no").returncode == 1


def test_a_shared_folder_that_is_another_one_now_is_told(only_files: Project, shared: Path) -> None:
    only_files.migmerge("install")
    assert "MM201" not in only_files.migmerge("doctor", "--no-db").stdout
    only_files.git("config", "--global", "core.hooksPath", "/elsewhere")
    printed = only_files.migmerge("doctor", "--no-db").stdout
    assert f"calls the hooks in {shared}, and core.hooksPath now leads to /elsewhere" in printed.replace("\n  ", " ")
    only_files.migmerge("install")
    assert "MM201" not in only_files.migmerge("doctor", "--no-db").stdout


def test_in_a_moved_repository_the_shared_hooks_come_back_with_the_next_install(only_files: Project, shared: Path) -> None:
    only_files.migmerge("install")
    moved = Project(only_files.top.rename(only_files.top.with_name("moved")))
    assert moved.codes() == ["MM201"]
    assert moved.migmerge("install").returncode == 0
    assert not only_files.top.exists()
    assert moved.codes() == []
    (shared / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    assert moved.run_git("commit", "--quiet", "--allow-empty", "--message", "no").returncode == 1


def test_what_is_in_a_moved_repository_is_found_there(only_files: Project) -> None:
    only_files.migmerge("install")
    moved = Project(only_files.top.rename(only_files.top.with_name("moved")))
    assert moved.codes() == []
    moved.write(".git/hooks/post-merge", "#!/bin/sh\n").chmod(0o755)
    assert moved.codes() == ["MM201"]


def test_check_tells_that_a_hook_manager_wrote_a_hook_anew(only_files: Project) -> None:
    only_files.migmerge("install")
    assert only_files.codes() == []
    only_files.write(".git/hooks/post-merge", "#!/bin/sh\necho theirs\n").chmod(0o755)
    assert only_files.codes() == ["MM201"]
    assert "post-merge does not call migmerge any more" in only_files.migmerge("check").stdout.replace("\n  ", " ")
    only_files.migmerge("install")
    assert only_files.codes() == []


def test_newer_git_is_configured_and_no_file_is_made(project: Project) -> None:
    if not configured(project):
        pytest.skip("git < 2.54 ignores hooks in its configuration")
    hooks = list((project.top / ".git/hooks").iterdir())
    project.migmerge("install")
    assert list((project.top / ".git/hooks").iterdir()) == hooks
    assert project.git("config", "hook.migmerge-post-merge.event") == "post-merge"


def test_installing_works_before_the_first_environment(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "empty")
    done = project.migmerge("install")
    assert done.returncode == 0
    assert "watching for the first environment to arrive" in done.stdout


def test_it_works_from_a_linked_worktree(diverged: Project) -> None:
    linked = diverged.top.parent / "linked"
    diverged.git("worktree", "add", "--quiet", "-b", "linked", str(linked))
    assert Project(linked).migmerge("install").returncode == 0
    assert "MM001" in diverged.hooked("merge", "--no-edit", "feature")
    assert Project(linked).migmerge("uninstall").returncode == 0
    assert not (diverged.top / ".git/migmerge").exists()


def test_uninstalling_what_is_not_there_says_so(project: Project) -> None:
    done = project.migmerge("uninstall")
    assert (done.returncode, done.stdout) == (0, "nothing to remove: migmerge is not installed in this clone\n")


def test_outside_a_repository_there_is_nothing_to_install_into(tmp_path: Path) -> None:
    done = Project(tmp_path).migmerge("install")
    assert done.returncode == 2
    assert done.stderr == f"error: {tmp_path} is not in a git repository\nhint: git init\n"


def test_a_hook_that_pre_commit_set_aside_is_not_left_behind_and_does_not_speak_twice(only_files: Project) -> None:
    only_files.diverge()
    only_files.migmerge("install")
    hook = only_files.top / ".git/hooks/post-merge"
    hook.rename(hook.with_name("post-merge.legacy"))
    put_hook(only_files, b'#!/bin/sh\n"${0%/*}/post-merge.legacy" "$@"\nexit 0\n')
    only_files.migmerge("install")
    if hook.with_name("post-merge.legacy").exists():
        raise AssertionError("the set-aside hook was ours alone")
    hook.write_bytes(hook.read_bytes().replace(b'"${0%/*}/post-merge.legacy" "$@"\n', b""))
    assert only_files.hooked("merge", "--no-edit", "feature").count("MM001") == 1
    only_files.migmerge("uninstall")
    assert b"migmerge" not in hook.read_bytes()


def test_a_folder_whose_name_is_no_text_does_not_stop_the_installation(project: Project) -> None:
    project.write("migrations/alembic.ini", b"[alembic]\nversion_locations = %(here)s/versions %(here)s/mig\xe9\n")
    project.commit("latin-1")
    assert project.migmerge("install").returncode == 0
    assert project.migmerge("hook", "post-merge", "0").stderr == ""
