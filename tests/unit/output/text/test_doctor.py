"""The report of `doctor`, with and without databases."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address, Database, Unreachable
from migmerge.core.database.status import DatabaseStatus
from migmerge.core.environment import Environment
from migmerge.core.finding import Severity
from migmerge.core.findings.database_report import DatabaseReport
from migmerge.core.findings.hooks import HookProblem
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot
from migmerge.output.text.doctor import Health, report_health
from tests.support.findings import a_finding
from tests.support.screen import printed

A = Revision(Identifiers("a", (), message="add users"), "migrations/versions/a.py")
B = Revision(Identifiers("b", ("a",)), "migrations/versions/b.py")
SNAPSHOT = Snapshot(Environment("migrations", "flask-migrate", ("migrations/versions",)), (A, B))
PHANTOM = a_finding("MM101", Severity.ERROR, "migrations", "shop.db records x", "migmerge sync")
AHEAD = a_finding("MM105", Severity.WARNING, "migrations", "the models have more", "flask db migrate")
SCRIPTS = ["migrations  2 revisions, 1 head", "  b  (no message)  migrations/versions/b.py"]


def report_of(*recorded: tuple[str, ...]) -> DatabaseReport:
    databases = (Database(Address("sqlite:///shop.db", "sqlite", "shop.db"), recorded=each) for each in recorded)
    return DatabaseReport(SNAPSHOT, tuple(map(DatabaseStatus, databases)))


@pytest.mark.parametrize(
    ("recorded", "position"), [(("b",), "at b (head)"), (("a",), "at a"), (("a", "x"), "at a and x"), ((), "at no revision")]
)
def test_a_database_is_shown_with_its_revisions(recorded: tuple[str, ...], position: str) -> None:
    health = Health((SNAPSHOT,), None, (report_of(recorded),))
    assert printed(lambda screen: report_health(screen, health, (), quiet=False)) == [
        *SCRIPTS,
        "hooks  installed",
        f"database  shop.db  {position}  sqlite:///shop.db",
        "no findings",
    ]


def test_what_could_not_be_examined_is_said() -> None:
    unreachable = DatabaseReport(SNAPSHOT, unreachable=Unreachable("no answer in time", "flask db current"))
    health = Health((SNAPSHOT,), HookProblem("the hooks are not installed"), (unreachable,))
    lines = printed(lambda screen: report_health(screen, health, (), quiet=False))
    assert lines == [*SCRIPTS, "hooks  not in use", "database  could not be asked", "no findings"]


@pytest.mark.parametrize("quiet", [False, True], ids=["all", "quiet"])
def test_quiet_leaves_errors_alone(quiet: bool) -> None:
    health = Health((SNAPSHOT,), None)
    lines = printed(lambda screen: report_health(screen, health, (PHANTOM, AHEAD), quiet=quiet))
    error = ["error MM101 phantom-revision migrations", "  shop.db records x", "  hint: migmerge sync"]
    warning = ["warning MM105 models-ahead migrations", "  the models have more", "  hint: flask db migrate"]
    assert lines == (error if quiet else [*SCRIPTS, "hooks  installed", *error, *warning, "1 error, 1 warning"])
