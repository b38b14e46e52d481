"""What a git event brought and took, as a hook says it."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.finding import FIX, Finding
from migmerge.core.findings.registry import CLOSED_COLLISION
from migmerge.core.provenance import Provenance
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import EnvironmentChange
from migmerge.output.text.changes import report_change, report_gone, report_stopped
from tests.support.screen import printed

ENVIRONMENT = Environment("migrations", "flask-migrate", ("migrations/versions",))


def revisions(*names: str) -> tuple[Revision, ...]:
    return tuple(Revision(Identifiers(name, (), (), (), f"add {name}", None), f"migrations/versions/{name}.py") for name in names)


def known(**origins: tuple[str, str]) -> dict[str, Provenance]:
    return {
        name: Provenance("", author, "2024-01-02", branch=branch, age="3 days ago") for name, (author, branch) in origins.items()
    }


def change(arrived: tuple[str, ...] = (), gone: tuple[str, ...] = ()) -> EnvironmentChange:
    return EnvironmentChange(ENVIRONMENT, revisions(*arrived), revisions(*gone))


@pytest.mark.parametrize(
    ("changed", "occasion", "provenance", "lines"),
    [
        pytest.param(
            change(arrived=("b", "c")),
            "from origin/main",
            known(b=("bea", "origin/main"), c=("bea", "origin/main")),
            ["migmerge: 2 revisions arrived from origin/main (bea, 3 days ago)", "  + b  add b", "  + c  add c"],
            id="what the first line says is not said again",
        ),
        pytest.param(
            change(arrived=("b", "c")),
            "from origin/main",
            known(b=("bea", "origin/main"), c=("carl", "origin/main")),
            [
                "migmerge: 2 revisions arrived from origin/main (bea and carl, 3 days ago)",
                "  + b  add b  (bea, origin/main)",
                "  + c  add c  (carl, origin/main)",
            ],
            id="several authors",
        ),
        pytest.param(
            change(arrived=("b",), gone=("c", "d")),
            "on feature",
            known(b=("bea", "main"), c=("ann", "main")),
            [
                "migmerge: 1 revision arrived and 2 revisions are gone on feature (bea, 3 days ago)",
                "  + b  add b  (bea, main)",
                "  - c  add c  (ann, main)",
                "  - d  add d",
            ],
            id="one came, two went",
        ),
        pytest.param(
            change(gone=("c",)),
            "from origin/main",
            known(c=("ann", "main")),
            ["migmerge: 1 revision is gone with the merge of origin/main", "  - c  add c  (ann, main)"],
            id="nothing came from a merge",
        ),
    ],
)
def test_what_arrived_and_what_is_gone(
    changed: EnvironmentChange, occasion: str, provenance: dict[str, Provenance], lines: list[str]
) -> None:
    assert printed(lambda screen: report_change(screen, changed, occasion, provenance)) == lines


@pytest.mark.parametrize(
    ("gone", "line"),
    [
        (("c",), 'a database that has run it fails with "Can\'t locate revision"; to take it back:'),
        (("c", "d"), 'a database that has run one of them fails with "Can\'t locate revision"; to take that back:'),
    ],
)
def test_what_is_gone_has_a_way_back(gone: tuple[str, ...], line: str) -> None:
    lines = printed(lambda screen: report_gone(screen, change(gone=gone), "migmerge sync"))
    assert lines == [line, "  migmerge sync"]


def test_scripts_that_no_database_gets_past_stand_on_lines_of_their_own() -> None:
    stops = Finding(CLOSED_COLLISION, "migrations", "both add x", FIX, ("b", "c"), ("b.py", "c.py"), stops_upgrade=True)
    assert printed(lambda screen: report_stopped(screen, [stops])) == [
        "no database can be upgraded: whichever of these runs second fails:",
        "  b.py",
        "  c.py",
        "drop what both do from the one that no database has run, then look again:",
        "  migmerge check",
    ]
