"""The line reader against Python itself: unknown where it cannot know, never something else than Python reads."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from migmerge.core.revision import Identifiers, Reading
from migmerge.core.script.read import read_carefully, read_script
from tests.support.examples import examples

BROKEN = "\nprint 'x'\n"
BLANKS = ["", "", "", "\t", " ", "\f", " \f", "\f\f", "\f "]
ENDS = ["\n", "\n", "\r", "\r\n", "\n\r", "\f\n", " \r", "\t\r\n", "  # it's\r", "; ", "\\\n", "\\\r", "\n\f", "\n \f", "\r\t"]
STATEMENTS = [
    *("revision = 'a'", "down_revision = 'b'", "down_revision = 'c'", "down_revision\t=\f'd'", "down_revision: str = 'e'"),
    *("down_revision = {}'b'", "down_revision = ({}'b',{}'c'{})", "down_revision = \\{}'b'", "down_revision = '''b'''"),
    *("x = 1", "x = '# '", "# text{}", "x = '''it{}'''", "x = down_revision = 'c'", "down_revision: 'str' = 'f'", "x: int"),
    *("'''text{}down_revision = 'z'{}'''", '"""text{}{}down_revision = \'z\'"""', "x = '''{}revision = 'z'{}'''"),
    *("x = dict({}down_revision = 'z'{})", "x = 'a\\{}down_revision = 0'", "(revision,{}down_revision) = 'ab'", "x = '\f'"),
    *("def f(): down_revision = 'z'", "def f():{}    down_revision = 'z'", "class A:{}    revision = 'z'", "pass"),
    *(
        "if 1: down_revision = 'z'",
        "if 1:{}    down_revision = 'z'",
        "if 0:{}\tdown_revision = 'z'{}    pass",
        "del down_revision",
    ),
    *("for down_revision in 'xy': pass", "down_revision += 'x'", "x = (down_revision := 'z')", "import os as down_revision"),
    *("def f():{}    global revision{}    revision = 'z'{}f()", "\uff52evision = 'z'", "x = [revision for revision in 'xy']"),
    *(
        "globals()['down_revision'] = 'z'",
        "exec('down_revision = \"z\"')",
        "vars()['revision'] = 'z'",
        "locals().update(revision='z')",
    ),
    *(
        "x = down_revision = ['b']",
        "x += ['z']",
        "x.append('z')",
        "x[0] = 'z'",
        "(lambda each: each.append('z'))(x)",
        "list.append(x, 'z')",
    ),
    *(
        "def f():{}    globals()['revision'] = 'z'{}f()",
        "class A: exec('global revision; revision = 1')",
        "from keyword import *",
    ),
    *("from typing import TYPE_CHECKING", "TYPE_CHECKING = True", "if TYPE_CHECKING: down_revision = 'z'", "down_revision = x"),
    *("def f():{}    import sys; sys.modules", "map(f, [1])", "sorted([1], key=f)", "@f{}def g(): pass"),
    *("down_revision: str # = 'z'", "down_revision: \" = 'z'\"", "def f(x=(revision := 'z')): pass", "*revision, x = 'xyz'"),
]


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """Draw a script of complete statements, with every end of a line and every blank around and within them."""
    ends = st.sampled_from(ENDS)
    pieces = ["revision = 'a'\n", "down_revision = 'b'", draw(ends)] if draw(st.booleans()) else []
    for statement in draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=6)):
        head, *rest = statement.split("{}")
        inner = [part for each in rest for part in (draw(ends), each)]
        pieces += [draw(st.sampled_from(BLANKS)), head, *inner, draw(ends)]
    return "".join(pieces)


def assigned(data: bytes) -> dict[str, Any]:
    """Run a harmless script; one that Python refuses is no example."""
    names: dict[str, Any] = {}
    try:
        exec(compile(data, "script.py", "exec", dont_inherit=True), names)
    except (SyntaxError, ValueError, NameError, TypeError, AttributeError, KeyError, IndexError):
        assume(False)
    return names


def parents_of(value: object) -> tuple[str, ...] | None:
    return (
        () if value is None else (value,) if isinstance(value, str) else tuple(value) if isinstance(value, tuple | list) else None
    )


def agrees(reading: Reading, names: dict[str, Any]) -> bool:
    """Say whether all that a reading is certain of is what Python has assigned."""
    if not isinstance(reading, Identifiers):
        return reading.revision in (None, names.get("revision"))
    missing = "down_revision" not in names
    return not missing and (reading.revision, reading.down_revisions) == (
        names.get("revision"),
        parents_of(names["down_revision"]),
    )


A_B = "revision = 'a'\ndown_revision = 'b'\n"


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@examples(200)
@given(text=scripts())
@example(f"{A_B}# x\rdown_revision = 'c'\n")
@example(f"{A_B}# x\fdown_revision = 'c'\n")
@example(f"{A_B}\fdown_revision = 'c'\n")
@example(f"{A_B} \f \fdown_revision = 'c'\n")
@example("revision = 'a'\nx = '''\rdown_revision = 'z'\r'''\n")
@example(f"{A_B}x = dict(\ndown_revision='z'\n)\n")
def test_what_is_certain_is_what_python_assigns(text: str) -> None:
    data = text.encode()
    names = assigned(data)
    assert agrees(read_script(data), names)
    assert agrees(read_carefully(data), names)
    assert agrees(read_carefully(data + BROKEN.encode()), names)


CARRIAGE_RETURN = pytest.param("+AA0-", marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 refuses it"))


@pytest.mark.parametrize("code", [CARRIAGE_RETURN, "+AAo-", "+AAw-"])
def test_a_line_end_that_an_encoding_hides_is_none_where_python_has_none(code: str) -> None:
    data = f"# coding: utf-7\n{A_B}# x {code}down_revision = 'c'\n".encode()
    assert agrees(read_script(data), assigned(data))


CONFLICT = """\
<<<<<<< HEAD
\"""add orders
||||||| base
\"""add
=======
\"""add an order
>>>>>>> bea's revision

Revises: b
\"""
revision = 'a'
down_revision = {}
"""


def test_a_conflict_in_the_docstring_leaves_the_identifiers_readable() -> None:
    reading = read_carefully(CONFLICT.format("'b'").encode())
    assert reading == Identifiers("a", ("b",), message="add orders", defect="conflict markers on line 1")


def test_the_sides_of_a_conflict_have_to_agree() -> None:
    text = CONFLICT.format("(\n<<<<<<< HEAD\n'b',\n=======\n'c',\n>>>>>>> x\n)")
    assert agrees(read_carefully(text.encode()), {"revision": "a"})
