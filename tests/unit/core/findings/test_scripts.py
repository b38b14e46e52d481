"""The findings, named after their codes."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence, NestedRepository
from migmerge.core.finding import Finding, Severity
from migmerge.core.findings.registry import REGISTRY
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.plan import Policy, Refusal
from migmerge.core.fix_plan.proposals import propose
from migmerge.core.provenance import LastSeen, Provenance
from migmerge.core.revision import EDITED, NESTED, NEW, Identifiers, Revision, Script, UnreadableScript
from migmerge.core.script.budget import NOT_READ
from migmerge.core.snapshot import Snapshot
from tests.support.findings import KINDS, a_finding

MIGRATIONS = Environment("migrations", "flask-migrate", ("migrations/versions",), "migrations/alembic.ini")
ALEMBIC = Environment("db", "alembic", ("db/versions",), "alembic.ini")
TOP = Environment("", "alembic", ("versions",), "alembic.ini")
SPACED = Environment("my app/db", "alembic", ("my app/db/versions",), "my app/alembic.ini")
BEA = Provenance("c" * 40, "bea", "2024-05-01T12:00:00+00:00", ("feature",), "feature")
ANN = Provenance("a" * 40, "ann", "2024-05-02T12:00:00+00:00")


def script(
    name: str,
    *parents: str,
    message: str = "add it",
    labels: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    defect: str | None = None,
    path: str | None = None,
) -> Revision:
    identifiers = Identifiers(name, parents, labels, depends_on, message, None, defect)
    return Revision(identifiers, path or f"migrations/versions/{name}.py")


def findings(*scripts: Script, environment: Environment = MIGRATIONS, evidence: Evidence | None = None) -> tuple[Finding, ...]:
    # What else to do is tested where `fix` refuses.
    return tuple(each._replace(otherwise=None) for each in diagnose(Snapshot(environment, scripts), evidence))


def paths(*names: str) -> tuple[str, ...]:
    return tuple(f"migrations/versions/{name}.py" for name in names)


def test_nothing_is_wrong_with_one_line_of_revisions() -> None:
    assert findings(script("a"), script("b", "a"), script("c", "b")) == ()
    assert findings() == ()


def test_every_code_has_a_kebab_case_name() -> None:
    assert [a_finding(code, Severity.INFO, "", "", "").name for code in KINDS] == [kind.name for kind in REGISTRY]
    assert all(kind.name.replace("-", "").isalpha() and kind.name.islower() for kind in REGISTRY)


DIVERGED = (script("a"), script("b", "a", message="add email"), script("c", "a", message="add orders"))


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        pytest.param(None, '2 heads diverge after a "add it": b "add email" and c "add orders"', id="no evidence"),
        pytest.param(
            Evidence({"b": ANN, "c": BEA}),
            '2 heads diverge after a "add it": b "add email" (ann) and c "add orders" (bea, feature)',
            id="provenance",
        ),
    ],
)
def test_mm001_divergent_heads(evidence: Evidence | None, message: str) -> None:
    expected = a_finding("MM001", Severity.ERROR, "migrations", message, "migmerge fix", ("b", "c"), paths("b", "c"), "a")
    assert findings(*DIVERGED, evidence=evidence) == (expected,)


def test_mm001_divergent_heads_of_criss_cross_merges_have_no_branch_point() -> None:
    scripts = (script("a"), script("b", "a"), script("c", "a"), script("d", "b", "c", message=""), script("e", "c", "b", "a"))
    (found, *_) = findings(*scripts)
    message = '2 heads diverge: d and e "add it"'
    assert found == a_finding("MM001", Severity.ERROR, "migrations", message, "migmerge fix", ("d", "e"), paths("d", "e"))


def test_mm001_divergent_heads_are_told_apart_by_their_forks() -> None:
    labelled = (script("b", "a", labels=("x",)), script("c", "a", labels=("y",)))
    found = findings(script("a"), *labelled, script("d", "b"), script("e", "b"), script("f", "c"), script("g", "c"))
    assert [(each.code, each.revisions, each.branch_point) for each in found] == [
        ("MM001", ("d", "e"), "b"),
        ("MM001", ("f", "g"), "c"),
    ]


def test_mm001_more_heads_than_one_reads_at_once_are_counted() -> None:
    (found,) = findings(script("a"), *(script(f"b{number}", "a", message=f"{number}") for number in range(8)))
    assert found.message == '8 heads diverge after a "add it": b0 "0", b1 "1", b2 "2", b3 "3", b4 "4" and 3 more'
    assert found.revisions == tuple(f"b{number}" for number in range(8))


NOWHERE = "which is in no script: no commit that this clone has holds it"
FETCH = "git fetch --all && migmerge fix"


@pytest.mark.parametrize(
    ("evidence", "message", "hint"),
    [
        pytest.param(None, f'b "add it" has the down_revision gone, {NOWHERE}', FETCH, id="nowhere"),
        pytest.param(
            Evidence({"b": BEA}),
            f'b "add it" (bea, feature) has the down_revision gone, {NOWHERE}',
            FETCH,
            id="provenance",
        ),
        pytest.param(
            Evidence(last_seen={"gone": LastSeen("d" * 40, "migrations/versions/gone it.py", "dan", "old")}),
            'b "add it" has the down_revision gone, which is in no script: '
            "migrations/versions/gone it.py had it in commit dddddddddd (dan on old)",
            "git checkout dddddddddd -- 'migrations/versions/gone it.py'",
            id="on a branch",
        ),
        pytest.param(
            Evidence(last_seen={"gone": LastSeen("d" * 40, "migrations/versions/gone.py", "dan")}),
            'b "add it" has the down_revision gone, which is in no script: '
            "migrations/versions/gone.py had it in commit dddddddddd (dan)",
            "git checkout dddddddddd -- migrations/versions/gone.py",
            id="on no branch",
        ),
    ],
)
def test_mm002_missing_parent(evidence: Evidence | None, message: str, hint: str) -> None:
    expected = a_finding("MM002", Severity.ERROR, "migrations", message, hint, ("b", "gone"), paths("b"))
    assert findings(script("a"), script("b", "a", "gone"), evidence=evidence) == (expected,)


def test_mm002_missing_parent_that_is_not_committed() -> None:
    gone = script("gone", path="migrations/versions/it's gone.py")._replace(uncommitted=NEW)
    found = findings(script("a"), script("b", "a", "gone"), evidence=Evidence(uncommitted=(gone,), on_disk=(gone,)))
    assert [(each.code, each.message, str(each.hint)) for each in found] == [
        (
            "MM002",
            'b "add it" has the down_revision gone, which is in no script: '
            "migrations/versions/it's gone.py has it and is not committed",
            "git add 'migrations/versions/it'\"'\"'s gone.py' && git commit",
        ),
        (
            "MM009",
            "migrations/versions/it's gone.py is not committed; Alembic loads it here, a fresh clone does not have it",
            "git add 'migrations/versions/it'\"'\"'s gone.py' && git commit",
        ),
    ]


def test_mm002_missing_parent_of_depends_on() -> None:
    expected = a_finding(
        "MM002",
        Severity.ERROR,
        "migrations",
        f'a "add it" has the depends_on gone, {NOWHERE}',
        FETCH,
        ("a", "gone"),
        paths("a"),
    )
    assert findings(script("a", depends_on=("gone",))) == (expected,)


@pytest.mark.parametrize(
    ("environment", "hint"),
    [pytest.param(TOP, FETCH, id="top"), pytest.param(SPACED, FETCH, id="space")],
)
def test_mm002_missing_parent_has_a_hint_that_runs(environment: Environment, hint: str) -> None:
    (found,) = findings(script("a", "gone"), environment=environment)
    assert str(found.hint) == hint


SEARCH = "git log --all --oneline -Sgone"
PLUGINS = ALEMBIC._replace(outside=("ext:migrations", "/srv/more"))
DECLARED = ALEMBIC._replace(external=("accounts",))
UNKNOWN = Environment("my app/db", "alembic", ("my app/db/versions",))
DECLARE = """printf '%s\\n' '' '[[tool.migmerge.environment]]' 'path = "my app/db"' 'versions = ["my app/db/versions"]' >> pyproject.toml"""


@pytest.mark.parametrize(
    ("environment", "parents", "severity", "where", "hint"),
    [
        pytest.param(PLUGINS, "down", Severity.INFO, "ext:migrations and /srv/more, outside of", SEARCH, id="outside"),
        pytest.param(PLUGINS, "depends", Severity.INFO, "ext:migrations and /srv/more, outside of", SEARCH, id="depends outside"),
        pytest.param(DECLARED, "depends", Severity.INFO, "accounts, declared as external, may have it", SEARCH, id="external"),
        pytest.param(DECLARED, "down", Severity.ERROR, "no commit that this clone has holds it", FETCH, id="a parent"),
        pytest.param(UNKNOWN, "down", Severity.WARNING, "no configuration names the version locations", DECLARE, id="unknown"),
        pytest.param(UNKNOWN._replace(declared=True), "down", Severity.ERROR, "no commit", FETCH, id="locations declared"),
    ],
)
def test_mm002_missing_parent_that_another_place_may_have_is_no_error(
    environment: Environment, parents: str, severity: Severity, where: str, hint: str
) -> None:
    scripts = script("a", "gone") if parents == "down" else script("a", depends_on=("gone",))
    (found,) = findings(scripts, environment=environment)
    assert (found.code, found.severity, str(found.hint)) == ("MM002", severity, hint)
    assert f", which is in no script: {where}" in found.message


def test_mm002_missing_parent_that_git_has_is_an_error_beside_outside_locations_too() -> None:
    evidence = Evidence(last_seen={"gone": LastSeen("c" * 40, "db/versions/gone.py", "bea")})
    (found,) = findings(script("a", "gone"), environment=PLUGINS, evidence=evidence)
    assert found.severity is Severity.ERROR


def test_mm005_configuration_that_alembic_cannot_read() -> None:
    broken = ALEMBIC._replace(config="my app/alembic.ini", section="lite", problem="path_separator: 'comma' is not valid")
    expected = a_finding(
        "MM005",
        Severity.ERROR,
        "db",
        "my app/alembic.ini [lite]: Alembic cannot read it: path_separator: 'comma' is not valid",
        "edit 'my app/alembic.ini':1: write a value that Alembic can read",
        (),
        ("my app/alembic.ini",),
    )
    assert findings(script("a"), environment=broken) == (expected,)


def test_mm002_missing_parent_is_not_said_of_a_script_that_is_there_and_unreadable() -> None:
    unreadable = UnreadableScript("migrations/versions/b.py", "its down_revision is computed", "b")
    assert [each.code for each in findings(script("a"), unreadable, script("c", "b"))] == ["MM005"]


def test_mm003_duplicate_revision() -> None:
    copies = script("b", "a", path="migrations/versions/b 1.py"), script("b", "a", path="migrations/versions/b2.py")
    expected = a_finding(
        "MM003",
        Severity.ERROR,
        "migrations",
        "2 scripts have the id b: migrations/versions/b 1.py and migrations/versions/b2.py; "
        "remove the copy, or give the later one an id of its own (a merge revision is not the cure)",
        "edit migrations/versions/b2.py:1: give it another id than b, or remove it",
        ("b",),
        ("migrations/versions/b 1.py", "migrations/versions/b2.py"),
    )
    assert findings(script("a"), *copies) == (expected,)


def test_mm004_revision_cycle() -> None:
    expected = a_finding(
        "MM004",
        Severity.ERROR,
        "migrations",
        "b and c follow one another in a circle; correct the reference that closes it",
        "edit migrations/versions/b.py:1: name another revision than c",
        ("b", "c"),
        paths("b", "c"),
    )
    assert findings(script("a"), script("b", "a", "c"), script("c", "b"), script("d", "c")) == (expected,)


def test_mm004_revision_cycle_of_one() -> None:
    expected = a_finding(
        "MM004",
        Severity.ERROR,
        "migrations",
        "a follows itself; correct the reference that closes it",
        "edit migrations/versions/a.py:1: name another revision than a",
        ("a",),
        paths("a"),
    )
    assert findings(script("a", "a")) == (expected,)


@pytest.mark.parametrize(
    ("unreadable", "severity", "message", "revisions"),
    [
        pytest.param(
            UnreadableScript("migrations/versions/b.py", "its down_revision is computed", "b"),
            Severity.ERROR,
            "migrations/versions/b.py: its down_revision is computed; its place in the history cannot be known",
            ("b",),
            id="parents unknown",
        ),
        pytest.param(
            UnreadableScript("migrations/versions/b.py", "syntax error on line 3"),
            Severity.ERROR,
            "migrations/versions/b.py: syntax error on line 3; its place in the history cannot be known",
            (),
            id="id unknown",
        ),
        pytest.param(
            script("b", "a", defect="syntax error on line 3"),
            Severity.ERROR,
            "migrations/versions/b.py: syntax error on line 3; Alembic cannot load it",
            ("b",),
            id="ids known",
        ),
    ],
)
def test_mm005_unreadable_script(unreadable: Script, severity: Severity, message: str, revisions: tuple[str, ...]) -> None:
    expected = a_finding(
        "MM005", severity, "migrations", message, "edit migrations/versions/b.py:1: correct it", revisions, paths("b")
    )
    (found,) = findings(script("a"), unreadable)
    assert found._replace(graph_is_known=False) == expected


TWICE = (script("a"), script("b", "a"), script("c", "a"), script("m", "b", "c"), script("n", "c", "b", message=""))


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        pytest.param(None, 'b and c are joined by 2 merge revisions: m "add it" and n; join them', id="no evidence"),
        pytest.param(
            Evidence({"m": ANN, "n": BEA}),
            'b and c are joined by 2 merge revisions: m "add it" (ann) in commit aaaaaaaaaa and n (bea, feature) in commit cccccccccc; join them',
            id="provenance",
        ),
    ],
)
def test_mm006_double_merge(evidence: Evidence | None, message: str) -> None:
    expected = a_finding("MM006", Severity.ERROR, "migrations", message, "migmerge fix", ("m", "n"), paths("m", "n"))
    found = findings(*TWICE, evidence=evidence)
    assert [each.code for each in found] == ["MM001", "MM006", "MM011"]
    assert found[1] == expected


def test_mm006_double_merge_is_cured_by_a_merge_revision_of_both() -> None:
    assert [each.code for each in findings(*TWICE, script("o", "m", "n"))] == ["MM011"]


@pytest.mark.parametrize(
    ("new", "revisions"),
    [
        pytest.param(script("b", "a"), ("b",), id="readable"),
        pytest.param(UnreadableScript("migrations/versions/b.py", "no revision id is assigned"), (), id="unreadable"),
    ],
)
def test_mm009_uncommitted_script(new: Revision | UnreadableScript, revisions: tuple[str, ...]) -> None:
    expected = a_finding(
        "MM009",
        Severity.WARNING,
        "migrations",
        "migrations/versions/b.py is not committed; Alembic loads it here, a fresh clone does not have it",
        "git add migrations/versions/b.py && git commit",
        revisions,
        paths("b"),
    )
    assert findings(script("a"), evidence=Evidence(uncommitted=(new._replace(uncommitted=NEW),))) == (expected,)


def test_mm009_does_not_lead_to_committing_a_divergence() -> None:
    new = script("c", "a")._replace(uncommitted=NEW)
    found = findings(script("a"), script("b", "a"), new, evidence=Evidence(uncommitted=(new,)))
    assert [(each.code, str(each.hint)) for each in found] == [("MM001", "migmerge fix"), ("MM009", "migmerge fix")]
    assert 'c "add it" (not committed)' in found[0].message


def test_an_edit_that_is_not_committed_is_named_so_and_is_no_mm009() -> None:
    edited = script("b", "a", defect="syntax error on line 3")._replace(uncommitted=EDITED)
    (found,) = findings(script("a"), edited, evidence=Evidence(uncommitted=(edited,)))
    assert (found.code, found.severity, found.blocks_fix) == ("MM005", Severity.ERROR, False)
    assert found.message.startswith("migrations/versions/b.py (edited, not committed): syntax error on line 3")
    assert str(found.hint) == "edit migrations/versions/b.py:1: correct it"


CURE = "set the down_revision where a root was not meant, or branch_labels where it was"


@pytest.mark.parametrize(
    ("scripts", "evidence", "message", "bases"),
    [
        pytest.param(
            (script("a"), script("b")),
            None,
            f'a "add it", which nothing follows, and b "add it", which nothing follows, are unrelated roots without a branch label; {CURE}',
            ("a", "b"),
            id="two",
        ),
        pytest.param(
            (script("a"), script("b", message="add orders"), script("c", "b")),
            Evidence({"a": ANN, "b": BEA}),
            f'a "add it" (ann), which nothing follows, and b "add orders" (bea, feature), which 1 revision follows, are unrelated roots without a branch label; {CURE}',
            ("a", "b"),
            id="provenance",
        ),
        pytest.param(
            (script("a", labels=("x",)), script("b")),
            None,
            f'b "add it", which nothing follows, is a root of its own without a branch label; {CURE}',
            ("b",),
            id="one is labelled",
        ),
    ],
)
def test_mm010_unlabelled_bases(
    scripts: tuple[Script, ...], evidence: Evidence | None, message: str, bases: tuple[str, ...]
) -> None:
    stray = bases[0] if 'b "add orders" (bea, feature), which 1 revision follows' in message else bases[-1]
    hint = f"edit {paths(stray)[0]}:1: name the down_revision, or a label in branch_labels"
    expected = a_finding("MM010", Severity.WARNING, "migrations", message, hint, bases, paths(*bases))
    assert findings(*scripts, evidence=evidence) == (expected,)


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param((script("a", labels=("x",)), script("b", labels=("y",))), id="labelled"),
        pytest.param((script("a"), script("c", "a", labels=("x",)), script("b", labels=("y",))), id="labelled further up"),
        pytest.param((script("a"), script("b"), script("c", "a", "b")), id="joined"),
        pytest.param((script("a"),), id="one root"),
    ],
)
def test_mm010_unlabelled_bases_are_no_finding_where_they_are_labelled_or_joined(scripts: tuple[Script, ...]) -> None:
    assert findings(*scripts) == ()


@pytest.mark.parametrize(
    ("scripts", "environment", "message", "hint"),
    [
        pytest.param(
            (script("a", message=""), script("b", "a")),
            MIGRATIONS,
            "a.py has no message in the docstring",
            "edit migrations/versions/a.py:1: say in the docstring's first line what the revision does",
            id="one",
        ),
        pytest.param(
            (script("a", message=""), script("b", "a", message="")),
            ALEMBIC,
            "a.py and b.py have no message in the docstring",
            "edit migrations/versions/a.py:1: say in the docstring's first line what the revision does",
            id="two",
        ),
    ],
)
def test_mm011_no_message(scripts: tuple[Revision, ...], environment: Environment, message: str, hint: str) -> None:
    silent = tuple(each.revision for each in scripts if not each.message)
    expected = a_finding("MM011", Severity.INFO, environment.path, message, hint, silent, paths(*silent))
    assert findings(*scripts, environment=environment) == (expected,)


def test_findings_come_with_the_worst_kinds_first() -> None:
    unreadable = UnreadableScript("migrations/versions/u.py", "no revision id is assigned")
    copies = script("b", "a"), script("b", "a", path="migrations/versions/b2.py")
    merges = script("d", "a"), script("m", "b", "d"), script("n", "b", "d", message="")
    circle = script("x", "y"), script("y", "x", "gone")
    evidence = Evidence(uncommitted=(script("new")._replace(uncommitted=NEW),))
    found = findings(script("a"), script("root"), *copies, *merges, *circle, unreadable, evidence=evidence)
    codes = ["MM005", "MM003", "MM004", "MM002", "MM001", "MM006", "MM009", "MM010", "MM011"]
    assert [each.code for each in found] == codes


LABELS = Identifiers("c", ("a",), message="add it", unknown=("branch_labels",))


def test_mm001_is_no_error_where_computed_labels_may_set_the_heads_apart() -> None:
    snapshot = Snapshot(MIGRATIONS, (script("a"), script("b", "a"), Revision(LABELS, "migrations/versions/c.py")))
    (divergent,) = [each for each in diagnose(snapshot) if each.code == "MM001"]
    assert divergent.severity is Severity.WARNING
    assert divergent.message.endswith("; c may set them apart: only running it tells its branch_labels")
    assert snapshot.graph.heads_once_joined == 2
    (refusal,) = propose(snapshot, [divergent], Evidence(), Policy())
    assert isinstance(refusal, Refusal)
    assert refusal.message == "the branch_labels of migrations/versions/c.py are computed and may set the heads apart"


def test_mm001_is_no_error_where_a_script_with_computed_parents_may_join_the_heads() -> None:
    computed = UnreadableScript("migrations/versions/m.py", "its down_revision is computed", "m", computed=True)
    snapshot = Snapshot(MIGRATIONS, (script("a"), script("b", "a"), script("c", "a"), computed))
    (divergent,) = [each for each in diagnose(snapshot) if each.code == "MM001"]
    assert divergent.severity is Severity.WARNING
    assert divergent.message.endswith("; migrations/versions/m.py may join them: only running it tells its identifiers")


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        pytest.param(UnreadableScript("migrations/versions/m.py", "its revision id is computed", computed=True), Severity.WARNING, id="id"),
        pytest.param(UnreadableScript("migrations/versions/m.py", "its down_revision is computed", "m", computed=True), Severity.ERROR, id="parents"),
        pytest.param(UnreadableScript("migrations/versions/m.py", "syntax error on line 1"), Severity.ERROR, id="no Python"),
    ],
)  # fmt: skip
def test_mm002_is_no_error_where_a_script_computes_its_id(other: UnreadableScript, severity: Severity) -> None:
    snapshot = Snapshot(MIGRATIONS, (script("b", "a"), other))
    (missing,) = [each for each in diagnose(snapshot) if each.code == "MM002"]
    assert missing.severity is severity


def test_mm002_a_depends_on_may_be_a_computed_label() -> None:
    lonely = script("b", depends_on=("core",))
    snapshot = Snapshot(MIGRATIONS, (lonely, Revision(LABELS._replace(down_revisions=()), "migrations/versions/c.py")))
    (missing,) = [each for each in diagnose(snapshot) if each.code == "MM002"]
    assert missing.severity is Severity.WARNING


def test_mm005_computed_labels_are_a_warning() -> None:
    (unknown,) = findings(script("a"), Revision(LABELS, "migrations/versions/c.py"))
    assert (unknown.code, unknown.severity) == ("MM005", Severity.WARNING)
    assert unknown.message == "migrations/versions/c.py: its branch_labels are computed; only running the script tells them"


B_PATH = "migrations/versions/b.py"
RESOLVED = f"edit {B_PATH}:7: resolve the conflict, then git add {B_PATH} && git commit"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(script("b"), f"{B_PATH}: git cannot merge it: both sides changed it", id="readable"),
        pytest.param(
            script("b", defect="syntax error on line 9"), f"{B_PATH}: git cannot merge it: both sides changed it", id="defective"
        ),
        pytest.param(
            UnreadableScript(B_PATH, "conflict markers", "b"),
            f"{B_PATH}: conflict markers; its place in the history cannot be known",
            id="with markers",
        ),
    ],
)
def test_mm005_a_conflict_is_resolved(found: Script, message: str) -> None:
    (finding,) = findings(found, evidence=Evidence(conflicts=(B_PATH,), lines={B_PATH: 7}))
    assert (finding.code, finding.message, str(finding.hint)) == ("MM005", message, RESOLVED)


def test_mm005_a_link_is_replaced_by_what_it_leads_to() -> None:
    (finding,) = findings(UnreadableScript(B_PATH, "a link out of the repository", link="migrations/my versions"))
    link = "'migrations/my versions'"
    copy = "'migrations/my versions.copy'"
    assert str(finding.hint) == f"cp -RL {link} {copy} && rm {link} && mv {copy} {link} && git add {link} && git commit"


def test_mm005_of_scripts_beyond_the_budget_one_finding_is_enough() -> None:
    unread = [UnreadableScript(f"migrations/versions/{name}.py", NOT_READ) for name in "bc"]
    assert [each.message.partition(",")[0] for each in findings(script("a"), *unread)] == ["2 scripts of 3 not read"]


@pytest.mark.parametrize(
    ("is_staged", "hint"),
    [(False, "git submodule add -- https://x/y.git migrations/shared && git commit"), (True, "git commit")],
    ids=["a clone", "a submodule that is not committed"],
)
def test_mm009_scripts_of_another_repository_are_one_finding(is_staged: bool, hint: str) -> None:
    inner = [
        script(name, *above, path=f"migrations/shared/{name}.py")._replace(uncommitted=NESTED)
        for name, above in (("b", "a"), ("c", "b"))
    ]
    elsewhere = script("d", "c", path="migrations/sharedness/d.py")._replace(uncommitted=NESTED)
    evidence = Evidence(
        nested={"migrations/shared": NestedRepository("https://x/y.git", is_staged)}, uncommitted=(*inner, elsewhere)
    )
    (finding, *_) = [each for each in findings(script("a"), *inner, elsewhere, evidence=evidence) if each.code == "MM009"]
    assert str(finding.hint) == hint and finding.revisions == ("b", "c")
    assert finding.message.startswith(
        "2 scripts in migrations/shared, a repository of its own that is no submodule of this one; "
    )
