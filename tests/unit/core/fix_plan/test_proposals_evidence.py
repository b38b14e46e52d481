"""From findings to proposals where evidence decides: what may move, what only the user knows, and what comes first."""

from __future__ import annotations

import pytest

from migmerge.core.evidence import Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.plan import CreateMergeRevision, Plan, Policy, Proposal, Refusal, Repair, RewriteScript
from migmerge.core.fix_plan.proposals import propose
from migmerge.core.fix_plan.reparent_plan import ASSUME_UNAPPLIED, DOWNGRADE_FIRST, IN_PLACE, MERGE_INSTEAD
from migmerge.core.immovable import Immovable
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import IN_SUBMODULE, NEW, REWIRED, Revision
from migmerge.core.snapshot import Snapshot
from tests.support.project import script_text
from tests.unit.core.fix_plan.test_proposals import MIGRATIONS, script

KNOWN = Immovable({"b": "origin/main"}, frozenset({"a", "b"}))
"""Of which b stays and c, on the same parent, may move."""
NOTHING = Evidence()
A, B, C = script("a"), script("b", "a"), script("c", "a")
PHONE = "op.add_column('users', sa.Column('phone', sa.Text()))"


def text(each: Revision, upgrade: str = "pass") -> bytes:
    parents = each.down_revisions[0] if len(each.down_revisions) == 1 else each.down_revisions or None
    return script_text(each.revision, parents, upgrade=upgrade).encode()


def proposed(*scripts: Revision, evidence: Evidence, assumed: bool = False) -> list[Proposal | Repair | Refusal]:
    known = evidence._replace(files={each.path: text(each) for each in scripts} | dict(evidence.files))
    snapshot = Snapshot(MIGRATIONS, scripts)
    return propose(snapshot, diagnose(snapshot, known), known, Policy(commit=False), assumed=assumed)


def the_proposal(*scripts: Revision, immovable: Immovable, evidence: Evidence = NOTHING, assumed: bool = False) -> Proposal:
    (found,) = proposed(*scripts, evidence=evidence._replace(immovable=immovable), assumed=assumed)
    assert isinstance(found, Proposal)
    return found


def certainty(plan: Plan | Refusal | None) -> str:
    """Return what a plan says of the databases."""
    assert isinstance(plan, Plan), plan
    return plan.reason.partition(" only here")[2] or plan.reason.partition(" not committed")[2]


def test_what_is_known_to_be_free_moves() -> None:
    found = the_proposal(A, B, C, immovable=KNOWN)
    assert certainty(found.reparent) == " and no database that was asked has run it"
    assert (found.if_unapplied, found.if_downgraded_first) == (None, None)


def test_what_databases_do_not_tell_is_offered_as_right_only_if_they_have_not() -> None:
    found = the_proposal(A, B, C, immovable=KNOWN._replace(applied=None))
    unknown = "it is not known whether a database has run c; one that has would skip b without a word"
    assert found.reparent == Refusal(unknown, ASSUME_UNAPPLIED)
    assert certainty(found.if_unapplied) == "; right only if no database has run it"


def test_what_the_user_vouches_for_is_said_to_be_so() -> None:
    found = the_proposal(A, B, C, immovable=KNOWN._replace(applied=None), assumed=True)
    assert certainty(found.reparent) == " and, as you say, no database has run it"
    assert found.if_unapplied is None


def test_what_is_published_is_refused_whatever_databases_have_run() -> None:
    both = {"b": "origin/main", "c": "origin/topic"}
    for applied in (None, frozenset[str]()):
        found = the_proposal(A, B, C, immovable=Immovable(both, applied))
        assert isinstance(found.reparent, Refusal) and found.reparent.hint == MERGE_INSTEAD
        assert (found.if_unapplied, found.if_downgraded_first) == (None, None)


RUN = KNOWN._replace(applied=frozenset("abc"))
SKIPS = "your database has run c; re-parented as it is, it would skip what comes before"


def test_what_the_database_at_hand_has_run_is_taken_back_first() -> None:
    found = the_proposal(A, B, C, immovable=RUN)
    assert found.reparent == Refusal(SKIPS, DOWNGRADE_FIRST)
    assert certainty(found.if_downgraded_first) == "; right once your database has taken back it"
    assert found.if_unapplied is None


def test_what_was_pushed_needs_a_voucher() -> None:
    found = the_proposal(A, B, C, immovable=KNOWN._replace(pushed={"c": "origin/topic"}))
    assert isinstance(found.reparent, Refusal) and found.reparent.hint == ASSUME_UNAPPLIED
    assert isinstance(found.if_unapplied, Plan) and found.if_downgraded_first is None
    assert found.if_unapplied.reason.endswith(
        "c is on origin/topic, which only you wrote and, as far as databases can be asked, none has run it"
    )


def test_what_was_pushed_and_has_run_here_needs_both() -> None:
    pushed = RUN._replace(pushed={"c": "origin/topic"})
    found = the_proposal(A, B, C, immovable=pushed)
    assert found.reparent == Refusal(SKIPS, f"{DOWNGRADE_FIRST} --assume-unapplied")
    assert (found.if_unapplied, found.if_downgraded_first) == (None, None)
    vouched = the_proposal(A, B, C, immovable=pushed, assumed=True)
    assert vouched.reparent == Refusal(SKIPS, DOWNGRADE_FIRST) and isinstance(vouched.if_downgraded_first, Plan)


@pytest.mark.parametrize(
    ("contains", "on_top"),
    [({"c": frozenset("ab")}, True), ({"c": frozenset("a")}, False), ({}, False)],
    ids=["after the rest", "beside the rest", "not known"],
)
def test_what_git_has_after_the_rest_is_recommended_there(contains: dict[str, frozenset[str]], on_top: bool) -> None:
    found = the_proposal(A, B, C, immovable=KNOWN, evidence=Evidence(contains=contains))
    assert found.is_on_top is on_top
    unsure = the_proposal(A, B, C, immovable=KNOWN._replace(applied=None), evidence=Evidence(contains=contains))
    assert unsure.is_on_top is on_top
    assert not the_proposal(A, B, C, immovable=Immovable(), evidence=Evidence(contains=contains)).is_on_top


DRAFT = C._replace(uncommitted=NEW)
COMMITTED_ONLY = Refusal("a merge revision joins committed revisions alone", IN_PLACE)


@pytest.mark.parametrize(
    ("applied", "assumed", "said"),
    [
        pytest.param(frozenset("ab"), False, " and no database that was asked has run it", id="known"),
        pytest.param(None, True, " and, as you say, no database has run it", id="vouched for"),
    ],
)
def test_a_script_that_no_commit_holds_moves_in_place(applied: frozenset[str] | None, assumed: bool, said: str) -> None:
    found = the_proposal(A, B, DRAFT, immovable=Immovable({}, applied), assumed=assumed)
    assert found.is_in_place and found.merge == COMMITTED_ONLY and found.if_unapplied is None
    assert certainty(found.reparent) == said


def test_a_script_that_no_commit_holds_moves_if_no_database_has_run_it() -> None:
    found = the_proposal(A, B, DRAFT, immovable=Immovable({}, None))
    assert isinstance(found.reparent, Refusal) and found.reparent.hint == ASSUME_UNAPPLIED
    assert certainty(found.if_unapplied) == "; right only if no database has run it"


def test_a_script_of_which_git_cannot_tell_stays_in_place() -> None:
    found = the_proposal(A, B, DRAFT, immovable=Immovable(None, None))
    assert found.reparent == Refusal(
        "it would move what others may rely on: git could not tell whether b is published and "
        "git could not tell whether c is published",
        MERGE_INSTEAD,
    )
    assert found.if_unapplied is None


def test_a_script_that_another_branch_has_is_committed_first() -> None:
    refusal = Refusal(
        "migrations/versions/c.py is not committed here, and another branch has it: commit it first",
        "git add migrations/versions/c.py && git commit",
    )
    found = the_proposal(A, B, DRAFT, immovable=Immovable({"c": "origin/topic"}, frozenset()))
    assert (found.merge, found.reparent, found.is_in_place) == (refusal, refusal, True)


def test_what_is_committed_is_joined_before_what_is_not() -> None:
    draft = script("d", "a", path="migrations/versions/d.py")._replace(uncommitted=NEW)
    found = the_proposal(A, B, C, draft, immovable=KNOWN)
    assert isinstance(found.merge, Plan) and isinstance(found.merge.steps[0], CreateMergeRevision)
    assert found.merge.steps[0].parents == ("b", "c")


def test_a_committed_script_does_not_follow_one_that_is_not() -> None:
    assert proposed(A, B._replace(uncommitted=NEW), script("c", "b"), evidence=Evidence()) == [
        Refusal(
            "migrations/versions/b.py is not committed, and what follows it is", "git add migrations/versions/b.py && git commit"
        )
    ]


def test_a_script_whose_parents_were_edited_is_settled_first() -> None:
    (found,) = proposed(A, B, C._replace(uncommitted=REWIRED), evidence=Evidence(immovable=KNOWN))
    assert found == Refusal(f"migrations/versions/c.py: {REWIRED}", "git diff HEAD -- migrations/versions/c.py")


def test_computed_labels_may_set_heads_apart() -> None:
    unknown = C._replace(identifiers=C.identifiers._replace(unknown=("branch_labels",)))
    (found,) = proposed(A, B, unknown, evidence=Evidence(immovable=KNOWN))
    assert found == Refusal(
        "the branch_labels of migrations/versions/c.py are computed and may set the heads apart",
        "git log -p -- migrations/versions/c.py",
    )


@pytest.mark.parametrize(
    ("published", "clause"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"b": "origin/main"}, "; b is on origin/main", id="one side"),
        pytest.param({"b": "origin/main", "c": "origin/main"}, "; both sides are on origin/main", id="both sides"),
        pytest.param({"b": "x", "c": "y"}, "; b is on x and c is on y", id="each elsewhere"),
    ],
)
def test_a_merge_revision_says_what_is_published(published: dict[str, str], clause: str) -> None:
    found = the_proposal(A, B, C, immovable=Immovable(published, frozenset()))
    assert isinstance(found.merge, Plan) and found.merge.reason == f"a merge revision joins b and c and changes neither{clause}"


def test_a_merge_revision_of_three_says_what_is_published() -> None:
    three = (A, B, C, script("d", "a"))
    everywhere = the_proposal(*three, immovable=Immovable(dict.fromkeys("bcd", "origin/main"), frozenset())).merge
    assert isinstance(everywhere, Plan) and everywhere.reason.endswith("changes none of them; all sides are on origin/main")
    two = the_proposal(*three, immovable=Immovable({"b": "x", "d": "x"}, frozenset())).merge
    assert isinstance(two, Plan) and two.reason.endswith("; b and d are on x")


def test_a_merge_revision_lies_in_the_repository_itself() -> None:
    inner = script("b", "a", path="vendored/versions/b.py")._replace(uncommitted=IN_SUBMODULE)
    found = the_proposal(A, inner, C, immovable=KNOWN)
    assert isinstance(found.merge, Plan) and isinstance(found.merge.steps[0], CreateMergeRevision)
    assert found.merge.steps[0].folder == "migrations/versions"


def colliding(immovable: Immovable, *, assumed: bool = False, files: bool = True) -> list[Proposal | Repair | Refusal]:
    """Propose for b and c, which both add one column."""
    data = {"a": text(A), "b": text(B, PHONE), "c": text(C, PHONE)}
    evidence = Evidence(
        immovable=immovable,
        operations={name: read_operations(each) for name, each in data.items()},
        files={f"migrations/versions/{name}.py": each if files else b"" for name, each in data.items()},
    )
    return proposed(A, B, C, evidence=evidence, assumed=assumed)


def test_what_both_sides_do_is_dropped_from_one_before_they_are_joined() -> None:
    (found,) = colliding(KNOWN)
    assert isinstance(found, Repair) and isinstance(found.plan, Plan)
    assert [step.path for step in found.plan.steps if isinstance(step, RewriteScript)] == ["migrations/versions/c.py"]


def test_what_both_sides_do_is_said_where_neither_may_change() -> None:
    (found,) = colliding(Immovable(dict.fromkeys("bc", "origin/main"), frozenset()))
    assert isinstance(found, Proposal) and isinstance(found.merge, Plan) and found.obstacle is not None
    assert found.obstacle.message.startswith("whichever side runs second fails: ")
    assert found.obstacle.message.endswith("; or choose a --strategy all the same")
    assert "neither script may change: b is on origin/main and c is on origin/main" in found.obstacle.message
