"""What is planned where only the user knows which revisions ran."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.database.database import Database
from migmerge.core.database.said_status import plan_as_said, said_status, unproven_in
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import PhantomChain, status_of
from migmerge.core.database.sync_plan import plan_sync
from migmerge.core.database.sync_steps import Downgrade, Stamp, SyncPlan, SyncStep, Upgrade
from migmerge.core.fix_plan.plan import Refusal
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import Revision
from tests.support.examples import examples
from tests.support.histories import (
    SimulatedDatabase,
    database,
    histories,
    recorded_by,
    revision,
    script_set,
    tables_of,
    without_redundant_needs,
)
from tests.support.worlds import world_of

A, B, C, D = revision("a"), revision("b", "a"), revision("c", "b"), revision("d", "c")
ROWS = b"from alembic import op\n\ndef upgrade():\n    op.execute('UPDATE t_a SET id = 1')\n\ndef downgrade():\n    pass\n"


def with_data_steps(scripts: ScriptSet, *names: str) -> ScriptSet:
    """Return the scripts, of which some change rows alone."""
    operations = {**scripts.operations, **dict.fromkeys(names, read_operations(ROWS))}
    return replace(scripts, texts={**scripts.texts, **dict.fromkeys(names, ROWS)}, operations=operations)


LINE = with_data_steps(script_set([A, B, C, D]), "b", "c")
"""a makes a table, b and c change its rows, d makes another table."""


def planned(
    scripts: ScriptSet, databases: Collection[Database], ran: Collection[str], chains: dict[str, PhantomChain] | None = None
) -> SyncPlan | Refusal:
    """Return the plan after the user has said of each database that some revisions ran."""
    chains = chains or {}
    statuses = [status_of(each, scripts, chains) for each in databases]
    pairs = {each.database.bind: (each, said_status(each, ran, scripts, chains)) for each in statuses}
    return plan_as_said(scripts, pairs, chains)


@pytest.mark.parametrize("recorded", [(), ("gone",)])
@pytest.mark.parametrize(
    ("ran", "steps"),
    [
        pytest.param((), (Stamp("", (), ("a",)), Upgrade("b", ""), Upgrade("c", ""), Upgrade("d", "")), id="none"),
        pytest.param(("b",), (Stamp("", (), ("b",)), Upgrade("c", ""), Upgrade("d", "")), id="the first"),
        pytest.param(("b", "c"), (Stamp("", (), ("c",)), Upgrade("d", "")), id="both"),
        pytest.param(
            ("c",), (Stamp("", (), ("a",)), Upgrade("b", ""), Stamp("", ("b",), ("c",)), Upgrade("d", "")), id="the second alone"
        ),
    ],
)
def test_what_ran_is_recorded_and_what_did_not_is_run(
    recorded: tuple[str, ...], ran: tuple[str, ...], steps: tuple[SyncStep, ...]
) -> None:
    before, (first, *others) = database(recorded, tables_of("a")), steps
    assert isinstance(first, Stamp)
    assert planned(LINE, [before], ran) == SyncPlan((replace(first, before=recorded), *others))


def test_the_unproven_revisions_are_those_above_the_last_trace_that_nothing_else_settles() -> None:
    def asked(*recorded: str) -> tuple[str, ...]:
        return unproven_in(status_of(database(recorded, tables_of("a")), LINE, {}), LINE.graph)

    assert (asked(), asked("gone"), asked("gone", "b"), asked("a")) == (("b", "c"), ("b", "c"), ("c",), ())


def test_a_revision_that_is_proven_or_missing_is_no_matter_of_the_users_word() -> None:
    steps = (Stamp("", (), ("a",)), Upgrade("b", ""), Upgrade("c", ""), Upgrade("d", ""))
    assert planned(LINE, [database((), tables_of("a"))], ("a", "d")) == SyncPlan(steps)


def test_where_everything_traceable_is_gone_base_is_recorded_and_all_is_run() -> None:
    before = database(("gone",), tables_of("z"))
    status = status_of(before, LINE, {})
    pairs = {"": (status, said_status(status, (), LINE, {}))}
    steps: list[SyncStep] = [Stamp("", ("gone",), (), ("t_z",)), *(Upgrade(name, "") for name in "abcd")]
    assert plan_as_said(LINE, pairs, {}) == SyncPlan(tuple(steps))


def test_each_database_has_its_own_answer() -> None:
    databases = [database((), tables_of("a")), database((), tables_of("a"), bind="logs")]
    one, other = (status_of(each, LINE, {}) for each in databases)
    pairs = {"": (one, said_status(one, ("b", "c"), LINE, {})), "logs": (other, said_status(other, (), LINE, {}))}
    shop, logs = ("shop.db",), ("logs.db",)
    assert plan_as_said(LINE, pairs, {}) == SyncPlan(
        (
            Stamp("", (), ("c",), where=shop),
            Stamp("logs", (), ("a",), where=logs),
            Upgrade("b", "", where=logs),
            Upgrade("c", "", where=logs),
            Upgrade("d", "", where=(*shop, *logs)),
        )
    )


def test_a_phantom_beside_a_lost_id_is_taken_back_after_the_lost_one_is_out() -> None:
    world = world_of([A, B], [revision("x", "a")], ["gone", "x"], "ax")
    plan = planned(world.scripts, world.databases, (), world.chains)
    assert isinstance(plan, SyncPlan)
    assert [type(each) for each in plan.steps] == [Stamp, Downgrade, Upgrade]
    assert plan.steps[0] == Stamp("", ("gone", "x"), ("x",))


def test_what_keeps_the_plan_back_is_refused_whatever_the_user_says() -> None:
    gone = script_set([B])
    before = database((), tables_of("b"))
    statuses = [status_of(before, gone, {})]
    assert planned(gone, [before], ()) == plan_sync(gone, statuses, {})


@examples(150)
@given(history=histories(most=7), recorded=st.sampled_from([(), ("gone",)]), data=st.data())
def test_an_unproven_revision_is_run_once_by_somebody(
    history: list[Revision], recorded: tuple[str, ...], data: st.DataObject
) -> None:
    here = without_redundant_needs(history)
    names = [each.revision for each in here]
    silent = data.draw(st.sets(st.sampled_from(names))) if names else set()
    out = data.draw(st.sets(st.sampled_from(names))) if names else set()
    scripts = with_data_steps(script_set(here), *silent)
    ran = {name for name in names if out.isdisjoint(scripts.graph.implied([name]))}
    before = database(recorded, tables_of(ran - silent))
    plan = planned(scripts, [before], ran)
    assert isinstance(plan, SyncPlan), plan
    simulated = SimulatedDatabase(here, before)
    assert all(simulated.run(step) for step in plan.steps)
    assert simulated.rows == recorded_by(scripts.graph, names)
    asked = {*unproven_in(status_of(before, scripts, {}), scripts.graph)}
    run_now = {step.revision for step in plan.steps if isinstance(step, Upgrade)}
    assert asked - run_now == asked & ran
