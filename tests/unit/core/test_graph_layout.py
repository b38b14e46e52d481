"""What a picture shows, in which order, and that its lines say what the graph says."""

from __future__ import annotations

import io
import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.core.graph_layout import GraphLayout, Mark, RowKind, lay_out_graph
from migmerge.core.provenance import Provenance
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.snapshot import Snapshot
from migmerge.output.formats.json import graph_as_json
from migmerge.output.graph.dot import as_dot
from migmerge.output.graph.glyphs import glyph_lines
from migmerge.output.graph.mermaid import as_mermaid
from migmerge.output.graph.svg import as_svg
from migmerge.output.graph.text import Page, report_graph
from migmerge.output.screen import Screen
from tests.support.histories import histories, revision
from tests.unit.core.findings.test_scripts_corpus import CASES, Case

MIGRATIONS = Environment("migrations", "flask-migrate", ("migrations/versions",))
EVIL = '"]; click n0 --> x{y}<script>&amp;`#quot;\\N\x1b[31m\x00\ufffe\u202e\n%% end'


def picture_of(revisions: Sequence[Revision], *, whole: bool = True) -> GraphLayout:
    return lay_out_graph(Snapshot(MIGRATIONS, tuple(revisions)), whole=whole)


def line_of(names: str, parent: str = "") -> list[Revision]:
    """Return revisions that follow each other, the first of them on `parent`."""
    return [revision(name, *before) for name, before in zip(names, (parent, *names), strict=False)]


def dated(name: str, date: str, *parents: str) -> Revision:
    return Revision(Identifiers(name, parents, create_date=date), f"versions/{name}.py")


def text_of(picture: GraphLayout, *, width: int = 80, encoding: str = "utf-8") -> list[str]:
    stream = io.StringIO()
    report_graph(Screen(stream, "never"), picture, {}, Page(width, encoding))
    return stream.getvalue().splitlines()


def drawn(picture: GraphLayout) -> list[str]:
    return ["".join(text for text, _ in parts) for parts in glyph_lines(picture, 1000)]


def names(picture: GraphLayout) -> str:
    return "".join(row.name if row.revision else "…" for row in picture.rows)


def read_back(lines: Sequence[str], apart: Sequence[bool]) -> set[tuple[int, int]]:
    """Follow the lanes of a drawing with nothing but its characters; return which row leads down to which."""
    lanes: dict[int, set[int]] = {}
    relations: set[tuple[int, int]] = set()
    for number, line in enumerate(lines):
        (node,) = [column for column, character in enumerate(line) if character in "●◉○◆✗⋮"]
        kept = {column for column in lanes if line[column : column + 1] in tuple("●◉○◆✗⋮│╎╯╰┴├┤┼")}
        lanes = {} if apart[number] else {column: lanes[column] for column in kept}
        arriving, below = lanes.pop(node, set()), {node: {number}}
        for column, character in bends(line, node):
            if character in "╯╰┴":
                arriving |= lanes.pop(column)
            elif character in "╮╭┬":
                below[column] = {number}
            elif character in "├┤┼":
                lanes[column] = lanes[column] | {number}
        relations |= {(child, number) for child in arriving}
        lanes |= below
    return relations


def bends(line: str, node: int) -> list[tuple[int, str]]:
    """Return what a row's horizontal line meets, on both sides of its node."""
    found = []
    for step, last in ((1, "╯╮┤"), (-1, "╰╭├")):
        column = node + step
        while 0 <= column < len(line) and (line[column] == "─" or column % 2 == 0):
            found.append((column, line[column]))
            if line[column] in last:
                break
            column += step
    return found


def agrees(picture: GraphLayout) -> None:
    """Compare the drawing with the picture, and the picture with the graph."""
    graph, rows = picture.snapshot.graph, picture.rows
    assert read_back(drawn(picture), [row.apart for row in rows]) == {
        (edge.child, edge.parent) for edge in picture.edges if edge.lane is not None
    }
    shown = [row.name for row in rows if row.revision]
    assert len(shown) == len(set(shown)) == len(graph) - picture.hidden
    related = {(rows[edge.child].name, rows[edge.parent].name) for edge in picture.edges if rows[edge.child].revision}
    assert {pair for pair in related if pair[1]} == {
        (name, parent) for name in shown for parent in graph[name].down_revisions if parent in shown or parent not in graph
    }
    assert all(edge.child < edge.parent for edge in picture.edges if edge.lane is not None)
    assert graph.cycles or not picture.circles


@st.composite
def crowds(draw: st.DrawFn) -> list[Revision]:
    """Draw more branches and merges than there are lanes for."""
    count = draw(st.integers(10, 40))
    reach = draw(st.sampled_from([3, 10, 40]))
    parents = [
        draw(st.lists(st.integers(max(0, index - reach), index - 1), min_size=1, max_size=3, unique=True)) if index else []
        for index in range(count)
    ]
    return [revision(f"r{index}", *(f"r{parent}" for parent in above)) for index, above in enumerate(parents)]


@settings(max_examples=300)
@given(revisions=histories(circles=True) | crowds(), whole=st.booleans())
def test_a_drawing_reads_back_as_the_graph(revisions: list[Revision], whole: bool) -> None:
    agrees(picture_of(revisions, whole=whole))


@settings(max_examples=100)
@given(revisions=histories(circles=True), gone=st.data())
def test_so_does_one_with_missing_scripts(revisions: list[Revision], gone: st.DataObject) -> None:
    left = gone.draw(st.lists(st.sampled_from(revisions), unique_by=id)) if revisions else []
    agrees(picture_of(left, whole=True))
    agrees(picture_of(left, whole=False))


@settings(max_examples=50)
@given(revisions=histories(circles=True))
def test_the_order_of_the_files_does_not_matter(revisions: list[Revision]) -> None:
    assert picture_of(revisions).rows == picture_of(revisions[::-1]).rows


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("whole", [False, True], ids=["part", "whole"])
def test_real_divergences_are_drawn(case: Case, whole: bool) -> None:
    picture = lay_out_graph(Snapshot(case.environment, tuple(case.merged.values())), whole=whole)
    agrees(picture)
    assert {row.name for row in picture.rows if Mark.HEAD in row.marks} == set(case.heads[2])
    assert sum(row.hidden for row in picture.rows) + picture.elsewhere == picture.hidden
    lines = text_of(picture, width=100)
    assert len(lines) <= 1.3 * len(picture.rows)
    assert max(map(cell_len, lines)) <= 100
    ElementTree.fromstring(as_svg([(picture, {})]))
    assert len(as_dot([(picture, {})]).splitlines()) > len(picture.rows)


def test_children_stand_before_parents_and_lineages_together() -> None:
    assert names(picture_of([*line_of("abc"), *line_of("de", "a"), *line_of("fg", "c"), *line_of("hi", "c")])) == "gfihcbeda"


def test_the_newest_lineage_comes_first() -> None:
    old, new = dated("b", "2024-01-01", "a"), dated("c", "2024-02-02", "a")
    assert names(picture_of([dated("a", "2023-01-01"), old, new])) == "cba"


def test_families_are_kept_together() -> None:
    assert names(picture_of([*line_of("ac"), *line_of("bd"), revision("e", "a")])) == "ceadb"


def test_the_divergent_part_names_how_many_revisions_come_before() -> None:
    picture = picture_of([*line_of("abcdef"), revision("x", "f"), revision("y", "f")], whole=False)
    assert (names(picture), picture.hidden, picture.elsewhere) == ("xyf…", 5, 0)
    assert text_of(picture) == ["◉    x  [head]", "│ ◉  y  [head]", "○─╯  f  [branch point]", "⋮    5 earlier revisions"]


def test_what_is_not_part_of_the_divergence_is_counted() -> None:
    revisions = [*line_of("abc"), revision("x", "c"), revision("y", "c"), *line_of("uvw"), revision("l", "w", labels=["billing"])]
    picture = picture_of(revisions, whole=False)
    assert (names(picture), picture.hidden, picture.elsewhere) == ("xyc…", 6, 4)


def test_without_a_divergence_all_heads_and_the_newest_revisions_are_shown() -> None:
    labelled = [revision(f"l{number}", "a", labels=[f"x{number}"]) for number in range(9)]
    picture = picture_of([*line_of("abcdefghijklmno"), *labelled], whole=False)
    assert [row.name for row in picture.rows if Mark.HEAD in row.marks] == ["o", *(each.revision for each in labelled)]
    assert len(picture.rows) == 16 and sum(row.hidden for row in picture.rows) == picture.hidden == 9


def test_a_line_of_revisions_ends_in_what_is_earlier() -> None:
    assert names(picture_of(line_of("abcdefghijklmno"), whole=False)) == "onmlkjihgf…"


def test_merges_of_merges() -> None:
    revisions = [
        *(revision("a"), revision("b", "a"), revision("c", "a"), revision("d", "b", "c"), revision("e", "b")),
        *(revision("f", "e", "d"), revision("g", "c"), revision("h", "f", "g"), revision("i", "g")),
    ]
    assert drawn(picture_of(revisions)) == [
        "◆─╮",
        "◆─│─╮",
        "│ │ ◆─╮",
        "● │ │ │",
        "○─│─╯ │",
        "│ │ ◉ │",
        "│ ○─╯ │",
        "│ ○───╯",
        "○─╯",
    ]


def test_many_branches_share_lanes() -> None:
    revisions = [revision("a"), *(revision(name, "a") for name in "bcdefghij")]
    assert drawn(picture_of(revisions))[-4:] == ["│ │ │ │ ├───◉", "│ │ │ │ ├─◉", "│ │ │ │ ├───◉", "○─┴─┴─┴─╯"]


def test_unrelated_revisions_stand_apart() -> None:
    assert text_of(picture_of([*line_of("ab"), *line_of("cd")])) == [
        "◉  b  [head]",
        "●  a  [base]",
        "",
        "◉  d  [head]",
        "●  c  [base]",
    ]


def test_a_missing_parent_hangs_on_a_dotted_lane() -> None:
    picture = picture_of([revision("a", "gone"), revision("b"), revision("c", "a", "b")])
    assert text_of(picture) == ["◆─╮  c     [head, merge]", "● │  a", "✗ │  gone  [missing]", "  ●  b     [base]"]
    assert [row.kind for row in picture.rows][2] is RowKind.MISSING


def test_an_orphan_far_below_the_heads_is_shown() -> None:
    picture = picture_of([revision("a", "gone"), *line_of("bcdefghijklmnop", "a")], whole=False)
    assert names(picture) == "ponmlkjihg…a…"
    assert [row.kind for row in picture.rows][-3:] == [RowKind.EARLIER, RowKind.REVISION, RowKind.MISSING]


@pytest.mark.parametrize(
    ("revisions", "lines"),
    [
        pytest.param([revision("a", "a")], ["●  a  [cycle] follows itself"], id="itself"),
        pytest.param(
            [revision("a", "b"), revision("b", "a"), revision("c", "a")],
            ["●    b  [cycle]", "│ ◉  c  [head]", "○─╯  a  [branch point, cycle] follows b"],
            id="two",
        ),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_circle_is_cut_and_told_of(revisions: list[Revision], lines: list[str], whole: bool) -> None:
    assert text_of(picture_of(revisions, whole=whole)) == lines


def test_a_duplicate_is_shown_once() -> None:
    twice = [Revision(Identifiers("b", ("a",)), f"versions/{number}.py") for number in range(2)]
    assert text_of(picture_of([revision("a"), *twice])) == ["◉  b  [head, duplicate]", "●  a  [base]"]


def test_dependencies_and_labels_are_said() -> None:
    revisions = [revision("a", labels=["x"]), revision("b", depends_on=["x", "lost"])]
    picture = picture_of(revisions)
    assert text_of(picture) == ["◉  a  [head, base, @x]", "", "◉  b  [head, base] depends on x depends on lost (missing)"]
    assert [(edge.child, edge.parent) for edge in picture.dependencies] == [(1, 0)]


def test_a_terminal_without_the_glyphs_gets_ascii() -> None:
    picture = picture_of([revision("größe"), revision("b", "größe"), revision("c", "größe"), revision("d", "b", "c")])
    assert text_of(picture, encoding="ascii") == [
        "#-\\  d            [head, merge]",
        "* |  b",
        "| *  c",
        "o-/  gr\\xf6\\xdfe  [branch point, base]",
    ]


@pytest.mark.parametrize("width", [20, 40, 81])
@pytest.mark.parametrize("message", ["x" * 300, "追加する🎉" * 30, "עברית " * 30, EVIL * 5])
def test_no_line_is_wider_than_the_terminal(width: int, message: str) -> None:
    crowd = [Revision(Identifiers(f"{number:032}", ("a",), message=message), f"{number}.py") for number in range(30)]
    lines = text_of(picture_of([revision("a"), *crowd]), width=width)
    assert len(lines) == 31 and max(map(cell_len, lines)) <= width
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("name", ["a", EVIL])
def test_no_text_of_a_repository_breaks_out(name: str) -> None:
    odd = Revision(Identifiers(name, ("gone",), (EVIL,), (name,), EVIL), f"versions/{EVIL}.py")
    drawings = [(picture_of([odd]), {name: Provenance("c0ffee", EVIL, EVIL, branch=EVIL)})]
    for document in (as_svg(drawings), as_dot(drawings), as_mermaid(drawings), graph_as_json(drawings)):
        assert all(line.isprintable() for line in document.splitlines())
    assert {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(as_svg(drawings)).iter()} <= {
        *("svg", "title", "desc", "style", "rect", "text", "g", "path", "circle")
    }
    assert json.loads(graph_as_json(drawings))["environments"][0]["revisions"][0]["message"] == EVIL
    (label,) = [line for line in as_mermaid(drawings).splitlines() if "n0_0(" in line]
    assert label.count('"') == 2 and "<script" not in label and "`" not in label


def test_mermaid_is_refused_what_is_too_much_for_it() -> None:
    crowd = picture_of([revision("a"), *(revision(f"b{number}", "a") for number in range(501))])
    with pytest.raises(MigmergeError, match="too many revisions for Mermaid"):
        as_mermaid([(crowd, {})])


@pytest.mark.parametrize("circle", [False, True], ids=["line", "circle"])
def test_five_thousand_revisions_need_no_deep_stack(circle: bool) -> None:
    many = [f"{number:04}" for number in range(5000)]
    first = [many[-1]] if circle else []
    picture = picture_of(
        [revision(name, *(first if name == "0000" else [before])) for name, before in zip(many, ["", *many], strict=False)]
    )
    assert (len(picture.rows), picture.lanes, len(picture.circles)) == (5000, 1, int(circle))
    assert sys.getrecursionlimit() < 5000
