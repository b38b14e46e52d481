"""The cure of missing parents: all of a script or none, and none of what a database has run after them."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.correction import VOUCH
from migmerge.core.fix_plan.merge_revision import merge_id
from migmerge.core.fix_plan.plan import Commit, Plan, Policy, Refusal, Repair, RewriteScript
from migmerge.core.fix_plan.proposals import propose, refusal_of
from migmerge.core.immovable import Immovable
from migmerge.core.provenance import LastSeen
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.script.read import read_carefully
from migmerge.core.snapshot import Snapshot
from tests.support.project import script_text

MIGRATIONS = Environment("", "alembic", ("versions",), "alembic.ini")
FREE = Immovable({}, frozenset())
DELETED = LastSeen("d" * 40, "versions/gone.py", "dan", followed=("a",), was_here=True)
LEFT_OUT = DELETED._replace(was_here=False, picked=frozenset({"mine", "joins"}))
ELSEWHERE = DELETED._replace(was_here=False)
BRING = "git checkout dddddddddd -- versions/gone.py"


def script(name: str, *parents: str) -> Revision:
    return Revision(Identifiers(name, parents, (), (), f"add {name}", "2024-01-02 10:00:00"), f"versions/{name}.py")


A, B, MINE = script("a"), script("b", "a"), script("mine", "gone")


def proposed(*scripts: Revision, immovable: Immovable = FREE, assumed: bool = False, **seen: LastSeen) -> list[Plan | Refusal]:
    texts = {
        each.path: script_text(
            each.revision, each.down_revisions[0] if len(each.down_revisions) == 1 else each.down_revisions or None
        )
        for each in scripts
    }
    evidence = Evidence(immovable=immovable, last_seen=seen, files={path: text.encode() for path, text in texts.items()})
    snapshot = Snapshot(MIGRATIONS, scripts)
    findings = diagnose(snapshot, evidence)
    found = propose(snapshot, findings, evidence, Policy(), assumed=assumed)
    if not found:
        return [refusal_of(finding) for finding in findings if finding.is_error]
    assert not any(isinstance(each, Repair) and each.if_vouched for each in found)
    return [each.plan if isinstance(each, Repair) else each for each in found if isinstance(each, (Repair, Refusal))]


def refused(found: list[Plan | Refusal]) -> list[tuple[str, str]]:
    assert all(isinstance(each, Refusal) for each in found)
    return [(each.message.partition("which is in no script: ")[2], each.hint) for each in found if isinstance(each, Refusal)]


def test_two_parents_of_one_script_are_cured_in_one_commit() -> None:
    (plan,) = proposed(A, B, script("joins", "gone", "lost"), gone=DELETED, lost=DELETED._replace(successor="b", followed=("a",)))
    assert isinstance(plan, Plan)
    rewrite, commit = plan.steps
    assert isinstance(rewrite, RewriteScript) and isinstance(commit, Commit)
    text = read_carefully(rewrite.data)
    assert isinstance(text, Identifiers) and text.down_revisions == ("a", "b")
    assert plan.reason == (
        "joins names a instead of gone, which is no longer here; joins names b instead of lost, whose script is here under that id"
    )
    assert commit.message.startswith("Re-parent joins onto a and b\n")


def test_no_parent_of_a_script_is_cured_where_another_one_is_not() -> None:
    found = proposed(A, B, script("joins", "gone", "lost"), gone=DELETED, lost=ELSEWHERE._replace(path="versions/lost.py"))
    assert "git checkout dddddddddd -- versions/lost.py" in [hint for _, hint in refused(found)]


@pytest.mark.parametrize("assumed", [False, True])
@pytest.mark.parametrize("parents", [("b", "gone"), ("gone", "lost")], ids=" ".join)
@pytest.mark.parametrize("seen", [LEFT_OUT, ELSEWHERE], ids=["left out", "elsewhere"])
def test_a_merge_revision_is_brought_what_it_joins(parents: tuple[str, ...], seen: LastSeen, assumed: bool) -> None:
    found = proposed(
        A, B, script(merge_id(parents), *parents), assumed=assumed, gone=seen, lost=seen._replace(path="versions/lost.py")
    )
    wanted = [f"git checkout dddddddddd -- versions/{name}.py" for name in parents if name != "b"]
    assert [hint for _, hint in refused(found)] == wanted
    assert all("has its id from its parents" in reason for reason, _ in refused(found))


def test_a_merge_revision_with_an_id_of_its_own_is_brought_what_it_joins() -> None:
    found = proposed(A, B, script("joins", "b", "gone"), gone=LEFT_OUT)
    assert refused(found) == [
        ("versions/gone.py had it in commit dddddddddd (dan), and joins was copied from there without it", BRING)
    ]


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (DELETED, "versions/gone.py had it in commit dddddddddd (dan), which HEAD contains"),
        (ELSEWHERE._replace(successor="c"), "its script is here as c"),
    ],
    ids=["deleted", "renumbered"],
)
def test_a_merge_revision_of_what_is_gone_is_removed(seen: LastSeen, cause: str) -> None:
    name = merge_id(("b", "gone"))
    ((reason, hint),) = refused(proposed(A, B, script("c", "a"), script(name, "b", "gone"), gone=seen))
    assert reason == f"{cause}; {name} has its id from its parents b and gone, and a merge revision of others is another one"
    assert hint == f"git rm --quiet -- versions/{name}.py && git commit"


@pytest.mark.parametrize("assumed", [False, True])
@pytest.mark.parametrize("seen", [LEFT_OUT, DELETED], ids=["left out", "deleted"])
def test_what_a_database_has_run_after_a_parent_keeps_it(seen: LastSeen, assumed: bool) -> None:
    (found,) = proposed(A, MINE, immovable=Immovable({}, frozenset({"a", "gone", "mine"})), assumed=assumed, gone=seen)
    reason = "a database has run mine after gone; mine keeps that parent as long as a database records it"
    assert found == Refusal(reason, BRING)


@pytest.mark.parametrize("seen", [LEFT_OUT, DELETED], ids=["left out", "deleted"])
def test_what_a_database_may_have_run_after_a_parent_needs_a_voucher(seen: LastSeen) -> None:
    evidence = Evidence(
        immovable=Immovable({}, None),
        last_seen={"gone": seen},
        files={"versions/mine.py": script_text("mine", "gone").encode()},
    )
    snapshot = Snapshot(MIGRATIONS, (A, MINE))
    (found,) = propose(snapshot, diagnose(snapshot, evidence), evidence, Policy())
    assert isinstance(found, Repair) and isinstance(found.if_vouched, Plan)
    assert found.plan == Refusal("it is not known whether a database has run mine after gone", VOUCH)
