"""Repairs by `migmerge fix`, from the finding to a clean report, by nothing but hints."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.e2e.test_fix import alembic_heads
from tests.support.project import Project, script_text

VERSIONS = "migrations/versions"
MAKES = "op.create_table('t', sa.Column('id', sa.Integer()))"


def follow(project: Project, *, most: int = 5) -> list[str]:
    """Follow the first hint of `check` until there is no finding; return the codes that were met."""
    met: list[str] = []
    for _ in range(most):
        findings = project.check()["findings"]
        if not findings:
            return met
        met.append(findings[0]["code"])
        run_hint(project, findings[0]["hint"])
    raise AssertionError(f"the hints do not end: {met}")


def run_hint(project: Project, hint: str) -> None:
    """Run a hint in a shell's words; where `fix` refuses, the hint of that."""
    for command in hint.split(" && "):
        program, *arguments = shlex.split(command)
        if program == "git":
            project.git(*arguments, *(["-m", "as hinted"] if arguments == ["commit"] else []))
            continue
        assert program == "migmerge"
        done = project.migmerge(*arguments, "--yes", "--no-db")
        if done.returncode:
            (again,) = (line.split("hint: ")[1] for line in done.stdout.splitlines() if "hint: " in line)
            assert again != hint, done.stdout
            run_hint(project, again)


def published(project: Project, tmp_path: Path) -> Project:
    project.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    project.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    project.git("push", "--quiet", "origin", "main")
    return project


def test_mm002_a_file_name(project: Project) -> None:
    project.write(f"{VERSIONS}/b1_add_email.py", script_text("b1", "a1"))
    project.revision("c1", "b1_add_email")
    before = project.git("rev-parse", "HEAD")
    assert follow(project) == ["MM002"]
    assert alembic_heads(project) == ["c1"]
    assert project.git("log", "--format=%s", f"{before}..") == "Re-parent c1 onto b1"
    assert project.git("diff", "--name-only", before, "HEAD") == f"{VERSIONS}/c1.py"
    assert project.status() == ""


def test_mm002_a_file_name_that_is_not_committed(project: Project) -> None:
    project.write(f"{VERSIONS}/b1_add_email.py", script_text("b1", "a1"))
    project.commit("b1")
    project.script("c1", "b1_add_email")
    project.git("add", f"{VERSIONS}/c1.py")
    project.fix()
    assert project.status() == f"A  {VERSIONS}/c1.py\n"
    assert alembic_heads(project) == ["c1"]


def test_mm002_a_dry_run_shows_the_difference_and_changes_nothing(project: Project) -> None:
    project.write(f"{VERSIONS}/b1_add_email.py", script_text("b1", "a1"))
    project.revision("c1", "b1_add_email")
    before = project.git("rev-parse", "HEAD")
    said = project.fix("--dry-run")
    assert "  | -down_revision = 'b1_add_email'\n  | +down_revision = 'b1'\n" in said
    assert (project.git("rev-parse", "HEAD"), project.status()) == (before, "")


def test_mm002_left_out_by_a_cherry_pick(project: Project) -> None:
    project.git("branch", "release")
    project.revision("b1", "a1")
    project.revision("c1", "b1")
    project.git("switch", "--quiet", "release")
    project.revision("r1", "a1")
    project.git("cherry-pick", "main", MIGMERGE="0")
    assert follow(project) == ["MM002"]
    assert alembic_heads(project) == ["c1"]
    assert not (project.top / VERSIONS / "b1.py").exists()
    assert "down_revision = 'r1'" in (project.top / VERSIONS / "c1.py").read_text()


def test_mm002_left_out_by_a_cherry_pick_and_needed(project: Project) -> None:
    project.git("branch", "release")
    project.revision("b1", "a1", upgrade=MAKES)
    project.revision("c1", "b1", upgrade="op.add_column('t', sa.Column('x', sa.Integer()))")
    project.git("switch", "--quiet", "release")
    project.git("cherry-pick", "main", MIGMERGE="0")
    (found,) = project.check()["findings"]
    assert "c1 changes what it makes" in found["message"]
    assert follow(project) == ["MM002", "MM009"]
    assert alembic_heads(project) == ["c1"]


def test_mm002_lost_on_the_same_branch(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "feature")
    diverged.revision("d1", "c1")
    diverged.git("switch", "--quiet", "main")
    diverged.git("rm", "--quiet", f"{VERSIONS}/b1.py")
    diverged.commit("without b1")
    diverged.script("e1", "d1")
    diverged.commit("on a branch that is not here")
    assert "MM002" in follow(diverged)
    assert alembic_heads(diverged) == ["e1"]


def test_mm002_a_revert_of_the_parent(project: Project) -> None:
    project.revision("b1", "a1", upgrade=MAKES)
    project.revision("c1", "b1")
    project.git("revert", "--no-edit", "HEAD~1", MIGMERGE="0")
    assert follow(project) == ["MM002"]
    assert alembic_heads(project) == ["c1"]
    assert not (project.top / VERSIONS / "b1.py").exists()


def test_mm002_a_revert_of_what_a_merge_revision_joins(diverged: Project) -> None:
    b1 = diverged.git("log", "--format=%H", "-1", "--", f"{VERSIONS}/b1.py")
    diverged.merged().fix()
    diverged.git("revert", "--no-edit", b1, MIGMERGE="0")
    assert follow(diverged) == ["MM002"]
    assert alembic_heads(diverged) == ["c1"]
    assert diverged.status() == ""


def test_mm002_a_revert_of_the_parent_that_is_needed(project: Project) -> None:
    project.revision("b1", "a1", upgrade=MAKES)
    project.revision("c1", "b1", upgrade="op.drop_table('t')")
    project.git("revert", "--no-edit", "HEAD~1", MIGMERGE="0")
    assert follow(project) == ["MM002", "MM009"]
    assert (project.top / VERSIONS / "b1.py").exists()


def test_mm003_mine_and_theirs(project: Project, tmp_path: Path) -> None:
    published(project, tmp_path)
    bea = project.clone("bea", "bea")
    bea.write(f"{VERSIONS}/0002_bea.py", script_text("0002", "a1", upgrade=MAKES))
    bea.commit("bea's")
    bea.git("push", "--quiet", str(tmp_path / "origin.git"), "main")
    project.write(f"{VERSIONS}/0002_ann.py", script_text("0002", "a1"))
    project.write(f"{VERSIONS}/0003_ann.py", script_text("0003", "0002"))
    project.commit("ann's")
    project.git("fetch", "--quiet")
    project.git("merge", "--quiet", "--no-edit", "origin/main", MIGMERGE="0")
    (found,) = project.check()["findings"]
    assert "0002_bea.py (bea, origin/main; published on origin/main)" in found["message"]
    assert "0002_ann.py is yours and can become 0004" in found["message"]
    assert follow(project) == ["MM003"]
    assert "down_revision = '0004'" in (project.top / VERSIONS / "0003_ann.py").read_text()
    assert len(alembic_heads(project)) == 1


def test_mm003_a_copy(project: Project, tmp_path: Path) -> None:
    published(project, tmp_path)
    project.write(f"{VERSIONS}/copy.py", script_text("a1", "a0"))
    project.commit("copy")
    assert follow(project) == ["MM003"]
    assert not (project.top / VERSIONS / "copy.py").exists()
    assert project.status() == ""


def test_mm003_the_printed_undo_brings_the_copy_back(project: Project, tmp_path: Path) -> None:
    published(project, tmp_path)
    project.write(f"{VERSIONS}/copy.py", script_text("a1", "a0"))
    before = project.commit("copy")
    said = project.fix()
    project.undo(said)
    assert (project.git("rev-parse", "HEAD"), project.status()) == (before, "")


def test_mm014_an_id_that_alembic_refuses(project: Project) -> None:
    project.revision("b-1", "a1")
    project.revision("c1", "b-1")
    assert follow(project) == ["MM014"]
    assert alembic_heads(project) == ["c1"]


def test_mm015_a_redundant_parent(project: Project) -> None:
    project.revision("b1", "a1")
    project.revision("c1", "a1")
    project.revision("m1", ("a1", "b1", "c1"))
    assert follow(project) == ["MM015"]
    assert "down_revision = ('b1', 'c1')" in (project.top / VERSIONS / "m1.py").read_text()


def test_mm008_of_a_merge_into_the_default_branch(project: Project, tmp_path: Path) -> None:
    published(project, tmp_path)
    project.git("switch", "--quiet", "--create", "topic")
    project.script("a1", "a0", upgrade=MAKES)
    project.commit("edit")
    assert project.codes("--against", "origin/main") == ["MM008"]


def test_mm003_an_edited_pick_of_what_is_published(project: Project, tmp_path: Path) -> None:
    published(project, tmp_path)
    bea = project.clone("bea", "bea")
    bea.write(f"{VERSIONS}/b1_bea.py", script_text("abcdefabcdef", "a1", message="add t", upgrade=MAKES))
    bea.commit("bea's")
    bea.git("push", "--quiet", str(tmp_path / "origin.git"), "main:topic")
    project.git("fetch", "--quiet")
    project.git("cherry-pick", "origin/topic", MIGMERGE="0")
    project.git("mv", f"{VERSIONS}/b1_bea.py", f"{VERSIONS}/b1_ann.py")
    project.write(f"{VERSIONS}/b1_ann.py", script_text("abcdefabcdef", "a1", message="add t"))
    project.git("add", "--all")
    project.git("commit", "--quiet", "--amend", "--no-edit", MIGMERGE="0")
    project.git("merge", "--quiet", "--no-edit", "origin/topic", MIGMERGE="0")
    (found,) = project.check()["findings"]
    assert "b1_ann.py is a copy of migrations/versions/b1_bea.py" in found["message"]
    said = project.fix("--dry-run", "--no-db")
    assert "note: -    pass\n" in said and f"note: +    {MAKES}\n" in said
    assert follow(project) == ["MM003"]
    assert not (project.top / VERSIONS / "b1_ann.py").exists()
    assert alembic_heads(project) == ["abcdefabcdef"]


def test_mm014_a_label_that_another_script_has(project: Project) -> None:
    project.revision("b1", "a1", labels=("shop",))
    project.revision("c1", "b1", labels=("shop", "more"))
    assert follow(project) == ["MM014"]
    assert "branch_labels = 'more'" in (project.top / VERSIONS / "c1.py").read_text()
    assert alembic_heads(project) == ["c1"]


def test_one_parent_missing_in_two_scripts_with_one_id_ends(project: Project) -> None:
    project.write(f"{VERSIONS}/0002_add_x.py", script_text("0002_add_x", "a1"))
    for name in ("one", "two"):
        project.write(f"{VERSIONS}/{name}.py", script_text("b1", "0002"))
    project.commit("faults")
    follow(project)
    assert len(alembic_heads(project)) == 1
