"""The steps that bring databases to a checkout, what they leave in the version table, and what is refused."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from migmerge.core.database.database import Schema, Table
from migmerge.core.database.status import status_of
from migmerge.core.database.sync_plan import SyncPlan, plan_downgrade_first, plan_sync
from migmerge.core.environment import Environment
from migmerge.core.fix_plan.plan import Refusal
from tests.support.examples import examples
from tests.support.histories import (
    SimulatedDatabase,
    recorded_by,
    revision,
    table_of,
    tables_of,
)
from tests.support.worlds import World, world_of, worlds

A, B = revision("a", labels=["main"]), revision("b", "a")
X, Y = revision("x", "a"), revision("y", "a")
ENVIRONMENT = Environment("migrations", "flask-migrate", ("migrations/versions",))


@examples(150)
@example(world_of([A], [revision("x", depends_on=["main"])], "x", "ax"))
@example(world_of([A, revision("x_new", "a")], [X, Y], "xy", "axy"))
@example(
    world_of([A, revision("x_new", "a"), revision("z_new", "x_new")], [X, revision("y", "x"), revision("z", "x")], "yz", "axyz")
)
@given(world=worlds())
def test_the_steps_lead_to_the_checkout(world: World) -> None:
    scripts, chains = world.scripts, world.chains
    statuses = [status_of(each, scripts, chains) for each in world.databases]
    plan = plan_sync(ENVIRONMENT, scripts, statuses, chains)
    if world.is_entangled or any(each.lost for each in statuses):
        assert isinstance(plan, Refusal)
        return
    assert isinstance(plan, SyncPlan), plan
    for each in simulated(world, plan):
        assert each.rows == recorded_by(scripts.graph, scripts.graph.revisions)
        assert each.tables == set(tables_of(scripts.graph.revisions).tables)


def simulated(world: World, plan: SyncPlan) -> list[SimulatedDatabase]:
    """Run the steps of a plan, each of which some database must need."""
    databases = [SimulatedDatabase(world.known, each) for each in world.databases]
    for step in plan.steps:
        assert [each for each in databases if each.run(step)], step
    return databases


@examples(100)
@example(world=world_of([A], [], "a", "a", binds=("", "logs")), seed=1)
@given(world=worlds(), seed=st.integers(1, 63))
def test_what_was_skipped_is_run_again_where_it_was_skipped(world: World, seed: int) -> None:
    """Take some tables out of the first database: those whose place in the checkout is a bit of the seed."""
    first, *others = world.databases
    skipped = {each.revision for place, each in enumerate(world.here) if seed >> place & 1} - set(world.renamed.values())
    left = first.schema.tables.keys() - tables_of(skipped).tables.keys()
    world = world._replace(databases=(replace(first, schema=Schema({name: Table() for name in left})), *others))
    statuses = [status_of(each, world.scripts, world.chains) for each in world.databases]
    plan = plan_sync(ENVIRONMENT, world.scripts, statuses, world.chains)
    if not isinstance(plan, Refusal):
        expected = set(tables_of(world.scripts.graph.revisions).tables)
        assert [each.tables for each in simulated(world, plan)] == [expected] * len(world.databases)


@examples(150)
@example(world=world_of([A], [X], ["gone", "x"], "ax"), is_stamped=True)
@given(world=worlds(binds=[("",)]), is_stamped=st.booleans())
def test_what_the_user_vouches_for_takes_the_place_of_what_nobody_knows(world: World, is_stamped: bool) -> None:
    before = world.databases[0] if is_stamped else replace(world.databases[0], recorded=())
    world = world._replace(databases=(before,))
    scripts, chains, graph = world.scripts, world.chains, world.scripts.graph
    status, stamp = status_of(before, scripts, chains), recorded_by(graph, world.applied(before))
    plan = plan_sync(ENVIRONMENT, scripts, [status], chains, stamp)
    if world.is_entangled or (status.lost and not stamp):
        assert isinstance(plan, Refusal)
        return
    assert isinstance(plan, SyncPlan), plan
    after = simulated(world, plan)[0]
    assert after.rows == recorded_by(graph, graph.revisions)
    gone = {table_of(each.revision) for chain in chains.values() for each in chain.revisions}
    assert after.tables == (set(before.schema.tables) - gone) | set(tables_of(graph.revisions).tables)


@examples(150)
@example(world=world_of([A, revision("b", depends_on=["a"])], [], "b", "ab"), seed=0)
@example(world=world_of([A], [X], "x", "ax"), seed=0)
@given(world=worlds(), seed=st.integers(0, 9))
def test_what_moves_is_downgraded_with_all_that_was_run_on_it(world: World, seed: int) -> None:
    scripts, chains, names = world.scripts, world.chains, sorted(world.scripts.graph.revisions)
    statuses = [status_of(each, scripts, chains) for each in world.databases]
    moved = names[seed % len(names) :][:1] if names else []
    plan = plan_downgrade_first(scripts, statuses, chains, moved)
    phantoms = {name for each in statuses for name in each.phantoms}
    in_the_way = {
        name for name in phantoms if name in world.lost or world.graph.implied([name, *world.successors(name)]) & set(moved)
    }
    if in_the_way:
        assert isinstance(plan, Refusal)
        return
    assert isinstance(plan, SyncPlan), plan
    for before, after in zip(world.databases, simulated(world, plan), strict=True):
        ran = world.graph.implied(before.recorded)
        assert after.rows == recorded_by(world.graph, [name for name in ran if not world.graph.implied([name]) & set(moved)])
