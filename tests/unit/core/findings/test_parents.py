"""MM002 with its causes and cures, and MM015."""

from __future__ import annotations

import pytest
from alembic.runtime.migration import HeadMaintainer, MigrationContext, RevisionStep
from hypothesis import example, given
from sqlalchemy import create_engine

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.graph import RevisionGraph
from migmerge.core.provenance import LastSeen
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot
from tests.support.examples import examples
from tests.support.histories import alembics, histories, revision

MIGRATIONS = Environment("migrations", "flask-migrate", ("versions",), "alembic.ini")
PATH = "versions/gone.py"
SEEN = LastSeen("d" * 40, PATH, "dan", "old", (PATH,), ("a",))
BRING = "git checkout dddddddddd -- versions/gone.py"


def script(name: str, *parents: str, message: str = "", path: str = "", labels: tuple[str, ...] = ()) -> Revision:
    return Revision(Identifiers(name, parents, labels, (), message), path or f"versions/{name}.py")


def missing(*scripts: Revision, **seen: LastSeen) -> tuple[str, str]:
    """Return the cause and the hint of the only MM002."""
    (found,) = [
        each for each in diagnose(Snapshot(MIGRATIONS, scripts), Evidence(last_seen=seen)) if each.kind.name == "missing-parent"
    ]
    return found.message.partition("which is in no script: ")[2], str(found.hint)


@pytest.mark.parametrize(
    ("scripts", "cause"),
    [
        pytest.param(
            (script("0003", path="versions/0003_add_sources.py"), script("0004", "0003_add_sources")),
            "that is the name of a file, 0003_add_sources.py, whose revision is 0003",
            id="file name",
        ),
        pytest.param(
            (script("0003", path="versions/0003_add_sources.py"), script("0004", "versions/0003_add_sources.py")),
            "that is the name of a file, 0003_add_sources.py, whose revision is 0003",
            id="path",
        ),
        pytest.param(
            (script("0003", message="Add sources"), script("0004", "0003_add_sources")),
            "that is the name of a file, 0003.py, whose revision is 0003",
            id="id and message",
        ),
        pytest.param(
            (script("a1b2c3d4e5f6"), script("b", "a1b2c3")),
            "that is not the id a1b2c3d4e5f6, which a1b2c3d4e5f6.py has",
            id="prefix",
        ),
        pytest.param(
            (script("a1b2c3d4e5f6", path="versions/x.py"), script("b", "A1B2C3D4E5F6")),
            "that is not the id a1b2c3d4e5f6, which x.py has",
            id="letters",
        ),
        pytest.param(
            (script("a", labels=("shop",)), script("b", "shop")),
            "that is the branch label of a, and a down_revision names ids alone",
            id="label",
        ),
    ],
)
def test_mm002_a_name_that_means_one_revision(scripts: tuple[Revision, ...], cause: str) -> None:
    assert missing(*scripts) == (cause, "migmerge fix")


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param((script("a1b2c3d4e5f6"), script("a1b2c3d4e5f7"), script("b", "a1b2c3")), id="two begin so"),
        pytest.param((script("a1b2c3d4e5f6"), script("b", "a1b")), id="three letters"),
        pytest.param((script("a1b2c3d4e5f6", "a1b2c3"),), id="itself"),
        pytest.param((script("b", "a1b2c3"), script("a1b2c3d4e5f6", "b")), id="a descendant"),
    ],
)
def test_mm002_a_name_that_means_nothing_for_sure(scripts: tuple[Revision, ...]) -> None:
    assert missing(*scripts)[0] == "no commit that this clone has holds it"


@pytest.mark.parametrize(
    ("seen", "cause", "hint"),
    [
        pytest.param(SEEN, "versions/gone.py had it in commit dddddddddd (dan on old)", BRING, id="elsewhere"),
        pytest.param(
            SEEN._replace(picked=frozenset({"b"})),
            "versions/gone.py had it in commit dddddddddd (dan on old), and b was copied from there without it; "
            f"b can follow c; to have both instead: {BRING}",
            "migmerge fix",
            id="left out",
        ),
        pytest.param(
            SEEN._replace(picked=frozenset({"b"}), needed_by=frozenset({"b"})),
            "versions/gone.py had it in commit dddddddddd (dan on old), and b changes what it makes",
            BRING,
            id="left out and needed",
        ),
        pytest.param(
            SEEN._replace(was_here=True, deleted_in="e" * 40, deleted_by="eva", branch=None),
            "eva deleted versions/gone.py in commit eeeeeeeeee; b can follow a, which gone followed; "
            f"a database that has run gone keeps what it made; to have both instead: {BRING}",
            "migmerge fix",
            id="deleted",
        ),
        pytest.param(
            SEEN._replace(was_here=True, needed_by=frozenset({"b"}), branch=None),
            "versions/gone.py had it in commit dddddddddd (dan), and b changes what it makes",
            BRING,
            id="deleted and needed",
        ),
        pytest.param(
            SEEN._replace(successor="c", moved=True),
            "its script is here as c, on another parent (versions/c.py)",
            "migmerge fix",
            id="renumbered",
        ),
        pytest.param(
            SEEN._replace(commit="", work_tree="/there"),
            "versions/gone.py has it in the work tree /there and is not committed",
            "cp /there/versions/gone.py versions/",
            id="another work tree",
        ),
    ],
)
def test_mm002_a_script_that_git_knows(seen: LastSeen, cause: str, hint: str) -> None:
    assert missing(script("a"), script("c", "a"), script("b", "gone"), gone=seen) == (cause, hint)


def dies(graph: RevisionGraph, name: str) -> bool:
    """Say whether Alembic dies of the upgrade of a new database to one revision."""
    known, engine = alembics(graph.revisions.values()), create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            context._ensure_version_table()  # noqa: SLF001 (what `upgrade` does first)
            maintainer = HeadMaintainer(context, ())
            for each in graph.in_order_to_run(graph.implied([name])):
                maintainer.update_to_step(RevisionStep(known, known.get_revision(each), True))  # type: ignore[arg-type]
    except KeyError:
        return True
    finally:
        engine.dispose()
    return False


BRIEF = [
    revision("r0"),
    *(revision(f"r{number}", "r0") for number in range(1, 5)),
    revision("r5", "r3", depends_on=("r0", "r1")),
]


@examples(60)
@given(histories(most=7))
@example(BRIEF)
@example([revision("a"), revision("b", "a"), revision("m", "a", "b")])
@example([revision("a"), revision("b", "a"), revision("c", "a"), revision("m", "a", "b", "c")])
def test_mm015_is_what_alembic_dies_of(revisions: list[Revision]) -> None:
    graph = RevisionGraph(revisions)
    found = {
        each.revisions[0] for each in diagnose(Snapshot(MIGRATIONS, tuple(revisions))) if each.kind.name == "redundant-parent"
    }
    dying = {name for name in graph.revisions if dies(graph, name)}
    assert found <= dying
    assert all(not found.isdisjoint(graph.implied([name])) for name in dying)


@pytest.mark.parametrize(
    ("evidence", "cause", "hint"),
    [
        pytest.param(
            Evidence(on_disk=(script("x"), script("gone", path="versions/it's.py"))),
            "versions/it's.py has it and is not committed",
            """git add 'versions/it'"'"'s.py' && git commit""",
            id="in the work tree alone",
        ),
        pytest.param(
            Evidence(gone={"gone": "versions/gone.py"}),
            "HEAD has it in versions/gone.py, which is deleted here",
            "git checkout HEAD -- versions/gone.py",
            id="deleted in the work tree",
        ),
        pytest.param(
            Evidence(gone={"gone": "versions/gone.py"}, hidden=frozenset({"versions/gone.py"})),
            "HEAD has it in versions/gone.py, which a sparse checkout hides here",
            "git checkout --ignore-skip-worktree-bits HEAD -- versions/gone.py",
            id="hidden in the work tree",
        ),
    ],
)
def test_mm002_a_script_that_the_work_tree_or_head_alone_has(evidence: Evidence, cause: str, hint: str) -> None:
    scripts = (script("a"), script("b", "gone"))
    (found,) = [each for each in diagnose(Snapshot(MIGRATIONS, scripts), evidence) if each.code == "MM002"]
    assert (found.message.partition("which is in no script: ")[2], str(found.hint)) == (cause, hint)
