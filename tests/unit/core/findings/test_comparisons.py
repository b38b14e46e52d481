"""MM006, two merge revisions of the same heads, and MM007, what the sides of a divergence do to each other."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from migmerge.core.evidence import ClosedCollision, Evidence
from migmerge.core.finding import Finding, Severity, edit
from migmerge.core.findings.comparisons import (
    closed_collisions,
    colliding_operations,
    published_revisions_changed,
    revisions_moved,
)
from migmerge.core.immovable import Immovable
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import Action, ObjectKind, Operation, Operations, Unread
from migmerge.core.provenance import Provenance
from migmerge.core.published import Alteration, PublishedChange
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import MovedRevision, Snapshot
from tests.support.findings import a_finding
from tests.support.project import Project, needs_merge_tree, script_text
from tests.unit.core.findings.test_scripts import MIGRATIONS, findings, paths, script

M1, N1 = "migrations/versions/m1.py", "migrations/versions/n1.py"


@pytest.fixture
def doubled(diverged: Project) -> Project:
    """Return a project on main that has m1 by ann and n1 by cem, both of b1 and c1; nothing of it is published."""
    diverged.git("switch", "--quiet", "--create", "other", "feature")
    diverged.git("merge", "--quiet", "--no-edit", "main")
    diverged.user = "cem"
    diverged.revision("n1", ("b1", "c1"), message="join them")
    diverged.user = "ann"
    diverged.git("switch", "--quiet", "main")
    diverged.merged()
    diverged.revision("m1", ("c1", "b1"), message="merge")
    diverged.git("init", "--quiet", "--bare", str(diverged.top.parent / "origin.git"))
    diverged.git("remote", "add", "origin", str(diverged.top.parent / "origin.git"))
    return diverged


def meet(project: Project, *published: str) -> None:
    """Publish some branches, then let other come into main."""
    if published:
        project.git("push", "--quiet", "origin", *published)
    project.git("merge", "--quiet", "--no-edit", "other")


def double(project: Project) -> dict[str, Any]:
    """Return the one double merge."""
    (found,) = [each for each in project.check()["findings"] if each["code"] == "MM006"]
    assert isinstance(found, dict)
    return found


def origin_of(project: Project, path: str) -> str:
    return project.git("log", "-1", "--diff-filter=A", "--format=%h", "--abbrev=10", "--", path)


def test_text_where_both_are_published(doubled: Project) -> None:
    meet(doubled, "main", "other")
    done = doubled.migmerge("check")
    assert (done.returncode, done.stderr) == (1, "")
    heads = 'm1 "merge" (ann, origin/main)', 'n1 "join them" (cem, other)'
    assert done.stdout == (
        "migrations  6 revisions, 2 heads\n"
        "  m1  merge  migrations/versions/m1.py\n"
        "  n1  join them  migrations/versions/n1.py\n"
        "error MM001 divergent-heads migrations\n"
        f"  2 heads diverge: {heads[0]} and {heads[1]}\n"
        "  hint: migmerge fix\n"
        "error MM006 double-merge migrations\n"
        f"  b1 and c1 are joined by 2 merge revisions: {heads[0]} in commit {origin_of(doubled, M1)} "
        f"and {heads[1]} in commit {origin_of(doubled, N1)}; join them\n"
        "  hint: migmerge fix\n"
        "2 errors\n"
    )


def test_json_where_both_are_published(doubled: Project) -> None:
    meet(doubled, "main", "other")
    found = double(doubled)
    assert found.pop("message").endswith("; join them")
    assert found == {
        "code": "MM006",
        "name": "double-merge",
        "severity": "error",
        "environment": "migrations",
        "hint": "migmerge fix",
        "revisions": ["m1", "n1"],
        "branch_point": None,
        "paths": [M1, N1],
        "lines": [],
        "symptom": None,
    }


def test_fix_joins_both(doubled: Project) -> None:
    meet(doubled, "main", "other")
    doubled.fix()
    (head,) = doubled.heads()
    assert head not in ("m1", "n1")
    assert doubled.codes() == []
    assert (doubled.top / M1).exists() and (doubled.top / N1).exists()


def test_fix_in_two_clones_gives_the_same_bytes(doubled: Project) -> None:
    meet(doubled, "main", "other")
    doubled.git("push", "--quiet", "origin", "main")
    clone = doubled.clone("clone", "dan")
    doubled.fix()
    clone.fix()
    ours, theirs = (project.git("rev-parse", "HEAD^{tree}") for project in (doubled, clone))
    assert ours == theirs


@pytest.mark.parametrize(("published", "mine", "others"), [("main", "n1", "m1"), ("other", "m1", "n1")])
def test_the_one_that_only_this_clone_has_is_dropped(doubled: Project, published: str, mine: str, others: str) -> None:
    meet(doubled, published)
    found = double(doubled)
    path = f"migrations/versions/{mine}.py"
    assert found["message"].endswith(
        f"; {mine} exists only here and nothing follows it: drop it, unless a database has run it; else join them"
    )
    assert found["hint"] == f"git rm {path} && git commit -m 'Drop merge revision {mine}' -- {path}"
    doubled.write("staged.py", "x = 1\n")
    doubled.git("add", "staged.py")
    doubled.write("app.py", "x = 2\n")
    subprocess.run(found["hint"], shell=True, cwd=doubled.top, check=True, capture_output=True)
    assert (doubled.codes(), doubled.heads()) == ([], [others])
    assert doubled.git("show", "--name-status", "--format=%s", "HEAD").splitlines() == [
        f"Drop merge revision {mine}",
        "",
        f"D\t{path}",
    ]
    assert doubled.status() == " M app.py\nA  staged.py\n"


def test_the_hint_is_quoted_for_a_shell(doubled: Project) -> None:
    doubled.git("switch", "--quiet", "other")
    doubled.git("mv", N1, "migrations/versions/n1 it's.py")
    doubled.commit("rename")
    doubled.git("switch", "--quiet", "main")
    meet(doubled, "main")
    subprocess.run(double(doubled)["hint"], shell=True, cwd=doubled.top, check=True, capture_output=True)
    assert (doubled.codes(), doubled.heads()) == ([], ["m1"])


def test_fix_joins_also_where_one_could_be_dropped(doubled: Project) -> None:
    meet(doubled, "main")
    doubled.fix()
    assert len(doubled.heads()) == 1 and doubled.codes() == []
    assert (doubled.top / N1).exists()


def test_both_are_joined_where_both_are_only_here(doubled: Project) -> None:
    meet(doubled)
    found = double(doubled)
    assert found["message"].endswith("; join them") and found["hint"] == "migmerge fix"
    doubled.fix()
    assert len(doubled.heads()) == 1 and doubled.codes() == []


def test_what_others_build_on_is_not_dropped(doubled: Project) -> None:
    doubled.git("switch", "--quiet", "other")
    doubled.revision("n2", "n1")
    doubled.git("switch", "--quiet", "main")
    meet(doubled, "main")
    found = double(doubled)
    assert (found["message"].endswith("; join them"), found["hint"], found["revisions"]) == (True, "migmerge fix", ["m1", "n1"])
    doubled.fix()
    assert len(doubled.heads()) == 1 and doubled.codes() == []


def test_one_that_is_followed_and_published_does_not_keep_the_other(doubled: Project) -> None:
    doubled.revision("m2", "m1")
    meet(doubled, "main")
    assert double(doubled)["hint"].startswith(f"git rm {N1} && ")
    subprocess.run(double(doubled)["hint"], shell=True, cwd=doubled.top, check=True, capture_output=True)
    assert (doubled.codes(), doubled.heads()) == ([], ["m2"])


def test_what_was_published_and_taken_back_is_not_dropped(doubled: Project) -> None:
    doubled.git("push", "--quiet", "origin", "other")
    doubled.git("switch", "--quiet", "other")
    doubled.git("rm", "--quiet", N1)
    doubled.commit("away with it")
    doubled.git("push", "--quiet", "origin", "other")
    doubled.git("reset", "--quiet", "--hard", "HEAD~1")
    doubled.git("switch", "--quiet", "main")
    meet(doubled, "main")
    assert double(doubled)["hint"] == "migmerge fix"


def test_what_is_published_under_another_name_is_not_dropped(doubled: Project) -> None:
    meet(doubled, "main", "other")
    doubled.git("mv", N1, "migrations/versions/joined.py")
    doubled.commit("rename")
    assert double(doubled)["hint"] == "migmerge fix"


def test_three_merge_revisions_are_told_together(doubled: Project) -> None:
    meet(doubled, "main")
    doubled.revision("o1", ("b1", "c1"), message="once more")
    found = double(doubled)
    assert found["message"].startswith("b1 and c1 are joined by 3 merge revisions: m1 ")
    assert (found["revisions"], found["hint"]) == (["m1", "n1", "o1"], "migmerge fix")
    doubled.git("push", "--quiet", "origin", "other")
    assert double(doubled)["hint"].startswith("git rm migrations/versions/o1.py && ")
    doubled.fix()
    assert len(doubled.heads()) == 1 and doubled.codes() == []


@needs_merge_tree
def test_a_double_merge_is_foretold(doubled: Project) -> None:
    doubled.git("push", "--quiet", "origin", "main")
    found = doubled.check("--against", "other")["findings"]
    assert [each["code"] for each in found] == ["MM001", "MM006"]
    assert doubled.codes() == []
    done = doubled.migmerge("forecast", "--days", "99999", "--format", "json")
    foretold = {name: each["verdict"] for each in json.loads(done.stdout)["branches"] for name in each["branches"]}
    assert foretold == {"other": "collides"}


def test_the_same_merge_revision_on_both_sides_is_none_too_many(diverged: Project) -> None:
    diverged.git("branch", "other")
    diverged.merged().fix()
    diverged.git("switch", "--quiet", "other")
    diverged.merged().fix()
    diverged.git("switch", "--quiet", "main")
    diverged.git("merge", "--quiet", "--no-edit", "other")
    assert diverged.codes() == [] and len(diverged.heads()) == 1


TWICE = (script("a"), script("b", "a"), script("c", "a"), script("m", "b", "c"), script("n", "c", "b"))


@pytest.mark.parametrize(
    ("more", "published", "dropped"),
    [
        ((), None, None),
        ((), {}, None),
        ((), {"m": "origin/main", "n": "origin/x"}, None),
        ((), {"m": "origin/main"}, "n"),
        ((), {"n": "origin/main"}, "m"),
        ((script("o", "n"),), {"m": "origin/main"}, None),
        ((script("o", "m"),), {"m": "origin/main"}, "n"),
        ((script("o", "m"),), {}, "n"),
        ((script("o", "b", "c"),), {"m": "origin/main"}, None),
        ((script("o", "b", "c"),), {"m": "origin/main", "o": "origin/main"}, "n"),
    ],
)
def test_mm006_only_what_nobody_else_has_is_dropped(
    more: tuple[Revision, ...], published: dict[str, str] | None, dropped: str | None
) -> None:
    found = findings(*TWICE, *more, evidence=Evidence(immovable=Immovable(published)))
    (double_merge,) = (each for each in found if each.code == "MM006")
    expected = (
        f"git rm migrations/versions/{dropped}.py && git commit -m 'Drop merge revision {dropped}'" if dropped else "migmerge fix"
    )
    assert str(double_merge.hint).partition(" -- ")[0] == expected
    assert double_merge.message.endswith("; join them") is (dropped is None)


@pytest.mark.parametrize(
    "others",
    [
        (script("n", "b", "d"), script("d", "a")),
        (script("n", "b"),),
        (script("n", "c", "b"), script("o", "m", "n")),
        (script("n", "c", "b"), script("x", "m"), script("y", "n"), script("o", "x", "y")),
    ],
    ids=["other parents", "one parent", "joined", "joined further down"],
)
def test_mm006_is_no_finding(others: tuple[Revision, ...]) -> None:
    assert "MM006" not in [each.code for each in findings(*TWICE[:4], *others)]


ADD = "op.add_column('users', sa.Column('email', sa.String()))"
ALTER = "op.alter_column('users', 'email', nullable=False)"
ORDERS = "op.create_table('orders', sa.Column('id', sa.Integer()))"
ANN = Provenance("a" * 40, "ann", "2024-05-01T12:00:00+00:00", branch="main")
BEA = Provenance("b" * 40, "bea", "2024-05-01T12:00:00+00:00", branch="feature")


def collisions(
    *scripts: Revision, known: dict[str, Provenance] | None = None, **upgrades: str | Operations
) -> tuple[Finding, ...]:
    """Return what collides among scripts of which the named ones do something."""
    operations = {
        name: each if isinstance(each, Operations) else read_operations(script_text(name, upgrade=each).encode())
        for name, each in upgrades.items()
    }
    return tuple(colliding_operations(Snapshot(MIGRATIONS, scripts), Evidence(known or {}, operations=operations)))


FORK = script("a"), script("b", "a", message="add email"), script("c", "a", message="add mail")


def test_mm007_names_both_authors_and_both_lines() -> None:
    assert collisions(*FORK, known={"b": ANN, "c": BEA}, b=ADD, c=f"pass\n    {ADD}") == (
        a_finding(
            "MM007",
            Severity.WARNING,
            "migrations",
            "both sides add the column users.email: "
            'b "add email" (ann, main) at migrations/versions/b.py:19 and c "add mail" (bea, feature) at migrations/versions/c.py:20',
            "git log --all -p -- migrations/versions/b.py migrations/versions/c.py && migmerge fix",
            ("b", "c"),
            paths("b", "c"),
            None,
            (19, 20),
        )._replace(stops_upgrade=True, what="both sides add the column users.email"),
    )


def test_mm007_without_provenance_names_the_revisions() -> None:
    (found,) = collisions(*FORK, b=ADD, c=ADD)
    assert found.message == (
        'both sides add the column users.email: b "add email" at migrations/versions/b.py:19 and c "add mail" at migrations/versions/c.py:19'
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ADD, ADD.replace("email", "name")),
        (ADD, ADD.replace("users", "people")),
        (ADD, ORDERS),
        (ADD, "pass"),
        ("pass", "pass"),
        (ORDERS, ORDERS.replace("orders", "bills")),
    ],
)
def test_mm007_nothing_is_said_of_what_is_disjoint(one: str, other: str) -> None:
    assert collisions(*FORK, b=one, c=other) == ()


def test_mm007_nothing_is_said_without_a_divergence_or_without_operations() -> None:
    assert collisions(script("a"), script("b", "a"), script("c", "b"), b=ADD, c=ADD) == ()
    assert collisions(*FORK) == ()
    assert collisions(*FORK, script("m", "b", "c"), b=ADD, c=ADD) == ()


def test_mm007_labelled_branches_are_not_compared() -> None:
    apart = script("a"), script("b", "a", labels=("x",)), script("c", "a", labels=("y",))
    assert collisions(*apart, b=ADD, c=ADD) == ()


def test_mm007_what_could_not_be_read_is_told_once_and_as_a_note() -> None:
    unread = Operations(unread=(Unread(7, "op.execute(sql)"), Unread(9, "a loop")))
    assert collisions(*FORK, script("d", "a"), b=unread, c="pass") == (
        a_finding(
            "MM007",
            Severity.INFO,
            "migrations",
            "migrations/versions/b.py does what could not be compared with the other side: op.execute(sql) (line 7) and a loop (line 9)",
            "git log --all -p -- migrations/versions/b.py && migmerge fix",
            ("b",),
            paths("b"),
            None,
            (7,),
        ),
    )


def test_mm007_what_could_be_read_of_a_script_is_compared_nevertheless() -> None:
    operation = Operation(Action.CREATE, ObjectKind.COLUMN, "users", "email", 3)
    half = Operations((operation,), (Unread(4, "a call"),))
    found = collisions(*FORK, b=half, c=ADD)
    assert [(each.severity, each.revisions, each.lines) for each in found] == [
        (Severity.WARNING, ("b", "c"), (3, 19)),
        (Severity.INFO, ("b",), (4,)),
    ]


@pytest.mark.parametrize(
    ("words", "other", "told"),
    [
        pytest.param(None, ORDERS, ["b"], id="it may touch anything"),
        pytest.param({"orders", "x"}, ORDERS, ["b"], id="a table of the other side"),
        pytest.param({"bills", "x"}, ORDERS, [], id="other tables"),
        pytest.param({"bills"}, "pass", [], id="the other side does nothing"),
        pytest.param(set(), ORDERS, [], id="no table at all"),
        pytest.param(
            {"bills"}, Operations(unread=(Unread(4, "sql", frozenset({"bills"})),)), ["b", "c"], id="both in what is unread"
        ),
        pytest.param({"bills"}, Operations(unread=(Unread(4, "sql", frozenset({"carts"})),)), [], id="both apart"),
        pytest.param({"bills"}, Operations(unread=(Unread(4, "sql"),)), ["b", "c"], id="the other may touch anything"),
    ],
)
def test_mm007_what_is_unread_is_told_where_it_may_touch_the_other_side(
    words: set[str] | None, other: str | Operations, told: list[str]
) -> None:
    unread = Operations(unread=(Unread(7, "raw SQL", None if words is None else frozenset(words)),))
    assert [each.revisions[0] for each in collisions(*FORK, b=unread, c=other)] == told


def test_mm007_knows_what_stops_an_upgrade() -> None:
    (found,) = collisions(*FORK, b=ADD, c=ADD)
    assert found.stops_upgrade
    (found,) = collisions(
        *FORK, b=ADD.replace("add_column", "drop_column").replace("sa.Column('email', sa.String())", "'email'"), c=ALTER
    )
    assert not found.stops_upgrade


def test_mm016_names_the_merge_point_and_both_lines() -> None:
    closed = ClosedCollision("m", "both sides add the column users.email", ("b", "c"), (19, 20))
    snapshot = Snapshot(MIGRATIONS, (*FORK, script("m", "b", "c")))
    (found,) = closed_collisions(snapshot, Evidence({"b": ANN}, closed=(closed,)))
    assert found == a_finding(
        "MM016",
        Severity.ERROR,
        "migrations",
        'both sides add the column users.email: b "add email" (ann, main) at migrations/versions/b.py:19 and '
        'c "add mail" at migrations/versions/c.py:20; m joins them, and whichever runs second fails',
        "migmerge fix",
        ("b", "c"),
        paths("b", "c"),
        None,
        (19, 20),
    )._replace(stops_upgrade=True, otherwise=edit("migrations/versions/c.py", 20, "drop what migrations/versions/b.py does too"))


def test_mm007_each_pair_of_three_heads_is_compared() -> None:
    found = collisions(*FORK, script("d", "a"), b=ADD, c=ADD, d=ADD)
    assert [each.revisions for each in found] == [("b", "c"), ("b", "d"), ("c", "d")]
    found = collisions(*FORK, script("d", "a"), b=ADD, c=ORDERS, d=ADD)
    assert [each.revisions for each in found] == [("b", "d")]


def test_mm007_a_shared_part_is_not_compared_with_itself() -> None:
    shared = script("s", "a"), script("b", "s"), script("c", "s"), script("d", "a")
    assert collisions(script("a"), *shared, s=ADD, b="pass", c="pass", d="pass") == ()
    found = collisions(script("a"), *shared, s=ADD, d=ADD)
    assert {each.revisions for each in found} == {("s", "d")}


def test_mm007_a_shared_part_collides_once_with_the_third_head() -> None:
    shared = script("s", "a"), script("b", "s"), script("c", "s"), script("d", "a")
    assert len(collisions(script("a"), *shared, s=ADD, d=ADD)) == 1


def test_mm007_what_two_lineages_share_is_not_held_against_their_own_parts() -> None:
    shared = script("s", "a"), script("b", "s"), script("c", "s"), script("d", "a")
    assert collisions(script("a"), *shared, s=ADD, b=ALTER, c=ORDERS, d="pass") == ()
    found = collisions(script("a"), *shared, s=ADD, b=ALTER, c=ALTER, d="pass")
    assert [each.revisions for each in found] == [("b", "c")]


def test_mm007_a_lineage_is_compared_as_a_whole_in_the_order_of_its_revisions() -> None:
    chain = script("a"), script("z", "a"), script("b", "z"), script("c", "a")
    drop = "op.drop_column('users', 'email')"
    assert collisions(*chain, z=ADD, b=drop, c=ADD) == ()
    (found,) = collisions(*chain, z=drop, b=ADD, c=ALTER)
    assert found.message.startswith("one side replaces the column users.email, which the other alters: ")
    assert found.revisions == ("z", "c")


def test_mm007_the_branch_point_and_what_is_below_are_not_compared() -> None:
    assert collisions(*FORK, a=ADD, b=ALTER, c="pass") == ()


def test_mm007_two_divergences_are_compared_each_by_itself() -> None:
    scripts = (script("a"), script("b", "a", labels=("x",)), script("c", "a", labels=("y",)), script("d", "b"), script("e", "b"))
    more = script("f", "c"), script("g", "c")
    found = collisions(*scripts, *more, d=ADD, e=ORDERS, f=ADD, g=ORDERS)
    assert found == ()
    assert [each.revisions for each in collisions(*scripts, *more, d=ADD, e=ADD, f=ORDERS, g=ORDERS)] == [("d", "e"), ("f", "g")]


def test_mm007_paths_of_the_hint_are_quoted() -> None:
    odd = Revision(Identifiers("b", ("a",)), "migrations/versions/b it's.py")
    (found,) = collisions(FORK[0], odd, FORK[2], b=ADD, c=ADD)
    assert str(found.hint) == "git log --all -p -- 'migrations/versions/b it'\"'\"'s.py' migrations/versions/c.py && migmerge fix"


def change(alteration: Alteration, before: Revision, after: Revision | None) -> PublishedChange:
    return PublishedChange(alteration, "origin/main", "c" * 40, before, after)


ON_MAIN = 'b "add it" is on origin/main and is'
OLD = script("b", "a")
RESTORED = "git checkout origin/main -- migrations/versions/b.py"


@pytest.mark.parametrize(
    ("found", "here", "message", "hint"),
    [
        pytest.param(
            change(Alteration.DELETED, OLD, None),
            (script("c", "b"), script("d", "c")),
            f'{ON_MAIN} deleted here: a database that has run it fails with "Can\'t locate revision"; 2 revisions follow it: c and d',
            RESTORED,
            id="deleted",
        ),
        pytest.param(
            change(Alteration.REPARENTED, OLD, script("b", "x")),
            (script("b", "x"), script("c", depends_on=("b",))),
            f"{ON_MAIN} re-parented here, from a to x: a database that has run it skips what now comes before it, without a word; "
            "1 revision follows it: c",
            RESTORED,
            id="re-parented",
        ),
        pytest.param(
            change(Alteration.REPARENTED, OLD, script("b", path="migrations/versions/new.py")),
            (),
            f"{ON_MAIN} re-parented here, from a to nothing: "
            "a database that has run it skips what now comes before it, without a word; nothing follows it",
            f"git rm migrations/versions/new.py && {RESTORED}",
            id="re-parented, in another file",
        ),
        pytest.param(
            change(Alteration.REPARENTED, OLD, OLD),
            (),
            f"{ON_MAIN} re-parented here: a database that has run it skips what now comes before it, without a word; "
            "nothing follows it",
            RESTORED,
            id="re-parented otherwise",
        ),
        pytest.param(
            change(Alteration.EDITED, OLD, OLD),
            (),
            f"{ON_MAIN} edited here: a database that has run it does not run it again; nothing follows it",
            RESTORED,
            id="edited",
        ),
        pytest.param(
            change(Alteration.RENAMED, OLD, script("b", "a", path="migrations/versions/-b.py")),
            (),
            f"{ON_MAIN} renamed here, from migrations/versions/b.py to migrations/versions/-b.py: "
            "git and reviewers lose its history; its id is the same; nothing follows it",
            "git mv migrations/versions/-b.py migrations/versions/b.py",
            id="renamed",
        ),
    ],
)
def test_mm008_published_revision_changed(found: PublishedChange, here: tuple[Revision, ...], message: str, hint: str) -> None:
    (finding,) = published_revisions_changed(Snapshot(MIGRATIONS, here), Evidence(published_changes=(found,)))
    assert (finding.code, finding.message, str(finding.hint)) == ("MM008", message, hint)
    assert finding.paths == tuple(dict.fromkeys(each.path for each in (found.after, found.before) if each))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, 'b "add it" now follows c and d instead of nothing: '),
        ({"b": Provenance("f" * 40, "bea", "")}, 'b "add it" now follows c and d instead of nothing, by bea in fffffffff: '),
    ],
    ids=["git does not tell", "git tells who"],
)
def test_mm013_moved_under_you(changes: dict[str, Provenance], message: str) -> None:
    (found,) = revisions_moved("migrations", [MovedRevision(script("b"), script("b", "c", "d"))], changes)
    consequence = "a database that has run it skips what now comes before it, without a word"
    assert (found.code, found.message, str(found.hint)) == ("MM013", f"{message}{consequence}", "migmerge doctor")
    assert (found.revisions, found.paths) == (("b",), paths("b"))


def test_mm007_of_many_heads_not_all_are_compared() -> None:
    heads = [script(f"h{number:02}", "a") for number in range(42)]
    operations = {each.revision: Operations() for each in (script("a"), *heads)}
    found = [*colliding_operations(Snapshot(MIGRATIONS, (script("a"), *heads)), Evidence(operations=operations))]
    assert [each.message for each in found] == [
        "42 heads diverge, of which 40 were compared: whether the others collide is not known"
    ]
    assert (found[0].severity, found[0].revisions) == (Severity.INFO, ("h40",))
