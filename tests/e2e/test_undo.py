"""`migmerge undo`: the last change is taken back, commit, files and databases together, or nothing is."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import DIALECTS, database
from tests.support.project import MIGMERGE, Project, script_text
from tests.support.shop import Shop, on_sqlite

pytestmark = pytest.mark.usefixtures("strict_resources")

VERSIONS = "migrations/versions"
STATES = ("merge", "reparent", "merge uncommitted", "reparent uncommitted", "in place", "in place staged")


def everything(project: Project) -> tuple[str, ...]:
    """Return all that an undo may touch: HEAD, the index with its modes, the status and the bytes of all files."""
    files = [*sorted(path for path in project.top.rglob("*") if ".git" not in path.parts and path.is_file())]
    texts = [f"{path}\0{path.stat().st_mode}\0{path.read_text()}" for path in files]
    return (project.git("rev-parse", "HEAD"), project.git("ls-files", "--stage"), project.status(), *texts)


def arrange(project: Project, state: str) -> None:
    """Bring a project into a state that `fix` mends, with work of the user's beside it."""
    if "in place" in state:
        project.git("switch", "--quiet", "feature")
        project.script("d1", "a1")
        if "staged" in state:
            project.git("add", "--", VERSIONS)
    else:
        project.merged()
    project.write("work.txt", "v1\n")
    project.git("add", "work.txt")
    project.git("commit", "--quiet", "--message", "work", "--", "work.txt")
    project.write("work.txt", "v2\n")
    project.write("staged.txt", "staged\n")
    project.git("add", "staged.txt")


@pytest.mark.parametrize("state", STATES)
def test_it_takes_back_to_the_byte(diverged: Project, state: str) -> None:
    arrange(diverged, state)
    before = everything(diverged)
    strategy = "merge" if "merge" in state else "reparent"
    more = ["--no-commit"] if "uncommitted" in state else []
    said = diverged.fix("--strategy", strategy, "--assume-unapplied", *more)
    assert everything(diverged) != before
    diverged.undo(said)
    assert everything(diverged) == before


def test_it_shows_asks_and_lists(diverged: Project) -> None:
    diverged.merged().fix()
    shown = diverged.migmerge("undo", "--dry-run", "--no-db")
    (file,) = (line.split()[-1] for line in shown.stdout.splitlines() if "  remove " in line)
    assert file.startswith(VERSIONS)
    assert (diverged.top / file).exists()
    unasked = diverged.migmerge("undo", "--no-db")
    assert (unasked.returncode, unasked.stderr.splitlines()[0]) == (2, "error: there is no terminal to ask on")
    assert diverged.migmerge("undo", "--yes", "--no-db").returncode == 0
    assert not (diverged.top / file).exists()
    assert "taken back" in diverged.migmerge("undo", "--list").stdout
    assert diverged.migmerge("undo", "--yes").stdout.startswith("nothing to take back")


BUILT_ON = {
    "a commit": "1 commit was made on top of merge revision ",
    "a push": " is on origin/main: others may have it",
    "an edit": " was changed since",
    "a follower": ", which would go",
    "another branch": " is not checked out: merge revision ",
    "a rebase": "a rebase is in progress; finish it first",
    "a database": "it is not known whether a database has run ",
}


@pytest.mark.parametrize(("what", "said"), BUILT_ON.items())
def test_it_refuses_where_something_was_built_on_it(diverged: Project, tmp_path: Path, what: str, said: str) -> None:
    diverged.merged().fix()
    (head,) = diverged.heads()
    (file,) = diverged.git("diff", "--name-only", "HEAD~", "HEAD").splitlines()
    match what:
        case "a commit":
            diverged.write("x.txt", "x")
            diverged.commit("more")
        case "a push":
            subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "up.git")], check=True)
            diverged.git("push", "--quiet", str(tmp_path / "up.git"), "main")
            diverged.git("remote", "add", "origin", str(tmp_path / "up.git"))
            diverged.git("fetch", "--quiet")
        case "an edit":
            diverged.write(file, (diverged.top / file).read_text() + "# mine\n")
        case "a follower":
            diverged.write(f"{VERSIONS}/z1.py", script_text("z1", head))
        case "another branch":
            diverged.git("switch", "--quiet", "feature")
        case "a rebase":
            (diverged.top / ".git/rebase-merge").mkdir()
    before = everything(diverged)
    done = diverged.migmerge("undo", "--yes", *(() if what == "a database" else ("--no-db",)))
    assert done.returncode == 1
    assert "not taken back: " in done.stdout
    assert said in done.stdout
    assert everything(diverged) == before


def killed_at(project: Project, hook: str, tmp_path: Path, *arguments: str) -> None:
    """Start `migmerge fix` and kill it, and the git that it started, while a hook of the user's runs."""
    (project.top / ".git/hooks").mkdir(exist_ok=True)
    script = project.top / ".git/hooks" / hook
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun; sleep 30\n")
    script.chmod(0o755)
    process = subprocess.Popen(
        [MIGMERGE, "fix", "--yes", *arguments],
        cwd=project.top,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    script.unlink()
    (project.top / ".git/index.lock").unlink(missing_ok=True)


@pytest.mark.parametrize("strategy", ["merge", "reparent"])
@pytest.mark.parametrize("hook", ["pre-commit", "post-commit"])
def test_what_a_killed_fix_left_behind_is_taken_back_or_finished(
    diverged: Project, tmp_path: Path, hook: str, strategy: str
) -> None:
    before = everything(diverged.merged())
    killed_at(diverged, hook, tmp_path, "--strategy", strategy, "--assume-unapplied")
    assert everything(diverged) != before
    said = diverged.migmerge("undo", "--yes", "--no-db").stdout
    assert ("in the middle of " if hook == "pre-commit" else "right after its commit of ") in said
    assert everything(diverged) == before
    assert diverged.fix("--strategy", strategy, "--assume-unapplied")
    assert diverged.codes() == []


def test_what_was_edited_since_a_kill_is_left(diverged: Project, tmp_path: Path) -> None:
    diverged.merged()
    killed_at(diverged, "pre-commit", tmp_path, "--strategy", "reparent", "--assume-unapplied")
    (path,) = (line[3:] for line in diverged.status().splitlines())
    diverged.write(path, (diverged.top / path).read_text() + "# mine\n")
    diverged.migmerge("undo", "--yes", "--no-db")
    assert (diverged.top / path).read_text().endswith("# mine\n")


def test_each_worktree_has_its_own_last_change(diverged: Project, tmp_path: Path) -> None:
    diverged.merged().fix()
    other = Project(tmp_path / "other")
    diverged.git("worktree", "add", "--quiet", "--detach", str(other.top))
    assert other.migmerge("undo", "--yes").stdout.startswith("nothing to take back")
    assert diverged.migmerge("undo", "--yes", "--no-db").returncode == 0


def damaged_last_entry(project: Project) -> Path:
    """Damage the journal's newest entry, of two."""
    project.merged().fix()
    project.revision("d1", project.check()["environments"][0]["heads"][0]["revision"])
    project.git("switch", "--quiet", "--create", "more", "HEAD~1")
    project.revision("e1", project.check()["environments"][0]["heads"][0]["revision"])
    project.git("merge", "--quiet", "--no-edit", "main")
    project.fix()
    entry = project.top / ".git/migmerge/journal/2.json"
    entry.write_text(entry.read_text()[:40])
    return entry


def test_a_change_below_a_damaged_entry_of_the_journal_is_not_taken_back(diverged: Project) -> None:
    entry = damaged_last_entry(diverged)
    before = everything(diverged)
    refused = diverged.migmerge("undo", "--yes", "--no-db")
    assert (refused.returncode, everything(diverged)) == (1, before)
    said, hint = refused.stdout.split("\nhint: ")
    assert said == (
        f"not taken back: {entry} cannot be read: what the last change of this clone was, and in which work tree, is not known; "
        "it stays done"
    )
    assert f"note: {entry} cannot be read: what it records is not known\n" in diverged.migmerge("undo", "--list").stdout
    assert hint == f"mv {entry} {entry}.damaged && migmerge undo --dry-run\n"
    entry.rename(f"{entry}.damaged")
    assert "commits were made on top of merge revision" in diverged.migmerge("undo", "--dry-run", "--no-db").stdout


def test_the_next_change_leaves_a_damaged_entry_of_the_journal_as_it_is(diverged: Project) -> None:
    entry = damaged_last_entry(diverged)
    text = entry.read_text()
    diverged.git("reset", "--quiet", "--hard", "HEAD~1")
    said = diverged.fix()
    assert entry.read_text() == text
    diverged.undo(said)
    assert diverged.migmerge("undo", "--yes", "--no-db").returncode == 1


def test_without_a_journal_nothing_is_changed(diverged: Project) -> None:
    diverged.merged()
    (diverged.top / ".git/migmerge").mkdir(exist_ok=True)
    (diverged.top / ".git/migmerge/journal").write_text("no folder")
    before = everything(diverged)
    done = diverged.migmerge("fix", "--yes")
    assert (done.returncode, done.stderr) == (1, "")
    assert "not fixed: " in done.stdout and "journal cannot be written: " in done.stdout
    assert everything(diverged) == before


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Yield an application with the tables a and b, of which b has not run."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.creates("b", "a")
        shop.upgrade("a")
        yield shop


def test_a_sync_is_taken_back_with_its_rows(shop: Shop) -> None:
    shop.execute("INSERT INTO a VALUES (7)")
    shop.done("sync", "--yes")
    assert ("b" in shop.tables, shop.recorded) == (True, {"b"})
    said = shop.done("undo", "--yes")
    assert "backed up " in said
    assert ("b" in shop.tables, shop.recorded) == (False, {"a"})
    with shop.connected() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM a")).scalar() == 1
    assert shop.run("undo", "--yes").stdout.startswith("nothing to take back")


def test_rows_that_were_written_since_are_counted_before_they_go(shop: Shop) -> None:
    shop.execute("INSERT INTO a VALUES (7)")
    shop.done("sync", "--yes")
    assert "  2 tables with as many rows as then; what" in shop.done("undo", "--dry-run")
    shop.execute("INSERT INTO a VALUES (8)")
    shop.execute("INSERT INTO a VALUES (9)")
    said = shop.done("undo", "--dry-run")
    assert "rows written since then stay only in the backup that is made first\n" in said
    assert "  a has 2 rows more; what was written over in a row is not counted\n" in said
    shop.execute("DELETE FROM a")
    assert "  a has 1 row fewer; what" in shop.done("undo", "--dry-run")


@on_sqlite
def test_a_database_that_went_on_is_not_taken_back(shop: Shop) -> None:
    shop.done("sync", "--yes")
    shop.creates("c", "b")
    shop.upgrade()
    refused = shop.run("undo", "--yes")
    assert (refused.returncode, shop.recorded) == (1, {"c"})
    assert "records c by now; its backup comes back with sh " in refused.stdout and "\nhint: migmerge doctor\n" in refused.stdout
