"""From a decided re-parenting to its plan: the bytes of each file, the words, and the refusals."""

from __future__ import annotations

from typing import Any

import pytest

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.fix_plan.plan import Commit, Plan, Policy, Refusal, RewriteScript
from migmerge.core.fix_plan.reparent_plan import ASSUME_UNAPPLIED, IN_PLACE, MERGE_INSTEAD, plan_reparenting
from migmerge.core.immovable import Immovable
from migmerge.core.provenance import Provenance
from migmerge.core.revision import NEW, Identifiers, Revision
from migmerge.core.script.read import read_carefully
from migmerge.core.snapshot import Snapshot
from tests.support.project import script_text

KNOWN = Immovable({"b": "origin/main"}, frozenset({"a", "b"}))
"""Of which b stays and c, on the same parent, may move."""


def script(name: str, *parents: str, path: str = "", depends_on: tuple[str, ...] = (), uncommitted: str = "") -> Revision:
    identifiers = Identifiers(name, parents, (), depends_on, f"add {name}", "2024-01-02 10:00:00")
    return Revision(identifiers, path or f"versions/{name}.py", uncommitted)


def text(each: Revision) -> bytes:
    parents = each.down_revisions[0] if len(each.down_revisions) == 1 else each.down_revisions or None
    return script_text(each.revision, parents, depends_on=each.depends_on or None).encode()


def planned(*scripts: Revision, policy: Policy | None = None, immovable: Immovable = KNOWN, **known: Any) -> Plan | Refusal:
    known.setdefault("files", {each.path: text(each) for each in scripts})
    evidence = Evidence(immovable=immovable, **known)
    snapshot = Snapshot(Environment("", "alembic", ("versions",)), scripts)
    (divergence,) = snapshot.graph.divergences
    return plan_reparenting(snapshot, divergence, evidence, policy or Policy())


def accepted(*scripts: Revision, **known: Any) -> Plan:
    plan = planned(*scripts, **known)
    assert isinstance(plan, Plan), plan
    return plan


def written(plan: Plan) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return the id, the parents and the needs that each script says once the plan is applied, by its new path."""
    readings = {step.new_path: read_carefully(step.data) for step in plan.steps if isinstance(step, RewriteScript)}
    return {
        path: (each.revision, each.down_revisions, each.depends_on)
        for path, each in readings.items()
        if isinstance(each, Identifiers)
    }


A, B, C, D = script("a"), script("b", "a"), script("c", "a"), script("d", "c")
FORK = (A, B, C, D)


def test_the_lowest_script_of_the_moved_side_follows_the_other_side() -> None:
    plan = accepted(*FORK)
    assert written(plan) == {"versions/c.py": ("c", ("b",), ())}
    assert plan.moved == ("c", "d") and plan.notes == ()
    assert plan.steps[-1] == Commit('Re-parent c onto b\n\nc "add c"\nd "add d"')
    assert plan.reason == "re-parenting puts c after b: c and d exist only here and no database that was asked has run them"


def test_without_a_commit_the_scripts_alone_change() -> None:
    (step,) = accepted(*FORK, policy=Policy(commit=False)).steps
    assert isinstance(step, RewriteScript) and not step.uncommitted


def test_the_team_words_the_commit() -> None:
    plan = accepted(*FORK, policy=Policy(commit_message="db: {revision} on {parents}: {message}"))
    assert plan.steps[-1] == Commit("db: c on b: add c")


def test_a_script_that_no_commit_holds_is_moved_in_place() -> None:
    plan = accepted(A, B, C._replace(uncommitted=NEW), policy=Policy(commit=False))
    (step,) = plan.steps
    assert isinstance(step, RewriteScript) and step.uncommitted
    assert plan.notes == ("c followed a before",)
    assert plan.reason == "re-parenting puts c after b: c is not committed and no database that was asked has run it"


def test_what_somebody_else_wrote_is_named_with_its_author() -> None:
    by = {"c": Provenance("c" * 40, "bea", "2024-05-01", ("topic",), "topic"), "d": Provenance("d" * 40, "ann", "2024-05-01")}
    plan = accepted(*FORK, immovable=KNOWN._replace(others=frozenset("c")), provenance=by)
    assert "c by bea and d exist only here" in plan.reason
    assert plan.steps[-1] == Commit('Re-parent c onto b\n\nc "add c" (bea, topic)\nd "add d" (ann)')


def test_what_was_pushed_is_said() -> None:
    immovable = KNOWN._replace(pushed={"c": "origin/topic", "d": "origin/topic"}, pushes_may_move=True)
    assert "c and d are on origin/topic, which only you wrote" in accepted(*FORK, immovable=immovable).reason


def test_the_head_file_records_the_head_that_remains() -> None:
    files = {each.path: text(each) for each in FORK} | {"head.txt": b"b\nd\n", "other_HEAD": b"?\n"}
    plan = accepted(*FORK, files=files, policy=Policy(commit=False))
    assert plan.steps[-1] == RewriteScript("head.txt", "head.txt", b"b\nd\n", b"d\n")
    assert plan.notes == ("other_HEAD may record the head, and holds something else: look at it",)


NUMBERED = (
    script("0001"),
    script("0002_b", "0001"),
    script("0002_c", "0001"),
    script("0003_d", "0002_c", depends_on=("0002_c",)),
)
LATER = Immovable({"0002_b": "origin/main"}, frozenset({"0001", "0002_b", "0004_elsewhere"}))


def test_a_running_number_that_is_left_is_noted() -> None:
    plan = accepted(*NUMBERED, immovable=LATER)
    assert plan.notes == ("versions/0002_c.py keeps its number; with --renumber it becomes versions/0005_c.py",)
    assert written(plan) == {"versions/0002_c.py": ("0002_c", ("0002_b",), ())}


def test_running_numbers_go_on_after_all_that_are_in_use() -> None:
    plan = accepted(*NUMBERED, immovable=LATER, policy=Policy(renumber=True), used_names=frozenset({"0007_stash.py"}))
    assert written(plan) == {
        "versions/0008_c.py": ("0008_c", ("0002_b",), ()),
        "versions/0009_d.py": ("0009_d", ("0008_c",), ("0008_c",)),
    }
    assert plan.notes == (
        "0002_c is 0008_c now: what builds on it, on another branch too, has to name it so",
        "0003_d is 0009_d now: what builds on it, on another branch too, has to name it so",
    )
    assert plan.steps[-1] == Commit('Re-parent 0008_c onto 0002_b\n\n0002_c "add 0002_c"\n0003_d "add 0003_d"')


@pytest.mark.parametrize("needs", [("0002_c",), ()], ids=["depends on", "follows"])
def test_what_an_uncommitted_script_names_is_not_renumbered(needs: tuple[str, ...]) -> None:
    draft = script("draft", "0001" if needs else "0003_d", depends_on=needs, uncommitted=NEW)
    found = planned(*NUMBERED, immovable=LATER, policy=Policy(renumber=True), uncommitted=(draft,))
    assert found == Refusal("versions/draft.py is not committed and names what would be renumbered", IN_PLACE)
    assert accepted(*NUMBERED, immovable=LATER, policy=Policy(renumber=True), uncommitted=(script("draft", "0001"),))


ONE_COMMIT = {name: Provenance("f" * 40, "ann", "2024-05-01") for name in "cd"}


def test_a_fixup_names_the_commit_that_it_is_folded_into() -> None:
    plan = accepted(*FORK, policy=Policy(fixup=True), provenance=ONE_COMMIT, subjects={"c": "orders"})
    assert plan.steps[-1] == Commit("fixup! orders")


@pytest.mark.parametrize(
    ("immovable", "known", "message"),
    [
        pytest.param(
            KNOWN._replace(pushed={"c": "origin/topic"}, pushes_may_move=True),
            {"provenance": ONE_COMMIT, "subjects": {"c": "orders"}},
            "c was pushed to origin/topic: a fixup would change its commit",
            id="pushed",
        ),
        pytest.param(
            KNOWN,
            {"provenance": ONE_COMMIT},
            "c are not of one commit, which a fixup could be folded into",
            id="no message",
        ),
    ],
)
def test_a_fixup_needs_a_commit_that_may_change(immovable: Immovable, known: dict[str, Any], message: str) -> None:
    found = planned(*FORK, policy=Policy(fixup=True), immovable=immovable, **known)
    assert found == Refusal(message, IN_PLACE)


def test_a_fixup_of_two_commits_is_refused() -> None:
    roots = (A, B, script("c", "a"), script("d", "a"), script("e", "c", "d"))
    subjects = {"c": "orders", "d": "users"}
    found = planned(*roots, policy=Policy(fixup=True), provenance={"c": ONE_COMMIT["c"]}, subjects=subjects)
    assert found == Refusal("c and d are not of one commit, which a fixup could be folded into", IN_PLACE)
    assert accepted(*roots, policy=Policy(fixup=True), provenance=ONE_COMMIT, subjects=subjects)


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        pytest.param(None, "versions/c.py is not in the work tree", "git checkout HEAD -- versions/c.py", id="gone"),
        pytest.param(text(D), "versions/c.py is not what was committed", "git diff HEAD -- versions/c.py", id="edited"),
        pytest.param(b"\x00", "versions/c.py is not what was committed", "git diff HEAD -- versions/c.py", id="no script"),
    ],
)
def test_a_script_is_edited_only_as_it_was_read(data: bytes | None, message: str, hint: str) -> None:
    files = {"versions/c.py": data} if data is not None else {}
    assert planned(*FORK, files=files) == Refusal(message, hint)


def test_an_id_that_ends_a_docstring_is_not_written() -> None:
    odd = script('b"', "a", path="versions/b.py")
    found = planned(A, odd, C, immovable=Immovable({'b"': "origin/main"}, frozenset()))
    assert found == Refusal('the id b" has a quote, a backslash or a control character in it', MERGE_INSTEAD)


@pytest.mark.parametrize(
    ("immovable", "message", "hint"),
    [
        pytest.param(
            KNOWN._replace(applied=None),
            "it is not known whether a database has run c and d; one that has would skip b without a word",
            ASSUME_UNAPPLIED,
            id="databases do not tell",
        ),
        pytest.param(
            KNOWN._replace(kept={"c": ("the branch x",), "d": ("the branch x",)}),
            "the branch x has c as it is and the branch x has d as it is; one that has it already would skip b without a word",
            ASSUME_UNAPPLIED,
            id="kept elsewhere",
        ),
        pytest.param(
            KNOWN._replace(published={"b": "origin/main", "c": "origin/topic"}),
            "it would move what others may rely on: b is on origin/main and c is on origin/topic",
            MERGE_INSTEAD,
            id="published",
        ),
    ],
)
def test_what_must_stay_is_merged_or_vouched_for(immovable: Immovable, message: str, hint: str) -> None:
    assert planned(*FORK, immovable=immovable) == Refusal(message, hint)
