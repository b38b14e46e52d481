"""`migmerge fix`: what it commits, what it refuses, and what it never touches."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migmerge.core.fix_plan.merge_revision import merge_id
from tests.e2e.test_hook_prompt import hook
from tests.support.project import TEMPLATE, Project, script_text


@pytest.fixture
def merged(diverged: Project) -> Project:
    """Return the project after feature came into main: two heads."""
    return diverged.merged()


def only_file(project: Project) -> str:
    """Return the one file that the last commit brought."""
    (path,) = project.git("diff", "--name-only", "HEAD~", "HEAD").splitlines()
    return path


def alembic_heads(project: Project, folder: str = "migrations") -> list[str]:
    """Ask Alembic itself, which runs the scripts."""
    code = (
        "import sys\nfrom alembic.config import Config\nfrom alembic.script import ScriptDirectory\n"
        "c = Config()\nc.set_main_option('script_location', sys.argv[1])\n"
        "print(*sorted(ScriptDirectory.from_config(c).get_heads()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], cwd=project.top, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_merge_revision_is_committed_alone_and_alembic_has_one_head(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    merged.fix()
    assert merged.parents() == [before]
    path = only_file(merged)
    text = (merged.top / path).read_text()
    revision = Path(path).name.split("_")[0]
    assert path == f"migrations/versions/{revision}_merge_add_email_and_add_orders.py"
    assert text.startswith(
        f'"""merge add email and add orders\n\nRevision ID: {revision}\nRevises: b1, c1\nCreate Date: 2024-01-02 10:00:00\n\n"""\n'
    )
    assert alembic_heads(merged) == [revision] == merged.heads()
    assert merged.status() == ""


def test_the_commit_says_what_was_joined_and_whose_it_was(merged: Project) -> None:
    merged.fix()
    assert merged.git("log", "-1", "--format=%B") == (
        'Merge revisions b1 and c1\n\nb1 "add email" (ann, main)\nc1 "add orders" (bea, feature)'
    )


def test_the_output_names_the_commit_the_way_back_and_the_next_command(merged: Project) -> None:
    said = merged.fix()
    commit = merged.git("rev-parse", "HEAD")
    assert said == (
        "migmerge: a colleague's migration forks the history; `flask db upgrade` fails\n"
        "  ◉    b1  add email   yours, not pushed\n"
        "  │ ◉  c1  add orders  bea, feature\n"
        "  ○─╯  a1  add a1\n"
        "recommended: a merge revision joins b1 and c1 and changes neither\n"
        "otherwise: re-parenting puts b1 after c1: b1 exists only here; right only if no database has run it\n"
        f"committed {commit[:10]}  {only_file(merged)}\n"
        "  undo: migmerge undo\n"
        "to bring your database up to date:\n"
        "  flask db upgrade\n"
    )
    merged.write("staged.txt", "s")
    merged.git("add", "staged.txt")
    merged.write("staged.txt", "changed since")
    merged.undo(said)
    assert merged.heads() == ["b1", "c1"]
    assert merged.status() == "AM staged.txt\n"


def test_staged_unstaged_and_untracked_work_stays_to_the_byte(merged: Project) -> None:
    merged.write("staged.txt", "s")
    merged.git("add", "staged.txt")
    merged.write("app.py", "x = 2\n")
    merged.git("add", "app.py")
    merged.write("app.py", "x = 3\n")
    merged.write("loose.txt", "l")
    before = (merged.status(), merged.git("diff"), merged.git("diff", "--cached"))
    merged.fix()
    assert (merged.status(), merged.git("diff"), merged.git("diff", "--cached")) == before
    assert only_file(merged).startswith("migrations/versions/")


@pytest.mark.parametrize("staged", [False, True])
def test_an_uncommitted_script_is_not_merged_in_but_follows_what_joins_the_committed_ones(merged: Project, staged: bool) -> None:
    path = merged.script("w1", "c1")
    if staged:
        merged.git("add", path)
    before = merged.status()
    merged.fix("--assume-unapplied")
    assert merged.status() == before
    assert len(alembic_heads(merged)) == 1
    assert f"down_revision = '{merge_id(('b1', 'c1'))}'" in (merged.top / path).read_text()
    if staged:
        assert merged.git("diff", "--", path) == ""
    fresh = merged.clone("fresh", "zoe")
    assert len(alembic_heads(fresh)) == 1


def test_an_uncommitted_script_waits_for_the_databases_to_be_known(merged: Project) -> None:
    path = merged.script("w1", "c1")
    text = (merged.top / path).read_text()
    assert "not fixed: it is not known whether a database has run w1" in merged.fix("--no-db")
    assert merged.migmerge("fix", "--yes", "--no-db").returncode == 1
    assert (merged.top / path).read_text() == text


def test_what_an_uncommitted_merge_revision_joins_is_not_joined_again(merged: Project) -> None:
    merged.script("m1", ("b1", "c1"))
    assert "nothing to fix" in merged.fix()


def test_scripts_that_no_commit_holds_are_put_one_after_another(project: Project) -> None:
    project.script("w1", "a1", date="2024-02-01 10:00:00")
    project.script("w2", "a1", date="2024-02-02 10:00:00")
    assert "two migrations fork the history" in project.migmerge("fix", "--dry-run", "--assume-unapplied").stdout
    project.fix("--assume-unapplied")
    assert alembic_heads(project) == ["w2"]
    assert project.git("log", "--format=%s", "-1") == "add a1"


def test_a_parent_that_was_edited_by_hand_is_not_committed_over(merged: Project) -> None:
    merged.write("migrations/versions/c1.py", script_text("c1", "a0"))
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "not fixed: migrations/versions/c1.py: edited to other identifiers, not committed" in done.stdout


def test_everyone_writes_the_same_bytes(merged: Project) -> None:
    one, two = merged.clone("one", "ann"), merged.clone("two", "zoe")
    one.fix(TZ="Asia/Tokyo")
    two.fix("-m", "another commit message", TZ="America/Lima", LC_ALL="C", PYTHONHASHSEED="7")
    assert only_file(one) == only_file(two)
    assert (one.top / only_file(one)).read_bytes() == (two.top / only_file(two)).read_bytes()
    one.git("fetch", "--quiet", str(two.top), "main")
    one.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
    assert len(one.heads()) == 1


@pytest.mark.parametrize(
    "dates", [(None, None), ("2024-03-01 08:00:00.123456", None), ("yesterday", "2024-01-05 07:00:00+09:00")]
)
def test_the_date_comes_from_the_parents_and_not_from_the_clock(project: Project, dates: tuple[str | None, str | None]) -> None:
    project.write("migrations/alembic.ini", "[alembic]\nfile_template = %%(epoch)d_%%(year)d%%(month).2d_%%(rev)s\n")
    project.revision("b1", "a1", date=dates[0])
    project.revision("c1", "a1", date=dates[1])
    one, two = project.clone("one", "ann"), project.clone("two", "zoe")
    one.fix(TZ="Asia/Tokyo")
    two.fix(TZ="America/Lima")
    assert only_file(one) == only_file(two)
    assert (one.top / only_file(one)).read_bytes() == (two.top / only_file(two)).read_bytes()


def test_the_projects_own_template_names_zone_and_hooks_are_used(merged: Project) -> None:
    hook_script = merged.write("tools/stamp.sh", '#!/bin/sh\necho "# formatted" >>"$1"\n')
    hook_script.chmod(0o755)
    merged.write(
        "migrations/alembic.ini",
        "[alembic]\nfile_template = %%(year)d_%%(slug)s\ntruncate_slug_length = 12\ntimezone = Europe/Berlin\n"
        "[post_write_hooks]\nhooks = stamp\nstamp.type = exec\nstamp.executable = tools/stamp.sh\nstamp.options = REVISION_SCRIPT_FILENAME\n",
    )
    merged.write("migrations/script.py.mako", TEMPLATE.replace("from alembic", "# our own\nfrom alembic"))
    merged.commit("configuration")
    merged.fix()
    text = (merged.top / only_file(merged)).read_text()
    assert only_file(merged) == "migrations/versions/2024_merge_add_.py"
    assert "Create Date: 2024-01-02 10:00:00+01:00" in text
    assert "# our own\n" in text
    assert text.endswith("# formatted\n")


def test_a_post_write_hook_that_fails_leaves_nothing_behind(merged: Project) -> None:
    merged.write(
        "migrations/alembic.ini",
        "[alembic]\n[post_write_hooks]\nhooks = black\nblack.type = exec\nblack.executable = no-such-formatter\n",
    )
    merged.commit("configuration")
    before = merged.git("rev-parse", "HEAD")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "no-such-formatter" in done.stdout
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "")


def test_three_heads_are_joined_by_one_merge_revision(diverged: Project) -> None:
    diverged.git("switch", "--quiet", "--create", "third", "main~1")
    diverged.revision("d1", "a1")
    diverged.git("switch", "--quiet", "main")
    diverged.git("merge", "--quiet", "--no-edit", "feature", "third")
    diverged.fix()
    assert len(alembic_heads(diverged)) == 1
    assert "Revises: b1, c1, d1" in (diverged.top / only_file(diverged)).read_text()


def test_two_environments_get_a_commit_each(merged: Project) -> None:
    for path, text in {
        "alembic.ini": "[alembic]\nscript_location = db\n",
        "db/env.py": "",
        "db/script.py.mako": TEMPLATE,
    }.items():
        merged.write(f"second/{path}", text)
    for revision, parent in (("x0", None), ("x1", "x0"), ("y1", "x0")):
        merged.script(revision, parent, folder="second/db/versions")
    merged.commit("second environment")
    said = merged.fix()
    assert merged.codes() == []
    assert len(merged.heads()) == 2
    assert {path.split("/")[0] for path in merged.git("diff", "--name-only", "HEAD~2", "HEAD").splitlines()} == {
        "migrations",
        "second",
    }
    assert said.endswith("  flask db upgrade\n  (cd second && alembic upgrade head)\n")


def test_several_version_locations_get_the_merge_where_the_first_parent_is(project: Project) -> None:
    locations = "version_locations = %(here)s/versions:%(here)s/more\npath_separator = :\n"
    project.write("migrations/alembic.ini", f"[alembic]\n{locations}")
    project.script("b1", "a1", folder="migrations/more")
    project.script("c1", "a1")
    project.commit("two locations")
    project.fix()
    assert only_file(project).startswith("migrations/more/")
    assert len(project.heads()) == 1


def test_pyproject_toml_can_configure_alembic(project: Project) -> None:
    project.git("mv", "migrations", "db")
    project.git("rm", "--quiet", "--force", "db/alembic.ini")
    project.write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/db"\nfile_template = "%%(rev)s"\n')
    project.script("b1", "a1", folder="db/versions")
    project.script("c1", "a1", folder="db/versions")
    project.commit("toml")
    said = project.fix()
    assert only_file(project) == f"db/versions/{project.heads()[0]}.py"
    assert said.endswith("  alembic upgrade head\n")


def test_no_commit_leaves_the_script_for_the_user(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    assert "not committed" in merged.fix("--no-commit")
    assert merged.git("rev-parse", "HEAD") == before
    (line,) = merged.status().splitlines()
    assert line.startswith("?? migrations/versions/")
    assert "nothing to fix" in merged.fix()
    (finding,) = merged.check()["findings"]
    subprocess.run(finding["hint"], shell=True, cwd=merged.top, env={**os.environ, "GIT_EDITOR": "echo joined >"}, check=True)
    assert merged.status() == ""
    assert len(merged.heads()) == 1


@pytest.mark.parametrize(
    ("arguments", "subject"), [(("-m", "db: join"), "db: join"), ((), "db: 5 merge add email and add orders")]
)
def test_the_commit_message_is_the_users(merged: Project, arguments: tuple[str, ...], subject: str) -> None:
    merged.git("config", "migmerge.commit-message", "db: 5 {message}")
    merged.fix(*arguments)
    assert merged.git("log", "-1", "--format=%B") == subject


def test_a_dry_run_shows_the_script_and_writes_nothing(merged: Project) -> None:
    before = merged.git("rev-parse", "HEAD")
    done = merged.migmerge("fix", "--dry-run")
    assert done.returncode == 0
    assert "  | down_revision = ('b1', 'c1')\n" in done.stdout
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "")


def test_a_dry_run_does_not_run_a_template_that_holds_code(merged: Project) -> None:
    bomb = merged.top.parent / "bomb"
    merged.write("migrations/script.py.mako", f"<%! open({str(bomb)!r}, 'w') %>\n{TEMPLATE}")
    merged.commit("template with code")
    done = merged.migmerge("fix", "--dry-run")
    assert done.returncode == 0
    assert "its text is left to script.py.mako" in done.stdout
    assert not bomb.exists()


def test_the_message_of_a_branch_cannot_put_code_into_the_merge_revision(project: Project) -> None:
    project.revision("b1", "a1", message="add email")
    path = project.script("c1", "a1")
    text = script_text("c1", "a1").replace(
        '"""add c1', "'''x\"\"\" + __import__('os').system('touch bomb') + \"\"\"${1/0} \\\\", 1
    )
    project.write(path, text.replace('\n\n"""\n', "\n\n'''\n", 1))
    project.commit("c1")
    project.fix()
    assert len(alembic_heads(project)) == 1
    assert not (project.top / "bomb").exists()


def test_the_app_need_not_be_installed(merged: Project) -> None:
    merged.write(
        "migrations/script.py.mako", TEMPLATE.replace("import sqlalchemy as sa", "import sqlalchemy as sa\nimport no_such_app")
    )
    merged.commit("template")
    merged.fix()
    assert len(merged.heads()) == 1


def test_nothing_to_fix_is_said(project: Project) -> None:
    assert project.fix() == "nothing to fix in migrations: a1\n"


def test_labelled_branches_are_left_apart(project: Project) -> None:
    project.revision("b1", "a1", labels=("reports",))
    project.revision("c1", "a1")
    assert project.fix() == "nothing to fix in migrations: b1 and c1 (kept apart by branch labels)\n"


def broken(project: Project, kind: str) -> tuple[str, str]:
    """Break the diverged graph; return the code and the beginning of the cure that must be named."""
    match kind:
        case "missing parent":
            project.revision("m1", "gone")
            return "MM002", "edit migrations/versions/m1.py:13: name another down_revision than gone"
        case "duplicate":
            project.write("migrations/versions/copy.py", script_text("b1", "a1"))
            project.revision("d1", "b1")
            return "MM003", "edit migrations/versions/copy.py:13: give it another id than b1"
        case "cycle":
            project.script("p1", "q1")
            project.revision("q1", "p1")
            return "MM004", "edit migrations/versions/p1.py:13: name another revision than q1"
        case "unreadable":
            project.write("migrations/versions/x.py", "revision = (\n")
            project.commit("unreadable")
            return "MM005", "edit migrations/versions/x.py:1: correct it"
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", ["missing parent", "duplicate", "cycle", "unreadable"])
def test_a_merge_revision_is_refused_where_it_is_not_the_cure(merged: Project, kind: str) -> None:
    code, cure = broken(merged, kind)
    before = merged.git("rev-parse", "HEAD")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert f"not fixed: {code} " in done.stdout
    assert f"hint: {cure}" in done.stdout
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "")


def test_unrelated_roots_are_not_tied_together(project: Project) -> None:
    project.revision("z0", None)
    done = project.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert done.stdout.startswith("not fixed: MM010 unlabelled-bases: ")


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "bisect"])
def test_an_unfinished_operation_is_not_disturbed(merged: Project, operation: str) -> None:
    merged.git("switch", "--quiet", "--create", "other", "HEAD~1")
    merged.write("app.py", "x = 'other'\n")
    merged.commit("other")
    merged.git("switch", "--quiet", "main")
    merged.write("app.py", "x = 'main'\n")
    merged.commit("main")
    if operation == "bisect":
        merged.git("bisect", "start")
    else:
        assert merged.run_git(operation, "other").returncode == 1
    state = (merged.status(), merged.git("rev-parse", "HEAD"))
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert f"not fixed: a {operation} is in progress; finish it first" in done.stdout
    assert (merged.status(), merged.git("rev-parse", "HEAD")) == state


def test_another_file_in_the_way_is_not_overwritten(merged: Project) -> None:
    merged.fix("--no-commit")
    path = merged.status().split()[1]
    merged.write(path, mine := script_text("mine", "b1"))
    done = merged.migmerge("fix", "--yes", "--assume-unapplied")
    assert done.returncode == 1
    assert f"not fixed: {path} is in the way: it holds something else" in done.stdout
    assert (merged.top / path).read_text() == mine


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg"])
def test_the_users_hook_may_refuse_the_commit(merged: Project, name: str) -> None:
    hook(merged, name, "exit 1\n")
    merged.write("staged.txt", "s")
    merged.git("add", "staged.txt")
    before = merged.git("rev-parse", "HEAD")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "git did not commit migrations/versions/" in done.stdout
    assert "hint: migmerge fix --no-commit\n" in done.stdout
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "A  staged.txt\n")


def test_a_formatting_hook_of_the_user_that_adds_the_file_leaves_a_clean_tree(merged: Project) -> None:
    hook(merged, "pre-commit", 'for f in $(git diff --cached --name-only); do echo "# ok" >>"$f"; git add "$f"; done\n')
    merged.fix()
    assert merged.status() == ""
    assert (merged.top / only_file(merged)).read_text().endswith("# ok\n")


def test_without_an_identity_nothing_is_committed(merged: Project) -> None:
    merged.git("config", "--unset", "user.name")
    merged.git("config", "--unset", "user.email")
    merged.git("config", "user.useConfigOnly", "true")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "hint: migmerge fix --no-commit\n" in done.stdout
    assert merged.status() == ""


def test_the_users_signature_is_asked_for(merged: Project, tmp_path: Path) -> None:
    signer = tmp_path / "signer"
    signer.write_text('#!/bin/sh\necho signed >>"$0.log"\nexit 1\n')
    signer.chmod(0o755)
    merged.git("config", "commit.gpgsign", "true")
    merged.git("config", "gpg.program", str(signer))
    assert merged.migmerge("fix", "--yes").returncode == 1
    assert (tmp_path / "signer.log").read_text() == "signed\n"


def test_without_a_terminal_it_says_how_to_say_yes(merged: Project) -> None:
    done = merged.migmerge("fix")
    assert done.returncode == 2
    assert (
        done.stderr
        == "error: there is no terminal to ask on\nhint: migmerge fix --yes, or migmerge fix --dry-run to look first\n"
    )


def test_a_sparse_checkout_without_the_migrations_says_how_to_get_them(merged: Project) -> None:
    merged.write("src/x.py", "")
    merged.commit("src")
    merged.git("sparse-checkout", "set", "src")
    assert merged.heads() == ["b1", "c1"]
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "hint: git sparse-checkout add migrations" in done.stdout
    merged.git("sparse-checkout", "add", "migrations")
    merged.fix()
    assert len(merged.heads()) == 1


def test_a_template_that_forgets_the_identifiers_is_refused(merged: Project) -> None:
    merged.write("migrations/script.py.mako", '"""${message}"""\n')
    merged.commit("template")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "migrations/script.py.mako does not give a script with the revision" in done.stdout
    assert merged.status() == ""


def test_only_the_asked_environment_is_fixed(merged: Project) -> None:
    shutil.copytree(merged.top / "migrations", merged.top / "other")
    merged.commit("copy")
    merged.fix("--environment", "other")
    assert only_file(merged).startswith("other/versions/")


def test_it_works_from_any_folder_and_with_dash_c(merged: Project) -> None:
    elsewhere = merged.top.parent
    done = merged.migmerge("-C", os.path.join(merged.top, "migrations"), "fix", "--yes", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert len(merged.heads()) == 1


@pytest.mark.parametrize("template", ["%%(year)d/%%(rev)s", "../%%(rev)s", "../../../outside_%%(rev)s"])
def test_a_file_template_that_leads_astray_is_refused_before_anything_is_written(merged: Project, template: str) -> None:
    merged.write("migrations/alembic.ini", f"[alembic]\nfile_template = {template}\n")
    merged.commit("template")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "not fixed: " in done.stdout
    assert merged.status() == ""
    assert not list(merged.top.parent.glob("outside_*"))


def test_a_template_that_asks_an_application_that_does_not_start_is_refused(merged: Project) -> None:
    merged.write("migrations/script.py.mako", f"<%\nfrom flask import current_app\n%># of ${{current_app.name}}\n{TEMPLATE}")
    merged.write("app.py", "import no_such_module\n")
    merged.commit("template")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert "RuntimeError: Working outside of application context. The application does not start: " in done.stdout
    assert "No module named 'no_such_module'" in done.stdout
    assert merged.status() == ""


def test_a_template_that_asks_the_application_is_rendered_in_its_context(merged: Project) -> None:
    merged.write("migrations/script.py.mako", f"<%\nfrom flask import current_app\n%># of ${{current_app.name}}\n{TEMPLATE}")
    merged.write("app.py", "from flask import Flask\napp = Flask('shop')\n")
    merged.commit("template")
    other = merged.clone("other", "bea")
    other.fix("--run-new-hooks")
    assert (other.top / only_file(other)).read_text().startswith("# of shop")
    flask = [sys.executable, "-m", "flask", "--app", "app", "migmerge", "fix", "--yes"]
    subprocess.run(flask, cwd=merged.top, check=True, capture_output=True)
    assert "# of shop" in (merged.top / only_file(merged)).read_text()
    assert len(merged.heads()) == 1


def test_a_versions_directory_that_is_a_link_is_followed(project: Project) -> None:
    project.git("mv", "migrations/versions", "scripts")
    (project.top / "migrations/versions").symlink_to("../scripts")
    project.write("elsewhere/c1.py", script_text("c1", "a1"))
    (project.top / "scripts/c1.py").symlink_to("../elsewhere/c1.py")
    project.script("b1", "a1", folder="scripts")
    project.commit("links")
    assert project.heads() == ["b1", "c1"] == alembic_heads(project)
    assert project.codes() == ["MM001"]
    project.fix()
    assert only_file(project).startswith("scripts/")
    assert project.codes() == []


def test_two_commits_have_one_undo(merged: Project) -> None:
    shutil.copytree(merged.top / "migrations", merged.top / "other")
    merged.commit("copy")
    before = merged.git("rev-parse", "HEAD")
    said = merged.fix()
    merged.undo(said)
    assert (merged.git("rev-parse", "HEAD"), merged.status()) == (before, "")


def test_a_file_that_records_the_head_is_known_by_its_content_and_changes_with_the_merge_revision(merged: Project) -> None:
    merged.write("docs/CURRENT", "b1 (head)\n")
    merged.write("notes.txt", "b1 is the revision of ann\n")
    merged.commit("record the head")
    before = merged.git("rev-parse", "HEAD")
    said = merged.fix()
    (head,) = merged.heads()
    assert (merged.top / "docs/CURRENT").read_text() == f"{head} (head)\n"
    changed = merged.git("diff", "--name-only", "HEAD~", "HEAD").splitlines()
    assert changed == ["docs/CURRENT", next(path for path in changed if path.endswith(".py"))]
    assert merged.status() == ""
    merged.undo(said)
    assert (merged.git("rev-parse", "HEAD"), merged.status(), merged.heads()) == (before, "", ["b1", "c1"])


def test_work_of_the_users_in_a_head_file_is_not_committed(merged: Project) -> None:
    merged.write("CURRENT", "b1\n")
    merged.commit("record the head")
    merged.write("CURRENT", "c1\n")
    done = merged.migmerge("fix", "--yes")
    assert (done.returncode, merged.status(), merged.heads()) == (1, " M CURRENT\n", ["b1", "c1"])
    assert "not fixed: CURRENT has changes of yours that are in no commit\n" in done.stdout


def test_two_clones_repair_scripts_without_a_date_apart_and_pull_each_other(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-05-01T10:00:00Z")
    project.revision("b1", "a1", date=None)
    project.revision("c1", "a1", date=None)
    other = project.clone("other", "bea")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2025-01-01T10:00:00Z")
    # The same scripts under other commits, as after a rebase: git's dates differ.
    other.git("commit", "--quiet", "--amend", "--no-edit", "--date=2025-01-01T10:00:00Z")
    for clone in (project, other):
        clone.fix()
    assert "Create Date: 1970-01-01 00:00:00" in (project.top / only_file(project)).read_text()
    project.git("pull", "--quiet", "--no-rebase", "--no-edit", str(other.top), "main")
    assert (len(project.heads()), project.codes()) == (1, [])


def test_a_crlf_template_gives_the_same_bytes_in_two_clones_with_autocrlf(project: Project) -> None:
    template = project.top / "migrations/script.py.mako"
    template.write_bytes(template.read_bytes().replace(b"\n", b"\r\n"))
    project.commit("a template from Windows")
    project.revision("b1", "a1")
    project.revision("c1", "a1")
    other = project.clone("other", "bea")
    other.git("config", "core.autocrlf", "true")
    other.git("rm", "--quiet", "--cached", "-r", ".")
    other.git("reset", "--quiet", "--hard")
    for clone in (project, other):
        clone.fix()
    (one, two) = (clone.git("rev-parse", f"HEAD:{only_file(clone)}") for clone in (project, other))
    assert one == two
    project.git("pull", "--quiet", "--no-rebase", "--no-edit", str(other.top), "main")
    assert (len(project.heads()), project.codes()) == (1, [])


@pytest.mark.parametrize("obstacle", ["ignored", "locked"])
def test_what_git_would_not_take_is_not_written(merged: Project, obstacle: str) -> None:
    if obstacle == "ignored":
        merged.write(".git/info/exclude", "*merge*\n")
    else:
        merged.write(".git/index.lock", "")
    done = merged.migmerge("fix", "--yes")
    assert done.returncode == 1
    assert ("git ignores migrations/versions/" if obstacle == "ignored" else "it holds .git/index.lock") in done.stdout
    assert not list((merged.top / "migrations/versions").glob("*merge*"))
