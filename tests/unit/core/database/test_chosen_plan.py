"""The choice among plans that were tried on copies."""

from __future__ import annotations

import pytest

from migmerge.core.database.chosen_plan import Attempt, chosen_plan
from migmerge.core.database.rehearsal import Failure
from migmerge.core.database.schema_catalog import CatalogKey
from migmerge.core.database.sync_steps import Downgrade, Stamp, SyncPlan, Upgrade
from migmerge.core.database.trial import TrialResult
from migmerge.core.fix_plan.plan import Refusal

BACK = SyncPlan((Downgrade("p", "", "", ()), Upgrade("r1", "")))
RECORDED = SyncPlan((Stamp("", ("p",), ("r1",)),))
REFUSED = Refusal("the downgrade() of p raises", "migmerge reset")
LOSES = TrialResult(lost=(CatalogKey("table", "a"),))
BROKEN = TrialResult(failure=Failure("p", "DROP TABLE x", "no such table: x", is_of_schema=True))
DIFFERS = TrialResult(missing={"r1": ("the column a.note is not there",)})
UNSURE = TrialResult(failure=Failure("p", None, "IndexError: list index out of range"))


def attempt(plan: SyncPlan, result: TrialResult) -> Attempt:
    return Attempt(plan, {"shop.db": result})


def steps_of(plan: SyncPlan | Refusal) -> object:
    return plan.steps if isinstance(plan, SyncPlan) else plan


def test_the_first_plan_stays_where_it_is_as_good() -> None:
    chosen = chosen_plan(BACK, [attempt(BACK, TrialResult()), attempt(RECORDED, TrialResult())])
    assert isinstance(chosen, SyncPlan)
    assert (chosen.steps, chosen.doubts) == (BACK.steps, ())
    assert chosen.tried == ("on an empty copy of shop.db every step runs, and the schema ends as this checkout makes it",)


def test_a_plan_that_loses_less_is_taken_instead() -> None:
    assert steps_of(chosen_plan(BACK, [attempt(BACK, LOSES), attempt(RECORDED, TrialResult())])) == RECORDED.steps


@pytest.mark.parametrize(
    "unknown", [attempt(BACK, UNSURE), Attempt(BACK, {}, {"shop.db": "the project's Python ended"})], ids=["fails", "untried"]
)
@pytest.mark.parametrize("known", [LOSES, DIFFERS], ids=["loses", "differs"])
def test_a_plan_whose_end_nobody_knows_is_not_taken_instead_of_one_that_was_tried(unknown: Attempt, known: TrialResult) -> None:
    """It stopped before it could lose anything."""
    assert steps_of(chosen_plan(RECORDED, [attempt(RECORDED, known), unknown])) == RECORDED.steps


def test_where_nobody_knows_the_end_of_the_first_plan_one_that_ends_well_is_taken() -> None:
    assert steps_of(chosen_plan(BACK, [attempt(BACK, UNSURE), attempt(RECORDED, TrialResult())])) == RECORDED.steps


def test_where_every_plan_loses_something_that_is_a_doubt() -> None:
    chosen = chosen_plan(BACK, [attempt(BACK, LOSES)])
    assert isinstance(chosen, SyncPlan)
    assert chosen.doubts == ("the plan drops the table a of shop.db, which this checkout has, too",)


def test_a_plan_that_is_sure_to_fail_is_refused_before_the_first_step() -> None:
    chosen = chosen_plan(BACK, [attempt(BACK, BROKEN), attempt(RECORDED, BROKEN)])
    assert isinstance(chosen, Refusal)
    assert chosen.message == "p would fail in shop.db: no such table: x; the statement was: DROP TABLE x; nothing was changed"


def test_where_a_step_is_sure_to_fail_only_a_proven_plan_is_taken_instead() -> None:
    left = TrialResult(left=(CatalogKey("table", "b"),))
    assert isinstance(chosen_plan(BACK, [attempt(BACK, BROKEN), attempt(RECORDED, left)]), Refusal)
    assert steps_of(chosen_plan(BACK, [attempt(BACK, BROKEN), attempt(RECORDED, TrialResult())])) == RECORDED.steps


def test_a_failure_that_rows_may_decide_is_said() -> None:
    chosen = chosen_plan(BACK, [attempt(BACK, UNSURE)])
    assert isinstance(chosen, SyncPlan)
    assert (chosen.tried, chosen.untried) == ((), ("shop.db: p fails there: IndexError: list index out of range",))


def test_where_the_texts_allow_no_plan_only_a_proven_one_is_taken() -> None:
    assert chosen_plan(REFUSED, [attempt(RECORDED, TrialResult(missing={"r1": ("the column a.note is not there",)}))]) == REFUSED
    assert chosen_plan(REFUSED, [Attempt(RECORDED, {}, {"shop.db": "pg_dump is not installed"})]) == REFUSED
    assert steps_of(chosen_plan(REFUSED, [attempt(BACK, LOSES), attempt(RECORDED, TrialResult())])) == RECORDED.steps


def test_what_is_recorded_and_not_all_there_is_a_note() -> None:
    missing = TrialResult(
        missing={"a": ("the column a.x is not there",), "r1": ("the type of the column b.id is TEXT, not INTEGER",)}
    )
    chosen = chosen_plan(RECORDED, [Attempt(RECORDED, {"shop.db": missing}, applied={"shop.db": frozenset(["a"])})])
    assert isinstance(chosen, SyncPlan)
    assert chosen.notes == ("r1 will be recorded in shop.db, where the type of the column b.id is TEXT, not INTEGER",)


def test_what_a_replay_does_not_tell_is_said() -> None:
    lost = TrialResult(lost=(CatalogKey("table", "a"),), in_doubt=True)
    chosen = chosen_plan(BACK, [attempt(BACK, lost)])
    assert isinstance(chosen, SyncPlan)
    assert chosen.doubts == ("the plan drops the table a of shop.db, which this checkout may have, too",)
    end = "the schema ends as this checkout makes it, as far as that can be told"
    assert chosen.tried == (f"on an empty copy of shop.db every step runs, and {end}",)


def test_what_could_not_be_tried_is_said() -> None:
    chosen = chosen_plan(BACK, [Attempt(BACK, {}, {"shop.db": "pg_dump is not installed"})])
    assert isinstance(chosen, SyncPlan)
    assert (chosen.steps, chosen.untried) == (BACK.steps, ("shop.db: pg_dump is not installed",))
