"""What is left of a script that was edited after it had run, or into which others were squashed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migmerge.core.database.database import Schema, Table
from migmerge.core.database.phantom import Phantom
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import DatabaseStatus, PhantomChain, status_of
from migmerge.core.database.sync_plan import plan_sync
from migmerge.core.database.sync_steps import Complete, Stamp, SyncPlan, SyncStep, UsersWord
from migmerge.core.fix_plan.plan import Refusal
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import Revision
from tests.support.histories import database, revision
from tests.support.project import script_text

A, B = revision("a"), revision("b", "a")
MAKES_T, MAKES_U, MAKES_V = (f'op.create_table("{name}", sa.Column("id", sa.Integer))' for name in "tuv")
ONE, TWO = (f'op.execute("INSERT INTO t VALUES ({number})")' for number in (1, 2))


def text(*statements: str, downgrade: str = "pass") -> bytes:
    return script_text("r", upgrade="\n    ".join(statements), downgrade=downgrade).encode()


def scripts_with(here: bytes, older: tuple[bytes, ...], phantom: bytes = b"") -> ScriptSet:
    texts = {"a": here, "b": phantom} if phantom else {"a": here}
    return ScriptSet(
        RevisionGraph([A]), texts, {name: read_operations(each) for name, each in texts.items()}, edited={"a": older}
    )


def status_and_steps(
    scripts: ScriptSet, recorded: str, tables: str, *, rerun: bool = False
) -> tuple[DatabaseStatus, tuple[SyncStep, ...]]:
    chains = {"b": PhantomChain(Phantom("b", "c0ffee", "b.py"), (B,))}
    status = status_of(database([recorded], Schema({name: Table(frozenset(["id"])) for name in tables})), scripts, chains)
    plan = plan_sync(scripts, [status], chains, UsersWord(rerun=("a",) if rerun else ()))
    assert isinstance(plan, SyncPlan)
    return status, plan.steps


@pytest.mark.parametrize(
    ("phantom", "rest"),
    [
        pytest.param(text(MAKES_U, TWO, downgrade='op.drop_table("u")'), (ONE,), id="rows that nothing wrote"),
        pytest.param(text(MAKES_U, ONE, TWO, downgrade='op.drop_table("u")'), (), id="all of it has run"),
    ],
)
def test_what_was_squashed_into_a_recorded_script_runs_as_far_as_it_has_not(phantom: bytes, rest: tuple[str, ...]) -> None:
    scripts = scripts_with(text(MAKES_T, MAKES_U, ONE, TWO), (text(MAKES_T),), phantom)
    status, steps = status_and_steps(scripts, "b", "tu")
    assert status.unproven == ()
    assert status.whole == (() if rest else ("a",))
    assert [each.after for each in steps if isinstance(each, Stamp)] == [("a",)]
    assert [line.replace("'", '"') for each in steps if isinstance(each, Complete) for line in each.body] == [
        line.replace("'", '"') for line in rest
    ]


def test_what_an_edit_added_runs_alone_where_the_user_asks_for_it() -> None:
    scripts = scripts_with(text(MAKES_T, ONE, TWO), (text(MAKES_T, ONE),))
    status, steps = status_and_steps(scripts, "a", "t")
    assert (status.unproven, status.rewritten, steps) == (("a",), ("a",), ())
    _, steps = status_and_steps(scripts, "a", "t", rerun=True)
    assert [(each.revision, each.is_recorded, each.is_all) for each in steps if isinstance(each, Complete)] == [("a", True, True)]
    assert isinstance(steps[0], Complete)
    assert b"VALUES (2)" in steps[0].text and b"VALUES (1)" not in steps[0].text


def test_an_edit_that_took_something_out_leaves_nothing_to_do() -> None:
    status, _ = status_and_steps(scripts_with(text(MAKES_T, ONE), (text(MAKES_T, ONE, TWO),)), "a", "t")
    assert (status.unproven, status.whole) == ((), ("a",))


def test_what_a_downgrade_leaves_and_the_checkout_makes_again_is_kept() -> None:
    texts = {"a": text(MAKES_T), "c": text(MAKES_U), "b": text(MAKES_U)}
    graph = RevisionGraph([A, revision("c", "a")])
    scripts = ScriptSet(graph, texts, {name: read_operations(each) for name, each in texts.items()})
    status, steps = status_and_steps(scripts, "b", "tu")
    assert status.kept == {"b"}
    assert steps == (Stamp("", ("b",), ("c",)),)


def test_what_joins_kept_revisions_and_does_nothing_is_kept_too() -> None:
    texts = {"a": text(MAKES_T), "s": text(MAKES_U), "b": text(MAKES_U, downgrade='op.drop_table("u")')}
    texts |= {"m": text(downgrade="raise NotImplementedError")}
    assert kept_of(texts, [revision("m", "b"), B], "tu") == {"b", "m"}


@pytest.mark.parametrize(
    ("upgrade", "kept"),
    [
        pytest.param('op.drop_column("t", "x")', "bm", id="the checkout has it neither"),
        pytest.param('op.drop_column("t", "id")', "", id="the checkout makes what it dropped"),
        pytest.param('op.create_table("v", sa.Column("id", sa.Integer))', "", id="the checkout does not make what it made"),
        pytest.param("f()", "", id="nobody knows what it did"),
    ],
)
def test_what_cannot_be_taken_back_is_kept_where_the_checkout_comes_to_the_same(upgrade: str, kept: str) -> None:
    texts = {"a": text(MAKES_T), "s": text(MAKES_U), "b": text('op.add_column("t", sa.Column("x", sa.Integer))')}
    texts |= {"m": text(upgrade, downgrade="raise NotImplementedError")}
    assert kept_of(texts, [revision("m", "b"), B], "tu") == set(kept)


def kept_of(texts: dict[str, bytes], chain: list[Revision], tables: str) -> frozenset[str]:
    """Return the revisions of a phantom that are kept in a database with some tables, where the checkout has a and s."""
    operations = {name: read_operations(each) for name, each in texts.items()}
    scripts = ScriptSet(RevisionGraph([A, revision("s", "a")]), texts, operations)
    chains = {chain[0].revision: PhantomChain(Phantom(chain[0].revision, "c0ffee", "m.py"), tuple(chain))}
    schema = Schema({name: Table(frozenset(["id"])) for name in tables})
    return status_of(database([chain[0].revision], schema), scripts, chains).kept


@pytest.mark.parametrize(("tables", "is_refused"), [("uw", True), ("tuw", False)])
def test_a_table_of_the_checkout_that_a_kept_phantom_renamed_is_not_made_anew(tables: str, is_refused: bool) -> None:
    texts = {"a": text(MAKES_T), "c": text(MAKES_U)}
    texts |= {"b": text('op.rename_table("t", "w")', MAKES_U, downgrade='op.drop_table("u")')}
    graph = RevisionGraph([A, revision("c", "a")])
    scripts = ScriptSet(graph, texts, {name: read_operations(each) for name, each in texts.items()})
    chains = {"b": PhantomChain(Phantom("b", "c0ffee", "b.py"), (B,))}
    status = status_of(database(["b"], Schema({name: Table(frozenset(["id"])) for name in tables})), scripts, chains)
    plan = plan_sync(scripts, [status], chains)
    assert status.kept == {"b"}
    assert isinstance(plan, Refusal) is is_refused


def test_an_index_on_a_table_of_the_checkout_is_taken_back() -> None:
    texts = {"a": text(MAKES_T), "s": text(MAKES_U)}
    texts |= {"b": text('op.create_index("ix", "t", ["id"])', downgrade='op.drop_index("ix")')}
    assert kept_of(texts, [B], "tu") == frozenset()


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "sqlite", "postgresql"])
def test_the_rest_of_a_revision_that_died_half_way_is_done(dialect: str) -> None:
    texts = {"a": text(MAKES_T), "b": text(MAKES_U, MAKES_V, ONE)}
    scripts = ScriptSet(RevisionGraph([A, B]), texts, {name: read_operations(each) for name, each in texts.items()})
    there = database(["a"], Schema({name: Table(frozenset(["id"])) for name in "tu"}))
    status = status_of(replace(there, address=replace(there.address, dialect=dialect)), scripts, {})
    assert [line.replace("'", '"') for line in status.remainders["b"].body] == [MAKES_V, ONE]
