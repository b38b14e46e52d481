"""The line that a finding points at: right for usual scripts, some line for any bytes."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.finding import Finding, Severity
from migmerge.core.script.positions import line_of_identifiers, line_to_edit, positions_of
from tests.support.findings import a_finding
from tests.support.project import script_text
from tests.unit.core.script.test_read import guarded

USUAL = script_text("b1", "a1")
FOOLING = '"""revision = 1\ndown_revision = 2\n"""\n'
BOTH = "revision = 'b'\ndown_revision = 'a'\n"


def test_the_line_of_a_usual_script() -> None:
    assert USUAL.split("\n")[line_of_identifiers(USUAL.encode()) - 1] == "down_revision = 'a1'"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_count_as_python_counts_them(end: str) -> None:
    data = USUAL.replace("\n", end).encode()
    assert line_of_identifiers(data) == line_of_identifiers(USUAL.encode()) == 13


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(BOTH, 2, id="after revision"),
        pytest.param("down_revision = 'a'\nrevision = 'b'\n", 1, id="before revision"),
        pytest.param("\nrevision = 'b'\n", 2, id="revision alone"),
        pytest.param("\nfrom typing import Union\ndown_revision: Union[str, None] = None\n", 3, id="annotated"),
        pytest.param("\ndown_revision : str|None='a'\n", 2, id="without spaces"),
        pytest.param("\ndown_revision = (\n    'a',\n    'b',\n)\n", 2, id="several lines"),
        pytest.param(FOOLING + BOTH, 5, id="in the docstring"),
        pytest.param(FOOLING.replace('"""', "'''") + BOTH, 5, id="in a docstring of apostrophes"),
        pytest.param("r" + FOOLING + BOTH, 5, id="in a raw docstring"),
        pytest.param('"""it\'s \\""" "" and\ndown_revision = 1"""\n' + BOTH, 4, id="escaped quotes in the docstring"),
        pytest.param('""""x" and ""y"" """\n' + BOTH, 3, id="quotes beside quotes"),
        pytest.param('""""""\n' + BOTH, 3, id="empty docstring"),
        pytest.param('"add x"\n' + BOTH, 3, id="docstring of one quote"),
        pytest.param('"add \\\ndown_revision = 1"\n' + BOTH, 4, id="continued string"),
        pytest.param('# it\'s a """ comment\n' + BOTH, 3, id="quotes in a comment"),
        pytest.param("# down_revision = 1\n" + BOTH, 3, id="in a comment"),
        pytest.param("x = '#'\n" + BOTH, 3, id="number sign in a string"),
        pytest.param("if x:\n    down_revision = 1\n" + BOTH, 4, id="indented"),
        pytest.param("down_revision == 1\n" + BOTH, 3, id="comparison"),
        pytest.param("down_revision_of = 1\nmy_down_revision = 1\n" + BOTH, 4, id="other names"),
        pytest.param("\f\n\x1c\x85\u2028\n" + BOTH, 4, id="what only str.splitlines ends a line at"),
        pytest.param("<<<<<<< bea's\nrevision = 'b'\n=======\n" + BOTH, 5, id="conflict markers"),
        pytest.param("x = 'open\n" + BOTH, 3, id="unfinished string"),
        pytest.param('"""never closed\n' + BOTH, 1, id="unfinished docstring"),
        pytest.param("x = 1\n", 1, id="neither"),
        pytest.param("", 1, id="empty"),
    ],
)
def test_the_line_of(text: str, line: int) -> None:
    assert line_of_identifiers(text.encode()) == line


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(b"\xef\xbb\xbfdown_revision = 'a'\n", 1, id="byte order mark"),
        pytest.param(b"\xef\xbb\xbf" + BOTH.encode(), 2, id="byte order mark and both"),
        pytest.param("# coding: latin-1\n'größe'\n".encode("latin-1") + BOTH.encode(), 4, id="latin-1"),
        pytest.param(
            '# coding: shift_jis\n"""表"""\n'.encode("shift_jis") + BOTH.encode(), 4, id="a backslash inside a character"
        ),
        pytest.param(b"# coding: no-such\n" + BOTH.encode(), 3, id="unknown encoding"),
        pytest.param(b"# coding: hex\n" + BOTH.encode(), 3, id="no text encoding"),
        pytest.param(b"'\xff\xfe'\n" + BOTH.encode(), 3, id="not the encoding it declares"),
        pytest.param(b"\0\n" + BOTH.encode(), 3, id="null byte"),
        pytest.param(BOTH.encode("utf-16"), 1, id="utf-16, which Python does not read"),
    ],
)
def test_the_line_in_an_encoding(data: bytes, line: int) -> None:
    assert line_of_identifiers(data) == line


@given(st.binary() | st.text("\"'\\#\n\r\0ab= ").map(str.encode))
def test_any_bytes_have_a_line(data: bytes) -> None:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    assert 1 <= line_of_identifiers(data) <= lines


@given(st.lists(st.sampled_from(['"\'"', "'\"'", '"""', "'''", "\n", "\\", "# '\n", "x = 1\n", "down_revision = 0\n"])))
def test_the_line_is_that_of_pythons_own_reading(parts: list[str]) -> None:
    text = "".join(parts) + "\n" + BOTH
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(text).body
    except SyntaxError:
        return
    names = [each for each in statements if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "down_revision"]
    lines = {each.lineno for each in names if not each.col_offset}
    if "\\\n" not in text:  # a line that a backslash continues may look like an assignment
        assert line_of_identifiers(text.encode()) == min(lines)


@pytest.mark.parametrize("part", ['"""', "\\", '\\"', "'", '"a', '"""\\', "\n\\'''", "revision:", "revision "])
def test_a_hostile_text_takes_no_longer_than_its_length(part: str) -> None:
    with guarded(20):
        line_of_identifiers(("x = 1\n" + part * 100_000).encode())


def test_places_pair_paths_with_lines() -> None:
    def finding(*lines: int) -> Finding:
        return a_finding("MM001", Severity.ERROR, "m", "", "", (), ("a.py", "b.py"), None, lines)

    known = {"b.py": 7}
    assert positions_of(finding(), known) == (("a.py", 1), ("b.py", 7))
    assert positions_of(finding(3, 4), known) == (("a.py", 3), ("b.py", 4))
    assert positions_of(finding(3), known) == (("a.py", 3), ("b.py", 7))
    assert positions_of(finding(0, -1), known) == (("a.py", 1), ("b.py", 1))


def test_a_finding_points_at_the_conflict_the_defect_or_the_identifiers() -> None:
    assert line_to_edit(b"x = 1\n<<<<<<< HEAD\n=======\n>>>>>>> b\n") == 2
    assert line_to_edit(b"x = 1\ny = (\n") == 2
    assert line_to_edit(USUAL.encode()) == 13
