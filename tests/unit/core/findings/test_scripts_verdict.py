"""The verdict against Alembic's: an error finding exactly where Alembic itself cannot load, plan or record an upgrade."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from alembic.runtime.migration import HeadMaintainer, RevisionStep
from alembic.script import ScriptDirectory
from alembic.script.revision import MultipleHeads, RangeNotAncestorError, RevisionError, RevisionMap
from alembic.script.revision import Revision as AlembicRevision
from alembic.util import CommandError
from hypothesis import example, given
from hypothesis import strategies as st

from migmerge.core.environment import Environment
from migmerge.core.finding import Severity
from migmerge.core.findings.scripts import diagnose
from migmerge.core.graph import RevisionGraph
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.script.read import read_script, script_at
from migmerge.core.snapshot import Snapshot
from tests.support.examples import examples
from tests.support.histories import alembics, revision
from tests.support.project import script_text

ENVIRONMENT = Environment("migrations", "alembic", ("migrations/versions",), "migrations/alembic.ini")
IDS = ("a1b2c3d4e5f6", "a1b2c3d4e5f7", "a1b2ffffffff", "0042_add_x", "0042_add_y", "20260608_1407", "v1.2", "größe", "x", "_")
MISSING = ("gone", "0042", "a1b2", "a1b2c3d4e5f", "v1", "0042_add_x.py")
"""Names that no script has; some are the beginning of an id, which Alembic takes on its command line alone."""


class Drawn(NamedTuple):
    """Hold scripts, and the revisions to which a database is upgraded one after another."""

    revisions: tuple[Revision, ...]
    targets: tuple[str, ...] = ()


@st.composite
def scripts(draw: st.DrawFn) -> Drawn:
    """Draw scripts that name one another by id, label and part of an id; most name earlier ones, and some none there is."""
    names = draw(st.permutations(IDS))[: draw(st.integers(0, 8))]
    labels = {name: f"label_{name}" for name in names if draw(st.integers(0, 3)) == 0}
    strange = draw(st.integers(0, 5)) == 0
    drawn = []
    for index, name in enumerate(names):
        known = names if strange and draw(st.booleans()) else names[:index]
        gone = MISSING if strange else ()
        parents = draw(_references([*known[-4:], *gone, *(labels.values() if strange else ())], most=3))
        needs = draw(_references([*known, *(labels[each] for each in known if each in labels), *gone], most=2))
        drawn.append(revision(name, *parents, labels=[labels[name]] if name in labels else [], depends_on=needs))
    if strange and drawn and draw(st.integers(0, 2)) == 0:
        copied = draw(st.sampled_from(drawn))
        drawn.append(
            Revision(copied.identifiers._replace(down_revisions=(), branch_labels=()), f"versions/copy_of_{copied.revision}.py")
        )
    targets = draw(st.lists(st.sampled_from(names), max_size=3)) if names else []
    return Drawn(tuple(draw(st.permutations(drawn))), tuple(targets))


def _references(among: Sequence[str], *, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(among), max_size=most, unique=True) if among else st.just([])


def errors_of(revisions: Sequence[Revision]) -> set[str]:
    """Return the codes of the error findings."""
    findings = diagnose(Snapshot(ENVIRONMENT, tuple(revisions)))
    return {finding.code for finding in findings if finding.severity is Severity.ERROR}


@contextmanager
def silent() -> Iterator[None]:
    """Hide what Alembic warns of before it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Rows(HeadMaintainer):
    """Hold the rows of a version table, as Alembic itself changes them."""

    def __init__(self, rows: Sequence[str] = ()) -> None:
        self.heads = set(rows)

    def _insert_version(self, version: str) -> None:
        assert version not in self.heads
        self.heads.add(version)

    def _delete_version(self, version: str) -> None:
        self.heads.remove(version)

    def _update_version(self, from_: str, to_: str) -> None:
        self._delete_version(from_)
        self._insert_version(to_)

    def upgrade(self, revisions: RevisionMap, target: str) -> None:
        """Take the steps of `alembic upgrade`."""
        found = list(revisions.iterate_revisions(target, tuple(sorted(self.heads)), implicit_base=True))
        for each in reversed(found):
            self.update_to_step(RevisionStep(revisions, each, is_upgrade=True))  # type: ignore[arg-type]

    def downgrade(self, revisions: RevisionMap, target: str) -> None:
        """Take the steps of `alembic downgrade`."""
        found = revisions.iterate_revisions(tuple(sorted(self.heads)), target, select_for_downgrade=True)
        for each in found:
            self.update_to_step(RevisionStep(revisions, each, is_upgrade=False))  # type: ignore[arg-type]


def names_redundant_parents(theirs: RevisionMap) -> bool:
    """Say whether recording a merge dies of an ancestor that it names beside two and more others: MM015 is about these."""
    merges = (_named_and_behind(theirs, each) for each in theirs._revision_map.values() if each)  # noqa: SLF001
    return any(behind and len(named) - len(behind) > 1 for named, behind in merges)


def _named_and_behind(theirs: RevisionMap, merge: AlembicRevision) -> tuple[set[str], set[str]]:
    """Return what a revision names, and those of them on which others of them are built, as Alembic resolves them."""
    named = set(merge._normalized_down_revisions)  # noqa: SLF001
    behind = {
        each.revision
        for name in named
        for each in theirs._get_ancestor_nodes([theirs.get_revision(name)])  # noqa: SLF001
        if each.revision != name
    }
    return named, named & behind


def loading(revisions: Sequence[Revision]) -> tuple[RevisionMap | None, str]:
    """Return Alembic's map of the scripts, or None with what it raises."""
    with silent():
        try:
            found = alembics(revisions)
            _ = found.heads
        except (RevisionError, KeyError) as error:
            return None, repr(error)
    return found, ""


@example(  # the label of a script that another one with its id hides
    drawn=Drawn(
        (
            Revision(Identifiers("a", (), ("label",)), "versions/a.py"),
            Revision(Identifiers("a"), "versions/copy_of_a.py"),
            revision("b", depends_on=["label"]),
        )
    )
)
@examples(250)
@given(drawn=scripts())
def test_what_alembic_cannot_load_is_an_error(drawn: Drawn) -> None:
    theirs, raised = loading(drawn.revisions)
    errors = errors_of(drawn.revisions)
    assert theirs or errors & {"MM002", "MM003", "MM004"}, raised
    # Alembic only warns of two scripts with one id, and overlooks a circle that has a head and a base.
    graph = RevisionGraph(drawn.revisions)
    assert not theirs or not errors & {"MM002"}, errors
    if theirs and not graph.duplicates:
        assert (graph.heads, graph.bases) == (tuple(sorted(theirs.heads)), tuple(sorted(theirs.bases)))


@examples(250)
@given(drawn=scripts())
def test_alembic_upgrades_where_there_is_no_error(drawn: Drawn) -> None:
    theirs, _ = loading(drawn.revisions)
    errors = errors_of(drawn.revisions)
    # Alembic only warns of two scripts with one id, and may plan for ever in a circle that it overlooks.
    if theirs is None or errors & {"MM003", "MM004"} or names_redundant_parents(theirs):
        return
    assert errors <= {"MM001", "MM006"}
    rows = Rows()
    with silent():
        for target in drawn.targets:
            rows.upgrade(theirs, target)
        assert ("MM001" in errors) == (heads_refused(theirs, rows) and not kept_apart(theirs))
        rows.upgrade(theirs, "heads")
        assert rows.heads == set(theirs._real_heads)  # noqa: SLF001 (what a version table holds at the end)
        rows.downgrade(theirs, "base")
    assert rows.heads == set()


@examples(200)
@given(drawn=scripts())
def test_alembic_downgrades_to_each_target_where_there_is_no_error(drawn: Drawn) -> None:
    theirs, _ = loading(drawn.revisions)
    errors = errors_of(drawn.revisions)
    if theirs is None or errors & {"MM003", "MM004"} or names_redundant_parents(theirs):
        return
    graph, rows = RevisionGraph(drawn.revisions), Rows()
    with silent():
        for target in (*drawn.targets, "heads"):
            rows.upgrade(theirs, target)
            for name in sorted(graph.implied(rows.heads)):
                there, taken_back = Rows(tuple(rows.heads)), built_on_children(graph, name, rows)
                try:
                    there.downgrade(theirs, name)
                except RangeNotAncestorError:
                    assert not taken_back and name not in rows.heads
                assert graph.implied(there.heads) == graph.implied(rows.heads) - taken_back


def built_on_children(graph: RevisionGraph, name: str, rows: Rows) -> set[str]:
    """Return what a downgrade to a revision takes back: what follows it, with all that is built on that."""
    ran, children = graph.implied(rows.heads), set(graph.children.get(name, ()))
    return {each for each in ran if not children.isdisjoint(graph.implied([each]))}


def heads_refused(theirs: RevisionMap, rows: Rows) -> bool:
    """Say whether `alembic upgrade head` raises MultipleHeads."""
    try:
        Rows(tuple(rows.heads)).upgrade(theirs, "head")
    except MultipleHeads:
        return True
    return False


def kept_apart(theirs: RevisionMap) -> bool:
    """Say whether Alembic's own heads have no ancestor in common, or each two a label that only one of them follows."""
    lineages = [set(theirs._get_ancestor_nodes([theirs.get_revision(head)], include_dependencies=False)) for head in theirs.heads]  # noqa: SLF001
    return all(
        not one & other or any(each._orig_branch_labels for each in one ^ other)  # noqa: SLF001
        for one, other in combinations(lineages, 2)
    )


@example(drawn=Drawn((revision("a"), revision("b", "a"), revision("c"), revision("d", "b", depends_on=["c"]))))
@examples(15)
@given(drawn=scripts())
def test_the_files_are_what_alembic_loads(drawn: Drawn) -> None:
    with TemporaryDirectory() as folder, silent():
        (Path(folder) / "versions").mkdir()
        read = []
        for number, each in enumerate(drawn.revisions):
            path = Path(folder) / f"versions/{number}.py"
            parents, labels, needs = (names or None for names in each.identifiers[1:4])
            path.write_text(script_text(each.revision, parents, labels=labels, depends_on=needs), encoding="utf-8")
            read.append(script_at(read_script(path.read_bytes()), f"versions/{number}.py"))
        snapshot = Snapshot(ENVIRONMENT, tuple(read))
        codes = {finding.code for finding in diagnose(snapshot) if finding.severity is Severity.ERROR}
        try:
            heads = ScriptDirectory(folder).get_heads()
        except (CommandError, RevisionError, KeyError):
            assert codes & {"MM002", "MM003", "MM004"}
        else:
            assert "MM002" not in codes
            assert snapshot.graph.duplicates or snapshot.graph.heads == tuple(sorted(heads))
