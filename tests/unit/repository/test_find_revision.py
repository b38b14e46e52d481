"""A revision that a database records and the checkout lacks is looked up in all that git has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from migmerge.core.database.phantom import Fate, Phantom, describe_phantom, phantom_chain, scripts_in, successor_of
from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.repository.files import write_below
from migmerge.repository.find_revision import files_at, files_of_phantom, find_phantoms
from migmerge.repository.repository import open_repository
from tests.support.project import Project, script_text

FLASK = Environment("migrations", "flask-migrate", ("migrations/versions",), "migrations/alembic.ini")
DATE, AGE = "2024-05-01T12:00:00+00:00", "3 days ago"
ADD = "op.add_column('users', sa.Column('email', sa.Text))"


def find(project: Project, *ids: str, environment: Environment = FLASK, ref: str = "HEAD") -> dict[str, Phantom]:
    """Look for phantoms as doctor does, from the scripts of HEAD."""
    repository = open_repository(str(project.top))
    listed = project.git("ls-tree", "-r", "-z", "--name-only", ref).split("\0") if ref else []
    files = {path: repository.git.read("show", f"{ref}:{path}") for path in listed if environment.holds(path)}
    return find_phantoms(repository, ids, environment, scripts_in(files))


def commit_of(project: Project, name: str = "HEAD") -> str:
    return project.git("rev-parse", name)


def phantom(commit: str, fate: Fate, branch: str | None = None, **more: object) -> Phantom:
    """Return what is known of c1 "add orders" by bea."""
    given = {"path": "migrations/versions/c1.py", "message": "add orders", "author": "bea", "date": DATE, "age": AGE}
    return Phantom("c1", commit, branch=branch, fate=fate, **{**given, **more})  # type: ignore[arg-type]


UNKNOWN = {"author": "", "date": "", "age": ""}


def forget(project: Project) -> None:
    """Let the reflogs forget what no branch leads to; git has it until it prunes."""
    project.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")


@pytest.fixture
def on_feature(diverged: Project) -> str:
    return commit_of(diverged, "feature")


def test_a_branch_has_it(diverged: Project, on_feature: str) -> None:
    found = find(diverged, "c1")
    assert found == {"c1": phantom(on_feature, Fate.ELSEWHERE, "feature")}
    assert describe_phantom(found["c1"]) == '"add orders" by bea, 3 days ago, on the branch feature'


def test_a_deleted_branch_is_found_in_the_reflog(diverged: Project, on_feature: str) -> None:
    diverged.git("branch", "-D", "feature")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(on_feature, Fate.LOST)}
    assert describe_phantom(found["c1"]) == (
        f'"add orders" by bea, 3 days ago, in commit {on_feature[:10]}, on no branch any more'
    )


def test_what_no_reflog_leads_to_is_found_until_git_prunes_it(diverged: Project, on_feature: str) -> None:
    diverged.git("branch", "-D", "feature")
    forget(diverged)
    assert find(diverged, "c1") == {"c1": phantom(on_feature, Fate.LOST)}
    diverged.git("prune", "--expire=now")
    assert find(diverged, "c1") == {}


def test_a_dangling_commit_is_found_in_a_pack(diverged: Project, on_feature: str) -> None:
    diverged.git("repack", "-adq")
    diverged.git("branch", "-D", "feature")
    forget(diverged)
    assert find(diverged, "c1") == {"c1": phantom(on_feature, Fate.LOST)}


def test_a_squashed_branch_leaves_no_phantom_unless_its_script_was_renumbered(diverged: Project, on_feature: str) -> None:
    diverged.git("merge", "--quiet", "--squash", "feature")
    diverged.git("mv", "migrations/versions/c1.py", "migrations/versions/d1.py")
    diverged.script("d1", "b1", message="add orders", upgrade=ADD)
    diverged.commit("orders")
    diverged.git("branch", "-D", "feature")
    assert find(diverged, "c1") == {"c1": phantom(on_feature, Fate.LOST)}


def test_the_same_script_under_another_id_is_its_successor(diverged: Project, on_feature: str) -> None:
    diverged.revision("d1", "a1", message="other words", upgrade=ADD)
    diverged.git("switch", "--quiet", "feature")
    diverged.user = "bea"
    diverged.script("c1", "a1", message="add orders", upgrade=ADD)
    held = diverged.commit("edit")
    diverged.git("switch", "--quiet", "main")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(held, Fate.RENAMED, "feature", successor="d1")}
    assert describe_phantom(found["c1"]) == '"add orders" by bea, 3 days ago, here as d1'


def test_the_same_script_on_another_parent_is_its_successor_too(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.user = "bea"
    diverged.script("c1", "a1", message="add orders", upgrade=ADD)
    held = diverged.commit("edit")
    diverged.git("switch", "--quiet", "main")
    diverged.revision("d1", "b1", message="add orders", upgrade=ADD)
    diverged.git("branch", "-D", "feature")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(held, Fate.REPARENTED, successor="d1")}
    assert describe_phantom(found["c1"]) == '"add orders" by bea, 3 days ago, here as d1, on another parent'


def test_a_rebase_that_renumbers_a_chain_renames_all_of_it(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.user = "bea"
    diverged.script("c1", "a1", message="add orders", upgrade=ADD)
    diverged.commit("edit")
    diverged.revision("c2", "c1", message="add items", upgrade="op.drop_table('items')")
    held = commit_of(diverged)
    diverged.git("rm", "--quiet", "-r", "migrations/versions/c1.py", "migrations/versions/c2.py")
    diverged.script("d1", "a1", message="add orders", upgrade=ADD)
    diverged.script("d2", "d1", message="add items", upgrade="op.drop_table('items')")
    diverged.git("add", "--all")
    diverged.git("commit", "--quiet", "--amend", "--message", "renumbered")
    found = find(diverged, "c2")
    assert found == {
        "c2": Phantom("c2", held, "migrations/versions/c2.py", "bea", DATE, AGE, None, Fate.RENAMED, "d2", "add items")
    }
    diverged.script("d1", "a0", message="add orders", upgrade=ADD)
    diverged.commit("re-parented below")
    assert find(diverged, "c2")["c2"].fate is Fate.REPARENTED


def test_scripts_that_do_nothing_are_not_taken_for_each_other(diverged: Project) -> None:
    diverged.revision("d1", "a1", message="something else")
    assert find(diverged, "c1")["c1"].fate is Fate.ELSEWHERE
    diverged.revision("d2", "b1", message="add orders")
    assert find(diverged, "c1")["c1"].fate is Fate.ELSEWHERE
    diverged.revision("d3", "a1", message="add orders")
    assert find(diverged, "c1")["c1"].successor == "d3"


def test_a_second_merge_of_the_same_heads_is_the_same(diverged: Project) -> None:
    diverged.merged()
    diverged.git("switch", "--quiet", "--create", "mine")
    diverged.revision("m1", ("b1", "c1"), message="merge by hand")
    diverged.git("switch", "--quiet", "main")
    diverged.revision("m2", ("c1", "b1"), message="merge")
    assert (found := find(diverged, "m1")["m1"]).fate is Fate.RENAMED
    assert (found.branch, found.successor) == ("mine", "m2")


def test_a_stash_has_it_with_what_was_committed_below(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--detach", "feature")
    diverged.user = "bea"
    diverged.script("c2", "c1", message="add items")
    diverged.git("stash", "--quiet", "--include-untracked")
    diverged.git("switch", "--quiet", "main")
    diverged.git("branch", "-D", "feature")
    (found,) = find(diverged, "c2").values()
    held = commit_of(diverged, "stash^3")
    path = "migrations/versions/c2.py"
    assert found == Phantom("c2", held, path, "bea", DATE, AGE, message="add items", stashed=True)
    assert describe_phantom(found) == f'"add items" by bea, 3 days ago, in commit {held[:10]}, a stash'
    there = scripts_in(files_of_phantom(open_repository(str(diverged.top)), found, FLASK))
    assert phantom_chain("c2", there, {"a0", "a1", "b1"}) == ("c2", "c1")


def test_a_stash_is_found_from_a_linked_work_tree(project: Project) -> None:
    project.script("c1", "a1")
    project.git("add", "--all")
    project.git("stash", "--quiet")
    linked = Project(project.top.parent / "linked")
    project.git("worktree", "add", "--quiet", "--detach", str(linked.top))
    (found,) = find(linked, "c1").values()
    assert (found.commit, found.stashed) == (commit_of(project, "stash^2"), True)


def test_an_older_stash_of_staged_scripts_has_it(project: Project) -> None:
    project.script("c1", "a1")
    project.git("add", "--all")
    project.git("stash", "--quiet")
    project.write("app.py", "x = 2\n")
    project.git("stash", "--quiet")
    (found,) = find(project, "c1").values()
    assert (found.commit, found.fate, found.stashed) == (commit_of(project, "stash@{1}^2"), Fate.LOST, True)


def test_another_work_tree_has_it_uncommitted(diverged: Project) -> None:
    linked = Project(diverged.top.parent / "linked")
    diverged.git("worktree", "add", "--quiet", str(linked.top), "feature")
    linked.script("c2", "c1", message="add items")
    (found,) = find(diverged, "c2").values()
    assert found == Phantom(
        "c2", "", "migrations/versions/c2.py", fate=Fate.ELSEWHERE, message="add items", work_tree=str(linked.top)
    )
    assert describe_phantom(found) == f'"add items", not committed, in the work tree {linked.top}'
    there = scripts_in(files_of_phantom(open_repository(str(diverged.top)), found, FLASK))
    assert phantom_chain("c2", there, {"a0", "a1", "b1"}) == ("c2", "c1")
    linked.git("add", "--all")
    (linked.top / found.path).unlink()
    assert find(diverged, "c2") == {"c2": found}
    assert scripts_in(files_of_phantom(open_repository(str(diverged.top)), found, FLASK)).keys() == {"a0", "a1", "c1", "c2"}


def test_the_detached_head_of_another_work_tree_has_it(diverged: Project, on_feature: str) -> None:
    linked = Project(diverged.top.parent / "linked")
    diverged.git("worktree", "add", "--quiet", "--detach", str(linked.top), "feature")
    linked.user = "bea"
    linked.revision("c2", "c1")
    held = commit_of(linked)
    linked.git("switch", "--quiet", "--detach", "feature")
    assert (find(diverged, "c2")["c2"].commit, find(diverged, "c2")["c2"].fate) == (held, Fate.LOST)


def test_a_remote_tracking_branch_has_it(diverged: Project, on_feature: str) -> None:
    clone = diverged.clone("mine", "cyd")
    assert find(clone, "c1") == {"c1": phantom(on_feature, Fate.ELSEWHERE, "origin/feature")}
    clone.git("branch", "--quiet", "feature", "origin/feature")
    assert find(clone, "c1") == {"c1": phantom(on_feature, Fate.ELSEWHERE, "feature")}


def test_the_branch_that_made_it_is_named_before_one_that_merged_it(diverged: Project, on_feature: str) -> None:
    diverged.git("switch", "--quiet", "--create", "all")
    diverged.git("merge", "--quiet", "--no-edit", "feature", GIT_COMMITTER_DATE="2024-05-02T12:00:00+0000")
    diverged.git("switch", "--quiet", "main")
    assert find(diverged, "c1") == {"c1": phantom(on_feature, Fate.ELSEWHERE, "feature")}


@pytest.mark.parametrize("options", [(), ("--annotate", "--message", "one")], ids=["light", "annotated"])
def test_only_a_tag_has_it(diverged: Project, on_feature: str, options: Sequence[str]) -> None:
    diverged.git("tag", *options, "v1", "feature")
    diverged.git("branch", "-D", "feature")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(on_feature, Fate.ELSEWHERE, tag="v1")}
    assert describe_phantom(found["c1"]) == '"add orders" by bea, 3 days ago, under the tag v1'


def test_a_note_is_no_place_for_scripts(diverged: Project) -> None:
    diverged.git("branch", "-D", "feature")
    forget(diverged)
    diverged.git("prune", "--expire=now")
    diverged.write("note.py", script_text("c1", "a1"))
    diverged.git("notes", "add", "--file", "note.py")
    assert find(diverged, "c1") == {}


def test_a_commit_deleted_it(diverged: Project, on_feature: str) -> None:
    diverged.merged()
    held = commit_of(diverged)
    diverged.user = "cyd"
    diverged.git("rm", "--quiet", "migrations/versions/c1.py")
    deleted_in = diverged.commit("away with it")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(held, Fate.DELETED, deleted_in=deleted_in, deleted_by="cyd")}
    assert describe_phantom(found["c1"]) == f'"add orders" by bea, 3 days ago, deleted by cyd in commit {deleted_in[:10]}'


def test_it_was_deleted_here_and_brought_back_elsewhere(diverged: Project) -> None:
    diverged.merged()
    diverged.git("rm", "--quiet", "migrations/versions/c1.py")
    diverged.commit("away with it")
    diverged.git("switch", "--quiet", "--create", "again")
    diverged.git("revert", "--no-edit", "HEAD", GIT_COMMITTER_DATE="2024-05-02T12:00:00+0000")
    held = commit_of(diverged)
    diverged.git("switch", "--quiet", "main")
    found = find(diverged, "c1")["c1"]
    assert (found.commit, found.fate, found.branch) == (held, Fate.ELSEWHERE, "again")


def test_the_resolution_of_a_merge_deleted_it(diverged: Project, on_feature: str) -> None:
    diverged.git("merge", "--quiet", "--strategy", "ours", "--no-edit", "feature")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(on_feature, Fate.DELETED)}
    assert describe_phantom(found["c1"]) == (
        f'"add orders" by bea, 3 days ago, in commit {on_feature[:10]}, which HEAD contains, and no longer among the scripts'
    )


def test_only_the_resolution_of_a_merge_ever_had_it(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--create", "both")
    diverged.git("merge", "--quiet", "--no-commit", "--no-ff", "feature")
    diverged.script("e1", ("b1", "c1"))
    held = diverged.commit("merge feature")
    diverged.git("switch", "--quiet", "main")
    found = find(diverged, "e1")["e1"]
    assert (found.commit, found.fate, found.branch, found.author) == (held, Fate.ELSEWHERE, "both", "ann")


def test_its_id_was_changed_in_place(project: Project) -> None:
    project.revision("c1", "a1", message="add orders", upgrade=ADD)
    held = commit_of(project)
    project.write("migrations/versions/c1.py", script_text("d1", "a1", message="add orders", upgrade=ADD))
    changed = project.commit("another id")
    found = find(project, "c1")["c1"]
    assert (found.commit, found.fate, found.successor, found.deleted_in) == (held, Fate.RENAMED, "d1", changed)


def test_the_versions_folder_moved_since(diverged: Project, on_feature: str) -> None:
    diverged.git("mv", "migrations", "database")
    diverged.commit("move")
    moved = Environment("database", "flask-migrate", ("database/versions",), "database/alembic.ini")
    (found,) = find(diverged, "c1", environment=moved).values()
    assert found == phantom(on_feature, Fate.ELSEWHERE, "feature")
    files = files_at(open_repository(str(diverged.top)), on_feature, moved, found.path)
    assert [*files] == [f"migrations/versions/{name}.py" for name in ("a0", "a1", "c1")]


@pytest.mark.parametrize("path", ["db/revs/c1_add_orders.py", "db/revs/orders.py"], ids=["by name", "by content"])
def test_it_lay_in_a_folder_that_nothing_tells_of(project: Project, path: str) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    project.user = "bea"
    project.write(path, script_text("c1", None, message="add orders"))
    held = project.commit("elsewhere")
    project.git("switch", "--quiet", "main")
    assert find(project, "c1") == {"c1": phantom(held, Fate.ELSEWHERE, "feature", path=path)}


def test_a_file_that_was_moved_is_found_where_it_went_last(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.git("mv", "migrations/versions/c1.py", "migrations/versions/c1_add_orders.py")
    held = diverged.commit("a better name")
    diverged.git("switch", "--quiet", "main")
    found = find(diverged, "c1")["c1"]
    assert (found.commit, found.path) == (held, "migrations/versions/c1_add_orders.py")


def test_who_edits_a_script_is_not_its_author(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.user = "cyd"
    diverged.script("c1", "a1", message="add orders", header="import os\n")
    held = diverged.commit("edit")
    diverged.git("switch", "--quiet", "main")
    found = find(diverged, "c1")
    assert found == {"c1": phantom(held, Fate.ELSEWHERE, "feature")}
    assert found["c1"].versions == ((diverged.git("rev-parse", "feature~"), "migrations/versions/c1.py"),)


def test_what_a_branch_has_comes_before_what_a_newer_lost_commit_has(diverged: Project, on_feature: str) -> None:
    diverged.git("switch", "--quiet", "--detach", "feature")
    diverged.script("c1", "a1", message="add orders", header="import os\n")
    diverged.git("commit", "--quiet", "--all", "--message", "lost", GIT_COMMITTER_DATE="2024-05-03T12:00:00+0000")
    diverged.git("switch", "--quiet", "main")
    assert find(diverged, "c1") == {"c1": phantom(on_feature, Fate.ELSEWHERE, "feature")}


def test_a_script_that_was_staged_and_never_committed(project: Project) -> None:
    for message in ("first", "second"):
        path = project.write("migrations/versions/c1.py", script_text("c1", "a1", message=message))
        project.git("add", "--all")
        blob = project.git("hash-object", str(path))
        loose = project.top / ".git/objects" / blob[:2] / blob[2:]
        os.utime(loose, times=(1714564800 + len(message), 1714564800 + len(message)))
    project.git("rm", "--quiet", "--force", "migrations/versions/c1.py")
    (found,) = find(project, "c1").values()
    path_of_blob = f"migrations/versions/{blob}.py"
    assert found == Phantom("c1", "", path_of_blob, message="second", blob=blob)
    assert describe_phantom(found) == f'"second", in blob {blob[:10]}, which was staged and never committed'
    files = files_of_phantom(open_repository(str(project.top)), found, FLASK)
    assert files == {path_of_blob: script_text("c1", "a1", message="second").encode()}
    assert phantom_chain("c1", scripts_in(files), {"a0", "a1"}) == ("c1",)


def test_two_phantoms_from_two_branches(diverged: Project, on_feature: str) -> None:
    diverged.git("switch", "--quiet", "--create", "other", "main~1")
    diverged.user = "cyd"
    diverged.revision("d1", "a1")
    held = commit_of(diverged)
    diverged.git("switch", "--quiet", "main")
    assert find(diverged, "c1", "d1", "c1", "nowhere") == {
        "c1": phantom(on_feature, Fate.ELSEWHERE, "feature"),
        "d1": Phantom("d1", held, "migrations/versions/d1.py", "cyd", DATE, AGE, "other", Fate.ELSEWHERE, message="add d1"),
    }


HOSTILE = ["c.1", "c1$", "^c", "(c|d)", "[c1]", "c*", "c\\1", "it's", 'say "it"', "-c1", "0042_add x", "ünï", "!", "a'\"b"]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_id_may_be_anything(project: Project, name: str) -> None:
    project.git("switch", "--quiet", "--create", "feature")
    for number, each in enumerate((name, "c1", "c11", "cc")):
        project.write(f"migrations/versions/{number}.py", script_text(each, "a1"))
    held = project.commit("scripts")
    project.git("switch", "--quiet", "main")
    (found,) = find(project, name).values()
    assert (found.revision, found.path, found.commit) == (name, "migrations/versions/0.py", held)


@pytest.mark.parametrize("name", ["", "c", "1", "c1 ", "C1", "a1\nc1", "\0", "nowhere", "--all", "c1'", "*", ".*"])
def test_what_is_nowhere_is_not_found(diverged: Project, name: str) -> None:
    assert find(diverged, name) == {}


def test_a_part_of_an_id_is_another_id(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.revision("c1234", "c1")
    held = commit_of(diverged)
    diverged.git("switch", "--quiet", "main")
    assert find(diverged, "c12", "c123", "1234") == {}
    assert find(diverged, "c1234")["c1234"].commit == held


def test_a_script_that_only_mentions_an_id_is_not_it(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.revision("c2", "z1", message="Revision ID: z1", header="# revision = 'z1'\n", depends_on="z1", labels=("z1",))
    diverged.write("migrations/versions/z1.py", '"""\nrevision = "z1"\ndown_revision = None\n"""\n')
    diverged.commit("z1 in a docstring")
    diverged.git("switch", "--quiet", "main")
    assert find(diverged, "z1") == {}


def test_a_script_whose_parents_are_computed_is_found(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.write("migrations/versions/c2.py", "revision = 'c2'\ndown_revision = parent()\n")
    held = diverged.commit("computed")
    diverged.git("switch", "--quiet", "main")
    (found,) = find(diverged, "c2").values()
    assert (found.commit, found.message) == (held, "")
    assert describe_phantom(found) == "c2.py by ann, 3 days ago, on the branch feature"


def test_a_path_may_be_anything(diverged: Project) -> None:
    path = 'migrations/versions/we"ird\n\tname ü.py'
    diverged.git("switch", "--quiet", "feature")
    diverged.write(path, script_text("c2", "c1"))
    diverged.commit("odd")
    diverged.git("switch", "--quiet", "main")
    (found,) = find(diverged, "c2").values()
    assert found.path == path
    assert path in files_of_phantom(open_repository(str(diverged.top)), found, FLASK)


def test_a_repository_without_a_commit_has_nothing(tmp_path: Path) -> None:
    empty = Project.empty(tmp_path / "empty")
    assert find(empty, "c1", ref="") == {}


def test_a_shallow_clone_knows_no_author(diverged: Project, on_feature: str) -> None:
    shallow = Project(diverged.top.parent / "shallow")
    diverged.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{diverged.top}", str(shallow.top))
    found = find(shallow, "c1")
    assert found == {"c1": phantom(on_feature, Fate.ELSEWHERE, "origin/feature", **UNKNOWN)}
    assert describe_phantom(found["c1"]) == '"add orders", on the branch origin/feature'


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_finds_what_it_has_and_fetches_nothing(diverged: Project, on_feature: str, kind: str) -> None:
    diverged.git("config", "uploadpack.allowFilter", "true")
    partial = Project(diverged.top.parent / "partial")
    diverged.git("clone", "--quiet", f"--filter={kind}", f"file://{diverged.top}", str(partial.top))
    assert find(partial, "c1") == {}
    partial.git("switch", "--quiet", "feature")
    partial.git("switch", "--quiet", "main")
    partial.git("remote", "set-url", "origin", "file:///nowhere")
    (found,) = find(partial, "c1").values()
    assert found == phantom(on_feature, Fate.ELSEWHERE, "feature", **(UNKNOWN if kind == "tree:0" else {}))


def test_sha_256(tmp_path: Path) -> None:
    top = tmp_path / "long"
    top.mkdir()
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", "--initial-branch=main", str(top)], check=True)
    project = Project(top)
    project.git("config", "user.name", "ann")
    project.git("config", "user.email", "ann@example.invalid")
    project.revision("a0")
    project.revision("a1", "a0")
    project.diverge()
    held = commit_of(project, "feature")
    project.git("branch", "-D", "feature")
    assert find(project, "c1") == {"c1": phantom(held, Fate.LOST)}
    forget(project)
    assert find(project, "c1") == {"c1": phantom(held, Fate.LOST)}


def test_a_bare_clone_with_work_trees(diverged: Project, on_feature: str) -> None:
    bare = diverged.top.parent / "bare.git"
    diverged.git("clone", "--quiet", "--bare", str(diverged.top), str(bare))
    one, two = Project(bare.parent / "one"), Project(bare.parent / "two")
    diverged.git("worktree", "add", "--quiet", str(one.top), "main", cwd=bare)
    diverged.git("worktree", "add", "--quiet", str(two.top), "feature", cwd=bare)
    two.script("c2", "c1")
    found = find(one, "c1", "c2")
    assert found["c1"] == phantom(on_feature, Fate.ELSEWHERE, "feature")
    assert found["c2"].work_tree == str(two.top)


def test_a_hook_of_a_linked_work_tree_looks_into_the_right_one(diverged: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = Project(diverged.top.parent / "linked")
    diverged.git("worktree", "add", "--quiet", str(linked.top), "feature")
    diverged.script("b2", "b1")
    diverged.git("add", "--all")
    (diverged.top / "migrations/versions/b2.py").unlink()
    monkeypatch.setenv("GIT_DIR", str(diverged.top / ".git/worktrees/linked"))
    (found,) = find_phantoms(open_repository(str(linked.top)), ["b2"], FLASK, {}).values()
    assert found.work_tree == str(diverged.top)


def test_searching_writes_nothing(diverged: Project) -> None:
    diverged.git("branch", "-D", "feature")
    forget(diverged)
    before = sorted((str(path), path.stat().st_mtime_ns) for path in diverged.top.rglob("*"))
    assert find(diverged, "c1", "nowhere").keys() == {"c1"}
    assert sorted((str(path), path.stat().st_mtime_ns) for path in diverged.top.rglob("*")) == before


def test_all_files_beside_a_script_are_told(project: Project) -> None:
    project.write("migrations/versions/data/rows.sql", "insert\n")
    project.write("migrations/versions/old/a1.py", script_text("a1", "z9"))
    commit = project.commit("more")
    (project.top / "migrations/versions/link.py").symlink_to("a0.py")
    project.commit("a link")
    repository = open_repository(str(project.top))
    files = files_at(repository, commit, FLASK, "migrations/versions/a0.py")
    assert [*files] == [f"migrations/versions/{name}" for name in ("data/rows.sql", "old/a1.py", "a1.py", "a0.py")]
    assert scripts_in(files)["a1"][0].down_revisions == ("a0",)
    assert files_at(repository, "HEAD", FLASK, "").keys() == {*files, "app.py"}
    assert files_at(repository, "", FLASK, "x.py") == {}
    with pytest.raises(MigmergeError):
        files_at(repository, "nowhere", FLASK, "x.py")


def chain(*scripts: tuple[str, object]) -> dict[str, bytes]:
    return {f"v/{name}.py": script_text(name, parents).encode() for name, parents in scripts}


def test_a_lineage_goes_from_the_top_down() -> None:
    there = scripts_in(chain(("a", None), ("b", "a"), ("c", "b"), ("d", "b"), ("e", ("c", "d"))))
    assert phantom_chain("e", there, {"a"}) in [("e", "c", "d", "b"), ("e", "d", "c", "b")]
    assert phantom_chain("c", there, {"a", "b"}) == ("c",)
    assert phantom_chain("b", there, ()) == ("b", "a")


def test_a_lineage_has_what_it_depends_on() -> None:
    files = chain(("a", None), ("x", None))
    files["v/x.py"] = script_text("x", None, labels=("extra",)).encode()
    files["v/b.py"] = script_text("b", "a", depends_on="extra").encode()
    assert phantom_chain("b", scripts_in(files), {"a"}) == ("b", "x")
    assert phantom_chain("b", scripts_in(files), {"a", "x"}) == ("b",)


def test_a_gap_in_a_lineage_is_refused() -> None:
    there = scripts_in(chain(("a", None), ("c", "b")))
    with pytest.raises(MigmergeError) as refusal:
        phantom_chain("c", there, {"a"})
    assert str(refusal.value) == (
        "b, which c follows or depends on, has no readable script beside it: the way down from there is not known"
    )
    assert refusal.value.hint == "git log --all --reflog --oneline -S b"
    with pytest.raises(MigmergeError, match=r"^z has no readable script"):
        phantom_chain("z", there, {"a"})


def test_a_circle_has_no_way_down() -> None:
    with pytest.raises(MigmergeError, match="a and b follow one another in a circle"):
        phantom_chain("b", scripts_in(chain(("a", "b"), ("b", "a"))), ())


def test_a_long_lineage_is_followed() -> None:
    there = scripts_in(chain(*((str(number), str(number - 1)) for number in range(3000))))
    assert len(phantom_chain("2999", there, {"-1"})) == 3000
    assert successor_of("2999", there, scripts_in(chain(("x", None)))) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("op.f('a')", "op.f( 'a', )", True),
        ("op.f('a')", "op.f('b')", False),
        ("op.f('a')\n    op.g()", "op.g()\n    op.f('a')", False),
        ("op.f('a')  # why", "op.f('a')", True),
        ("op.f(", "op.f(", False),
    ],
)
def test_what_makes_two_scripts_the_same(one: str, other: str, *, same: bool) -> None:
    there = scripts_in({"v/c.py": script_text("c", "a", upgrade=one).encode()})
    here = scripts_in({"v/d.py": script_text("d", "a", upgrade=other, header="import os.path\n").encode()})
    assert successor_of("c", there, here) is None, "what it imports is part of it"
    here = scripts_in({"v/d.py": script_text("d", "a", upgrade=other, header="import sqlalchemy.orm\n").encode()})
    assert successor_of("c", there, here) == ((Fate.RENAMED, "d") if same else None)


def test_annotations_make_no_difference() -> None:
    old = script_text("c", "a", upgrade=ADD).encode()
    new = old.replace(b"revision = 'c'", b"revision: str = 'd'").replace(b"def upgrade():", b"def upgrade() -> None:")
    assert successor_of("c", scripts_in({"c.py": old}), scripts_in({"d.py": new})) == (Fate.RENAMED, "d")


def test_what_it_depends_on_makes_a_difference() -> None:
    there = scripts_in({"c.py": script_text("c", "a", upgrade=ADD).encode()})
    here = scripts_in({"d.py": script_text("d", "a", upgrade=ADD, depends_on="x").encode()})
    assert successor_of("c", there, here) == (Fate.REPARENTED, "d")


def test_an_empty_script_for_several_databases_does_nothing() -> None:
    text = script_text("c", "a", upgrade="globals()['upgrade_%s' % 'a']()").encode()
    here = scripts_in({"d.py": text.replace(b"revision = 'c'", b"revision = 'd'").replace(b"add c", b"other")})
    assert successor_of("c", scripts_in({"c.py": text}), here) is None


def test_what_the_commit_had_too_is_no_successor() -> None:
    there = scripts_in({"c.py": script_text("c", "a", upgrade=ADD).encode(), "d.py": script_text("d", "z").encode()})
    here = scripts_in({"d.py": script_text("d", "a", upgrade=ADD).encode()})
    assert successor_of("c", there, here) is None


def test_files_are_laid_out(tmp_path: Path) -> None:
    files = {"a/b/c.py": b"1\n", "a/d.py": b"2\r\n", "e:\\f.py": b"\xff"}
    write_below(tmp_path / "out", files)
    write_below(tmp_path / "out", files)
    assert {str(path.relative_to(tmp_path / "out")): path.read_bytes() for path in tmp_path.rglob("*.py")} == files


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/tmp/x", "a//x", "./x", "", "a/", "a\0b", ".."])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(MigmergeError) as refusal:
        write_below(tmp_path / "out", {path: b"x"})
    assert str(refusal.value) == f"{path!r} does not lie below the folder that scripts are laid out in"
    assert not (tmp_path / "out").exists()


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/folder").symlink_to(tmp_path / "target")
    (tmp_path / "out/file.py").symlink_to(tmp_path / "target/file.py")
    with pytest.raises(MigmergeError, match=r"^folder/x.py cannot be written below .*: folder is a link$"):
        write_below(tmp_path / "out", {"folder/x.py": b"x"})
    with pytest.raises(MigmergeError, match=r"^file.py cannot be written below "):
        write_below(tmp_path / "out", {"file.py": b"x"})
    with pytest.raises(MigmergeError, match="Is a directory"):
        write_below(tmp_path, {"target": b"x"})
    assert [*(tmp_path / "target").iterdir()] == []
