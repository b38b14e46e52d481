"""A model of a team: whatever two developers do with git, a repair never lets a database skip a revision."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.support.examples import SOAK, examples
from tests.support.team import Team

SHARDS = 4
"""Tests of the same model, for as many processes."""
EXAMPLES = 15
STEPS = 12
TOTAL: Counter[str] = Counter()

developers = st.sampled_from(["ann", "bea", "tree"])
branches = st.sampled_from(["main", "topic", "other"])
others = st.sampled_from(["main", "topic", "other", "tree", "origin/main", "origin/topic", "origin/other", "origin/tree"])
remote = st.sampled_from(["main", "main", "topic", "other"])
combining = st.sampled_from(["merge", "rebase", "squash", "pick"])

Cure = tuple[str, ...]
LATER, VOUCHED = ("later",), ("vouched",)
cures = st.sampled_from(
    [
        (),
        ("--strategy", "merge"),
        ("--strategy", "reparent"),
        ("--strategy", "reparent", "--take-back"),
        ("--no-db",),
        VOUCHED,
        LATER,
    ]
)
ODD: dict[str, list[tuple[str, ...]]] = {
    "revert": [("revert", "--no-edit", "HEAD")],
    "stash": [("stash", "push", "--quiet", "--include-untracked")],
    "unstash": [("stash", "pop", "--quiet")],
    "fetch": [("fetch", "--quiet", "--prune")],
    "delete": [("branch", "--quiet", "-D", "{branch}")],
    "delete on the server": [("push", "--quiet", "origin", "--delete", "{branch}")],
}


class Model(RuleBasedStateMachine):
    """Let developers commit, combine, publish, upgrade and repair, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.team = Team(self.folder / "team")

    @initialize(where=st.sampled_from(["main", "topic"]), run=st.booleans())
    def start(self, where: str, run: bool) -> None:
        self.team.commit_revision("bea")
        self.team.git("bea", "push", "--quiet", "origin", "main")
        if where == "topic":
            self.team.git("ann", "switch", "--quiet", "-c", "topic")
        self.team.commit_revision("ann")
        if run:
            self.team.upgrade("ann")

    @rule(name=developers, committed=st.sampled_from([True, True, True, False]))
    def revision(self, name: str, committed: bool) -> None:
        self.team.commit_revision(name, committed=committed)

    @rule(name=developers, branch=branches)
    def switch(self, name: str, branch: str) -> None:
        if not self.team.git(name, "switch", "--quiet", branch):
            self.team.git(name, "switch", "--quiet", "-c", branch)

    @rule(name=developers, other=others, how=combining, then=cures)
    def combine(self, name: str, other: str, how: str, then: Cure) -> None:
        if how == "squash":
            done = self.team.git(name, "merge", "--quiet", "--squash", other)
            done = done and self.team.git(name, "commit", "--quiet", "-m", f"squash of {other}")
        else:
            commands = {"merge": ("merge", "--quiet", "--no-edit"), "rebase": ("rebase", "--quiet"), "pick": ("cherry-pick",)}
            done = self.team.git(name, *commands[how], other)
        self.cure(name if done else None, then)

    @rule(name=developers, other=remote, how=st.sampled_from(["--rebase", "--no-rebase"]), then=cures)
    def pull(self, name: str, other: str, how: str, then: Cure) -> None:
        done = self.team.git(name, "pull", "--quiet", "--no-edit", how, "origin", other)
        self.cure(name if done else None, then)

    @rule(name=developers, force=st.sampled_from([[], [], ["--force"]]))
    def push(self, name: str, force: list[str]) -> None:
        self.team.git(name, "push", "--quiet", *force, "origin", "HEAD")

    @rule(name=developers, what=st.sampled_from(list(ODD)), branch=branches)
    def do_something_odd(self, name: str, what: str, branch: str) -> None:
        for arguments in ODD[what]:
            self.team.git(name, *(each.format(branch=branch) for each in arguments))

    @rule(name=developers)
    def work(self, name: str) -> None:
        file = self.team.checkouts[name].top / "work.txt"
        file.write_text(f"{file.read_text() if file.exists() else ''}{name}\n")

    @rule(sender=developers, receiver=developers)
    def mail(self, sender: str, receiver: str) -> None:
        if self.team.checkouts[sender].user != self.team.checkouts[receiver].user:
            self.team.mail(sender, receiver)

    @rule(name=st.sampled_from(["ann", "bea", "tree", "production"]))
    def upgrade(self, name: str) -> None:
        if name == "production":
            self.team.deploy()
        else:
            self.team.upgrade(name)

    @precondition(lambda self: self.diverged)
    @rule(then=cures)
    def fix(self, then: Cure) -> None:
        self.cure(self.diverged[0], then)

    def cure(self, name: str | None, then: Cure) -> None:
        """Repair a checkout that diverges, or leave it so for now."""
        if name not in self.diverged or then == LATER:
            return
        if then == VOUCHED:
            self.team.vouch(name)
        else:
            self.team.fix(name, *then)

    @property
    def diverged(self) -> list[str]:
        return [name for name in ("ann", "bea", "tree") if len(self.team.heads(name)) > 1]

    @precondition(lambda self: self.team.repaired)
    @rule()
    def undo(self) -> None:
        name = self.team.repaired.pop()
        self.team.undo(name)

    @precondition(lambda self: any(self.team.phantoms(name) for name in ("ann", "bea", "tree")))
    @rule()
    def sync(self) -> None:
        self.team.sync(next(name for name in ("ann", "bea", "tree") if self.team.phantoms(name)))

    @invariant()
    def nothing_is_skipped(self) -> None:
        TOTAL["steps"] += 1
        self.team.check()

    def teardown(self) -> None:
        for name, count in self.team.counts.items():
            TOTAL[name] += count
            event(name)
        TOTAL["runs"] += 1
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.hypothesis
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_repair_never_skips_loses_or_conflicts(shard: int) -> None:
    machine = type(f"Model{shard}", (Model,), {})
    TOTAL.clear()
    often = settings(examples(EXAMPLES), stateful_step_count=STEPS * 2 if SOAK else STEPS, derandomize=False, database=None)
    run_state_machine_as_test(machine if SOAK else seed(shard)(machine), settings=often)
    print("\n" + ", ".join(f"{name}: {count}" for name, count in sorted(TOTAL.items())) + ", skips: 0")


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
    with pytest.raises(AssertionError, match=r"skipped: \[\('r2', 'r1'\)\]"):
        team.check()
