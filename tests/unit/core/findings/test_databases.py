"""The findings about databases, named after their codes, and that they agree with the plan of `sync`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from migmerge.core.database.database import NO_ID, CatalogObject, OtherTenants, Schema, Table, Unreachable
from migmerge.core.database.leftovers import Leftover
from migmerge.core.database.name_clashes import NameClash
from migmerge.core.database.rehearsal import Failure
from migmerge.core.database.status import status_of
from migmerge.core.database.sync_plan import plan_sync
from migmerge.core.database.sync_steps import SyncPlan
from migmerge.core.database.trial import PendingTrial
from migmerge.core.environment import Environment
from migmerge.core.finding import Finding, Severity
from migmerge.core.findings.database_report import DatabaseReport
from migmerge.core.findings.databases import after_scripts, diagnose_databases, with_symptom
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import ObjectKind, OtherKind
from migmerge.core.revision import Script, UnreadableScript
from migmerge.core.snapshot import Snapshot
from tests.support.examples import examples
from tests.support.findings import KINDS, a_finding
from tests.support.histories import revision
from tests.support.worlds import World, world_of, worlds

MIGRATIONS = Environment("migrations", "flask-migrate", ("versions",))
ALEMBIC = Environment("db", "alembic", ("versions",), "alembic.ini")
A, B, C = revision("a"), revision("b", "a"), revision("c", "b")
X = revision("x", "a")
BROKEN = UnreadableScript("versions/broken.py", "conflict markers")
Row = tuple[str, str, str, str, "str | None"]


def report_of(world: World, *unreadable: Script, environment: Environment = MIGRATIONS, restore: str = "") -> DatabaseReport:
    statuses = tuple(status_of(each, world.scripts, world.chains) for each in world.databases)
    snapshot = Snapshot(environment, (*world.here, *unreadable))
    scripts = {each.bind: restore for each in world.databases} if restore else {}
    return DatabaseReport(snapshot, statuses, world.chains, restore_scripts=scripts)


def rows(report: DatabaseReport) -> list[Row]:
    return [row(finding) for finding in diagnose_databases(report)]


def row(finding: Finding) -> Row:
    return finding.code, finding.severity.value, finding.message, str(finding.hint), finding.symptom


def with_database(world: World, **facts: object) -> World:
    return world._replace(databases=tuple(replace(each, **facts) for each in world.databases))  # type: ignore[arg-type]


def dialect(world: World, name: str) -> World:
    return with_database(world, address=replace(world.databases[0].address, dialect=name))


NOT_THERE = "Can't locate revision identified by 'x'"
BEHIND = "Target database is not up to date."
MM101, MM102, MM103 = ("MM101", "error"), ("MM102", "warning"), ("MM103", "error")


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(report_of(world_of([A], [], "a", "a")), [], id="nothing"),
        pytest.param(
            report_of(world_of([A], [X], "x", "ax")),
            [
                (
                    *MM101,
                    "shop.db records x, which is in no script here: x.py, in commit c0ffee, on no branch any more",
                    "migmerge sync",
                    NOT_THERE,
                )
            ],
            id="MM101: a commit has the script",
        ),
        pytest.param(
            report_of(world_of([A], [], "x", "az")),
            [
                (
                    *MM101,
                    "shop.db records x, which is in no script here, nor anywhere in this clone's history; its schema is that of a, and t_z besides",
                    "git fetch --all && migmerge sync",
                    NOT_THERE,
                )
            ],
            id="MM101: no commit has the script",
        ),
        pytest.param(
            report_of(world_of([A], [], "x", "z")),
            [
                (
                    *MM101,
                    "shop.db records x, which is in no script here, nor anywhere in this clone's history; its schema fits no revision here",
                    "git fetch --all && migmerge sync",
                    NOT_THERE,
                )
            ],
            id="MM101: and nothing fits",
        ),
        pytest.param(
            report_of(world_of([A], [X], "x", "ax"), BROKEN),
            [
                (
                    "MM101",
                    "warning",
                    "shop.db records x, which may be in versions/broken.py: conflict markers",
                    "migmerge check",
                    NOT_THERE,
                )
            ],
            id="MM101: a script that cannot be read may be the one",
        ),
        pytest.param(
            report_of(world_of([A], [X], "x", "ax"), BROKEN._replace(revision="y")),
            [
                (
                    *MM101,
                    "shop.db records x, which is in no script here: x.py, in commit c0ffee, on no branch any more",
                    "migmerge sync",
                    NOT_THERE,
                )
            ],
            id="MM101: a script that cannot be read is another one",
        ),
        pytest.param(
            report_of(world_of([A, B], [], "a", "a")),
            [(*MM102, "1 revision has not run in shop.db: b", "flask db upgrade", BEHIND)],
            id="MM102",
        ),
        pytest.param(
            report_of(world_of([A, B, X], [], "a", "a")),
            [(*MM102, "2 revisions have not run in shop.db: b and x", "migmerge fix && flask db upgrade", BEHIND)],
            id="MM102: and the heads diverge",
        ),
        pytest.param(
            report_of(world_of([A, B], [], "a", "a"), environment=ALEMBIC),
            [(*MM102, "1 revision has not run in shop.db: b", "alembic upgrade head", BEHIND)],
            id="MM102: without Flask",
        ),
        pytest.param(
            report_of(world_of([A, B], [], "a", "ab")),
            [
                (
                    "MM102",
                    "error",
                    "1 revision has not run in shop.db: b; b would fail: the table t_b is there already (it died half-way, or something else made it, as db.create_all() does)",
                    "migmerge sync",
                    BEHIND,
                )
            ],
            id="MM102: made by something else",
        ),
        pytest.param(
            report_of(world_of([A, B], [], "a", "ab"), restore="/b/restore it.sh"),
            [
                (
                    "MM102",
                    "error",
                    "1 revision has not run in shop.db: b; b would fail: the table t_b is there already (it died half-way, or something else made it, as db.create_all() does)",
                    "migmerge sync",
                    BEHIND,
                )
            ],
            id="MM102: with a backup from before, which nothing needs",
        ),
        pytest.param(
            report_of(world_of([A, B, C], [], "a", "ac")),
            [
                (
                    "MM102",
                    "error",
                    "2 revisions have not run in shop.db: b and c; c would fail: the table t_c is there already (it died half-way, or something else made it, as db.create_all() does)",
                    "migmerge sync",
                    BEHIND,
                )
            ],
            id="MM102: made on top of what is not there",
        ),
        pytest.param(
            report_of(world_of([A, B], [X], "x", "ax")),
            [
                (
                    *MM101,
                    "shop.db records x, which is in no script here: x.py, in commit c0ffee, on no branch any more",
                    "migmerge sync",
                    NOT_THERE,
                ),
                (*MM102, "1 revision has not run in shop.db: b", "migmerge sync", BEHIND),
            ],
            id="MM102: beside a phantom",
        ),
        *(
            pytest.param(
                report_of(dialect(world_of([A, B], [], "b", "a"), name)),
                [(*MM103, "shop.db records b as run, but the table t_b is not there", "migmerge sync", symptom)],
                id=f"MM103 on {name}",
            )
            for name, symptom in [
                ("sqlite", "no such table: t_b"),
                ("postgresql", 'relation "t_b" does not exist'),
                ("mariadb", "Table 't_b' doesn't exist"),
                ("mysql", "Table 't_b' doesn't exist"),
                ("oracle", None),
            ]
        ),
        pytest.param(
            report_of(world_of([A, B], [], "", "a")),
            [
                (
                    "MM104",
                    "error",
                    "shop.db has nothing in alembic_version, but its tables are there: its schema is that of a",
                    "flask db stamp a",
                    "table t_a already exists",
                )
            ],
            id="MM104",
        ),
        pytest.param(
            report_of(dialect(with_database(world_of([A], [], "", "a"), has_version_table=False), "postgresql")),
            [
                (
                    "MM104",
                    "error",
                    "shop.db has no alembic_version table, but its tables are there: its schema is that of a",
                    "flask db stamp a",
                    'relation "t_a" already exists',
                )
            ],
            id="MM104: no table on PostgreSQL",
        ),
        pytest.param(
            report_of(with_database(world_of([A], [], "a", "a"), models_ahead=("only the models have the table t",))),
            [
                (
                    "MM105",
                    "warning",
                    "the models differ from the schema of shop.db: only the models have the table t",
                    "flask db migrate -m 'what it does'",
                    "New upgrade operations detected",
                )
            ],
            id="MM105",
        ),
        pytest.param(
            report_of(
                with_database(world_of([A], [], "a", "a"), models_ahead=("only the database has the table t",)),
                environment=ALEMBIC,
            ),
            [
                (
                    "MM105",
                    "warning",
                    "the models differ from the schema of shop.db: only the database has the table t; autogenerate would drop what only the database has: look at what it writes",
                    "alembic revision --autogenerate -m 'what it does'",
                    "New upgrade operations detected",
                )
            ],
            id="MM105: without Flask, and the other way round",
        ),
        pytest.param(
            DatabaseReport(Snapshot(MIGRATIONS, (A,)), unreachable=Unreachable("no route", "migmerge doctor --no-db")),
            [("MM106", "warning", "no route", "migmerge doctor --no-db", None)],
            id="MM106",
        ),
    ],
)
def test_findings(report: DatabaseReport, expected: list[Row]) -> None:
    assert rows(report) == expected


def test_a_revision_that_is_half_there_is_completed_by_sync_or_restored() -> None:
    world = world_of([A], [], "a", "a")
    half = with_database(world, schema=Schema({"t_a": Table()}))
    message = "shop.db records a as run, but the column t_a.id is not there, though the table t_a is"
    assert rows(report_of(half)) == [(*MM103, message, "migmerge sync", "no such column: id")]
    computed = half._replace(here=[A]).scripts
    unclear = replace(computed, texts={"a": computed.texts["a"].replace(b"op.create", b"x = op.create")})
    status = status_of(half.databases[0], unclear, {})
    report = DatabaseReport(Snapshot(MIGRATIONS, (A,)), (status,))
    assert rows(report)[0][3] == "migmerge reset"
    assert rows(replace(report, restore_scripts={"": "/b/undo.sh"}))[0][3] == "sh /b/undo.sh"


@examples(150)
@given(world=worlds())
def test_sync_has_something_to_do_where_something_is_found(world: World) -> None:
    report = report_of(world)
    found = diagnose_databases(report)
    order = [list(Severity).index(finding.severity) for finding in found]
    assert order == sorted(order)
    plan = plan_sync(world.scripts, report.statuses, world.chains)
    assert bool(found) == (not isinstance(plan, SyncPlan) or bool(plan.steps))
    phantoms = [name for each in world.databases for name in each.recorded if name not in world.scripts.graph]
    assert sorted(name for each in found if each.code == "MM101" for name in each.revisions) == sorted(phantoms)


LONG = revision("a_revision_with_a_name_of_more_than_32_characters", "a")


@pytest.mark.parametrize(("longest", "is_found"), [(32, True), (None, False), (64, False)])
def test_mm014_an_id_for_which_the_version_table_has_no_room(longest: int | None, is_found: bool) -> None:
    world = with_database(dialect(world_of([A, LONG], [], "a", "a"), "postgresql"), longest_id=longest)
    (first, *_) = rows(report_of(world))
    message = (
        f"the id {LONG.revision} has 49 characters and version_num in shop.db takes 32: the upgrade dies after the revision ran"
    )
    too_long = ("MM014", "error", message, "migmerge fix", "value too long for type character varying(32)")
    assert (first == too_long) is is_found
    plan = plan_sync(world.scripts, [status_of(each, world.scripts, {}) for each in world.databases], {})
    assert isinstance(plan, SyncPlan) is not is_found


def test_mm014_is_not_said_of_an_id_that_the_version_table_has() -> None:
    world = with_database(world_of([A, LONG], [], "a", "a"), recorded=(LONG.revision,), longest_id=32)
    assert "MM014" not in [code for code, *_ in rows(report_of(world))]


UPGRADE = "flask db upgrade"


def on(*codes_and_revisions: tuple[str, tuple[str, ...]], environment: str = "migrations", **facts: object) -> list[Finding]:
    made = [a_finding(code, KINDS[code].severity, environment, "", f"cure {code}", names) for code, names in codes_and_revisions]
    return [each._replace(**facts) for each in made]  # type: ignore[arg-type]


PENDING = a_finding("MM102", Severity.WARNING, "migrations", "b is pending", UPGRADE, ("b",))
PHANTOM = a_finding("MM101", Severity.ERROR, "migrations", "x is gone", "migmerge sync", ("x",))


@pytest.mark.parametrize(
    ("finding", "of_scripts", "said"),
    [
        pytest.param(PENDING, on(("MM002", ("c", "gone"))), "b is pending; MM002 comes first", id="a parent is missing"),
        pytest.param(PENDING, on(("MM011", ("b",))), None, id="a message is missing"),
        pytest.param(PENDING, on(("MM002", ("c", "gone")), environment="other"), None, id="in another environment"),
        pytest.param(
            PENDING,
            on(("MM016", ("a", "b")), stops_upgrade=True),
            "b is pending; MM016 comes first",
            id="the pending one cannot run",
        ),
        pytest.param(
            PENDING, on(("MM016", ("a", "c")), stops_upgrade=True, own_severity=Severity.WARNING), None, id="others cannot run"
        ),
        pytest.param(PHANTOM, on(("MM002", ("c", "gone"))), None, id="a phantom goes all the same"),
    ],
)
def test_the_cure_of_the_scripts_comes_before_an_upgrade(finding: Finding, of_scripts: list[Finding], said: str | None) -> None:
    found = after_scripts(finding, of_scripts)
    assert found == (finding._replace(message=said, hint=of_scripts[0].hint) if said else finding)


@pytest.mark.parametrize(
    ("leftover", "severity", "message", "symptom"),
    [
        (
            Leftover(ObjectKind.TABLE, "_alembic_tmp_t", instead="t"),
            "warning",
            "shop.db holds the table _alembic_tmp_t, the only copy of t: a run died after it had dropped the table",
            'table "_alembic_tmp_t" already exists',
        ),
        (
            Leftover(ObjectKind.TABLE, "_alembic_tmp_t"),
            "warning",
            "shop.db holds the table _alembic_tmp_t, which a run that died has left: the next change of the table would die of it",
            'table "_alembic_tmp_t" already exists',
        ),
        (
            Leftover(ObjectKind.ENUM, "mood", "a"),
            "error",
            "shop.db holds the type mood, which no column has: a would die of it",
            'type "mood" already exists',
        ),
        (
            Leftover(OtherKind.VIEW, "named", "a"),
            "error",
            "shop.db holds the view named, which no revision here made and nothing uses: a would die of it",
            "view named already exists",
        ),
    ],
    ids=["the only copy", "a copy", "a type", "a view"],
)
def test_mm110_leftovers(leftover: Leftover, severity: str, message: str, symptom: str) -> None:
    report = report_of(world_of([A], [], "a", "a"))
    (status,) = report.statuses
    found = rows(replace(report, statuses=(replace(status, leftovers=(leftover,)),)))
    assert found == [("MM110", severity, message, "migmerge sync", symptom)]


@pytest.mark.parametrize(
    ("kind", "tenants", "named"),
    [
        ("postgresql", ("acme", "b"), "shop.db.acme and shop.db.b could not be asked"),
        ("mariadb", ("acme", "b"), "acme and b record revisions of this checkout and could not be asked"),
        ("mysql", ("acme",), "acme records revisions of this checkout and could not be asked"),
    ],
)
def test_mm106_tenants_that_were_not_asked(kind: str, tenants: tuple[str, ...], named: str) -> None:
    report = report_of(dialect(with_database(world_of([A], [], "a", "a"), others=OtherTenants(tenants, "tenant")), kind))
    assert [each[:4] for each in rows(report)] == [
        (
            "MM106",
            "warning",
            f"{named}: env.py asks for -x tenant, which migmerge does not give",
            "flask db upgrade -x tenant=NAME",
        )
    ]
    assert not report.is_judged and replace(report, statuses=()).is_judged


def test_an_error_of_the_scripts_has_the_symptom_of_alembic() -> None:
    (error,) = on(("MM002", ("b", "gone")))
    (warning,) = on(("MM011", ("b",)))
    assert with_symptom(error).symptom == "KeyError: 'gone'"
    assert with_symptom(warning) == warning


def test_mm107_a_record_that_is_there_twice() -> None:
    report = report_of(with_database(world_of([A, B], [], "b", "ab"), recorded=("b", "b")))
    (found,) = rows(report)
    message = "alembic_version of shop.db holds b twice: every upgrade from it, and every downgrade, fails"
    assert found[:4] == ("MM107", "error", message, "migmerge sync")
    symptom = "Online migration expected to match one row when updating 'b'"
    assert diagnose_databases(report)[0].symptom == symptom


def test_mm102_what_is_pending_waits_for_a_record_that_is_there_once() -> None:
    report = report_of(with_database(world_of([A, B], [], "a", "a"), recorded=("a", "a")))
    assert [(found[0], found[3]) for found in rows(report)] == [("MM107", "migmerge sync"), ("MM102", "migmerge sync")]


def test_mm107_a_phantom_that_is_there_twice() -> None:
    report = report_of(with_database(world_of([A], [B], "b", "ab"), recorded=("b", "b")))
    assert [(found[0], found[3]) for found in rows(report)] == [("MM107", "migmerge sync"), ("MM101", "migmerge sync")]


@pytest.mark.parametrize("value", NO_ID)
def test_mm101_a_record_that_is_no_id(value: str) -> None:
    (found, *_) = diagnose_databases(report_of(world_of([A], [], [value], "a")))
    assert found.message == f"shop.db records {value}, which is no revision id; its schema is that of a"
    assert (found.code, str(found.hint), found.symptom) == ("MM101", "migmerge sync", None)


def test_mm107_a_record_of_what_another_record_follows() -> None:
    report = report_of(with_database(world_of([A, B], [], "b", "ab"), recorded=("a", "b")))
    (found,) = rows(report)
    message = "alembic_version of shop.db holds a and b, which follows it: every upgrade fails"
    assert found[:4] == ("MM107", "error", message, "migmerge sync")


def test_mm104_where_something_is_unproven_sync_asks_about_it() -> None:
    rows = b"from alembic import op\n\ndef upgrade():\n    op.execute('UPDATE t_a SET id = 1')\n"
    world, scripts = world_of([A, B], [], "", "a"), world_of([A, B], [], "", "a").scripts
    scripts = replace(scripts, texts={**scripts.texts, "b": rows}, operations={**scripts.operations, "b": read_operations(rows)})
    report = DatabaseReport(Snapshot(MIGRATIONS, (*world.here,)), (status_of(world.databases[0], scripts, {}),), {})
    (found,) = (each for each in diagnose_databases(report) if each.code == "MM104")
    assert found.message.endswith("its schema is that of a (b leaves no trace to tell)")
    assert str(found.hint) == "migmerge sync"


CLASH = CatalogObject(ObjectKind.INDEX, "ix", "old", is_used=True)


@pytest.mark.parametrize(
    ("is_foreign", "expected"),
    [
        (
            True,
            [
                (
                    "MM110",
                    "error",
                    "shop.db holds the index ix on old, which no revision here made and which has to stay: b would fail",
                    "migmerge reset",
                    'relation "ix" already exists',
                ),
                (*MM102, "1 revision has not run in shop.db: b", "migmerge reset", BEHIND),
            ],
        ),
        (
            False,
            [
                (
                    "MM102",
                    "error",
                    "1 revision has not run in shop.db: b; b would fail: the index ix is there already on old",
                    "migmerge explain MM102",
                    BEHIND,
                )
            ],
        ),
    ],
    ids=["MM110: what no revision made", "MM102: what one made"],
)
def test_what_is_in_the_way_of_a_pending_revision(*, is_foreign: bool, expected: list[Row]) -> None:
    report = report_of(dialect(world_of([A, B], [], "a", "a"), "postgresql"))
    (status,) = report.statuses
    clashing = replace(status, clashes=(NameClash("b", CLASH, is_foreign),))
    assert rows(replace(report, statuses=(clashing,))) == expected


@pytest.mark.parametrize(
    ("trial", "expected", "is_judged"),
    [
        pytest.param(PendingTrial(), (*MM102, "", "flask db upgrade"), True, id="it runs"),
        pytest.param(
            PendingTrial(Failure("b", "DROP TABLE x", "no such table: x", is_of_schema=True)),
            (
                "MM102",
                "error",
                "; b would fail: no such table: x; the statement was: DROP TABLE x",
                "migmerge explain MM102",
            ),
            True,
            id="it is sure to fail",
        ),
        pytest.param(
            PendingTrial(Failure("b", None, "ValueError: no rows")),
            (
                *MM102,
                "; nobody knows whether they run: b fails on an empty copy: ValueError: no rows",
                "flask db upgrade",
            ),
            False,
            id="it may need rows",
        ),
        pytest.param(
            PendingTrial(reason="pg_dump is missing"),
            (*MM102, "; nobody knows whether they run: pg_dump is missing", "flask db upgrade"),
            False,
            id="it could not be tried",
        ),
    ],
)
def test_mm102_says_what_a_trial_showed(trial: PendingTrial, expected: tuple[str, str, str, str], *, is_judged: bool) -> None:
    report = replace(report_of(world_of([A, B], [], "a", "a")), trials={"": trial})
    code, severity, said, hint = expected
    assert rows(report) == [(code, severity, f"1 revision has not run in shop.db: b{said}", hint, BEHIND)]
    assert report.is_judged == is_judged
