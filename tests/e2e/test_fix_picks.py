"""`fix` after a cherry-pick that left out what a script follows: all of a script is cured, or nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checkout import VERSIONS
from tests.support.team import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "team")


def refused(team: Team, *arguments: str) -> tuple[str, str]:
    """Run `fix` for ann, who finds everything as it was; return why it refused, and the hints."""
    ann = team.checkouts["ann"]
    before = ann.git("rev-parse", "HEAD"), ann.state
    assert not team.fix("ann", *arguments), team.story[-1]
    assert (ann.git("rev-parse", "HEAD"), ann.state) == before
    hints = "\n".join(line.removeprefix("hint: ") for line in team.story[-1].splitlines() if line.startswith("hint: "))
    return team.story[-1], hints


@pytest.mark.parametrize("arguments", [(), ("--no-db",), ("--assume-unapplied",)], ids=" ".join)
def test_a_merge_revision_that_came_without_its_parents_keeps_them(team: Team, arguments: tuple[str, ...]) -> None:
    team.switch("tree", "tree")
    team.commit_revision("tree")
    team.switch("tree", "side")
    team.git("tree", "reset", "--quiet", "--hard", "main")
    team.commit_revision("tree")
    team.git("tree", "merge", "--quiet", "--no-edit", "tree")
    assert team.fix("tree", "--strategy", "merge") and team.sync("tree")
    assert team.git("ann", "cherry-pick", "side")
    said, hints = refused(team, *arguments)
    assert "was copied from there without it" in said and "has its id from its parents r1 and r2" in said
    for command in hints.splitlines():
        assert team.git("ann", *command.split()[1:])
    ann = team.checkouts["ann"]
    assert team.git("ann", "commit", "--quiet", "--message", "what it joins")
    assert len(ann.own_heads) == 1 and {"r1", "r2"} < ann.scripts.keys()
    team.check()


def test_no_parent_of_a_script_is_cured_where_another_one_is_not(team: Team) -> None:
    team.switch("tree", "side")
    team.commit_revision("tree")
    team.commit_revision("ann")
    ann = team.checkouts["ann"]
    ann.script("joins", ("r1", "r2"))
    team.git("ann", "add", f"{VERSIONS}/joins.py")
    team.git("ann", "commit", "--quiet", "--message", "joins what is on two branches")
    team.git("ann", "revert", "--no-edit", "HEAD~1")
    said, hints = refused(team)
    assert "has the down_revision r1" in said and f"{VERSIONS}/r1.py" in hints


@pytest.mark.parametrize("arguments", [(), ("--assume-unapplied",)], ids=" ".join)
def test_a_pick_that_the_database_of_another_work_tree_has_run_keeps_its_parent(team: Team, arguments: tuple[str, ...]) -> None:
    team.commit_revision("tree")
    team.commit_revision("tree")
    team.upgrade("tree")
    assert team.git("ann", "cherry-pick", "tree")
    said, hints = refused(team, *arguments)
    assert "a database has run r2 after r1" in said
    assert team.git("ann", *hints.split()[1:])
    assert team.checkouts["ann"].own_heads == ["r2"]


def test_a_pick_that_no_database_has_run_follows_the_head_of_this_branch(team: Team) -> None:
    team.commit_revision("tree")
    team.commit_revision("tree")
    assert team.git("ann", "cherry-pick", "tree")
    assert team.fix("ann")
    assert team.checkouts["ann"].scripts["r2"].parents == ("r0",)
