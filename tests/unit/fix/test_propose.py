"""What `fix` asks, applies and refuses, from proposals that are decided already."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from migmerge.core.finding import Severity
from migmerge.core.fix_plan.plan import Commit, Plan, Proposal, Refusal
from migmerge.fix.context import FixOptions
from migmerge.fix.propose import alternatives, decide
from tests.support.findings import FIX, a_finding

MERGE, MOVE, UNAPPLIED, DOWNGRADE = (Plan((Commit(name),), name) for name in ("merge", "move", "unapplied", "downgrade"))
NO = Refusal("no", "migmerge check")
SURE = Proposal(MERGE, MOVE)
UNSURE = Proposal(MERGE, NO, if_unapplied=UNAPPLIED)
HAS_RUN = Proposal(MERGE, NO, if_downgraded_first=DOWNGRADE)
ONLY_MERGE = Proposal(MERGE, NO)


@pytest.mark.parametrize(
    ("proposals", "strategy", "configured", "expected"),
    [
        pytest.param([SURE], None, "ask", {"merge": [MERGE], "reparent": [MOVE]}, id="both cures"),
        pytest.param([SURE], None, "reparent", {"reparent": [MOVE], "merge": [MERGE]}, id="the configured cure first"),
        pytest.param([SURE], "merge", "ask", {"merge": [MERGE]}, id="the given cure alone"),
        pytest.param([UNSURE], "reparent", "ask", {"reparent": [UNAPPLIED]}, id="right only if no database has run it"),
        pytest.param([HAS_RUN], None, "ask", {"merge": [MERGE], "downgrade first": [DOWNGRADE]}, id="a database has run it"),
        pytest.param([HAS_RUN], "reparent", "ask", {"downgrade first": [DOWNGRADE]}, id="a downgrade is a re-parenting too"),
        pytest.param([ONLY_MERGE], "reparent", "ask", {}, id="the given cure is refused"),
        pytest.param([SURE, ONLY_MERGE], None, "ask", {"merge": [MERGE, MERGE]}, id="only cures that all divergences have"),
        pytest.param([SURE, Proposal(NO, MOVE)], "merge", "ask", {}, id="no cure that all divergences have"),
        pytest.param([], None, "ask", {}, id="nothing to cure"),
    ],
)
def test_alternatives(
    proposals: Sequence[Proposal], strategy: str | None, configured: str, expected: dict[str, list[Plan]]
) -> None:
    found = alternatives(proposals, strategy, configured)
    assert (found, list(found)) == (expected, list(expected))


@pytest.mark.parametrize(
    ("proposal", "options", "plans", "refusals"),
    [
        pytest.param(SURE, FixOptions(yes=True), [MERGE], [], id="the recommended cure"),
        pytest.param(SURE, FixOptions(yes=True, strategy="reparent"), [MOVE], [], id="the given cure"),
        pytest.param(UNSURE, FixOptions(yes=True, strategy="reparent"), [], [NO], id="nothing is assumed without an answer"),
        pytest.param(HAS_RUN, FixOptions(yes=True, strategy="reparent"), [], [NO], id="no database is changed unasked"),
        pytest.param(
            HAS_RUN, FixOptions(yes=True, strategy="reparent", downgrade_first=True), [DOWNGRADE], [], id="the database too"
        ),
        pytest.param(SURE, FixOptions(dry_run=True), [MERGE], [], id="a dry run asks nothing"),
    ],
)
def test_plans_that_need_no_answer(proposal: Proposal, options: FixOptions, plans: list[Plan], refusals: list[Refusal]) -> None:
    decision = decide([], [proposal], options, "ask")
    assert (decision.alternatives, decision.plans, decision.refusals) == ({}, plans, refusals)


def test_a_question_takes_the_place_of_plans() -> None:
    decision = decide([], [SURE, NO], FixOptions(), "ask")
    assert (list(decision.alternatives), decision.plans, decision.refusals) == (["merge", "reparent"], [], [NO])


def test_without_a_proposal_errors_are_refused_and_warnings_are_not() -> None:
    error = a_finding("MM002", Severity.ERROR, "migrations", "x is missing", "git fetch")
    warning = a_finding("MM007", Severity.WARNING, "migrations", "both change users", FIX)
    refusals = decide([error, warning], [], FixOptions(), "ask").refusals
    assert refusals == [Refusal("MM002 missing-parent: x is missing", "git fetch")]
