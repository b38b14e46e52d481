"""The cures of a fork, as a menu shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from migmerge.core.environment import Environment
from migmerge.core.finding import FIX, Finding
from migmerge.core.findings.registry import COLLIDING_OPERATIONS, DIVERGENT_HEADS
from migmerge.core.fix_plan.merge_revision import UNKNOWN_DATE
from migmerge.core.fix_plan.plan import Commit, CreateMergeRevision, Plan, Proposal, Refusal, RemoveScript, RewriteScript
from migmerge.core.graph_layout import lay_out_graph
from migmerge.core.provenance import Provenance
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot
from migmerge.output.prompt import Choice
from migmerge.output.text.fork import Fork, choices_of, report_cures, report_not_now
from tests.support.screen import printed

ENVIRONMENT = Environment("migrations", "flask-migrate", ("migrations/versions",))
CREATE = CreateMergeRevision(ENVIRONMENT, "m", ("b", "c"), "merge", UNKNOWN_DATE, "migrations/versions")
MERGE = Plan((CREATE, Commit("merge")), "a merge revision joins b and c")
MERGE_UNCOMMITTED = Plan((CREATE,), "a merge revision joins b and c")
MOVE = Plan((RewriteScript("c.py", "c.py", b"", b"x"), Commit("move")), "re-parenting puts c after b", ("c",))
MOVE_BOTH = Plan((RewriteScript("c.py", "c.py", b"", b"x"),), "re-parenting puts c and d after b", ("c", "d"))
REMOVE = Plan((RemoveScript("copy.py", b""), Commit("remove")), "copy.py is a copy of c.py", ("c",))
NO = Refusal("c is on origin/main", "migmerge fix")
SHOW, LATER = ("show the changes", ""), ("not now", "later: migmerge fix")


@pytest.mark.parametrize(
    ("alternatives", "proposals", "own", "expected"),
    [
        pytest.param(
            {"merge": [MERGE], "reparent": [MOVE]},
            [Proposal(MERGE, MOVE)],
            {"c"},
            [
                ("merge revision, committed", "safe, changes neither (recommended)"),
                ("put yours after theirs, committed", "no database that was asked has run it"),
                SHOW,
                LATER,
            ],
            id="both cures",
        ),
        pytest.param(
            {"reparent": [MOVE_BOTH], "merge": [MERGE_UNCOMMITTED]},
            [Proposal(MERGE_UNCOMMITTED, NO, if_unapplied=MOVE_BOTH)],
            {"c"},
            [
                ("put c and d after theirs", "only if no database has run c and d (recommended)"),
                ("merge revision", "safe, changes neither"),
                SHOW,
                LATER,
            ],
            id="what is not all the user's own has its names",
        ),
        pytest.param(
            {"downgrade first": [MOVE]},
            [Proposal(NO, NO, if_downgraded_first=MOVE)],
            {"c"},
            [
                LATER,
                ("take yours back, put it after theirs", "your database has run it; backup first"),
                SHOW,
            ],
            id="where tables go, no comes first",
        ),
        pytest.param(
            {"merge": [MERGE, MERGE]},
            [Proposal(MERGE, NO), Proposal(MERGE, NO)],
            set(),
            [("2 merge revisions, committed", "safe, changes neither (recommended)"), SHOW, LATER],
            id="several forks",
        ),
        pytest.param(
            {"merge": [MERGE]},
            [Proposal(MERGE, NO, obstacle=Refusal("they collide", "migmerge rehearse"))],
            set(),
            [
                ("not now", "edit as above, then: migmerge fix"),
                ("merge revision, committed", "not recommended: what is above fails"),
                SHOW,
            ],
            id="where nothing is recommended, no comes first",
        ),
        pytest.param(
            {"repair": [REMOVE]},
            [],
            set(),
            [("remove a copy of c, committed", "recommended"), SHOW, LATER],
            id="a repair",
        ),
    ],
)
def test_reasons_stand_beside_the_choices(
    alternatives: Mapping[str, Sequence[Plan]],
    proposals: Sequence[Proposal],
    own: set[str],
    expected: list[tuple[str, str]],
) -> None:
    assert [(choice.title, choice.reason) for choice in choices_of(alternatives, proposals, own)] == expected


def test_what_is_not_possible_is_explained() -> None:
    first: Choice = choices_of({"merge": [MERGE]}, [Proposal(MERGE, NO)], set())[0]
    assert first.explanation == "a merge revision joins b and c. Re-parenting is not possible: c is on origin/main"


def script(name: str, *parents: str, message: str) -> Revision:
    return Revision(Identifiers(name, parents, (), (), message, None), f"migrations/versions/{name}.py")


def forked(**origins: tuple[str, str]) -> Fork:
    """Return the fork of heads that follow a, by author and branch; those of "yours" are the user's own."""
    heads = (script(name, "a", message=f"add {name}") for name in origins)
    layout = lay_out_graph(Snapshot(ENVIRONMENT, (script("a", message="create users"), *heads)), whole=False)
    known = {name: Provenance("", author, "", branch=branch) for name, (author, branch) in origins.items()}
    return Fork(layout, known, {name for name in known if known[name].author == "yours"}, "flask db upgrade")


OURS_AND_BEAS = forked(b=("yours", "not pushed"), c=("bea", "origin/main"))
BOTH_ADD = Finding(
    COLLIDING_OPERATIONS,
    "migrations",
    "both sides add the column users.email: b at b.py:3 and c at c.py:4",
    FIX,
    ("b", "c"),
    ("b.py", "c.py"),
    lines=(3, 4),
    stops_upgrade=True,
    what="both sides add the column users.email",
)


def test_the_picture_says_whose_each_head_is_and_where_it_was_pushed() -> None:
    assert printed(lambda screen: report_cures(screen, [OURS_AND_BEAS], [], {}, [Proposal(MERGE, NO)])) == [
        "migmerge: a colleague's migration forks the history; `flask db upgrade` fails",
        "  ◉    b  add b         yours, not pushed",
        "  │ ◉  c  add c         bea, origin/main",
        "  ○─╯  a  create users",
    ]


def test_below_the_picture_a_collision_is_told_once_with_its_places_and_its_cure() -> None:
    proposals = [Proposal(MERGE, NO, obstacle=Refusal("whichever runs second fails", "edit b.py:3: drop what c.py does too"))]
    forks = Finding(DIVERGENT_HEADS, "migrations", "2 heads diverge", FIX)
    assert printed(lambda screen: report_cures(screen, [OURS_AND_BEAS], [forks, BOTH_ADD], {}, proposals))[4:] == [
        "both sides add the column users.email; whichever runs second fails:",
        "  b.py:3",
        "  c.py:4",
        "hint: edit b.py:3: drop what c.py does too",
    ]


def test_a_collision_that_is_not_certain_asks_to_read_both() -> None:
    finding = BOTH_ADD._replace(stops_upgrade=False)
    lines = printed(lambda screen: report_cures(screen, [OURS_AND_BEAS], [finding], {}, [Proposal(MERGE, NO)]))
    assert lines[4:] == ["both sides add the column users.email; read both:", "  b.py:3", "  c.py:4"]


@pytest.mark.parametrize(
    ("origins", "subject"),
    [
        ({"b": ("bea", "main"), "c": ("carl", "main")}, "two migrations fork"),
        ({"b": ("yours", ""), "c": ("bea", ""), "d": ("bea", "")}, "a colleague's migrations fork"),
        ({"b": ("yours", ""), "c": ("bea", ""), "d": ("carl", "")}, "colleagues' migrations fork"),
    ],
)
def test_the_first_line_says_who_forks_the_history(origins: dict[str, tuple[str, str]], subject: str) -> None:
    lines = printed(lambda screen: report_cures(screen, [forked(**origins)], [], {}, []))
    assert lines[0] == f"migmerge: {subject} the history; `flask db upgrade` fails"


@pytest.mark.parametrize(
    ("forks", "proposals", "line"),
    [
        ([OURS_AND_BEAS], [Proposal(MERGE, NO)], "not joined; `flask db upgrade` fails until you run: migmerge fix"),
        (
            [OURS_AND_BEAS],
            [Proposal(MERGE, NO, obstacle=NO)],
            "not joined; `flask db upgrade` fails until you edit as above and run: migmerge fix",
        ),
        ([], [], "nothing is changed; the error stays until you run: migmerge fix"),
    ],
)
def test_after_not_now_one_line_says_what_fails_and_what_cures_it(
    forks: Sequence[Fork], proposals: Sequence[Proposal], line: str
) -> None:
    assert printed(lambda screen: report_not_now(screen, forks, proposals)) == [line]
