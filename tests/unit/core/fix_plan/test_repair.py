"""Repairs: which scripts get which identifiers, and who has to vouch."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.evidence import Copy, Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.correction import VOUCH
from migmerge.core.fix_plan.plan import Commit, Plan, Policy, Refusal, RemoveScript, Repair, RewriteScript
from migmerge.core.fix_plan.proposals import propose
from migmerge.core.fix_plan.repair import repairs
from migmerge.core.immovable import Immovable
from migmerge.core.provenance import LastSeen, Provenance
from migmerge.core.revision import NEW, Identifiers, Revision
from migmerge.core.script.read import read_carefully
from migmerge.core.snapshot import Snapshot
from tests.support.project import script_text

MIGRATIONS = Environment("", "alembic", ("versions",), "alembic.ini")
FREE = Immovable({}, frozenset())
UNKNOWN = Immovable({}, None)
LATE, EARLY = (Provenance("c" * 40, "ann", f"2026-0{month}-01T00:00:00+00:00") for month in (2, 1))


def script(name: str, *parents: str, path: str = "", uncommitted: str = "") -> Revision:
    identifiers = Identifiers(name, parents, (), (), f"add {name}", "2024-01-02 10:00:00")
    return Revision(identifiers, path or f"versions/{name}.py", uncommitted)


def repair(*scripts: Revision, evidence: Evidence, assumed: bool = False) -> Repair:
    """Return the only repair."""
    snapshot = Snapshot(MIGRATIONS, scripts)
    texts = {
        each.path: script_text(
            each.revision, each.down_revisions if len(each.down_revisions) > 1 else next(iter(each.down_revisions), None)
        )
        for each in scripts
    }
    evidence = evidence._replace(files={path: text.encode() for path, text in texts.items()})
    (found,) = propose(snapshot, diagnose(snapshot, evidence), evidence, Policy(), assumed=assumed)
    assert isinstance(found, Repair)
    return found


def written(plan: Plan | Refusal | None) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the revision and the parents that each changed script says after a plan."""
    assert isinstance(plan, Plan)
    readings = {step.path: read_carefully(step.data) for step in plan.steps if isinstance(step, RewriteScript)}
    return {path: (each.revision, each.down_revisions) for path, each in readings.items() if isinstance(each, Identifiers)}


def refused(found: Repair) -> tuple[str, str]:
    assert isinstance(found.plan, Refusal)
    return found.plan.message, found.plan.hint


NAMED = (script("0003", path="versions/0003_add_sources.py"), script("0004", "0003_add_sources"))


@pytest.mark.parametrize(
    "immovable", [FREE, UNKNOWN, Immovable(), Immovable({"0004": "origin/main"}, frozenset({"0004"}))], ids=str
)
def test_a_name_that_no_alembic_loaded_needs_no_voucher(immovable: Immovable) -> None:
    found = repair(*NAMED, evidence=Evidence(immovable=immovable))
    assert isinstance(found.plan, Plan)
    assert written(found.plan) == {"versions/0004.py": ("0004", ("0003",))}
    assert found.plan.steps[-1] == Commit('Re-parent 0004 onto 0003\n\n0004 "add 0004"')


def test_an_uncommitted_script_is_changed_in_place() -> None:
    found = repair(NAMED[0], NAMED[1]._replace(uncommitted=NEW), evidence=Evidence(immovable=UNKNOWN))
    assert isinstance(found.plan, Plan)
    (step,) = found.plan.steps
    assert isinstance(step, RewriteScript) and step.uncommitted


RENUMBERED = (script("a"), script("other", "a"), script("new", "other"), script("mine", "gone"))
SEEN = LastSeen("d" * 40, "versions/gone.py", "dan", followed=("a",), successor="new", moved=True)
SKIPS = "it is not known whether a database has run mine; one that has would skip other without a word"


@pytest.mark.parametrize(
    ("immovable", "refusal"),
    [
        pytest.param(FREE, None, id="has not run"),
        pytest.param(UNKNOWN, (SKIPS, VOUCH), id="not known"),
        pytest.param(
            Immovable({}, frozenset({"a", "mine"})),
            ("a database has run mine and would skip other, which migmerge sync then runs alone", f"{VOUCH} && migmerge sync"),
            id="has run",
        ),
        pytest.param(Immovable({}, frozenset({"a", "other", "new", "mine"})), None, id="has run both"),
        pytest.param(
            Immovable(None, frozenset()), ("git could not tell whether mine is published", VOUCH), id="git does not tell"
        ),
        pytest.param(
            Immovable({"mine": "origin/main"}, frozenset()),
            ("mine is on origin/main: others have it as it is, and their databases may have run it", VOUCH),
            id="published",
        ),
    ],
)
def test_a_successor_on_another_parent(immovable: Immovable, refusal: tuple[str, str] | None) -> None:
    evidence = Evidence(immovable=immovable, last_seen={"gone": SEEN})
    found = repair(*RENUMBERED, evidence=evidence)
    if refusal is None:
        assert written(found.plan) == {"versions/mine.py": ("mine", ("new",))}
    else:
        assert refused(found) == refusal
        assert written(found.if_vouched) == {"versions/mine.py": ("mine", ("new",))}
        assert written(repair(*RENUMBERED, evidence=evidence, assumed=True).plan) == written(found.if_vouched)


def test_a_parent_that_was_deleted_leaves_nothing_to_skip() -> None:
    seen = SEEN._replace(successor=None, moved=False, was_here=True)
    found = repair(script("a"), script("mine", "gone"), evidence=Evidence(immovable=FREE, last_seen={"gone": seen}))
    assert written(found.plan) == {"versions/mine.py": ("mine", ("a",))}


def test_a_deleted_merge_leaves_its_parents() -> None:
    seen = SEEN._replace(successor=None, moved=False, was_here=True, followed=("b", "c", "a"))
    scripts = script("a"), script("b", "a"), script("c", "a"), script("mine", "gone")
    found = repair(*scripts, evidence=Evidence(immovable=FREE, last_seen={"gone": seen}))
    assert written(found.plan) == {"versions/mine.py": ("mine", ("b", "c"))}


def test_what_was_copied_without_its_parent_follows_the_head_of_this_branch() -> None:
    seen = SEEN._replace(successor=None, moved=False, picked=frozenset({"mine"}))
    scripts = script("a"), script("hotfix", "a"), script("mine", "gone"), script("next", "mine")
    found = repair(*scripts, evidence=Evidence(immovable=FREE, last_seen={"gone": seen}))
    assert written(found.plan) == {"versions/mine.py": ("mine", ("hotfix",))}


LONG = "0009_agent_ownership_public_channel_model"


@pytest.mark.parametrize(
    ("old", "new"),
    [("a-1", "a_1"), ("a@b:c", "a_b_c"), ("base", "base_1"), (LONG, "0009_agent_ownership_public"), ("f" * 40, "f" * 32)],
)
def test_an_id_that_cannot_be_used(old: str, new: str) -> None:
    found = repair(script("a"), script(old, "a"), script("z", old), evidence=Evidence(immovable=FREE))
    assert written(found.plan) == {f"versions/{old}.py": (new, ("a",)), "versions/z.py": ("z", (new,))}


def test_a_long_id_that_a_database_may_record_needs_a_voucher() -> None:
    found = repair(script("a"), script(LONG, "a"), evidence=Evidence(immovable=UNKNOWN))
    assert refused(found) == (f"it is not known whether a database has run {LONG}; its record would be lost", VOUCH)


def test_a_redundant_parent_is_removed() -> None:
    scripts = script("a"), script("b", "a"), script("c", "a"), script("m", "a", "b", "c")
    found = repair(*scripts, evidence=Evidence(immovable=UNKNOWN))
    assert written(found.plan) == {"versions/m.py": ("m", ("b", "c"))}


THEIRS, MINE = script("0002", "0001", path="versions/0002_theirs.py"), script("0002", "0001", path="versions/0002_mine.py")
NEXT = script("0003", "0002")
COPIES = {
    THEIRS.path: Copy(EARLY, "origin/main", is_own=False, blob="1"),
    MINE.path: Copy(LATE, "", is_own=True, blob="2"),
    NEXT.path: Copy(LATE, "", is_own=True, blob="3"),
}


def test_mine_of_two_scripts_with_one_id_gets_the_next_number_and_mine_follow_it() -> None:
    found = repair(script("0001"), THEIRS, MINE, NEXT, evidence=Evidence(immovable=FREE, copies=COPIES))
    assert written(found.plan) == {MINE.path: ("0004", ("0001",)), NEXT.path: ("0003", ("0004",))}


def test_what_somebody_else_wrote_follows_the_other_one() -> None:
    copies = COPIES | {NEXT.path: Copy(EARLY, "origin/main", blob="3")}
    found = repair(script("0001"), THEIRS, MINE, NEXT, evidence=Evidence(immovable=FREE, copies=copies))
    assert written(found.plan) == {MINE.path: ("0004", ("0001",))}


def test_which_of_two_scripts_with_one_id_ran_is_not_known() -> None:
    found = repair(script("0001"), THEIRS, MINE, evidence=Evidence(immovable=Immovable({}, frozenset({"0002"})), copies=COPIES))
    assert refused(found) == ("a database has run 0002, and its record does not say which of the two", VOUCH)


def test_a_copy_is_removed() -> None:
    copies = {THEIRS.path: COPIES[THEIRS.path], MINE.path: COPIES[MINE.path]._replace(blob="1")}
    found = repair(script("0001"), THEIRS, MINE, evidence=Evidence(immovable=UNKNOWN, copies=copies))
    assert isinstance(found.plan, Plan)
    assert found.plan.steps[0] == RemoveScript(MINE.path, script_text("0002", "0001").encode())


@pytest.mark.parametrize(
    "copies",
    [
        pytest.param({}, id="nothing is known"),
        pytest.param({path: known._replace(published=None) for path, known in COPIES.items()}, id="git does not tell"),
        pytest.param({path: known._replace(is_own=False) for path, known in COPIES.items()}, id="none is mine"),
    ],
)
def test_two_scripts_with_one_id_of_which_none_is_surely_mine(copies: dict[str, Copy]) -> None:
    snapshot = Snapshot(MIGRATIONS, (script("0001"), THEIRS, MINE))
    evidence = Evidence(immovable=FREE, copies=copies)
    assert propose(snapshot, diagnose(snapshot, evidence), evidence, Policy()) == []


def text_of(revision: Revision) -> bytes:
    parents, labels = (names if len(names) > 1 else next(iter(names), None) for names in revision.identifiers[1:3])
    return script_text(revision.revision, parents, labels=labels).encode()


THIRD = THEIRS._replace(path="versions/0002_third.py")


def repairs_of(*scripts: Revision, evidence: Evidence) -> list[Repair]:
    """Return all repairs; the files on disk are as the identifiers say."""
    files = {each.path: text_of(each) for each in scripts}
    snapshot, evidence = Snapshot(MIGRATIONS, scripts), evidence._replace(files={**files, **evidence.files})
    found = propose(snapshot, diagnose(snapshot, evidence), evidence, Policy())
    return [each for each in found if isinstance(each, Repair)]


def test_of_three_scripts_with_one_id_all_but_the_published_one_get_another() -> None:
    copies = {**COPIES, THIRD.path: COPIES[MINE.path]._replace(blob="3")}
    found = repairs_of(script("0001"), THEIRS, MINE, THIRD, evidence=Evidence(immovable=FREE, copies=copies))
    renamed = [written(each.plan) for each in found]
    assert renamed == [{MINE.path: ("0003", ("0001",))}, {THIRD.path: ("0004", ("0001",))}]


def test_of_two_own_scripts_that_came_together_the_one_that_alembic_loads_keeps_its_id() -> None:
    copies = {path: COPIES[MINE.path]._replace(blob=path) for path in (MINE.path, THEIRS.path)}
    (found,) = repairs_of(script("0001"), THEIRS, MINE, evidence=Evidence(immovable=FREE, copies=copies))
    assert written(found.plan) == {MINE.path: ("0003", ("0001",))}


PICKED = script("abcdefabcdef", "0001", path="versions/picked.py")
PUBLISHED = PICKED._replace(path="versions/published.py")
BY_BEA = Provenance("b" * 40, "bea", "2024-01-02T10:00:00+00:00", mail="bea@example.invalid")
EDITED = {PICKED.path: text_of(PICKED).replace(b"upgrade():\n    pass", b"upgrade():\n    op.execute('x')")}


@pytest.mark.parametrize(
    "picked", [Copy(BY_BEA._replace(commit="c" * 40), "", blob="1"), Copy(None, "", blob="2", is_picked=True)]
)
def test_an_edited_pick_of_a_published_script_is_removed_and_its_edit_is_shown(picked: Copy) -> None:
    picked = picked._replace(provenance=picked.provenance or BY_BEA._replace(commit="e" * 40, date="", mail="ann"))
    copies = {PUBLISHED.path: Copy(BY_BEA, "origin/main", blob="0"), PICKED.path: picked}
    evidence = Evidence(immovable=FREE, copies=copies, files=EDITED)
    (found,) = repairs_of(script("0001"), PUBLISHED, PICKED, evidence=evidence)
    assert isinstance(found.plan, Plan)
    assert found.plan.steps[0] == RemoveScript(PICKED.path, EDITED[PICKED.path])
    assert found.plan.notes == ("-    op.execute('x')", "+    pass")


def test_an_edited_copy_that_no_commit_holds_is_left_to_the_user() -> None:
    copies = {PUBLISHED.path: Copy(BY_BEA, "origin/main", blob="0"), PICKED.path: Copy(None, "", blob="1")}
    evidence = Evidence(immovable=FREE, copies=copies, files=EDITED)
    assert repairs_of(script("0001"), PUBLISHED, PICKED._replace(uncommitted=NEW), evidence=evidence) == []


def labelled(name: str, parent: str | None, *labels: str) -> Revision:
    revision = script(name, *filter(None, [parent]))
    return revision._replace(identifiers=revision.identifiers._replace(branch_labels=labels))


LABELLED = labelled("a", None, "shop"), labelled("b", "a", "shop", "other")


@pytest.mark.parametrize(
    ("published", "loses"),
    [({}, ("b", ("other",))), ({"b": "origin/main"}, ("a", ())), ({"a": "origin/main"}, ("b", ("other",)))],
)
def test_a_label_that_is_taken_is_lost_by_the_script_that_others_do_not_have(
    published: dict[str, str], loses: tuple[str, tuple[str, ...]]
) -> None:
    (found,) = repairs_of(*LABELLED, evidence=Evidence(immovable=Immovable(published, frozenset())))
    assert labels_of(found.plan) == loses


def labels_of(plan: object) -> tuple[str, tuple[str, ...]]:
    assert isinstance(plan, Plan)
    rewrite = plan.steps[0]
    assert isinstance(rewrite, RewriteScript)
    found = read_carefully(rewrite.data)
    assert isinstance(found, Identifiers)
    return found.revision, found.branch_labels


def test_a_label_that_is_an_id_is_lost() -> None:
    (found,) = repairs_of(script("a"), labelled("b", "a", "a"), evidence=Evidence(immovable=FREE))
    assert labels_of(found.plan) == ("b", ())


def test_a_label_that_one_script_names_twice_is_named_once() -> None:
    (found,) = repairs_of(labelled("b", None, "x", "y", "x"), evidence=Evidence(immovable=FREE))
    assert labels_of(found.plan) == ("b", ("x", "y"))


def test_a_published_label_is_kept_until_the_user_vouches() -> None:
    everywhere = Evidence(immovable=Immovable({"a": "origin/main", "b": "origin/main"}))
    (found,) = repairs_of(*LABELLED, evidence=everywhere)
    assert refused(found) == ("b is on origin/main: others have it as it is", VOUCH)
    assert labels_of(found.if_vouched) == ("b", ("other",))


TOO_LONG = script("x" * 40, "a", path="versions/long.py")
ILLEGAL = script("b@c", "a", path="versions/b.py")
LOOK = "git log -p -- versions/{}.py"


@pytest.mark.parametrize(
    ("bad", "immovable", "message", "hint"),
    [
        pytest.param(
            TOO_LONG,
            Immovable(None, frozenset()),
            f"git could not tell whether {TOO_LONG.revision} is published",
            LOOK.format("long"),
            id="git",
        ),
        pytest.param(
            ILLEGAL,
            Immovable({"b@c": "origin/main"}, frozenset()),
            "b@c is on origin/main: others have it, and build on b@c",
            VOUCH,
            id="published",
        ),
        pytest.param(
            ILLEGAL,
            Immovable({}, frozenset(), frozenset({"b@c"})),
            "b@c is somebody else's",
            LOOK.format("b"),
            id="another author",
        ),
        pytest.param(
            TOO_LONG,
            UNKNOWN,
            f"it is not known whether a database has run {TOO_LONG.revision}; its record would be lost",
            VOUCH,
            id="databases do not tell",
        ),
        pytest.param(
            TOO_LONG,
            Immovable({}, frozenset({TOO_LONG.revision})),
            f"a database has run {TOO_LONG.revision} and records it under this id",
            LOOK.format("long"),
            id="it has run",
        ),
    ],
)
def test_an_unusable_id_that_others_know_stays(bad: Revision, immovable: Immovable, message: str, hint: str) -> None:
    files = {each.path: text_of(each) for each in (script("a"), bad)}
    (found,) = repairs(
        Snapshot(MIGRATIONS, (script("a"), bad)), Evidence(immovable=immovable, files=files), Policy(), assumed=False
    )
    assert refused(found) == (message, hint)
    assert isinstance(found.if_vouched, Plan) is (hint == VOUCH)


def test_which_of_two_scripts_with_one_id_ran_is_not_known_where_databases_do_not_tell() -> None:
    found = repair(script("0001"), THEIRS, MINE, evidence=Evidence(immovable=UNKNOWN, copies=COPIES))
    assert refused(found) == ("it is not known whether a database has run 0002", VOUCH)


def test_a_redundant_parent_stays_where_git_cannot_tell_who_has_it() -> None:
    scripts = script("a"), script("b", "a"), script("c", "a"), script("m", "a", "b", "c")
    found = repair(*scripts, evidence=Evidence(immovable=Immovable(None, None)))
    assert refused(found) == ("git could not tell whether m is published", VOUCH)


def test_of_two_errors_in_one_script_the_first_is_cured() -> None:
    both = script("m" * 40, "a", "b", "c", path="versions/m.py")
    found = repair(script("a"), script("b", "a"), script("c", "a"), both, evidence=Evidence(immovable=FREE))
    assert written(found.plan)["versions/m.py"][1] == ("a", "b", "c")


HEX = [script("abcdefabcdef", "0001", path=f"versions/{name}.py") for name in ("theirs", "mine")]


def test_an_id_that_alembic_made_gives_way_to_another_of_its_kind() -> None:
    copies = {HEX[0].path: COPIES[THEIRS.path], HEX[1].path: COPIES[MINE.path]}
    first = script("0001")._replace(identifiers=script("0001").identifiers._replace(message="other"))
    mine = HEX[1]._replace(identifiers=HEX[1].identifiers._replace(message="other"))
    (found,) = repairs_of(first, HEX[0], mine, evidence=Evidence(immovable=FREE, copies=copies, files={mine.path: text_as(mine)}))
    ((new, parents),) = written(found.plan).values()
    assert len(new) == 12 and int(new, 16) and new != "abcdefabcdef" and parents == ("0001",)


def text_as(revision: Revision) -> bytes:
    return script_text(revision.revision, revision.down_revisions[0], message=revision.message).encode()


def test_a_copy_that_is_not_what_was_looked_at_is_not_removed() -> None:
    same = "1"
    copies = {THEIRS.path: COPIES[THEIRS.path], MINE.path: COPIES[MINE.path]._replace(blob=same)}
    draft = MINE._replace(uncommitted=NEW)
    other = Evidence(immovable=FREE, copies=copies, files={MINE.path: b"edited since"})
    (found,) = repairs_of(script("0001"), THEIRS, draft, evidence=other)
    assert refused(found) == (f"{MINE.path} is not what was looked at", f"git status -- {MINE.path}")


def test_a_copy_that_no_commit_holds_is_removed_without_a_commit() -> None:
    copies = {THEIRS.path: COPIES[THEIRS.path], MINE.path: COPIES[MINE.path]._replace(blob="1")}
    (found,) = repairs_of(
        script("0001"), THEIRS, MINE._replace(uncommitted=NEW), evidence=Evidence(immovable=FREE, copies=copies)
    )
    assert isinstance(found.plan, Plan)
    assert found.plan.steps == (RemoveScript(MINE.path, script_text("0002", "0001").encode(), uncommitted=True),)
