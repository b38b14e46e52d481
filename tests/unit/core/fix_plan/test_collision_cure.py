"""Which of two scripts that do the same may change, and the plan that changes it."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.evidence import ClosedCollision, Evidence
from migmerge.core.fix_plan.collision_cure import CureBasis, cure, open_sides
from migmerge.core.fix_plan.plan import Commit, Plan, Policy, Refusal, Repair, RewriteScript
from migmerge.core.fix_plan.repair import repairs
from migmerge.core.immovable import Immovable
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot

PHONE = "op.add_column('users', sa.Column('phone', sa.Text()))"
FAX = "op.add_column('users', sa.Column('fax', sa.Text()))"


def script(up: str) -> bytes:
    return f"from alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    {up}\ndef downgrade():\n    pass\n".encode()


def revision(name: str, *parents: str) -> Revision:
    return Revision(Identifiers(name, parents, (), (), name, None), f"{name}.py")


SNAPSHOT = Snapshot(
    Environment("migrations", "alembic", ("migrations",)), (revision("a"), revision("b", "a"), revision("c", "a"))
)


def cured(immovable: Immovable, *, assumed: bool = False, b: str = PHONE, c: str = PHONE, files: bool = True) -> Repair:
    data = {"a": script("pass"), "b": script(b), "c": script(c)}
    evidence = Evidence(
        immovable=immovable,
        operations={name: read_operations(each) for name, each in data.items()},
        files={f"{name}.py": each for name, each in data.items()} if files else {},
    )
    (sides,) = open_sides(SNAPSHOT, SNAPSHOT.graph.divergences[0], evidence)
    return cure(sides, CureBasis(SNAPSHOT, evidence, Policy(), assumed))


KNOWN = Immovable({}, frozenset())
"""Of which nothing is published, and no database has run anything."""


@pytest.mark.parametrize(
    ("immovable", "expected"),
    [
        (KNOWN, "c"),
        (Immovable({}, frozenset("c")), "b"),
        (Immovable({"c": "origin/main"}, frozenset()), "b"),
        (KNOWN._replace(others=frozenset("c")), "b"),
        (KNOWN._replace(foreign={"c": "bea wrote c"}), "b"),
        (KNOWN._replace(pushed={"c": "origin/topic"}), "b"),
        (KNOWN._replace(kept={"c": ("the branch x",)}), "b"),
    ],
)
def test_the_script_that_changes_is_one_that_may_move(immovable: Immovable, expected: str) -> None:
    plan = cured(immovable).plan
    assert isinstance(plan, Plan) and plan.moved == (expected,)
    rewrite, commit = plan.steps
    assert isinstance(rewrite, RewriteScript) and isinstance(commit, Commit)
    assert rewrite.data == script("pass") and f"-    {PHONE}\n" in plan.diff


@pytest.mark.parametrize(
    ("immovable", "doubt"),
    [
        (Immovable({}, None), "it is not known whether a database has run c"),
        (KNOWN._replace(pushed={"b": "origin/topic", "c": "origin/topic"}), "c was pushed to origin/topic"),
        (Immovable({"b": "origin/main"}, frozenset(), kept={"c": ("the branch x",)}), "the branch x has c as it is"),
    ],
)
def test_what_cannot_be_known_the_user_vouches_for(immovable: Immovable, doubt: str) -> None:
    asked = cured(immovable)
    assert isinstance(asked.plan, Refusal) and doubt in asked.plan.message and asked.if_vouched
    assert asked.plan.hint == "migmerge fix --assume-unapplied"
    assert cured(immovable, assumed=True).plan == asked.if_vouched


@pytest.mark.parametrize("assumed", [False, True])
@pytest.mark.parametrize(
    ("immovable", "why"),
    [
        (Immovable({}, frozenset("bc")), "a database has run b and a database has run c"),
        (Immovable(None, frozenset()), "git could not tell whether b is published"),
        (Immovable({"b": "origin/main"}, frozenset("c")), "b is on origin/main and a database has run c"),
        (KNOWN._replace(others=frozenset("bc")), "b is somebody else's and c is somebody else's"),
    ],
)
def test_where_neither_may_change_there_is_no_cure(immovable: Immovable, why: str, assumed: bool) -> None:
    refused = cured(immovable, assumed=assumed)
    assert isinstance(refused.plan, Refusal) and f"neither script may change: {why}" in refused.plan.message
    assert refused.if_vouched is None and refused.plan.hint.startswith("edit ")


@pytest.mark.parametrize(
    ("b", "c", "expected"),
    [
        (f"{PHONE}\n    op.create_index('ix', 'users', ['phone'])", PHONE, "c"),
        (PHONE, f"{PHONE}\n    op.create_index('ix', 'users', ['phone'])", "b"),
        (f"{PHONE}\n    {FAX}", f"{FAX}\n    {PHONE}", "c"),
    ],
)
def test_the_side_that_changes_is_one_that_does_without(b: str, c: str, expected: str) -> None:
    plan = cured(KNOWN, b=b, c=c).plan
    assert isinstance(plan, Plan) and plan.moved == (expected,)


def test_scripts_that_are_not_in_the_work_tree_are_not_changed() -> None:
    refused = cured(KNOWN, files=False).plan
    assert isinstance(refused, Refusal) and "is not in the work tree" in refused.message


M = revision("m", "b", "c")
JOINED = Snapshot(
    SNAPSHOT.environment, (revision("a"), revision("b", "a"), revision("c", "b"), revision("d", "a"), revision("m", "c", "d"))
)
CLOSED = ClosedCollision("m", "both sides add the column users.phone", ("b", "d"), (4, 4))


def closed(*collisions: ClosedCollision, immovable: Immovable = KNOWN, **bodies: str) -> list[Repair]:
    """Return the repairs of what the merge revision m joins: c, which follows b, and d."""
    data = {name: script(bodies.get(name, "pass")) for name in JOINED.graph.revisions}
    evidence = Evidence(
        immovable=immovable,
        operations={name: read_operations(each) for name, each in data.items()},
        files={f"{name}.py": each for name, each in data.items()},
        closed=collisions,
    )
    return list(repairs(JOINED, evidence, Policy(), assumed=False))


def test_a_collision_that_a_merge_revision_hides_is_cured_in_one_of_its_sides() -> None:
    (found,) = closed(CLOSED, b=PHONE, d=PHONE)
    assert isinstance(found.plan, Plan) and found.plan.moved == ("d",)
    rewrite, _ = found.plan.steps
    assert isinstance(rewrite, RewriteScript) and rewrite.data == script("pass")


def test_a_collision_of_other_scripts_than_the_sides_has_no_cure() -> None:
    assert closed(CLOSED._replace(revisions=("d", "b")), b=PHONE, d=PHONE) == []
    assert closed(b=PHONE, d=PHONE) == []


def test_of_collisions_that_merge_revisions_hide_one_is_cured_at_a_time() -> None:
    two = f"{PHONE}\n    {FAX}"
    (found,) = closed(CLOSED, CLOSED._replace(what="both sides add the column users.fax", lines=(5, 5)), b=two, d=two)
    assert isinstance(found.plan, Plan | Refusal)


def test_sides_of_which_not_all_is_known_are_not_compared() -> None:
    evidence = Evidence(operations={"b": read_operations(script(PHONE))})
    assert [*open_sides(SNAPSHOT, SNAPSHOT.graph.divergences[0], evidence)] == []
    apart = {name: read_operations(script(body)) for name, body in (("b", PHONE), ("c", FAX))}
    assert [*open_sides(SNAPSHOT, SNAPSHOT.graph.divergences[0], Evidence(operations=apart))] == []
