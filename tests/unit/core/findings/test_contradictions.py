"""MM103, MM108 and MM109: recorded revisions that a database contradicts, or does not confirm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migmerge.core.database.coverage import Coverage
from migmerge.core.database.database import Address, Database
from migmerge.core.database.effects import Effect, PartialEffects
from migmerge.core.database.remainder import Remainder
from migmerge.core.database.reused_ids import OtherScript
from migmerge.core.database.status import DatabaseStatus
from migmerge.core.environment import Environment
from migmerge.core.finding import Finding, Severity
from migmerge.core.findings.contradictions import altered_revisions, reused_ids, skipped_revisions, unproven_revisions
from migmerge.core.findings.database_report import DatabaseReport
from migmerge.core.operations.operation import ObjectKind
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot

B = Revision(Identifiers("b", message="add b"), "versions/b c.py")
SNAPSHOT = Snapshot(Environment("migrations", "flask-migrate", ("versions",)), (B,))
TABLE, COLUMN, INDEX = (
    Effect("b", ObjectKind.TABLE, "t", None),
    Effect("b", ObjectKind.COLUMN, "u", "c"),
    Effect("b", ObjectKind.INDEX, "u", "ix"),
)
REST = Remainder(b"", ("pass",))
RUN = 'shop records b "add b" as run, but '


def status(*missing: Effect, present: tuple[Effect, ...] = (), dialect: str = "sqlite") -> DatabaseStatus:
    skipped = (PartialEffects("b", missing, present),) if missing else ()
    return DatabaseStatus(Database(Address("x", dialect, "shop")), frozenset("b"), skipped=skipped)


def report(coverage: Coverage | None = None, restore: str = "") -> DatabaseReport:
    scripts = {"": restore} if restore else {}
    return DatabaseReport(SNAPSHOT, restore_scripts=scripts, coverages={"": coverage} if coverage else {})


def told(found: Finding) -> tuple[str, str, str]:
    return found.code, found.message, str(found.hint)


@pytest.mark.parametrize(
    ("found", "restore", "message", "hint"),
    [
        pytest.param(status(TABLE), "", f"{RUN}the table t is not there", "migmerge sync", id="nothing of it is there"),
        pytest.param(
            status(TABLE, present=(COLUMN,)),
            "",
            f"{RUN}the table t is not there, though the column u.c is",
            "migmerge reset",
            id="half of it",
        ),
        pytest.param(
            status(TABLE, present=(COLUMN,)),
            "backups/1 a.sh",
            f"{RUN}the table t is not there, though the column u.c is",
            "sh 'backups/1 a.sh'",
            id="half of it, with a backup",
        ),
        pytest.param(
            replace(status(TABLE, present=(COLUMN,)), remainders={"b": REST}),
            "",
            f"{RUN}the table t is not there, though the column u.c is",
            "migmerge sync",
            id="half of it, and the rest is known",
        ),
        pytest.param(
            replace(status(TABLE), phantoms=("b",)), "", f"{RUN}the table t is not there", "migmerge reset", id="a phantom"
        ),
    ],
)
def test_mm103_skipped_revision(found: DatabaseStatus, restore: str, message: str, hint: str) -> None:
    (finding,) = skipped_revisions(report(restore=restore), found)
    assert told(finding) == ("MM103", message, hint)
    assert finding.symptom == "no such table: t"


@pytest.mark.parametrize(
    ("effect", "dialect", "symptom"),
    [
        (COLUMN, "sqlite", "no such column: c"),
        (TABLE, "postgresql", 'relation "t" does not exist'),
        (COLUMN, "postgresql", 'column "c" does not exist'),
        (TABLE, "mysql", "Table 't' doesn't exist"),
        (COLUMN, "mariadb", "Unknown column 'c'"),
        (INDEX, "sqlite", None),
        (TABLE, "oracle", None),
    ],
)
def test_the_error_in_which_a_user_meets_what_is_missing(effect: Effect, dialect: str, symptom: str | None) -> None:
    (finding,) = skipped_revisions(report(), status(effect, dialect=dialect))
    assert finding.symptom == symptom


COMMITTED = OtherScript("b", "c" * 40, "add b", edited=True)
TAKE_BACK = "git checkout cccccccccc -- 'versions/b c.py'"
EDITED = 'shop ran b "add b" as commit cccccccccc has it; it was edited since then: the table t is not there'
BLOB = 'shop ran b "add b" in another version (git show bbbbbbbbbb); it was edited since then: '


@pytest.mark.parametrize(
    ("found", "coverage", "message", "hint"),
    [
        pytest.param(replace(status(TABLE), others=(COMMITTED,)), None, EDITED, TAKE_BACK, id="a commit has what ran"),
        pytest.param(
            replace(status(TABLE), others=(COMMITTED,), remainders={"b": REST}),
            None,
            EDITED,
            "migmerge sync",
            id="the rest is known",
        ),
        pytest.param(
            status(TABLE),
            Coverage((), (), 1, edited={"b": "b" * 40}),
            f"{BLOB}the table t is not there",
            "git cat-file blob bbbbbbbbbb > 'versions/b c.py'",
            id="no commit has what ran",
        ),
    ],
)
def test_mm109_edited_since_run(found: DatabaseStatus, coverage: Coverage | None, message: str, hint: str) -> None:
    (finding,) = skipped_revisions(report(coverage), found)
    assert told(finding) == ("MM109", message, hint)
    assert finding.symptom == "no such table: t"
    assert [*reused_ids(report(), found)] == []


@pytest.mark.parametrize(
    ("other", "message"),
    [
        pytest.param(
            OtherScript("b", "c" * 40, "add z"),
            'shop records b for "add z" of commit cccccccccc: b "add b" of this checkout has not run',
            id="a commit has it",
        ),
        pytest.param(
            OtherScript("b", "", "", "d"),
            'shop records b for another script, here d: b "add b" of this checkout has not run',
            id="it is d",
        ),
        pytest.param(
            OtherScript("gone", "", "add z"), 'shop records gone for "add z": gone of this checkout has not run', id="not here"
        ),
    ],
)
def test_mm103_a_reused_id(other: OtherScript, message: str) -> None:
    (finding,) = reused_ids(report(), replace(status(), others=(other,)))
    assert told(finding) == ("MM103", message, "migmerge sync")


ALTERED = Coverage((), (), 1, altered={"b": ("t.x is INT, not TEXT",)}, is_deep=True)


def test_mm103_what_something_else_has_changed_is_a_warning() -> None:
    (finding,) = altered_revisions(report(ALTERED), status())
    assert told(finding) == (
        "MM103",
        f"{RUN}t.x is INT, not TEXT: something else changed it",
        "migmerge doctor --deep --assume-applied",
    )
    assert finding.severity is Severity.WARNING


def test_mm109_what_differs_where_the_script_was_edited() -> None:
    (finding,) = altered_revisions(report(replace(ALTERED, edited={"b": "b" * 40})), status())
    assert told(finding)[:2] == ("MM109", f"{BLOB}t.x is INT, not TEXT")
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("coverage", "told_of"),
    [
        (None, False),
        (Coverage(("b",), (), 1), False),
        (Coverage((), ("b",), 1), True),
        (Coverage(("b",), (), 1, reason="no scratch database"), True),
    ],
    ids=["not judged", "verified", "unproven", "no replay"],
)
def test_mm108_unproven_revision(coverage: Coverage | None, told_of: bool) -> None:
    found = [*unproven_revisions(report(coverage), status())]
    assert [each.code for each in found] == (["MM108"] if told_of else [])
    assert [*altered_revisions(report(coverage), status())] == []
