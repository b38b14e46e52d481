"""A model of a team: whatever two developers do with git, a repair never lets a database skip a revision."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import event, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.examples import SOAK, examples
from tests.support.team import Team

SHARDS = 4
"""Tests of the same model, for as many processes."""
EXAMPLES = 25
STEPS = 12
TOTAL: Counter[str] = Counter()

developers = st.sampled_from(["ann", "bea", "tree"])
branches = st.sampled_from(["main", "topic", "other"])
others = st.sampled_from(["main", "topic", "other", "tree", "origin/main", "origin/topic", "origin/other", "origin/tree"])
strategies = st.sampled_from(
    [(), ("--strategy", "merge"), ("--strategy", "reparent"), ("--strategy", "reparent", "--take-back"), ("--no-db",)]
)


class Model(RuleBasedStateMachine):
    """Let developers commit, combine, publish, upgrade and repair, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.team = Team(self.folder / "team")

    @initialize(where=st.sampled_from(["both", "topic", "none"]), run=st.booleans())
    def start(self, where: str, run: bool) -> None:
        if where != "none":
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

    @rule(name=developers, other=others, how=st.sampled_from(["merge", "rebase", "squash", "pick"]))
    def combine(self, name: str, other: str, how: str) -> None:
        if how == "squash":
            if self.team.git(name, "merge", "--quiet", "--squash", other):
                self.team.git(name, "commit", "--quiet", "-m", f"squash of {other}")
            return
        commands = {"merge": ("merge", "--quiet", "--no-edit"), "rebase": ("rebase", "--quiet"), "pick": ("cherry-pick",)}
        self.team.git(name, *commands[how], other)

    @rule(name=developers, other=st.sampled_from(["main", "topic", "other"]), how=st.sampled_from(["--rebase", "--no-rebase"]))
    def pull(self, name: str, other: str, how: str) -> None:
        self.team.git(name, "pull", "--quiet", "--no-edit", how, "origin", other)

    @rule(name=developers)
    def revert(self, name: str) -> None:
        self.team.git(name, "revert", "--no-edit", "HEAD")

    @rule(name=developers, how=st.sampled_from(["push", "pop"]))
    def stash(self, name: str, how: str) -> None:
        self.team.git(name, "stash", how, "--quiet", *(["--include-untracked"] if how == "push" else []))

    @rule(name=developers)
    def work(self, name: str) -> None:
        project = self.team.checkouts[name]
        project.write("work.txt", (project.top / "work.txt").read_text() + name)

    @rule(sender=developers, receiver=developers)
    def mail(self, sender: str, receiver: str) -> None:
        if self.team.checkouts[sender].user != self.team.checkouts[receiver].user:
            self.team.mail(sender, receiver)

    @rule(name=developers, force=st.sampled_from([[], [], ["--force"]]))
    def push(self, name: str, force: list[str]) -> None:
        self.team.git(name, "push", "--quiet", *force, "origin", "HEAD")

    @rule(name=developers)
    def fetch(self, name: str) -> None:
        self.team.git(name, "fetch", "--quiet", "--prune")

    @rule(name=developers, branch=branches, remote=st.booleans())
    def delete(self, name: str, branch: str, remote: bool) -> None:
        if remote and branch != "main":
            self.team.git(name, "push", "--quiet", "origin", "--delete", branch)
        else:
            self.team.git(name, "branch", "--quiet", "-D", branch)

    @rule(name=developers)
    def upgrade(self, name: str) -> None:
        self.team.upgrade(name)

    @rule()
    def deploy(self) -> None:
        self.team.deploy()

    @rule(name=developers, arguments=strategies)
    def fix(self, name: str, arguments: tuple[str, ...]) -> None:
        if len(self.team.heads(name)) > 1:
            self.team.fix(name, *arguments)

    @rule(name=developers)
    def vouch(self, name: str) -> None:
        if len(self.team.heads(name)) > 1:
            self.team.vouch(name)

    @rule(name=developers, other=others, arguments=strategies)
    def combine_and_fix(self, name: str, other: str, arguments: tuple[str, ...]) -> None:
        if self.team.git(name, "merge", "--quiet", "--no-edit", other):
            self.fix(name, arguments)

    @rule(name=developers, how=st.sampled_from(["--rebase", "--no-rebase"]), arguments=strategies)
    def pull_and_fix(self, name: str, how: str, arguments: tuple[str, ...]) -> None:
        if self.team.git(name, "pull", "--quiet", "--no-edit", how, "origin", "main"):
            self.fix(name, arguments)

    @rule(name=developers)
    def undo(self, name: str) -> None:
        if any(self.team.counts[each] for each in ("re-parentings", "repairs by a merge revision")):
            self.team.undo(name)

    @rule(name=developers)
    def sync(self, name: str) -> None:
        if self.team.database(name)[0] - self.team.scripts(name).keys():
            self.team.sync(name)

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
    print("\n" + ", ".join(f"{name}: {count}" for name, count in sorted(TOTAL.items())), "skips: 0")  # noqa: T201
