"""The plans that are tried: what texts suggest, to record all phantoms, and to take back all."""

from __future__ import annotations

from dataclasses import replace

from migmerge.core.database.candidates import Situation, first_plan, needs_trial, other_plans
from migmerge.core.database.database import Address, Database, Schema, Table
from migmerge.core.database.phantom import Phantom
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.status import PhantomChain, status_of
from migmerge.core.database.sync_steps import NOTHING_SAID, Downgrade, Stamp, SyncPlan, Upgrade
from migmerge.core.database.trial import Made
from migmerge.core.fix_plan.plan import Refusal
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from tests.support.histories import revision

ADDRESS = Address("sqlite:///shop.db", "sqlite", "shop.db")


def script(upgrade: str, downgrade: str = "pass") -> bytes:
    return f"import codecs\nfrom alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    {upgrade}\ndef downgrade():\n    {downgrade}\n".encode()


def creating(table: str) -> bytes:
    return script(f"op.create_table('{table}', sa.Column('id', sa.Integer))", f"op.drop_table('{table}')")


def situation(phantom: bytes, recorded: str = "p", tables: tuple[str, ...] = ("a", "b")) -> Situation:
    """Return a database that has run a and then p, which a checkout with a and n lacks."""
    texts = {"a": creating("a"), "n": creating("b"), "p": phantom}
    graph = RevisionGraph([revision("a"), revision("n", "a")])
    scripts = ScriptSet(graph, texts, {name: read_operations(text) for name, text in texts.items()})
    chains = {"p": PhantomChain(Phantom("p", "c0ffee", "p.py"), (revision("p", "a"),))}
    schema = Schema({name: Table(frozenset(["id"])) for name in tables})
    return Situation(
        scripts, [status_of(Database(ADDRESS, recorded=(recorded,), schema=schema), scripts, chains)], chains, NOTHING_SAID
    )


MAKES_B = "op.execute(codecs.decode('PERNGR GNOYR o (vq VAGRTRE CEVZNEL XRL)', 'rot13'))"
UNREADABLE = script(MAKES_B, "op.execute(codecs.decode('QEBC GNOYR o', 'rot13'))")


def kinds(plan: SyncPlan | Refusal) -> list[type]:
    assert isinstance(plan, SyncPlan)
    return [type(each) for each in plan.steps]


def test_phantoms_can_be_recorded_or_taken_back() -> None:
    recorded, taken_back = other_plans(situation(UNREADABLE), {"": Made(frozenset(["n"]))})
    assert recorded.steps == (Stamp("", ("p",), ("n",)),)
    assert kinds(taken_back) == [Downgrade, Upgrade]


def test_what_is_not_made_altogether_is_run() -> None:
    recorded, _ = other_plans(situation(UNREADABLE), {"": Made()})
    assert kinds(recorded) == [Stamp, Upgrade]


def test_what_changes_rows_may_have_been_done_by_what_stays() -> None:
    recorded, taken_back = other_plans(situation(UNREADABLE), {"": Made(of_rows=frozenset(["n"]))})
    assert recorded.doubts == ("nothing tells whether what n does to rows was done already in shop.db, under another id",)
    assert taken_back.doubts == ()
    recorded, _ = other_plans(situation(creating("c")), {"": Made(of_rows=frozenset(["n"]))})
    assert recorded.doubts == ()


def test_what_cannot_be_taken_back_can_be_recorded() -> None:
    raises = situation(script(MAKES_B, "raise NotImplementedError"))
    assert isinstance(first_plan(raises), Refusal)
    assert needs_trial(first_plan(raises), raises)
    assert [kinds(each) for each in other_plans(raises, {"": Made(frozenset(["n"]))})] == [[Stamp]]


def test_without_phantoms_there_is_one_plan_and_pending_revisions_need_no_trial() -> None:
    pending = situation(UNREADABLE, recorded="a", tables=("a",))
    assert other_plans(pending, {}) == ()
    assert kinds(first_plan(pending)) == [Upgrade]
    assert not needs_trial(first_plan(pending), pending)


def test_on_mariadb_pending_revisions_are_tried_too() -> None:
    pending = situation(UNREADABLE, recorded="a", tables=("a",))
    status = replace(pending.statuses[0], database=replace(pending.statuses[0].database, address=Address("", "mariadb", "shop")))
    there = pending._replace(statuses=[status])
    assert needs_trial(first_plan(there), there)
