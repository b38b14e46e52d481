"""The stories in which a revision is skipped without a word: here each ends with every table in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database, tables
from tests.support.programs import run_program
from tests.support.project import TEMPLATE, Project

ENV_PY = """import os
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(os.environ["DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""


@dataclass
class Team:
    """Ann's clone of a shared repository, and a database that one of them, or production, uses."""

    ann: Project
    url: str

    def alembic(self, *arguments: str) -> str:
        done = run_program("alembic", *arguments, cwd=self.ann.top, env=self.ann.environment(DATABASE_URL=self.url))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def upgrade(self) -> set[str]:
        self.alembic("upgrade", "head")
        return tables(self.url)

    def creates(self, table: str, down_revision: str | None) -> None:
        """Commit a revision of that name which creates a table of that name."""
        create = f"op.create_table({table!r}, sa.Column('id', sa.Integer, primary_key=True))"
        self.ann.revision(table, down_revision, upgrade=create)

    def on(self, branch: str) -> None:
        self.ann.git("switch", "--quiet", branch)

    def merge(self, branch: str) -> None:
        self.ann.git("merge", "--quiet", "--no-edit", branch)

    def parent_of(self, revision: str) -> str:
        (line,) = (
            each
            for each in (self.ann.top / f"migrations/versions/{revision}.py").read_text().splitlines()
            if each.startswith("down_revision")
        )
        return line


@pytest.fixture(params=DIALECTS)
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """Return a project whose revision a is on origin/main, with ann's branch feature beside main."""
    with database(request.param, tmp_path) as url:
        ann = Project.empty(tmp_path / "ann")
        ann.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
        ann.write("migrations/env.py", ENV_PY)
        ann.write("migrations/script.py.mako", TEMPLATE)
        made = Team(ann, url)
        made.creates("a", None)
        ann.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
        ann.git("remote", "add", "origin", str(tmp_path / "origin.git"))
        ann.git("push", "--quiet", "--set-upstream", "origin", "main")
        ann.git("branch", "feature")
        yield made


def published(team: Team, revision: str) -> None:
    """Put a revision on origin/main, as a colleague would."""
    team.on("main")
    team.creates(revision, "a")
    team.ann.git("push", "--quiet")


def own(team: Team, revision: str, *, pushed: bool = False) -> None:
    """Put a revision on ann's branch."""
    team.on("feature")
    team.creates(revision, "a")
    if pushed:
        team.ann.git("push", "--quiet", "--set-upstream", "origin", "feature")


def test_w2_mine_has_run_and_theirs_arrives(team: Team) -> None:
    published(team, "b")
    own(team, "c")
    team.alembic("upgrade", "c")
    team.merge("main")
    refused = team.ann.migmerge("fix", "--yes", "--strategy", "reparent")
    assert refused.returncode == 1
    assert refused.stdout == (
        "not fixed: it is not known whether a database has run c; one that has would skip b without a word\n"
        "hint: migmerge fix --strategy reparent --assume-unapplied\n"
    )
    team.ann.fix()
    assert team.upgrade() == {"a", "b", "c"}


def test_w2_mine_has_not_run(team: Team) -> None:
    published(team, "b")
    team.alembic("upgrade", "b")
    own(team, "c")
    team.merge("main")
    team.ann.fix("--strategy", "reparent", "--assume-unapplied")
    assert team.parent_of("c") == "down_revision = 'b'"
    assert team.upgrade() == {"a", "b", "c"}
    assert team.alembic("heads").split() == ["c", "(head)"]


def test_w2b_on_main_what_is_deployed_stays_although_it_is_ours_to_git(team: Team) -> None:
    published(team, "b")
    own(team, "c")
    team.on("main")
    team.alembic("upgrade", "b")
    team.merge("feature")
    team.ann.fix("--strategy", "reparent", "--assume-unapplied")
    assert (team.parent_of("b"), team.parent_of("c")) == ("down_revision = 'a'", "down_revision = 'b'")
    assert team.upgrade() == {"a", "b", "c"}


@pytest.mark.parametrize("branch", ["main", "feature"])
def test_w2b_what_both_sides_pushed_is_joined_and_not_moved_without_a_word(team: Team, branch: str) -> None:
    published(team, "b")
    team.alembic("upgrade", "b")
    own(team, "c", pushed=True)
    team.on(branch)
    team.merge("feature" if branch == "main" else "main")
    refused = team.ann.migmerge("fix", "--yes", "--strategy", "reparent")
    assert refused.returncode == 1
    assert refused.stdout == (
        "not fixed: c was pushed to origin/feature, and databases elsewhere cannot be asked; "
        "one that has it already would skip b without a word\n"
        "hint: migmerge fix --strategy reparent --assume-unapplied\n"
    )
    team.ann.fix()
    assert team.upgrade() == {"a", "b", "c"}


@pytest.mark.parametrize("strategy", ["merge", "reparent"])
def test_w3_main_into_feature_and_feature_back_into_main(team: Team, strategy: str) -> None:
    published(team, "b")
    team.alembic("upgrade", "b")
    own(team, "c")
    team.merge("main")
    team.ann.fix("--strategy", strategy, "--assume-unapplied")
    team.on("main")
    team.merge("feature")
    assert team.ann.codes() == []
    assert team.upgrade() == {"a", "b", "c"}


def test_a_squashed_branch_is_published_under_another_commit(team: Team) -> None:
    published(team, "b")
    own(team, "c")
    team.on("main")
    team.ann.git("merge", "--quiet", "--squash", "feature")
    team.ann.commit("squash of feature")
    team.ann.git("push", "--quiet")
    team.on("feature")
    team.merge("main")
    refused = team.ann.migmerge("fix", "--yes", "--strategy", "reparent", "--assume-unapplied")
    assert refused.returncode == 1
    assert "b is on origin/main and c is on origin/main" in refused.stdout
    team.ann.fix()
    assert team.upgrade() == {"a", "b", "c"}
