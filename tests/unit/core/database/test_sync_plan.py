"""The steps that bring databases to a checkout, what they leave in the version table, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migmerge.core.database.database import Address, CatalogObject, Database, Schema
from migmerge.core.database.effects import Effect, PartialEffects
from migmerge.core.database.leftovers import Leftover
from migmerge.core.database.name_clashes import NameClash
from migmerge.core.database.phantom import Phantom
from migmerge.core.database.remainder import Remainder
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import DatabaseStatus, PhantomChain, status_of
from migmerge.core.database.sync_plan import plan_downgrade_first, plan_sync
from migmerge.core.database.sync_steps import Complete, Discard, Downgrade, Rerun, Stamp, SyncPlan, SyncStep, Upgrade, UsersWord
from migmerge.core.environment import Environment
from migmerge.core.fix_plan.plan import Refusal
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import ObjectKind, OtherKind
from migmerge.core.revision import UnreadableScript
from tests.support.examples import examples
from tests.support.histories import (
    SimulatedDatabase,
    recorded_by,
    revision,
    script_of,
    table_of,
    tables_of,
)
from tests.support.worlds import World, world_of, worlds

A, B = revision("a", labels=["main"]), revision("b", "a")
C = revision("c", "b")
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
    plan = plan_sync(scripts, statuses, chains)
    if any(each.lost for each in statuses):
        assert isinstance(plan, Refusal)
        return
    assert isinstance(plan, SyncPlan), plan
    for each in simulated(world, plan):
        assert each.rows == recorded_by(scripts.graph, scripts.graph.revisions)
        assert each.tables == set(tables_of(scripts.graph.revisions).tables)


REFUSED = [
    pytest.param(
        world_of([B], [], "b", "b"), (), "b follows a, which is in no script here", "migmerge check", id="a parent is missing"
    ),
    pytest.param(
        world_of([revision("b", depends_on=["q"])], [], "b", "b"),
        (),
        "b follows q, which is in no script here",
        "migmerge check",
        id="a dependency is missing",
    ),
    pytest.param(
        world_of([revision("b", "c"), revision("c", "b")], [], "", ""),
        (),
        "b and c follow one another in a circle",
        "migmerge check",
        id="a circle",
    ),
    pytest.param(
        world_of([A], [], "a", "a"),
        ("q",),
        "q is no revision of this checkout",
        "migmerge graph --all",
        id="a stamp from elsewhere",
    ),
    pytest.param(
        world_of([A, B], [], "a", "a"),
        ("aa",),
        "aa is no revision of this checkout; the nearest is a",
        "migmerge graph --all",
        id="a stamp that is misspelled",
    ),
    pytest.param(
        world_of([A, B], [], ["gone"], "abz"),
        (),
        "shop.db records gone, which is nowhere to be found; its schema is that of b; t_z would stay behind",
        "git fetch --all && migmerge sync --stamp b",
        id="lost",
    ),
    pytest.param(
        world_of([A, B], [], ["gone"], "z"),
        (),
        "shop.db records gone, which is nowhere to be found, and its schema fits no revision here",
        "git fetch --all && migmerge reset stamp --to base --database shop.db",
        id="lost, and nothing fits",
    ),
    pytest.param(
        world_of([A, B], [], "", "a"),
        (),
        "shop.db has the tables of revisions and records none; its schema is that of a",
        "migmerge sync --stamp a",
        id="nothing recorded",
    ),
]


@pytest.mark.parametrize(("world", "stamp", "message", "hint"), REFUSED)
def test_a_refusal(world: World, stamp: tuple[str, ...], message: str, hint: str) -> None:
    scripts, chains = world.scripts, world.chains
    statuses = [status_of(each, scripts, chains) for each in world.databases]
    assert plan_sync(scripts, statuses, chains, UsersWord(stamp)) == Refusal(message, hint)


@pytest.mark.parametrize(
    ("world", "steps"),
    [
        pytest.param(world_of([A, B], [], "", "b"), (Upgrade("a", ""), Stamp("", ("a",), ("b",))), id="nothing recorded"),
        pytest.param(world_of([A, B, C], [], "a", "ab"), (Stamp("", ("a",), ("b",)), Upgrade("c", "")), id="above the record"),
        pytest.param(
            world_of([A, B, C], [], "a", "ac"), (Upgrade("b", ""), Stamp("", ("b",), ("c",))), id="on what is not there"
        ),
    ],
)
def test_what_is_there_and_not_recorded_is_recorded_in_its_turn(world: World, steps: tuple[SyncStep, ...]) -> None:
    statuses = [status_of(each, world.scripts, world.chains) for each in world.databases]
    assert plan_sync(world.scripts, statuses, world.chains) == SyncPlan(steps)


@pytest.mark.parametrize(("name", "is_refused"), [(None, True), ("x", True), ("y", False)])
def test_no_phantom_is_downgraded_that_an_unreadable_script_may_be(name: str | None, is_refused: bool) -> None:
    world = world_of([A], [X], "x", "ax")
    scripts = replace(world.scripts, unreadable=(UnreadableScript("versions/new.py", "conflict markers", name),))
    plan = plan_sync(scripts, [status_of(world.databases[0], scripts, world.chains)], world.chains)
    refusal = Refusal("shop.db records x, which may be in versions/new.py: conflict markers", "migmerge check")
    assert (plan == refusal) == is_refused


def with_downgrade(body: str) -> ScriptSet:
    """Return the scripts of the checkout a and of the phantom x, whose downgrade() has this body."""
    scripts = world_of([A], [X], "x", "ax").scripts
    return replace(scripts, texts={**scripts.texts, "x": script_of("x").replace(b"op.drop_table('t_x')", body.encode())})


@pytest.mark.parametrize(
    ("body", "warnings"),
    [
        ("op.drop_table('t_x')", ("drops the table t_x with its data",)),
        ("op.drop_column('t', 'c')", ("drops the column t.c with its data",)),
        ("pass", ("its downgrade() does nothing: what x made stays",)),
        ("op.execute('DELETE FROM t; TRUNCATE u')", ("deletes rows of t and u",)),
        ("helper()", ("not read: helper(), which is not defined here",)),
        ("op.drop_index('ix')", ()),
    ],
)
def test_a_downgrade_warns_of_what_is_lost_or_unknown(body: str, warnings: tuple[str, ...]) -> None:
    world = world_of([A], [X], "x", "ax")
    plan = plan_sync(with_downgrade(body), [status_of(world.databases[0], world.scripts, world.chains)], world.chains)
    assert isinstance(plan, SyncPlan)
    assert plan.steps == (Downgrade("x", "", "x.py, in commit c0ffee, on no branch any more", (body,), warnings),)


def test_what_cannot_be_downgraded_is_refused_by_both_plans() -> None:
    world, raises = world_of([A], [X], "x", "ax"), with_downgrade("raise NotImplementedError")
    status = status_of(world.databases[0], world.scripts, world.chains)
    refusal = plan_sync(raises, [status], world.chains)
    assert isinstance(refusal, Refusal) and refusal.message.startswith("the downgrade() of x raises: it cannot be taken back")
    assert refusal.hint == "migmerge reset stamp --database shop.db"
    here = world_of([A, X], [], "x", "ax")
    status = status_of(here.databases[0], here.scripts, {})
    moved = plan_downgrade_first(replace(raises, graph=here.scripts.graph), [status], {}, ["x"])
    assert isinstance(moved, Refusal) and moved.message.startswith("the downgrade() of x raises: it cannot be taken back")
    assert moved.hint == "migmerge fix --strategy merge"


def test_a_record_that_is_there_twice_is_replaced() -> None:
    world = world_of([A, B], [], "a", "a")
    twice = replace(world.databases[0], recorded=("a", "a"))
    plan = plan_sync(world.scripts, [status_of(twice, world.scripts, {})], {})
    assert isinstance(plan, SyncPlan)
    assert plan.steps == (Stamp("", ("a", "a"), ("a",)), Upgrade("b", ""))


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (
            world_of([A, B], [revision("x", "b")], "x", "abx"),
            "shop.db records x, which is in no script here and has run on top of b",
        ),
        (world_of([A, B], [], ["b", "gone"], "ab"), "shop.db records gone, which is in no script here"),
        (
            world_of([A, B, revision("x_new", "b")], [revision("x", "b")], "x", "abx"),
            "shop.db records x, which is in no script here and has run on top of b",
        ),
    ],
)
def test_nothing_moves_below_a_phantom(world: World, message: str) -> None:
    statuses = [status_of(each, world.scripts, world.chains) for each in world.databases]
    assert plan_downgrade_first(world.scripts, statuses, world.chains, ["b"]) == Refusal(message, "migmerge sync")


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
    world = world._replace(databases=(replace(first, schema=Schema({name: first.schema.tables[name] for name in left})), *others))
    statuses = [status_of(each, world.scripts, world.chains) for each in world.databases]
    plan = plan_sync(world.scripts, statuses, world.chains)
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
    plan = plan_sync(scripts, [status], chains, UsersWord(stamp))
    if status.lost and not stamp:
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


@pytest.mark.parametrize(
    ("step", "loses"),
    [
        (Downgrade("c", "", "", ("op.drop_table('c')",)), True),
        (Upgrade("b", ""), False),
        (Upgrade("b", "", ("drops the table a with its data",)), True),
        (Rerun("b", ""), False),
        (Stamp("", ("a",), ("b",)), False),
    ],
    ids=repr,
)
def test_a_plan_loses_something_where_a_step_drops_it(step: SyncStep, loses: bool) -> None:
    assert SyncPlan((Upgrade("a", ""), step)).loses is loses


def test_a_pending_revision_that_drops_a_table_says_so() -> None:
    scripts = ScriptSet(
        RevisionGraph([A, B]),
        {"a": b"", "b": b""},
        {"b": read_operations(b"from alembic import op\ndef upgrade():\n    op.drop_table('a')\n    op.drop_column('t', 'x')\n")},
    )
    status = status_of(Database(Address("sqlite://", "sqlite", "x"), recorded=("a",)), scripts, {})
    plan = plan_sync(scripts, [status], {})
    assert plan == SyncPlan((Upgrade("b", B.message, ("drops the table a and the column t.x with their data",)),))


def test_each_step_names_its_databases_where_there_are_several() -> None:
    world = world_of([A, B], [], "a", "a", binds=("", "logs"))
    behind = replace(world.databases[1], recorded=(), schema=Schema())
    statuses = [status_of(each, world.scripts, {}) for each in (world.databases[0], behind)]
    plan = plan_sync(world.scripts, statuses, {})
    assert isinstance(plan, SyncPlan)
    assert [(step, step.where) for step in plan.steps if isinstance(step, Upgrade)] == [
        (Upgrade("a", A.message, where=("logs.db",)), ("logs.db",)),
        (Upgrade("b", B.message, where=("shop.db", "logs.db")), ("shop.db", "logs.db")),
    ]


SHOP = Database(Address("postgresql:///shop", "postgresql", "shop"), recorded=("a",))
LINE = world_of([A, B], [X], "a", "a").scripts
BEHIND = DatabaseStatus(SHOP, frozenset("a"), ("b",))
ON_X = DatabaseStatus(replace(SHOP, recorded=("x",)), frozenset("a"), ("b",), ("x",))
CHAIN = {"x": PhantomChain(Phantom("x", "c0ffee" * 6, "versions/x.py"), (X,))}
REST = Remainder(b"rest", ("op.create_index('ix', 't', ['id'])",))
HALF = PartialEffects("b", (Effect("b", ObjectKind.INDEX, "t_b", "ix"),), (Effect("b", ObjectKind.TABLE, "t_b", None),))


def steps_for(status: DatabaseStatus, word: UsersWord | None = None, scripts: ScriptSet = LINE) -> tuple[SyncStep, ...]:
    plan = plan_sync(scripts, [status], CHAIN, word or UsersWord())
    assert isinstance(plan, SyncPlan), plan
    return plan.steps


def test_a_pending_revision_that_is_there_in_part_is_completed() -> None:
    begun = replace(BEHIND, remainders={"b": REST}, unrecorded_effects=(HALF,))
    assert steps_for(begun) == (Complete("b", "", "", REST.body, REST.text, is_recorded=False),)


def test_of_a_phantom_that_is_there_in_part_the_rest_is_taken_back() -> None:
    origin = "what is left of it; x.py, in commit c0ffeec0ff, on no branch any more"
    down = Downgrade("x", "", origin, REST.body, text=REST.text)
    assert steps_for(replace(ON_X, remainders={"x": REST})) == (down, Upgrade("b", ""))


def test_an_enum_type_that_a_downgrade_leaves_is_dropped() -> None:
    makes = b"from alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    op.create_table('t_x', sa.Column('m', sa.Enum('a', name='mood')))\ndef downgrade():\n    op.drop_table('t_x')\n"
    scripts = replace(LINE, texts={**LINE.texts, "x": makes}, operations={**LINE.operations, "x": read_operations(makes)})
    mood = Leftover(ObjectKind.ENUM, "mood", "x")
    assert [step for step in steps_for(ON_X, scripts=scripts) if isinstance(step, Discard)] == [Discard("", mood)]
    elsewhere = replace(ON_X, database=replace(ON_X.database, address=Address("sqlite:///x", "sqlite", "x")))
    assert not [step for step in steps_for(elsewhere, scripts=scripts) if isinstance(step, Discard)]


@pytest.mark.parametrize(("is_foreign", "hint"), [(True, "migmerge reset"), (False, "migmerge doctor")])
def test_a_name_that_something_has_which_stays_is_refused(*, is_foreign: bool, hint: str) -> None:
    there = CatalogObject(ObjectKind.INDEX, "ix", "old", is_used=True)
    plan = plan_sync(LINE, [replace(BEHIND, clashes=(NameClash("b", there, is_foreign),))], CHAIN, UsersWord())
    assert plan == Refusal(
        f"b would fail in {BEHIND.database.name}: the index ix is there already on old; nothing was changed", hint
    )


def test_two_objects_of_one_name_are_dropped_both() -> None:
    left = (Leftover(OtherKind.VIEW, "named", "b"), Leftover(OtherKind.FUNCTION, "named", "b"))
    assert steps_for(replace(BEHIND, leftovers=left))[:2] == (Discard("", left[0]), Discard("", left[1]))


def notes_of(status: DatabaseStatus, rerun: tuple[str, ...] = ()) -> tuple[str, ...]:
    plan = plan_sync(LINE, [status], CHAIN, UsersWord(rerun=rerun))
    assert isinstance(plan, SyncPlan), plan
    return plan.notes


RAN = DatabaseStatus(replace(SHOP, recorded=("b",)), frozenset("ab"))


def test_what_is_half_there_and_cannot_be_completed_is_said() -> None:
    half = replace(RAN, skipped=(HALF,))
    assert notes_of(half) == ("b is only half there in shop: the table t_b is, the index ix on t_b is not",)
    assert notes_of(replace(half, remainders={"b": REST})) == ()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "b ran; migmerge sync --rerun b runs it"),
        ({"rewritten": ("b",), "edits": {"b": REST}}, "what was added to b ran; migmerge sync --rerun b runs that"),
        (
            {"rewritten": ("b",)},
            "b ran as it is now, for it was edited; migmerge doctor --deep --assume-applied takes your word that it did",
        ),
    ],
    ids=["unproven", "edited by an addition", "edited"],
)
def test_what_nothing_tells_is_said_with_the_command_that_settles_it(facts: dict[str, object], said: str) -> None:
    unproven = replace(RAN, unproven=("b",), **facts)  # type: ignore[arg-type]
    assert notes_of(unproven) == (f"nothing in shop tells whether {said}",)
    assert notes_of(unproven, ("b",)) == ()
    assert notes_of(replace(unproven, is_emptied=True)) == ()


def test_versions_of_a_phantom_that_nothing_tells_apart_are_a_doubt() -> None:
    chains = {"x": replace(CHAIN["x"], unsure=("1" * 40, "2" * 40, "3" * 40))}
    plan = plan_sync(LINE, [ON_X], chains)
    assert isinstance(plan, SyncPlan)
    what = "x ran as commit 1111111111 has it, or as 2222222222 and 3333333333"
    assert plan.doubts == (f"nothing in shop tells whether {what}; the plan takes the first",)
    kept = plan_sync(LINE, [replace(ON_X, kept=frozenset("x"))], chains)
    assert isinstance(kept, SyncPlan) and kept.doubts == ()


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        pytest.param(
            replace(BEHIND, unrecorded_effects=(HALF,)),
            "b would fail in shop: the table t_b is there already, the index ix on t_b is not",
            "migmerge reset",
            id="half of it is there",
        ),
        pytest.param(
            replace(BEHIND, unrecorded_effects=(replace(HALF, missing=()),)),
            "b would fail in shop: the table t_b is there already, all that it makes",
            "migmerge reset",
            id="something else made it",
        ),
        pytest.param(
            replace(BEHIND, unclear=("b",)),
            "b does in part what has run in shop under another id; what is left of it cannot be told from its text",
            "migmerge graph",
            id="squashed, and unclear",
        ),
    ],
)
def test_what_would_fail_at_its_first_step_is_refused(status: DatabaseStatus, message: str, hint: str) -> None:
    assert plan_sync(LINE, [status], CHAIN) == Refusal(message, hint)


def test_what_made_all_that_a_revision_makes_is_no_reason_to_refuse() -> None:
    assert steps_for(replace(BEHIND, made=("b",), unrecorded_effects=(HALF,))) == (Stamp("", ("a",), ("b",)),)


def test_what_moves_is_taken_back_in_the_databases_that_have_run_it() -> None:
    line = world_of([A, B, C], [], "a", "a").scripts
    shop = DatabaseStatus(replace(SHOP, recorded=("c",)), frozenset("abc"))
    logs = DatabaseStatus(Database(Address("postgresql:///logs", "postgresql", "logs"), "logs", ("b",)), frozenset("ab"), ("c",))
    origin, drops = "(no message)  (about to be re-parented)", "op.drop_table('t_{}')"
    lost = ("drops the table t_{} with its data",)
    assert plan_downgrade_first(line, [shop, logs], {}, ["b"]) == SyncPlan(
        tuple(
            Downgrade(name, "", origin, (drops.format(name),), tuple(each.format(name) for each in lost), where)
            for name, where in (("c", ("shop",)), ("b", ("shop", "logs")))
        )
    )


def test_a_stamp_is_for_a_database_of_which_nobody_knows_what_it_has_run() -> None:
    assert steps_for(BEHIND, UsersWord(stamp=("b",))) == (Upgrade("b", ""),)


def test_a_record_that_is_replaced_says_what_stays_behind() -> None:
    status = replace(ON_X, kept=frozenset("x"), left=(Effect("x", ObjectKind.TABLE, "t_x", None),), unaccounted=("t_old",))
    assert steps_for(status) == (Stamp("", ("x",), ("a",), ("t_old", "the table t_x")), Upgrade("b", ""))


def test_what_is_missing_of_recorded_revisions_is_completed_and_edits_where_the_user_asks() -> None:
    edited = replace(RAN, remainders={"a": REST}, edits={"b": REST})
    missing, added = (Complete(name, "", "", REST.body, REST.text, is_recorded=True) for name in "ab")
    assert steps_for(edited) == (missing,)
    assert steps_for(edited, UsersWord(rerun=("b",))) == (missing, added)


@pytest.mark.parametrize(
    ("downgrade", "left"),
    [("op.drop_table('t_x')", ["_alembic_tmp_t", "mood"]), ("sa.Enum(name='mood').drop(op.get_bind())", ["_alembic_tmp_t"])],
    ids=["the type stays", "the type goes"],
)
def test_what_earlier_runs_left_goes_with_what_this_one_leaves(downgrade: str, left: list[str]) -> None:
    body = f"op.create_table('t_x', sa.Column('m', sa.Enum('a', name='mood')))\ndef downgrade():\n    {downgrade}"
    text = f"from alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    {body}\n".encode()
    scripts = replace(LINE, texts={**LINE.texts, "x": text}, operations={**LINE.operations, "x": read_operations(text)})
    steps = steps_for(replace(ON_X, leftovers=(Leftover(ObjectKind.TABLE, "_alembic_tmp_t"),)), scripts=scripts)
    assert [step.leftover.name for step in steps if isinstance(step, Discard)] == left
