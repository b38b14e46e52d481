"""From findings to plans: what is joined, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from hypothesis import given, settings

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.merge_revision import merge_id
from migmerge.core.fix_plan.plan import Commit, CreateMergeRevision, Plan, Policy, Proposal, Refusal, Repair
from migmerge.core.fix_plan.proposals import propose
from migmerge.core.provenance import Provenance
from migmerge.core.revision import Identifiers, Revision, Script, UnreadableScript
from migmerge.core.snapshot import Snapshot
from migmerge.core.text import enumerate_names
from tests.support.histories import histories

MIGRATIONS = Environment("migrations", "flask-migrate", ("migrations/versions",), "migrations/alembic.ini")
WRITTEN = datetime(2024, 1, 2, 10)


def script(
    name: str,
    *parents: str,
    message: str = "",
    date: str | None = "2024-01-02 10:00:00",
    labels: tuple[str, ...] = (),
    path: str | None = None,
) -> Revision:
    identifiers = Identifiers(name, parents, labels, (), message or f"add {name}", date)
    return Revision(identifiers, path or f"migrations/versions/{name}.py")


def plans(
    *scripts: Script, evidence: Evidence | None = None, commit: bool = True, commit_message: str | None = None
) -> list[Plan | Repair | Refusal]:
    """Diagnose and plan the merge revisions, as `fix` does."""
    snapshot, known = Snapshot(MIGRATIONS, scripts), evidence or Evidence()
    proposals = propose(snapshot, diagnose(snapshot, known), known, Policy(commit, commit_message))
    return [each.merge if isinstance(each, Proposal) else each for each in proposals]


def joining(*parents: str, message: str, create_date: datetime = WRITTEN) -> CreateMergeRevision:
    return CreateMergeRevision(MIGRATIONS, merge_id(parents), parents, message, create_date, "migrations/versions")


ROOT = script("a")
DIVERGED = (ROOT, script("b", "a", message="add email"), script("c", "a", message="add orders"))
STEP = joining("b", "c", message="merge add email and add orders")
REASON = "a merge revision joins b and c and changes neither"
PROVENANCE = {
    "b": Provenance("b" * 40, "ann", "2024-05-01T12:00:00+02:00"),
    "c": Provenance("c" * 40, "bea", "2024-05-01T11:00:00+00:00", ("feature",), "feature"),
}


def test_two_heads_are_joined_and_committed() -> None:
    commit = Commit('Merge revisions b and c\n\nb "add email"\nc "add orders"')
    assert plans(*DIVERGED) == [Plan((STEP, commit), REASON)]
    assert plans(*DIVERGED[::-1]) == plans(*DIVERGED)


def test_the_commit_message_says_who_wrote_what() -> None:
    commit = Commit('Merge revisions b and c\n\nb "add email" (ann)\nc "add orders" (bea, feature)')
    assert plans(*DIVERGED, evidence=Evidence(PROVENANCE)) == [Plan((STEP, commit), REASON)]


def test_a_commit_message_shows_what_a_terminal_would_obey() -> None:
    scripts = (ROOT, script("b", "a", message="\x1b[31madd\x07"), script("c", "a"))
    evidence = Evidence({"c": Provenance("c" * 40, "be\x1b[2Ja", "")})
    (plan,) = plans(*scripts, evidence=evidence)
    assert isinstance(plan, Plan)
    assert plan.steps[1] == Commit('Merge revisions b and c\n\nb "\\x1b[31madd\\x07"\nc "add c" (be\\x1b[2Ja)')


def test_without_a_commit_there_is_one_step() -> None:
    assert plans(*DIVERGED, commit=False, commit_message="unused") == [Plan((STEP,), REASON)]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("merge", "merge", id="no name"),
        pytest.param("", "", id="empty"),
        pytest.param(
            "db: {message}\n\n{parents} -> {revision}",
            f"db: merge add email and add orders\n\nb and c -> {merge_id('bc')}",
            id="every name",
        ),
        pytest.param("{revision}{revision}", merge_id("bc") * 2, id="one name twice"),
        pytest.param("{other} {} {0} {revision!r} %s {", "{other} {} {0} {revision!r} %s {", id="other braces"),
    ],
)
def test_a_commit_message_may_be_a_template(template: str, message: str) -> None:
    assert plans(*DIVERGED, commit_message=template) == [Plan((STEP, Commit(message)), REASON)]


def test_a_name_within_a_value_is_no_blank() -> None:
    scripts = (ROOT, script("{message}", "a"), script("c", "a", message="add {parents} {revision}"))
    (plan,) = plans(*scripts, commit_message="{parents}: {message}")
    assert isinstance(plan, Plan)
    assert plan.steps[1] == Commit("c and {message}: merge add {parents} {revision} and add {message}")


def test_three_heads_are_joined_at_once() -> None:
    (plan,) = plans(ROOT, script("d", "a"), script("b", "a"), script("c", "a"), commit=False)
    step = joining("b", "c", "d", message="merge add b, add c and add d")
    assert plan == Plan((step,), "a merge revision joins b, c and d and changes none of them")


def test_each_divergence_gets_its_own_plan() -> None:
    labelled = (script("b", "a", labels=("x",)), script("c", "a", labels=("y",)))
    scripts = (ROOT, *labelled, script("d", "b"), script("e", "b"), script("f", "c"), script("g", "c"))
    first, second = joining("d", "e", message="merge add d and add e"), joining("f", "g", message="merge add f and add g")
    assert plans(*scripts, commit=False) == [
        Plan((first,), "a merge revision joins d and e and changes neither"),
        Plan((second,), "a merge revision joins f and g and changes neither"),
    ]


def test_the_script_goes_where_its_first_parent_lies() -> None:
    scripts = (ROOT, script("b", "a", path="migrations/versions/2024/b.py"), script("c", "a"))
    (plan,) = plans(*scripts, commit=False)
    assert isinstance(plan, Plan) and isinstance(plan.steps[0], CreateMergeRevision)
    assert plan.steps[0].folder == "migrations/versions/2024"


@pytest.mark.parametrize(
    ("one", "other", "known", "expected"),
    [
        pytest.param("2024-05-01 12:00:00", "2024-04-01 12:00:00", True, "2024-05-01 12:00:00", id="the later"),
        pytest.param("2024-04-01 12:00:00", "2024-05-01 12:00:00", True, "2024-05-01 12:00:00", id="the later, other side"),
        pytest.param("2024-05-01 12:00:00+02:00", "2024-05-01 11:00:00+00:00", False, "2024-05-01 11:00:00+00:00", id="zones"),
        pytest.param("2024-05-01 12:00:00", "2024-05-01 13:00:00+02:00", False, "2024-05-01 12:00:00", id="one without a zone"),
        pytest.param("2024-05-01 12:00:00", None, True, "2024-05-01 12:00:00", id="one without a date"),
        pytest.param("yesterday", "2024-01-01 12:00:00", True, "2024-01-01 12:00:00", id="one in another form"),
        pytest.param(None, None, True, "1970-01-01 00:00:00", id="none, though the commits have one"),
        pytest.param("yesterday", None, True, "1970-01-01 00:00:00", id="none that is read"),
        pytest.param(None, None, False, "1970-01-01 00:00:00", id="none at all"),
    ],
)
def test_the_date_is_the_latest_of_the_parents(one: str | None, other: str | None, known: bool, expected: str) -> None:
    scripts = (ROOT, script("b", "a", date=one), script("c", "a", date=other))
    (plan,) = plans(*scripts, evidence=Evidence(PROVENANCE if known else {}))
    assert isinstance(plan, Plan) and isinstance(plan.steps[0], CreateMergeRevision)
    assert str(plan.steps[0].create_date) == expected


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param((), id="no script"),
        pytest.param((ROOT, script("b", "a")), id="one head"),
        pytest.param((ROOT, script("b", "a", labels=("x",)), script("c", "a")), id="labelled"),
        pytest.param((script("a", labels=("x",)), script("b", labels=("y",))), id="labelled roots"),
        pytest.param((*DIVERGED, script("m", "b", "c"), script("n", "b", "c"), script("o", "m", "n")), id="double merge joined"),
        pytest.param((ROOT, script("b", "a", "gone")), id="missing parent under one head"),
        pytest.param((ROOT, script("b", "a"), script("b", "a", path="migrations/versions/b2.py")), id="copy of the one head"),
        pytest.param((ROOT, UnreadableScript("migrations/versions/b.py", "why")), id="unreadable beside one head"),
    ],
)
def test_where_nothing_diverges_nothing_is_planned(scripts: Sequence[Script]) -> None:
    assert plans(*scripts) == []


@pytest.mark.parametrize(
    ("scripts", "refusals"),
    [
        pytest.param(
            (*DIVERGED, script("d", "a", "gone")),
            [
                Refusal(
                    'MM002 missing-parent: d "add d" has the down_revision gone, which is in no script: '
                    "no commit that this clone has holds it",
                    "edit migrations/versions/d.py:1: name another down_revision than gone, then git commit migrations/versions/d.py",
                )
            ],
            id="MM002",
        ),
        pytest.param(
            (*DIVERGED, script("c", "a", path="migrations/versions/copy.py")),
            [
                Refusal(
                    "MM003 duplicate-revision: 2 scripts have the id c: migrations/versions/c.py and migrations/versions/copy.py; "
                    "remove the copy, or give the later one an id of its own (a merge revision is not the cure)",
                    "edit migrations/versions/copy.py:1: give it another id than c, or remove it",
                )
            ],
            id="MM003",
        ),
        pytest.param(
            (*DIVERGED, script("x", "y"), script("y", "x")),
            [
                Refusal(
                    "MM004 revision-cycle: x and y follow one another in a circle; correct the reference that closes it",
                    "edit migrations/versions/x.py:1: name another revision than y",
                )
            ],
            id="MM004",
        ),
        pytest.param(
            (script("a", "a"),),
            [
                Refusal(
                    "MM004 revision-cycle: a follows itself; correct the reference that closes it",
                    "edit migrations/versions/a.py:1: name another revision than a",
                )
            ],
            id="MM004 without a head",
        ),
        pytest.param(
            (*DIVERGED, UnreadableScript("migrations/versions/d.py", "conflict markers on line 7", "d")),
            [
                Refusal(
                    "MM005 unreadable-script: migrations/versions/d.py: conflict markers on line 7; "
                    "its place in the history cannot be known",
                    "edit migrations/versions/d.py:1: correct it",
                )
            ],
            id="MM005",
        ),
        pytest.param(
            (script("a"), script("b")),
            [
                Refusal(
                    'MM010 unlabelled-bases: a "add a", which nothing follows, and b "add b", which nothing follows, are unrelated roots without a branch label; '
                    "set the down_revision where a root was not meant, or branch_labels where it was; "
                    "a merge revision would tie them together for good",
                    "edit migrations/versions/b.py:1: name the down_revision, or a label in branch_labels",
                )
            ],
            id="MM010",
        ),
        pytest.param(
            (ROOT, script("it's", "a", path="migrations/versions/b c.py"), script("c", "a")),
            [
                Refusal(
                    "the id of migrations/versions/b c.py has a quote, a backslash or a control character in it",
                    "git log -p -- 'migrations/versions/b c.py'",
                )
            ],
            id="unsafe id",
        ),
    ],
)
def test_what_a_merge_revision_would_bury_is_refused(scripts: Sequence[Script], refusals: list[Refusal]) -> None:
    assert plans(*scripts) == refusals


def test_every_cause_of_a_refusal_is_said() -> None:
    unreadable = UnreadableScript("migrations/versions/u.py", "no revision id is assigned")
    found = plans(*DIVERGED, unreadable, script("d", "a", "gone"), script("c", "a", path="migrations/versions/copy.py"))
    assert [each.message.split()[0] for each in found if isinstance(each, Refusal)] == ["MM005", "MM003", "MM002"]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("scripts", "parents", "message"),
    [
        pytest.param(
            (*DIVERGED, script("d", "b")), ("c", "d"), "merge add orders and add d", id="MM002 once the parent is there"
        ),
        pytest.param(
            (*DIVERGED, script("d", "a")), ("b", "c", "d"), "merge add email, add orders and add d", id="MM003 once ids differ"
        ),
        pytest.param((*DIVERGED, script("x", "b")), ("c", "x"), "merge add orders and add x", id="MM004 once it is no circle"),
        pytest.param((*DIVERGED, script("d", "c")), ("b", "d"), "merge add email and add d", id="MM005 once it is read"),
        pytest.param(
            (ROOT, script("x", "a"), script("y", "a")), ("x", "y"), "merge add x and add y", id="MM010 once the roots are one"
        ),
        pytest.param(
            (ROOT, script("its", "a"), script("c", "a")), ("c", "its"), "merge add c and add its", id="unsafe id once it is safe"
        ),
        pytest.param((*DIVERGED, script("r")), ("b", "c"), "merge add email and add orders", id="MM010 beside a divergence"),
        pytest.param((*DIVERGED, script("m", "b", "c"), script("n", "c", "b")), ("m", "n"), "merge add m and add n", id="MM006"),
    ],
)
def test_a_merge_revision_is_planned(scripts: Sequence[Script], parents: tuple[str, ...], message: str) -> None:
    spared = "neither" if len(parents) == 2 else "none of them"
    reason = f"a merge revision joins {enumerate_names(parents)} and changes {spared}"
    assert plans(*scripts, commit=False) == [Plan((joining(*parents, message=message),), reason)]


def test_a_script_that_only_does_not_parse_is_no_reason_to_refuse() -> None:
    defective = Revision(Identifiers("c", ("a",), message="add c", defect="syntax error on line 9"), "migrations/versions/c.py")
    (plan,) = plans(ROOT, script("b", "a"), defective, commit=False)
    assert isinstance(plan, Plan)


@settings(max_examples=150, deadline=None)
@given(revisions=histories(circles=False))
def test_a_plan_leaves_alembic_with_the_heads_it_promised(revisions: list[Revision]) -> None:
    snapshot = Snapshot(MIGRATIONS, tuple(revisions))
    made = [plan.steps[0] for plan in plans(*revisions, commit=False) if isinstance(plan, Plan)]
    merges = [step for step in made if isinstance(step, CreateMergeRevision)]
    after = RevisionMap(
        lambda: [
            *(
                AlembicRevision(each.revision, each.down_revisions or None, each.depends_on or None, each.branch_labels or None)
                for each in revisions
            ),
            *(AlembicRevision(step.revision, step.parents) for step in merges),
        ]
    )
    kept = set(snapshot.graph.heads).difference(*(step.parents for step in merges))
    assert set(after.heads) == kept | {step.revision for step in merges}
    assert len(after.heads) == snapshot.graph.heads_once_joined
