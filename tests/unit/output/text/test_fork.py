"""The cures of a fork, as a menu shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from migmerge.core.environment import Environment
from migmerge.core.fix_plan.merge_revision import UNKNOWN_DATE
from migmerge.core.fix_plan.plan import Commit, CreateMergeRevision, Plan, Proposal, Refusal, RemoveScript, RewriteScript
from migmerge.output.prompt import Choice
from migmerge.output.screen import Screen
from migmerge.output.text.fork import choices_of, report_not_now
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
                ("put yours after theirs, committed", "no database asked has run it"),
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
                ("take yours back, put it after theirs", "your database has run it; a backup is made"),
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
            [LATER, ("merge revision, committed", "not recommended, see above"), SHOW],
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


def test_after_not_now_one_line_says_what_fails_and_what_cures_it() -> None:
    def report(screen: Screen) -> None:
        report_not_now(screen, ["flask db upgrade"])

    assert printed(report) == ["not joined; `flask db upgrade` fails until you run: migmerge fix"]
