"""What a database has run, what it lacks, and where its schema contradicts its records."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from alembic.script.revision import RevisionError
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.database.effects import Effect
from migmerge.core.database.phantom import Fate
from migmerge.core.database.status import DatabaseStatus, PhantomChain, in_words, overlapping_in, status_of
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.operation import ObjectKind
from migmerge.core.revision import Revision
from tests.support.examples import examples
from tests.support.histories import alembics, database, histories, revision, tables_of
from tests.support.worlds import World, world_of, worlds

A, B, C = revision("a", labels=["main"]), revision("b", "a"), revision("c", "b")
OTHER = revision("x", "a")


class Facts(NamedTuple):
    """The revisions that a status names."""

    applied: str = ""
    pending: str = ""
    phantoms: str = ""
    lost: str = ""
    skipped: str = ""
    begun: str = ""
    made: str = ""
    guess: str | None = None


def facts(status: DatabaseStatus) -> Facts:
    traces = (status.skipped, status.unrecorded_effects)
    skipped, begun = (" ".join(trace.revision for trace in each) for each in traces)
    applied, pending, phantoms, lost = map(" ".join, (sorted(status.applied), status.pending, status.phantoms, status.lost))
    guess = None if status.stamp_guess is None else " ".join(status.stamp_guess.heads)
    return Facts(applied, pending, phantoms, lost, skipped, begun, " ".join(status.made), guess)


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param(world_of([A, B], [], "", ""), Facts(pending="a b", guess=""), id="an empty database"),
        pytest.param(world_of([A, B], [], "b", "ab"), Facts("a b"), id="up to date"),
        pytest.param(world_of([A, B, C], [], "a", "a"), Facts("a", "b c"), id="behind"),
        pytest.param(world_of([A, B, OTHER], [], "b", "ab"), Facts("a b", "x"), id="one branch of two"),
        pytest.param(world_of([A, B], [], "", "ab"), Facts(pending="a b", guess="b"), id="nothing recorded"),
        pytest.param(world_of([A, B], [OTHER], "x", "ax"), Facts("a", "b", "x"), id="a phantom"),
        pytest.param(
            world_of([A, B], [revision("x", depends_on=["a"])], "x", "ax"), Facts("a", "b", "x"), id="below it by depends_on"
        ),
        pytest.param(world_of([A], [revision("x", depends_on=["main"])], "x", "ax"), Facts("a", "", "x"), id="by a label"),
        pytest.param(world_of([A, revision("x_new", "a")], [OTHER], "x", "ax"), Facts("a x_new", "", "x"), id="renamed"),
        pytest.param(
            world_of([A, revision("x_new", "a")], [OTHER], ["x", "gone"], "ax"),
            Facts("a x_new", "", "x gone", "gone", guess="x_new"),
            id="renamed, beside what is lost",
        ),
        pytest.param(world_of([A, B], [], ["gone"], "ab"), Facts("", "a b", "gone", "gone", guess="b"), id="lost"),
        pytest.param(world_of([A, B], [], ["a", "gone"], "ab"), Facts("a", "b", "gone", "gone", guess="b"), id="lost in part"),
        pytest.param(world_of([A, B, C], [], "c", "ac"), Facts("a b c", skipped="b"), id="skipped"),
        pytest.param(world_of([A, B], [OTHER], "x", "a"), Facts("a", "b", "x", skipped="x"), id="a phantom that was skipped"),
        pytest.param(world_of([A, B, C], [], "a", "abc"), Facts("a", "b c", begun="b c", made="b c"), id="made without a record"),
        pytest.param(world_of([A, B, C], [], "a", "ac"), Facts("a", "b c", begun="c", made="c"), id="built on what is not there"),
        pytest.param(
            world_of([A, B], [], "", "b"),
            Facts(pending="a b", begun="b", made="b", guess=""),
            id="nothing recorded, nothing fits",
        ),
    ],
)
def test_a_status(world: World, expected: Facts) -> None:
    assert facts(status_of(world.databases[0], world.scripts, world.chains)) == expected


@examples(150)
@given(world=worlds())
def test_what_ran_is_applied_and_what_is_unknown_is_guessed(world: World) -> None:
    scripts, chains = world.scripts, world.chains
    for each in world.databases:
        status, ran = status_of(each, scripts, chains), world.applied(each)
        assert status.phantoms == tuple(name for name in each.recorded if name not in scripts.graph)
        assert set(status.lost) == set(status.phantoms) & world.lost
        assert (status.skipped, status.unrecorded_effects, status.made) == ((), (), ())
        assert (status.stamp_guess is not None) == bool(status.lost or not each.recorded)
        assert status.applied <= ran
        assert status.lost or ran - status.applied <= set(world.renamed.values())
        assert sorted(status.pending) == sorted(scripts.graph.revisions.keys() - status.applied)
        places = {name: place for place, name in enumerate(status.pending)}
        needs = [(need, name) for name in places for need in scripts.graph.needs(name) if need in places]
        assert all(places[need] < places[name] for need, name in needs)


@examples(100)
@given(world=worlds(binds=[("",)]), data=st.data())
def test_a_table_too_few_or_too_many_is_named_with_its_revision(world: World, data: st.DataObject) -> None:
    before = world.databases[0]
    ran, scripts = world.applied(before), world.scripts
    plain = sorted(scripts.graph.revisions.keys() - world.renamed.values())
    odd = data.draw(st.sets(st.sampled_from(plain))) if plain else set()
    twisted = database(
        before.recorded, tables_of(name.removeprefix("t_") for name in before.schema.tables.keys() ^ tables_of(odd).tables.keys())
    )
    status = status_of(twisted, scripts, world.chains)
    if status.lost or (status.stamp_guess and status.stamp_guess.heads):
        assert (status.skipped, status.unrecorded_effects, status.made) == ((), (), ())
        return
    assert {trace.revision for trace in status.skipped} == odd & ran
    assert {trace.revision for trace in status.unrecorded_effects} == odd - ran
    assert set(status.made) == odd - ran


T, T_A, T_B, IX = (
    Effect("r", ObjectKind.TABLE, "t", None),
    Effect("r", ObjectKind.COLUMN, "t", "a"),
    Effect("r", ObjectKind.COLUMN, "t", "b"),
    Effect("r", ObjectKind.INDEX, "u", "ix"),
)


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ([T, T_A, T_B], "the table t is"),
        ([T_A], "the column t.a is"),
        ([T_A, T_B], "the column t.a and the column t.b are"),
        ([T, T_A, IX], "the table t and the index ix on u are"),
    ],
)
def test_effects_in_words(effects: list[Effect], words: str) -> None:
    assert in_words(effects) == words


@examples(200)
@given(history=histories(most=7), data=st.data())
def test_recorded_revisions_overlap_where_alembic_plans_no_upgrade(history: list[Revision], data: st.DataObject) -> None:
    graph = RevisionGraph(history)
    recorded = tuple(data.draw(st.lists(st.sampled_from(sorted(graph.revisions)), unique=True))) if history else ()
    assert bool(overlapping_in(graph, recorded)) == alembic_finds_overlaps(history, recorded)


def alembic_finds_overlaps(history: list[Revision], recorded: tuple[str, ...]) -> bool:
    try:
        list(alembics(history).iterate_revisions("heads", recorded, implicit_base=True))
    except RevisionError as error:
        return "overlaps" in str(error)
    return False


def test_a_phantom_whose_successor_is_gone_as_well_has_no_other_id_here() -> None:
    world = world_of([A], [OTHER], "x", "ax")
    chains = {"x": PhantomChain(world.chains["x"].phantom, (OTHER,), {"x": (Fate.RENAMED, "gone")})}
    status = status_of(world.databases[0], world.scripts, chains)
    assert (status.renamed, status.phantoms, status.applied) == ((), ("x",), frozenset("a"))
