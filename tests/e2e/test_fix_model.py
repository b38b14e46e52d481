"""A model of a team: whatever two developers do with git, a repair never lets a database skip a revision."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import Phase, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.support.examples import COUNTS, SOAK, examples
from tests.support.team import CHECKOUTS, Team

SHARDS = 10
"""Tests of the same model, for as many processes."""
EXAMPLES = 5
STEPS = 4
TOTAL: Counter[str] = Counter()
DEVELOPERS = ("ann", "bea", "tree")
SIBLING = {"ann": "tree", "tree": "ann"}
OTHER = {"ann": "bea", "bea": "ann", "tree": "bea"}

developers = st.sampled_from(DEVELOPERS)
branches = st.sampled_from(["main", "topic", "other"])
others = st.sampled_from(["main", "topic", "other", "tree", "origin/main", "origin/topic", "origin/other", "origin/tree"])
COMBINE = {
    "merge": ("merge", "--quiet", "--no-edit"),
    "rebase": ("rebase", "--quiet"),
    "squash": ("merge", "--quiet", "--squash"),
    "pick": ("cherry-pick",),
    "pull": ("pull", "--quiet", "--no-edit", "--no-rebase", "origin"),
    "pull --rebase": ("pull", "--quiet", "--rebase", "origin"),
}
ODD: dict[str, tuple[str, ...]] = {
    "revert": ("revert", "--no-edit", "HEAD"),
    "stash": ("stash", "push", "--quiet", "--include-untracked"),
    "unstash": ("stash", "pop", "--quiet"),
    "fetch": ("fetch", "--quiet", "--prune"),
    "amend": ("commit", "--quiet", "--amend", "--message", "said better"),
    "delete": ("branch", "--quiet", "-D", "{branch}"),
    "delete on the server": ("push", "--quiet", "origin", "--delete", "{branch}"),
    "push": ("push", "--quiet", "origin", "HEAD"),
    "push --force": ("push", "--quiet", "--force", "origin", "HEAD"),
    "fetch main alone": ("config", "remote.origin.fetch", "+refs/heads/main:refs/remotes/origin/main"),
}
CURES: dict[str, tuple[str, ...]] = {
    "recommended": (),
    "merge": ("--strategy", "merge"),
    "reparent": ("--strategy", "reparent"),
    "take back": ("--strategy", "reparent", "--take-back"),
    "no database": ("--no-db",),
}
VOUCHED: dict[str, tuple[str, ...]] = {"vouch": (), "vouch and take back": ("--take-back",)}
cures = st.sampled_from([*CURES, *VOUCHED, "take back", "take back", "vouch and take back", "vouch and take back", "later"])


class Collision(NamedTuple):
    """Two developers who write a revision each, on the same one, and how these come together."""

    name: str
    where: str
    run: str
    how: str


class Repair(NamedTuple):
    """A cure, and what the developer does right after it."""

    cure: str
    then: tuple[str, ...]


collisions = st.builds(
    Collision,
    developers,
    st.sampled_from(["uncommitted", "here", "topic", "pushed topic", "pushed topic"]),
    st.sampled_from(["nobody", "nobody", "mine", "mine", "sibling"]),
    st.sampled_from([*COMBINE, "pull --rebase", "by address", "mail", "pull request"]),
)
repairs = st.builds(
    Repair,
    cures,
    st.sampled_from([(), ("undo",), ("undo", "sync"), ("sync", "undo"), ("upgrade", "undo"), ("push",), ("sync",)]),
)


class Model(RuleBasedStateMachine):
    """Let developers commit, combine, publish, upgrade and repair, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.team: Team

    @initialize(hooks=st.sampled_from([False, False, False, True]), collision=collisions, repair=repairs)
    def start(self, hooks: bool, collision: Collision, repair: Repair) -> None:
        self.team = Team(self.folder / "team", hooks=hooks)
        self.collide(collision, repair)

    @rule(collision=collisions, repair=repairs)
    def collide(self, collision: Collision, repair: Repair) -> None:
        """Let two revisions fork the history as they do every day."""
        name, where, run, how = collision
        other = OTHER[name]
        if where.endswith("topic"):
            self.team.switch(name, "topic" if name != "tree" else "tree")
        self.team.commit_revision(name, committed=where != "uncommitted")
        if where == "pushed topic":
            self.team.git(name, "push", "--quiet", "--set-upstream", "origin", "HEAD")
        if run == "mine":
            self.team.upgrade(name)
        elif run == "sibling" and name in SIBLING:
            self.team.git(SIBLING[name], "merge", "--quiet", "--no-edit", self.team.checkouts[name].branch or "HEAD")
            self.team.upgrade(SIBLING[name])
        self.team.git(other, "switch", "--quiet", "main")
        self.team.commit_revision(other)
        self.receive(name, other, how)
        self.repair(name, repair)

    def receive(self, name: str, other: str, how: str) -> None:
        """Bring to a developer what the other one has on main."""
        if how == "mail":
            self.team.mail(other, name)
        elif how == "pull request":
            self.team.request(other, name)
        elif how == "by address":
            self.team.pull_from(name, other)
        else:
            self.team.git(other, "push", "--quiet", "origin", "HEAD")
            self.team.git(name, "fetch", "--quiet", "origin")
            self.join(name, "main" if how.startswith("pull") else "origin/main", how)

    def join(self, name: str, other: str, how: str) -> None:
        done = self.team.git(name, *COMBINE[how], other)
        if done and how == "squash":
            self.team.git(name, "commit", "--quiet", "--message", f"squash of {other}")

    @rule(name=developers, committed=st.sampled_from([True, True, True, False]))
    def revision(self, name: str, committed: bool) -> None:
        self.team.commit_revision(name, committed=committed)

    @rule(name=developers, branch=branches)
    def switch(self, name: str, branch: str) -> None:
        self.team.switch(name, branch)

    @rule(name=developers, other=others, how=st.sampled_from(list(COMBINE)), repair=repairs)
    def combine(self, name: str, other: str, how: str, repair: Repair) -> None:
        self.join(name, other.removeprefix("origin/") if how.startswith("pull") else other, how)
        self.repair(name, repair)

    @rule(name=developers, what=st.sampled_from([*ODD, "push", "push", "push --force"]), branch=branches)
    def do_something_else(self, name: str, what: str, branch: str) -> None:
        self.team.git(name, *(each.format(branch=branch) for each in ODD[what]))

    @rule(name=developers)
    def work(self, name: str) -> None:
        file = self.team.checkouts[name].top / "work.txt"
        file.write_text(f"{file.read_text() if file.exists() else ''}{name}\n")

    @rule(sender=developers, receiver=developers)
    def mail(self, sender: str, receiver: str) -> None:
        if CHECKOUTS[sender] != CHECKOUTS[receiver]:
            self.team.mail(sender, receiver)

    @rule(name=st.sampled_from([*DEVELOPERS, "production"]))
    def upgrade(self, name: str) -> None:
        if name == "production":
            self.team.deploy()
        else:
            self.team.upgrade(name)

    @precondition(lambda self: self.diverged)
    @rule(repair=repairs)
    def fix(self, repair: Repair) -> None:
        self.repair(self.diverged[0], repair)

    @property
    def diverged(self) -> list[str]:
        return [name for name in DEVELOPERS if len(self.team.checkouts[name].own_heads) > 1]

    def repair(self, name: str, repair: Repair) -> None:
        """Repair a checkout that diverges, or leave it so for now."""
        if name not in self.diverged or repair.cure == "later":
            return
        before = self.team.checkouts[name].committed
        if repair.cure in VOUCHED:
            done = self.team.vouch(name, *VOUCHED[repair.cure])
        else:
            done = self.team.fix(name, *CURES[repair.cure])
        for number, what in enumerate(repair.then):
            if what == "undo" and done:
                self.team.repaired.pop()
                self.team.undo(name, None if number else before)
            elif what == "sync":
                self.team.sync(name)
            elif what == "upgrade":
                self.team.upgrade(name)
            elif what == "push":
                self.team.git(name, "push", "--quiet", "origin", "HEAD")

    @precondition(lambda self: self.team.repaired)
    @rule()
    def undo(self) -> None:
        self.team.undo(self.team.repaired.pop())

    @rule(name=developers)
    def sync(self, name: str) -> None:
        self.team.sync(name)

    @invariant()
    def nothing_is_skipped(self) -> None:
        TOTAL["steps"] += 1
        self.team.check()

    def teardown(self) -> None:
        if hasattr(self, "team"):
            for name, count in self.team.counts.items():
                TOTAL[name] += count
                event(name)
            TOTAL["runs"] += 1
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.hypothesis
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_repair_never_skips_loses_or_conflicts(shard: int, record_property: Callable[[str, object], None]) -> None:
    machine = type(f"Model{shard}", (Model,), {})
    TOTAL.clear()
    # The story of a run says what happened; to look for a shorter one takes minutes.
    often = settings(
        examples(EXAMPLES),
        stateful_step_count=STEPS * 2 if SOAK else STEPS,
        phases=(Phase.generate,),
        derandomize=False,
        database=None,
    )
    run_state_machine_as_test(machine if SOAK else seed(shard)(machine), settings=often)
    # Each of these ends a run as a failure.
    record_property(COUNTS, dict(TOTAL, **dict.fromkeys(("skips", "broken trees", "conflicts of two repairs"), 0)))


def test_the_model_sees_a_revision_that_was_moved_by_hand_and_skipped(tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    team.commit_revision("bea")
    team.git("bea", "push", "--quiet", "origin", "main")
    team.commit_revision("ann")
    team.upgrade("ann")
    team.git("ann", "pull", "--quiet", "--no-edit", "--no-rebase", "origin", "main")
    team.check()
    script = team.checkouts["ann"].top / "migrations/versions/r2.py"
    script.write_text(script.read_text().replace("down_revision = 'r0'", "down_revision = 'r1'"))
    with pytest.raises(AssertionError, match=r"skipped: \{\('ann', 'r2', 'r1'\)\}"):
        team.check()
