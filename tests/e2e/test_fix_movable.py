"""Story → the cure that an expert chooses: whose revision it is, where it was published, and what the databases have run."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.support.databases import tables
from tests.support.programs import run_program
from tests.support.project import TEMPLATE, Project
from tests.support.shop import creating
from tests.support.warm_python import WarmProject

pytestmark = pytest.mark.usefixtures("strict_resources")

ENV_PY = """from pathlib import Path
import sqlalchemy as sa
from alembic import context

top = Path(__file__).resolve().parents[1]
if (top / "down.db").exists():
    raise RuntimeError("the server is down")
with sa.create_engine(f"sqlite:///{top / 'shop.db'}").connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""
"""Each work tree has a database of its own, which cannot be asked where `down.db` is."""
C1 = "migrations/versions/c1.py"
REPARENT = ("fix", "--yes", "--strategy", "reparent")
NOT_KNOWN = "it is not known whether a database has run c1"
FORMER = "c1 is on a tag, or a remote branch as it was before"
NOT_HERE = "nothing shows that c1 was made in this clone"


@dataclass
class Team:
    """The clones of ann and bea; b1 by bea is on origin/main, ann stands on her branch topic below it."""

    folder: Path

    @property
    def ann(self) -> Project:
        return WarmProject(self.folder / "ann")

    @property
    def bea(self) -> Project:
        return Project(self.folder / "bea", "bea")

    def clone(self, name: str, user: str) -> Project:
        """Clone what is on the server, by an address that also holds in a copy of the folder."""
        there = Project(self.folder / name, user)
        there.git("clone", "--quiet", "--template=", "origin.git", name, cwd=self.folder)
        for key, value in {
            "user.name": user,
            "user.email": f"{user}@example.invalid",
            "remote.origin.url": "../origin.git",
        }.items():
            there.git("config", key, value)
        return there

    def writes(self, *names: str) -> None:
        """Let ann commit revisions on topic, which follow one another on a1."""
        for name, parent in zip(names, ("a1", *names), strict=False):
            self.ann.revision(name, parent, **creating(name))

    def orders(self) -> str:
        """Let bea commit c1 on her branch orders, which she pushes nowhere, and return its commit."""
        self.bea.git("switch", "--quiet", "--create", "orders", "main~1")
        self.bea.revision("c1", "a1", **creating("c1"))
        return self.bea.git("rev-parse", "HEAD")

    def push(self, *arguments: str) -> None:
        self.ann.git("push", "--quiet", *arguments)

    def join(self) -> None:
        self.ann.git("merge", "--quiet", "--no-edit", "origin/main")

    def upgrade(self) -> None:
        done = run_program("alembic", "upgrade", "head", cwd=self.ann.top, env=self.ann.environment())
        assert done.returncode == 0, done.stderr

    def state(self) -> tuple[str, str, str]:
        return self.ann.git("rev-parse", "HEAD"), self.ann.status(), self.ann.git("for-each-ref")


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    bea = Project.empty(folder / "seed")
    bea.user = "bea"
    bea.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    bea.write("migrations/env.py", ENV_PY)
    bea.write("migrations/script.py.mako", TEMPLATE)
    bea.write(".gitignore", "*.db\n__pycache__/\n")
    bea.revision("a1", **creating("a1"))
    bea.revision("b1", "a1", **creating("b1"))
    bea.git("clone", "--quiet", "--template=", "--bare", str(bea.top), str(folder / "origin.git"))
    shutil.rmtree(bea.top)
    team = Team(folder)
    team.clone("bea", "bea")
    team.clone("ann", "ann").git("switch", "--quiet", "--create", "topic", "main~1", "--no-track")
    team.ann.git("branch", "--quiet", "--force", "main", "main~1")
    return folder


@pytest.fixture
def team(tmp_path: Path) -> Team:
    shutil.copytree(_made(), tmp_path / "team", symlinks=True)
    return Team(tmp_path / "team")


# Ann's own, and where it was pushed.


def unpushed(team: Team) -> None:
    team.writes("c1")
    team.join()


def amended(team: Team) -> None:
    team.writes("c1")
    team.ann.git("commit", "--quiet", "--amend", "--message", "said better")
    team.join()


def with_more_on_top(team: Team) -> None:
    team.writes("c1", "c2")
    team.join()


def merged_into_main(team: Team) -> None:
    team.writes("c1")
    team.ann.git("switch", "--quiet", "main")
    team.ann.git("merge", "--quiet", "--ff-only", "origin/main")
    team.ann.git("merge", "--quiet", "--no-edit", "topic")


def pushed_with_upstream(team: Team) -> None:
    team.writes("c1")
    team.push("--set-upstream", "origin", "topic")
    team.join()


def pushed_by_name(team: Team) -> None:
    team.writes("c1")
    team.push("origin", "topic")
    team.join()


def pushed_as_upstream_of_another_name(team: Team) -> None:
    team.writes("c1")
    team.push("--set-upstream", "origin", "topic:ann/orders")
    team.join()


def pushed_under_another_name(team: Team) -> None:
    team.writes("c1")
    team.push("origin", "topic:elsewhere")
    team.join()


def _fork(team: Team) -> None:
    team.ann.git("clone", "--quiet", "--bare", "../origin.git", "../fork.git")
    team.ann.git("remote", "add", "fork", "../fork.git")


def pushed_to_a_fork(team: Team) -> None:
    _fork(team)
    team.writes("c1")
    team.push("--set-upstream", "fork", "topic")
    team.join()


def pushed_to_the_main_of_a_fork(team: Team) -> None:
    _fork(team)
    unpushed(team)
    team.push("fork", "topic:main")


def pruned_and_remembered(team: Team) -> None:
    pushed_by_name(team)
    team.ann.migmerge("fix", "--dry-run", "--no-db")
    team.bea.git("push", "--quiet", "origin", "--delete", "topic")
    team.ann.git("fetch", "--quiet", "--prune")


def pruned_with_upstream(team: Team) -> None:
    pushed_with_upstream(team)
    team.bea.git("push", "--quiet", "origin", "--delete", "topic")
    team.ann.git("fetch", "--quiet", "--prune")


def forced_away(team: Team) -> None:
    pushed_by_name(team)
    team.push("--force", "origin", "main:topic")


def pushed_and_rebased(team: Team) -> None:
    team.writes("c1")
    team.push("--set-upstream", "origin", "topic")
    team.ann.git("rebase", "--quiet", "origin/main")


def formerly_on_the_main_of_a_fork(team: Team) -> None:
    pushed_to_the_main_of_a_fork(team)
    team.push("--force", "fork", "main:main")


def on_the_default_branch(team: Team) -> None:
    unpushed(team)
    team.push("origin", "topic:main")


def formerly_on_the_default_branch(team: Team) -> None:
    on_the_default_branch(team)
    team.push("--force", "origin", "topic^2:main")


def tagged(team: Team) -> None:
    unpushed(team)
    team.ann.git("tag", "v1", "topic^1")


def shared_topic(team: Team) -> None:
    team.writes("c1")
    team.push("--set-upstream", "origin", "topic")
    team.bea.git("fetch", "--quiet")
    team.bea.git("switch", "--quiet", "topic")
    team.bea.write("notes.txt", "x\n")
    team.bea.commit("notes")
    team.bea.git("push", "--quiet")
    team.ann.git("pull", "--quiet", "--ff-only")
    team.join()


def built_upon_by_bea(team: Team) -> None:
    team.writes("c1")
    team.push("--set-upstream", "origin", "topic")
    team.bea.git("fetch", "--quiet")
    team.bea.git("push", "--quiet", "origin", "origin/topic:refs/heads/bea-on-top")
    team.ann.git("fetch", "--quiet")
    team.join()


def fetched_in_part(team: Team) -> None:
    team.ann.git("config", "remote.origin.fetch", "+refs/heads/main:refs/remotes/origin/main")
    unpushed(team)


def own_branches_of_the_team(team: Team) -> None:
    team.ann.write("pyproject.toml", '[tool.migmerge]\nreparent = "own-branches"\n')
    pushed_with_upstream(team)


def own_branches_of_the_clone(team: Team) -> None:
    team.ann.git("config", "migmerge.reparent", "own-branches")
    pushed_with_upstream(team)


def own_branches_on_the_default_branch(team: Team) -> None:
    team.ann.git("config", "migmerge.reparent", "own-branches")
    on_the_default_branch(team)


def own_branches_and_kept(team: Team) -> None:
    own_branches_of_the_clone(team)
    team.ann.git("branch", "backup", "topic~1")


# Bea's, or not known to be made here.


def merged_from_her_branch(team: Team) -> None:
    team.orders()
    team.bea.git("push", "--quiet", "origin", "orders")
    team.ann.git("fetch", "--quiet")
    team.ann.git("commit", "--quiet", "--allow-empty", "--message", "mine")
    team.ann.git("merge", "--quiet", "--no-edit", "origin/orders")
    team.join()


def fast_forwarded_to_her_branch(team: Team) -> None:
    team.orders()
    team.bea.git("push", "--quiet", "origin", "orders")
    team.ann.git("fetch", "--quiet")
    team.ann.git("merge", "--quiet", "--ff-only", "origin/orders")
    team.join()


def her_branch_pruned(team: Team) -> None:
    fast_forwarded_to_her_branch(team)
    team.bea.git("push", "--quiet", "origin", "--delete", "orders")
    team.ann.git("fetch", "--quiet", "--prune")


def squashed_from_her_branch(team: Team) -> None:
    team.orders()
    team.bea.git("push", "--quiet", "origin", "orders")
    team.ann.git("fetch", "--quiet")
    team.ann.git("merge", "--quiet", "--squash", "origin/orders")
    team.ann.commit("orders")
    team.join()


def squashed_from_fetch_head(team: Team) -> None:
    team.orders()
    # Before the fetch of origin/main would write over FETCH_HEAD.
    team.ann.git("fetch", "--quiet", "../bea", "orders")
    team.ann.git("merge", "--quiet", "--squash", "FETCH_HEAD")
    team.ann.commit("orders")
    team.join()


def squashed_from_a_pull_request(team: Team) -> None:
    team.orders()
    team.bea.git("push", "--quiet", "origin", "orders:refs/pull/7/head")
    team.ann.git("fetch", "--quiet", "origin", "pull/7/head:pr-7")
    team.ann.git("merge", "--quiet", "--squash", "pr-7")
    team.ann.commit("orders")
    team.join()


def fetched_pull_request(team: Team) -> None:
    team.orders()
    team.bea.git("push", "--quiet", "origin", "orders:refs/pull/7/head")
    team.ann.git("fetch", "--quiet", "origin", "pull/7/head")
    team.ann.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
    team.ann.git("fetch", "--quiet", "origin")
    team.join()


def cherry_picked(team: Team) -> None:
    commit = team.orders()
    team.ann.git("fetch", "--quiet", "../bea", "orders")
    team.ann.git("commit", "--quiet", "--allow-empty", "--message", "mine")
    team.ann.git("cherry-pick", commit)
    team.ann.git("fetch", "--quiet", "origin")
    team.join()


def cherry_picked_and_taken_over(team: Team) -> None:
    commit = team.orders()
    team.ann.git("fetch", "--quiet", "../bea", "orders")
    team.ann.git("commit", "--quiet", "--allow-empty", "--message", "mine")
    team.ann.git("cherry-pick", commit)
    team.ann.git("commit", "--quiet", "--amend", "--no-edit", "--reset-author")
    team.ann.git("fetch", "--quiet", "origin")
    team.join()


def rebased_by_ann(team: Team) -> None:
    team.orders()
    team.ann.git("commit", "--quiet", "--allow-empty", "--message", "mine")
    team.ann.git("fetch", "--quiet", "../bea", "orders")
    team.ann.git("switch", "--quiet", "--create", "theirs", "FETCH_HEAD")
    team.ann.git("rebase", "--quiet", "topic")
    team.join()


def reverted_and_brought_back(team: Team) -> None:
    pulled_by_path(team)
    team.ann.git("revert", "--no-edit", "topic^1")
    team.ann.git("revert", "--no-edit", "HEAD")


def pulled_by_path(team: Team) -> None:
    team.orders()
    team.ann.git("pull", "--quiet", "--no-rebase", "../bea", "orders")
    team.ann.git("fetch", "--quiet", "origin")
    team.join()


def applied_from_her_mail(team: Team) -> None:
    team.orders()
    team.bea.git("format-patch", "-1", "--output", "../mail.patch")
    team.ann.git("am", "--quiet", "../mail.patch")
    team.join()


def applied_from_mail_of_her_own(team: Team) -> None:
    laptop = _on_laptop(team)
    laptop.git("format-patch", "-1", "--output", "../mail.patch")
    team.ann.git("am", "--quiet", "../mail.patch")
    team.join()


def _on_laptop(team: Team) -> Project:
    laptop = team.clone("laptop", "ann")
    laptop.git("switch", "--quiet", "--no-track", "--create", "topic", "main~1")
    laptop.write("laptop.txt", "x\n")
    laptop.revision("c1", "a1", **creating("c1"))
    return laptop


def made_in_another_clone(team: Team) -> None:
    _on_laptop(team).git("push", "--quiet", "origin", "topic")
    team.ann.git("pull", "--quiet", "--ff-only", "origin", "topic")
    team.join()


def under_another_address(team: Team) -> None:
    team.writes("c1")
    team.join()
    team.ann.git("config", "user.email", "ann@work.invalid")


def without_reflogs(team: Team) -> None:
    team.ann.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(team.ann.top / ".git/logs")
    unpushed(team)


def with_expired_reflogs(team: Team) -> None:
    unpushed(team)
    team.ann.git("reflog", "expire", "--expire=now", "--all")


def with_hers_on_top(team: Team) -> None:
    team.writes("c1")
    team.bea.git("pull", "--quiet", "--no-rebase", "../ann", "topic")
    team.bea.revision("c2", "c1")
    team.ann.git("pull", "--quiet", "--no-rebase", "../bea", "main")


# What else in the clone keeps it.


def kept_by_a_branch(team: Team) -> None:
    team.writes("c1")
    team.ann.git("branch", "backup")
    team.join()


def kept_by_a_branch_as_a_copy(team: Team) -> None:
    team.writes("c1")
    team.ann.git("switch", "--quiet", "--create", "backup", "main")
    team.ann.git("commit", "--quiet", "--allow-empty", "--message", "other")
    team.ann.git("cherry-pick", "topic")
    team.ann.git("switch", "--quiet", "topic")
    team.join()


def kept_by_the_branch_before_a_rebase(team: Team) -> None:
    team.writes("c1")
    team.ann.git("branch", "backup")
    team.ann.git("rebase", "--quiet", "origin/main")


def kept_by_a_stash(team: Team) -> None:
    team.ann.script("c1", "a1", **creating("c1"))
    team.ann.git("add", C1)
    team.ann.git("stash")
    team.ann.git("stash", "apply")
    team.ann.commit("add c1")
    team.join()


def kept_by_a_stash_untracked(team: Team) -> None:
    team.ann.script("c1", "a1", **creating("c1"))
    team.ann.git("stash", "--include-untracked")
    team.ann.git("stash", "apply")
    team.ann.commit("add c1")
    team.join()


def kept_by_a_work_tree(team: Team) -> None:
    team.writes("c1")
    team.ann.git("worktree", "add", "--quiet", "--detach", "../linked")
    team.join()


PUSHED = "c1 was pushed to origin/topic"
KEPT = "backup has c1 as it is"

WITH_MY_WORD = [
    (unpushed, NOT_KNOWN),
    (amended, NOT_KNOWN),
    (with_more_on_top, "it is not known whether a database has run c1 and c2"),
    (merged_into_main, "topic has c1 as it is"),
    (pushed_with_upstream, PUSHED),
    (pushed_by_name, PUSHED),
    (pushed_as_upstream_of_another_name, "c1 was pushed to origin/ann/orders"),
    (pushed_to_a_fork, "c1 was pushed to fork/topic"),
    (pruned_and_remembered, PUSHED),
    (pruned_with_upstream, PUSHED),
    (forced_away, "c1 was pushed to a remote branch, as it was before"),
    (pushed_and_rebased, PUSHED),
    (fetched_in_part, "origin, of which not all branches are fetched"),
    (own_branches_of_the_team, NOT_KNOWN),
    (own_branches_of_the_clone, NOT_KNOWN),
    (own_branches_and_kept, KEPT),
    (kept_by_a_branch, KEPT),
    (kept_by_a_branch_as_a_copy, KEPT),
    (kept_by_the_branch_before_a_rebase, KEPT),
    (kept_by_a_stash, "a stash has c1 as it is"),
    (kept_by_a_stash_untracked, "a stash has c1 as it is"),
    (kept_by_a_work_tree, "/linked has c1 as it is"),
]
REFUSED = [
    (pushed_under_another_name, "c1 is on origin/elsewhere"),
    (pushed_to_the_main_of_a_fork, "c1 is on fork/main"),
    (on_the_default_branch, "c1 is on origin/main"),
    (formerly_on_the_default_branch, FORMER),
    (formerly_on_the_main_of_a_fork, FORMER),
    (own_branches_on_the_default_branch, "c1 is on origin/main"),
    (tagged, FORMER),
    (shared_topic, "c1 is on origin/topic"),
    (built_upon_by_bea, "c1 is on origin/bea-on-top"),
    (merged_from_her_branch, "c1 is on origin/orders"),
    (fast_forwarded_to_her_branch, "c1 is on origin/orders"),
    (her_branch_pruned, "bea wrote c1"),
    (squashed_from_her_branch, "c1 is on origin/orders"),
    (squashed_from_fetch_head, "bea wrote c1"),
    (squashed_from_a_pull_request, "bea wrote c1"),
    (fetched_pull_request, "bea wrote c1"),
    (cherry_picked, "bea wrote c1"),
    (cherry_picked_and_taken_over, "bea wrote c1"),
    (rebased_by_ann, "bea wrote c1"),
    (reverted_and_brought_back, "bea wrote c1"),
    (pulled_by_path, "bea wrote c1"),
    (applied_from_her_mail, "bea wrote c1"),
    (applied_from_mail_of_her_own, NOT_HERE),
    (made_in_another_clone, NOT_HERE),
    (under_another_address, "ann wrote c1"),
    (without_reflogs, NOT_HERE),
    (with_expired_reflogs, NOT_HERE),
    (with_hers_on_top, "bea wrote c2"),
]

Story = Callable[[Team], None]


def rows(table: Sequence[tuple[Story, str]]) -> pytest.MarkDecorator:
    """Let each row of a table be a test, named after its story."""
    return pytest.mark.parametrize(("story", "reason"), [pytest.param(*row, id=row[0].__name__) for row in table])


def refuse(team: Team, *arguments: str) -> str:
    """Run a migmerge that refuses and changes nothing, and return what it said."""
    before = team.state()
    done = team.ann.migmerge(*arguments)
    assert (done.returncode, team.state()) == (1, before), done.stdout + done.stderr
    return done.stdout


def recommendation(team: Team, *arguments: str) -> str:
    """Return what `fix` would do without a strategy, which a dry run says and does not do."""
    before = team.state()
    done = team.ann.migmerge("fix", "--dry-run", *arguments)
    assert (done.returncode, team.state()) == (0, before), done.stdout + done.stderr
    return next(line for line in done.stdout.splitlines() if line.startswith("recommended: ")).split()[1]


def put_mine_on_top(team: Team, *arguments: str) -> None:
    """Run a migmerge that puts c1 after b1, and see that this is all it did."""
    head, status, _ = team.state()
    done = team.ann.migmerge(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (team.ann.parents(), team.ann.status()) == ([head], status)
    changed = [line for line in team.ann.git("diff", "-U0", head, "HEAD").splitlines() if line[0] in "+-"]
    assert changed == [
        f"--- a/{C1}",
        f"+++ b/{C1}",
        "-Revises: a1",
        "+Revises: b1",
        "-down_revision = 'a1'",
        "+down_revision = 'b1'",
    ]


@rows(WITH_MY_WORD)
def test_mine_goes_on_top_with_my_word(team: Team, story: Story, reason: str) -> None:
    story(team)
    said = refuse(team, *REPARENT, "--no-db")
    assert reason in said
    assert said.endswith("hint: migmerge fix --strategy reparent --assume-unapplied\n")
    put_mine_on_top(team, *REPARENT, "--no-db", "--assume-unapplied")


@rows(REFUSED)
def test_what_is_not_known_to_be_mine_stays(team: Team, story: Story, reason: str) -> None:
    story(team)
    said = refuse(team, *REPARENT, "--no-db", "--assume-unapplied")
    assert reason in said
    assert said.endswith("hint: migmerge fix --strategy merge\n")


def _records(top: Path, *revisions: str) -> None:
    """Make the database of a work tree as it is when it has run these, of which each creates the table of its name."""
    with closing(sqlite3.connect(top / "shop.db")) as connection:
        for name in revisions:
            connection.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", revisions[-1:])
        connection.commit()


def fresh(team: Team) -> None:
    _records(team.ann.top, "a1")


def has_run_it(team: Team) -> None:
    _records(team.ann.top, "a1", "c1")


def cannot_be_asked(team: Team) -> None:
    fresh(team)
    team.ann.write("down.db", "")


def another_work_tree_has_run_it(team: Team) -> None:
    fresh(team)
    team.ann.git("worktree", "add", "--quiet", "--detach", "../linked", "main")
    _records(team.folder / "linked", "a1", "c1")


def pulled_with_rebase(team: Team) -> None:
    team.writes("c1")
    team.ann.git("pull", "--quiet", "--rebase", "origin", "main")


def configured(team: Team) -> None:
    team.ann.git("config", "migmerge.strategy", "reparent")
    unpushed(team)


def configured_and_pushed(team: Team) -> None:
    team.ann.git("config", "migmerge.strategy", "reparent")
    pushed_with_upstream(team)


MERGE, MINE = "a", "re-parenting"
"""What is recommended, by the first word."""
TAKE_BACK = "your database has run c1", "--take-back"
MY_WORD = "--assume-unapplied"


@pytest.mark.parametrize(
    ("database", "story", "recommended", "refused"),
    [
        (fresh, unpushed, MERGE, None),
        (fresh, configured, MINE, None),
        (fresh, pulled_with_rebase, MINE, None),
        (fresh, own_branches_of_the_clone, MERGE, None),
        (fresh, pushed_with_upstream, MERGE, (PUSHED, MY_WORD)),
        (fresh, pushed_and_rebased, MERGE, (PUSHED, MY_WORD)),
        (fresh, configured_and_pushed, MERGE, (PUSHED, MY_WORD)),
        (fresh, pruned_with_upstream, MERGE, (PUSHED, MY_WORD)),
        (fresh, fetched_in_part, MERGE, ("origin, of which", MY_WORD)),
        (fresh, kept_by_a_branch, MERGE, (KEPT, MY_WORD)),
        (has_run_it, unpushed, MERGE, TAKE_BACK),
        (has_run_it, configured, MERGE, TAKE_BACK),
        (has_run_it, pulled_with_rebase, MERGE, TAKE_BACK),
        (has_run_it, pushed_with_upstream, MERGE, ("your database has run c1", f"--take-back {MY_WORD}")),
        (another_work_tree_has_run_it, unpushed, MERGE, ("has run c1", "")),
        (another_work_tree_has_run_it, pulled_with_rebase, MERGE, ("has run c1", "")),
        (cannot_be_asked, unpushed, MERGE, (NOT_KNOWN, MY_WORD)),
        (cannot_be_asked, pulled_with_rebase, MERGE, (NOT_KNOWN, MY_WORD)),
    ],
)
def test_what_the_databases_have_run_decides(
    team: Team, database: Story, story: Story, recommended: str, refused: tuple[str, str] | None
) -> None:
    database(team)
    story(team)
    assert recommendation(team) == recommended
    if refused is None:
        put_mine_on_top(team, *REPARENT)
        team.upgrade()
        assert tables(f"sqlite:///{team.ann.top / 'shop.db'}") == {"a1", "b1", "c1"}
    else:
        said = refuse(team, *REPARENT)
        assert refused[0] in said
        assert said.endswith(f"{refused[1]}\n")


def test_where_both_create_the_same_no_script_changes_that_a_database_may_have_run(team: Team) -> None:
    team.ann.revision("c1", "a1", **creating("b1"))
    team.join()
    said = refuse(team, "fix", "--yes", "--no-db")
    assert "it is not known whether a database has run" in said and "recommended: a merge" not in said
