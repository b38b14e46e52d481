"""`migmerge check` against Alembic's own reading of the folder, over work trees in which git and the disk differ."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.project import Project, script_text

VERSIONS = "migrations/versions"
NAMES = ["r0", "r1", "r2", "r3", "r4"]


def path_of(name: str) -> str:
    return f"{VERSIONS}/{name}.py"


def edit(project: Project, name: str, other: str) -> None:
    project.script(name, None if other == name else other)


def edit_and_stage(project: Project, name: str, other: str) -> None:
    edit(project, name, other)
    project.run_git("add", path_of(name))


def stage_and_take_back(project: Project, name: str, other: str) -> None:
    before = (project.top / path_of(name)).read_bytes() if (project.top / path_of(name)).is_file() else b""
    edit_and_stage(project, name, other)
    project.write(path_of(name), before)


def edit_unseen(project: Project, name: str, other: str) -> None:
    project.run_git("update-index", "--assume-unchanged", path_of(name))
    edit(project, name, other)


def edit_skipped(project: Project, name: str, other: str) -> None:
    project.run_git("update-index", "--skip-worktree", path_of(name))
    edit(project, name, other)


def delete(project: Project, name: str, other: str) -> None:
    (project.top / path_of(name)).unlink(missing_ok=True)


def delete_skipped(project: Project, name: str, other: str) -> None:
    project.run_git("update-index", "--skip-worktree", path_of(name))
    delete(project, name, other)


def remove(project: Project, name: str, other: str) -> None:
    project.run_git("rm", "--quiet", "--force", path_of(name))


def remove_from_index(project: Project, name: str, other: str) -> None:
    project.run_git("rm", "--quiet", "--cached", path_of(name))


def rename(project: Project, name: str, other: str) -> None:
    project.run_git("mv", path_of(name), path_of(f"{name}_renamed"))


def rename_in_index(project: Project, name: str, other: str) -> None:
    blob = project.run_git("rev-parse", f"HEAD:{path_of(name)}").stdout.strip()
    project.run_git("update-index", "--force-remove", path_of(name))
    project.run_git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path_of(f'{name}_index')}")


def rename_case(project: Project, name: str, other: str) -> None:
    if (project.top / path_of(name)).is_file():
        (project.top / path_of(name)).rename(project.top / path_of(name.upper()))


def new(project: Project, name: str, other: str) -> None:
    project.script(f"n{name}", other)


def new_and_staged(project: Project, name: str, other: str) -> None:
    new(project, name, other)
    project.git("add", path_of(f"n{name}"))


def new_and_meant(project: Project, name: str, other: str) -> None:
    new(project, name, other)
    project.git("add", "--intent-to-add", path_of(f"n{name}"))


def staged_and_gone(project: Project, name: str, other: str) -> None:
    new_and_staged(project, name, other)
    delete(project, f"n{name}", other)


def ignored(project: Project, name: str, other: str) -> None:
    project.write(".git/info/exclude", "i*.py\n__pycache__\n")
    project.script(f"i{name}", other)


def odd_name(project: Project, name: str, other: str) -> None:
    project.write(f"{VERSIONS}/ö {name}.py", script_text(f"odd{name}", other))


def name_with_line_feed(project: Project, name: str, other: str) -> None:
    project.write(f"{VERSIONS}/x\n{name}.py", script_text(f"feed{name}", other))


def below(project: Project, name: str, other: str) -> None:
    project.write(f"{VERSIONS}/deeper/{name}.py", script_text(f"deep{name}", other))


def in_cache_folder(project: Project, name: str, other: str) -> None:
    project.write(f"{VERSIONS}/__pycache__/{name}.py", script_text(f"cached{name}", other))
    project.write(f"{VERSIONS}/{name}x.pyc", b"\0")


def link_elsewhere(project: Project, name: str, other: str) -> None:
    project.write(f"elsewhere/{name}.py", script_text(f"linked{name}", other))
    link(project, f"l{name}.py", f"../../elsewhere/{name}.py")


def link_to_text(project: Project, name: str, other: str) -> None:
    project.write(f"elsewhere/{name}.txt", script_text(f"linked{name}", other))
    link(project, f"t{name}.py", f"../../elsewhere/{name}.txt")


def link_beside(project: Project, name: str, other: str) -> None:
    link(project, f"twin{name}.py", f"{other}.py")


def broken_link(project: Project, name: str, other: str) -> None:
    link(project, f"broken{name}.py", "nowhere.py")


def become_link(project: Project, name: str, other: str) -> None:
    project.write(f"elsewhere/{name}.py", script_text(name, other))
    delete(project, name, other)
    link(project, f"{name}.py", f"../../elsewhere/{name}.py")


def folder_link(project: Project, name: str, other: str) -> None:
    project.write(f"elsewhere/{name}/f.py", script_text(f"folder{name}", other))
    link(project, f"folder{name}", f"../../elsewhere/{name}")


def link(project: Project, name: str, target: str) -> None:
    (project.top / VERSIONS / name).unlink(missing_ok=True)
    (project.top / VERSIONS / name).symlink_to(target)


def nested(project: Project, name: str, other: str) -> None:
    below(project, name, other)
    project.git("init", "--quiet", cwd=project.top / VERSIONS / "deeper")


def other_line_ends(project: Project, name: str, other: str) -> None:
    project.write(".gitattributes", "*.py text eol=crlf\n")
    project.git("checkout", "--quiet", "HEAD", "--", ".")


def commit(project: Project, name: str, other: str) -> None:
    project.git("add", "--all")
    project.run_git("commit", "--quiet", "--message", "all")


Change = Callable[[Project, str, str], None]
CHANGES: list[Change] = [
    edit, edit_and_stage, stage_and_take_back, edit_unseen, edit_skipped, delete, delete_skipped, remove, remove_from_index,
    rename, rename_in_index, rename_case, new, new_and_staged, new_and_meant, staged_and_gone, ignored, odd_name,
    name_with_line_feed, below, in_cache_folder, link_elsewhere, link_to_text, link_beside, broken_link,
    become_link, folder_link, nested, other_line_ends, commit,
]  # fmt: skip


def alembic_heads(project: Project, *, recursive: bool) -> list[str] | None:
    """Return the heads that Alembic finds; None where it raises."""
    config = Config()
    config.set_main_option("script_location", str(project.top / "migrations"))
    config.set_main_option("recursive_version_locations", str(recursive).lower())
    config.set_main_option("path_separator", "os")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # two scripts of one id, a parent that is missing
            warnings.filterwarnings("ignore", message=".* loaded twice")
            return sorted(ScriptDirectory.from_config(config).get_heads())
    except Exception:  # noqa: BLE001 (whatever a script raises)
        return None


def begin(folder: str, *, recursive: bool) -> Project:
    project = Project.create(Path(folder) / "app")
    project.write("migrations/alembic.ini", f"[alembic]\nrecursive_version_locations = {str(recursive).lower()}\n")
    for name in ("a0", "a1"):
        (project.top / VERSIONS / f"{name}.py").unlink()
    for name, parent in zip(NAMES, [None, "r0", "r1", "r2", "r2"], strict=True):
        project.script(name, parent)
    project.commit("begin")
    return project


def compare(changes: list[tuple[Change, str, str]], *, recursive: bool) -> None:
    with TemporaryDirectory() as folder:
        project = begin(folder, recursive=recursive)
        for change, name, other in changes:
            change(project, name, other)
        heads, answer = alembic_heads(project, recursive=recursive), project.check()
        # A folder below is an environment of its own where no configuration reads it.
        found = [each for each in answer["findings"] if each["environment"] == "migrations" and each["code"] != "MM001"]
        errors = [each for each in found if each["severity"] == "error"]
        (here,) = (each for each in answer["environments"] if each["path"] == "migrations")
        ours = [head["revision"] for head in here["heads"]]
        if heads is None:
            assert errors, (ours, answer)
        else:
            assert (ours, [each["message"] for each in errors if heads]) == (heads, [])


STEPS = st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=1, max_size=5)


@examples(30)
@example(changes=[(folder_link, "r0", "r0"), (commit, "r0", "r0")], recursive=True)
@given(changes=STEPS, recursive=st.booleans())
def test_any_work_tree_has_the_heads_that_alembic_finds(changes: list[tuple[Change, str, str]], *, recursive: bool) -> None:
    compare(changes, recursive=recursive)


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_each_change_leaves_the_heads_that_alembic_finds(change: Change, recursive: bool) -> None:
    compare([(change, "r4", "r3")], recursive=recursive)
