"""Real divergences: the heads that Alembic had, and the heads it has once they are joined. See `data/README.md`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.plan import CreateMergeRevision, Plan, Policy, Proposal
from migmerge.core.fix_plan.proposals import propose
from migmerge.core.graph import RevisionGraph
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot
from tests.support.paths import DATA

Tree = dict[str, Revision]


@dataclass(frozen=True)
class Case:
    """One merge: its environment, the trees of both sides and of their merge, and the heads that Alembic had."""

    environment: Environment
    ours: Tree
    theirs: Tree
    merged: Tree
    heads: tuple[list[str], list[str], list[str]]

    @property
    def is_double(self) -> bool:
        """Say whether the merged heads join the same parents."""
        heads = [each for each in self.merged.values() if each.revision in self.heads[2]]
        return len(heads[0].down_revisions) > 1 and len({frozenset(head.down_revisions) for head in heads}) == 1


def case_of(facts: dict[str, Any]) -> Case:
    environment = Environment(facts["script_dir"], "alembic", tuple(facts["version_dirs"]))
    heads = sorted(facts["heads_ours"]), sorted(facts["heads_theirs"]), sorted(facts["heads_merged"])
    base, ours, theirs = facts["base"], facts["ours"], facts["theirs"]
    return Case(environment, tree(base, ours), tree(base, theirs), tree(base, ours, theirs), heads)


def tree(*layers: dict[str, Any]) -> Tree:
    """Lay the changes of sides over a base; None takes a file away."""
    files = {path: values for layer in layers for path, values in layer.items()}
    gone = {path for layer in layers for path, values in layer.items() if values is None}
    return {path: script(path, *values) for path, values in files.items() if path not in gone}


def script(path: str, revision: str, parents: list[str], labels: list[str], depends_on: list[str]) -> Revision:
    return Revision(Identifiers(revision, tuple(parents), tuple(labels), tuple(depends_on), "x"), path)


FACTS = json.loads((DATA / "divergences.json").read_text("utf-8"))
CASES = [pytest.param(case_of(facts), id=f"{facts['repo']} {facts['merge']}") for facts in FACTS]


def alembics_heads(revisions: Iterable[Revision], merges: Iterable[CreateMergeRevision] = ()) -> list[str]:
    """Return the heads that Alembic's own graph has."""
    scripts = [
        AlembicRevision(each.revision, each.down_revisions or None, each.depends_on or None, each.branch_labels or None)
        for each in revisions
    ]
    return sorted(RevisionMap(lambda: [*scripts, *(AlembicRevision(each.revision, each.parents) for each in merges)]).heads)


@pytest.mark.parametrize("case", CASES)
def test_the_heads_are_those_that_alembic_had(case: Case) -> None:
    heads = tuple(list(RevisionGraph(each.values()).heads) for each in (case.ours, case.theirs, case.merged))
    assert heads == case.heads


@pytest.mark.parametrize("case", CASES)
def test_the_divergence_of_all_heads_is_found(case: Case) -> None:
    snapshot = Snapshot(case.environment, tuple(case.merged.values()))
    (found, *more) = diagnose(snapshot)
    assert (found.code, list(found.revisions)) == ("MM001", case.heads[2])
    assert [(each.code, list(each.revisions)) for each in more] == ([("MM006", case.heads[2])] if case.is_double else [])


def test_three_of_them_are_double_merges() -> None:
    assert [facts["merge"] for facts in FACTS if case_of(facts).is_double] == ["07b962061b96", "4e9af8be4a22", "2fbfffe3a267"]


@pytest.mark.parametrize("case", CASES)
def test_the_planned_merge_revisions_leave_alembic_with_the_promised_heads(case: Case) -> None:
    snapshot = Snapshot(case.environment, tuple(case.merged.values()))
    proposals = propose(snapshot, diagnose(snapshot), Evidence(), Policy(commit=False))
    plans = [each.merge for each in proposals if isinstance(each, Proposal)]
    merges = [step for plan in plans if isinstance(plan, Plan) for step in plan.steps if isinstance(step, CreateMergeRevision)]
    heads = alembics_heads(case.merged.values(), merges)
    assert len(plans) == len(merges) == len(snapshot.graph.divergences)
    assert len(heads) == snapshot.graph.heads_once_joined < len(snapshot.graph.heads)
    assert {step.revision for step in merges} <= set(heads)


@pytest.mark.parametrize("case", CASES)
def test_the_merged_heads_are_alembics_of_today(case: Case) -> None:
    assert alembics_heads(case.merged.values()) == case.heads[2]
